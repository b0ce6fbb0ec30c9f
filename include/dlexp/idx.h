/*
 * idx.h - one IDX file of unsigned bytes: images (N, rows, columns) or labels (N).
 *
 *   bytes 0..3   magic 0x00000801 (labels: bytes, one dimension) or 0x00000803 (images: bytes, three dimensions)
 *   then         each dimension as a big-endian 32-bit number
 *   then         the bytes themselves, row-major, and nothing after them
 *
 * Source: http://yann.lecun.com/exdb/mnist/, "FILE FORMATS FOR THE MNIST DATABASE".
 */
#ifndef DLEXP_IDX_H
#define DLEXP_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/error.h"
#include "dlexp/sha256.h"

/* Bytes that may be read behind the data: kernels take whole vectors. */
enum { IDX_SLACK = 64 };

enum idx_kind { IDX_LABELS = 0x801, IDX_IMAGES = 0x803 };

struct idx {
    uint8_t *data; /* (count, rows, columns), then IDX_SLACK zeros; the caller may take it over and put NULL here */
    size_t size;   /* of data, in bytes: count * rows * columns */
    size_t count, rows, columns;  /* all >= 1; rows = columns = 1 for labels */
    char sha256[SHA256_HEX_SIZE]; /* of the decompressed file, header included */
};

/*
 * idx_read - the whole file, gzipped or plain, of the expected kind.
 *
 * ERROR_DATA with file, expected and got: missing, empty or truncated file, trailing bytes, damaged gzip stream,
 * another kind of file (an HTML page is called that), the other kind or another type of IDX, no images, images without
 * pixels, sizes whose product overflows or exceeds the file.  Memory is allocated only after the sizes were held
 * against the file.  idx_free must follow, also after a failure.
 */
int idx_read(struct idx *idx, const char *path, enum idx_kind kind, struct error *err);
void idx_free(struct idx *idx);

#endif
