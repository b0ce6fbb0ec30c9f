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

/* An epoch that was evaluated. */
struct train_epoch {
    size_t segment, number; /* from 0; from 1 */
    double lr;
    struct train_result result;
};

struct train_measure {
    const char *name; /* the column's */
    const char *unit; /* "" for a number without */
    double (*of)(const struct train_epoch *epoch);
    bool (*wanted)(const struct train_config *config); /* NULL: always */
};

enum { TRAIN_MEASURES_MAX = 16, TRAIN_MEASURES_HEADER_SIZE = TRAIN_MEASURES_MAX * 40 };

/* train_measure_row - the i-th row; NULL past the last. */
const struct train_measure *train_measure_row(size_t index);

/* train_measure_header - the names of the columns that this run has, comma-separated; returns header. */
const char *train_measure_header(const struct train_config *config, char header[TRAIN_MEASURES_HEADER_SIZE]);

/* train_measure_cells - the numbers of a row of that table. */
void train_measure_cells(const struct train_config *config, const struct train_epoch *epoch,
                         double cells[TRAIN_MEASURES_MAX]);

#endif
