/* dlexp sgd-mean: SGD for the mean of some points, with the theory beside it.  Options to plan, plan to tables. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/locate.h"
#include "dlexp/base/number.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/run/experiment.h"
#include "dlexp/run/grid.h"
#include "sgd_mean_claims.h"
#include "sgd_mean_report.h"

#define FIELD(name) offsetof(struct sgd_mean_options, name)

static const struct option options[] = {
    {.name = "lr",
     .key = "lr",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_KEY,
     .offset = FIELD(config.lr),
     .value = "LIST",
     .initial = "0.01,0.1",
     .low_open = true,
     .help =
         "learning rates; from 1 on there is no level where the error settles; A..B:N is N of them from A to B, each "
         "the same factor above the one before",
     .group = "Experiment"},
    {.name = "points",
     .type = OPTION_COUNT,
     .flags = OPTION_DATA,
     .offset = FIELD(points),
     .value = "N",
     .initial = "100",
     .low = 1,
     .high = POINTS_MAX,
     .help = "points to draw from Uniform[0,1]"},
    {.name = "points-file",
     .type = OPTION_TEXT,
     .flags = OPTION_FILE | OPTION_DATA,
     .offset = FIELD(points_file),
     .value = "FILE",
     .help =
         "read the points instead: one number per line, or a table with a header and a column x or a single column"},
    {.name = "start",
     .key = "start",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_LINEAR,
     .offset = FIELD(config.start),
     .value = "LIST",
     .initial = "0",
     .help = "y before the first step; A..B:N is N of them from A to B"},
    {.name = "iterations",
     .key = "iterations",
     .type = OPTION_COUNT,
     .offset = FIELD(config.iterations),
     .value = "N",
     .initial = "200",
     .low = 1,
     .high = 10000000,
     .help = "steps of each trial"},
    {.name = "trials",
     .key = "trials",
     .type = OPTION_COUNT,
     .offset = FIELD(config.trials),
     .value = "N",
     .initial = "1",
     .low = 1,
     .high = 10000000,
     .help =
         "repetitions with other draws; from 2 on bands.csv is written, from 7 on claims have verdicts, from 100 on "
         "theory is tested (z-score)"},
    {.name = "seed",
     .key = "seed",
     .type = OPTION_COUNT,
     .offset = FIELD(config.seed),
     .value = "S",
     .initial = "1234",
     .low = 0,
     .high = UINT32_MAX,
     .help = "seed of the points and the draws (0 to 2^32 - 1, as numpy takes it)"},
    {.name = "sampling",
     .key = "sampling",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS,
     .offset = FIELD(config.sampling),
     .value = "LIST",
     .initial = "with-replacement",
     .choice = sgd_mean_sampling_name,
     .help = "with-replacement: any point at each step; shuffle: every point once in each pass, in a new order"},
    {LEVEL_OPTION(FIELD(level)),
     .help = "confidence level of intervals and verdicts; the two claims about a pair of rates share it (Holm)",
     .group = "Judgement"},
    {.name = "margin",
     .type = OPTION_REAL,
     .offset = FIELD(margin),
     .value = "RATIO",
     .initial = "1.25",
     .low = 1,
     .low_open = true,
     .high = INFINITY,
     .high_open = true,
     .help = "ratio of squared errors below which two rates are as good as equal"},
    {LOG_EVERY_OPTION(FIELD(log_every)), .initial = "1", .low = 1,
     .help =
         "write the first, every N-th and the last iteration into trajectory.csv, bands.csv and theory.csv; nothing "
         "else changes",
     .group = "Output"},
    RUN_OPTIONS(struct sgd_mean_options, run, "results/sgd-mean"),
    {.name = NULL},
};

static const char description[] =
    "Minimises (1/n) sum (y - x_i)^2 over y by stochastic gradient descent, y <- y - lr * 2 (y - x_i) with one drawn "
    "point per step, at each learning rate. Answers whether a larger rate is faster at first and ends in a wider range "
    "around the mean y*, and holds the measured squared error (y - y*)^2 against its exact expectation, for both ways "
    "to draw.\n"
    "\n"
    "Both answers compare a rate with the next smaller one, trial by trial, by the median of the ratios of their "
    "squared errors (a ratio of distances is the root of that), with its order interval and the sign test. Faster: at "
    "the first iteration at which theory has the larger rate at half of the start's error. Wider: the terminal error, "
    "the mean squared error over the last half of the iterations; where a rate has not settled, as 5 % or more of it, "
    "by theory, are still the start's, the answer is \"not comparable\" and says how many iterations it takes. Fewer "
    "than 7 trials are \"undecided\".\n"
    "\n"
    "The interval of the mean terminal error over the trials is chi-square's, with degrees of freedom from the exact "
    "law; for shuffled draws, fewer than 19 iterations, or points with rare large values it is Student's t, from 200 "
    "trials on.\n"
    "\n"
    "Draws can be repeated in Python. Points: numpy.random.seed(S), numpy.random.uniform(0, 1, n). Indices of trial 0: "
    "random.seed(S), then random.choice(range(n)) each step; of trial t: the same after random.seed(S + t * 2**32). "
    "With shuffle, each pass over the points is random.shuffle(list(range(n))). Every rate sees the same draws.\n"
    "\n"
    "Files: trajectory.csv (trial 0, one row per iteration), bands.csv (mean and quantiles over the trials, from two "
    "trials on), theory.csv (expected squared error and the level it goes to; shuffled, the level at the ends of "
    "passes), summary.csv (one row per rate), claims.csv (verdicts), run.json (program, configuration, host, times). "
    "scripts/plots/sgd_error.gp and sgd_objective.gp draw them.";

static const char examples[] =
    "dlexp sgd-mean                                 the homework: 100 points, rates 0.01 and 0.1\n"
    "dlexp sgd-mean --trials 10000                  mean, quantiles and a test of the theory\n"
    "dlexp sgd-mean --lr 0.01,0.03,0.1,0.3          more rates\n"
    "dlexp sgd-mean --points-file data/published/points.csv\n"
    "dlexp sgd-mean --sampling shuffle --iterations 1000";

/* What the plan's functions need to know. */
struct context {
    const struct sgd_mean_options *options;
    struct grid grid;
    struct points points;
    struct sgd_mean_draws draws[SGD_MEAN_SAMPLINGS]; /* each made by the first run that computes with it */
    pthread_mutex_t drawing;
    struct sgd_mean_results report;
};

