#include "optim_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/csv.h"
#include "dlexp/json.h"
#include "dlexp/number.h"
#include "dlexp/table.h"

static const struct {
    const char *name;
    double value;
} thresholds[OPTIM_THRESHOLDS] = {{"1e-1", 1e-1}, {"1e-2", 1e-2}, {"1e-3", 1e-3}, {"1e-6", 1e-6}};

/* The steep direction has decayed when this much of its part of the objective is left. */
#define PHASE_SHARE 1e-3

/* Curves that differ by no more than this, relative to the start, are the same up to rounding. */
#define ROUNDING 1e-12

const char *optim_report_optimizer(size_t row)
{
    const struct optimizer *optimizer = optimizer_row(row);
    return optimizer->alias ? optimizer->alias : optimizer->name;
}

/* ---- problems ---- */

int optim_report_conclude(void *context, const struct plan *plan, struct error *err)
{
    struct optim_report *report = context;
    report->problems = calloc(plan->count, sizeof *report->problems);
    if (!report->problems)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < plan->count; i++) {
        const struct record *record = &plan->runs[i].record;
        const struct record_table *table = record_table_find(record, "trajectory");
        struct optim_problem *p = &report->problems[report->count++];
        const char *diverged = record_get(record, "diverged_iteration");
        if (!table || table->columns != DESCENT_COLUMNS || !record_get(record, "status"))
            return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again",
                             plan->runs[i].id);
        *p = (struct optim_problem){
            .descent = &report->descents[i], .cells = table->cells, .rows = table->rows, .diverged = -1};
        p->fn = p->descent->objective->name;
        p->optimizer = optim_report_optimizer(p->descent->optimizer);
        if (diverged)
            p->diverged = strtoll(diverged, NULL, 10);
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            const double minimum = p->descent->objective->minimum;
            p->reached[t] = descent_reach(p->cells, p->rows, minimum, thresholds[t].value);
            p->settled[t] =
                p->diverged < 0 ? descent_settle(p->cells, p->rows, minimum, thresholds[t].value) : (int64_t)-1;
        }
        p->is_quadratic = objective_quadratic(p->descent->objective, &p->descent->shape, &p->quadratic);
    }
    return 0;
}

void optim_report_free(struct optim_report *report)
{
    free(report->problems);
    report->problems = NULL;
    report->count = 0;
}

/* What counts where runs are compared: iterations to the threshold, or -1 where the run does not end below it. */
static int64_t counted(const struct optim_problem *p, size_t t)
{
    return p->settled[t] < 0 ? -1 : p->reached[t];
}

/* It was below, and not from then on. */
static bool rose_again(const struct optim_problem *p, size_t t)
{
    return p->reached[t] >= 0 && p->settled[t] != p->reached[t];
}

static double objective_at(const struct optim_problem *p, size_t k)
{
    return p->cells[k * DESCENT_COLUMNS + DESCENT_OBJECTIVE];
}

static double final_objective(const struct optim_problem *p)
{
    return p->rows > 0 ? objective_at(p, p->rows - 1) : (double)NAN;
}

/* Mean log-slope over the first (or last) tenth of the run. */
static double tenth_slope(const struct optim_problem *p, bool last)
{
    const size_t steps = p->rows > 0 ? p->rows - 1 : 0, tenth = steps < 10 ? 1 : steps / 10;
    if (steps == 0)
        return NAN;
    return descent_slope(p->cells, p->descent->objective->minimum, last ? steps - tenth : 0, last ? steps : tenth);
}

static const struct optim_problem *find_problem(const struct optim_report *report, const char *fn,
                                                const char *optimizer, double lr)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (strcmp(p->fn, fn) == 0 && strcmp(p->optimizer, optimizer) == 0 && p->descent->lr == lr)
            return p;
    }
    return NULL;
}

/* "momentum f1", with the rate where there are several. */
static const char *problem_label(char buffer[96], const struct optim_report *report, const struct optim_problem *p)
{
    snprintf(buffer, 96, report->config->lrs.count > 1 ? "%s %s lr %g" : "%s %s", p->optimizer, p->fn, p->descent->lr);
    return buffer;
}

/* ---- the homework's guess and claims ---- */

enum relation { FASTER, EQUAL };
enum verdict { ABSENT, HOLDS, FAILS, CANNOT_TELL };
static const char *const verdict_names[] = {"", "holds", "fails", "cannot tell"};

/* Each of `first` against each of `second`: on f1 and on f2 by themselves, or (across) the first on f1 with the second
 * on f2. */
static const struct claim {
    const char *source, *text;
    enum relation relation;
    bool across;
    const char *first[4], *second[4];
} claims[] = {
    {"guess", "momentum is as fast on f1 as on f2", EQUAL, true, {"momentum"}, {"momentum"}},
    {"guess", "momentum is faster than RMSProp and Adam", FASTER, false, {"momentum"}, {"rmsprop", "adam"}},
    {"guess", "RMSProp is faster on f1 than on f2", FASTER, true, {"rmsprop"}, {"rmsprop"}},
    {"guess", "RMSProp is as fast as Adam", EQUAL, false, {"rmsprop"}, {"adam"}},
    {"guess", "Adam is as fast on f1 as on f2", EQUAL, true, {"adam"}, {"adam"}},
    {"guess", "RMSProp is faster than GD", FASTER, false, {"rmsprop"}, {"gd"}},
    {"guess", "Adam is faster than GD", FASTER, false, {"adam"}, {"gd"}},
    {"guess", "GD is as fast on f1 as on f2", EQUAL, true, {"gd"}, {"gd"}},
    {"finding", "momentum is the fastest", FASTER, false, {"momentum"}, {"gd", "rmsprop", "adam"}},
    {"finding", "momentum is faster than GD", FASTER, false, {"momentum"}, {"gd"}},
};
enum { CLAIMS = sizeof claims / sizeof *claims };
static const char *const claim_fns[2] = {"f1", "f2"};

