/* Means of batch losses over blocks of steps; see batchnorm_step_curves.h. */
#include "batchnorm_step_curves.h"

#include <math.h>
#include <stdio.h>

enum { BLOCKS = 100 };

const struct frame_column step_curves_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "first_step", .type = FRAME_INTEGER},
    {.name = "last_step", .type = FRAME_INTEGER},
    {.name = "runs", .type = FRAME_INTEGER},
    {.name = "train_loss", .type = FRAME_REAL},
    {.name = "train_loss_low", .type = FRAME_REAL},
    {.name = "train_loss_high", .type = FRAME_REAL},
    {.name = NULL},
};

struct block {
    size_t runs;
    double sum, low, high;
};

static void add_run(struct block blocks[BLOCKS], size_t count, size_t planned, const struct record_table *steps)
{
    for (size_t b = 0; b < count && (b + 1) * planned / count <= steps->rows; b++) {
        const size_t first = b * planned / count, end = (b + 1) * planned / count;
        struct block *block = &blocks[b];
        double sum = 0;
        for (size_t i = first; i < end; i++)
            sum += steps->cells[i];
        const double mean = sum / (double)(end - first);
        if (!isfinite(mean))
            return;
        block->low = block->runs == 0 ? mean : fmin(block->low, mean);
        block->high = block->runs == 0 ? mean : fmax(block->high, mean);
        block->sum += mean;
        block->runs++;
    }
}

static int fill_group(const struct batchnorm *report, const struct report_group *group, struct frame *frame,
                      struct error *err)
{
    struct block blocks[BLOCKS] = {{0}};
    const struct report_row *of = &report->rows[group->first];
    const size_t planned = of->result->steps_an_epoch * of->train->epochs, count = planned < BLOCKS ? planned : BLOCKS;
    for (size_t i = group->first; i < group->end; i++) {
        struct record record;
        char name[32];
        if (runner_read_whole(report->plan, report->rows[i].run, &record, err) < 0)
            return -1;
        snprintf(name, sizeof name, "steps.%zu", report->rows[i].segment);
        const struct record_table *steps = record_table_find(&record, name);
        if (steps)
            add_run(blocks, count, planned, steps);
        record_free(&record);
    }
    for (size_t b = 0; b < count; b++) {
        if (blocks[b].runs == 0)
            continue;
        frame_text(frame, of->norm_name);
        frame_real(frame, of->lr);
        grid_fill(frame, of->run->config);
        frame_integer(frame, (int64_t)(b * planned / count) + 1);
        frame_integer(frame, (int64_t)((b + 1) * planned / count));
        frame_integer(frame, (int64_t)blocks[b].runs);
        frame_reals(frame, (double[]){blocks[b].sum / (double)blocks[b].runs, blocks[b].low, blocks[b].high}, 3);
    }
    return 0;
}

void step_curves_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    struct error err;
    for (size_t g = 0; g < report->group_count && !frame->failed; g++)
        if (fill_group(report, &report->groups[g], frame, &err) < 0) {
            frame_fail(frame, &err);
            return;
        }
}
