/* The learning rate of each epoch, in PyTorch's order of operations. */
#include "dlexp/train/schedule.h"

#include "dlexp/base/cosine.h"

static double next_constant(const struct schedule *schedule, double lr, size_t t)
{
    (void)schedule, (void)t;
    return lr;
}

/* torch.optim.lr_scheduler.StepLR. */
static double next_step(const struct schedule *schedule, double lr, size_t t)
{
    return t % schedule->step_size == 0 ? lr * schedule->gamma : lr;
}

/* torch.optim.lr_scheduler.CosineAnnealingLR, T_max the epochs (Loshchilov & Hutter 2017, arXiv:1608.03983). */
static double next_cosine(const struct schedule *schedule, double lr, size_t t)
{
    const double epochs = (double)schedule->epochs;
    return (1 + cosine(COSINE_PI * (double)t / epochs)) / (1 + cosine(COSINE_PI * (double)(t - 1) / epochs)) *
               (lr - schedule->lr_min) +
           schedule->lr_min;
}

static const struct {
    const char *name;
    double (*next)(const struct schedule *schedule, double lr, size_t t);
} schedules[] = {{"constant", next_constant}, {"step", next_step}, {"cosine", next_cosine}};

bool schedule_name(size_t index, const char **name)
{
    if (index >= sizeof schedules / sizeof *schedules)
        return false;
    *name = schedules[index].name;
    return true;
}

double schedule_next(const struct schedule *schedule, double lr, size_t t)
{
    return schedules[schedule->type].next(schedule, lr, t);
}
