/*
 * dataset_files.h - where the four files of a data set are.
 */
#ifndef DLEXP_DATA_DATASET_FILES_H
#define DLEXP_DATA_DATASET_FILES_H

#include "dlexp/base/error.h"

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILE_COUNT };

/*
 * dataset_files_find - the paths of the four files, malloc'ed (the caller frees them, also after a failure).
 *
 * place: a directory, or DIRECTORY/PREFIX, where PREFIX is what the names of the four files begin with (dataset.h).
 * ERROR_DATA where one is not there, with the similar names that are; where files of several prefixes are there and
 * none was named, with the prefixes.
 */
int dataset_files_find(char *paths[FILE_COUNT], const char *place, struct error *err);

#endif
