/*
 * import_tables.h - what `dlexp data import` tells of what it read: its two parts and its classes, as tables.
 */
#ifndef DLEXP_IMPORT_TABLES_H
#define DLEXP_IMPORT_TABLES_H

#include "dataset_tables.h"

/* The context of the tables: the data set as it was read back from the files that were written. */
struct imported {
    const struct dataset *data;
    const struct part_statistics *train, *test;
    char *const *names; /* CLASSES_MAX, of the classes; NULL where a class has none */
};

extern const struct frame_column import_parts_columns[];
void import_fill_parts(const void *imported, struct frame *frame);
extern const struct frame_column import_classes_columns[]; /* classes.csv */
void import_fill_classes(const void *imported, struct frame *frame);

#endif
