/*
 * batchnorm_events.h - the measures of each epoch for TensorBoard (--tensorboard).
 */
#ifndef DLEXP_BATCHNORM_EVENTS_H
#define DLEXP_BATCHNORM_EVENTS_H

#include "batchnorm_rows.h"

/*
 * events_write - for each row of summary.csv, also those of --refine, a folder of the run's name below the one of
 * --tensorboard, with one event file: the columns of epochs.csv as tags, the epoch as step.  Without the option nothing
 * is done.  A file that already has the same bytes is left alone.
 */
int events_write(const struct batchnorm *report, struct error *err);

#endif
