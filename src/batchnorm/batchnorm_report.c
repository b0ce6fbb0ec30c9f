/* What dlexp batchnorm derives from its records, and the tables it writes. */
#include "batchnorm_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_confusion.h"
#include "batchnorm_curves.h"
#include "batchnorm_disagreement.h"
#include "batchnorm_groups.h"
#include "batchnorm_hardest.h"
#include "batchnorm_layers.h"
#include "batchnorm_pairs.h"
#include "batchnorm_published.h"
#include "batchnorm_result.h"
#include "batchnorm_step_curves.h"
#include "batchnorm_tuning.h"
#include "dlexp/run/claim_table.h"

/* ---- tables ---- */

/* The key and the measures that are there; NULL: all. */
static void add_epoch_columns(struct frame_column columns[REPORT_EPOCH_COLUMNS], const bool *measured)
{
    static const struct frame_column keys[] = {REPORT_KEY_COLUMNS};
    memcpy(columns, keys, sizeof keys);
    columns += sizeof keys / sizeof *keys;
    for (size_t m = EPOCH_NUMBER; m < TRAIN_MEASURES; m++)
        if (!measured || measured[m])
            *columns++ = (struct frame_column){.name = train_measure_row(m)->name, .type = FRAME_REAL};
}

/* Of the measures that some run has. */
static void make_epoch_columns(struct batchnorm *report)
{
    const struct train_measure *measure;
    for (size_t m = EPOCH_NUMBER; (measure = train_measure_row(m)) != NULL; m++) {
        report->measured[m] = m <= EPOCH_TEST_ACCURACY; /* a test set that is looked at once has its columns, too */
        for (size_t i = 0; i < report->count && !report->measured[m]; i++)
            report->measured[m] = train_measure_wanted(measure, report->rows[i].train);
    }
    add_epoch_columns(report->epoch_columns, report->measured);
}

static const struct frame_column *epochs_columns(const void *batchnorm)
{
    static struct frame_column all[REPORT_EPOCH_COLUMNS];
    if (batchnorm)
        return ((const struct batchnorm *)batchnorm)->epoch_columns;
    add_epoch_columns(all, NULL);
    return all;
}

static void fill_epochs(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 1; k <= report->rows[i].epochs; k++) {
            const struct report_row *row = &report->rows[i];
            report_fill_key(row, frame);
            for (size_t m = EPOCH_NUMBER; m < TRAIN_MEASURES; m++)
                if (report->measured[m])
                    frame_real(frame, report_epoch(row, k)[m]);
        }
}

/* Between these three stand the columns of runs with a validation split. */
#define SUMMARY_LAST_EPOCH                                                                                             \
    REPORT_KEY_COLUMNS, {.name = "status", .type = FRAME_TEXT}, {.name = "diverged_step", .type = FRAME_INTEGER},      \
        {.name = "final_epoch", .type = FRAME_REAL}, {.name = "final_train_loss", .type = FRAME_REAL},                 \
        {.name = "final_train_accuracy_percent", .type = FRAME_REAL}, {.name = "final_test_loss", .type = FRAME_REAL}, \
    {                                                                                                                  \
        .name = "final_test_accuracy_percent", .type = FRAME_REAL                                                      \
    }
#define SUMMARY_BEST_EPOCH                                                                                             \
    {.name = "best_epoch", .type = FRAME_REAL},                                                                        \
    {                                                                                                                  \
        .name = "best_test_accuracy_percent", .type = FRAME_REAL                                                       \
    }
#define SUMMARY_TEXTS                                                                                                  \
    {.name = "parameters", .type = FRAME_TEXT}, {.name = "initial_weights_sha256", .type = FRAME_TEXT},                \
        {.name = "final_weights_sha256", .type = FRAME_TEXT}, {.name = "best_model_sha256", .type = FRAME_TEXT},       \
        {.name = "run", .type = FRAME_TEXT}, {.name = "outcome", .type = FRAME_TEXT},                                  \
    {                                                                                                                  \
        .name = "steps_to_target", .type = FRAME_INTEGER                                                               \
    }

static const struct frame_column *summary_columns(const void *batchnorm)
{
    static const struct frame_column tested[] = {SUMMARY_LAST_EPOCH, SUMMARY_BEST_EPOCH, SUMMARY_TEXTS, {.name = NULL}};
    static const struct frame_column validated[] = {SUMMARY_LAST_EPOCH,
                                                    {.name = "final_validation_loss", .type = FRAME_REAL},
                                                    {.name = "final_validation_accuracy_percent", .type = FRAME_REAL},
                                                    SUMMARY_BEST_EPOCH,
                                                    {.name = "best_validation_accuracy_percent", .type = FRAME_REAL},
                                                    SUMMARY_TEXTS,
                                                    {.name = NULL}};
    return !batchnorm || batchnorm_validates(batchnorm) ? validated : tested;
}