/* A verdict and the pair of problems that decides it. */
struct outcome {
    enum verdict verdict;
    const struct optim_problem *first, *second;
};

/* Iteration counts are equal when they differ by at most one iteration or one percent. */
static bool nearly_equal(double a, double b)
{
    return fabs(a - b) <= fmax(1, 0.01 * fmax(a, b));
}

/* iterations: steps of both; a run that is not below the threshold at the end would need more. */
static enum verdict compare(enum relation relation, int64_t a, int64_t b, int64_t iterations)
{
    if (a < 0 && b < 0)
        return CANNOT_TELL;
    if (relation == FASTER)
        return a >= 0 && (b < 0 || a < b) ? HOLDS : FAILS;
    if (a >= 0 && b >= 0)
        return nearly_equal((double)a, (double)b) ? HOLDS : FAILS;
    return nearly_equal((double)(a < 0 ? b : a), (double)iterations + 1) ? CANNOT_TELL : FAILS;
}

/* How close a pair is to failing: the larger, the closer. */
static double closeness(const struct outcome *o, size_t t)
{
    const double a = (double)counted(o->first, t), b = (double)counted(o->second, t);
    return b < 0 ? 0 : a / fmax(b, 1);
}

/* Of all pairs the first that fails, else the first that cannot be told, else the closest that holds. */
static struct outcome evaluate(const struct optim_report *report, const struct claim *claim, double lr, size_t t)
{
    struct outcome outcome = {ABSENT, NULL, NULL};
    for (size_t f = 0; f < (claim->across ? 1 : 2); f++)
        for (const char *const *a = claim->first; a < claim->first + 4 && *a; a++)
            for (const char *const *b = claim->second; b < claim->second + 4 && *b; b++) {
                struct outcome pair = {ABSENT, find_problem(report, claim_fns[f], *a, lr),
                                       find_problem(report, claim_fns[claim->across ? 1 : f], *b, lr)};
                if (!pair.first || !pair.second)
                    continue;
                pair.verdict = compare(claim->relation, counted(pair.first, t), counted(pair.second, t),
                                       report->config->iterations);
                bool tighter =
                    pair.verdict == HOLDS && outcome.verdict == HOLDS && closeness(&pair, t) > closeness(&outcome, t);
                if (outcome.verdict == ABSENT || tighter || (outcome.verdict != FAILS && pair.verdict == FAILS) ||
                    (outcome.verdict == HOLDS && pair.verdict == CANNOT_TELL))
                    outcome = pair;
            }
    return outcome;
}

static bool has_claims(const void *context)
{
    const struct optim_report *report = context;
    for (size_t c = 0; c < CLAIMS && !report->rotating; c++)
        for (size_t l = 0; l < report->config->lrs.count; l++)
            if (evaluate(report, &claims[c], report->config->lrs.values[l], 0).verdict != ABSENT)
                return true;
    return false;
}

/* ---- part (c): f1 against f2 ---- */

struct comparison {
    const char *optimizer;
    double lr;
    const struct optim_problem *f1, *f2;
    bool same_start;   /* in eigen-coordinates: f2's descent is f1's turned, if the optimizer does not mind */
    double difference; /* max |f1_k - f2_k| */
    size_t at;         /* its iteration */
    bool equal;
    const char *ahead; /* the function with the lower objective at first; NULL if equal */
    int64_t overtaken; /* first iteration at which the other is lower, or -1 */
};

static double start_distance(const struct optim_problem *a, const struct optim_problem *b)
{
    double p[2], q[2];
    quadratic_coordinates(&a->quadratic, p, a->descent->init[0], a->descent->init[1]);
    quadratic_coordinates(&b->quadratic, q, b->descent->init[0], b->descent->init[1]);
    return fmax(fabs(p[0] - q[0]), fabs(p[1] - q[1]));
}

/* The index-th pair there is (by optimizer, lr); false past the last. */
static bool compare_functions(const struct optim_report *report, size_t index, struct comparison *c)
{
    const struct optim_config *config = report->config;
    for (size_t i = 0; i < config->optimizers.count * config->lrs.count && !report->rotating; i++) {
        *c = (struct comparison){.overtaken = -1};
        c->optimizer = optim_report_optimizer((size_t)config->optimizers.values[i / config->lrs.count]);
        c->lr = config->lrs.values[i % config->lrs.count];
        c->f1 = find_problem(report, "f1", c->optimizer, c->lr);
        c->f2 = find_problem(report, "f2", c->optimizer, c->lr);
        if (!c->f1 || !c->f2 || c->f1->rows == 0 || c->f2->rows == 0 || index-- > 0)
            continue;
        const double scale = fmax(objective_at(c->f1, 0), objective_at(c->f2, 0));
        const size_t rows = c->f1->rows < c->f2->rows ? c->f1->rows : c->f2->rows;
        c->same_start = start_distance(c->f1, c->f2) <= ROUNDING * (1 + fabs(c->f1->descent->init[0]));
        for (size_t k = 0; k < rows; k++) {
            const double d = objective_at(c->f1, k) - objective_at(c->f2, k);
            if (fabs(d) > c->difference) {
                c->difference = fabs(d);
                c->at = k;
            }
            if (fabs(d) <= ROUNDING * scale)
                continue;
            const char *ahead = d < 0 ? "f1" : "f2";
            if (!c->ahead)
                c->ahead = ahead;
            else if (c->overtaken < 0 && strcmp(ahead, c->ahead) != 0)
                c->overtaken = (int64_t)k;
        }
        /* A run that diverges grows, and its rounding errors with it. */
        c->equal = c->f1->rows == c->f2->rows && c->difference <= ROUNDING * fmax(scale, objective_at(c->f1, c->at));
        if (c->equal)
            c->ahead = NULL;
        return true;
    }
    return false;
}

