/* What dlexp optim reads off its records. */
#include "optim_results.h"

#include <stdlib.h>
#include <string.h>

int optim_results_make(struct optim_results *results, const struct plan *plan, struct error *err)
{
    results->problems = calloc(plan->count, sizeof *results->problems);
    if (!results->problems)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < plan->count; i++) {
        const struct record *record = &plan->runs[i].record;
        const struct record_table *table = record_table_find(record, "trajectory");
        struct optim_problem *p = &results->problems[results->count++];
        const char *diverged = record_get(record, "diverged_iteration");
        if (!table || table->columns != DESCENT_COLUMNS || !record_get(record, "status"))
            return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again",
                             plan->runs[i].id);
        *p = (struct optim_problem){
            .descent = &results->descents[i], .cells = table->cells, .rows = table->rows, .diverged = -1};
        p->fn = p->descent->objective->name;
        p->optimizer = optim_problem_optimizer(p->descent->optimizer);
        if (diverged)
            p->diverged = strtoll(diverged, NULL, 10);
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            const double minimum = p->descent->objective->minimum;
            p->reached[t] = descent_reach(p->cells, p->rows, minimum, optim_thresholds[t].value);
            p->settled[t] =
                p->diverged < 0 ? descent_settle(p->cells, p->rows, minimum, optim_thresholds[t].value) : (int64_t)-1;
        }
        p->is_quadratic = objective_quadratic(p->descent->objective, &p->descent->shape, &p->quadratic);
    }
    return 0;
}

void optim_results_free(struct optim_results *results)
{
    free(results->problems);
    results->problems = NULL;
    results->count = 0;
}

const struct optim_problem *optim_results_find(const struct optim_results *results, const char *fn,
                                               const char *optimizer, double lr)
{
    for (size_t i = 0; i < results->count; i++) {
        const struct optim_problem *p = &results->problems[i];
        if (strcmp(p->fn, fn) == 0 && strcmp(p->optimizer, optimizer) == 0 && p->descent->lr == lr)
            return p;
    }
    return NULL;
}