/* The report's rows [first, end). */
static void fill_runs(const struct batchnorm *report, size_t first, size_t end, struct frame *frame)
{
    const bool validated = batchnorm_validates(report);
    for (size_t i = first; i < end; i++) {
        const struct report_row *row = &report->rows[i];
        const double *last = report_last_epoch(row), *best = report_best_epoch(row);
        report_fill_key(row, frame);
        frame_text(frame, train_end_name(row->result->ending.end));
        if (row->result->ending.end == TRAIN_DIVERGED)
            frame_integer(frame, (int64_t)row->result->ending.step);
        else
            frame_none(frame);
        for (size_t c = EPOCH_NUMBER; c <= EPOCH_TEST_ACCURACY; c++)
            frame_real(frame, last ? last[c] : (double)NAN);
        for (size_t c = EPOCH_VALIDATION_LOSS; validated && c <= EPOCH_VALIDATION_ACCURACY; c++)
            frame_real(frame, last ? last[c] : (double)NAN);
        frame_real(frame, best ? best[EPOCH_NUMBER] : (double)NAN);
        frame_real(frame, report_best_test_percent(row));
        if (validated)
            frame_real(frame, best ? best[EPOCH_VALIDATION_ACCURACY] : (double)NAN);
        for (enum report_text t = 0; t < REPORT_TEXTS; t++)
            frame_text(frame, row->result->texts[t]);
        frame_text(frame, row->run->id);
        judged_fill_outcome(report, row, frame);
    }
}

static void fill_summary(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    fill_runs(report, 0, report->count, frame);
}

/* refined.csv: the same of the runs between the grid's rates, which stand in no other table. */
static void fill_refined(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    fill_runs(report, report->count, report->count + report->refined, frame);
}

static bool refined_wanted(const void *batchnorm)
{
    return ((const struct batchnorm *)batchnorm)->config->rounds.refine > 0;
}

static const struct frame_column evals_columns[] = {
    REPORT_KEY_COLUMNS,
    {.name = "step", .type = FRAME_INTEGER},
    {.name = "split", .type = FRAME_TEXT},
    {.name = "loss", .type = FRAME_REAL},
    {.name = "accuracy_percent", .type = FRAME_REAL},
    {.name = NULL},
};

static void fill_evals(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->count && !frame->failed; i++) {
        const struct report_row *row = &report->rows[i];
        const size_t count = report_evaluations(row, NULL);
        struct report_evaluation *evaluations = malloc((count + 1) * sizeof *evaluations);
        frame->failed = frame->failed || !evaluations;
        if (!evaluations)
            return;
        report_evaluations(row, evaluations);
        for (size_t e = 0; e < count; e++) {
            report_fill_key(row, frame);
            frame_integer(frame, (int64_t)evaluations[e].step);
            frame_text(frame, report_validates(row) ? "validation" : "test");
            frame_real(frame, evaluations[e].loss);
            frame_real(frame, evaluations[e].accuracy_percent);
        }
        free(evaluations);
    }
}

static bool evals_wanted(const void *batchnorm)
{
    return ((const struct batchnorm *)batchnorm)->config->train.selection.eval_every > 0;
}

static const struct frame_column steps_columns[] = {
    REPORT_KEY_COLUMNS,
    {.name = "step", .type = FRAME_INTEGER},
    {.name = "train_loss", .type = FRAME_SINGLE},
    {.name = NULL},
};

/* Every N-th batch loss of the row's run, and the first. */
static void fill_steps_of(const struct batchnorm *report, const struct report_row *row, const struct record *record,
                          struct frame *frame)
{
    const size_t every = report->config->log_every;
    char name[32];
    snprintf(name, sizeof name, "steps.%zu", row->segment);
    const struct record_table *steps = record_table_find(record, name);
    for (size_t step = 1; steps && step <= steps->rows; step++) {
        if (step != 1 && step % every != 0)
            continue;
        report_fill_key(row, frame);
        frame_integer(frame, (int64_t)step);
        frame_real(frame, steps->cells[step - 1]);
    }
}

static void fill_steps(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->count && !frame->failed; i++) {
        const struct report_row *row = &report->rows[i];
        struct record record;
        struct error err;
        if (runner_read_whole(report->plan, row->run, &record, &err) < 0) {
            frame_fail(frame, &err);
            return;
        }
        fill_steps_of(report, row, &record, frame);
        record_free(&record);
    }
}

