/* What random trials of rates and seeds are worth; see batchnorm_tuning.h. */
#include "batchnorm_tuning.h"

#include "dlexp/statistics/best_of.h"

const struct frame_column tuning_columns[] = {
    {.name = "norm", .type = FRAME_TEXT},
    {.name = "trials", .type = FRAME_INTEGER},
    {.name = "expected_best_percent", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "selected_on", .type = FRAME_TEXT},
    {.name = "runs", .type = FRAME_INTEGER},
    {.name = NULL},
};

/* The net's rows are [first, end). */
static void fill_net(const struct batchnorm *report, size_t first, size_t end, struct frame *frame)
{
    const struct report_row *row = &report->rows[first];
    const size_t count = end - first;
    for (size_t i = first; i < end; i++)
        report->scratch[i - first] = judged_selection(report, &report->rows[i]);
    order_sort(report->scratch, count);
    for (size_t b = 1; 2 * b <= count; b += b < TUNING_TRIALS ? 1 : b / 100) {
        frame_text(frame, row->norm_name);
        frame_integer(frame, (int64_t)b);
        grid_fill(frame, row->run->config);
        frame_real(frame, best_of(report->scratch, count, b));
        frame_text(frame, report_validates(row) ? "validation" : "test");
        frame_integer(frame, (int64_t)count);
    }
}

void tuning_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t g = 0, end; g < report->group_count; g = end) {
        end = report_net_end(report, g);
        fill_net(report, report->groups[g].first, report->groups[end - 1].end, frame);
    }
}

bool tuning_wanted(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    for (size_t g = 0, end; g < report->group_count; g = end) {
        end = report_net_end(report, g);
        if (report->groups[end - 1].end - report->groups[g].first > 1)
            return true;
    }
    return false;
}
