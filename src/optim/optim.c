/* dlexp optim: four optimizers on functions of two variables, which is faster and why.  Options to plan. */
#include <math.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/flow.h"
#include "optim_report.h"

#define FIELD(name) offsetof(struct optim_config, name)

/* The rules by the name they have here, then by the other one they may have: gd, momentum, ..., sgd. */
static bool optimizer_choice(size_t index, const char **name)
{
    size_t rows = 0;
    for (; optimizer_row(rows); rows++)
        if (rows == index) {
            *name = optim_problem_optimizer(index);
            return true;
        }
    index -= rows;
    for (size_t row = 0; row < rows; row++)
        if (optimizer_row(row)->alias && index-- == 0) {
            *name = optimizer_row(row)->name;
            return true;
        }
    return false;
}

/* The rule that such a name means. */
static size_t optimizer_of(size_t choice)
{
    const char *name = "";
    size_t row = 0;
    if (optimizer_row(choice))
        return choice;
    optimizer_choice(choice, &name);
    while (strcmp(optimizer_row(row)->name, name) != 0)
        row++;
    return row;
}

static bool is_shaped(const void *fn, const struct option *row)
{
    (void)row;
    return objective_row(*(const size_t *)fn)->shaped;
}

static const struct option options[] = {
    {.name = "fn",
     .key = "fn",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS | OPTION_KEY,
     .offset = FIELD(fn),
     .value = "LIST",
     .initial = "f1,f2",
     .choice = objective_name,
     .help = "functions to minimise",
     .group = "Experiment"},
    {.name = "eigen",
     .key = "eigen",
     .type = OPTION_REALS,
     .flags = OPTION_AXIS,
     .offset = FIELD(eigen),
     .value = "L1,L2",
     .initial = "1,0.1",
     .low_open = true,
     .exactly = 2,
     .help = "its two factors; f1 and f2 have 1,0.1; given again: another quad",
     .owner = FIELD(fn),
     .applies = is_shaped,
     .applies_to = "'quad' among the functions, which it shapes"},
    {.name = "angle",
     .key = "angle",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_LINEAR,
     .offset = FIELD(angle),
     .value = "LIST",
     .initial = "45",
     .help = "degrees by which it is turned; f1 is quad at 0, f2 at 45; A..B:N is N angles from A to B",
     .label = "at %s degrees",
     .owner = FIELD(fn),
     .applies = is_shaped,
     .applies_to = "'quad' among the functions, which it shapes"},
    {.name = "rotate",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_LINEAR | OPTION_RUNS,
     .offset = FIELD(rotate),
     .value = "A..B:N",
     .help = "in place of --fn: quad at N angles from A to B degrees, to see which optimizers depend on the angle"},
    {.name = "init",
     .key = "init",
     .type = OPTION_REALS,
     .flags = OPTION_AXIS,
     .offset = FIELD(descent.init),
     .value = "X,Y",
     .exactly = 2,
     .help = "start of every run; without it the usual one of each function (the homework's for f1 and f2); given "
             "again: another start"},
    {.name = "optimizer",
     .key = "optimizer",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS | OPTION_KEY,
     .offset = FIELD(descent.optimizer),
     .value = "LIST",
     .initial = "gd,momentum,rmsprop,adam",
     .choice = optimizer_choice,
     .meant = optimizer_of,
     .spec_choice = optimizer_name,
     .help = "update rules; sgd is another name of gd",
     .group = "Optimizer"},
    OPTIMIZER_OPTIONS(FIELD(descent.optimizer), FIELD(descent.hyper), OPTION_AXIS),
    {.name = "lr",
     .key = "lr",
     .type = OPTION_REAL,
     .flags = OPTION_AXIS | OPTION_KEY,
     .offset = FIELD(descent.lr),
     .value = "LIST",
     .initial = "1e-3",
     .low_open = true,
     .help = "learning rates; A..B:N is N of them from A to B, each the same factor above the one before",
     .group = "Experiment"},
    {.name = "iterations",
     .key = "iterations",
     .type = OPTION_COUNT,
     .offset = FIELD(descent.iterations),
     .value = "N",
     .initial = "2000",
     .low = 1,
     .high = 1e6,
     .help = "steps of each run",
     .group = "Experiment"},
    {LOG_EVERY_OPTION(FIELD(log_every)), .initial = "1", .low = 1,
     .help = "write the first, every N-th and the last iteration into trajectory.csv; nothing else changes",
     .group = "Output"},
    RUN_OPTIONS(struct optim_config, run, "results/optim"),
    {.name = NULL},
};

