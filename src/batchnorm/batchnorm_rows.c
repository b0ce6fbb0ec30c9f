/* The rows of dlexp batchnorm's tables, read off its records. */
#include "batchnorm_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_confusion.h"

const struct train_config *batchnorm_train(const struct run *run)
{
    return &((const struct batchnorm_config *)run->config)->train;
}

static int compare_rows(const void *a_, const void *b_)
{
    const struct report_row *a = a_, *b = b_;
    if (a->run->extra != b->run->extra)
        return a->run->extra ? 1 : -1;
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
static void copy_epochs(struct segment_result *result, double **cells, const struct record *record, size_t *row,
                        const struct train_config *train, size_t segment)
{
    const struct record_table *table = record_table_find(record, "epochs");
    const double lr = train->lrs.values[segment / train->norms.count];
    result->cells = *cells;
    for (; *row < table->rows; ++*row, *cells += TRAIN_MEASURES) {
        const double *from = table->cells + *row * table->columns;
        if (from[EPOCH_SEGMENT] != (double)segment)
            break;
        train_measure_values(train, from, lr, *cells);
        result->epochs++;
    }
    if (train->selection.validation == 0)
        return;
    if (result->ending.end == TRAIN_COMPLETED) {
        const struct train_score tested = train_test_score(record, segment, TRAIN_TEST);
        double *const last = *cells - TRAIN_MEASURES;
        last[EPOCH_TEST_LOSS] = tested.loss;
        last[EPOCH_TEST_ACCURACY] = tested.accuracy_percent;
    }
    result->best_test = train_test_score(record, segment, TRAIN_BEST_TEST);
}

/* The same of its evaluations between epochs. */
static void copy_evals(struct segment_result *result, double **cells, const struct record_table *evals, size_t *row,
                       size_t segment)
{
    result->eval_cells = *cells;
    for (; evals && *row < evals->rows && evals->cells[*row * EVAL_COLUMNS + EVAL_SEGMENT] == (double)segment; ++*row) {
        memcpy(*cells, evals->cells + *row * EVAL_COLUMNS, EVAL_COLUMNS * sizeof **cells);
        *cells += EVAL_COLUMNS;
        result->evals++;
    }
}

int batchnorm_digest(const struct plan *plan, struct run *run, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct record *record = &run->record;
    const struct record_table *epochs = record_table_find(record, "epochs"),
                              *evals = record_table_find(record, TRAIN_EVALS_TABLE);
    const struct train_config *train = batchnorm_train(run);
    const size_t segments = train_segments(train),
                 numbers = epochs->rows * TRAIN_MEASURES + (evals ? evals->rows * EVAL_COLUMNS : 0);
    struct segment_result *result =
        malloc(segments * sizeof *result + numbers * sizeof *result->cells + texts_size(record, segments));
    if (!result)
        return error_out_of_memory(err, "a run's results");
    double *cells = (double *)(result + segments);
    char *text = (char *)(cells + numbers);
    for (size_t s = 0, row = 0, eval_row = 0; s < segments; s++) {
        result[s] = (struct segment_result){.ending = train_ending_of(record, s),
                                            .steps_an_epoch = train_epoch_steps(train, &batchnorm->data),
                                            .bits = train_bits_noted(record, s),
                                            .confusion = train_confusion_noted(record, s)};
        copy_epochs(&result[s], &cells, record, &row, train, s);
        copy_evals(&result[s], &cells, evals, &eval_row, s);
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

double batchnorm_chance(const struct dataset *data, size_t validation)
{
    const size_t count = validation > 0 ? validation : data->test.count;
    const uint8_t *labels = validation > 0 ? data->train.labels + data->train.count - count : data->test.labels;
    size_t counts[256] = {0}, largest = 0;
    for (size_t i = 0; i < count; i++)
        if (++counts[labels[i]] > largest)
            largest = counts[labels[i]];
    return 100.0 * (double)largest / (double)count;
}

bool batchnorm_validates(const struct batchnorm *batchnorm)
{
    return batchnorm->config->train.selection.validation > 0;
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

bool report_validates(const struct report_row *row)
{
    return row->train->selection.validation > 0;
}

size_t report_selection_column(const struct report_row *row)
{
    return report_validates(row) ? EPOCH_VALIDATION_ACCURACY : EPOCH_TEST_ACCURACY;
}

size_t report_evaluations(const struct report_row *row, struct report_evaluation *evaluations)
{
    const struct segment_result *result = row->result;
    const size_t accuracy = report_selection_column(row), count = row->epochs + result->evals;
    const size_t loss = report_validates(row) ? EPOCH_VALIDATION_LOSS : EPOCH_TEST_LOSS;
    for (size_t i = 0, e = 0, k = 1; i < count && evaluations; i++) {
        const double *eval = e < result->evals ? result->eval_cells + e * EVAL_COLUMNS : NULL;
        const uint64_t step = (uint64_t)k * result->steps_an_epoch; /* at which epoch k ends */
        if (eval && (k > row->epochs || eval[EVAL_STEP] < (double)step)) {
            evaluations[i] =
                (struct report_evaluation){(uint64_t)eval[EVAL_STEP], eval[EVAL_LOSS], eval[EVAL_ACCURACY]};
            e++;
        } else {
            evaluations[i] =
                (struct report_evaluation){step, report_epoch(row, k)[loss], own_percent(row, k, accuracy)};
            k++;
        }
    }
    return count;
}

const double *report_last_epoch(const struct report_row *row)
{
    return row->epochs > 0 ? report_epoch(row, row->epochs) : NULL;
}

const double *report_best_epoch(const struct report_row *row)
{
    const size_t column = report_selection_column(row);
    const double *best = NULL;
    for (size_t k = 1; k <= row->epochs; k++)
        if (!best || report_epoch(row, k)[column] > best[column])
            best = report_epoch(row, k);
    return best;
}

double report_best_test_percent(const struct report_row *row)
{
    const double *best = report_best_epoch(row);
    return !best                   ? (double)NAN
           : report_validates(row) ? row->result->best_test.accuracy_percent
                                   : best[EPOCH_TEST_ACCURACY];
}

static double final_percent(const struct report_row *row, size_t column)
{
    return row->diverged || row->epochs == 0 ? (double)NAN : own_percent(row, row->epochs, column);
}

double report_selection_percent(const struct report_row *row)
{
    return final_percent(row, report_selection_column(row));
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

int report_read_bits(const struct batchnorm *report, const struct report_row *row, uint8_t *bits, struct error *err)
{
    struct record record;
    if (runner_read_whole(report->plan, row->run, &record, err) < 0)
        return -1;
    train_bits_read(&record, row->segment, report->data.test.count, bits);
    record_free(&record);
    return 0;
}

int report_make_rows(struct batchnorm *report, const struct plan *plan, struct error *err)
{
    size_t count = 0;
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
    while (report->count > 0 && report->rows[report->count - 1].run->extra) {
        report->count--;
        report->refined++;
    }
    report->chance_percent = batchnorm_chance(&report->data, 0);
    return 0;
}
