/*
 * dataset_list.h - `dlexp data --list`: the data sets that --dataset knows, and which of them are where.
 */
#ifndef DLEXP_DATASET_LIST_H
#define DLEXP_DATASET_LIST_H

#include <stdbool.h>

#include "dlexp/base/error.h"

/* dataset_list - print it; what is there is read and held against the published hashes. */
int dataset_list(bool json, struct error *err);

#endif
