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

const char *optim_problem_title(const struct optim_problem *p)
{
    const struct optimizer *optimizer = optimizer_row(p->descent->optimizer);
    return optimizer->alias ? "GD" : optimizer->title;
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

struct optim_curves optim_problem_compare(const struct optim_problem *a, const struct optim_problem *b)
{
    struct optim_curves curves = optim_curves_begin(a->descent);
    for (size_t k = 0; k < a->rows && k < b->rows; k++)
        optim_curves_add(&curves, optim_problem_objective(a, k), optim_problem_objective(b, k));
    return curves;
}

void optim_problem_fill_key(struct frame *frame, const struct optim_problem *p)
{
    frame_text(frame, p->fn);
    frame_real(frame, p->is_quadratic ? p->quadratic.angle : (double)NAN);
    frame_text(frame, p->optimizer);
    frame_real(frame, p->descent->lr);
}

void optim_problem_fill_passages(struct frame *frame, const struct optim_problem *p, enum optim_passing what)
{
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const struct descent_passage *passage = &p->passages[t];
        optim_problem_fill_count(frame, what == OPTIM_ITERATIONS_TO      ? passage->reached
                                        : what == OPTIM_STAYS_BELOW_FROM ? passage->settled
                                                                         : passage->crossings);
    }
}

const char *optim_problem_touch(char text[OPTIM_TOUCH_SIZE], const struct descent_passage *passage)
{
    text[0] = '\0';
    if (passage->reached >= 0 && passage->reached != passage->settled)
        snprintf(text, OPTIM_TOUCH_SIZE, "%s(%lld)", passage->settled < 0 ? "" : " ", (long long)passage->reached);
    return text;
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
