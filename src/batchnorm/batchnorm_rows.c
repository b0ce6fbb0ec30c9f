/* The rows of dlexp batchnorm's tables, read off its records. */
#include "batchnorm_rows.h"

#include <stdlib.h>
#include <string.h>

const struct train_config *batchnorm_train(const struct run *run)
{
    return &((const struct batchnorm_config *)run->config)->train;
}

static int compare_rows(const void *a_, const void *b_)
{
    const struct report_row *a = a_, *b = b_;
    if (a->run->block != b->run->block)
        return a->run->block < b->run->block ? -1 : 1;
    if (a->norm != b->norm)
        return a->norm < b->norm ? -1 : 1;
    if (a->lr != b->lr)
        return a->lr < b->lr ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

const char *report_value(const struct report_row *row, const char *key)
{
    char name[64];
    snprintf(name, sizeof name, "segment.%zu.%s", row->segment, key);
    return record_get(&row->run->record, name);
}

size_t report_epochs_reached(const struct batchnorm *report)
{
    size_t last = 0;
    for (size_t i = 0; i < report->count; i++)
        last = report->rows[i].epochs > last ? report->rows[i].epochs : last;
    return last;
}

void report_fill_key(const struct report_row *row, struct frame *frame)
{
    frame_text(frame, row->norm_name);
    frame_real(frame, row->lr);
    frame_integer(frame, row->seed);
    grid_fill(frame, row->run->config);
}

static int make_row(struct report_row *row, const struct run *run, size_t segment, struct error *err)
{
    const struct train_config *train = batchnorm_train(run);
    const struct record_table *table = record_table_find(&run->record, "epochs");
    /* Segments go rate by rate, and within a rate norm by norm. */
    *row = (struct report_row){.run = run, .train = train, .segment = segment, .seed = train->seed};
    row->norm = train->norms.values[segment % train->norms.count];
    row->lr = train->lrs.values[segment / train->norms.count];
    layer_norm_name(row->norm, &row->norm_name);
    const char *status = report_value(row, "status");
    if (!table || table->columns <= EPOCH_TEST_ACCURACY || !status)
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    row->ending = train_ending_of(&run->record, segment);
    row->diverged = row->ending.end != TRAIN_COMPLETED;
    row->model_sha256 = report_value(row, "best_model_sha256");
    row->epoch = malloc((table->rows + 1) * sizeof *row->epoch);
    if (!row->epoch)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < table->rows; i++) {
        const double *cells = table->cells + i * table->columns;
        if (cells[EPOCH_SEGMENT] == (double)segment)
            row->epoch[row->epochs++] = cells;
    }
    return 0;
}

int report_make_rows(struct batchnorm *report, const struct plan *plan, struct error *err)
{
    size_t count = 0, counts[256] = {0}, largest = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += train_segments(batchnorm_train(&plan->runs[i]));
    report->plan = plan;
    report->rows = calloc(count, sizeof *report->rows);
    if (!report->rows)
        return error_out_of_memory(err, "the tables");
    for (size_t i = 0; i < plan->count; i++)
        for (size_t s = 0; s < train_segments(batchnorm_train(&plan->runs[i])); s++)
            if (make_row(&report->rows[report->count++], &plan->runs[i], s, err) < 0)
                return -1;
    qsort(report->rows, report->count, sizeof *report->rows, compare_rows);
    for (size_t i = 0; i < report->data.test.count; i++)
        if (++counts[report->data.test.labels[i]] > largest)
            largest = counts[report->data.test.labels[i]];
    report->chance_percent = 100.0 * (double)largest / (double)report->data.test.count;
    return 0;
}

void report_free(struct batchnorm *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->rows[i].epoch);
    free(report->rows);
    free(report->scratch);
    free(report->groups);
    free(report->answers);
    csv_free(&report->published_epochs);
    csv_free(&report->published_best);
}
