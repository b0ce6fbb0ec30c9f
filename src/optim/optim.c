/* dlexp optim: four optimizers on functions of two variables, which is faster and why.  Options to plan. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/output.h"
#include "optim_report.h"

#define FIELD(name) offsetof(struct optim_config, name)

/* The rules by the name they have here, then by the other one they may have: gd, momentum, ..., sgd. */
static bool choose_optimizer(size_t index, const char **name, int64_t *row)
{
    const struct optimizer *optimizer = optimizer_row(index);
    *row = (int64_t)index;
    if (optimizer) {
        *name = optim_problem_optimizer(index);
        return true;
    }
    for (size_t i = 0; optimizer_row(i); i++)
        index--;
    for (*row = 0; (optimizer = optimizer_row((size_t)*row)) != NULL; ++*row)
        if (optimizer->alias && index-- == 0) {
            *name = optimizer->name;
            return true;
        }
    return false;
}

static bool optimizer_choice(size_t index, const char **name)
{
    int64_t row;
    return choose_optimizer(index, name, &row);
}

static const struct option options[] = {
    {.name = "fn",
     .type = OPTION_NAMES,
     .offset = FIELD(fns),
     .value = "LIST",
     .initial = "f1,f2",
     .choice = objective_name,
     .help = "functions to minimise",
     .group = "Experiment"},
    {.name = "lr",
     .type = OPTION_REALS,
     .offset = FIELD(lrs),
     .value = "LIST",
     .initial = "1e-3",
     .low_open = true,
     .help = "learning rates"},
    {.name = "iterations",
     .type = OPTION_INTEGER,
     .offset = FIELD(iterations),
     .value = "N",
     .initial = "2000",
     .low = 1,
     .high = 1e6,
     .help = "steps of each run"},
    {.name = "init",
     .type = OPTION_REALS,
     .offset = FIELD(init),
     .value = "X,Y",
     .exactly = 2,
     .help = "start of every run; without it the usual one of each function (the homework's for f1 and f2)"},
    {.name = "eigen",
     .type = OPTION_REALS,
     .offset = FIELD(eigen),
     .value = "L1,L2",
     .initial = "1,0.1",
     .low_open = true,
     .exactly = 2,
     .help = "quad: its two factors; f1 and f2 have 1,0.1"},
    {.name = "angle",
     .type = OPTION_REAL,
     .offset = FIELD(angle),
     .value = "A",
     .initial = "45",
     .help = "quad: degrees by which it is turned; f1 is quad at 0, f2 at 45"},
    {.name = "rotate",
     .type = OPTION_TEXT,
     .offset = FIELD(rotate),
     .value = "A..B:N",
     .help = "in place of --fn: quad at N angles from A to B degrees, to see which optimizers depend on the angle"},
    {.name = "optimizer",
     .type = OPTION_NAMES,
     .offset = FIELD(optimizers),
     .value = "LIST",
     .initial = "gd,momentum,rmsprop,adam",
     .choice = optimizer_choice,
     .help = "update rules; sgd is another name of gd",
     .group = "Optimizer"},
    OPTIMIZER_OPTIONS(struct optim_config, constants),
    RUN_OPTIONS(struct optim_config, run, "results/optim"),
    {.name = NULL},
};

static const char description[] =
    "Minimises functions of two variables with several optimizers in double precision, each run as torch.optim "
    "does it, and reports how many iterations each needs, ranked on each function by itself, and "
    "whether an optimizer is as fast on f2, which is f1 turned by 45 degrees, as on f1: measured, and for gd and "
    "momentum predicted from the Hessian.\n\n"
    "What the homework guessed and found is judged on its own runs alone: f1 and f2 from their own starts at lr 1e-3, "
    "the optimizers' default constants, 2000 iterations or more.\n\n"
    "Files: trajectory.csv (one row per iteration), summary.csv (one row per run), phases.csv (rates on quadratics, "
    "before and after the steep direction has decayed), comparison.csv (f1 against f2), claims.csv (where there are "
    "runs of the homework), landscape.csv and minima.csv (the functions, for the figures), rotation.csv (with "
    "--rotate, "
    "in place of trajectory, comparison, claims, landscape and minima), run.json.\n\n"
    "iterations_to_T: the first iteration with f - f* < T, empty if there is none; stays_below_from_T: the one from "
    "which on it stays so, empty if it is not so at the end. Runs are ranked, and claims judged, by the first of those "
    "that end below. claims.csv has one row per claim and threshold, over both functions: its verdict and the two "
    "runs, "
    "with their function, that decide it; \"cannot tell\" is that neither of them got there, or "
    "one by the end and the other nearly. Log-slopes: mean change "
    "of ln(f - f*) per iteration, over the first and the last tenth of the run in summary.csv, over the phase in "
    "phases.csv. The first phase lasts until 0.1 % of the steep direction's part of f is left. Rates: factor an "
    "eigen-coordinate is multiplied by in a step; two for momentum, which with an angle other than 0 and pi are a "
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

