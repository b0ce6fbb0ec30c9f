/* The measures of an epoch. */
#include "dlexp/train/train_measure.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double segment(const struct train_epoch *epoch)
{
    return (double)epoch->segment;
}

static double number(const struct train_epoch *epoch)
{
    return (double)epoch->number;
}

static double train_loss(const struct train_epoch *epoch)
{
    return epoch->result.train_loss;
}

static double train_accuracy(const struct train_epoch *epoch)
{
    return epoch->result.train_accuracy_percent;
}

static double loss(const struct train_epoch *epoch)
{
    return epoch->result.loss;
}

static double accuracy(const struct train_epoch *epoch)
{
    return epoch->result.accuracy_percent;
}

static double learning_rate(const struct train_epoch *epoch)
{
    return epoch->learning_rate;
}

static bool has_schedule(const struct train_config *config)
{
    return config->schedule.type != SCHEDULE_CONSTANT;
}

static bool has_test(const struct train_config *config)
{
    return config->selection.validation == 0;
}

static bool has_validation(const struct train_config *config)
{
    return config->selection.validation > 0;
}

static const struct train_measure measures[TRAIN_MEASURES] = {
    [EPOCH_SEGMENT] = {.name = "segment", .unit = "", .of = segment},
    [EPOCH_NUMBER] = {.name = "epoch", .unit = "", .of = number},
    [EPOCH_TRAIN_LOSS] = {.name = "train_loss", .unit = "", .of = train_loss},
    [EPOCH_TRAIN_ACCURACY] = {.name = "train_accuracy_percent", .unit = "%", .of = train_accuracy},
    [EPOCH_TEST_LOSS] = {.name = "test_loss", .unit = "", .of = loss, .wanted = has_test},
    [EPOCH_TEST_ACCURACY] = {.name = "test_accuracy_percent", .unit = "%", .of = accuracy, .wanted = has_test},
    [EPOCH_LEARNING_RATE] =
        {.name = "learning_rate", .unit = "", .of = learning_rate, .wanted = has_schedule, .settled = true},
    [EPOCH_VALIDATION_LOSS] = {.name = "validation_loss", .unit = "", .of = loss, .wanted = has_validation},
    [EPOCH_VALIDATION_ACCURACY] = {.name = "validation_accuracy_percent",
                                   .unit = "%",
                                   .of = accuracy,
                                   .wanted = has_validation},
};

const struct train_measure *train_measure_row(size_t index)
{
    return index < TRAIN_MEASURES ? &measures[index] : NULL;
}

bool train_measure_wanted(const struct train_measure *measure, const struct train_config *config)
{
    return !measure->wanted || measure->wanted(config);
}

const char *train_measure_header(const struct train_config *config, char header[TRAIN_MEASURES_HEADER_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < TRAIN_MEASURES; i++)
        if (train_measure_wanted(&measures[i], config)) {
            const int length = snprintf(header + used, TRAIN_MEASURES_HEADER_SIZE - used, "%s%s", used > 0 ? "," : "",
                                        measures[i].name);
            used += (size_t)length;
            assert(used < TRAIN_MEASURES_HEADER_SIZE);
        }
    return header;
}

void train_measure_cells(const struct train_config *config, const struct train_epoch *epoch,
                         double cells[TRAIN_MEASURES])
{
    size_t count = 0;
    for (size_t i = 0; i < TRAIN_MEASURES; i++)
        if (train_measure_wanted(&measures[i], config))
            cells[count++] = measures[i].of(epoch);
}

void train_measure_values(const struct train_config *config, const double *cells, double lr,
                          double values[TRAIN_MEASURES])
{
    const struct train_epoch epoch = {.segment = (size_t)cells[0], .number = (size_t)cells[1], .learning_rate = lr};
    size_t count = 0;
    for (size_t i = 0; i < TRAIN_MEASURES; i++) {
        if (train_measure_wanted(&measures[i], config))
            values[i] = cells[count++];
        else
            values[i] = measures[i].settled ? measures[i].of(&epoch) : (double)NAN;
    }
}
