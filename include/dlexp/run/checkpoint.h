/*
 * checkpoint.h - the state of a run at work, kept in the store so that the run goes on from there.
 *
 *     DIR/runs/ab/<id>.checkpoint   of a run that was begun.  Written by whoever computes it: when the call is stopped,
 *                                   and while it lasts; removed once its record is there.
 *     DIR/runs/ab/<stem>.last       of a run that ended, for one that goes on longer (--keep-last).  The stem is the id
 *                                   of the run's spec without what only says how long it goes on (OPTION_LENGTH).  Of
 *                                   several lengths the longest is kept.  Nobody removes it.
 *
 * Either file is:
 *
 *     dlexp checkpoint 1 DONE UNITS SECONDS    units of work done, of all; the time that took
 *     [spec]
 *     key=value ...                            of the run, or of its stem
 *     [state]
 *     bytes                                    which only the experiment understands
 *     [end SHA256]                             of all before
 *
 * It appears whole (write, fsync, rename).  Nothing is wrong without it, only slower: one that was cut or changed, is
 * of another run or of another format, or is no file, is named in a note and ignored, and the next one takes its
 * place.  One that
 * cannot be written (a full disk) is told once in a call, and the run goes on.
 *
 * Several processes may compute one run where the file system has no locks (store.h).  Each may then write this file
 * and go on from any: the run's record is the same bytes whichever it was.
 */
#ifndef DLEXP_CHECKPOINT_H
#define DLEXP_CHECKPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/error.h"
#include "dlexp/base/file.h"
#include "dlexp/base/sha256.h"
#include "dlexp/cli/option.h"
#include "dlexp/run/store.h"

/* ---- what is there ---- */

enum checkpoint_kind { CHECKPOINT_BEGUN, CHECKPOINT_LAST };

/* What its first line tells. */
struct checkpoint_head {
    uint64_t done, units;
    double seconds;
};

/*
 * checkpoint_look - whether the run with this spec (or stem) has one, and its first line.  It is read to its end, so
 * that one which is found can be taken up, unless its state does not fit the run.
 *
 * STORE_DAMAGED: something has its name that is none of this run; err says what is wrong with it.  STORE_FAILED: it
 * could not be read; err says why.  *head is 0 unless STORE_FOUND.
 */
enum store_found checkpoint_look(const struct store *store, const char *spec, enum checkpoint_kind kind,
                                 struct checkpoint_head *head, struct error *err);

/* checkpoint_check - the same of the content of a file of this id, text[0..size) and a NUL: what is wrong with it, or
 * NULL, and *head. */
const char *checkpoint_check(const char *text, size_t size, const char *id, struct checkpoint_head *head);

/* ---- a state on its way ---- */

/*
 * Bytes in one direction: an experiment describes its state once, in a function that writes it and reads it alike.
 * One that neither reads nor has a file `to` write counts the bytes, and leaves them alone.
 */
struct checkpoint_stream {
    bool reading;
    bool other; /* reading: what stands there does not fit this run, and from then on nothing is read */
    struct file_writer *to;
    struct file_reader *from;
    struct sha256 *sha; /* of what is written */
    uintmax_t passed;   /* bytes up to here */
    uintmax_t size;     /* reading: of the state in the file; asking for more is `other` */
    struct error *err;
    bool failed; /* the system refused, err says what; a file that cannot be written tells at the end */
};

/* checkpoint_bytes - data[0..size) is written, or filled.  checkpoint_same - it is written, or compared with what
 * stands there: facts that a state must have in common with the run that takes it up.  They stand first. */
void checkpoint_bytes(struct checkpoint_stream *stream, void *data, size_t size);
void checkpoint_same(struct checkpoint_stream *stream, const void *data, size_t size);

/* checkpoint_goes_on - whether there is anything to read or write after what has been. */
static inline bool checkpoint_goes_on(const struct checkpoint_stream *stream)
{
    return !stream->other && !stream->failed;
}

/* All of the state, one way or the other; reading, exactly to its end.  What it has read must not be used unless
 * checkpoint_goes_on at the end. */
typedef void checkpoint_state_fn(void *context, struct checkpoint_stream *stream);

/* ---- a run at work ---- */

/* When checkpoints are written: options of a command whose runs can be taken up again. */
struct checkpoint_rules {
    size_t every; /* after every so many epochs; 0: by the clock */
    bool keep_last;
};

