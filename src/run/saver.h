/*
 * saver.h - runs that were computed and written, and wait to be put into the store together (store_settle).
 *
 * Such a run does not count as done, and is told to nobody: it might not survive a power cut yet.  A run that ends long
 * after the one before is put into the store at once.  Those that end within SAVER_MS of that are put there together
 * then, or when there are SAVER_GROUP of them, while other runs are computed: so a thousand tiny runs take a few syncs.
 *
 *     threads that compute: store_write, saver_add
 *     the thread that watches: when saver_due: saver_take, store_settle, saver_give_back
 *
 * All but store_write and store_settle with one lock held, which is the caller's.
 */
#ifndef DLEXP_SAVER_H
#define DLEXP_SAVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/file.h"

enum { SAVER_GROUP = 256, SAVER_MS = 50 };

struct saver_group {
    size_t count;
    size_t runs[SAVER_GROUP];  /* of the plan */
    bool claimed[SAVER_GROUP]; /* store_release is due afterwards */
    struct file_draft drafts[SAVER_GROUP];
};

struct saver {
    struct saver_group groups[2], *filling; /* one of them, while the other is put into the store */
    double settled_s;                       /* when that happened last */
    pthread_cond_t room;                    /* there is room again in the one that is filled */
};

void saver_init(struct saver *saver);
void saver_end(struct saver *saver);

/* saver_add - add a run, and wait for room if there is none; true if whoever watches is to be woken. */
bool saver_add(struct saver *saver, pthread_mutex_t *lock, size_t run, bool claimed, const struct file_draft *draft);

/* saver_due - whether a group is to be put into the store now; `last`: nobody adds any more. */
bool saver_due(const struct saver *saver, bool last);

/* saver_patience - seconds that one may wait for the next group to be due, `most` at most. */
double saver_patience(const struct saver *saver, double most);

/* saver_take - the group that is due; another one is filled from now on.  saver_give_back - it was put into the store.
 */
struct saver_group *saver_take(struct saver *saver);
void saver_give_back(struct saver *saver, struct saver_group *group);

#endif
