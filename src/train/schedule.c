/* The learning rate of each epoch, in PyTorch's order of operations. */
#include "dlexp/train/schedule.h"

#include <string.h>

#include "dlexp/base/cosine.h"

static double next_constant(const struct schedule *schedule, double lr, size_t t, size_t epochs)
{
    (void)schedule, (void)t, (void)epochs;
    return lr;
}

/* torch.optim.lr_scheduler.StepLR. */
static double next_step(const struct schedule *schedule, double lr, size_t t, size_t epochs)
{
    (void)epochs;
    return t % schedule->step_size == 0 ? lr * schedule->gamma : lr;
}

/* torch.optim.lr_scheduler.CosineAnnealingLR, T_max the epochs (Loshchilov & Hutter 2017, arXiv:1608.03983). */
static double next_cosine(const struct schedule *schedule, double lr, size_t t, size_t epochs)
{
    const double all = (double)epochs, min = schedule->lr_min;
    return (1 + cosine(COSINE_PI * (double)t / all)) / (1 + cosine(COSINE_PI * (double)(t - 1) / all)) * (lr - min) +
           min;
}

static const struct {
    const char *name;
    double (*next)(const struct schedule *schedule, double lr, size_t t, size_t epochs);
    bool by_epochs;      /* `next` looks at `epochs` */
    const char *uses[2]; /* options, those of its constants */
} schedules[] = {
    [SCHEDULE_CONSTANT] = {"constant", next_constant, false, {NULL}},
    {"step", next_step, false, {"step-size", "gamma"}},
    {"cosine", next_cosine, true, {"lr-min"}},
};

bool schedule_name(size_t index, const char **name)
{
    if (index >= sizeof schedules / sizeof *schedules)
        return false;
    *name = schedules[index].name;
    return true;
}

static bool uses(size_t type, const char *option)
{
    bool found = false;
    for (size_t i = 0; i < sizeof schedules->uses / sizeof *schedules->uses; i++)
        found |= schedules[type].uses[i] && strcmp(schedules[type].uses[i], option) == 0;
    return found;
}

bool schedule_applies(const void *type, const struct option *row)
{
    return uses(*(const size_t *)type, row->name);
}

bool schedule_by_epochs(const struct schedule *schedule)
{
    return schedules[schedule->type].by_epochs;
}

int schedule_check(const struct schedule *schedule, struct error *err)
{
    if (!uses(schedule->type, "step-size") || schedule->step_size > 0)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--schedule %s: expected --step-size N, the epochs until the rate changes, got none",
                     schedules[schedule->type].name);
}

double schedule_next(const struct schedule *schedule, double lr, size_t t, size_t epochs)
{
    return schedules[schedule->type].next(schedule, lr, t, epochs);
}