/* Their rows in a command's table, for a struct checkpoint_rules at this offset of the configuration. */
#define CHECKPOINT_OPTIONS(at)                                                                                         \
    {.name = "checkpoint-every",                                                                                       \
     .type = OPTION_COUNT,                                                                                             \
     .flags = OPTION_CALL,                                                                                             \
     .offset = (at) + offsetof(struct checkpoint_rules, every),                                                        \
     .value = "N",                                                                                                     \
     .initial = "0",                                                                                                   \
     .low = 0,                                                                                                         \
     .high = 1e6,                                                                                                      \
     .help = "keep how far a run is after every N-th epoch (where epochs are shorter than the writing takes, after "   \
             "fewer of them, so that it takes at most half of the time), and when it is stopped; 0: every minute, "    \
             "and when it is stopped after a second or more; the same command goes on from there"},                    \
    {                                                                                                                  \
        .name = "keep-last", .type = OPTION_FLAG, .offset = (at) + offsetof(struct checkpoint_rules, keep_last),       \
        .help = "keep the end of each run, so that the same command with more --epochs goes on from there; not where " \
                "another setting depends on how many there are"                                                        \
    }

enum {
    CHECKPOINT_INTERVAL_S = 60, /* by the clock: between two, or since the run began */
    CHECKPOINT_INTERVAL_COST =
        50,                /* or so many times what the last one took to write, where that is longer: at most 2 % */
    CHECKPOINT_WORTH_S = 1 /* a run that is stopped before begins anew */
};

/* One run's; a struct run_hooks points to it. */
struct checkpoint {
    /* Set before the run: */
    const struct store *store;
    const char *id, *spec;           /* the run's */
    const char *stem_id, *stem_spec; /* NULL: there is none */
    uint64_t units;                  /* all of its work */
    struct checkpoint_rules rules;
    bool taken_up;                        /* one that is there is looked at (not with --force) */
    bool written;                         /* they are written at all */
    const atomic_uint_fast64_t *clock_ms; /* the time, set by another thread a few times per second; NULL: none */
    void (*note)(void *context, const char *text); /* a line for stderr; NULL: nobody reads it */
    void *note_to;
    atomic_bool *told; /* that one could not be written, by one of the runs that share it; NULL: tell it each time */
    /* What came of it, since checkpoint_start: */
    struct checkpoint_head begun;   /* where it was taken up */
    uint64_t kept;                  /* units at which it would be taken up again: 0: from its beginning */
    uint64_t reached;               /* units done when it was stopped */
    double start_s, last_s, cost_s; /* last_s: when the last one was written, cost_s: how long that took */
    uint64_t last_ms, interval_ms;  /* by clock_ms: when the last one was written, how long until the next */
};

/* checkpoint_start - the run begins. */
void checkpoint_start(struct checkpoint *c);

/*
 * checkpoint_resume - fill in the state from the file that is there; of two the one that is further.  prolongs: a
 * shorter run's end is a true beginning of this run.  Then c->begun tells where it stands; {0}: nothing was read.
 *
 * Damage, or a state that is of another run, is noted, and nothing of it used.  Fails only where the system refuses,
 * and then the state may be half read.
 */
int checkpoint_resume(struct checkpoint *c, bool prolongs, checkpoint_state_fn *state, void *context,
                      struct error *err);

/* checkpoint_due - whether it is time for one; cheap enough to be asked after each step.  checkpoint_due_epoch - after
 * this epoch (1, 2, ...): not before as much time has passed as the last one took, which grows with the measures that
 * are in it, so that a run of many short epochs does not take the square of their number. */
static inline bool checkpoint_due(const struct checkpoint *c)
{
    return c && c->rules.every == 0 && c->clock_ms &&
           atomic_load_explicit(c->clock_ms, memory_order_relaxed) - c->last_ms >= c->interval_ms;
}

static inline bool checkpoint_due_epoch(const struct checkpoint *c, size_t epoch)
{
    return c && c->rules.every > 0 && epoch % c->rules.every == 0 && clock_now_s() - c->last_s >= c->cost_s;
}

/* checkpoint_keep - write the state, in which `done` units are done. */
void checkpoint_keep(struct checkpoint *c, uint64_t done, checkpoint_state_fn *state, void *context);

/* checkpoint_stop - the run was stopped after `done` units: write the state if that is worth it. */
void checkpoint_stop(struct checkpoint *c, uint64_t done, checkpoint_state_fn *state, void *context);

/* checkpoint_keep_last - the run's end, for one that is longer; where rules.keep_last asks for it, it must be kept. */
int checkpoint_keep_last(struct checkpoint *c, checkpoint_state_fn *state, void *context, struct error *err);

/* checkpoint_seconds - the time that the run has taken so far, in this process and before. */
double checkpoint_seconds(const struct checkpoint *c);

/* checkpoint_remove - of a begun run whose record is there. */
void checkpoint_remove(const struct store *store, const char *id);

#endif
