/*
 * lists.h - numbers of which there may be several: a setting's values, the layers of a net.
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
