/*
 * lists.h - lists of numbers: the values of a setting, the widths of a net's layers.
 */
#ifndef DLEXP_LISTS_H
#define DLEXP_LISTS_H

#include <stddef.h>
#include <stdint.h>

struct integers {
    int64_t *values;
    size_t count;
};

struct indices {
    size_t *values;
    size_t count;
};

struct reals {
    double *values;
    size_t count;
};

#endif
