/*
 * idx_values.h - the numbers of an IDX file, of whatever type, as the bytes that they stand for; none is rounded.
 */
#ifndef DLEXP_DATA_IDX_VALUES_H
#define DLEXP_DATA_IDX_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A type of number that an IDX file can have; numbers of several bytes are big-endian. */
struct idx_type {
    unsigned char code; /* the third byte of the magic */
    bool real;
    unsigned char size; /* bytes of one number */
    const char *name;   /* plural */
};

enum { IDX_BYTES = 0x08, IDX_INTEGERS_32 = 0x0c };

/* idx_type_find - the type of that code, or NULL. */
const struct idx_type *idx_type_find(unsigned char code);

/* A conversion on its way through a file; begin with the first three fields set and the others 0. */
struct idx_values {
    const struct idx_type *type;
    size_t stride;  /* numbers to one byte: 1, or more where only the first of so many counts */
    int64_t offset; /* subtracted from each number; 0 for pixels */
    bool unit;      /* numbers of 0..1 stand for 0..255: begin with true for pixels of a real type, else false */

    size_t done;        /* bytes made so far */
    bool between;       /* a number between 0 and 1 was among them */
    bool several;       /* of some row (stride > 1), the numbers are not one 1 among zeros */
    bool wrong;         /* a number that is no byte was met; nothing is converted from there on */
    double wrong_value; /* that number; its index is `done` */
};

/*
 * idx_values_convert - the next `count` bytes, out[done..done + count), of count * stride numbers at raw.
 *
 * A number stands for the byte v - offset where that is a whole number of 0..255.  With `unit`, numbers up to 1 stand
 * for k where they are the float (or for 64 bits also the double) nearest to k / 255; the first number above 1 says
 * that the file is not of that kind: `unit` ends, and the zeros and ones before it become the bytes 0 and 1.  out is
 * the whole array, for that.
 */
void idx_values_convert(struct idx_values *values, uint8_t *out, const unsigned char *raw, size_t count);

#endif