static int compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err)
{
    struct context *context = plan->context;
    const struct sgd_mean_config *config = sgd_mean_config_of(run);
    struct sgd_mean_draws *draws = &context->draws[config->sampling];
    int result = 0;
    pthread_mutex_lock(&context->drawing);
    if (!draws->index)
        result = sgd_mean_draw(draws, config, context->points.count, hooks->stop, err);
    pthread_mutex_unlock(&context->drawing);
    if (result < 0)
        return -1;
    return sgd_mean_run(config, &context->points, draws, hooks, record, err);
}

static int check_record(const struct plan *plan, const struct run *run, struct record *record, struct error *err)
{
    (void)plan;
    return sgd_mean_check_record(sgd_mean_config_of(run), record, err);
}

static int check_options(const struct sgd_mean_options *given, const struct invocation *invocation, struct error *err)
{
    const struct sgd_mean_config *config = &given->config;
    if (given->points_file && options_given(invocation, "points"))
        return error_set(err, ERROR_USAGE, "--points and --points-file: expected one of them, got both");
    if (config->trials > SGD_MEAN_DRAWS_MAX / config->iterations)
        return error_set(err, ERROR_USAGE,
                         "--trials: expected at most %d draws in all (trials x iterations), got %zu x %zu",
                         SGD_MEAN_DRAWS_MAX, config->trials, config->iterations);
    return 0;
}

/* The homework's points come with the program. */
static int read_points(struct points *points, const char *file, struct error *err)
{
    char *path;
    if (locate_input(&path, file, err) < 0)
        return -1;
    const int result = points_read(points, path, err);
    free(path);
    return result;
}

static uint64_t units(const void *config, const void *context)
{
    (void)context;
    return ((const struct sgd_mean_options *)config)->config.iterations;
}

static const struct subject subject = {.name = "sgd-mean", .format = 1, .source = "points", .units = units};

