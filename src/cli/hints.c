/* hints.c - see hints.h. */
#include "hints.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A row counts for commands that have the option it means, or that lack all that it means (NULL: a text alone). */
static const struct {
    const char *word, *meant, *text;
} options[] = {
    {"learning-rate", "lr", NULL},
    {"batch-size", "batch", NULL},
    {"bs", "batch", NULL},
    {"test-batch-size", "batch", "test images go in batches of the same size"},
    {"n-epochs", "epochs", NULL},
    {"num-epochs", "epochs", NULL},
    {"epochs", "iterations", NULL},
    {"n-iter", "iterations", NULL},
    {"num-steps", "iterations", NULL},
    {"max-iter", "iterations", NULL},
    {"steps", "iterations", NULL},
    {"steps", "epochs", NULL},
    {"iterations", "epochs", NULL},
    {"wd", "weight-decay", NULL},
    {"l2", "weight-decay", NULL},
    {"log-interval", "log-every", NULL},
    {"print-freq", "log-every", NULL},
    {"save-model", "save-best", NULL},
    {"checkpoint", "save-best", NULL},
    {"resume", "out",
     "the same command with the same --out goes on: runs that are done are not computed again, and "
     "those that were begun go on from there"},
    {"save-freq", "checkpoint-every", NULL},
    {"save-every", "checkpoint-every", NULL},
    {"checkpoint-freq", "checkpoint-every", NULL},
    {"checkpoint-interval", "checkpoint-every", NULL},
    {"momentum", "sampling", "its updates are plain SGD; 'dlexp optim --optimizer momentum' has it"},
    {"nesterov", "optimizer", "write --optimizer nesterov"},
    {"beta1", "betas", "--betas B1,B2 takes both"},
    {"beta2", "betas", "--betas B1,B2 takes both"},
    {"epsilon", "eps", NULL},
    {"scheduler", "schedule", NULL},
    {"lr-scheduler", "schedule", NULL},
    {"optim", "optimizer", NULL},
    {"nonlinearity", "activation", NULL},
    {"hidden-size", "hidden", NULL},
    {"hidden-sizes", "hidden", NULL},
    {"model", "hidden", "--hidden and --norm say what the network is"},
    {"arch", "hidden", "--hidden and --norm say what the network is"},
    {"batchnorm", "norm", "write --norm batchnorm"},
    {"batch-norm", "norm", "write --norm batchnorm"},
    {"dropout", NULL, "there is none: a network is dense layers, each with a norm and an activation"},
    {"val", "validation", NULL},
    {"val-split", "validation", "it takes a number of images"},
    {"patience", NULL, "no run is stopped early: every epoch is in epochs.csv"},
    {"dataset", "data", NULL},
    {"data-dir", "data", NULL},
    {"root", "data", NULL},
    {"no-cuda", NULL, "leave it out: it runs on the CPU alone"},
    {"cuda", NULL, "leave it out: it runs on the CPU alone"},
    {"gpu", NULL, "leave it out: it runs on the CPU alone"},
    {"gpus", NULL, "leave it out: it runs on the CPU alone"},
    {"device", NULL, "leave it out: it runs on the CPU alone"},
    {"no-mps", NULL, "leave it out: it runs on the CPU alone"},
    {"amp", NULL, "leave it out: networks are of single precision, as torch has them by default"},
    {"fp16", NULL, "leave it out: networks are of single precision, as torch has them by default"},
    {"workers", "jobs", NULL},
    {"num-workers", "jobs", NULL},
    {"threads", "jobs", NULL},
    {"output", "out", NULL},
    {"output-dir", "out", NULL},
    {"outdir", "out", NULL},
    {"log-dir", "tensorboard", NULL},
    {"logdir", "tensorboard", NULL},
    {"log-dir", "out", NULL},
    {"logdir", "out", NULL},
    {"save-dir", "out", NULL},
    {"silent", "quiet", NULL},
    {"verbose", NULL, "leave it out: the plan and the progress are shown unless there is --quiet"},
    {"trials", "seeds", "--seeds 1..10 makes ten runs of each setting"},
    {"n-trials", "seeds", "--seeds 1..10 makes ten runs of each setting"},
    {"n-trials", "trials", NULL},
    {"start", "init", NULL},
    {"x0", "init", NULL},
    {"x0", "start", NULL},
    {"y0", "start", NULL},
    {"init", "start", NULL},
    {"rtol", "relative", NULL},
    {"tol", "relative", NULL},
    {"tolerance", "relative", NULL},
    {"atol", "relative",
     "half a unit of a number's last place is allowed as it is; --relative allows a share of ours beside it"},
    {"alpha", "level", "--level is 1 - alpha: 0.95 for 0.05"},
    {"seeds", "trials", "it takes one --seed; --trials repeats with other draws"},
    {"seeds", "seed", NULL},
    {"seeds", "rotate", "leave it out: nothing is random here"},
    {"seed", "rotate", "leave it out: nothing is random here"},
    {"random-state", "seeds", NULL},
    {"random-state", "seed", NULL},
    {"manual-seed", "seeds", NULL},
    {"manual-seed", "seed", NULL},
    {"function", "fn", NULL},
    {"no-color", "color", "write --color never"},
};

