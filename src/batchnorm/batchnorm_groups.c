/* Numbers of dlexp batchnorm's runs and their means over seeds. */
#include "batchnorm_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double report_epoch_cell(const struct report_row *row, size_t column, size_t epoch)
{
    return epoch >= 1 && epoch <= row->epochs ? report_epoch(row, epoch)[column] : (double)NAN;
}

double report_cumulative_cell(const struct report_row *row, size_t column, size_t epoch)
{
    double sum = 0;
    if (epoch > row->epochs)
        return (double)NAN;
    for (size_t k = 1; k <= epoch; k++)
        sum += report_epoch(row, k)[column];
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
    (void)column;
    (void)epoch;
    return row->diverged ? (double)NAN : report_best_test_percent(row);
}

double report_selection_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)column;
    return report_epoch_cell(row, report_selection_column(row), epoch);
}

/* A name in a protocol that has no such number is NULL.  validated_name: where another split than the test set selects,
 * and the name is not fair's.  fair, notebook: the heading on the screen (batchnorm_screen.h), NULL where it is not
 * shown; %zu in it is the number of epochs. */
static const struct {
    const char *fair, *notebook, *fair_name, *notebook_name, *validated_name;
    report_measure_fn *measure;
    size_t column, epoch;
    int decimals;
} rows[SHOWN_COUNT] = {
    [SHOWN_TRAIN_LOSS] = {.fair_name = "train_loss",
                          .notebook_name = "batch_losses_sum_over_1000",
                          .measure = report_final_cell,
                          .column = EPOCH_TRAIN_LOSS,
                          .decimals = 4},
    [SHOWN_TRAIN_ACCURACY] = {.fair_name = "train_accuracy_percent",
                              .notebook_name = "mean_over_epochs_train_accuracy_percent",
                              .measure = report_final_cell,
                              .column = EPOCH_TRAIN_ACCURACY,
                              .decimals = 2},
    [SHOWN_FIRST] = {.fair = "test %: epoch 1",
                     .notebook = "test %: epoch 1",
                     .fair_name = "epoch_1_test_accuracy_percent",
                     .notebook_name = "epoch_1_test_accuracy_percent",
                     .validated_name = "epoch_1_validation_accuracy_percent",
                     .measure = report_selection_cell,
                     .epoch = 1,
                     .decimals = 2},
    [SHOWN_END] = {.fair = "end",
                   .notebook = "mean of epochs 1..%zu",
                   .fair_name = "test_accuracy_percent",
                   .notebook_name = "mean_over_epochs_test_accuracy_percent",
                   .validated_name = "test_accuracy_percent",
                   .measure = report_final_cell,
                   .column = EPOCH_TEST_ACCURACY,
                   .decimals = 2},
    [SHOWN_OWN] = {.notebook_name = "last_epoch_test_accuracy_percent",
                   .measure = report_final_own_cell,
                   .column = EPOCH_TEST_ACCURACY,
                   .decimals = 2},
    [SHOWN_BEST] = {.fair = "best on test",
                    .notebook = "best mean of epochs 1..k",
                    .fair_name = "best_test_accuracy_percent",
                    .notebook_name = "best_mean_over_epochs_test_accuracy_percent",
                    .validated_name = "best_test_accuracy_percent",
                    .measure = report_best_cell,
                    .decimals = 2},
};

static bool is_notebook(const struct batchnorm *report)
{
    return train_protocol_row(report->config->train.protocol)->averages;
}

/* The number's name and heading; false where the protocol has no such number: fair's SHOWN_END is SHOWN_OWN. */
static bool find_shown(const struct batchnorm *report, size_t shown, const char **name, const char **heading)
{
    const bool notebook = is_notebook(report), validated = batchnorm_validates(report);
    *name = notebook ? rows[shown].notebook_name : rows[shown].fair_name;
    *heading = notebook ? rows[shown].notebook : rows[shown].fair;
    if (validated && rows[shown].validated_name)
        *name = rows[shown].validated_name;
    return *name != NULL;
}

/* The heading with the number of epochs in the place of its %zu. */
static const char *make_title(char title[REPORT_TITLE_SIZE], const char *heading, size_t epochs)
{
    const char *number = heading ? strstr(heading, "%zu") : NULL;
    if (!number)
        return heading;
    snprintf(title, REPORT_TITLE_SIZE, "%.*s%zu%s", (int)(number - heading), heading, epochs, number + strlen("%zu"));
    return title;
}

static const struct frame_column keys[] = {
    {.name = "norm", .type = FRAME_TEXT, .title = "norm"},
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    {.name = "runs", .type = FRAME_INTEGER},
    {.name = "diverged", .type = FRAME_INTEGER},
};
static const char published_best[] = "published_best_test_accuracy_percent";

