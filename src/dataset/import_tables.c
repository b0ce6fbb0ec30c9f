/* import_tables.c - see import_tables.h. */
#include "import_tables.h"

const struct frame_column import_parts_columns[] = {
    {.name = "part", .type = FRAME_TEXT, .title = "part"},
    {.name = "images", .type = FRAME_INTEGER, .title = "images"},
    {.name = "lowest", .type = FRAME_INTEGER, .title = "lowest pixel"},
    {.name = "highest", .type = FRAME_INTEGER, .title = "highest pixel"},
    {.name = "mean", .type = FRAME_REAL, .title = "mean / 255", .shown = SHOWN_DECIMALS, .places = 6},
    {.name = "deviation", .type = FRAME_REAL, .title = "deviation / 255", .shown = SHOWN_DECIMALS, .places = 6},
    {.name = "density",
     .type = FRAME_REAL,
     .title = "not 0",
     .unit = "%",
     .scale = 100,
     .shown = SHOWN_DECIMALS,
     .places = 3},
    {.name = NULL},
};

void import_fill_parts(const void *context, struct frame *frame)
{
    const struct imported *imported = context;
    for (size_t i = 0; i < 2; i++) {
        const struct part_statistics *part = i == 0 ? imported->train : imported->test;
        frame_text(frame, i == 0 ? "training" : "test");
        frame_integer(frame, (int64_t)(i == 0 ? &imported->data->train : &imported->data->test)->count);
        frame_integer(frame, part->lowest);
        frame_integer(frame, part->highest);
        frame_reals(frame, (const double[]){part->mean, part->deviation, part->density}, 3);
    }
}

const struct frame_column import_classes_columns[] = {
    {.name = "class", .type = FRAME_INTEGER, .title = "class"},
    {.name = "name", .type = FRAME_TEXT, .title = "name", .optional = true},
    CLASS_PART_COLUMNS("train", "training"),
    CLASS_PART_COLUMNS("test", "test"),
    {.name = NULL},
};

void import_fill_classes(const void *context, struct frame *frame)
{
    const struct imported *imported = context;
    const struct dataset *data = imported->data;
    for (size_t c = 0; c < data->classes; c++) {
        frame_integer(frame, (int64_t)c);
        frame_text(frame, imported->names[c]);
        class_part_fill(frame, &data->train, imported->train, c);
        class_part_fill(frame, &data->test, imported->test, c);
    }
}