static int print_plan(const void *report, const struct plan *plan, FILE *out, struct error *err)
{
    const struct context *context = plan->context;
    const struct sgd_mean_config *config = &context->options->config;
    const size_t pending = plan_pending(plan);
    const char *sampling = "";
    char buffer[NUMBER_TEXT_SIZE];
    (void)report, (void)err;
    sgd_mean_sampling_name(config->sampling, &sampling);
    if (context->options->points_file)
        flow_say(out, "points:", PLAN_COLUMN, "%zu from '%s'", context->points.count, context->options->points_file);
    else
        flow_say(out, "points:", PLAN_COLUMN, "%zu of Uniform[0,1], seed %lu", context->points.count,
                 (unsigned long)config->seed);
    flow_say(out, "steps:", PLAN_COLUMN, "%zu from y = %s, %s, %s, seed %lu", config->iterations,
             number_format_real(buffer, config->start), counted(config->trials, "trial").text, sampling,
             (unsigned long)config->seed);
    flow_say(out, "runs:", PLAN_COLUMN, "%zu (lr), %zu in the store, %zu to compute", plan->count,
             plan->count - pending, pending);
    flow_say(out, "claims:", PLAN_COLUMN, "level %g %%, margin a ratio of %g, two for each pair of rates (Holm)",
             100 * context->options->level, context->options->margin);
    return 0;
}

/* Measured: 10 ns a draw and 10 ns a step of a trial, and 20 us a row of the tables; twice that, to be safe. */
static int seconds(const void *report, struct plan *plan, double *rest_s, struct error *err)
{
    const struct context *context = plan->context;
    const struct sgd_mean_config *config = &context->options->config;
    const double steps = (double)config->iterations * (double)config->trials;
    (void)report, (void)err;
    for (size_t i = 0; i < plan->count; i++)
        plan->runs[i].expected_s = 25e-9 * steps + 2e-5 * (double)config->iterations;
    *rest_s = 0.1 + 25e-9 * steps;
    return 0;
}

static int conclude(void *report, const struct plan *plan, struct error *err)
{
    if (sgd_mean_results_make(report, plan, err) < 0)
        return -1;
    return sgd_mean_claims_make(report, err);
}

static int run(const void *config, const struct invocation *invocation, struct error *err)
{
    const struct sgd_mean_options *given = config;
    struct context context = {
        .options = given,
        .report = {.options = given,
                   .config = &given->config,
                   .points = &context.points,
                   .grid = &context.grid,
                   .draws = context.draws},
    };
    const struct experiment experiment = {
        .context = &context.report,
        .tables = sgd_mean_tables,
        .print_plan = print_plan,
        .seconds = seconds,
        .endings = experiment_endings,
        .conclude = conclude,
        .print = sgd_mean_print_result,
        .to_json = sgd_mean_result_to_json,
        .add_json = sgd_mean_add_judgement,
    };
    struct plan plan = {
        .directory = given->run.out,
        /* A record has 3 or 10 numbers an iteration. */
        .bytes_a_run = 4096 + (given->config.iterations + 1) * (given->config.trials > 1 ? 10 : 3) * 25,
        .compute = compute,
        .check = check_record,
        .context = &context,
    };
    int result;

    if (check_options(given, invocation, err) < 0)
        return -1;
    pthread_mutex_init(&context.drawing, NULL);
    result = given->points_file ? read_points(&context.points, given->points_file, err)
                                : points_draw(&context.points, (uint32_t)given->config.seed, given->points, err);
    if (result == 0)
        result = grid_init(&context.grid, &subject, invocation, given, err);
    if (result == 0)
        result = grid_plan(&context.grid, &plan, given, context.points.sha256, err);
    if (result == 0)
        result = experiment_execute(&experiment, &plan, &given->run, invocation, config, err);
    sgd_mean_results_free(&context.report);
    plan_free(&plan);
    grid_free(&context.grid);
    for (size_t i = 0; i < SGD_MEAN_SAMPLINGS; i++)
        sgd_mean_draws_free(&context.draws[i]);
    points_free(&context.points);
    pthread_mutex_destroy(&context.drawing);
    return result;
}

const struct command command_sgd_mean = {
    .name = "sgd-mean",
    .summary = "stochastic gradient descent for a mean, with the theory beside it",
    .description = description,
    .examples = examples,
    .options = options,
    .experiment = true,
    .tables = sgd_mean_tables,
    .config_size = sizeof(struct sgd_mean_options),
    .run = run,
};
