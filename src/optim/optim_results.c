/* What dlexp optim reads off its records. */
#include "optim_results.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/setting.h"

const struct descent_config *optim_descent(const struct run *run)
{
    return &((const struct optim_config *)run->config)->descent;
}

static bool is_same_function(const struct descent_config *a, const struct descent_config *b)
{
    return a->objective == b->objective && a->init[0] == b->init[0] && a->init[1] == b->init[1] &&
           (!a->objective->shaped || (a->shape.eigen[0] == b->shape.eigen[0] &&
                                      a->shape.eigen[1] == b->shape.eigen[1] && a->shape.angle == b->shape.angle));
}

/* p is the last so far; most runs are on the function of the run before. */
static void set_function(struct optim_results *results, struct optim_problem *p)
{
    if (p > results->problems && is_same_function(p[-1].descent, p->descent)) {
        p->function = p[-1].function;
        return;
    }
    while (p->function < results->function_count &&
           !is_same_function(results->problems[results->functions[p->function]].descent, p->descent))
        p->function++;
    if (p->function == results->function_count)
        results->functions[results->function_count++] = (size_t)(p - results->problems);
}

/* By theory, of both directions; nan where there is none. */
static double largest_modulus(const struct optim_problem *p)
{
    double largest = (double)NAN;
    struct rates rates;
    for (size_t i = 0; i < 2 && p->is_quadratic; i++)
        if (descent_predict(&rates, p->descent, 2 * p->quadratic.eigen[i]))
            largest = fmax(largest, rates.modulus[0]);
    return largest;
}

/* What is read off a trajectory. */
static void read_trajectory(struct optim_problem *p)
{
    const double minimum = p->descent->objective->minimum;
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        p->passages[t] = descent_passage(p->cells, p->rows, minimum, optim_thresholds[t].value);
        if (p->diverged >= 0)
            p->passages[t].settled = -1;
    }
    p->is_quadratic = objective_quadratic(p->descent->objective, &p->descent->shape, &p->quadratic);
    p->ending = ending_of(p->cells, p->rows, minimum, p->diverged >= 0, largest_modulus(p));
}

static int make_problem(struct optim_problem *p, const struct run *run, struct error *err)
{
    const struct record_table *table = record_table_find(&run->record, "trajectory");
    const char *diverged = record_get(&run->record, "diverged_iteration");
    if (!table || table->columns != DESCENT_COLUMNS || !record_get(&run->record, "status"))
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    *p = (struct optim_problem){
        .run = run, .descent = optim_descent(run), .cells = table->cells, .rows = table->rows, .diverged = -1};
    p->fn = p->descent->objective->name;
    p->optimizer = optim_problem_optimizer(p->descent->optimizer);
    if (diverged)
        p->diverged = strtoll(diverged, NULL, 10);
    read_trajectory(p);
    return 0;
}

int optim_results_make(struct optim_results *results, const struct plan *plan, struct error *err)
{
    results->problems = calloc(plan->count, sizeof *results->problems);
    results->functions = calloc(plan->count, sizeof *results->functions);
    if (!results->problems || !results->functions)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < plan->count; i++) {
        struct optim_problem *p = &results->problems[results->count++];
        if (make_problem(p, &plan->runs[i], err) < 0)
            return -1;
        set_function(results, p);
    }
    return 0;
}

void optim_results_free(struct optim_results *results)
{
    free(results->problems);
    free(results->functions);
    free(results->twices);
    results->problems = NULL;
    results->functions = NULL;
    results->twices = NULL;
    results->count = 0;
}

const struct optim_problem *optim_results_find(const struct optim_results *results, const char *fn,
                                               const struct optim_problem *like)
{
    for (const struct optim_problem *p = results->problems; p < results->problems + results->count; p++)
        if (strcmp(p->fn, fn) == 0 && p->run->block == like->run->block &&
            p->descent->optimizer == like->descent->optimizer && p->descent->lr == like->descent->lr)
            return p;
    return NULL;
}

const struct optim_problem *optim_results_function(const struct optim_results *results, size_t index)
{
    return index < results->function_count ? &results->problems[results->functions[index]] : NULL;
}

static bool has_optimizer(const struct optim_results *results, size_t optimizer)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->problems[i].descent->optimizer == optimizer)
            return true;
    return false;
}

size_t optim_results_optimizers(char text[OPTIM_OPTIMIZERS_SIZE], const struct optim_results *results, bool turning)
{
    const struct optimizer *optimizer;
    const char *last = NULL; /* is written when it is known whether another one follows */
    size_t count = 0, used = 0;
    text[0] = '\0';
    for (size_t i = 0; (optimizer = optimizer_row(i)) != NULL; i++) {
        if ((optimizer->recurrence != NULL) != turning || !has_optimizer(results, i))
            continue;
        if (last)
            used += (size_t)snprintf(text + used, OPTIM_OPTIMIZERS_SIZE - used, "%s%s", count > 1 ? ", " : "", last);
        assert(used < OPTIM_OPTIMIZERS_SIZE);
        last = optim_problem_optimizer(i);
        count++;
    }
    if (last)
        snprintf(text + used, OPTIM_OPTIMIZERS_SIZE - used, "%s%s", count > 1 ? " and " : "", last);
    return count;
}

/* Whether runs on the same function differ in the setting. */
static bool tells_apart(const struct optim_results *results, const struct optim_problem *p, const struct option *row)
{
    char here[SETTING_TEXT_SIZE], there[SETTING_TEXT_SIZE];
    if (!setting_applies(row, p->run->config))
        return false;
    setting_format(here, row, p->run->config, false);
    for (const struct optim_problem *other = results->problems; other < results->problems + results->count; other++)
        if (other->function == p->function && setting_applies(row, other->run->config) &&
            strcmp(here, setting_format(there, row, other->run->config, false)) != 0)
            return true;
    return false;
}

const char *optim_results_label(char buffer[OPTIM_LABEL_SIZE], const struct optim_results *results,
                                const struct optim_problem *p)
{
    char part[SETTING_TEXT_SIZE];
    const struct option *row;
    size_t used = (size_t)snprintf(buffer, OPTIM_LABEL_SIZE, "%s", p->optimizer);
    if (grid_axis(&results->grid, "lr")->count > 1)
        used += (size_t)snprintf(buffer + used, OPTIM_LABEL_SIZE - used, " lr %s",
                                 number_format_real(part, p->descent->lr));
    for (size_t i = 0; (row = grid_varied(&results->grid, i)) != NULL && used < OPTIM_LABEL_SIZE; i++)
        if (!(row->flags & OPTION_KEY) && tells_apart(results, p, row))
            used += (size_t)snprintf(buffer + used, OPTIM_LABEL_SIZE - used, " %s",
                                     setting_label(part, row, p->run->config));
    return buffer;
}