/* What the homework found of an optimizer in its part (c). */
static const struct {
    const char *optimizer, *finding;
    bool equal;
} findings[] = {
    {"gd", "the same", true},
    {"momentum", "the same", true},
    {"rmsprop", "f2 first, then f1", false},
    {"adam", "f2 first, then f1", false},
};

/* The verdict on it, or ABSENT; *finding is its text. */
static enum verdict judge_finding(const struct comparison *c, const char **finding)
{
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        if (strcmp(findings[i].optimizer, c->optimizer) != 0)
            continue;
        *finding = findings[i].finding;
        if (findings[i].equal)
            return c->equal ? HOLDS : FAILS;
        return c->ahead && strcmp(c->ahead, "f2") == 0 && c->overtaken >= 0 ? HOLDS : FAILS;
    }
    *finding = "";
    return ABSENT;
}

static bool has_comparisons(const void *context)
{
    struct comparison c;
    return compare_functions(context, 0, &c);
}

/* ---- part (c): phases ---- */

struct phase {
    size_t first, last;      /* iterations; last <= first: there is no such phase */
    size_t direction;        /* eigen-coordinate that decides it: the steep one in the first phase */
    double curvature, slope; /* 2 eigen; mean log-slope of f */
    bool measured, predicted;
    struct rates measure, prediction;
};

/* Both phases of a quadratic's run; false if there is no second one. */
static bool find_phases(const struct optim_problem *p, struct phase phases[2])
{
    const size_t last = p->rows > 0 ? p->rows - 1 : 0, steep = descent_steep(&p->quadratic);
    const int64_t end = descent_phase_end(p->cells, p->rows, &p->quadratic, PHASE_SHARE);
    for (size_t i = 0; i < 2; i++) {
        struct phase *phase = &phases[i];
        *phase = (struct phase){.direction = i == 0 ? steep : 1 - steep};
        phase->first = i == 0 ? 0 : end < 0 ? last : (size_t)end;
        phase->last = i == 1 || end < 0 ? last : (size_t)end;
        phase->curvature = 2 * p->quadratic.eigen[phase->direction];
        phase->slope = p->rows > 0 ? descent_slope(p->cells, 0, phase->first, phase->last) : (double)NAN;
        phase->measured =
            descent_measure(&phase->measure, p->descent, p->cells, p->rows, &p->quadratic, phase->direction);
        phase->predicted = descent_predict(&phase->prediction, p->descent, phase->curvature);
    }
    return end >= 0;
}

static bool has_phases(const void *context)
{
    const struct optim_report *report = context;
    for (size_t i = 0; i < report->count; i++)
        if (report->problems[i].is_quadratic)
            return true;
    return false;
}

/* Largest difference of a measured rate and its prediction over all runs; nan if there is none. */
static double rate_error(const struct optim_report *report)
{
    double error = NAN;
    struct phase phases[2];
    for (size_t i = 0; i < report->count; i++) {
        if (!report->problems[i].is_quadratic)
            continue;
        find_phases(&report->problems[i], phases);
        for (size_t d = 0; d < 2; d++)
            for (size_t r = 0; r < 2 && phases[d].measured; r++)
                error = fmax(error, fabs(phases[d].measure.modulus[r] - phases[d].prediction.modulus[r]));
    }
    return error;
}

/* ---- angles ---- */

/* An optimizer at a learning rate, over all angles of --rotate. */
struct turning {
    const char *optimizer;
    double lr;
    double difference; /* max over angles and k of |f_k - f_k at the first angle| */
    struct {
        int64_t low, high; /* iterations to the threshold, of the angles that end below it; -1 */
        size_t missed;     /* angles that do not */
    } reached[OPTIM_THRESHOLDS];
    bool depends;
};

static double curve_difference(const struct optim_problem *a, const struct optim_problem *b)
{
    double difference = a->rows == b->rows ? 0 : INFINITY;
    for (size_t k = 0; k < a->rows && k < b->rows; k++)
        difference = fmax(difference, fabs(objective_at(a, k) - objective_at(b, k)));
    return difference;
}

static const struct optim_problem *turned_problem(const struct optim_report *report, size_t pair, size_t angle)
{
    return &report->problems[angle * report->config->optimizers.count * report->config->lrs.count + pair];
}

static struct turning find_turning(const struct optim_report *report, size_t pair)
{
    const size_t pairs = report->config->optimizers.count * report->config->lrs.count;
    const struct optim_problem *first = turned_problem(report, pair, 0);
    struct turning turning = {.optimizer = first->optimizer, .lr = first->descent->lr};
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        turning.reached[t].low = turning.reached[t].high = -1;
        for (size_t a = 0; a < report->count / pairs; a++) {
            const int64_t reached = counted(turned_problem(report, pair, a), t);
            turning.reached[t].missed += reached < 0;
            if (reached >= 0 && (turning.reached[t].low < 0 || reached < turning.reached[t].low))
                turning.reached[t].low = reached;
            if (reached > turning.reached[t].high)
                turning.reached[t].high = reached;
        }
    }
    double scale = first->rows > 0 ? objective_at(first, 0) : 1;
    for (size_t a = 0; a < report->count / pairs; a++)
        turning.difference = fmax(turning.difference, curve_difference(first, turned_problem(report, pair, a)));
    for (size_t k = 0; k < first->rows; k++)
        scale = fmax(scale, objective_at(first, k));
    turning.depends = !(turning.difference <= ROUNDING * scale);
    return turning;
}

