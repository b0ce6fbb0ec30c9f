/*
 * train_data.h - a tiny data set in memory, for tests of training.
 */
#ifndef DLEXP_TESTS_TRAIN_DATA_H
#define DLEXP_TESTS_TRAIN_DATA_H

#include "dlexp/data/dataset.h"
#include "dlexp/data/idx.h"

enum { PIXELS = 20, TRAIN = 50, TEST = 30, CLASSES = 3 };

static void make_part(struct dataset_part *part, size_t count)
{
    part->count = count;
    part->images = calloc(count * PIXELS + IDX_SLACK, 1);
    part->labels = calloc(count, 1);
    assert_true(part->images && part->labels);
    for (size_t i = 0; i < count; i++) {
        part->labels[i] = (uint8_t)(i % CLASSES);
        for (size_t p = i % CLASSES; p < PIXELS; p += CLASSES)
            part->images[i * PIXELS + p] = (uint8_t)(100 + i);
    }
}

static struct dataset make_data(void)
{
    struct dataset data = {.rows = 4, .columns = 5, .pixels = PIXELS, .classes = CLASSES, .sparse = true};
    data.density = 0.3;
    make_part(&data.train, TRAIN);
    make_part(&data.test, TEST);
    return data;
}

#endif
