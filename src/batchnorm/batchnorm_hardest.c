/* Test images that are most often wrong; see batchnorm_hardest.h. */
#include "batchnorm_hardest.h"

#include <stdlib.h>
#include <string.h>

#include "batchnorm_disagreement.h"

enum { HARDEST = 25 };

const struct frame_column hardest_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},     {.name = "lr", .type = FRAME_REAL},
    {.name = "place", .type = FRAME_INTEGER}, {.name = "image", .type = FRAME_INTEGER},
    {.name = "label", .type = FRAME_INTEGER}, {.name = "wrong", .type = FRAME_INTEGER},
    {.name = "runs", .type = FRAME_INTEGER},  {.name = NULL},
};

const struct frame_column hardest_pixels_columns[] = {
    {.name = "image", .type = FRAME_INTEGER},
    {.name = "row", .type = FRAME_INTEGER},
    {.name = "column", .type = FRAME_INTEGER},
    {.name = "value", .type = FRAME_INTEGER},
    {.name = NULL},
};

/* For every test image how many of the group's trained runs get it wrong; scratch has a bit for each. */
static int count_wrong(uint32_t *wrong, uint8_t *scratch, const struct batchnorm *report,
                       const struct report_group *group, struct error *err)
{
    const size_t images = report->data.test.count;
    memset(wrong, 0, images * sizeof *wrong);
    for (size_t row = group->first; row < group->end; row++) {
        if (!disagreement_counts(report, row))
            continue;
        if (report_read_bits(report, &report->rows[row], scratch, err) < 0)
            return -1;
        for (size_t i = 0; i < images; i++)
            wrong[i] += !(scratch[i / 8] >> i % 8 & 1);
    }
    return 0;
}

/* The hardest images, hardest first; returns how many. */
static size_t choose(size_t chosen[HARDEST], const uint32_t *wrong, size_t images)
{
    size_t count = 0;
    for (size_t i = 0; i < images; i++) {
        size_t place = count;
        if (wrong[i] == 0 || (count == HARDEST && wrong[chosen[HARDEST - 1]] >= wrong[i]))
            continue;
        while (place > 0 && wrong[chosen[place - 1]] < wrong[i])
            place--;
        count += count < HARDEST;
        memmove(&chosen[place + 1], &chosen[place], (count - 1 - place) * sizeof *chosen);
        chosen[place] = i;
    }
    return count;
}

static void fill_group(const struct batchnorm *report, const struct report_group *group, size_t runs,
                       const uint32_t *wrong, struct frame *frame)
{
    const struct report_row *row = &report->rows[group->first];
    size_t chosen[HARDEST];
    const size_t count = choose(chosen, wrong, report->data.test.count);
    for (size_t i = 0; i < count; i++) {
        frame_text(frame, row->norm_name);
        frame_real(frame, row->lr);
        grid_fill(frame, row->run->config);
        frame_integer(frame, (int64_t)i + 1);
        frame_integer(frame, (int64_t)chosen[i]);
        frame_integer(frame, report->data.test.labels[chosen[i]]);
        frame_integer(frame, wrong[chosen[i]]);
        frame_integer(frame, (int64_t)runs);
    }
}

static void fill_pixels(const struct dataset *data, const uint8_t *shown, struct frame *frame)
{
    for (size_t i = 0; i < data->test.count; i++)
        for (size_t p = 0; shown[i] && p < data->pixels; p++) {
            frame_integer(frame, (int64_t)i);
            frame_integer(frame, (int64_t)(p / data->columns));
            frame_integer(frame, (int64_t)(p % data->columns));
            frame_integer(frame, data->test.images[i * data->pixels + p]);
        }
}

/* Both tables. */
static void fill(const struct batchnorm *report, bool pixels, struct frame *frame)
{
    const size_t images = report->data.test.count;
    uint32_t *wrong = malloc(images * (sizeof *wrong + 1) + (images + 7) / 8);
    uint8_t *shown = wrong ? (uint8_t *)(wrong + images) : NULL, *scratch = wrong ? shown + images : NULL;
    const struct report_group *group;
    size_t first = 0, runs, chosen[HARDEST];
    struct error err;
    int result = wrong ? 0 : error_out_of_memory(&err, "the hardest images");
    if (result == 0)
        memset(shown, 0, images);
    while (result == 0 && disagreement_next(report, &first, &group, &runs)) {
        result = count_wrong(wrong, scratch, report, group, &err);
        if (result == 0 && !pixels)
            fill_group(report, group, runs, wrong, frame);
        const size_t count = result == 0 && pixels ? choose(chosen, wrong, images) : 0;
        for (size_t i = 0; i < count; i++)
            shown[chosen[i]] = 1;
    }
    if (result == 0 && pixels)
        fill_pixels(&report->data, shown, frame);
    if (result < 0)
        frame_fail(frame, &err);
    free(wrong);
}

void hardest_fill(const void *batchnorm, struct frame *frame)
{
    fill(batchnorm, false, frame);
}

void hardest_fill_pixels(const void *batchnorm, struct frame *frame)
{
    fill(batchnorm, true, frame);
}