static bool is_rotating(const void *context)
{
    return ((const struct optim_report *)context)->rotating;
}

static bool is_not_rotating(const void *context)
{
    return !is_rotating(context);
}

/* ---- tables ---- */

static void print_header(FILE *out, const char *columns, const char *prefix)
{
    fputs(columns, out);
    for (size_t t = 0; prefix && t < OPTIM_THRESHOLDS; t++)
        fprintf(out, ",%s%s", prefix, thresholds[t].name);
}

static void print_iterations(FILE *out, const int64_t iterations[OPTIM_THRESHOLDS])
{
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        fputc(',', out);
        if (iterations[t] >= 0)
            fprintf(out, "%lld", (long long)iterations[t]);
    }
}

/* A measure for which the C library's log or atan2 may round differently elsewhere: its sure digits. */
static void print_measure(FILE *out, double value)
{
    fputc(',', out);
    if (!isnan(value))
        fprintf(out, "%.9g", value);
}

static void print_trajectory(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    char number[NUMBER_TEXT_SIZE];
    fputs("fn,optimizer,lr,iteration,x,y,objective\n", out);
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        char key[128];
        snprintf(key, sizeof key, "%s,%s,%s", p->fn, p->optimizer, number_format_real(number, p->descent->lr));
        for (size_t k = 0; k < p->rows; k++) {
            fprintf(out, "%s,%zu", key, k);
            for (size_t c = 0; c < DESCENT_COLUMNS; c++) {
                fputc(',', out);
                csv_print_real(out, p->cells[k * DESCENT_COLUMNS + c]);
            }
            fputc('\n', out);
        }
    }
}

/* "f2,45,momentum,0.001"; no angle where the function is not a quadratic. */
static void print_key(FILE *out, const struct optim_problem *p)
{
    fprintf(out, "%s,", p->fn);
    if (p->is_quadratic)
        csv_print_real(out, p->quadratic.angle);
    fprintf(out, ",%s,", p->optimizer);
    csv_print_real(out, p->descent->lr);
}

static void print_summary(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    print_header(out, "fn,angle,optimizer,lr,status,diverged_iteration,iterations,final_x,final_y,final_objective",
                 "iterations_to_");
    print_header(out, "", "stays_below_from_");
    fputs(",initial_log_slope,final_log_slope\n", out);
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        print_key(out, p);
        fprintf(out, ",%s,", p->diverged < 0 ? "completed" : "diverged");
        if (p->diverged >= 0)
            fprintf(out, "%lld", (long long)p->diverged);
        fprintf(out, ",%zu", p->rows > 0 ? p->rows - 1 : 0);
        for (size_t c = 0; c < DESCENT_COLUMNS; c++) {
            fputc(',', out);
            csv_print_real(out, p->rows > 0 ? p->cells[(p->rows - 1) * DESCENT_COLUMNS + c] : (double)NAN);
        }
        print_iterations(out, p->reached);
        print_iterations(out, p->settled);
        print_measure(out, tenth_slope(p, false));
        print_measure(out, tenth_slope(p, true));
        fputc('\n', out);
    }
}

static void print_rates(FILE *out, bool known, const struct rates *rates)
{
    print_measure(out, known ? rates->modulus[0] : (double)NAN);
    print_measure(out, known ? rates->modulus[1] : (double)NAN);
    print_measure(out, known ? rates->angle : (double)NAN);
}

static void print_phases(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    struct phase phases[2];
    fputs("fn,angle,optimizer,lr,phase,direction,curvature,first_iteration,last_iteration,log_slope,measured_rate_1,"
          "measured_rate_2,measured_angle,predicted_rate_1,predicted_rate_2,predicted_angle\n",
          out);
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (!p->is_quadratic)
            continue;
        const bool both = find_phases(p, phases);
        for (size_t n = 0; n < 2; n++) {
            const struct phase *phase = &phases[n];
            print_key(out, p);
            fprintf(out, ",%zu,%s,", n + 1, n ? "flat" : "steep");
            csv_print_real(out, phase->curvature);
            if (n == 0 || both)
                fprintf(out, ",%zu,%zu", phase->first, phase->last);
            else
                fputs(",,", out);
            print_measure(out, phase->slope);
            print_rates(out, phase->measured, &phase->measure);
            print_rates(out, phase->predicted, &phase->prediction);
            fputc('\n', out);
        }
    }
}

static void print_comparisons(const void *context, FILE *out)
{
    struct comparison c;
    const char *finding;
    fputs("optimizer,lr,same_start,max_difference,at_iteration,curves,ahead_first,overtaken_at,finding,verdict\n", out);
    for (size_t i = 0; compare_functions(context, i, &c); i++) {
        fprintf(out, "%s,", c.optimizer);
        csv_print_real(out, c.lr);
        fprintf(out, ",%s,", c.same_start ? "yes" : "no");
        csv_print_real(out, c.difference);
        fprintf(out, ",%zu,%s,%s,", c.at, c.equal ? "equal" : "different", c.ahead ? c.ahead : "");
        if (c.ahead && c.overtaken >= 0)
            fprintf(out, "%lld", (long long)c.overtaken);
        const enum verdict verdict = judge_finding(&c, &finding);
        fprintf(out, ",\"%s\",%s\n", finding, verdict_names[verdict]);
    }
}

