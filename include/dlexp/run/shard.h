/*
 * shard.h - one part of a plan, for one of several processes on one machine or many (--shard).
 *
 * Of N shards, numbered from 1, a run belongs to number
 *
 *     1 + (h mod N + s mod N) mod N
 *
 * h: the first 64 bits (16 hexadecimal digits) of the SHA-256 of the run's spec without the line of its seed.
 * s: the seed as an integer from 0 to 2^64 - 1; a negative one, -k, is 2^64 - k.
 *
 * The seed is the setting of type OPTION_SEED.  Where an experiment has none, h is that of the whole spec and s is 0.
 * So consecutive seeds of one configuration go to consecutive shards, and what else a plan holds moves no run.
 */
#ifndef DLEXP_SHARD_H
#define DLEXP_SHARD_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

enum { SHARD_MOST = 1000000 };

struct shard {
    size_t index, count; /* 1 <= index <= count; count 0: there are no shards, the plan is whole */
    char source[256];    /* what it was read from: "SLURM_ARRAY_TASK_ID 7, ..."; "": it was given */
};

/*
 * shard_parse - "I/N"; "auto", from the variables by which a scheduler numbers the tasks of an array job, which also
 * say how many there are; "auto/N", where the number of the task is I, whatever else the scheduler says.  NULL: none.
 *
 * ERROR_USAGE for other texts, and where the scheduler's variables are missing or do not number tasks from 1 to N.
 */
int shard_parse(struct shard *shard, const char *text, struct error *err);

/* shard_of - the number of the run's shard.  rows: the command's options; config: the run's configuration.  No memory
 * is allocated. */
size_t shard_of(const char *spec, const struct option *rows, const void *config, size_t count);

#endif
