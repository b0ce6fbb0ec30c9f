/* dlexp compare: the judgement of the experiments, for pairs of numbers that were measured elsewhere. */
#include "compare_report.h"
#include "dlexp/base/file.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"

#define FIELD(name) offsetof(struct compare_config, name)

static const struct option options[] = {
    {.name = "pair",
     .type = OPTION_TEXT,
     .offset = FIELD(pair),
     .value = "A,B",
     .initial = "a,b",
     .help = "columns of the two that are compared; asked is whether A is better than B",
     .group = "Pairs"},
    {.name = "differences",
     .type = OPTION_TEXT,
     .offset = FIELD(differences),
     .value = "D",
     .help = "one column of differences a - b instead"},
    {.name = "better",
     .type = OPTION_NAME,
     .offset = FIELD(better),
     .value = "WHICH",
     .initial = "larger",
     .choice = compare_better_name,
     .help = "which value is better"},
    {.name = "about",
     .type = OPTION_NAME,
     .offset = FIELD(about),
     .value = "WHAT",
     .initial = "mean",
     .choice = compare_about_name,
     .help = "mean: Student t, unless sign flips contradict it or a run failed; median: always the order interval and "
             "the sign test",
     .group = "Judgement"},
    {LEVEL_OPTION(FIELD(level)), .help = "confidence level of intervals and of the verdict"},
    {.name = "margin",
     .type = OPTION_REAL,
     .offset = FIELD(margin),
     .value = "M",
     .low = 0,
     .low_open = true,
     .help = "a difference that makes no difference: surely smaller ones are equivalent, and as many more pairs are "
             "asked for as show one of this size"},
    {.name = "family",
     .type = OPTION_COUNT,
     .offset = FIELD(family),
     .value = "M",
     .initial = "1",
     .low = 1,
     .high = 1000000,
     .help = "how many claims are judged together, this one among them; p is multiplied by it"},
    {OUT_OPTION(FIELD(out)), .help = "write claims.csv there; without it nothing is written", .group = "Output"},
    {QUIET_OPTION(FIELD(quiet))},
    {JSON_OPTION(FIELD(json))},
    {COLOR_OPTION(FIELD(color))},
    {.name = NULL},
};

static const char description[] =
    "Judges pairs of numbers as the experiments judge theirs. FILE is a CSV with a header and one row for each pair, "
    "two runs that share what can be shared (a seed, a split). The differences are advantages of the first: above 0 it "
    "is better.\n"
    "\n"
    "A run that failed counts as worse than any finite one, and its pair stays. It is written as an empty cell, nan, "
    "NA, "
    "or infinity on the worse side (steps to a target never reached: inf with --better smaller). With one, the "
    "median's order interval and the exact sign test decide, not the mean. A pair of two failed runs is left out and "
    "counted. Of differences, inf and -inf stand for a failed b and a failed a (where larger is better). Anything else "
    "that is no number is refused with its line and column.\n"
    "\n"
    "Verdicts: supported and contradicted by p at the level, times --family; equivalent where the 90 % interval lies "
    "within the margin; undecided otherwise, and with fewer than 6 pairs (median: 7 untied ones). They hold for one "
    "look; "
    "if pairs were added because of an earlier look, the anytime line holds.\n"
    "\n"
    "The t interval covers differences of two laws of similar shape, whose spreads differ by no more than half. Where "
    "differences are skewed as one exponential law is, it covers 88 to 93 % (6 to 40 pairs): ask --about median. "
    "Beyond 1,000 pairs no signs are flipped, as the flips' law is then t's.";

static const char examples[] =
    "dlexp compare runs.csv                                      columns a and b, larger is better\n"
    "dlexp compare runs.csv --pair adam,sgd --margin 0.2         other columns, and what is too small to matter\n"
    "dlexp compare steps.csv --better smaller --about median     steps to a target, inf where never\n"
    "dlexp compare d.csv --differences d --family 3 --out judged  one of three claims, and claims.csv";

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct compare_config *config = configuration;
    struct comparison comparison;
    screen_set_color((enum screen_color)config->color);
    if (config->differences != NULL && options_given(invocation, "pair"))
        return error_set(err, ERROR_USAGE, "--pair and --differences: expected one of them, got both");
    int status = compare_read(&comparison, config, err);
    if (status == 0)
        status = compare_judge(&comparison, err);
    if (status == 0 && config->out != NULL) {
        status = directory_create(config->out, err);
        if (status == 0) {
            directory_clean(config->out);
            status = compare_write(&comparison, config->out, err);
            if (status == 0 && !config->json && !config->quiet)
                printf("wrote %s/claims.csv\n\n", config->out);
        }
    }
    if (status == 0)
        status = config->json ? compare_print_json(&comparison, err) : compare_print_text(&comparison, err);
    compare_free(&comparison);
    return status;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "judge pairs of numbers that were measured elsewhere",
    .operand = "FILE",
    .operand_offset = FIELD(file),
    .operand_flags = OPTION_FILE,
    .description = description,
    .examples = examples,
    .options = options,
    .config_size = sizeof(struct compare_config),
    .run = run,
};
