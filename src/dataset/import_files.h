/*
 * import_files.h - one call of `dlexp data import`, and the IDX files that it writes.
 */
#ifndef DLEXP_IMPORT_FILES_H
#define DLEXP_IMPORT_FILES_H

#include "dataset_tables.h"
#include "import.h"

struct import_config {
    struct import_source source;
    const char *test, *test_labels;
    double share;
    int64_t seed;
    const char *out;
    bool quiet, json;
};

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, IDX_FILES };
enum { CLASSES_CSV = IDX_FILES, IMPORT_JSON, OUTPUTS };

/* Their names, in that order. */
extern const char *const import_file_names[OUTPUTS];

/* One call on its way. */
struct importing {
    const struct import_config *config;
    const struct import_reader *reader, *test_reader;
    struct import_images train, test; /* test: of --test */
    bool *in_test;                    /* or which of train are drawn */
    struct dataset data;              /* what was written, read again */
    struct part_statistics train_statistics, test_statistics;
    char *paths[OUTPUTS + 1]; /* a NULL ends them */
    bool begun;               /* what an earlier import left there is no set any more */
    bool ours[OUTPUTS];       /* written now, or by an earlier import: not somebody's file of that name */
};

/* import_files_find - where the files go; ERROR_USAGE where a data set is there that no import wrote, or the input. */
int import_files_find(struct importing *importing, struct error *err);

/*
 * import_files_write - the four IDX files, read again as every command reads them into importing->data, with their
 * statistics.  After a failure of this, or of what is written behind it, import_files_undo, which removes what was
 * written: a set that is not whole is no set.  What an earlier import left stays if nothing was written yet.
 */
int import_files_write(struct importing *importing, struct error *err);
void import_files_undo(const struct importing *importing);

#endif
