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

/* The rows, and the columns of that table where all are wanted. */
enum {
    EPOCH_SEGMENT,
    EPOCH_NUMBER,
    EPOCH_TRAIN_LOSS,
    EPOCH_TRAIN_ACCURACY,
    EPOCH_TEST_LOSS,
    EPOCH_TEST_ACCURACY,
    EPOCH_LEARNING_RATE,
    EPOCH_VALIDATION_LOSS,
    EPOCH_VALIDATION_ACCURACY,
    TRAIN_MEASURES
};

/* An epoch that was evaluated; of a measure that is `settled`, any epoch. */
struct train_epoch {
    size_t segment, number; /* from 0; from 1 */
    double learning_rate;
    struct train_result result;
};

struct train_measure {
    const char *name; /* the column's */
    const char *unit; /* "" for a number without */
    double (*of)(const struct train_epoch *epoch);
    bool (*wanted)(const struct train_config *config); /* NULL: always */
    bool settled; /* it needs no result, so tables have it of runs too that do not want it: at a constant rate */
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
