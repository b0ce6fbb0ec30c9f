/* The homework's published numbers beside those of dlexp batchnorm. */
#include "batchnorm_published.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/locate.h"
#include "dlexp/base/number.h"
#include "dlexp/run/setting.h"

/* The homework's settings are the defaults. */
static const size_t homework_norms[] = {0, 1}; /* none, batchnorm */
static const double homework_lrs[] = {0.01, 0.5};
enum { HOMEWORK_EPOCHS = 15, HOMEWORK_NORMS = 2, HOMEWORK_LRS = 2 };

/* All settings but the epochs, and in the fair protocol the net and the rate. */
static bool is_homework(const struct batchnorm *report, const struct run *run)
{
    static const char *const free_ones[] = {"protocol", "epochs", "norm", "lr", "seeds", "eval-every"};
    const struct option *rows = report->grid.invocation->command->options;
    const struct train_config *train = batchnorm_train(run);
    for (const struct option *row = rows; row->name; row++) {
        bool is_free = !row->key || !setting_applies(row, run->config);
        for (size_t i = 0; i < sizeof free_ones / sizeof *free_ones; i++)
            is_free |= strcmp(row->name, free_ones[i]) == 0;
        if (!is_free && !setting_is_initial(row, run->config))
            return false;
    }
    return strcmp(report->data.name, "genuine MNIST") == 0 &&
           (!train_protocol_row(train->protocol)->chained ||
            (train->norms.count == HOMEWORK_NORMS &&
             memcmp(train->norms.values, homework_norms, sizeof homework_norms) == 0 &&
             train->lrs.count == HOMEWORK_LRS && memcmp(train->lrs.values, homework_lrs, sizeof homework_lrs) == 0));
}

/* Where the homework printed epochs of such runs. */
static bool has_homework_epochs(const struct batchnorm *report, const struct report_row *row)
{
    const struct train_config *train = batchnorm_train(row->run);
    const double lr = row->lr;
    if (!is_homework(report, row->run))
        return false;
    if (train_protocol_row(train->protocol)->chained && train->epochs != HOMEWORK_EPOCHS)
        return lr == homework_lrs[0];
    return lr == homework_lrs[0] || lr == homework_lrs[1];
}

/* The number in a published table's cell; nan where the page was cut. */
static double cell(const struct csv *csv, size_t row, const char *column)
{
    double value;
    const char *why;
    int c = csv_column(csv, column);
    const char *text = c >= 0 ? csv_cell(csv, row, (size_t)c) : "";
    return number_parse_real(text, strlen(text), &value, &why) == 0 ? value : (double)NAN;
}

static bool matches(const struct csv *csv, size_t row, const struct report_row *of)
{
    int norm = csv_column(csv, "norm");
    return norm >= 0 && strcmp(csv_cell(csv, row, (size_t)norm), of->norm_name) == 0 && cell(csv, row, "lr") == of->lr;
}

/* Wherever the table is installed; *found is false where it is not. */
static int read_table(struct csv *csv, const char *name, bool *found, struct error *err)
{
    char *path = NULL;
    int result = locate_data(&path, name, err);
    *found = result == 0;
    if (result == 0)
        result = csv_read(csv, path, err);
    else if (err->code == ERROR_DATA)
        result = 0;
    free(path);
    return result;
}

/* Best accuracies were printed of whole runs alone. */
static double best_of(const struct batchnorm *report, const struct report_row *row)
{
    const struct csv *best = &report->published_best;
    for (size_t r = 0; batchnorm_train(row->run)->epochs == HOMEWORK_EPOCHS && r < best->rows; r++)
        if (matches(best, r, row))
            return cell(best, r, "test_accuracy_percent");
    return NAN;
}

int published_read(struct batchnorm *report, struct error *err)
{
    bool epochs_found, best_found, any = false;
    for (size_t g = 0; g < report->group_count; g++) {
        struct report_group *group = &report->groups[g];
        group->published = has_homework_epochs(report, &report->rows[group->first]);
        any |= group->published;
    }
    if (!any)
        return 0;
    if (read_table(&report->published_epochs, "published/epochs.csv", &epochs_found, err) < 0 ||
        read_table(&report->published_best, "published/best.csv", &best_found, err) < 0)
        return -1;
    report->published_missing = !epochs_found || !best_found;
    report->published = !report->published_missing;
    for (size_t g = 0; g < report->group_count; g++) {
        struct report_group *group = &report->groups[g];
        group->published &= report->published;
        if (group->published)
            group->published_best = best_of(report, &report->rows[group->first]);
    }
    return 0;
}

bool published_best_shown(const struct batchnorm *report)
{
    for (size_t g = 0; g < report->group_count; g++)
        if (!isnan(report->groups[g].published_best))
            return true;
    return false;
}

bool published_wanted(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    return report->published;
}

