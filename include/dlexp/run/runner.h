/*
 * runner.h - carries out a plan: runs that the store has are loaded, the others are computed on a pool of threads and
 * stored.
 *
 * The functions are in plan.c (what is to be done), runner_memory.c (how much at a time), loader.c,
 * begun.c and pool.c.
 *
 * A command makes the plan and, afterwards, its tables from the records, in the plan's order: so the tables are the
 * same bytes whatever the number of jobs, the order in which runs ended, and the interruptions before.
 */
#ifndef DLEXP_RUNNER_H
#define DLEXP_RUNNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/options.h"
#include "dlexp/cli/progress.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/checkpoint.h"
#include "dlexp/run/hooks.h"
#include "dlexp/run/record.h"
#include "dlexp/run/store.h"

enum {
    RUN_LABEL_SIZE = 128,
    PLAN_COLUMN = 10 /* where the texts of the plan's lines begin (flow_say) */
};

/* One run of a plan. */
struct run {
    void *config;               /* the command's configuration with the settings of this run (grid.h); owned */
    size_t block;               /* 0, 1, ...: with others it differs in keys alone (grid.h) */
    char *spec;                 /* canonical text; owned */
    char label[RUN_LABEL_SIZE]; /* for people: "batchnorm lr 0.5 seed 1" */
    char id[STORE_ID_SIZE];     /* of the spec, see store_id */
    uint64_t units;             /* its share of work, for the progress bar (training steps) */
    struct record record;       /* once it is done, without its bulk (runner_read_whole); empty with plan->digest */
    void *result;               /* what plan->digest made of the record; owned */
    double expected_s;          /* that it takes on one CPU, estimated (experiment.h's seconds); 0: not estimated */
    bool extra;                 /* a single run beside the grid's combinations (grid_add_cell) */
    bool done, computed;        /* has a record; has it from this call, not from the store */
    uint64_t begun;             /* units at which a checkpoint takes it up, once it was looked for; 0: there is none */
    bool spoilt;                /* there is one, but none that can be taken up */
    bool unseen;                /* its bulk is damaged, which without plan->wants_bulk shows in no call */
    bool lacking;               /* the store has it, but not all that is asked for now (see plan.incomplete) */
    double seconds;             /* wall clock that computing it took, in all calls; 0 if loaded */
    time_t finished_at;         /* when computing it ended */
};

struct grid; /* grid.h */

struct plan {
    struct run *runs;
    size_t count, capacity;
    struct grid *grid;      /* that it was made from */
    const char *directory;  /* --out */
    size_t threads_a_run;   /* that a run starts for itself; 0 is 1 */
    size_t bytes_a_run;     /* room a run's files take, at most: checked before work starts */
    double memory_a_run;    /* bytes that a run holds while it computes; 0: too few to count */
    double memory_a_record; /* bytes that it leaves in memory until the end */
    size_t jobs_that_fit;   /* by runner_fit_memory; 0: as many as are wanted */
    bool wants_bulk;        /* a table is made from the records' bulk: it is looked at when a run is loaded */
    bool reads_whole;       /* the same of a call that makes no table: it tells what is there */
    bool read_only;         /* the call writes nothing: what is damaged is not computed again */
    const struct checkpoint_rules *checkpoints; /* NULL: its runs are so short that they have none */

    /* Compute a run into its record (initialised with the spec).  Called from several threads; a run knows no files. */
    int (*compute)(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err);
    /* ERROR_DATA unless the record is one that `compute` writes for this run, whose bulk may not have been read; what
     * earlier versions wrote otherwise is brought to today's form.  NULL: any will do.  Several threads may call it. */
    int (*check)(const struct plan *plan, const struct run *run, struct record *record, struct error *err);
    /* Whether a stored run lacks something that is asked for now (such as a saved model); NULL: never.  The same. */
    int (*incomplete)(bool *lacks, const struct plan *plan, const struct run *run, struct error *err);
    /*
     * What tables need of a run that is done, as one malloc'ed block in run->result, made of its record, which is freed
     * then: thousands of runs stay small, and few are in memory twice.  NULL: the record stays.  The same.
     */
    int (*digest)(const struct plan *plan, struct run *run, struct error *err);
    /* One line about a finished run; NULL where runs are so short that nobody wants it. */
    void (*describe)(const struct plan *plan, const struct run *run, char *line, size_t size);
    void *context; /* the command's */
};

