/* dataset_tables.c - see dataset_tables.h. */
#include "dataset_tables.h"

#include <math.h>

struct part_statistics part_statistics_of(const struct dataset_part *part, size_t pixels)
{
    struct part_statistics statistics = {0};
    uint64_t values[256] = {0}, sum = 0;
    const size_t size = part->count * pixels;
    double squares = 0;
    for (size_t i = 0; i < part->count; i++)
        statistics.classes[part->labels[i]]++;
    for (size_t i = 0; i < size; i++)
        values[part->images[i]]++;
    statistics.lowest = 255;
    for (size_t v = 0; v < 256; v++) {
        sum += values[v] * v;
        if (values[v] > 0 && v < statistics.lowest)
            statistics.lowest = (uint8_t)v;
        if (values[v] > 0)
            statistics.highest = (uint8_t)v;
    }
    const double mean = (double)sum / (double)size;
    for (size_t v = 0; v < 256; v++)
        squares += (double)values[v] * ((double)v - mean) * ((double)v - mean);
    statistics.mean = mean / 255;
    statistics.deviation = sqrt(squares / (double)size) / 255;
    statistics.density = (double)(size - values[0]) / (double)size;
    return statistics;
}

const struct frame_column sheet_parts_columns[] = {
    {.name = "part", .type = FRAME_TEXT, .title = "part"},
    {.name = "images", .type = FRAME_INTEGER, .title = "images"},
    {.name = "mean", .type = FRAME_REAL, .title = "pixel mean", .shown = SHOWN_DECIMALS, .places = 6},
    {.name = "deviation", .type = FRAME_REAL, .title = "deviation", .shown = SHOWN_DECIMALS, .places = 6},
    {.name = "density",
     .type = FRAME_REAL,
     .title = "density",
     .unit = "%",
     .scale = 100,
     .shown = SHOWN_DECIMALS,
     .places = 3},
    {.name = NULL},
};

void sheet_fill_parts(const void *context, struct frame *frame)
{
    const struct sheet *sheet = context;
    for (size_t i = 0; i < 2; i++) {
        const struct part_statistics *part = i == 0 ? sheet->train : sheet->test;
        frame_text(frame, i == 0 ? "training" : "test");
        frame_integer(frame, (int64_t)(i == 0 ? &sheet->data->train : &sheet->data->test)->count);
        frame_reals(frame, (const double[]){part->mean, part->deviation, part->density}, 3);
    }
}

void class_part_fill(struct frame *frame, const struct dataset_part *part, const struct part_statistics *statistics,
                     size_t class)
{
    const size_t images = statistics->classes[class];
    frame_integer(frame, (int64_t)images);
    frame_real(frame, 100.0 * (double)images / (double)part->count);
}

const struct frame_column sheet_classes_columns[] = {
    {.name = "class", .type = FRAME_INTEGER, .title = "class"},
    CLASS_PART_COLUMNS("train", "training"),
    CLASS_PART_COLUMNS("test", "test"),
    {.name = NULL},
};

void sheet_fill_classes(const void *context, struct frame *frame)
{
    const struct sheet *sheet = context;
    for (size_t c = 0; c < sheet->data->classes; c++) {
        frame_integer(frame, (int64_t)c);
        class_part_fill(frame, &sheet->data->train, sheet->train, c);
        class_part_fill(frame, &sheet->data->test, sheet->test, c);
    }
}

const struct frame_column sheet_samples_columns[] = {
    {.name = "sample", .type = FRAME_INTEGER}, {.name = "label", .type = FRAME_INTEGER},
    {.name = "row", .type = FRAME_INTEGER},    {.name = "column", .type = FRAME_INTEGER},
    {.name = "value", .type = FRAME_INTEGER},  {.name = NULL},
};

/*
 * The first training images, taken from the classes in turn: 0, 1, 2, ..., 0, 1, ...; a class that has no more is left
 * out.
 */
void sheet_fill_samples(const void *context, struct frame *frame)
{
    const struct sheet *sheet = context;
    const struct dataset *data = sheet->data;
    const struct dataset_part *part = &data->train;
    size_t next[CLASSES_MAX] = {0}; /* where to go on looking for an image of the class */
    size_t sample = 0;
    for (size_t class = 0; sample < sheet->samples; class = (class + 1) % data->classes) {
        size_t i = next[class];
        while (i < part->count && part->labels[i] != class)
            i++;
        next[class] = i < part->count ? i + 1 : i;
        if (i == part->count)
            continue;
        const uint8_t *pixel = part->images + i * data->pixels;
        for (size_t row = 0; row < data->rows; row++)
            for (size_t column = 0; column < data->columns; column++) {
                frame_integer(frame, (int64_t)sample);
                frame_integer(frame, (int64_t) class);
                frame_integer(frame, (int64_t)row);
                frame_integer(frame, (int64_t)column);
                frame_integer(frame, *pixel++);
            }
        sample++;
    }
}
