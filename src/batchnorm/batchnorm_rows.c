/* The rows of dlexp batchnorm's tables, read off its records. */
#include "batchnorm_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/train/train_bits.h"

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

/* The segment's epochs, which are the next rows of the table. */
static void copy_epochs(struct segment_result *result, double *cells, const struct record_table *table, size_t *row,
                        const struct train_config *train, size_t segment)
{
    const double lr = train->lrs.values[segment / train->norms.count];
    result->cells = cells;
    for (; *row < table->rows; ++*row, cells += TRAIN_MEASURES) {
        const double *from = table->cells + *row * table->columns;
        if (from[EPOCH_SEGMENT] != (double)segment)
            break;
        train_measure_values(train, from, lr, cells);
        result->epochs++;
    }
}

int batchnorm_digest(const struct plan *plan, struct run *run, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct record *record = &run->record;
    const struct record_table *table = record_table_find(record, "epochs");
    const struct train_config *train = batchnorm_train(run);
    const size_t segments = train_segments(train), numbers = table->rows * TRAIN_MEASURES;
    struct segment_result *result =
        malloc(segments * sizeof *result + numbers * sizeof *result->cells + texts_size(record, segments));
    if (!result)
        return error_out_of_memory(err, "a run's results");
    double *const cells = (double *)(result + segments);
    char *text = (char *)(cells + numbers);
    for (size_t s = 0, row = 0; s < segments; s++) {
        result[s] = (struct segment_result){.ending = train_ending_of(record, s),
                                            .steps_an_epoch = train_epoch_steps(train, &batchnorm->data),
                                            .bits = train_bits_noted(record, s)};
        copy_epochs(&result[s], cells + row * TRAIN_MEASURES, table, &row, train, s);
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
    return row->result->cells + (k - 1) * TRAIN_MEASURES;
}

/* Accuracy after epoch k alone. */
static double own_percent(const struct report_row *row, size_t k, size_t column)
{
    const double percent = report_epoch(row, k)[column];
    if (k == 1 || !train_protocol_row(row->train->protocol)->averages)
        return percent;
    return (double)k * percent - (double)(k - 1) * report_epoch(row, k - 1)[column];
}

size_t report_evaluations(const struct report_row *row, struct report_evaluation *evaluations)
{
    const bool validation = row->train->validation > 0;
    for (size_t k = 1; k <= row->epochs && evaluations; k++)
        evaluations[k - 1] = (struct report_evaluation){
            .step = (uint64_t)k * row->result->steps_an_epoch,
            .loss = report_epoch(row, k)[validation ? EPOCH_VALIDATION_LOSS : EPOCH_TEST_LOSS],
            .accuracy_percent = own_percent(row, k, validation ? EPOCH_VALIDATION_ACCURACY : EPOCH_TEST_ACCURACY)};
    return row->epochs;
}

static double final_percent(const struct report_row *row, size_t column)
{
    return row->diverged || row->epochs == 0 ? (double)NAN : own_percent(row, row->epochs, column);
}

double report_selection_percent(const struct report_row *row)
{
    return final_percent(row, row->train->validation > 0 ? EPOCH_VALIDATION_ACCURACY : EPOCH_TEST_ACCURACY);
}

double report_test_percent(const struct report_row *row)
{
    return final_percent(row, EPOCH_TEST_ACCURACY);
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