static bool steps_wanted(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    return report->config->log_every > 0;
}

#define RUN_KEYS                                                                                                       \
    {                                                                                                                  \
        .count = 3                                                                                                     \
    }                                 /* norm, lr, seed */
#define CLAIM_SETTINGS "norm lr seed" /* that a claim is about */

const struct experiment_table report_tables[] = {
    {.name = "epochs.csv", .make_columns = epochs_columns, .keys = RUN_KEYS, .fill = fill_epochs},
    {.name = "summary.csv", .json = "summary", .make_columns = summary_columns, .keys = RUN_KEYS, .fill = fill_summary},
    {.name = "refined.csv",
     .json = "refined",
     .make_columns = summary_columns,
     .keys = RUN_KEYS,
     .fill = fill_refined,
     .wanted = refined_wanted},
    {.name = "groups.csv",
     .json = "results",
     .make_columns = report_group_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = report_fill_groups},
    {.name = "curves.csv", .make_columns = curves_columns, .keys = RUN_KEYS, .fill = curves_fill},
    {.name = "claims.csv",
     .json = "claims",
     .columns = claim_columns,
     .keys = {.count = CLAIM_KEYS, .without = CLAIM_SETTINGS},
     .fill = report_fill_claims},
    {.name = "",
     .json = "answers",
     .columns = report_answers_columns,
     .keys = {.count = 2, .without = CLAIM_SETTINGS},
     .fill = report_fill_answers,
     .kept = true},
    {.name = "pairs.csv",
     .columns = pairs_columns,
     .keys = {.count = PAIRS_KEYS, .without = CLAIM_SETTINGS},
     .fill = pairs_fill,
     .wanted = pairs_wanted},
    {.name = "tuning.csv",
     .columns = tuning_columns,
     .keys = {.count = 2, .without = "lr seed"},
     .fill = tuning_fill,
     .wanted = tuning_wanted},
    {.name = "disagreement.csv",
     .columns = disagreement_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = disagreement_fill,
     .wanted = disagreement_wanted},
    {.name = "hardest.csv",
     .columns = hardest_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = hardest_fill,
     .wanted = disagreement_wanted},
    {.name = "hardest_pixels.csv",
     .columns = hardest_pixels_columns,
     .fill = hardest_fill_pixels,
     .wanted = disagreement_wanted},
    {.name = "confusion.csv",
     .columns = confusion_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = confusion_fill,
     .wanted = confusion_wanted},
    {.name = "published.csv",
     .json = "published",
     .columns = published_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = published_fill,
     .wanted = published_wanted},
    {.name = "steps.csv", .columns = steps_columns, .keys = RUN_KEYS, .fill = fill_steps, .wanted = steps_wanted},
    {.name = "step_curves.csv",
     .columns = step_curves_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = step_curves_fill,
     .wanted = steps_wanted},
    {.name = "evals.csv", .columns = evals_columns, .keys = RUN_KEYS, .fill = fill_evals, .wanted = evals_wanted},
    {.name = "layers.csv",
     .make_columns = layers_columns,
     .keys = RUN_KEYS,
     .fill = layers_fill,
     .wanted = layers_wanted},
    {.name = "layer_curves.csv",
     .make_columns = layers_curve_columns,
     .keys = REPORT_GROUP_KEYS,
     .fill = layers_fill_curves,
     .wanted = layers_wanted},
    {.name = NULL},
};

int report_make(void *batchnorm, const struct plan *plan, struct error *err)
{
    struct batchnorm *report = batchnorm;
    report_free(report); /* rows that rounds_more has made */
    if (report_make_rows(report, plan, err) < 0 || report_make_groups(report, err) < 0 ||
        published_read(report, err) < 0 || report_make_evidence(report, err) < 0 ||
        judged_make_verdicts(report, err) < 0)
        return -1;
    report_judge_groups(report);
    make_epoch_columns(report);
    report_make_notes(report);
    return disagreement_wanted(report) ? dataset_fetch(&report->data.test, err) : 0; /* for hardest_pixels.csv */
}

void report_free(struct batchnorm *report)
{
    report_free_evidence(report);
    free(report->verdicts);
    free(report->rows);
    free(report->scratch);
    free(report->groups);
    csv_free(&report->published_epochs);
    csv_free(&report->published_best);
    memset(&report->plan, 0, sizeof *report - offsetof(struct batchnorm, plan));
}
