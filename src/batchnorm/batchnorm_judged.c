/* What runs that differ in their seed alone come to; see batchnorm_judged.h. */
#include "batchnorm_judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/statistics.h"
#include "dlexp/statistics/student.h"

static const struct evidence *evidence_of(const struct batchnorm *report, const struct report_row *row)
{
    const size_t first = report->rows[0].run->block;
    return &report->evidence[row->run->block - first].evidence;
}

/* ---- what became of a run ---- */

static bool has_threshold(const struct evidence *evidence)
{
    return !isnan(evidence->best_median) || !isnan(evidence->rules.trained);
}

/* The row is of the same net as the one behind it. */
static bool same_net(const struct batchnorm *report, size_t i)
{
    const struct report_row *row = &report->rows[i];
    return i + 1 < report->count && row[1].run->block == row->run->block && row[1].norm == row->norm;
}

static struct evidence_verdict verdict_of(const struct batchnorm *report, const struct report_row *row,
                                          struct report_evaluation *from, struct evidence_evaluation *to,
                                          bool larger_trains, bool *trains)
{
    const struct evidence *evidence = evidence_of(report, row);
    const size_t count = report_evaluations(row, from);
    for (size_t e = 0; e < count; e++)
        to[e] = (struct evidence_evaluation){from[e].step, from[e].accuracy_percent};
    const struct evidence_run run = report_run_of(report, row, to, count);
    *trains = has_threshold(evidence) && evidence_trains(evidence, &run);
    if (!has_threshold(evidence))
        return (struct evidence_verdict){.outcome = EVIDENCE_MISSING, .steps = (double)INFINITY};
    return evidence_judge(evidence, &run, larger_trains);
}

/* Rates between the grid's are of the nets of the claims. */
static void copy_refined(struct batchnorm *report, const struct evidence *evidence)
{
    for (int net = 0; net < EVIDENCE_NETS; net++)
        for (size_t i = 0; i < evidence->grid.rate_count * evidence->grid.seeds && evidence->grid.runs[net]; i++) {
            const struct evidence_run *run = &evidence->grid.runs[net][i];
            if (run->present && run->row >= report->count)
                report->verdicts[run->row] = evidence->verdicts[net][i];
        }
}

int judged_make_verdicts(struct batchnorm *report, struct error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < report->count; i++) {
        const size_t count = report_evaluations(&report->rows[i], NULL);
        most = count > most ? count : most;
    }
    struct report_evaluation *from = calloc(most + 1, sizeof *from);
    struct evidence_evaluation *to = calloc(most + 1, sizeof *to);
    report->verdicts = calloc(report->count + report->refined + 1, sizeof *report->verdicts);
    const bool ready = from && to && report->verdicts;
    bool larger = false, here = false; /* some run of the net trains at a larger rate, at this one */
    for (size_t i = report->count; i-- > 0 && ready;) {
        bool trains;
        if (!same_net(report, i))
            larger = here = false;
        else if (report->rows[i].lr != report->rows[i + 1].lr)
            larger |= here;
        report->verdicts[i] = verdict_of(report, &report->rows[i], from, to, larger, &trains);
        here = trains || (here && same_net(report, i));
    }
    free(from);
    free(to);
    for (size_t i = 0; i < report->evidence_count && ready; i++)
        copy_refined(report, &report->evidence[i].evidence);
    return ready ? 0 : error_out_of_memory(err, "what became of the runs");
}

static const struct evidence_verdict *verdict_at(const struct batchnorm *report, const struct report_row *row)
{
    return &report->verdicts[row - report->rows];
}

const char *judged_outcome_name(const struct batchnorm *report, const struct report_row *row)
{
    const enum evidence_outcome outcome = verdict_at(report, row)->outcome;
    return outcome == EVIDENCE_MISSING ? NULL : evidence_outcome_name(outcome);
}

void judged_fill_outcome(const struct batchnorm *report, const struct report_row *row, struct frame *frame)
{
    const double steps = verdict_at(report, row)->steps;
    frame_text(frame, judged_outcome_name(report, row));
    if (isfinite(steps))
        frame_integer(frame, (int64_t)steps);
    else
        frame_none(frame);
}

/* ---- numbers ---- */

double judged_selection(const struct batchnorm *report, const struct report_row *row)
{
    const double percent = report_selection_percent(row);
    return isnan(percent) ? evidence_of(report, row)->rules.chance_selection : percent;
}

double judged_test(const struct batchnorm *report, const struct report_row *row)
{
    const double percent = report_test_percent(row);
    return isnan(percent) ? evidence_of(report, row)->rules.chance_test : percent;
}

/* Student's t around the mean; values that differ by rounding alone have no interval. */
static double half_width_of(const struct statistics *s, double level)
{
    if (s->count < 2 || !(s->deviation > 1e-9))
        return (double)NAN;
    return student_critical(level, (double)(s->count - 1)) * s->deviation / sqrt((double)s->count);
}

/* The values are put into another order. */
static struct judged_accuracy accuracy_of(double *values, size_t count, double level)
{
    const struct statistics s = statistics_of(values, count);
    order_sort(values, count);
    return (struct judged_accuracy){.mean = s.mean,
                                    .half_width = half_width_of(&s, level),
                                    .median = order_median(values, count),
                                    .order = order_interval_of(values, count, level),
                                    .interquartile_mean = order_interquartile_mean(values, count)};
}