/* What the plan's functions need to know. */
struct optim {
    const struct optim_config *config;
    struct descent_config *descents; /* one a run of the plan */
    double *angles;                  /* of quad, one a function to run */
    size_t angle_count;
};

static int compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err)
{
    const struct optim_results *report = plan->context;
    (void)err;
    descent_run(&report->descents[run - plan->runs], hooks, record);
    return 0;
}

static int check_record(const struct plan *plan, const struct run *run, const struct record *record, struct error *err)
{
    const struct optim_results *report = plan->context;
    return descent_check_record(&report->descents[run - plan->runs], record, err);
}

/* The lists are sets: sorted, so that their order on the command line changes no byte of the tables; nothing may stand
 * twice. */
static int sort_lists(const struct optim_config *config, struct error *err)
{
    const struct integers *names[] = {&config->fns, &config->optimizers};
    const char *name;
    for (size_t i = 0; i < config->optimizers.count; i++)
        choose_optimizer((size_t)config->optimizers.values[i], &name, &config->optimizers.values[i]);
    for (size_t l = 0; l < 2; l++) {
        options_sort_integers(names[l]);
        for (size_t i = 1; i < names[l]->count; i++)
            if (names[l]->values[i] == names[l]->values[i - 1])
                return error_set(err, ERROR_USAGE, "--%s: expected every name once, got '%s' twice",
                                 l ? "optimizer" : "fn",
                                 l ? optim_problem_optimizer((size_t)names[l]->values[i])
                                   : objective_row((size_t)names[l]->values[i])->name);
    }
    options_sort_reals(&config->lrs);
    return options_refuse_repeats("lr", &config->lrs, err);
}

/* "A..B:N" */
static int parse_rotate(struct optim *optim, const char *text, struct error *err)
{
    enum { ANGLES_MAX = 3601 };
    const char *dots = strstr(text, ".."), *colon = strchr(text, ':'), *why;
    double low, high;
    int64_t count;
    /* "0...5:3" is 0 to .5: of three dots the first two divide. */
    if (!dots || !colon || colon < dots + 2 || number_parse_real(text, (size_t)(dots - text), &low, &why) < 0 ||
        number_parse_real(dots + 2, (size_t)(colon - dots - 2), &high, &why) < 0 ||
        number_parse_integer(colon + 1, strlen(colon + 1), &count, &why) < 0)
        return error_set(err, ERROR_USAGE,
                         "--rotate: expected A..B:N, N angles from A to B degrees such as 0..90:19, got '%.80s'", text);
    if (!(low < high) || count < 2 || count > ANGLES_MAX || !isfinite(high - low))
        return error_set(err, ERROR_USAGE, "--rotate: expected A..B:N with A < B and N from 2 to %d, got '%.80s'",
                         ANGLES_MAX, text);
    free(optim->angles);
    optim->angles = malloc((size_t)count * sizeof *optim->angles);
    if (!optim->angles)
        return error_out_of_memory(err, "the angles");
    optim->angle_count = (size_t)count;
    for (size_t i = 0; i < optim->angle_count; i++)
        optim->angles[i] = low + (high - low) * (double)i / (double)(count - 1);
    return 0;
}

/* Refuse what would silently do nothing. */
static int check_options(const struct optim_config *config, const struct invocation *invocation, struct error *err)
{
    static const char *const replaced[] = {"fn", "angle", "init"};
    static const char *const shaping[] = {"eigen", "angle"};
    bool shaped = config->rotate != NULL;
    for (size_t i = 0; i < config->fns.count; i++)
        shaped |= objective_row((size_t)config->fns.values[i])->shaped;
    for (size_t i = 0; i < 2; i++)
        if (!shaped && options_given(invocation, shaping[i]))
            return error_set(
                err, ERROR_USAGE,
                "--%s: expected 'quad' among the functions, got none that it shapes; leave it out or add --fn quad",
                shaping[i]);
    for (size_t i = 0; i < 3; i++)
        if (config->rotate && options_given(invocation, replaced[i]))
            return error_set(err, ERROR_USAGE,
                             "--%s: expected no --rotate beside it, which runs quad at its own angles, %s", replaced[i],
                             "each from the same point of its eigen-coordinates");
    return 0;
}

static int add_run(struct plan *plan, struct optim *optim, const struct descent_config *descent, const char *label,
                   struct error *err)
{
    struct output spec;
    struct descent_config *grown = realloc(optim->descents, (plan->count + 1) * sizeof *grown);
    if (!grown)
        return error_out_of_memory(err, "the plan");
    optim->descents = grown;
    grown[plan->count] = *descent;
    if (output_open(&spec, err) < 0)
        return -1;
    descent_print_spec(spec.stream, descent);
    return plan_add(plan, &spec, descent->iterations, label, err);
}

