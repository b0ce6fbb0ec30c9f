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

static double test_loss(const struct train_epoch *epoch)
{
    return epoch->result.test_loss;
}

static double test_accuracy(const struct train_epoch *epoch)
{
    return epoch->result.test_accuracy_percent;
}

static double learning_rate(const struct train_epoch *epoch)
{
    return epoch->learning_rate;
}

static bool has_schedule(const struct train_config *config)
{
    return config->schedule.type != SCHEDULE_CONSTANT;
}

/* Readers of records count on the first six and their order. */
static const struct train_measure measures[] = {
    {.name = "segment", .unit = "", .of = segment},
    {.name = "epoch", .unit = "", .of = number},
    {.name = "train_loss", .unit = "", .of = train_loss},
    {.name = "train_accuracy_percent", .unit = "%", .of = train_accuracy},
    {.name = "test_loss", .unit = "", .of = test_loss},
    {.name = "test_accuracy_percent", .unit = "%", .of = test_accuracy},
    {.name = "learning_rate", .unit = "", .of = learning_rate, .wanted = has_schedule, .settled = true},
};
enum { MEASURES = sizeof measures / sizeof *measures };
_Static_assert((int)MEASURES <= (int)TRAIN_MEASURES_MAX, "room for every measure");

const struct train_measure *train_measure_row(size_t index)
{
    return index < MEASURES ? &measures[index] : NULL;
}

bool train_measure_wanted(const struct train_measure *measure, const struct train_config *config)
{
    return !measure->wanted || measure->wanted(config);
}

const char *train_measure_header(const struct train_config *config, char header[TRAIN_MEASURES_HEADER_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < MEASURES; i++)
        if (train_measure_wanted(&measures[i], config)) {
            const int length = snprintf(header + used, TRAIN_MEASURES_HEADER_SIZE - used, "%s%s", used > 0 ? "," : "",
                                        measures[i].name);
            used += (size_t)length;
            assert(used < TRAIN_MEASURES_HEADER_SIZE);
        }
    return header;
}

void train_measure_cells(const struct train_config *config, const struct train_epoch *epoch,
                         double cells[TRAIN_MEASURES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < MEASURES; i++)
        if (train_measure_wanted(&measures[i], config))
            cells[count++] = measures[i].of(epoch);
}

void train_measure_values(const struct train_config *config, const double *cells, double lr,
                          double values[TRAIN_MEASURES_MAX])
{
    const struct train_epoch epoch = {.segment = (size_t)cells[0], .number = (size_t)cells[1], .learning_rate = lr};
    size_t count = 0;
    for (size_t i = 0; i < MEASURES; i++) {
        if (train_measure_wanted(&measures[i], config))
            values[i] = cells[count++];
        else
            values[i] = measures[i].settled ? measures[i].of(&epoch) : (double)NAN;
    }
}