struct judged judged_of(const struct batchnorm *report, size_t first, size_t end)
{
    const size_t count = end - first;
    const double level = report->config->level;
    struct judged judged = {.runs = count, .trained_low = (double)NAN, .trained_high = (double)NAN};
    for (size_t i = first; i < end; i++) {
        judged.outcomes[report->verdicts[i].outcome]++;
        report->scratch[i - first] = judged_selection(report, &report->rows[i]);
    }
    judged.selection = accuracy_of(report->scratch, count, level);
    for (size_t i = first; i < end; i++)
        report->scratch[i - first] = judged_test(report, &report->rows[i]);
    judged.test = accuracy_of(report->scratch, count, level);
    if (judged.outcomes[EVIDENCE_MISSING] == 0) {
        binomial_interval(judged.outcomes[EVIDENCE_TRAINED], count, level, &judged.trained_low, &judged.trained_high);
        judged.trained_low *= 100;
        judged.trained_high *= 100;
    }
    judged.difference = (struct judged_difference){0, (double)NAN, (double)NAN, (double)NAN};
    return judged;
}

struct judged_difference judged_difference_of(const struct batchnorm *report, size_t first, size_t end, size_t none,
                                              size_t none_end, size_t rates)
{
    struct judged_difference difference = {0, (double)NAN, (double)NAN, (double)NAN};
    for (size_t i = first; i < end; i++) {
        while (none < none_end && report->rows[none].seed < report->rows[i].seed)
            none++;
        if (none < none_end && report->rows[none].seed == report->rows[i].seed)
            report->scratch[difference.n++] =
                judged_test(report, &report->rows[i]) - judged_test(report, &report->rows[none]);
    }
    if (difference.n == 0)
        return difference;
    const struct statistics s = statistics_of(report->scratch, difference.n);
    const double level = 1 - (1 - report->config->level) / (double)rates;
    difference.mean = s.mean;
    difference.half_width = half_width_of(&s, level);
    difference.level = isnan(difference.half_width) ? (double)NAN : level;
    return difference;
}

/* ---- as columns ---- */

#define SURE .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS
#define ACCURACY_COLUMNS(object)                                                                                       \
    {.of = object, .name = "mean", SURE}, {.of = object, .name = "half_width", SURE},                                  \
        {.of = object, .name = "median", .type = FRAME_REAL},                                                          \
        {.of = object, .name = "median_low", .type = FRAME_REAL},                                                      \
        {.of = object, .name = "median_high", .type = FRAME_REAL}, {.of = object, .name = "median_level", SURE},       \
    {                                                                                                                  \
        .of = object, .name = "interquartile_mean", SURE                                                               \
    }

const struct frame_column judged_columns[] = {
    {.of = "outcome", .name = "trained", .type = FRAME_INTEGER},
    {.of = "outcome", .name = "collapsed", .type = FRAME_INTEGER},
    {.of = "outcome", .name = "slow", .type = FRAME_INTEGER},
    {.of = "outcome", .name = "diverged", .type = FRAME_INTEGER},
    {.of = "outcome", .name = "failed", .type = FRAME_INTEGER},
    {.name = "trained_percent", SURE},
    {.name = "trained_low_percent", SURE},
    {.name = "trained_high_percent", SURE},
    {.name = "level", .type = FRAME_REAL},
    {.name = "selected_on", .type = FRAME_TEXT},
    ACCURACY_COLUMNS("final_selection_percent"),
    ACCURACY_COLUMNS("final_test_percent"),
    {.of = "difference_to_none", .name = "n", .type = FRAME_INTEGER},
    {.of = "difference_to_none", .name = "mean", SURE},
    {.of = "difference_to_none", .name = "low", SURE},
    {.of = "difference_to_none", .name = "high", SURE},
    {.of = "difference_to_none", .name = "level", SURE},
    {.name = NULL},
};

static void fill_accuracy(struct frame *frame, const struct judged_accuracy *a)
{
    frame_reals(frame,
                (const double[]){a->mean, a->half_width, a->median, a->order.low, a->order.high, a->order.level,
                                 a->interquartile_mean},
                7);
}

void judged_fill(const struct batchnorm *report, const struct report_row *row, const struct judged *judged,
                 struct frame *frame)
{
    static const enum evidence_outcome outcomes[] = {EVIDENCE_TRAINED, EVIDENCE_COLLAPSED, EVIDENCE_SLOW,
                                                     EVIDENCE_DIVERGED, EVIDENCE_FAILED};
    const struct judged_difference *difference = &judged->difference;
    const bool known = judged->outcomes[EVIDENCE_MISSING] == 0;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (known)
            frame_integer(frame, (int64_t)judged->outcomes[outcomes[i]]);
        else
            frame_none(frame);
    frame_real(frame, known ? 100 * (double)judged->outcomes[EVIDENCE_TRAINED] / (double)judged->runs : (double)NAN);
    frame_reals(frame, (const double[]){judged->trained_low, judged->trained_high, report->config->level}, 3);
    frame_text(frame, report_validates(row) ? "validation" : "test");
    fill_accuracy(frame, &judged->selection);
    fill_accuracy(frame, &judged->test);
    if (difference->n > 0)
        frame_integer(frame, (int64_t)difference->n);
    else
        frame_none(frame);
    frame_reals(frame,
                (const double[]){difference->mean, difference->mean - difference->half_width,
                                 difference->mean + difference->half_width, difference->level},
                4);
}
