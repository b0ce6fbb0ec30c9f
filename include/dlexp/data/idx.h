/*
 * idx.h - one IDX file of images or labels, as unsigned bytes.
 *
 *   bytes 0..3   magic: 0, 0, the numbers' type, the number of dimensions
 *                (0x00000801: unsigned bytes in one dimension, labels; 0x00000803: in three dimensions, images)
 *   then         each dimension as a big-endian 32-bit number
 *   then         the numbers themselves, big-endian, row-major, and nothing after them
 *
 * Types: 0x08 unsigned bytes, 0x09 signed bytes, 0x0b and 0x0c integers of 16 and 32 bits, 0x0d and 0x0e floats of 32
 * and 64 bits.  Source: http://yann.lecun.com/exdb/mnist/, "FILE FORMATS FOR THE MNIST DATABASE".
 */
#ifndef DLEXP_IDX_H
#define DLEXP_IDX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/sha256.h"

/* Bytes that may be read behind the data: kernels take whole vectors. */
enum { IDX_SLACK = 64 };

enum idx_kind { IDX_LABELS = 0x801, IDX_IMAGES = 0x803 }; /* the value is the magic of the usual form */

/* Changes to the numbers while they are read; {0}: none. */
struct idx_changes {
    int64_t label_offset; /* subtracted from every label */
    bool transpose;       /* rows and columns of every image change places */
};

struct idx {
    uint8_t *data; /* (count, rows, columns), then IDX_SLACK zeros; the caller may take it over and put NULL here */
    size_t size;   /* of data, in bytes: count * rows * columns */
    size_t count, rows, columns;  /* all >= 1; rows = columns = 1 for labels */
    char sha256[SHA256_HEX_SIZE]; /* of the data in the usual form, header included; that is the decompressed
                                     file where it has that form and nothing is changed */
};

/*
 * idx_read - the whole file, gzipped or plain, of the expected kind.
 *
 * Images: three dimensions (N, rows, columns), or two (N, pixels): a square where that is the square of a number, else
 * one row.  Labels: one dimension (N), or two, of one column or of 8 columns of 32-bit integers, of which the first is
 * the class (QMNIST).  Numbers of every type are taken where each is exactly a byte: a whole number of 0..255 (labels:
 * after the offset was subtracted); or, for images of floats none of which is above 1, the float nearest to k / 255.
 *
 * ERROR_DATA with file, expected and got: missing, empty or truncated file, trailing bytes, damaged gzip stream,
 * another kind of file (an HTML page is recognised and named), the other kind or another form of IDX, numbers that are
 * no bytes, one-hot labels, no images, images without pixels, sizes whose product overflows or exceeds the file. Memory
 * is allocated only after the sizes were held against the file; beside the data, a chunk and an image at most. idx_free
 * must follow, also after a failure.
 */
int idx_read(struct idx *idx, const char *path, enum idx_kind kind, const struct idx_changes *changes,
             struct error *err);
void idx_free(struct idx *idx);

/* idx_usual_header - that of the usual form, of images or labels; its size. */
enum { IDX_HEADER_MOST = 16 };
size_t idx_usual_header(unsigned char header[IDX_HEADER_MOST], enum idx_kind kind, size_t count, size_t rows,
                        size_t columns);

#endif
