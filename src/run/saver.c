/* Runs on their way into the store, in groups. */
#include "saver.h"

#include "dlexp/base/clock.h"

void saver_init(struct saver *saver)
{
    saver->groups[0].count = saver->groups[1].count = 0;
    saver->filling = &saver->groups[0];
    saver->settled_s = clock_now_s() - SAVER_MS / 1e3;
    pthread_cond_init(&saver->room, NULL);
}

void saver_end(struct saver *saver)
{
    pthread_cond_destroy(&saver->room);
}

bool saver_add(struct saver *saver, pthread_mutex_t *lock, size_t run, bool claimed, const struct file_draft *draft)
{
    while (saver->filling->count == SAVER_GROUP)
        pthread_cond_wait(&saver->room, lock);
    struct saver_group *group = saver->filling;
    group->runs[group->count] = run;
    group->claimed[group->count] = claimed;
    group->drafts[group->count++] = *draft;
    return group->count == 1 || group->count == SAVER_GROUP;
}

bool saver_due(const struct saver *saver, bool last)
{
    const size_t count = saver->filling->count;
    return count > 0 && (last || count == SAVER_GROUP || saver_patience(saver, 1) <= 0);
}

double saver_patience(const struct saver *saver, double most)
{
    if (saver->filling->count == 0)
        return most;
    const double left = saver->settled_s + SAVER_MS / 1e3 - clock_now_s();
    return left < 0 ? 0 : left < most ? left : most;
}

struct saver_group *saver_take(struct saver *saver)
{
    struct saver_group *group = saver->filling;
    saver->filling = &saver->groups[group == &saver->groups[0]];
    pthread_cond_broadcast(&saver->room);
    return group;
}

void saver_give_back(struct saver *saver, struct saver_group *group)
{
    group->count = 0;
    saver->settled_s = clock_now_s();
}
