/* What each class is taken for; see batchnorm_confusion.h. */
#include "batchnorm_confusion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_disagreement.h"
#include "dlexp/train/train_confusion.h"

const struct frame_column confusion_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},     {.name = "lr", .type = FRAME_REAL},
    {.name = "label", .type = FRAME_INTEGER}, {.name = "named", .type = FRAME_INTEGER},
    {.name = "images", .type = FRAME_REAL},   {.name = "percent", .type = FRAME_REAL},
    {.name = "runs", .type = FRAME_INTEGER},  {.name = NULL},
};

/* Whether all of the group's trained runs have noted it. */
static bool is_noted(const struct batchnorm *report, const struct report_group *group)
{
    for (size_t row = group->first; row < group->end; row++)
        if (disagreement_counts(report, row) && !report->rows[row].result->confusion)
            return false;
    return true;
}

bool confusion_wanted(const void *batchnorm)
{
    const struct report_group *group;
    size_t first = 0, runs;
    while (disagreement_next(batchnorm, &first, &group, &runs))
        if (is_noted(batchnorm, group))
            return true;
    return false;
}

static int add_runs(double *totals, const struct batchnorm *report, const struct report_group *group, struct error *err)
{
    for (size_t i = group->first; i < group->end; i++) {
        const struct report_row *row = &report->rows[i];
        struct record record;
        if (!disagreement_counts(report, i))
            continue;
        if (runner_read_whole(report->plan, row->run, &record, err) < 0)
            return -1;
        train_confusion_add(&record, row->segment, report->data.classes, totals);
        record_free(&record);
    }
    return 0;
}

static void fill_group(const struct batchnorm *report, const struct report_group *group, size_t runs,
                       const double *totals, struct frame *frame)
{
    const struct report_row *row = &report->rows[group->first];
    const size_t classes = report->data.classes;
    for (size_t label = 0; label < classes; label++) {
        double all = 0;
        for (size_t named = 0; named < classes; named++)
            all += totals[label * classes + named];
        for (size_t named = 0; named < classes; named++) {
            const double images = totals[label * classes + named];
            frame_text(frame, row->norm_name);
            frame_real(frame, row->lr);
            grid_fill(frame, row->run->config);
            frame_integer(frame, (int64_t)label);
            frame_integer(frame, (int64_t)named);
            frame_real(frame, images / (double)runs);
            frame_real(frame, all > 0 ? 100 * images / all : (double)NAN); /* a class without test images */
            frame_integer(frame, (int64_t)runs);
        }
    }
}

void confusion_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    const size_t count = report->data.classes * report->data.classes;
    double *totals = malloc(count * sizeof *totals);
    const struct report_group *group;
    size_t first = 0, runs;
    struct error err;
    int result = totals ? 0 : error_out_of_memory(&err, "the counts of classes");
    while (result == 0 && disagreement_next(report, &first, &group, &runs)) {
        if (!is_noted(report, group))
            continue;
        memset(totals, 0, count * sizeof *totals);
        result = add_runs(totals, report, group, &err);
        if (result == 0)
            fill_group(report, group, runs, totals, frame);
    }
    if (result < 0)
        frame_fail(frame, &err);
    free(totals);
}
