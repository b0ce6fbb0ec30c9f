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
    const char *uses[2]; /* options, those of its constants */
} schedules[] = {
    [SCHEDULE_CONSTANT] = {"constant", next_constant, {NULL}},
    {"step", next_step, {"step-size", "gamma"}},
    {"cosine", next_cosine, {"lr-min"}},
};

bool schedule_name(size_t index, const char **name)
{
    if (index >= sizeof schedules / sizeof *schedules)
        return false;
    *name = schedules[index].name;
    return true;
}

bool schedule_uses(size_t type, const char *option)
{
    bool uses = false;
    for (size_t i = 0; i < sizeof schedules->uses / sizeof *schedules->uses; i++)
        uses |= schedules[type].uses[i] && strcmp(schedules[type].uses[i], option) == 0;
    return uses;
}

double schedule_next(const struct schedule *schedule, double lr, size_t t, size_t epochs)
{
    return schedules[schedule->type].next(schedule, lr, t, epochs);
}
