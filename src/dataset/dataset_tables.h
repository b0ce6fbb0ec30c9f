/*
 * dataset_tables.h - what `dlexp data` tells of a data set, as tables: its two parts, its classes, its files, and the
 * pixels of some samples.
 */
#ifndef DLEXP_DATASET_TABLES_H
#define DLEXP_DATASET_TABLES_H

#include "dlexp/data/dataset.h"
#include "dlexp/formats/frame.h"

enum { CLASSES_MAX = 256 }; /* a label is a byte */

/* What is counted over one part. */
struct part_statistics {
    size_t classes[CLASSES_MAX]; /* labels of each class */
    double mean, deviation;      /* of all pixels / 255; the deviation is the population's */
    double density;              /* share of non-zero pixels */
    uint8_t lowest, highest;     /* of the pixels */
};

struct part_statistics part_statistics_of(const struct dataset_part *part, size_t pixels);

/* The context of the tables. */
struct sheet {
    const struct dataset *data;
    const struct part_statistics *train, *test;
    size_t samples; /* how many there are in the last table */
};

/* A class's columns of numbers in every table, and their cells: images of the class and their share of the part. */
#define CLASS_PART_COLUMNS(part, heading)                                                                              \
    {.name = part, .type = FRAME_INTEGER, .title = heading},                                                           \
    {                                                                                                                  \
        .name = part "_share_percent", .type = FRAME_REAL, .csv = "", .title = "share", .unit = "%",                   \
        .shown = SHOWN_DECIMALS, .places = 2                                                                           \
    }
void class_part_fill(struct frame *frame, const struct dataset_part *part, const struct part_statistics *statistics,
                     size_t class);

extern const struct frame_column sheet_parts_columns[];
void sheet_fill_parts(const void *sheet, struct frame *frame);
extern const struct frame_column sheet_classes_columns[];
void sheet_fill_classes(const void *sheet, struct frame *frame);
extern const struct frame_column sheet_samples_columns[];
void sheet_fill_samples(const void *sheet, struct frame *frame);

#endif