/* The runs of one function (at one angle): by optimizer, lr. */
static int add_function(struct plan *plan, struct optim *optim, struct descent_config descent, struct error *err)
{
    const struct optim_config *config = optim->config;
    char label[128], angle[NUMBER_TEXT_SIZE + 16] = "", number[NUMBER_TEXT_SIZE];
    if (descent.objective->shaped)
        snprintf(angle, sizeof angle, " at %.6g degrees", descent.shape.angle);
    if (config->init.count == 2)
        memcpy(descent.init, config->init.values, sizeof descent.init);
    else
        objective_start(descent.objective, &descent.shape, descent.init);
    for (size_t o = 0; o < config->optimizers.count; o++)
        for (size_t l = 0; l < config->lrs.count; l++) {
            descent.optimizer = (size_t)config->optimizers.values[o];
            descent.lr = config->lrs.values[l];
            snprintf(label, sizeof label, "%s%s %s lr %s", descent.objective->name, angle,
                     optim_problem_optimizer(descent.optimizer), number_format_real(number, descent.lr));
            if (add_run(plan, optim, &descent, label, err) < 0)
                return -1;
        }
    return 0;
}

static int make_plan(struct plan *plan, struct optim *optim, const struct hyperparameters *hyper, struct error *err)
{
    const struct optim_config *config = optim->config;
    struct descent_config descent = {.hyper = *hyper, .iterations = (uint64_t)config->iterations};
    int result = 0;
    if (config->rotate) {
        for (size_t i = 0; (descent.objective = objective_row(i))->shaped == false;)
            i++;
        for (size_t i = 0; i < optim->angle_count && result == 0; i++) {
            descent.shape = quadratic_make(config->eigen.values[0], config->eigen.values[1], optim->angles[i]);
            result = add_function(plan, optim, descent, err);
        }
        return result;
    }
    descent.shape = quadratic_make(config->eigen.values[0], config->eigen.values[1], config->angle);
    for (size_t i = 0; i < config->fns.count && result == 0; i++) {
        descent.objective = objective_row((size_t)config->fns.values[i]);
        result = add_function(plan, optim, descent, err);
    }
    return result;
}

static int print_plan(const void *context, const struct plan *plan, FILE *out, struct error *err)
{
    const struct optim_results *report = context;
    const struct optim_config *config = report->config;
    const size_t pending = plan_pending(plan), each = config->optimizers.count * config->lrs.count;
    (void)err;
    for (size_t i = 0; i < (report->rotating ? 1 : plan->count); i += each) {
        const struct descent_config *descent = &report->descents[i];
        fprintf(out, "%s%s = %s", i ? "          " : "minimise: ", descent->objective->name,
                descent->objective->formula);
        if (descent->objective->shaped)
            fprintf(out, ", l1 %g, l2 %g", descent->shape.eigen[0], descent->shape.eigen[1]);
        if (report->rotating)
            fprintf(out, ", %zu angles a from %g to %g degrees\n", plan->count / each, descent->shape.angle,
                    report->descents[plan->count - 1].shape.angle);
        else if (descent->objective->shaped)
            fprintf(out, ", a %g degrees, from (%g, %g)\n", descent->shape.angle, descent->init[0], descent->init[1]);
        else
            fprintf(out, " from (%g, %g)\n", descent->init[0], descent->init[1]);
    }
    fprintf(out,
            "runs:     %zu (%zu %s x %zu optimizer x %zu lr) of %lld iterations, %zu in the store, %zu to compute\n",
            plan->count, plan->count / each, report->rotating ? "angle" : "fn", config->optimizers.count,
            config->lrs.count, (long long)config->iterations, plan->count - pending, pending);
    fprintf(out, "results:  %s\n", config->run.out);
    return 0;
}

static int run(const void *config_, const struct invocation *invocation, struct error *err)
{
    const struct optim_config *config = config_;
    struct optim optim = {.config = config};
    struct optim_results report = {.config = config, .rotating = config->rotate != NULL};
    struct plan plan = {
        .directory = config->run.out,
        /* A row of a trajectory is three numbers, once in the record and once, named, in trajectory.csv. */
        .bytes_a_run = (size_t)config->iterations * 200 + 16384,
        .compute = compute,
        .check = check_record,
        .context = &report,
    };
    const struct experiment experiment = {
        .context = &report,
        .tables = optim_report_tables,
        .print_plan = print_plan,
        .conclude = optim_report_conclude,
        .print = optim_report_print,
        .to_json = optim_report_json,
    };
    struct hyperparameters hyper;
    int result = -1;

    if (sort_lists(config, err) < 0 || check_options(config, invocation, err) < 0 ||
        (config->rotate && parse_rotate(&optim, config->rotate, err) < 0) ||
        optimizer_options_read(&config->constants, invocation, &config->optimizers, &hyper, err) < 0 ||
        make_plan(&plan, &optim, &hyper, err) < 0)
        goto done;
    report.descents = optim.descents;
    result = experiment_execute(&experiment, &plan, &config->run, invocation, config, err);
done:
    optim_results_free(&report);
    plan_free(&plan);
    free(optim.descents);
    free(optim.angles);
    return result;
}

const struct command command_optim = {
    .name = "optim",
    .summary = "minimise functions of two variables with several optimizers and compare them",
    .description = description,
    .examples = examples,
    .options = options,
    .config_size = sizeof(struct optim_config),
    .run = run,
};
