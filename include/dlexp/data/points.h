/*
 * points.h - the numbers x_i whose mean is looked for: drawn, or read from a file.
 */
#ifndef DLEXP_POINTS_H
#define DLEXP_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/sha256.h"

enum { POINTS_MAX = 10000000 };

struct points {
    double *x;
    size_t count;                 /* 1..POINTS_MAX */
    double mean, variance;        /* sum x / count, sum (x - mean)^2 / count; finite; variance 0 if all are equal */
    char sha256[SHA256_HEX_SIZE]; /* of the doubles, little-endian, in their order */
};

/*
 * points_draw - numpy.random.seed(seed); numpy.random.uniform(0, 1, count), for seeds that numpy takes (0..2^32 - 1).
 */
int points_draw(struct points *points, uint32_t seed, size_t count, struct error *err);

/*
 * points_read - the numbers of a file: one per line, or a table with a header.  Of a table the column `x` is read;
 * where none has that name, the only column beside an unnamed one that numbers the rows.
 *
 * A table is what pandas, R and numpy.savetxt write: cells between commas, semicolons, tabs or blanks, with blanks or
 * double quotes about them; the header is the first line (",x" has an unnamed numbering in front), or the comment
 * before it ("# id x").  A byte-order mark (UTF-8), lines that begin with # and empty lines are skipped; lines end in
 * \n, \r\n or \r.  Anything else that is not a finite number is ERROR_DATA with its line; nothing is skipped silently.
 */
int points_read(struct points *points, const char *path, struct error *err);

/* points_free - after success and failure alike. */
void points_free(struct points *points);

#endif
