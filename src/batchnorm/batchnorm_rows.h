/*
 * batchnorm_rows.h - what `dlexp batchnorm` works with: its options, and what is read off its records, a row for each
 * net, rate and seed.
 */
#ifndef DLEXP_BATCHNORM_ROWS_H
#define DLEXP_BATCHNORM_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "batchnorm_more.h"
#include "dlexp/cli/options.h"
#include "dlexp/data/dataset.h"
#include "dlexp/formats/csv.h"
#include "dlexp/run/experiment.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/runner.h"
#include "dlexp/train/data_options.h"
#include "dlexp/train/train.h"
#include "dlexp/train/train_config.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_measure.h"
#include "dlexp/train/train_record.h"

/* Runs that are added once there are results (batchnorm_rounds.h); all 0: none. */
struct rounds_options {
    size_t refine;      /* bisections of each net's and seed's own bracket */
    double until_width; /* points, half width of claim (c)'s interval */
    bool until_decided; /* the three claims */
    size_t max_seeds;
};

/* The options of the command; a run's configuration is one of these with its own settings (run/grid.h). */
struct batchnorm_config {
    struct run_options run;
    struct train_config train;
    struct dataset_source data;
    size_t log_every, kernels;
    const char *tensorboard; /* a folder for event files; or NULL */
    bool save_best, describe;
    double trained, target, margin, ratio_margin, level; /* of the claims (batchnorm_evidence.h); 0: as runs show */
    struct rounds_options rounds;
    bool bits; /* runs that were stored without bits per test image are trained again */
    struct checkpoint_rules checkpoints;
};

/* batchnorm_train - what decides the run. */
const struct train_config *batchnorm_train(const struct run *run);

/* Values of a segment that are shown as they stand. */
enum report_text { TEXT_PARAMETERS, TEXT_INITIAL_SHA256, TEXT_FINAL_SHA256, TEXT_MODEL_SHA256, REPORT_TEXTS };

/* What is kept of one segment of a run's record (train.h): run->result is an array of them, with all that they point
 * to. */
struct segment_result {
    struct train_ending ending;
    size_t epochs;            /* evaluated */
    const double *cells;      /* (epochs, TRAIN_MEASURES): the columns are EPOCH_ of train_measure.h; of a test set
                                 that is looked at once, in the last row */
    size_t evals;             /* evaluations between epochs */
    const double *eval_cells; /* (evals, EVAL_COLUMNS), as train_evals.h has them */
    size_t steps_an_epoch;
    struct train_score best_test;    /* with a validation split: what the best epoch's parameters do on the test set */
    bool bits;                       /* its record says which test images it gets right (train_bits.h), */
    bool confusion;                  /* and what each class is named as (train_confusion.h) */
    const char *texts[REPORT_TEXTS]; /* NULL: it has none */
};

/* batchnorm_digest - makes run->result of the record (struct plan). */
int batchnorm_digest(const struct plan *plan, struct run *run, struct error *err);

/* batchnorm_result - of a run that is done. */
const struct segment_result *batchnorm_result(const struct run *run, size_t segment);

/* One (norm, lr, seed): a row of summary.csv. */
struct report_row {
    const struct run *run;
    const struct train_config *train;
    size_t segment;
    size_t norm;
    const char *norm_name;
    double lr;
    int64_t seed;
    const struct segment_result *result;
    bool diverged; /* as its ending says */
    size_t epochs; /* evaluated */
};

struct report_group;
struct report_evidence;
struct evidence_verdict;
enum { REPORT_NOTES = 12, REPORT_NOTE_SIZE = 320 };
enum { REPORT_EPOCH_COLUMNS = 3 + TRAIN_MEASURES + 1 };
enum { REPORT_SHOWN = 6, REPORT_TITLE_SIZE = 48, REPORT_JUDGED_COLUMNS = 29 };
enum { REPORT_GROUP_COLUMNS = 4 + 3 * REPORT_SHOWN + 1 + REPORT_JUDGED_COLUMNS + 1 };

/* What the rounds came to. */
struct rounds_found {
    size_t first;              /* seeds of the command line */
    struct more_width *widths; /* [block], of claim (c); NULL without --until-width */
    size_t undecided;          /* --until-decided: after so many seeds not all claims are; */
    bool decided;              /* now they are */
};

/* All that the command works with: the context of its experiment (experiment.h). */
struct batchnorm {
    const struct batchnorm_config *config;
    struct dataset data;
    const struct kernels *kernels;
    struct grid grid;
    char *models; /* DIR/models */

    struct looks looks;        /* at verdicts, before this call */
    struct rounds_found found; /* by rounds_more */

