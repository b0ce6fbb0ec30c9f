/*
 * training.h - one run of training in this process, as the pool computes it, that can be told to stop at any moment:
 * what the tests of checkpoints share.
 */
#ifndef DLEXP_TESTS_CHECKPOINT_TRAINING_H
#define DLEXP_TESTS_CHECKPOINT_TRAINING_H

#include "../support.h"

#include "dlexp/run/checkpoint.h"
#include "dlexp/train/train.h"

enum { BATCH = 12, MODELS = 4 }; /* 50 images: 4 batches of 12 and one of 2; a normed batch has 2 rows at least */

struct fixture {
    char directory[512];
    struct store store;
    struct dataset data;
};

/* The spec of the run, and of what a longer one goes on from. */
extern const char spec[], stem[];

/* What a run left, and what it said. */
struct outcome {
    char *text; /* the record's; NULL: it was stopped */
    char models[MODELS][SHA256_HEX_SIZE];
    char notes[4096];
    struct checkpoint checkpoint;
};

/* A loss is asked for in each step and each batch of an evaluation: behind the one with this number the run is told to
 * stop, and it is time for a checkpoint; 0: never. */
struct moments {
    struct kernels counting;
    const struct kernels *real;
    size_t calls, stop_at, due_at;
    atomic_bool stop;
    atomic_uint_fast64_t clock_ms;
};

extern struct moments moments;

struct call {
    struct train_config config;
    size_t stop_at, due_at;
    struct checkpoint_rules rules;
    const char *kernels; /* NULL: the best */
    atomic_bool *told;
    bool models, keeps_no_time; /* stopped within a second it is not worth a checkpoint */
};

int set_up(void **state);
int tear_down(void **state);

/* The models of earlier segments stay in the outcome, as files do. */
void run(struct outcome *outcome, const struct fixture *f, const struct call *call);

/* The same record and models. */
void same(const struct outcome *a, const struct outcome *b);

/* -- files: of a spec and an ending of store.h -- */

char *path_of(const struct fixture *f, const char *of, const char *ending);
bool has(const struct fixture *f, const char *of, const char *ending);
void drop(const struct fixture *f, const char *of, const char *ending);
unsigned char *read_file(const char *path, size_t *size);
void write_file(const char *path, const void *data, size_t size);

/* -- which runs: one of an optimizer, and the i-th configuration (false past the last) -- */

struct train_config base(size_t optimizer);
bool configuration(size_t i, struct train_config *config);

/* -- each group of tests, a file each; 0 or how many failed -- */

int checkpoint_damage_tests(void);
int checkpoint_last_tests(void);
int checkpoint_store_tests(void);

#define WITH_DATA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