/* option: the one whose value it is; NULL: any with a name that is meant. */
static const struct {
    const char *option, *word, *meant, *text;
} values[] = {
    {NULL, "bn", "batchnorm", NULL},
    {NULL, "batch-norm", "batchnorm", NULL},
    {NULL, "batchnorm1d", "batchnorm", NULL},
    {NULL, "ln", "layernorm", NULL},
    {NULL, "layer-norm", "layernorm", NULL},
    {"norm", "no", "none", NULL},
    {"norm", "off", "none", NULL},
    {"norm", "false", "none", NULL},
    {"norm", "baseline", "none", NULL},
    {"norm", "plain", "none", NULL},
    {"activation", "none", NULL, "without one the network would be linear: '--hidden none' is softmax regression"},
    {"activation", "linear", NULL, "without one the network would be linear: '--hidden none' is softmax regression"},
    {"activation", "logistic", "sigmoid", NULL},
    {NULL, "nag", "nesterov", NULL},
    {NULL, "heavy-ball", "momentum", NULL},
    {NULL, "gradient-descent", "gd", NULL},
    {NULL, "gradient-descent", "sgd", NULL},
    {"schedule", "none", "constant", NULL},
    {"schedule", "steplr", "step", NULL},
    {"schedule", "cosineannealinglr", "cosine", NULL},
    {"better", "higher", "larger", NULL},
    {"better", "max", "larger", NULL},
    {"better", "lower", "smaller", NULL},
    {"better", "min", "smaller", NULL},
    {NULL, "permutation", "shuffle", NULL},
    {NULL, "replacement", "with-replacement", NULL},
    {"format", "md", "markdown", NULL},
    {"format", "tex", "latex", NULL},
    {"format", "htm", "html", NULL},
    {"format", "pdf", NULL, "print the HTML page to PDF in a browser, or give that of latex to pdflatex"},
    {"color", "yes", "always", NULL},
    {"color", "no", "never", NULL},
};

static bool is_word(const char *word, const char *text, size_t length)
{
    if (strlen(word) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (word[i] != (text[i] == '_' ? '-' : tolower((unsigned char)text[i])))
            return false;
    return true;
}

/* The option that differs from the word in nothing but its case and '_', or NULL. */
static const char *find_spelled(const struct command *command, const char *word, size_t length)
{
    for (const struct option *option = command->options; option->name; option++)
        if (is_word(option->name, word, length))
            return option->name;
    return NULL;
}

const char *hints_spelling(char hint[HINT_SIZE], const struct command *command, const char *name, size_t length,
                           const char *prefix)
{
    const char *spelled = find_spelled(command, name, length);
    if (!spelled)
        return NULL;
    snprintf(hint, HINT_SIZE, "; did you mean '%s%s'?", prefix, spelled);
    return hint;
}

const char *hints_elsewhere(char hint[HINT_SIZE], const struct command *const *commands, const char *name,
                            size_t length)
{
    size_t count = 0, told = 0, used = 0;
    for (size_t i = 0; commands && commands[i]; i++)
        count += find_spelled(commands[i], name, length) != NULL;
    for (size_t i = 0; count > 0 && commands[i]; i++)
        if (find_spelled(commands[i], name, length) && used < HINT_SIZE)
            used += (size_t)snprintf(hint + used, HINT_SIZE - used, "%s'dlexp %s'",
                                     told++ == 0     ? "; "
                                     : told == count ? " and "
                                                     : ", ",
                                     command_typed(commands[i]));
    if (count > 0 && used < HINT_SIZE)
        snprintf(hint + used, HINT_SIZE - used, " %s it", count == 1 ? "has" : "have");
    return count > 0 && used < HINT_SIZE ? hint : NULL;
}

const char *hints_option(char hint[HINT_SIZE], const struct command *command, const char *name, size_t length,
                         const char *prefix)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!is_word(options[i].word, name, length) ||
            (options[i].meant && !find_spelled(command, options[i].meant, strlen(options[i].meant))))
            continue;
        if (options[i].text)
            snprintf(hint, HINT_SIZE, "; %s", options[i].text);
        else
            snprintf(hint, HINT_SIZE, "; did you mean '%s%s'?", prefix, options[i].meant);
        return hint;
    }
    return NULL;
}