/* Where a published number stands among the seeds' numbers that are its like. */
#define PLACE_COLUMNS(of_)                                                                                             \
    {.name = of_ "_seeds_mean", .type = FRAME_REAL},                                                                   \
        {.name = of_ "_seeds_sd", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},                                    \
        {.name = of_ "_seeds_low", .type = FRAME_REAL}, {.name = of_ "_seeds_high", .type = FRAME_REAL},               \
        {.name = of_ "_z", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},                                           \
    {                                                                                                                  \
        .name = of_ "_percentile", .type = FRAME_REAL                                                                  \
    }

/* One epoch of one norm and rate. */
const struct frame_column published_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "epoch", .type = FRAME_INTEGER},
    {.name = "runs", .type = FRAME_INTEGER},
    {.name = "published_train_loss", .type = FRAME_REAL},
    {.name = "measured_train_loss", .type = FRAME_REAL},
    {.name = "published_train_accuracy_percent", .type = FRAME_REAL},
    {.name = "measured_train_accuracy_percent", .type = FRAME_REAL},
    {.name = "published_test_accuracy_percent", .type = FRAME_REAL},
    {.name = "measured_test_accuracy_percent", .type = FRAME_REAL},
    {.name = "measured_cumulative_train_accuracy_percent", .type = FRAME_REAL},
    {.name = "measured_cumulative_test_accuracy_percent", .type = FRAME_REAL},
    PLACE_COLUMNS("train_loss"),
    PLACE_COLUMNS("train_accuracy"),
    PLACE_COLUMNS("test_accuracy"),
    {.name = NULL},
};

/*
 * The seeds' mean, sample standard deviation, lowest and highest; z = (published - mean) / deviation; the percentile,
 * %, of those below it, equal ones by half.  One seed has no deviation.
 */
static void fill_place(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
                       size_t column, size_t epoch, double published, struct frame *frame)
{
    const size_t count = report_gather(report, group, measure, column, epoch);
    double low = (double)NAN, high = (double)NAN, below = 0;
    struct statistics s = {0, (double)NAN, (double)NAN, (double)NAN};
    if (count > 0)
        s = statistics_of(report->scratch, count);
    for (size_t i = 0; i < count; i++) {
        const double value = report->scratch[i];
        low = value >= low ? low : value;
        high = value <= high ? high : value;
        below += value < published ? 1 : value == published ? 0.5 : 0;
    }
    const bool known = !isnan(published) && count > 0;
    frame_reals(frame,
                (const double[]){s.mean, s.deviation, low, high,
                                 known && s.deviation > 0 ? (published - s.mean) / s.deviation : (double)NAN,
                                 known ? 100 * below / (double)count : (double)NAN},
                6);
}

static void fill_row(const struct batchnorm *report, const struct report_group *group, size_t csv_row, size_t epoch,
                     struct frame *frame)
{
    static const struct {
        const char *name;
        size_t column;
    } metrics[] = {{"train_loss", EPOCH_TRAIN_LOSS},
                   {"train_accuracy_percent", EPOCH_TRAIN_ACCURACY},
                   {"test_accuracy_percent", EPOCH_TEST_ACCURACY}};
    const bool notebook = train_protocol_row(report->config->train.protocol)->averages;
    int64_t runs = 0;
    for (size_t i = group->first; i < group->end; i++)
        runs += report->rows[i].epochs >= epoch;
    frame_text(frame, report->rows[group->first].norm_name);
    frame_real(frame, report->rows[group->first].lr);
    grid_fill(frame, report->rows[group->first].run->config);
    frame_integer(frame, (int64_t)epoch);
    frame_integer(frame, runs);
    for (size_t m = 0; m < 3; m++) {
        frame_real(frame, cell(&report->published_epochs, csv_row, metrics[m].name));
        frame_real(frame, report_group_mean(report, group, report_epoch_cell, metrics[m].column, epoch));
    }
    for (size_t m = 1; m < 3; m++)
        frame_real(frame, report_group_mean(report, group, notebook ? report_epoch_cell : report_cumulative_cell,
                                            metrics[m].column, epoch));
    for (size_t m = 0; m < 3; m++)
        fill_place(report, group, m == 0 || notebook ? report_epoch_cell : report_cumulative_cell, metrics[m].column,
                   epoch, cell(&report->published_epochs, csv_row, metrics[m].name), frame);
}

void published_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    const struct csv *csv = &report->published_epochs;
    for (size_t g = 0; g < report->group_count; g++)
        for (size_t r = 0; report->groups[g].published && r < csv->rows; r++) {
            const double epoch = cell(csv, r, "epoch");
            if (matches(csv, r, &report->rows[report->groups[g].first]) && epoch >= 1 &&
                epoch <= (double)report->config->train.epochs)
                fill_row(report, &report->groups[g], r, (size_t)epoch, frame);
        }
}
