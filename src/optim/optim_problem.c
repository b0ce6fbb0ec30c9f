#include "optim_problem.h"

#include <math.h>
#include <string.h>

#include "dlexp/formats/json.h"
#include "dlexp/kernels/optimizer.h"

#define THRESHOLD(prefix, threshold)                                                                                   \
    {                                                                                                                  \
        prefix #threshold, threshold                                                                                   \
    }

const struct optim_threshold optim_thresholds[OPTIM_THRESHOLDS] = {OPTIM_EACH_THRESHOLD(THRESHOLD, "")};

const char *optim_problem_optimizer(size_t row)
{
    const struct optimizer *optimizer = optimizer_row(row);
    return optimizer->alias ? optimizer->alias : optimizer->name;
}

int64_t optim_problem_counted(const struct optim_problem *p, size_t t)
{
    return p->settled[t] < 0 ? -1 : p->reached[t];
}

bool optim_problem_rose_again(const struct optim_problem *p, size_t t)
{
    return p->reached[t] >= 0 && p->settled[t] != p->reached[t];
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

bool optim_problem_is_homework(const struct optim_problem *p)
{
    static const char *const fns[] = {"f1", "f2", NULL};
    static const char *const optimizers[] = {"gd", "momentum", "rmsprop", "adam", NULL};
    const struct descent_config *descent = p->descent;
    const struct optimizer *optimizer = optimizer_row(descent->optimizer);
    const struct hyperparameter *constant;
    double start[2];
    objective_start(descent->objective, &descent->shape, start);
    for (size_t i = 0; (constant = hyperparameter_row(i)) != NULL; i++)
        if ((optimizer->uses & 1u << i) && hyperparameter_value(&descent->hyper, i) != constant->initial)
            return false;
    return is_one_of(p->fn, fns) && is_one_of(p->optimizer, optimizers) && descent->lr == OPTIM_HOMEWORK_LR &&
           descent->init[0] == start[0] && descent->init[1] == start[1] &&
           descent->iterations >= OPTIM_HOMEWORK_ITERATIONS;
}

double optim_problem_objective(const struct optim_problem *p, size_t k)
{
    return p->cells[k * DESCENT_COLUMNS + DESCENT_OBJECTIVE];
}

double optim_problem_final(const struct optim_problem *p)
{
    return p->rows > 0 ? optim_problem_objective(p, p->rows - 1) : (double)NAN;
}

/* Momentum repeats what an iteration's rounding adds, mu^n as much after n more: 1 / (1 - mu) in all. */
static double momentum_of(const struct descent_config *descent)
{
    double r[2] = {0};
    const struct optimizer *optimizer = optimizer_row(descent->optimizer);
    if (optimizer->recurrence)
        optimizer->recurrence(r, descent->lr, &descent->hyper, 0);
    return -r[1];
}

struct optim_curves optim_problem_compare(const struct optim_problem *a, const struct optim_problem *b)
{
    struct optim_curves curves = {.rows = a->rows < b->rows ? a->rows : b->rows, .lower = -1, .overtaken = -1};
    const double step = OPTIM_ROUNDING_STEP / fmax(1 - momentum_of(a->descent), OPTIM_ROUNDING_STEP);
    double largest = 0;
    for (size_t k = 0; k < curves.rows; k++) {
        const double f = optim_problem_objective(a, k), g = optim_problem_objective(b, k), difference = fabs(f - g);
        largest = fmax(largest, fmax(fabs(f), fabs(g)));
        if (difference > curves.difference) {
            curves.difference = difference;
            curves.at = k;
        }
        if (difference > 0)
            curves.share = fmax(curves.share, difference / largest);
        if (difference <= (OPTIM_ROUNDING + step * (double)k) * largest)
            continue;
        const int lower = f < g ? 0 : 1;
        if (curves.lower < 0)
            curves.lower = lower;
        else if (curves.overtaken < 0 && lower != curves.lower)
            curves.overtaken = (int64_t)k;
    }
    return curves;
}

void optim_problem_fill_key(struct frame *frame, const struct optim_problem *p)
{
    frame_text(frame, p->fn);
    frame_real(frame, p->is_quadratic ? p->quadratic.angle : (double)NAN);
    frame_text(frame, p->optimizer);
    frame_real(frame, p->descent->lr);
}

void optim_problem_fill_iterations(struct frame *frame, const int64_t iterations[OPTIM_THRESHOLDS])
{
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
        optim_problem_fill_count(frame, iterations[t]);
}

void optim_problem_fill_count(struct frame *frame, int64_t value)
{
    if (value < 0)
        frame_none(frame);
    else
        frame_integer(frame, value);
}

void optim_problem_add_count(cJSON *object, const char *name, int64_t value)
{
    json_add_number(object, name, value < 0 ? (double)NAN : (double)value);
}

void optim_problem_add_key(cJSON *entry, const struct optim_problem *p)
{
    json_add_string(entry, "fn", p->fn);
    if (p->is_quadratic)
        json_add_number(entry, "angle", p->quadratic.angle);
    json_add_string(entry, "optimizer", p->optimizer);
    json_add_number(entry, "lr", p->descent->lr);
}