/* Which settings tables name. */
enum run_columns { RUN_COLUMNS_VARIED, RUN_COLUMNS_ALL };
bool run_columns_name(size_t index, const char **name);

/* The options every experiment has; a command embeds this in its configuration. */
struct run_options {
    const char *out;
    int64_t jobs; /* 0: one for each CPU that may be used */
    bool force, quiet, json, dry_run;
    const char *shard; /* as typed (shard.h); NULL: the whole plan */
    size_t columns;    /* enum run_columns */
    size_t color;      /* enum screen_color */
};

/* The rows of those options for a command's table: RUN_OPTIONS(struct batchnorm_config, run, "results/batchnorm"). */
#define RUN_OPTIONS(config, field, directory)                                                                          \
    {OUT_OPTION(offsetof(config, field.out)), .initial = directory,                                                    \
     .help = "directory for the tables, run.json and the run store", .group = "Running"},                              \
        {.name = "jobs",                                                                                               \
         .letter = 'j',                                                                                                \
         .type = OPTION_INTEGER,                                                                                       \
         .flags = OPTION_CALL,                                                                                         \
         .offset = offsetof(config, field.jobs),                                                                       \
         .value = "N",                                                                                                 \
         .initial = "0",                                                                                               \
         .low = 0,                                                                                                     \
         .high = 1024,                                                                                                 \
         .help = "runs at the same time; 0 is one for each CPU that may be used"},                                     \
        {.name = "shard",                                                                                              \
         .type = OPTION_TEXT,                                                                                          \
         .flags = OPTION_CALL,                                                                                         \
         .offset = offsetof(config, field.shard),                                                                      \
         .value = "I/N",                                                                                               \
         .help = "compute the I-th of N parts of the plan, for one of several processes or machines, and make no "     \
                 "table; auto/N takes I from the number that Slurm, PBS, Grid Engine or GNU parallel gives the task, " \
                 "auto takes N from there too"},                                                                       \
        {.name = "force",                                                                                              \
         .type = OPTION_FLAG,                                                                                          \
         .flags = OPTION_CALL,                                                                                         \
         .offset = offsetof(config, field.force),                                                                      \
         .help = "compute again what the run store has"},                                                              \
        {.name = "dry-run",                                                                                            \
         .letter = 'n',                                                                                                \
         .type = OPTION_FLAG,                                                                                          \
         .flags = OPTION_CALL,                                                                                         \
         .offset = offsetof(config, field.dry_run),                                                                    \
         .help = "print the plan and write nothing"},                                                                  \
        {.name = "columns",                                                                                            \
         .type = OPTION_NAME,                                                                                          \
         .offset = offsetof(config, field.columns),                                                                    \
         .value = "NAME",                                                                                              \
         .initial = "varied",                                                                                          \
         .choice = run_columns_name,                                                                                   \
         .help = "varied: tables name the settings that have several values in this call; all: every setting, so "     \
                 "that tables of several calls can be stacked"},                                                       \
        {QUIET_OPTION(offsetof(config, field.quiet))}, {JSON_OPTION(offsetof(config, field.json))},                    \
    {                                                                                                                  \
        COLOR_OPTION(offsetof(config, field.color))                                                                    \
    }

/* plan_add - append a run whose spec was printed to the open output.  The output and the malloc'ed config are taken,
 * also on failure. */
int plan_add(struct plan *plan, struct output *spec, void *config, size_t block, uint64_t units, const char *label,
             struct error *err);
void plan_free(struct plan *plan);

