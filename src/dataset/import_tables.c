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
    {.name = "train", .type = FRAME_INTEGER, .title = "training"},
    {.name = "train_share_percent",
     .type = FRAME_REAL,
     .csv = "",
     .title = "share",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = "test", .type = FRAME_INTEGER, .title = "test"},
    {.name = "test_share_percent",
     .type = FRAME_REAL,
     .csv = "",
     .title = "share",
     .unit = "%",
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.name = NULL},
};

void import_fill_classes(const void *context, struct frame *frame)
{
    const struct imported *imported = context;
    const struct dataset *data = imported->data;
    for (size_t c = 0; c < data->classes; c++) {
        const size_t train = imported->train->classes[c], test = imported->test->classes[c];
        frame_integer(frame, (int64_t)c);
        frame_text(frame, imported->names[c]);
        frame_integer(frame, (int64_t)train);
        frame_real(frame, 100.0 * (double)train / (double)data->train.count);
        frame_integer(frame, (int64_t)test);
        frame_real(frame, 100.0 * (double)test / (double)data->test.count);
    }
}