static const char description[] =
    "Minimises functions of two variables with several optimizers in double precision, each run as torch.optim "
    "does it, and reports from which iteration each stays below a threshold, ranked on each function by itself, and "
    "whether an optimizer is as fast on f2, which is f1 turned by 45 degrees, as on f1: measured, and where "
    "steps are linear in gradients (gd, momentum) predicted from the Hessian.\n\n"
    "What the homework guessed and found is judged on its own runs alone: f1 and f2 from their own starts at lr 1e-3, "
    "the optimizers' default constants, 2000 iterations or more. Each verdict is taken again at twice the iterations; "
    "where it is another one, the screen and the reason in claims.csv say so.\n\n"
    "Files: trajectory.csv (one row per iteration), summary.csv (one row per run), phases.csv (rates on quadratics, "
    "before and after the steep direction has decayed), comparison.csv (f1 against f2), claims.csv (where there are "
    "runs of the homework), landscape.csv, minima.csv and cuts.csv (the functions, for the figures), rotation.csv "
    "(with "
    "--rotate, "
    "in place of trajectory, comparison, claims, landscape, minima and cuts), run.json.\n\n"
    "stays_below_from_T: the iteration from which on f - f* stays below T, empty if it is not so at the end: runs are "
    "ranked, and claims judged, by it. iterations_to_T: the first touch, which may be earlier; crossings_of_T: how "
    "often f - f* passes T. claims.csv has one row per claim, function and threshold: its verdict and the two runs "
    "that decide it; \"undecided\" is that neither stays below, or one does at the end and the other nearly.\n\n"
    "ending: what the last half of a run does. limit_cycle: its points return, with ending_period, and stay away from "
    "the minimum (rmsprop at a constant rate, at a height proportional to lr^2; gd where lr times the curvature is 2); "
    "converging: the largest f - f* of the last quarter (ending_height) is at most half of that of the quarter before, "
    "or f never rises; rising: it is more than twice that; oscillating: none of these; diverged: it left the finite "
    "numbers.\n\n"
    "Log-slopes: mean change "
    "of ln(f - f*) per iteration, over the first and the last tenth of the run in summary.csv, over the phase in "
    "phases.csv. The first phase lasts until 0.1 % of the steep direction's part of f is left. Rates: factor an "
    "eigen-coordinate is multiplied by in a step; two where there is momentum, which with an angle other than 0 and pi "
    "are a "
    "complex pair; one that the run does not tell to 1e-9 of itself is left out. A run that leaves the finite numbers "
    "has the status diverged, and the others go on.";

static const char examples[] =
    "dlexp optim                                    the homework: f1 and f2, four optimizers, 2000 iterations\n"
    "dlexp optim --iterations 30000                 long enough for gd to reach 1e-6\n"
    "dlexp optim --fn f2                            one function\n"
    "dlexp optim --optimizer momentum --lr 1e-4,1e-3,1e-2\n"
    "dlexp optim --fn quad --eigen 1,0.01 --angle 30\n"
    "dlexp optim --rotate 0..90:19 --out results/rotation\n"
    "dlexp optim --fn rosenbrock,beale,himmelblau,booth";

static int compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err)
{
    (void)plan, (void)err;
    descent_run(optim_descent(run), hooks, record);
    return 0;
}

static int check_record(const struct plan *plan, const struct run *run, struct record *record, struct error *err)
{
    (void)plan;
    return descent_check_record(optim_descent(run), record, err);
}

/* ---- the plan ---- */

static int complete(void *config_, const void *context, struct error *err)
{
    struct optim_config *config = config_;
    struct descent_config *descent = &config->descent;
    (void)context, (void)err;
    descent->objective = objective_row(config->fn);
    descent->shape = quadratic_make(config->eigen[0], config->eigen[1], config->angle);
    if (isnan(descent->init[0]))
        objective_start(descent->objective, &descent->shape, descent->init);
    return 0;
}

static uint64_t units(const void *config, const void *context)
{
    (void)context;
    return ((const struct optim_config *)config)->descent.iterations;
}

static const struct subject subject = {.name = "optim", .format = 2, .complete = complete, .units = units};

/* --rotate is quad at these angles; refuse what would silently do nothing beside it. */
static int rotate(struct grid *grid, struct optim_config *config, const struct invocation *invocation,
                  struct error *err)
{
    enum { ANGLES_MAX = 3601 };
    static const char *const replaced[] = {"fn", "angle", "init"};
    size_t *quad = grid_axis(grid, "fn")->values;
    for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++)
        if (options_given(invocation, replaced[i]))
            return error_set(err, ERROR_USAGE,
                             "--%s: expected no --rotate beside it, which runs quad at its own angles, each from the "
                             "same point of its eigen-coordinates",
                             replaced[i]);
    const struct option *row;
    for (size_t i = 0; (row = grid_varied(grid, i)) != NULL; i++)
        if (!(row->flags & OPTION_KEY) && grid_axis(grid, row->name)->count > 1)
            return error_set(err, ERROR_USAGE, "--%s: expected one value beside --rotate, got several", row->name);
    if (grid_axis(grid, "rotate")->count < 2 || grid_axis(grid, "rotate")->count > ANGLES_MAX)
        return error_set(err, ERROR_USAGE,
                         "--rotate: expected A..B:N, N angles from A to B degrees such as 0..90:19, "
                         "with N from 2 to %d, got %zu of them",
                         ANGLES_MAX, grid_axis(grid, "rotate")->count);
    for (*quad = 0; !objective_row(*quad)->shaped;)
        ++*quad;
    grid_cut(grid, "fn");
    grid_take(grid, "angle", "rotate");
    config->fn = *quad;
    return 0;
}

