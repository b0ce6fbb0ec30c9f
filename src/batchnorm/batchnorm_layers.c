/* batchnorm_layers.c - see batchnorm_layers.h. */
#include "batchnorm_layers.h"

#include <stdlib.h>
#include <string.h>

enum { EPOCH = 1, LAYER }; /* columns of a record's table, behind the segment */

bool layers_wanted(const void *batchnorm)
{
    return ((const struct batchnorm *)batchnorm)->config->train.layers;
}

enum { KEYS = 5 };

/* The table's keys and the measures, which are known to train_layers alone. */
static const struct frame_column *make_columns(struct frame_column columns[KEYS + TRAIN_LAYERS_MAX + 1],
                                               const struct frame_column keys[KEYS])
{
    memcpy(columns, keys, KEYS * sizeof *keys);
    for (size_t i = 0; i < train_layer_measures(); i++)
        columns[KEYS + i] = (struct frame_column){.name = train_layer_measure_row(i)->name, .type = FRAME_REAL};
    return columns;
}

const struct frame_column *layers_columns(const void *batchnorm)
{
    static const struct frame_column keys[KEYS] = {
        REPORT_KEY_COLUMNS, {.name = "epoch", .type = FRAME_INTEGER}, {.name = "layer", .type = FRAME_INTEGER}};
    static struct frame_column columns[KEYS + TRAIN_LAYERS_MAX + 1];
    (void)batchnorm;
    return make_columns(columns, keys);
}

const struct frame_column *layers_curve_columns(const void *batchnorm)
{
    static const struct frame_column keys[KEYS] = {{.name = "norm", .type = FRAME_TEXT},
                                                   {.name = "lr", .type = FRAME_REAL},
                                                   {.name = "layer", .type = FRAME_INTEGER},
                                                   {.name = "epoch", .type = FRAME_INTEGER},
                                                   {.name = "runs", .type = FRAME_INTEGER}};
    static struct frame_column columns[KEYS + TRAIN_LAYERS_MAX + 1];
    (void)batchnorm;
    return make_columns(columns, keys);
}

/* The row's cells of its run's table, `count` times a table's row; false where they cannot be had: the frame tells why.
 * Otherwise the caller frees the record. */
static bool read_cells(const struct batchnorm *report, const struct report_row *row, struct record *record,
                       const double **cells, size_t *count, struct frame *frame)
{
    struct error err;
    size_t first = 0;
    if (runner_read_whole(report->plan, row->run, record, &err) < 0) {
        frame_fail(frame, &err);
        return false;
    }
    const struct record_table *table = record_table_find(record, TRAIN_LAYERS_TABLE);
    assert(table && "a run without it was computed again");
    while (first < table->rows && table->cells[first * table->columns] < (double)row->segment)
        first++;
    *count = row->epochs * row->train->hidden.count;
    *cells = *count > 0 ? table->cells + first * table->columns : NULL;
    return true;
}

void layers_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->count; i++) {
        const struct report_row *row = &report->rows[i];
        struct record record;
        size_t count;
        const double *cells;
        if (!read_cells(report, row, &record, &cells, &count, frame))
            return;
        for (size_t k = 0; k < count; k++, cells += TRAIN_LAYERS_KEYS + train_layer_measures()) {
            report_fill_key(row, frame);
            frame_integer(frame, (int64_t)cells[EPOCH]);
            frame_integer(frame, (int64_t)cells[LAYER]);
            frame_reals(frame, cells + TRAIN_LAYERS_KEYS, train_layer_measures());
        }
        record_free(&record);
    }
}

/* The sums of the group's runs that reached the epoch `last` added to sums, in the order of their cells; returns how
 * many runs they are, 0 also where a record cannot be had. */
static size_t add_runs(const struct batchnorm *report, const struct report_group *group, size_t last, double *sums,
                       struct frame *frame)
{
    size_t runs = 0;
    for (size_t i = group->first; i < group->end; i++) {
        const struct report_row *row = &report->rows[i];
        struct record record;
        const double *cells;
        size_t count;
        if (row->epochs != last)
            continue;
        if (!read_cells(report, row, &record, &cells, &count, frame))
            return 0;
        for (size_t k = 0; k < count * (TRAIN_LAYERS_KEYS + train_layer_measures()); k++)
            sums[k] += cells[k];
        record_free(&record);
        runs++;
    }
    return runs;
}

static void fill_group(const struct batchnorm *report, const struct report_group *group, size_t last,
                       struct frame *frame)
{
    const struct report_row *first = &report->rows[group->first];
    const size_t columns = TRAIN_LAYERS_KEYS + train_layer_measures(), count = last * first->train->hidden.count;
    double *const sums = calloc(count * columns + 1, sizeof *sums);
    if (!sums) {
        frame->failed = true;
        return;
    }
    const size_t runs = add_runs(report, group, last, sums, frame);
    for (size_t k = 0; k < count && runs > 0; k++) { /* layer by layer, each a curve */
        double *const cells = sums + (k % last * first->train->hidden.count + k / last) * columns;
        for (size_t c = 0; c < columns; c++)
            cells[c] /= (double)runs;
        frame_text(frame, first->norm_name);
        frame_real(frame, first->lr);
        grid_fill(frame, first->run->config);
        frame_integer(frame, (int64_t)cells[LAYER]);
        frame_integer(frame, (int64_t)cells[EPOCH]);
        frame_integer(frame, (int64_t)runs);
        frame_reals(frame, cells + TRAIN_LAYERS_KEYS, train_layer_measures());
    }
    free(sums);
}

void layers_fill_curves(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    const size_t last = report_epochs_reached(report);
    for (size_t g = 0; g < report->group_count && !frame->failed; g++)
        fill_group(report, &report->groups[g], last, frame);
}
