/*
 * import.h - what `dlexp data import` takes: images and labels in a form other than IDX, as bytes.
 *
 * A form is one reader: what it recognises, and how it is read.  IDX files hold a byte per pixel, so only what is a
 * byte exactly is taken; nothing is rounded or scaled.
 *
 *     input -> reader -> struct import_images -> split -> four IDX files -> dataset_load, as every command reads them
 */
#ifndef DLEXP_IMPORT_H
#define DLEXP_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"

enum {
    IMPORT_CLASSES = 256,
    IMPORT_FIRST = 16,  /* bytes of a file by which a reader recognises it */
    IMPORT_SIDE = 65535 /* pixels of a row or a column, at most */
};

/* What the command line says of an input. */
struct import_source {
    const char *path;
    const char *labels;   /* NumPy: the file of labels; or NULL */
    const char *label;    /* CSV: name or number (from 1) of the column of labels; NULL: as import_csv.c says */
    size_t rows, columns; /* of an image; 0: not given */
};

struct import_images {
    uint8_t *images; /* (count, rows * columns) */
    uint8_t *labels; /* (count) */
    size_t count, room;
    size_t rows, columns;
    char *names[IMPORT_CLASSES]; /* of the classes, where they have any: those of folders, or labels that are words */
};

struct import_reader {
    const char *name; /* "CSV", as messages and import.json have it */
    bool (*recognises)(bool folder, const unsigned char *first, size_t size); /* the path, or its first bytes */
    bool labels_apart;                                                        /* labels are a file of their own */
    bool takes_label;                                                         /* labels are a column */
    /* ERROR_DATA with file, place, expected, got and remedy.  Frees nothing on failure: import_free must follow. */
    int (*read)(struct import_images *images, const struct import_source *source, struct error *err);
};

extern const struct import_reader import_pgm, import_npy, import_csv;

/* import_read - by the first reader that recognises the path; *reader says which.  import_free must follow. */
int import_read(struct import_images *images, const struct import_reader **reader, const struct import_source *source,
                struct error *err);
void import_free(struct import_images *images);

/* import_shape - rows and columns from the pixels of an image and what the source says; where it says nothing, a
 * square, or one row where the pixels are no square. */
int import_shape(struct import_images *images, const struct import_source *source, size_t pixels, struct error *err);

/* import_room - room for so many images of the shape that is known; those that are there stay. */
int import_room(struct import_images *images, size_t count, const char *path, struct error *err);

/*
 * import_match - give the classes of test images the numbers that those of the same name have among the training
 * images.  ERROR_DATA where one has a name that is none there, or only one of the two has names; paths for the message.
 */
int import_match(struct import_images *test, const struct import_images *train, const char *test_path,
                 const char *train_path, struct error *err);

/* import_content - the whole of a file, gzipped or plain, malloc'ed, with a NUL behind it; the caller frees it. */
int import_content(const char *path, unsigned char **data, size_t *size, struct error *err);

/*
 * import_split - in_test[i], whether image i is one for testing: of each class the share, rounded to a whole number
 * (halves up), but at least one image stays for training.  Which ones, a permutation by seed says: of all images in its
 * order, the first of each class.  The caller frees *in_test.
 */
int import_split(bool **in_test, const struct import_images *images, double share, uint64_t seed, struct error *err);

#endif