    /* The rest is derived from the records by report_make; who prints it only reads it, so nothing can be left out. */
    const struct plan *plan; /* that they are of */
    struct report_row *rows; /* by block of the grid, norm, lr, seed */
    size_t count;
    size_t refined;  /* rows behind these, in the same order: of rates between the grid's (--refine), which are in no
                        mean  and no group */
    double *scratch; /* [count], for the numbers of a group while they are averaged */
    struct report_group *groups;
    size_t group_count;
    bool measured[TRAIN_MEASURES]; /* by row of train_measure.h: some run has it */
    struct frame_column epoch_columns[REPORT_EPOCH_COLUMNS];
    struct frame_column group_columns[REPORT_GROUP_COLUMNS]; /* of groups.csv: those that the protocol has */
    char group_titles[REPORT_SHOWN][REPORT_TITLE_SIZE];      /* their headings on the screen, where they hold numbers */
    struct report_evidence *evidence;                        /* a block's claims */
    size_t evidence_count;
    struct evidence_verdict *verdicts; /* [count + refined]: what became of each row's run (batchnorm_judged.h) */
    char notes[REPORT_NOTES][REPORT_NOTE_SIZE]; /* how to read the table: sentences, shown below it */
    size_t note_count;
    double chance_percent;  /* test accuracy of always naming the test set's largest class */
    bool published;         /* the homework printed numbers of runs like some of these */
    bool published_missing; /* it might have, but its tables are not installed */
    struct csv published_epochs, published_best;
};

/* batchnorm_chance - the accuracy of always naming the largest class of the last `validation` training images, or where
 * that is 0 of the test set, %: the labels alone are read. */
double batchnorm_chance(const struct dataset *data, size_t validation);

/* batchnorm_validates - whether a validation split selects, in every run of the call. */
bool batchnorm_validates(const struct batchnorm *batchnorm);

/* report_epoch - the measures of epoch k = 1, 2, ... up to row->epochs, by row of train_measure.h; NAN: not measured.
 */
const double *report_epoch(const struct report_row *row, size_t k);

/* A look at the split that selects: the validation split where the run has one (train->selection.validation), else the
 * test set.
 */
struct report_evaluation {
    uint64_t step;                 /* training steps before it */
    double loss, accuracy_percent; /* loss: NAN where it was not finite */
};

/*
 * report_evaluations - every one of the row, in the order of steps: those between epochs and those at their ends.
 * Returns how many they are; evaluations, which has room for as many, may be NULL.
 *
 * report_validates - whether that split is a validation split.  report_selection_column - its accuracy's in
 * report_epoch: EPOCH_VALIDATION_ACCURACY or EPOCH_TEST_ACCURACY.
 *
 * report_selection_percent, report_test_percent - accuracy at the end, on the split that selects and on the test set;
 * NAN: the run diverged.
 *
 * All are of one epoch: where the protocol averages over the epochs 1 to k, the averages are undone (report_own_cell).
 */
size_t report_evaluations(const struct report_row *row, struct report_evaluation *evaluations);
bool report_validates(const struct report_row *row);
size_t report_selection_column(const struct report_row *row);
double report_selection_percent(const struct report_row *row);
double report_test_percent(const struct report_row *row);

/* report_best_test_percent - the test accuracy of the best epoch's parameters (report_best_epoch): chosen on the test
 * set itself where there is no validation split.  NAN without such an epoch. */
double report_best_test_percent(const struct report_row *row);

/* report_best_epoch - the measures of the first epoch of the highest accuracy on the split that selects, as the
 * protocol has accuracies; report_last_epoch - of the last epoch.  NULL: none was evaluated. */
const double *report_best_epoch(const struct report_row *row);
const double *report_last_epoch(const struct report_row *row);

/* report_epochs_reached - the last epoch that any run has. */
size_t report_epochs_reached(const struct batchnorm *report);

/* The columns, and the cells, that name a row, up to those of grid_columns. */
#define REPORT_KEY_COLUMNS                                                                                             \
    {.name = "norm", .type = FRAME_TEXT}, {.name = "lr", .type = FRAME_REAL},                                          \
    {                                                                                                                  \
        .name = "seed", .type = FRAME_INTEGER                                                                          \
    }
void report_fill_key(const struct report_row *row, struct frame *frame);

/* report_read_bits - which test images the row's run gets right at its end (train_bits.h), read from the store. */
int report_read_bits(const struct batchnorm *report, const struct report_row *row, uint8_t *bits, struct error *err);

/* report_make_rows - from the records of all runs of the plan, sorted; and chance_percent. */
int report_make_rows(struct batchnorm *batchnorm, const struct plan *plan, struct error *err);

#endif
