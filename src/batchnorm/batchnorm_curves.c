/* batchnorm_curves.c - see batchnorm_curves.h. */
#include "batchnorm_curves.h"

#include <math.h>

#define MEASURE_COLUMNS(measure)                                                                                       \
    {.name = measure, .type = FRAME_REAL}, {.name = measure "_low", .type = FRAME_REAL},                               \
    {                                                                                                                  \
        .name = measure "_high", .type = FRAME_REAL                                                                    \
    }

/* The numbers are those of `measures`, in their order. */
#define CURVE_COLUMNS                                                                                                  \
    {.name = "norm", .type = FRAME_TEXT}, {.name = "lr", .type = FRAME_REAL}, {.name = "seed", .type = FRAME_INTEGER}, \
        {.name = "epoch", .type = FRAME_INTEGER},                                                                      \
        {.name = "runs", .type = FRAME_INTEGER},    /* of the norm and rate that reached the last epoch, and */        \
        {.name = "stopped", .type = FRAME_INTEGER}, /* that did not */                                                 \
        {.name = "last", .type = FRAME_BOOL},       /* here a run stopped */                                           \
        MEASURE_COLUMNS("train_loss"), MEASURE_COLUMNS("train_accuracy_percent"), MEASURE_COLUMNS("test_loss"),        \
        MEASURE_COLUMNS("test_accuracy_percent")

static const size_t measures[] = {EPOCH_TRAIN_LOSS,    EPOCH_TRAIN_ACCURACY,  EPOCH_TEST_LOSS,
                                  EPOCH_TEST_ACCURACY, EPOCH_VALIDATION_LOSS, EPOCH_VALIDATION_ACCURACY};
enum { TESTED = 4, VALIDATED = sizeof measures / sizeof *measures };

const struct frame_column *curves_columns(const void *batchnorm)
{
    static const struct frame_column tested[] = {CURVE_COLUMNS, {.name = NULL}};
    static const struct frame_column validated[] = {CURVE_COLUMNS,
                                                    MEASURE_COLUMNS("validation_loss"),
                                                    MEASURE_COLUMNS("validation_accuracy_percent"),
                                                    {.name = NULL}};
    return !batchnorm || batchnorm_validates(batchnorm) ? validated : tested;
}

static size_t measure_count(const struct batchnorm *report)
{
    return batchnorm_validates(report) ? VALIDATED : TESTED;
}

/* A group whose runs are split: those that reached the epoch `last`, and the others. */
struct curve {
    const struct batchnorm *report;
    const struct report_group *group;
    size_t last, complete;
};

static void fill_key(struct frame *frame, const struct curve *curve, const struct report_row *stopped, size_t epoch)
{
    const struct report_row *first = &curve->report->rows[curve->group->first];
    frame_text(frame, first->norm_name);
    frame_real(frame, first->lr);
    if (stopped)
        frame_integer(frame, stopped->seed);
    else
        frame_none(frame);
    grid_fill(frame, first->run->config);
    frame_integer(frame, (int64_t)epoch);
    frame_integer(frame, (int64_t)curve->complete);
    frame_integer(frame, (int64_t)(curve->group->end - curve->group->first - curve->complete));
    frame_bool(frame, stopped && epoch == stopped->epochs);
}

static void fill_mean(struct frame *frame, const struct curve *curve, size_t epoch)
{
    fill_key(frame, curve, NULL, epoch);
    for (size_t m = 0; m < measure_count(curve->report); m++) {
        double sum = 0, low = INFINITY, high = -INFINITY;
        for (size_t i = curve->group->first; i < curve->group->end; i++) {
            const struct report_row *row = &curve->report->rows[i];
            if (row->epochs != curve->last)
                continue;
            const double value = report_epoch_cell(row, measures[m], epoch);
            sum += value;
            low = fmin(low, value);
            high = fmax(high, value);
        }
        const double mean = sum / (double)curve->complete;
        frame_reals(frame, (const double[]){mean, isnan(mean) ? mean : low, isnan(mean) ? mean : high}, 3);
    }
}

static void fill_stopped(struct frame *frame, const struct curve *curve, const struct report_row *row)
{
    for (size_t epoch = 1; epoch <= row->epochs; epoch++) {
        fill_key(frame, curve, row, epoch);
        for (size_t m = 0; m < measure_count(curve->report); m++)
            frame_reals(frame, (const double[]){report_epoch_cell(row, measures[m], epoch), NAN, NAN}, 3);
    }
}

void curves_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    struct curve curve = {.report = report, .last = report_epochs_reached(report)};
    for (size_t g = 0; g < report->group_count; g++) {
        curve.group = &report->groups[g];
        curve.complete = 0;
        for (size_t i = curve.group->first; i < curve.group->end; i++)
            curve.complete += report->rows[i].epochs == curve.last;
        for (size_t epoch = 1; curve.complete > 0 && epoch <= curve.last; epoch++)
            fill_mean(frame, &curve, epoch);
        for (size_t i = curve.group->first; i < curve.group->end; i++)
            if (report->rows[i].epochs != curve.last)
                fill_stopped(frame, &curve, &report->rows[i]);
    }
}
