/* options_table.h - commands with every type of option, and calls of them: what the tests of options share. */
#ifndef DLEXP_TESTS_OPTIONS_TABLE_H
#define DLEXP_TESTS_OPTIONS_TABLE_H

#include "support.h"

#include "dlexp/cli/options.h"

struct config {
    bool force, quiet;
    int64_t epochs, any, threads;
    size_t norm;
    double momentum, rate, real;
    const char *out, *data, *operand;
    struct integers hidden, seeds, ages;
    struct indices norms;
    struct reals lr;
    double box[2];
};

static inline bool norm_name(size_t index, const char **name)
{
    static const char *const names[] = {"none", "batchnorm", "layernorm"};
    if (index < 3)
        *name = names[index];
    return index < 3;
}

#define AT(field) .offset = offsetof(struct config, field)

static const struct option rows[] = {
    {.name = "lr",
     .type = OPTION_REALS,
     AT(lr),
     .value = "LIST",
     .initial = "0.01,0.5",
     .high = INFINITY,
     .low_open = true,
     .help = "learning rates",
     .group = "Training"},
    {.name = "box", .type = OPTION_REALS, AT(box), .value = "A,B", .exactly = 2, .help = "two numbers"},
    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_INTEGER,
     AT(epochs),
     .value = "N",
     .initial = "15",
     .low = 1,
     .high = 1000000,
     .help = "epochs"},
    {.name = "any", .type = OPTION_INTEGER, AT(any), .value = "N", .help = "any integer"},
    {.name = "threads",
     .letter = 'j',
     .type = OPTION_INTEGER,
     AT(threads),
     .value = "N",
     .low = 1,
     .high = INFINITY,
     .help = "worker threads"},
    {.name = "momentum",
     .type = OPTION_REAL,
     AT(momentum),
     .value = "X",
     .initial = "0.9",
     .high = 1,
     .help = "momentum"},
    {.name = "rate", .type = OPTION_REAL, AT(rate), .value = "X", .low_open = true, .help = "positive"},
    {.name = "real", .type = OPTION_REAL, AT(real), .value = "X", .low = -INFINITY, .high = 5, .help = "at most 5"},
    {.name = "norm",
     .type = OPTION_NAME,
     AT(norm),
     .value = "NAME",
     .initial = "batchnorm",
     .choice = norm_name,
     .help = "normalisation"},
    {.name = "norms",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS | OPTION_CHAIN,
     AT(norms),
     .value = "LIST",
     .initial = "none,batchnorm",
     .choice = norm_name,
     .help = "normalisations"},
    {.name = "hidden",
     .type = OPTION_INTEGERS,
     AT(hidden),
     .value = "LIST",
     .initial = "128,64",
     .low = 1,
     .high = 65536,
     .help = "hidden layers"},
    {.name = "ages", .type = OPTION_INTEGERS, AT(ages), .value = "LIST", .help = "no default"},
    {.name = "seeds",
     .alias = "seed",
     .type = OPTION_SEED,
     .flags = OPTION_AXIS | OPTION_CHAIN,
     AT(seeds),
     .value = "LIST",
     .initial = "1234",
     .help = "seeds",
     .group = "Output"},
    {.name = "out", .type = OPTION_TEXT, AT(out), .value = "DIR", .initial = "results", .help = "where it goes"},
    {.name = "data", .type = OPTION_TEXT, AT(data), .value = "DIR", .help = "data"},
    {.name = "force", .type = OPTION_FLAG, AT(force), .help = "do it again"},
    {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, AT(quiet), .help = "no progress"},
    {0}};

static const struct command train = {.name = "train",
                                     .summary = "train",
                                     .description = "One.\nTwo.\n\n  kept   as it is\n\nThree.",
                                     .examples = "dlexp train  the default\ndlexp train --lr 0.5    one rate",
                                     .options = rows,
                                     .config_size = sizeof(struct config)};
static const struct command view = {.name = "view",
                                    .summary = "view",
                                    .operand = "[FILE]",
                                    .operand_offset = offsetof(struct config, operand),
                                    .options = rows,
                                    .config_size = sizeof(struct config)};
static const struct command need = {.name = "need",
                                    .summary = "need",
                                    .operand = "FILE",
                                    .operand_offset = offsetof(struct config, operand),
                                    .options = rows,
                                    .config_size = sizeof(struct config)};

enum { ROWS = sizeof rows / sizeof *rows, MOST_WORDS = 16 };

static struct config config;
static struct invocation call;
static struct error err;

static inline void clear(void)
{
    if (call.command != NULL)
        options_free(&call, &config);
    memset(&config, 0, sizeof config);
    call = (struct invocation){0};
}

/* Parse the words of `line`, parted by blanks; a word _ stands for an empty one. */
static inline int parse(const struct command *command, const char *line)
{
    static char copy[4096];
    static char *words[MOST_WORDS];
    int count = 0;
    assert_true(strlen(line) < sizeof copy);
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(count < MOST_WORDS);
        words[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
    }
    clear();
    call.command = command;
    err = (struct error){0};
    return options_parse(&call, count, words, &config, &err);
}

static inline void accept(const char *line)
{
    if (parse(&train, line) != 0)
        fail_msg("'%s' was refused: %s", line, err.message);
}

static inline void refuse_by(const struct command *command, const char *line, const char *message)
{
    if (parse(command, line) != -1)
        fail_msg("'%s' was accepted", line);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.message, message);
    clear();
}

static inline void refuse(const char *line, const char *start)
{
    char message[sizeof err.message];
    size_t length = strlen(start);
    snprintf(message, sizeof message, "%s%s 'dlexp help train'", start, start[length - 1] == '?' ? " See" : "; see");
    refuse_by(&train, line, message);
}

static inline void assert_integers(const struct integers *list, size_t count, const int64_t *values)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(list->values[i] == values[i]);
}

#define ASSERT_INDICES(list, ...)                                                                                      \
    do {                                                                                                               \
        const size_t expected[] = {__VA_ARGS__};                                                                       \
        assert_int_equal((list).count, sizeof expected / sizeof *expected);                                            \
        assert_memory_equal((list).values, expected, sizeof expected);                                                 \
    } while (0)

#define ASSERT_INTEGERS(list, ...)                                                                                     \
    assert_integers(&(list), sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static inline int free_config(void **state)
{
    (void)state;
    call.command = &train;
    options_free(&call, &config);
    options_free(&call, &config); /* a second time does no harm */
    clear();
    return 0;
}

#endif