static void print_claims(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    fputs("source,claim,lr,threshold,verdict,first,first_iterations,second,second_iterations\n", out);
    for (size_t l = 0; l < report->config->lrs.count; l++)
        for (size_t c = 0; c < CLAIMS; c++)
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
                const struct outcome o = evaluate(report, &claims[c], report->config->lrs.values[l], t);
                if (o.verdict == ABSENT)
                    continue;
                fprintf(out, "%s,%s,", claims[c].source, claims[c].text);
                csv_print_real(out, report->config->lrs.values[l]);
                fprintf(out, ",%s,%s", thresholds[t].name, verdict_names[o.verdict]);
                for (size_t i = 0; i < 2; i++) {
                    const struct optim_problem *p = i ? o.second : o.first;
                    fprintf(out, ",%s %s,", p->optimizer, p->fn);
                    if (counted(p, t) >= 0)
                        fprintf(out, "%lld", (long long)counted(p, t));
                }
                fputc('\n', out);
            }
}

static void print_rotation(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    const size_t pairs = report->config->optimizers.count * report->config->lrs.count;
    print_header(out, "angle,optimizer,lr,final_objective", "iterations_to_");
    print_header(out, "", "stays_below_from_");
    fputs(",max_difference_to_first_angle\n", out);
    for (size_t pair = 0; pair < pairs; pair++)
        for (size_t a = 0; a < report->count / pairs; a++) {
            const struct optim_problem *p = turned_problem(report, pair, a);
            csv_print_real(out, p->quadratic.angle);
            fprintf(out, ",%s,", p->optimizer);
            csv_print_real(out, p->descent->lr);
            fputc(',', out);
            csv_print_real(out, final_objective(p));
            print_iterations(out, p->reached);
            print_iterations(out, p->settled);
            fputc(',', out);
            csv_print_real(out, curve_difference(turned_problem(report, pair, 0), p));
            fputc('\n', out);
        }
}

/* The first run of each function. */
static const struct optim_problem *function_problem(const struct optim_report *report, size_t index)
{
    const size_t i = index * report->config->optimizers.count * report->config->lrs.count;
    return i < report->count ? &report->problems[i] : NULL;
}

/*
 * Every function on a grid over its window, widened to hold a finite start; an odd grid, so that its middle is a row.
 * The curved, narrow valleys of functions that are no quadratic want the finer one.
 */
static void print_landscape(const void *context, FILE *out)
{
    enum { COARSE = 61, FINE = 101 };
    const struct optim_problem *p;
    fputs("fn,x,y,objective\n", out);
    for (size_t f = 0; (p = function_problem(context, f)) != NULL; f++) {
        const struct objective *objective = p->descent->objective;
        const size_t grid = p->is_quadratic ? COARSE : FINE;
        double low[2], high[2];
        for (size_t i = 0; i < 2; i++) {
            const double start = p->rows > 0 ? p->descent->init[i] : objective->window[2 * i];
            low[i] = fmin(objective->window[2 * i], start);
            high[i] = fmax(objective->window[2 * i + 1], start);
        }
        for (size_t r = 0; r < grid; r++)
            for (size_t c = 0; c < grid; c++) {
                const double x = low[0] + (high[0] - low[0]) * (double)c / (double)(grid - 1);
                const double y = low[1] + (high[1] - low[1]) * (double)r / (double)(grid - 1);
                fprintf(out, "%s,%.9g,%.9g,%.9g\n", p->fn, x, y, objective->value(&p->descent->shape, x, y));
            }
    }
}

static void print_minima(const void *context, FILE *out)
{
    const struct optim_problem *p;
    fputs("fn,x,y,objective\n", out);
    for (size_t f = 0; (p = function_problem(context, f)) != NULL; f++)
        for (size_t m = 0; m < p->descent->objective->minima; m++) {
            fprintf(out, "%s,", p->fn);
            csv_print_real(out, p->descent->objective->minima_at[m][0]);
            fputc(',', out);
            csv_print_real(out, p->descent->objective->minima_at[m][1]);
            fputc(',', out);
            csv_print_real(out, p->descent->objective->minimum);
            fputc('\n', out);
        }
}

const struct experiment_table optim_report_tables[] = {
    {"trajectory.csv", print_trajectory, is_not_rotating},
    {"summary.csv", print_summary, NULL},
    {"phases.csv", print_phases, has_phases},
    {"comparison.csv", print_comparisons, has_comparisons},
    {"claims.csv", print_claims, has_claims},
    {"landscape.csv", print_landscape, is_not_rotating},
    {"minima.csv", print_minima, is_not_rotating},
    {"rotation.csv", print_rotation, is_rotating},
    {NULL, NULL, NULL},
};

/* ---- for a person ---- */

static const char *format_reached(char buffer[32], const struct optim_report *report, const struct optim_problem *p,
                                  size_t t)
{
    if (counted(p, t) >= 0)
        snprintf(buffer, 32, "%lld%s", (long long)p->reached[t], rose_again(p, t) ? "*" : "");
    else
        snprintf(buffer, 32, p->diverged < 0 ? ">%lld" : "never", (long long)report->config->iterations);
    return buffer;
}

/* "120"; "120*" where it went above again later; "120**" where it is not below at the end. */
static void reached_cell(struct table *table, const struct optim_problem *p, size_t t)
{
    if (p->reached[t] < 0)
        table_cell(table, "-");
    else
        table_cell(table, "%lld%s", (long long)p->reached[t], p->settled[t] < 0 ? "**" : rose_again(p, t) ? "*" : "");
}

