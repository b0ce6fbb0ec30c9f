/*
 * known.h - data sets that are known by name: where they usually lie, how they are read, and by which SHA-256 they are
 * recognised.
 *
 * A row of the table in known.c each: --dataset, its help, `dlexp data --list` and what `dlexp data` calls genuine
 * follow.
 */
#ifndef DLEXP_KNOWN_H
#define DLEXP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"

enum { KNOWN_FILES = 4 }; /* images and labels for training, then for testing */

struct known {
    const char *name;    /* "mnist", as --dataset has it */
    const char *genuine; /* what data of these hashes are called: "genuine MNIST"; NULL: no hashes are known */
    size_t classes;
    int64_t label_offset; /* how its files are read (dataset_source) */
    bool transpose;
    const char *installed; /* of the program's own data (locate_data), or NULL */
    const char *prefix;    /* of the names of its files: PLACE/PREFIX; or NULL */
    const char *const *folders;
    const char *sha256[KNOWN_FILES]; /* of the decompressed files in the usual form (struct idx) */
};

/* known_row - row i, or NULL past the last.  The first is what is read where no name is given. */
const struct known *known_row(size_t index);
bool known_name(size_t index, const char **name);

/* known_genuine - the row with these four hashes, or NULL. */
const struct known *known_genuine(const char *const sha256[KNOWN_FILES]);

/* known_of_images - the row with this hash of the training images, or NULL. */
const struct known *known_of_images(const char *sha256);

/*
 * known_root - the i-th directory below which data sets are looked for: ./data, TORCH_HOME, XDG_CACHE_HOME, ~/.cache,
 * ~/.cache/torch, ~/data, ~/datasets and /usr/share/datasets.
 *
 * known_place - the i-th place where it may lie, in the order in which they are looked into: the program's own, then
 * each of its folders below each root.
 *
 * Both return 1; *path is malloc'ed, or NULL where there is no such place here (a variable is not
 * set).  0 past the last, -1 when memory ran out.
 */
int known_root(char **path, size_t index, struct error *err);
int known_place(char **path, const struct known *known, size_t index, struct error *err);

/* known_find - the first place that has its four files; malloc'ed, the caller frees it.  ERROR_DATA names the places.
 */
int known_find(char **path, const struct known *known, struct error *err);

/* known_is_there - whether a place has the four files of a data set; what is in them is not looked at. */
int known_is_there(bool *there, const char *place, struct error *err);

#endif
