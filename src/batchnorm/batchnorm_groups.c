/* Numbers of dlexp batchnorm's runs and their means over seeds. */
#include "batchnorm_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double *report_last_epoch(const struct report_row *row)
{
    return row->epochs > 0 ? row->epoch[row->epochs - 1] : NULL;
}

const double *report_best_epoch(const struct report_row *row)
{
    const double *best = NULL;
    for (size_t k = 0; k < row->epochs; k++)
        if (!best || row->epoch[k][EPOCH_TEST_ACCURACY] > best[EPOCH_TEST_ACCURACY])
            best = row->epoch[k];
    return best;
}

double report_epoch_cell(const struct report_row *row, size_t column, size_t epoch)
{
    return epoch >= 1 && epoch <= row->epochs ? row->epoch[epoch - 1][column] : (double)NAN;
}

double report_cumulative_cell(const struct report_row *row, size_t column, size_t epoch)
{
    double sum = 0;
    if (epoch > row->epochs)
        return (double)NAN;
    for (size_t k = 0; k < epoch; k++)
        sum += row->epoch[k][column];
    return sum / (double)epoch;
}

double report_own_cell(const struct report_row *row, size_t column, size_t epoch)
{
    const double average = report_epoch_cell(row, column, epoch);
    if (epoch <= 1)
        return average;
    return (double)epoch * average - (double)(epoch - 1) * report_epoch_cell(row, column, epoch - 1);
}

double report_final_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)epoch;
    return row->diverged ? (double)NAN : report_epoch_cell(row, column, row->epochs);
}

double report_final_own_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)epoch;
    return row->diverged ? (double)NAN : report_own_cell(row, column, row->epochs);
}

double report_best_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)epoch;
    const double *best = row->diverged ? NULL : report_best_epoch(row);
    return best ? best[column] : (double)NAN;
}

/* The rows of the table of what is shown.  %zu in a heading: the number of epochs. */
static const struct {
    const char *fair, *notebook, *fair_json, *notebook_json;
    report_measure_fn *measure;
    size_t column, epoch;
    int decimals;
} rows[SHOWN_COUNT] = {
    [SHOWN_TRAIN_LOSS] = {"train loss", "loss sum / 1000", "train_loss", "batch_losses_sum_over_1000",
                          report_final_cell, EPOCH_TRAIN_LOSS, 0, 4},
    [SHOWN_TRAIN_ACCURACY] = {"train %", "train %: mean of epochs 1..%zu", "train_accuracy_percent",
                              "mean_over_epochs_train_accuracy_percent", report_final_cell, EPOCH_TRAIN_ACCURACY, 0, 2},
    [SHOWN_FIRST] = {"test %: epoch 1", "test %: epoch 1", "epoch_1_test_accuracy_percent",
                     "epoch_1_test_accuracy_percent", report_epoch_cell, EPOCH_TEST_ACCURACY, 1, 2},
    [SHOWN_END] = {"end", "mean of epochs 1..%zu", "test_accuracy_percent", "mean_over_epochs_test_accuracy_percent",
                   report_final_cell, EPOCH_TEST_ACCURACY, 0, 2},
    [SHOWN_OWN] = {NULL, "epoch %zu alone", NULL, "last_epoch_test_accuracy_percent", report_final_own_cell,
                   EPOCH_TEST_ACCURACY, 0, 2},
    [SHOWN_BEST] = {"best on test", "best mean of epochs 1..k", "best_test_accuracy_percent",
                    "best_mean_over_epochs_test_accuracy_percent", report_best_cell, EPOCH_TEST_ACCURACY, 0, 2},
};

bool report_heading(const struct batchnorm *report, size_t shown, struct report_heading *heading)
{
    const bool notebook = report->config->train.protocol == TRAIN_NOTEBOOK;
    const char *format = notebook ? rows[shown].notebook : rows[shown].fair;
    if (!format)
        return false;
    heading->json = notebook ? rows[shown].notebook_json : rows[shown].fair_json;
    heading->decimals = rows[shown].decimals;
    const char *number = strstr(format, "%zu");
    if (number)
        snprintf(heading->screen, sizeof heading->screen, "%.*s%zu%s", (int)(number - format), format,
                 report->config->train.epochs, number + strlen("%zu"));
    else
        snprintf(heading->screen, sizeof heading->screen, "%s", format);
    return true;
}

/* Puts what the group's runs have of it into the report's scratch; returns how many numbers there are. */
static size_t gather(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
                     size_t column, size_t epoch)
{
    size_t count = 0;
    for (size_t i = group->first; i < group->end; i++) {
        double value = measure(&report->rows[i], column, epoch);
        if (!isnan(value))
            report->scratch[count++] = value;
    }
    return count;
}

double report_group_mean(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
                         size_t column, size_t epoch)
{
    size_t count = gather(report, group, measure, column, epoch);
    return count > 0 ? statistics_of(report->scratch, count).mean : (double)NAN;
}

static void make_group(const struct batchnorm *report, struct report_group *group, size_t first)
{
    const struct report_row *row = &report->rows[first];
    *group = (struct report_group){.first = first, .end = first, .published_best = NAN};
    while (group->end < report->count && report->rows[group->end].run->block == row->run->block &&
           report->rows[group->end].norm == row->norm && report->rows[group->end].lr == row->lr)
        group->diverged += report->rows[group->end++].diverged;
    for (size_t s = 0; s < SHOWN_COUNT; s++) {
        size_t count = gather(report, group, rows[s].measure, rows[s].column, rows[s].epoch);
        group->shown[s] = (struct statistics){0, NAN, NAN, NAN};
        if (count > 0)
            group->shown[s] = statistics_of(report->scratch, count);
    }
}

int report_make_groups(struct batchnorm *report, struct error *err)
{
    /* There are no more groups, nor runs of a group, than rows. */
    report->scratch = calloc(report->count, sizeof *report->scratch);
    report->groups = calloc(report->count, sizeof *report->groups);
    if (!report->scratch || !report->groups)
        return error_out_of_memory(err, "the tables");
    for (size_t first = 0; first < report->count; first = report->groups[report->group_count++].end)
        make_group(report, &report->groups[report->group_count], first);
    return 0;
}
