/*
 * dataset.h - an IDX quadruple (training and test images with their labels) in memory.
 */
#ifndef DLEXP_DATASET_H
#define DLEXP_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/sha256.h"

struct dataset_later; /* images that are not in memory yet */

/* One half: N images of P = rows x columns pixels, and their labels. */
struct dataset_part {
    uint8_t *images; /* (N,P), 0..255; then IDX_SLACK zeros; after dataset_open NULL until dataset_fetch */
    struct dataset_later *later;
    uint8_t *labels;                                                     /* (N) */
    size_t count;                                                        /* N >= 1 */
    char images_sha256[SHA256_HEX_SIZE], labels_sha256[SHA256_HEX_SIZE]; /* as in struct idx */
    char *images_path, *labels_path;
};

/* Up to this density a first layer that skips zero pixels is faster than a dense one (measured with AVX2 and AVX-512).
 */
#define DATASET_SPARSE 0.8

struct dataset {
    struct dataset_part train, test;
    size_t rows, columns, pixels; /* of an image; the same in both parts */
    size_t first_class;           /* the smallest label of the training part; seldom other than 0 */
    int64_t label_offset;         /* that was subtracted from the labels in the files */
    size_t classes;               /* 1 + the largest label of the training part; no test label exceeds it */
    double density;               /* share of non-zero pixels of the training part */
    bool sparse;                  /* at most DATASET_SPARSE: a first layer should skip the zeros */
    const char *name;             /* "genuine MNIST", "genuine Fashion-MNIST", or "unknown data" */
    char sha256[SHA256_HEX_SIZE]; /* of the four SHA-256 as text, joined: images, labels of train, then of test */
};

/* Which data set, and how to read it. */
struct dataset_source {
    const char *directory; /* or DIRECTORY/PREFIX; NULL: where the known one lies */
    size_t known;          /* of known.h; 0: MNIST, which comes with the program; not beside a directory */
    int64_t label_offset;  /* subtracted from every label: where classes begin at 1, it is 1; 0: as known.h says */
    bool transpose;        /* rows and columns of every image change places, as EMNIST needs it */
};

/*
 * dataset_load - read the four files, each on its own thread.  The changes that the source asks for are made before the
 * hashes are taken, so that they identify the data that is trained on.
 *
 * A file is named `train-images-idx3-ubyte`, `train-images-idx3-ubyte.gz`, `train-images.idx3-ubyte` or
 * `train-images.idx3-ubyte.gz`: the first of these that is there is read, and its content says whether it is gzipped;
 * so for train-labels (idx1), t10k-images and t10k-labels.  After these names come those with the other number of
 * dimensions that idx.h allows and with int, byte, short, float or double in place of ubyte; and `test` in place of
 * `t10k`.  What has such a name and is not a file is passed over; a directory of that name is looked into.
 *
 * Where the directory has none of these, the names may begin with a prefix and a dash, as those of EMNIST and QMNIST
 * do: `emnist-letters-train-images-idx3-ubyte`.  With files of several prefixes, DIRECTORY/PREFIX must say which, as
 * `DIRECTORY/emnist-letters`.
 *
 * A data set that is found by its name, and read as known.h says, must be the published one where its hashes are known.
 *
 * ERROR_DATA, with file, expected, got and remedy, for: a missing directory or file; several prefixes; whatever
 * idx_read refuses; images and labels that differ in number; training and test images that differ in size; fewer than
 * two classes; a label out of range:
 *   - in the test part, one that is larger than every training label;
 *   - in the training part, one above 16 or more consecutive classes that have no example (in a set of few classes a
 *     damaged byte, which would silently make the output layer that large);
 *   - any label that is 10 or more beside the genuine MNIST or Fashion-MNIST images.
 * Of several failures the one reported is the first in the order train images, train labels, test images, test labels.
 * The caller frees with dataset_free, also after a failure.
 */
int dataset_load(struct dataset *data, const struct dataset_source *source, struct error *err);

/*
 * dataset_open - the same, but what is in a file of images may be known from an earlier dataset_open (raw_cache.h), and
 * these be left where they are until somebody wants them: all but their pixels is there.
 *
 * dataset_fetch - a half's images are in memory from now on.  Any thread may call it at any time, also again; who reads
 * them has to have called it.  ERROR_DATA where the file is no longer the one that was opened.
 */
int dataset_open(struct dataset *data, const struct dataset_source *source, struct error *err);
int dataset_fetch(struct dataset_part *part, struct error *err);

void dataset_free(struct dataset *data);

enum { DATASET_HINT_SIZE = 256 };

/* dataset_hint - a sentence on what looks like a mistake (no example of class 0); false if there is nothing to say. */
bool dataset_hint(const struct dataset *data, char text[DATASET_HINT_SIZE]);

#endif
