/*
 * optim_problem.h - one run of `dlexp optim`: what its report counts, and how that stands in every table and JSON.
 */
#ifndef DLEXP_OPTIM_PROBLEM_H
#define DLEXP_OPTIM_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/formats/frame.h"
#include "dlexp/optim/descent.h"
#include "dlexp/optim/ending.h"
#include "optim_curves.h"

struct cJSON;

/* each(prefix, threshold) for all of them: names and values are written once. */
#define OPTIM_EACH_THRESHOLD(each, prefix)                                                                             \
    each(prefix, 1e-1), each(prefix, 1e-2), each(prefix, 1e-3), each(prefix, 1e-6)
enum { OPTIM_THRESHOLDS = 4 };

extern const struct optim_threshold {
    const char *name;
    double value;
} optim_thresholds[OPTIM_THRESHOLDS];

struct run;
struct optim_twice;

struct optim_problem {
    const struct run *run;
    const struct descent_config *descent;
    size_t function; /* 0, 1, ...: the same for runs on the same function, of one shape, from one start */
    const char *fn, *optimizer;
    const double *cells; /* trajectory, as in descent.h */
    size_t rows;
    int64_t diverged; /* iteration, or -1 */
    /* Runs are ranked and judged by `settled`, of a diverged one -1. */
    struct descent_passage passages[OPTIM_THRESHOLDS];
    struct ending ending;
    struct optim_twice *twice; /* of one of the homework's runs (optim_twice.h); else NULL */
    bool is_quadratic;
    struct quadratic quadratic;
};

/* optim_problem_optimizer - what the rule is called here: gd for sgd. */
const char *optim_problem_optimizer(size_t row);

/* optim_problem_title - the same in a sentence: "GD", "RMSProp". */
struct optim_problem;
const char *optim_problem_title(const struct optim_problem *p);

/* optim_problem_is_homework - it is one of the homework's eight runs: f1 or f2 from its own start at OPTIM_HOMEWORK_LR,
 * the optimizer's constants at their defaults, and OPTIM_HOMEWORK_ITERATIONS or more. */
#define OPTIM_HOMEWORK_LR 1e-3
enum { OPTIM_HOMEWORK_ITERATIONS = 2000, OPTIM_HOMEWORK_RUNS = 8 };
bool optim_problem_is_homework(const struct optim_problem *p);

/* optim_problem_objective - after k iterations; optim_problem_final - at the end, nan if there is none. */
double optim_problem_objective(const struct optim_problem *p, size_t k);
double optim_problem_final(const struct optim_problem *p);

/* optim_problem_compare - a is run 0, b run 1. */
struct optim_curves optim_problem_compare(const struct optim_problem *a, const struct optim_problem *b);

/* optim_problem_fill_key - fn, angle, optimizer, lr (OPTIM_PROBLEM_KEYS of a table); no angle where the function is not
 * a quadratic. */
void optim_problem_fill_key(struct frame *frame, const struct optim_problem *p);

/* OPTIM_ITERATIONS_COLUMNS - one per threshold, named after it; the shown ones have it for a heading. */
#define OPTIM_ITERATIONS_COLUMN(object, threshold)                                                                     \
    {                                                                                                                  \
        .of = object, .name = #threshold, .type = FRAME_INTEGER                                                        \
    }
#define OPTIM_SHOWN_COLUMN(object, threshold)                                                                          \
    {                                                                                                                  \
        .of = object, .name = #threshold, .type = FRAME_INTEGER, .title = #threshold                                   \
    }
#define OPTIM_ITERATIONS_COLUMNS(object) OPTIM_EACH_THRESHOLD(OPTIM_ITERATIONS_COLUMN, object)
#define OPTIM_SHOWN_COLUMNS(object) OPTIM_EACH_THRESHOLD(OPTIM_SHOWN_COLUMN, object)

/* Its columns are OPTIM_ITERATIONS_COLUMNS of one of these objects. */
enum optim_passing { OPTIM_ITERATIONS_TO, OPTIM_STAYS_BELOW_FROM, OPTIM_CROSSINGS_OF };
void optim_problem_fill_passages(struct frame *frame, const struct optim_problem *p, enum optim_passing what);

/* optim_problem_touch - " (120)", the first touch, where that is not the iteration from which on it stays below;
 * "(120)" where it does not stay below; else "". */
enum { OPTIM_TOUCH_SIZE = 32 };
const char *optim_problem_touch(char text[OPTIM_TOUCH_SIZE], const struct descent_passage *passage);

/* optim_problem_fill_count - one cell; -1 is none. */
void optim_problem_fill_count(struct frame *frame, int64_t value);

/* optim_problem_add_key - the members of the key; optim_problem_add_count - one member, -1 is null. */
void optim_problem_add_key(struct cJSON *entry, const struct optim_problem *p);
void optim_problem_add_count(struct cJSON *object, const char *name, int64_t value);

#endif