static void show_problems(const struct optim_report *report, FILE *out)
{
    struct table table;
    bool rose = false, left = false;
    fprintf(out, "Iterations until f - f* is below\n");
    table_begin(&table, 9, "fn", "optimizer", "lr", thresholds[0].name, thresholds[1].name, thresholds[2].name,
                thresholds[3].name, "f at the end", "status");
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        table_cell(&table, "%s", p->fn);
        table_cell(&table, "%s", p->optimizer);
        table_cell(&table, "%g", p->descent->lr);
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            reached_cell(&table, p, t);
            rose |= rose_again(p, t) && p->settled[t] >= 0;
            left |= rose_again(p, t) && p->settled[t] < 0;
        }
        if (p->rows > 0)
            table_cell(&table, "%.4g", final_objective(p));
        else
            table_cell(&table, "-");
        if (p->diverged < 0)
            table_cell(&table, "completed");
        else
            table_cell(&table, "diverged at iteration %lld", (long long)p->diverged);
    }
    table_print(&table, out);
    table_free(&table);
    if (rose)
        fputs("  *  went above it again, and is below at the end (summary.csv: stays_below_from_...)\n", out);
    if (left)
        fputs("  ** went above it again, and is not below at the end: counts as not there in what follows\n", out);
}

/*
 * The problem with the least iterations after those of `before`, or of those equal the next one; NULL if there is none.
 * Only problems that end below the threshold are ranked.
 */
static const struct optim_problem *next_ranked(const struct optim_report *report, size_t t,
                                               const struct optim_problem *before)
{
    const struct optim_problem *best = NULL;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++) {
        const int64_t iterations = counted(p, t);
        const bool behind = iterations >= 0 && (!before || iterations > counted(before, t) ||
                                                (iterations == counted(before, t) && p > before));
        if (behind && (!best || iterations < counted(best, t)))
            best = p;
    }
    return best;
}

/* Broken before a problem that would not end by column 116. */
static void show_ranking(const struct optim_report *report, FILE *out)
{
    enum { INDENT = 8, WIDTH = 116 };
    char text[128], label[96];
    fprintf(out, "\nRanking, fastest first\n");
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const struct optim_problem *before = NULL, *p;
        size_t column = INDENT;
        fprintf(out, "  %-*s", INDENT - 2, thresholds[t].name);
        for (; (p = next_ranked(report, t, before)) != NULL; before = p) {
            const char *relation = !before ? "" : p->reached[t] == before->reached[t] ? " = " : " > ";
            snprintf(text, sizeof text, "%s%s%s", relation, problem_label(label, report, p),
                     rose_again(p, t) ? "*" : "");
            if (column + strlen(text) > WIDTH) {
                fprintf(out, "\n%*s", INDENT - 1, "");
                column = INDENT - 1;
            }
            column += strlen(text);
            fputs(text, out);
        }
        fprintf(out, "%s\n", before ? "" : "none ends below");
    }
    if (has_claims(report))
        fprintf(
            out,
            "  the homework's guess: (momentum f1 = momentum f2) > [(rmsprop f1 > rmsprop f2) = (adam f1 = adam f2)] > "
            "(gd f2 = gd f1)\n");
}

static void show_claims(const struct optim_report *report, FILE *out)
{
    char a[32], b[32], title[64];
    for (size_t l = 0; l < report->config->lrs.count; l++) {
        struct table table;
        title[0] = '\0';
        if (report->config->lrs.count > 1)
            snprintf(title, sizeof title, " (lr %g)", report->config->lrs.values[l]);
        fprintf(out, "\nWhat the homework guessed and found%s, by iterations until f is below\n", title);
        table_begin(&table, 6, "", "claim", thresholds[0].name, thresholds[1].name, thresholds[2].name,
                    thresholds[3].name);
        for (size_t c = 0; c < CLAIMS; c++) {
            if (evaluate(report, &claims[c], report->config->lrs.values[l], 0).verdict == ABSENT)
                continue;
            table_cell(&table, "%s", claims[c].source);
            table_cell(&table, "%s", claims[c].text);
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
                const struct outcome o = evaluate(report, &claims[c], report->config->lrs.values[l], t);
                if (o.verdict == CANNOT_TELL)
                    table_cell(&table, "cannot tell");
                else
                    table_cell(&table, "%s: %s, %s", verdict_names[o.verdict], format_reached(a, report, o.first, t),
                               format_reached(b, report, o.second, t));
            }
        }
        table_print(&table, out);
        table_free(&table);
    }
    fputs("  numbers: the pair of runs that decides; equal: within one iteration or 1 %; cannot tell: neither got "
          "there;\n  there: below at the end, too\n",
          out);
}

static void show_comparisons(const struct optim_report *report, FILE *out)
{
    struct table table;
    struct comparison c;
    const char *finding;
    bool same_start = true;
    fputs("\nThe same on f1 and f2?\n", out);
    table_begin(&table, 6, "optimizer", "lr", "max |f1_k - f2_k|", "curves", "lower", "the homework found");
    for (size_t i = 0; compare_functions(report, i, &c); i++) {
        table_cell(&table, "%s", c.optimizer);
        table_cell(&table, "%g", c.lr);
        table_cell(&table, "%.3g (k = %zu)", c.difference, c.at);
        table_cell(&table, "%s", c.equal ? "equal to rounding" : "different");
        if (!c.ahead)
            table_cell(&table, "neither");
        else if (c.overtaken < 0)
            table_cell(&table, "%s all along", c.ahead);
        else
            table_cell(&table, "first %s, from k = %lld %s", c.ahead, (long long)c.overtaken,
                       c.ahead[1] == '1' ? "f2" : "f1");
        const enum verdict verdict = judge_finding(&c, &finding);
        if (verdict == ABSENT)
            table_cell(&table, "-");
        else
            table_cell(&table, "%s: %s", finding, verdict_names[verdict]);
        same_start &= c.same_start;
    }
    table_print(&table, out);
    table_free(&table);
    fputs(same_start
              ? "  f2 is f1 turned by 45 degrees. A step along the gradient turns with it (gd, momentum); RMSProp and "
                "Adam "
                "scale x and y\n  each by itself: on f1 these are the steep and the flat direction, on f2 both are "
                "mixed in "
                "each.\n"
              : "  This start is not the same point of f1 and f2 (f2 is f1 turned by 45 degrees): differences are the "
                "start's, too.\n",
          out);
}