static int make_plan(struct plan *plan, struct optim_results *results, const struct invocation *invocation,
                     struct error *err)
{
    struct grid *grid = &results->grid;
    struct optim_config config = *results->config;
    if (grid_init(grid, &subject, invocation, &config, err) < 0)
        return -1;
    results->rotating = grid_axis(grid, "rotate")->count > 0;
    if (results->rotating && rotate(grid, &config, invocation, err) < 0)
        return -1;
    if (grid_axis(grid, "init")->count == 0)
        config.descent.init[0] = NAN;
    return grid_plan(grid, plan, &config, NULL, err);
}

static bool is_first_on_function(const struct plan *plan, size_t i)
{
    const struct descent_config *a = optim_descent(&plan->runs[i]);
    const struct descent_config *b = i > 0 ? optim_descent(&plan->runs[i - 1]) : NULL;
    return !b || a->objective != b->objective || memcmp(&a->shape, &b->shape, sizeof a->shape) != 0 ||
           memcmp(a->init, b->init, sizeof a->init) != 0;
}

static void print_function(const struct optim_results *report, const struct plan *plan, size_t i, FILE *out)
{
    const struct descent_config *descent = optim_descent(&plan->runs[i]);
    const struct axis *angles = grid_axis(&report->grid, "angle");
    char shape[96] = "", angle[128] = "", start[96] = "";
    if (descent->objective->shaped)
        snprintf(shape, sizeof shape, ", l1 %g, l2 %g", descent->shape.eigen[0], descent->shape.eigen[1]);
    if (report->rotating)
        snprintf(angle, sizeof angle, ", %zu angles a from %g to %g degrees", angles->count,
                 ((const double *)angles->values)[0], ((const double *)angles->values)[angles->count - 1]);
    else if (descent->objective->shaped)
        snprintf(angle, sizeof angle, ", a %g degrees,", descent->shape.angle);
    if (!report->rotating)
        snprintf(start, sizeof start, " from (%g, %g)", descent->init[0], descent->init[1]);
    flow_say(out, i ? " " : "minimise:", PLAN_COLUMN, "%s = %s%s%s%s", descent->objective->name,
             descent->objective->formula, shape, angle, start);
}

static int print_plan(const void *context, const struct plan *plan, FILE *out, struct error *err)
{
    enum { SHOWN = 8 };
    const struct optim_results *report = context;
    const size_t pending = plan_pending(plan);
    size_t functions = 0;
    (void)err;
    for (size_t i = 0; i < (report->rotating ? 1 : plan->count); i++)
        if (is_first_on_function(plan, i) && functions++ < SHOWN)
            print_function(report, plan, i, out);
    char size[GRID_SIZE_TEXT];
    flow_say(out, "runs:", PLAN_COLUMN, "%zu (%s) of %s, %zu in the store, %zu to compute", plan->count,
             grid_size_text(size, &report->grid), counted(report->config->descent.iterations, "iteration").text,
             plan->count - pending, pending);
    return 0;
}

/* Measured: 2 us an iteration of a run, and 10 us more of each for what is told of it and its rows of tables. */
static int seconds(const void *context, struct plan *plan, double *rest_s, struct error *err)
{
    const struct optim_results *report = context;
    const double iterations = (double)report->config->descent.iterations;
    (void)err;
    for (size_t i = 0; i < plan->count; i++)
        plan->runs[i].expected_s = 2e-6 * iterations;
    *rest_s = 0.05 + iterations * 10e-6 * (double)plan->count;
    return 0;
}

static int run(const void *config_, const struct invocation *invocation, struct error *err)
{
    const struct optim_config *config = config_;
    struct optim_results report = {.config = config};
    struct plan plan = {
        .directory = config->run.out,
        /* A row of a trajectory is three numbers, once in the record and once, named, in trajectory.csv. */
        .bytes_a_run = config->descent.iterations * 200 + 16384,
        .compute = compute,
        .check = check_record,
        .context = &report,
    };
    const struct experiment experiment = {
        .context = &report,
        .tables = optim_report_tables,
        .print_plan = print_plan,
        .seconds = seconds,
        .endings = experiment_endings,
        .conclude = optim_report_conclude,
        .print = optim_report_print,
        .to_json = optim_report_json,
        .add_json = optim_add_judgement,
    };
    int result = make_plan(&plan, &report, invocation, err);
    if (result == 0)
        result = experiment_execute(&experiment, &plan, &config->run, invocation, config, err);
    optim_results_free(&report);
    plan_free(&plan);
    grid_free(&report.grid);
    return result;
}

const struct command command_optim = {
    .name = "optim",
    .summary = "minimise functions of two variables with several optimizers",
    .description = description,
    .examples = examples,
    .options = options,
    .experiment = true,
    .tables = optim_report_tables,
    .config_size = sizeof(struct optim_config),
    .run = run,
};
