/* Test images that a net gets wrong whatever the seed; see batchnorm_disagreement.h. */
#include "batchnorm_disagreement.h"

#include <stdlib.h>
#include <string.h>

const struct frame_column disagreement_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},     {.name = "lr", .type = FRAME_REAL},
    {.name = "image", .type = FRAME_INTEGER}, {.name = "label", .type = FRAME_INTEGER},
    {.name = "runs", .type = FRAME_INTEGER},  {.name = NULL},
};

/* Means that differ by less are equal: sums of the same numbers in another order. */
static const double equal = 1e-9;

bool disagreement_counts(const struct batchnorm *report, size_t row)
{
    return report->verdicts[row].outcome == EVIDENCE_TRAINED;
}

/* Of the groups [first, end). */
static const struct report_group *best_group(const struct batchnorm *report, size_t first, size_t end)
{
    const struct report_group *best = &report->groups[first];
    for (size_t g = first + 1; g < end; g++)
        if (report->groups[g].judged.selection.mean > best->judged.selection.mean + equal)
            best = &report->groups[g];
    return best;
}

/* Trained runs of the group that lack their bits; *runs: all that trained. */
static size_t count_lacking(const struct batchnorm *report, const struct report_group *group, size_t *runs)
{
    size_t lacking = 0;
    *runs = 0;
    for (size_t i = group->first; i < group->end; i++)
        if (disagreement_counts(report, i)) {
            ++*runs;
            lacking += !report->rows[i].result->bits;
        }
    return lacking;
}

size_t disagreement_lacking(const struct batchnorm *report, size_t *runs)
{
    size_t lacking = 0;
    *runs = 0;
    for (size_t g = 0, end; g < report->group_count; g = end) {
        size_t trained;
        end = report_net_end(report, g);
        lacking += count_lacking(report, best_group(report, g, end), &trained);
        *runs += trained;
    }
    return lacking;
}

bool disagreement_next(const struct batchnorm *report, size_t *first, const struct report_group **group, size_t *runs)
{
    while (*first < report->group_count) {
        const size_t end = report_net_end(report, *first);
        *group = best_group(report, *first, end);
        *first = end;
        if (count_lacking(report, *group, runs) == 0 && *runs > 0)
            return true;
    }
    return false;
}

bool disagreement_wanted(const void *batchnorm)
{
    const struct report_group *group;
    size_t first = 0, runs;
    return disagreement_next(batchnorm, &first, &group, &runs);
}

/* right[byte] |= the bits of the row's run; scratch has as many bytes. */
static int add_right(uint8_t *right, uint8_t *scratch, const struct batchnorm *report, const struct report_row *row,
                     struct error *err)
{
    const size_t images = report->data.test.count;
    if (report_read_bits(report, row, scratch, err) < 0)
        return -1;
    for (size_t i = 0; i < (images + 7) / 8; i++)
        right[i] |= scratch[i];
    return 0;
}

static void fill_group(const struct batchnorm *report, const struct report_group *group, size_t runs,
                       const uint8_t *right, struct frame *frame)
{
    const struct report_row *row = &report->rows[group->first];
    for (size_t i = 0; i < report->data.test.count; i++) {
        if (right[i / 8] >> i % 8 & 1)
            continue;
        frame_text(frame, row->norm_name);
        frame_real(frame, row->lr);
        grid_fill(frame, row->run->config);
        frame_integer(frame, (int64_t)i);
        frame_integer(frame, report->data.test.labels[i]);
        frame_integer(frame, (int64_t)runs);
    }
}

void disagreement_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    const size_t bytes = (report->data.test.count + 7) / 8;
    uint8_t *right = malloc(2 * bytes);
    struct error err;
    int result = right ? 0 : error_out_of_memory(&err, "the bits per image");
    const struct report_group *group;
    size_t first = 0, trained;
    while (result == 0 && disagreement_next(report, &first, &group, &trained)) {
        memset(right, 0, bytes);
        for (size_t i = group->first; i < group->end && result == 0; i++)
            if (disagreement_counts(report, i))
                result = add_right(right, right + bytes, report, &report->rows[i], &err);
        if (result == 0)
            fill_group(report, group, trained, right, frame);
    }
    if (result < 0)
        frame_fail(frame, &err);
    free(right);
}