/* "0.998" or "0.9735, 0.9245", or a complex pair "0.949 e^(+-0.11 i)". */
static const char *format_rates(char buffer[64], const struct rates *rates)
{
    if (isnan(rates->modulus[0]))
        strcpy(buffer, "-");
    else if (isnan(rates->modulus[1]))
        snprintf(buffer, 64, "%s%.6g", rates->angle > 3 ? "-" : "", rates->modulus[0]);
    else if (rates->angle > 0 && rates->angle < 3.14159265)
        snprintf(buffer, 64, "%.6g e^(+-%.3gi)", rates->modulus[0], rates->angle);
    else
        snprintf(buffer, 64, "%s%.6g, %s%.6g", rates->angle > 3 ? "-" : "", rates->modulus[0],
                 rates->angle > 3 ? "-" : "", rates->modulus[1]);
    return buffer;
}

static void show_phases(const struct optim_report *report, FILE *out)
{
    struct table table;
    struct phase phases[2];
    char rates[2][64];
    fprintf(out, "\nPhases: the first until %g %% of the steep direction's part of f is left\n", 100 * PHASE_SHARE);
    table_begin(&table, 8, "fn", "optimizer", "lr", "ends at", "d ln f/dk, first", "second",
                "rate of the steep direction", "of the flat one");
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (!p->is_quadratic)
            continue;
        const bool both = find_phases(p, phases);
        table_cell(&table, "%s", p->fn);
        table_cell(&table, "%s", p->optimizer);
        table_cell(&table, "%g", p->descent->lr);
        table_cell(&table, both ? "%zu" : "-", phases[0].last);
        for (size_t n = 0; n < 2; n++)
            table_cell(&table, isnan(phases[n].slope) ? "-" : "%.4g", phases[n].slope);
        for (size_t n = 0; n < 2; n++)
            table_cell(&table, "%s", phases[n].measured ? format_rates(rates[n], &phases[n].measure) : "-");
    }
    table_print(&table, out);
    table_free(&table);
    if (!isnan(rate_error(report)))
        fprintf(
            out,
            "  rates: factor a step, fitted to the run; they differ from those the Hessian predicts by at most %.1e\n",
            rate_error(report));
}

static void show_rotation(const struct optim_report *report, FILE *out)
{
    const size_t pairs = report->config->optimizers.count * report->config->lrs.count;
    struct table table;
    fprintf(out, "Iterations until f is below, where it also ends below, over %zu angles from %g to %g degrees\n",
            report->count / pairs, report->problems[0].quadratic.angle,
            report->problems[report->count - 1].quadratic.angle);
    table_begin(&table, 8, "optimizer", "lr", thresholds[0].name, thresholds[1].name, thresholds[2].name,
                thresholds[3].name, "max |f_k - f_k at the first|", "depends on the angle");
    for (size_t pair = 0; pair < pairs; pair++) {
        const struct turning turning = find_turning(report, pair);
        table_cell(&table, "%s", turning.optimizer);
        table_cell(&table, "%g", turning.lr);
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            const int64_t low = turning.reached[t].low, high = turning.reached[t].high;
            const size_t missed = turning.reached[t].missed;
            char not_all[48] = "";
            if (missed > 0)
                snprintf(not_all, sizeof not_all, " (%zu not)", missed);
            if (low < 0)
                table_cell(&table, "-");
            else if (low == high)
                table_cell(&table, "%lld%s", (long long)low, not_all);
            else
                table_cell(&table, "%lld..%lld%s", (long long)low, (long long)high, not_all);
        }
        table_cell(&table, "%.3g", turning.difference);
        table_cell(&table, "%s", turning.depends ? "yes" : "no, equal to rounding");
    }
    table_print(&table, out);
    table_free(&table);
    if (!isnan(rate_error(report)))
        fprintf(out,
                "  rates fitted to the gd and momentum runs differ from those the Hessian predicts by at most %.1e\n",
                rate_error(report));
}

void optim_report_print(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    if (report->rotating) {
        show_rotation(report, out);
        return;
    }
    show_problems(report, out);
    if (report->count > 1)
        show_ranking(report, out);
    if (has_claims(report))
        show_claims(report, out);
    if (has_comparisons(report))
        show_comparisons(report, out);
    if (has_phases(report))
        show_phases(report, out);
}

/* ---- for a program ---- */

/* -1 is null. */
static void add_count(cJSON *object, const char *name, int64_t value)
{
    json_add_number(object, name, value < 0 ? (double)NAN : (double)value);
}

static void add_key(cJSON *entry, const struct optim_problem *p)
{
    json_add_string(entry, "fn", p->fn);
    if (p->is_quadratic)
        json_add_number(entry, "angle", p->quadratic.angle);
    json_add_string(entry, "optimizer", p->optimizer);
    json_add_number(entry, "lr", p->descent->lr);
}

