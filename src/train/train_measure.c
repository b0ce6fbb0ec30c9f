/* The measures of an epoch. */
#include "dlexp/train/train_measure.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FUNCTIONS(name, column, unit, value, wanted, settled)                                                          \
    static double of_##name(const struct train_epoch *epoch)                                                           \
    {                                                                                                                  \
        return value;                                                                                                  \
    }                                                                                                                  \
    static bool wanted_##name(const struct train_config *config)                                                       \
    {                                                                                                                  \
        (void)config;                                                                                                  \
        return wanted;                                                                                                 \
    }
TRAIN_MEASURES_OF_EPOCH(FUNCTIONS)

#define ROW(name, column, unit, value, wanted, settled) {column, unit, of_##name, wanted_##name, settled},
static const struct train_measure measures[] = {TRAIN_MEASURES_OF_EPOCH(ROW)};

const struct train_measure *train_measure_row(size_t index)
{
    return index < TRAIN_MEASURES ? &measures[index] : NULL;
}

bool train_measure_wanted(const struct train_measure *measure, const struct train_config *config)
{
    return measure->wanted(config);
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
