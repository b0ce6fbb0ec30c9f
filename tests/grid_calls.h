/* grid_calls.h - an experiment with every kind of setting, and calls of it: what the tests of grids share. */
#ifndef DLEXP_TESTS_GRID_CALLS_H
#define DLEXP_TESTS_GRID_CALLS_H

#include "support.h"

#include "dlexp/run/grid.h"
#include "dlexp/run/setting.h"

/* An experiment with every kind of setting. */
struct config {
    size_t chained, kind, batch;
    struct indices nets;
    double lr, decay, pair[2];
    struct integers widths;
    int64_t seed;
    bool flag;
};

static inline bool kind_name(size_t index, const char **name)
{
    static const char *const names[] = {"plain", "decaying"};
    if (index < 2)
        *name = names[index];
    return index < 2;
}

static inline bool net_name(size_t index, const char **name)
{
    static const char *const names[] = {"none", "norm"};
    if (index < 2)
        *name = names[index];
    return index < 2;
}

static inline bool decays(const void *kind, const struct option *row)
{
    (void)row;
    return *(const size_t *)kind == 1;
}

#define AT(field) .offset = offsetof(struct config, field)

static const struct option rows[] = {
    {.name = "chained", .type = OPTION_COUNT, AT(chained), .value = "N", .initial = "0", .high = 1, .help = "chained"},
    {.name = "net",
     .key = "net",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS | OPTION_CHAIN | OPTION_KEY,
     AT(nets),
     .value = "LIST",
     .initial = "none,norm",
     .choice = net_name,
     .help = "nets"},
    {.name = "lr",
     .key = "lr",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_KEY,
     AT(lr),
     .value = "LIST",
     .initial = "0.5,0.1",
     .low_open = true,
     .help = "rates"},
    {.name = "kind",
     .key = "kind",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS,
     AT(kind),
     .value = "LIST",
     .initial = "plain",
     .choice = kind_name,
     .help = "kinds"},
    {.name = "decay",
     .key = "decay",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS,
     AT(decay),
     .value = "LIST",
     .initial = "0.9",
     .help = "decays",
     .owner = offsetof(struct config, kind),
     .applies = decays,
     .applies_to = "a kind that decays"},
    {.name = "pair",
     .key = "first,second",
     .type = OPTION_REALS,
     .flags = OPTION_AXIS,
     AT(pair),
     .value = "A,B",
     .initial = "1,2",
     .exactly = 2,
     .help = "two numbers"},
    {.name = "widths",
     .key = "widths",
     .type = OPTION_INTEGERS,
     .flags = OPTION_AXIS | OPTION_MAY_EMPTY,
     AT(widths),
     .value = "LIST",
     .initial = "8,4",
     .help = "widths"},
    {.name = "batch",
     .key = "batch",
     .type = OPTION_COUNT,
     .flags = OPTION_AXIS | OPTION_QUIET,
     AT(batch),
     .value = "LIST",
     .initial = "60",
     .low = 1,
     .high = 1000,
     .help = "batch"},
    {.name = "flag", .key = "flag", .type = OPTION_FLAG, .flags = OPTION_QUIET, AT(flag), .help = "a flag"},
    {.name = "seeds",
     .key = "seed",
     .type = OPTION_SEED,
     .flags = OPTION_AXIS | OPTION_KEY,
     AT(seed),
     .value = "LIST",
     .initial = "1",
     .help = "seeds"},
    {.name = NULL},
};
static const struct command command = {.name = "try", .options = rows, .config_size = sizeof(struct config)};

static inline const char *chain(const void *config)
{
    return ((const struct config *)config)->chained ? "chain" : NULL;
}

static inline uint64_t units(const void *config, const void *context)
{
    (void)config, (void)context;
    return 7;
}

static const struct subject subject = {.name = "try", .format = 4, .source = "data", .chain = chain, .units = units};

/* One call, from its words to its plan. */
struct call {
    struct config config;
    struct invocation invocation;
    struct grid grid;
    struct plan plan;
    struct error err;
    int result;
};

static inline struct call *call(const char *line)
{
    static struct call made;
    static char copy[512];
    char *words[32];
    int count = 0;
    made = (struct call){.invocation.command = &command};
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    made.result = options_parse(&made.invocation, count, words, &made.config, &made.err);
    if (made.result == 0)
        made.result = grid_init(&made.grid, &subject, &made.invocation, &made.config, &made.err);
    if (made.result == 0)
        made.result = grid_plan(&made.grid, &made.plan, &made.config, "abc", &made.err);
    return &made;
}

static inline void done(struct call *made)
{
    plan_free(&made->plan);
    grid_free(&made->grid);
    options_free(&made->invocation, &made->config);
}

#endif