static void add_rates(cJSON *entry, const char *name, bool known, const struct rates *rates)
{
    if (!known)
        return;
    cJSON *object = json_add_object(entry, name);
    json_add_number(object, "rate_1", rates->modulus[0]);
    json_add_number(object, "rate_2", rates->modulus[1]);
    json_add_number(object, "angle", rates->angle);
}

static void add_phases(cJSON *array, const struct optim_problem *p)
{
    struct phase phases[2];
    const bool both = find_phases(p, phases);
    for (size_t n = 0; n < 2; n++) {
        cJSON *entry = json_append(array, cJSON_CreateObject());
        add_key(entry, p);
        json_add_number(entry, "phase", (double)n + 1);
        json_add_string(entry, "direction", n ? "flat" : "steep");
        json_add_number(entry, "curvature", phases[n].curvature);
        add_count(entry, "first_iteration", n == 0 || both ? (int64_t)phases[n].first : -1);
        add_count(entry, "last_iteration", n == 0 || both ? (int64_t)phases[n].last : -1);
        json_add_number(entry, "log_slope", phases[n].slope);
        add_rates(entry, "measured", phases[n].measured, &phases[n].measure);
        add_rates(entry, "predicted", phases[n].predicted, &phases[n].prediction);
    }
}

static void add_claims(cJSON *root, const struct optim_report *report)
{
    cJSON *array = json_add_array(root, "claims");
    for (size_t l = 0; l < report->config->lrs.count; l++)
        for (size_t c = 0; c < CLAIMS; c++)
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
                const struct outcome o = evaluate(report, &claims[c], report->config->lrs.values[l], t);
                if (o.verdict == ABSENT)
                    continue;
                cJSON *entry = json_append(array, cJSON_CreateObject()), *runs;
                json_add_string(entry, "source", claims[c].source);
                json_add_string(entry, "claim", claims[c].text);
                json_add_number(entry, "lr", report->config->lrs.values[l]);
                json_add_number(entry, "threshold", thresholds[t].value);
                json_add_string(entry, "verdict", verdict_names[o.verdict]);
                runs = json_add_array(entry, "decided_by");
                for (size_t i = 0; i < 2; i++) {
                    const struct optim_problem *p = i ? o.second : o.first;
                    cJSON *run = json_append(runs, cJSON_CreateObject());
                    add_key(run, p);
                    add_count(run, "iterations", counted(p, t));
                }
            }
}

static void add_turnings(cJSON *root, const struct optim_report *report)
{
    cJSON *array = json_add_array(root, "rotation");
    for (size_t pair = 0; pair < report->config->optimizers.count * report->config->lrs.count; pair++) {
        const struct turning turning = find_turning(report, pair);
        cJSON *entry = json_append(array, cJSON_CreateObject()), *reached;
        json_add_string(entry, "optimizer", turning.optimizer);
        json_add_number(entry, "lr", turning.lr);
        json_add_number(entry, "max_difference", turning.difference);
        json_add_bool(entry, "depends_on_angle", turning.depends);
        reached = json_add_array(entry, "iterations");
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            cJSON *range = json_append(reached, cJSON_CreateObject());
            json_add_number(range, "threshold", thresholds[t].value);
            add_count(range, "least", turning.reached[t].low);
            add_count(range, "most", turning.reached[t].high);
            add_count(range, "angles_not_there", (int64_t)turning.reached[t].missed);
        }
    }
}

struct cJSON *optim_report_json(const void *context)
{
    const struct optim_report *report = context;
    struct comparison c;
    const char *finding;
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "experiment", "optim");
    cJSON *results = json_add_array(root, "results"), *phases = json_add_array(root, "phases");
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        cJSON *entry = json_append(results, cJSON_CreateObject()), *reached;
        add_key(entry, p);
        json_add_string(entry, "status", p->diverged < 0 ? "completed" : "diverged");
        if (p->diverged >= 0)
            add_count(entry, "diverged_iteration", p->diverged);
        json_add_number(entry, "final_objective", final_objective(p));
        reached = json_add_object(entry, "iterations_to");
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
            add_count(reached, thresholds[t].name, p->reached[t]);
        reached = json_add_object(entry, "stays_below_from");
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
            add_count(reached, thresholds[t].name, p->settled[t]);
        json_add_number(entry, "initial_log_slope", tenth_slope(p, false));
        json_add_number(entry, "final_log_slope", tenth_slope(p, true));
        if (p->is_quadratic)
            add_phases(phases, p);
    }
    if (report->rotating) {
        add_turnings(root, report);
        return root;
    }
    add_claims(root, report);
    cJSON *comparisons = json_add_array(root, "comparison");
    for (size_t i = 0; compare_functions(report, i, &c); i++) {
        cJSON *entry = json_append(comparisons, cJSON_CreateObject());
        json_add_string(entry, "optimizer", c.optimizer);
        json_add_number(entry, "lr", c.lr);
        json_add_bool(entry, "same_start", c.same_start);
        json_add_number(entry, "max_difference", c.difference);
        add_count(entry, "at_iteration", (int64_t)c.at);
        json_add_bool(entry, "equal", c.equal);
        json_add(entry, "ahead_first", c.ahead ? cJSON_CreateString(c.ahead) : cJSON_CreateNull());
        add_count(entry, "overtaken_at", c.overtaken);
        const enum verdict verdict = judge_finding(&c, &finding);
        if (verdict != ABSENT) {
            json_add_string(entry, "finding", finding);
            json_add_string(entry, "verdict", verdict_names[verdict]);
        }
    }
    return root;
}
