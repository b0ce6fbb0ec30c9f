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

static const char *segment_text(const struct record *record, size_t segment, enum report_text text)
{
    static const char *const keys[REPORT_TEXTS] = {[TEXT_PARAMETERS] = "parameters",
                                                   [TEXT_INITIAL_SHA256] = "initial_weights_sha256",
                                                   [TEXT_FINAL_SHA256] = "final_weights_sha256",
                                                   [TEXT_MODEL_SHA256] = "best_model_sha256"};
    char name[64];
    snprintf(name, sizeof name, "segment.%zu.%s", segment, keys[text]);
    return record_get(record, name);
}

static size_t texts_size(const struct record *record, size_t segments)
{
    size_t size = 0;
    for (size_t s = 0; s < segments; s++)
        for (enum report_text t = 0; t < REPORT_TEXTS; t++) {
            const char *text = segment_text(record, s, t);
            size += text ? strlen(text) + 1 : 0;
        }
    return size;
}

int batchnorm_digest(const struct plan *plan, struct run *run, struct error *err)
{
    const struct record *record = &run->record;
    const struct record_table *table = record_table_find(record, "epochs");
    const size_t segments = train_segments(batchnorm_train(run)), numbers = table->rows * table->columns;
    struct segment_result *result =
        malloc(segments * sizeof *result + numbers * sizeof *result->cells + texts_size(record, segments));
    (void)plan;
    if (!result)
        return error_out_of_memory(err, "a run's results");
    double *const cells = (double *)(result + segments), *of = cells;
    char *text = (char *)(cells + numbers);
    if (numbers > 0)
        memcpy(cells, table->cells, numbers * sizeof *cells);
    for (size_t s = 0; s < segments; s++) {
        result[s] =
            (struct segment_result){.ending = train_ending_of(record, s), .columns = table->columns, .cells = of};
        /* The rows of a segment follow those of the one before. */
        for (; of < cells + numbers && of[EPOCH_SEGMENT] == (double)s; of += table->columns)
            result[s].epochs++;
        for (enum report_text t = 0; t < REPORT_TEXTS; t++) {
            const char *from = segment_text(record, s, t);
            result[s].texts[t] = from ? strcpy(text, from) : NULL;
            text += from ? strlen(from) + 1 : 0;
        }
    }
    run->result = result;
    return 0;
}

const struct segment_result *batchnorm_result(const struct run *run, size_t segment)
{
    return (const struct segment_result *)run->result + segment;
}

const double *report_epoch(const struct report_row *row, size_t k)
{
    return row->result->cells + (k - 1) * row->result->columns;
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

static void make_row(struct report_row *row, const struct run *run, size_t segment)
{
    const struct train_config *train = batchnorm_train(run);
    /* Segments go rate by rate, and within a rate norm by norm. */
    *row = (struct report_row){.run = run, .train = train, .segment = segment, .seed = train->seed};
    row->norm = train->norms.values[segment % train->norms.count];
    row->lr = train->lrs.values[segment / train->norms.count];
    layer_norm_name(row->norm, &row->norm_name);
    row->result = batchnorm_result(run, segment);
    row->diverged = row->result->ending.end != TRAIN_COMPLETED;
    row->epochs = row->result->epochs;
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
            make_row(&report->rows[report->count++], &plan->runs[i], s);
    qsort(report->rows, report->count, sizeof *report->rows, compare_rows);
    for (size_t i = 0; i < report->data.test.count; i++)
        if (++counts[report->data.test.labels[i]] > largest)
            largest = counts[report->data.test.labels[i]];
    report->chance_percent = 100.0 * (double)largest / (double)report->data.test.count;
    return 0;
}

void report_free(struct batchnorm *report)
{
    free(report->rows);
    free(report->scratch);
    free(report->groups);
    free(report->answers);
    csv_free(&report->published_epochs);
    csv_free(&report->published_best);
}