/* plan_keep - of a run that is done, what the plan keeps of its record: all but the bulk, or what digest makes of it.
 * After a failure nothing is kept. */
int plan_keep(const struct plan *plan, struct run *run, struct error *err);

/* run_free - what the run owns. */
void run_free(struct run *run);

/* plan_pending - runs not done yet.  plan_computed - runs that this call computed. */
size_t plan_pending(const struct plan *plan);
size_t plan_computed(const struct plan *plan);

/*
 * runner_load - fill in every run that is not done and that the store has (none with `force`), many of them on several
 * threads.
 *
 * A damaged record, or one that is not what its run writes, is set aside, noted on stderr, and its run stays to be
 * computed (nothing is moved when dry_run is set).
 */
int runner_load(struct plan *plan, const struct run_options *options, struct error *err);

/*
 * runner_read_whole - the record of a run that is done, with its bulk, into *record (the caller frees it): for a table
 * that is made from bulk, one run after the other.  A bulk that is damaged, which shows only here unless
 * plan->wants_bulk, and a record that is gone are noted on stderr, and the run is computed again, on one thread; with
 * plan->read_only they are an error, and several threads may read at once.
 */
int runner_read_whole(const struct plan *plan, const struct run *run, struct record *record, struct error *err);

/* runner_has_last - whether the store has the end of this run (checkpoint.h), or of a longer one. */
int runner_has_last(bool *has, const struct plan *plan, const struct run *run, struct error *err);

/*
 * runner_fit_memory - hold the pending runs against the memory there is: ERROR_IO if not even one fits, or not as many
 * as --jobs asks for; with --jobs 0 as many are run as fit, and runner_print_memory says so in the plan.
 */
int runner_fit_memory(struct plan *plan, const struct run_options *options, struct error *err);
void runner_print_memory(const struct plan *plan, FILE *out);

/* runner_jobs_most - threads for as many runs as one likes.  runner_jobs - those that runner_compute will use for the
 * pending runs. */
size_t runner_jobs_most(const struct plan *plan, const struct run_options *options);
size_t runner_jobs(const struct plan *plan, const struct run_options *options);

/*
 * runner_seconds - the time for `pending` runs of the plan that take sum_s one after the other: threads that share a
 * CPU are no faster than one.  runner_jobs_text - "4 runs at a time", and on how many CPUs where those are fewer.
 */
double runner_seconds(const struct plan *plan, const struct run_options *options, size_t pending, double sum_s);
const char *runner_jobs_text(char buffer[80], const struct plan *plan, const struct run_options *options);

/* runner_crowd_text - "2 runs of 4 threads are 8 threads on 2 CPUs: ...", where options ask for more threads than there
 * are CPUs, which is slower; otherwise NULL. */
enum { RUNNER_CROWD_SIZE = 320 };
const char *runner_crowd_text(char buffer[RUNNER_CROWD_SIZE], const struct plan *plan,
                              const struct run_options *options);

/*
 * runner_position - which run of the plan comes as number `turn`: a permutation of 0..count-1 that depends on the seed.
 * Each process uses its own seed, so that processes begin with different runs.
 */
size_t runner_position(size_t turn, size_t count, uint64_t seed);

/*
 * runner_compute - compute and store the pending runs; progress on stderr.
 *
 * Checks first that the directory can be written.  Other processes may fill the same store: right before a run the
 * store is looked at again (not with `force`), and what is there now is taken from it.  What another process computes
 * just now is left for the end, and is then computed here too, by one thread, as that process may have been stopped;
 * where the file system has no locks to tell, each process goes in an order of its own.
 *
 * On a signal it stops, keeps what is stored and how far the runs under way are (checkpoint.h), and fails with 128 +
 * the signal's number.  When a run fails the others under way are stopped likewise, and the first failure (in the
 * plan's order) is returned.
 */
int runner_compute(struct plan *plan, const struct run_options *options, struct error *err);

#endif