static void make_columns(struct batchnorm *report)
{
    struct frame_column *column = report->group_columns;
    memcpy(column, keys, sizeof keys);
    column += sizeof keys / sizeof *keys;
    for (size_t s = 0; s < SHOWN_COUNT; s++) {
        const char *of, *heading;
        if (!find_shown(report, s, &of, &heading))
            continue;
        const char *title = make_title(report->group_titles[s], heading, report->config->train.epochs);
        *column++ = (struct frame_column){.of = of, .name = "runs", .type = FRAME_INTEGER};
        *column++ = (struct frame_column){.of = of,
                                          .name = "mean",
                                          .type = FRAME_REAL,
                                          .title = title,
                                          .shown = SHOWN_DECIMALS,
                                          .places = rows[s].decimals};
        *column++ = (struct frame_column){.of = of,
                                          .name = "half_width_95",
                                          .type = FRAME_REAL,
                                          .digits = FRAME_SURE_DIGITS,
                                          .interval = title != NULL,
                                          .shown = SHOWN_DECIMALS,
                                          .places = rows[s].decimals};
    }
    *column++ = (struct frame_column){.name = published_best,
                                      .type = FRAME_REAL,
                                      .title = "published",
                                      .shown = SHOWN_DECIMALS,
                                      .places = 2,
                                      .optional = true};
    memcpy(column, judged_columns, sizeof judged_columns);
}

/* Those of every protocol. */
static const struct frame_column *all_columns(void)
{
    static const char *const parts[] = {"runs", "mean", "half_width_95"};
    enum { KEYS = sizeof keys / sizeof *keys, PARTS = sizeof parts / sizeof *parts };
    static struct frame_column all[KEYS + 3 * PARTS * SHOWN_COUNT + 1 + sizeof judged_columns / sizeof *judged_columns];
    struct frame_column *column = all + KEYS;
    memcpy(all, keys, sizeof keys);
    for (size_t s = 0; s < SHOWN_COUNT; s++) {
        const char *const names[] = {rows[s].fair_name, rows[s].notebook_name, rows[s].validated_name};
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
            for (size_t p = 0; names[n] && p < PARTS; p++)
                *column++ = (struct frame_column){.of = names[n], .name = parts[p]};
    }
    *column++ = (struct frame_column){.name = published_best};
    memcpy(column, judged_columns, sizeof judged_columns);
    return all;
}

const struct frame_column *report_group_columns(const void *batchnorm)
{
    return batchnorm ? ((const struct batchnorm *)batchnorm)->group_columns : all_columns();
}

void report_fill_groups(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    const char *name, *heading;
    for (size_t g = 0; g < report->group_count; g++) {
        const struct report_group *group = &report->groups[g];
        const struct report_row *row = &report->rows[group->first];
        frame_text(frame, row->norm_name);
        frame_real(frame, row->lr);
        grid_fill(frame, row->run->config);
        frame_integer(frame, (int64_t)(group->end - group->first));
        frame_integer(frame, (int64_t)group->diverged);
        for (size_t s = 0; s < SHOWN_COUNT; s++)
            if (find_shown(report, s, &name, &heading)) {
                frame_integer(frame, (int64_t)group->shown[s].count);
                frame_reals(frame, (const double[]){group->shown[s].mean, group->shown[s].half_width}, 2);
            }
        frame_real(frame, group->published_best);
        judged_fill(report, row, &group->judged, frame);
    }
}

size_t report_gather(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
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
    size_t count = report_gather(report, group, measure, column, epoch);
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
        size_t count = report_gather(report, group, rows[s].measure, rows[s].column, rows[s].epoch);
        group->shown[s] = (struct statistics){0, NAN, NAN, NAN};
        if (count > 0)
            group->shown[s] = statistics_of(report->scratch, count);
        if (!(group->shown[s].deviation > 1e-10 * fabs(group->shown[s].mean))) /* no spread: no t interval */
            group->shown[s].half_width = (double)NAN;
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
    make_columns(report);
    return 0;
}

size_t report_net_end(const struct batchnorm *report, size_t first)
{
    const struct report_row *row = &report->rows[report->groups[first].first];
    size_t end = first + 1;
    for (; end < report->group_count; end++) {
        const struct report_row *other = &report->rows[report->groups[end].first];
        if (other->run->block != row->run->block || other->norm != row->norm)
            break;
    }
    return end;
}

/* The differences of a norm to the groups [none, none_end), which are without one, at the rates that both have. */
static void judge_net(struct batchnorm *report, size_t first, size_t end, size_t none, size_t none_end)
{
    size_t rates = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t at = none;
        for (size_t g = first; g < end; g++) {
            struct report_group *group = &report->groups[g];
            const double lr = report->rows[group->first].lr;
            while (at < none_end && report->rows[report->groups[at].first].lr < lr)
                at++;
            if (at == none_end || report->rows[report->groups[at].first].lr != lr)
                continue;
            const struct report_group *other = &report->groups[at];
            if (pass == 0)
                rates += judged_difference_of(report, group->first, group->end, other->first, other->end, 1).n > 0;
            else
                group->judged.difference =
                    judged_difference_of(report, group->first, group->end, other->first, other->end, rates);
        }
    }
}

void report_judge_groups(struct batchnorm *report)
{
    size_t none = 0, none_end = 0;
    for (size_t g = 0; g < report->group_count; g++)
        report->groups[g].judged = judged_of(report, report->groups[g].first, report->groups[g].end);
    for (size_t first = 0, end; first < report->group_count; first = end) {
        const struct report_row *row = &report->rows[report->groups[first].first];
        end = report_net_end(report, first);
        if (!layer_norm_row(row->norm)) {
            none = first;
            none_end = end;
        } else if (none_end > none && report->rows[report->groups[none].first].run->block == row->run->block) {
            judge_net(report, first, end, none, none_end);
        }
    }
}
