/*
 * team.h - a few threads that work on one piece of a run together, again and again.
 *
 * Between pieces the members spin for a moment and then yield: pieces follow each other within microseconds while a run
 * trains.
 */
#ifndef DLEXP_TEAM_H
#define DLEXP_TEAM_H

#include <stddef.h>

#include "dlexp/base/error.h"

struct team;

/* The part of a member: index 0..count-1 of count. */
typedef void team_work_fn(void *context, size_t index, size_t count);

/* team_start - a team of `threads` >= 1, of which the caller is one; where threads is 1, *team is NULL.  team_stop ends
 * and frees it. */
int team_start(struct team **team, size_t threads, struct error *err);
void team_stop(struct team *team);

/* team_run - every member's part of work; returns when all are done.  A NULL team is the caller alone. */
void team_run(struct team *team, team_work_fn *work, void *context);

/* team_share - the part [*first, *first + *length) of `total` things, in multiples of `grain`, that falls to member
 * index of count. */
void team_share(size_t total, size_t grain, size_t index, size_t count, size_t *first, size_t *length);

#endif
