/*
 * train_measure.h - what is noted of each epoch: the columns of a record's table `epochs`, as rows of a table.
 *
 * A row that only some settings want is absent from the records of all others, so that a new measure leaves stored runs
 * valid; the rows that are always there are those of the first versions.
 */
#ifndef DLEXP_TRAIN_MEASURE_H
#define DLEXP_TRAIN_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/train/train_config.h"
#include "dlexp/train/train_protocol.h"

/*
 * MEASURE(name, column, unit, value, wanted, settled), one row for each; the new ones last.
 *
 * value: of `epoch` (struct train_epoch).  wanted: whether the records of runs with this `config` have it.  settled: it
 * needs no result, so tables have it of runs too that do not want it, as the rate of a constant schedule.
 */
#define TRAIN_MEASURES_OF_EPOCH(MEASURE)                                                                               \
    MEASURE(SEGMENT, "segment", "", (double)epoch->segment, true, false)                                               \
    MEASURE(NUMBER, "epoch", "", (double)epoch->number, true, false)                                                   \
    MEASURE(TRAIN_LOSS, "train_loss", "", epoch->result.train_loss, true, false)                                       \
    MEASURE(TRAIN_ACCURACY, "train_accuracy_percent", "%", epoch->result.train_accuracy_percent, true, false)          \
    MEASURE(TEST_LOSS, "test_loss", "", epoch->result.loss, config->selection.validation == 0, false)                  \
    MEASURE(TEST_ACCURACY, "test_accuracy_percent", "%", epoch->result.accuracy_percent,                               \
            config->selection.validation == 0, false)                                                                  \
    MEASURE(LEARNING_RATE, "learning_rate", "", epoch->learning_rate, config->schedule.type != SCHEDULE_CONSTANT,      \
            true)                                                                                                      \
    MEASURE(VALIDATION_LOSS, "validation_loss", "", epoch->result.loss, config->selection.validation > 0, false)       \
    MEASURE(VALIDATION_ACCURACY, "validation_accuracy_percent", "%", epoch->result.accuracy_percent,                   \
            config->selection.validation > 0, false)

/* The rows, and the columns of that table where all are wanted: EPOCH_SEGMENT, ... */
#define TRAIN_MEASURE_PLACE(name, ...) EPOCH_##name,
enum { TRAIN_MEASURES_OF_EPOCH(TRAIN_MEASURE_PLACE) TRAIN_MEASURES };
#undef TRAIN_MEASURE_PLACE

/* An epoch that was evaluated; of a measure that is settled, any epoch. */
struct train_epoch {
    size_t segment, number; /* from 0; from 1 */
    double learning_rate;
    struct train_result result;
};

struct train_measure {
    const char *name; /* the column's */
    const char *unit; /* "" for a number without */
    double (*of)(const struct train_epoch *epoch);
    bool (*wanted)(const struct train_config *config);
    bool settled;
};

enum { TRAIN_MEASURES_HEADER_SIZE = TRAIN_MEASURES * 40 };

/* train_measure_row - the i-th row; NULL past the last. */
const struct train_measure *train_measure_row(size_t index);

/* train_measure_wanted - whether it is in the records of such runs. */
bool train_measure_wanted(const struct train_measure *measure, const struct train_config *config);

/* train_measure_header - the names of the columns that this run has, comma-separated; returns header. */
const char *train_measure_header(const struct train_config *config, char header[TRAIN_MEASURES_HEADER_SIZE]);

/* train_measure_cells - the numbers of a row of that table. */
void train_measure_cells(const struct train_config *config, const struct train_epoch *epoch,
                         double cells[TRAIN_MEASURES]);

/*
 * train_measure_values - each measure of an epoch, by row of the table, read off its row `cells` in the record of a run
 * with this configuration, whose segment has the learning rate `lr`; NAN where it is not in there and not settled.
 */
void train_measure_values(const struct train_config *config, const double *cells, double lr,
                          double values[TRAIN_MEASURES]);

#endif