static bool has_name(const struct option *option, const char *wanted)
{
    const char *name;
    for (size_t i = 0; option->choice(i, &name); i++)
        if (strcmp(name, wanted) == 0)
            return true;
    return false;
}

const char *hints_value(char hint[HINT_SIZE], const struct option *option, const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (!is_word(values[i].word, text, length) ||
            (values[i].option && strcmp(values[i].option, option->name) != 0) ||
            (values[i].meant && !has_name(option, values[i].meant)))
            continue;
        if (values[i].meant)
            snprintf(hint, HINT_SIZE, "; did you mean '%s'?", values[i].meant);
        else
            snprintf(hint, HINT_SIZE, "; %s", values[i].text);
        return hint;
    }
    return NULL;
}

const char *hints_decimal(char hint[HINT_SIZE], const char *text, bool *certain)
{
    size_t used = 0;
    const bool below_one = strncmp(text, "0,", 2) == 0;
    *certain = false;
    for (;;) {
        const size_t whole = strspn(text, "0123456789"),
                     part = text[whole] == ',' ? strspn(text + whole + 1, "0123456789") : 0;
        const char *fraction = text + whole + 1;
        if (whole == 0 || part == 0 || used + whole + part + 4 > HINT_SIZE)
            return NULL;
        *certain |= part > 1 && *fraction == '0';
        used += (size_t)snprintf(hint + used, HINT_SIZE - used, "%s%.*s.%.*s", used > 0 ? "," : "", (int)whole, text,
                                 (int)part, fraction);
        text = fraction + part;
        if (*text == '\0')
            return below_one || *certain ? hint : NULL;
        if (*text++ != ',')
            return NULL;
    }
}

/* The numbers of the text, joined by another separator; NULL unless they are parted by one of these. */
static const char *join(char hint[HINT_SIZE], const char *text, size_t length, const char *parted_by, const char *by,
                        size_t most)
{
    size_t used = 0, numbers = 0;
    for (size_t i = 0; i < length; numbers++) {
        size_t digits = 0;
        while (i + digits < length && isdigit((unsigned char)text[i + digits]))
            digits++;
        const bool last = i + digits == length;
        if (digits == 0 || used + digits + 3 > HINT_SIZE || (!last && !strchr(parted_by, text[i + digits])))
            return NULL;
        used += (size_t)snprintf(hint + used, HINT_SIZE - used, "%.*s%s", (int)digits, text + i, last ? "" : by);
        i += digits + !last;
    }
    return numbers > 1 && numbers <= most && isdigit((unsigned char)text[length - 1]) ? hint : NULL;
}

const char *hints_range(char hint[HINT_SIZE], const char *text, size_t length)
{
    return join(hint, text, length, "-:", "..", 2);
}

const char *hints_list(char hint[HINT_SIZE], const char *text, size_t length)
{
    return join(hint, text, length, "-x:;", ",", SIZE_MAX);
}

const char *hints_semicolons(char hint[HINT_SIZE], const char *text, bool numbers)
{
    const size_t length = strlen(text);
    if (!strchr(text, ';') || length >= HINT_SIZE)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        hint[i] = text[i] == ';' ? ',' : numbers && text[i] == ',' ? '.' : text[i];
    return hint;
}
