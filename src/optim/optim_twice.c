/* optim_twice.c - see optim_twice.h. */
#include "optim_twice.h"

#include <stdlib.h>
#include <string.h>

/* A descent on its way to twice its iterations. */
struct walk {
    struct optim_twice *twice;
    struct descent descent;
    bool finite;
};

/* At the end of the run, of which everything is known but the optimizer's memory; that takes all its steps again. */
static struct walk walk_begin(const struct optim_problem *p)
{
    struct walk walk = {.twice = p->twice, .finite = p->diverged < 0};
    walk.twice->iterations = 2 * (int64_t)p->descent->iterations;
    memcpy(walk.twice->passages, p->passages, sizeof p->passages);
    descent_begin(&walk.descent, p->descent);
    for (size_t k = 0; walk.finite && k < p->descent->iterations; k++)
        descent_step(&walk.descent);
    return walk;
}

/* To the next iteration, and what that adds. */
static void walk_on(struct walk *walk)
{
    if (!walk->finite)
        return;
    descent_step(&walk->descent);
    walk->finite = descent_is_finite(&walk->descent);
    const double e = walk->descent.objective - walk->descent.config->objective->minimum;
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
        if (walk->finite)
            descent_pass(&walk->twice->passages[t], walk->descent.iteration, e < optim_thresholds[t].value);
        else
            walk->twice->passages[t].settled = -1;
}

/* A run, and beside it, or NULL, the one on f2 that is the same as this one on f1. */
static void look(const struct optim_problem *first, const struct optim_problem *second)
{
    struct walk a = walk_begin(first), b = {.finite = false};
    if (second) {
        b = walk_begin(second);
        a.twice->curves = a.twice->curves_before = optim_problem_compare(first, second);
    }
    for (size_t k = 0; k < first->descent->iterations && (a.finite || b.finite); k++) {
        walk_on(&a);
        walk_on(&b);
        if (a.finite && b.finite)
            optim_curves_add(&a.twice->curves, a.descent.objective, b.descent.objective);
    }
}

int optim_twice_make(struct optim_results *results, struct error *err)
{
    size_t used = 0;
    for (size_t i = 0; i < results->count; i++)
        used += optim_problem_is_homework(&results->problems[i]);
    if (used == 0 || results->rotating)
        return 0;
    results->twices = calloc(used, sizeof *results->twices);
    if (!results->twices)
        return error_out_of_memory(err, "the verdicts at twice the iterations");
    for (size_t i = 0; i < results->count; i++)
        if (optim_problem_is_homework(&results->problems[i]))
            results->problems[i].twice = &results->twices[--used];
    for (const struct optim_problem *p = results->problems; p < results->problems + results->count; p++) {
        const bool on_f1 = strcmp(p->fn, "f1") == 0;
        const struct optim_problem *other = optim_results_find(results, on_f1 ? "f2" : "f1", p);
        const bool pair = other && other->twice;
        if (p->twice && (on_f1 || !pair))
            look(p, pair ? other : NULL);
    }
    return 0;
}
