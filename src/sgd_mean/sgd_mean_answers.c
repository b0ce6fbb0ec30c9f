#include "sgd_mean_answers.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/claim_table.h"
#include "dlexp/run/grid.h"

/*
 * A larger rate against the next smaller one.  The two rates' errors are not taken for independent, as they share their
 * draws: the standard error of a difference is at most the sum of the two.
 */
struct answer {
    const struct sgd_mean_row *smaller, *larger;
    struct sgd_mean_measure at_smaller, at_larger; /* squared errors: at iteration `at`, or terminal ones */
    double at;
    struct claim claim; /* a is the larger rate */
};

static struct measure interval_of(struct sgd_mean_measure m)
{
    return measure_around(m.value, m.half_width);
}

/* The claim with its two rates, larger first, and no number yet. */
static struct answer begin_answer(const struct sgd_mean_results *report, size_t smaller, const char *id,
                                  const char *text, const char *measured)
{
    struct answer answer = {.smaller = &report->rows[smaller], .larger = &report->rows[smaller + 1], .at = NAN};
    char first[64], second[64], number[NUMBER_TEXT_SIZE];
    snprintf(first, sizeof first, "lr %s", number_format_real(number, answer.larger->lr));
    snprintf(second, sizeof second, "lr %s", number_format_real(number, answer.smaller->lr));
    answer.at_smaller = answer.at_larger = (struct sgd_mean_measure){NAN, NAN};
    answer.claim = claim_make(id, "homework", text, first, second);
    answer.claim.measured = measured;
    answer.claim.effect_name = "difference";
    answer.claim.n = report->config->trials;
    answer.claim.failed = (size_t)(answer.smaller->diverged != NULL) + (size_t)(answer.larger->diverged != NULL);
    return answer;
}

/* Of the squared errors that are compared. */
static void set_numbers(struct answer *answer)
{
    const struct sgd_mean_measure a = answer->at_larger, b = answer->at_smaller;
    answer->claim.a = interval_of(a);
    answer->claim.b = interval_of(b);
    answer->claim.effect = measure_around(a.value - b.value, a.half_width + b.half_width);
    if (isnan(answer->claim.effect.low))
        return;
    answer->claim.level = 0.95;
    answer->claim.method = "sum of both Student t half widths";
}

/* One trial decides nothing; says how it came out. */
static void judge_one_trial(struct answer *answer, bool so)
{
    claim_conclude(&answer->claim, VERDICT_UNDECIDED,
                   "it is %s in this one trial; for a verdict give more, as --trials 1000",
                   so ? "so" : "the other way round");
}

/* By the errors alone: which is higher, and surely so? */
static void judge_errors(struct answer *answer, const struct sgd_mean_results *report, bool higher)
{
    const size_t trials = report->config->trials;
    const double difference = answer->at_larger.value - answer->at_smaller.value;
    const double lead = higher ? difference : -difference;
    const double half_width = answer->at_larger.half_width + answer->at_smaller.half_width;
    char larger[64], smaller[64];
    snprintf(larger, sizeof larger, SGD_MEAN_SHOWN, answer->at_larger.value);
    snprintf(smaller, sizeof smaller, SGD_MEAN_SHOWN, answer->at_smaller.value);
    if (strcmp(larger, smaller) == 0) /* the figures beside a verdict must bear it out */
        claim_conclude(&answer->claim, VERDICT_UNDECIDED, "too close");
    else if (trials == 1)
        judge_one_trial(answer, lead > 0);
    else if (trials < SGD_MEAN_TRIALS)
        claim_conclude(&answer->claim, VERDICT_UNDECIDED,
                       "%zu trials are too few for an interval, it takes %d (--trials 1000)", trials, SGD_MEAN_TRIALS);
    else if (lead > half_width)
        claim_conclude(&answer->claim, VERDICT_SUPPORTED, "%s", "");
    else if (-lead > half_width)
        claim_conclude(&answer->claim, VERDICT_CONTRADICTED, "%s", "");
    else
        claim_conclude(&answer->claim, VERDICT_UNDECIDED,
                       "the difference lies within its 95 %% interval; give more --trials");
}

/* A run that diverged decides nothing; says so. */
static bool compare_diverged(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->diverged ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->diverged)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE, "lr %s diverged at iteration %s",
                       number_format_real(lr, row->lr), row->diverged);
    return row->diverged != NULL;
}

/* ---- faster at first ---- */

/* Where theory knows that a rate never halves the start's error, no run is asked; says so. */
static bool never_halves(struct answer *answer)
{
    char lr[NUMBER_TEXT_SIZE], other[NUMBER_TEXT_SIZE];
    number_format_real(lr, answer->smaller->lr);
    number_format_real(other, answer->larger->lr);
    const double start_error = answer->larger->start_error;
    if (start_error == 0)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "the start is y*, there is no error to lose; give another --start");
    else if (answer->smaller->lr >= 1)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "at neither rate does the expected error ever fall (|1 - 2 lr| >= 1)");
    else if (answer->smaller->floor >= 0.5 * start_error)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "the floor of lr %s is not below half of the start's squared error, " SGD_MEAN_SHOWN
                       "; give a --start farther from y*",
                       lr, start_error);
    else if (answer->larger->lr >= 1)
        claim_conclude(&answer->claim, VERDICT_CONTRADICTED,
                       "at lr %s the expected error never falls (|1 - 2 lr| %s 1)", other,
                       answer->larger->lr > 1 ? ">" : "=");
    else
        return false;
    return true;
}

/* Iterations until the expected error is half of the start's (with replacement); nan where that never is. */
static double expected_halving(const struct sgd_mean_row *row)
{
    const double e = row->start_error, left = (0.5 * e - row->floor) / (e - row->floor);
    return left > 0 ? ceil(log(left) / (2 * log(fabs(1 - 2 * row->lr)))) : (double)NAN;
}

static void judge_neither(struct answer *answer, const struct sgd_mean_results *report)
{
    const double iterations = expected_halving(answer->larger);
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE], why[80] = "; give more";
    if (iterations > (double)report->config->iterations)
        snprintf(why, sizeof why, "; lr %s takes %s by theory", number_format_real(lr, answer->larger->lr),
                 number_format_fixed(count, iterations, 0));
    claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE, "neither got there in --iterations %zu%s",
                   report->config->iterations, why);
}

/*
 * Judged where the larger rate has halved its error: by theory, so that noise does not choose the place; in a single
 * trial, which is judged by what is seen, where it has.
 */
static struct answer answer_faster(const struct sgd_mean_results *report, size_t smaller)
{
    struct answer answer =
        begin_answer(report, smaller, "faster", "faster at first", "squared error when the larger rate has halved it");
    const double small = answer.smaller->half, large = answer.larger->half;
    const bool later = small < large || (!isnan(small) && isnan(large));
    answer.at = !isnan(large) ? large : small;
    if (report->config->trials > 1 && !isnan(answer.larger->expected_half))
        answer.at = answer.larger->expected_half;
    if (!isnan(answer.at)) {
        answer.at_smaller = sgd_mean_error_at(report, answer.smaller, (size_t)answer.at);
        answer.at_larger = sgd_mean_error_at(report, answer.larger, (size_t)answer.at);
        set_numbers(&answer);
    }
    if (never_halves(&answer) ||
        ((isnan(answer.at) || isnan(answer.at_larger.value) || isnan(answer.at_smaller.value)) &&
         compare_diverged(&answer)))
        return answer;
    if (isnan(answer.at)) {
        judge_neither(&answer, report);
        return answer;
    }
    judge_errors(&answer, report, false); /* also where both take as many: then by how far they are */
    if (later && report->config->trials == 1)
        judge_one_trial(&answer, false);
    else if (answer.claim.verdict == VERDICT_SUPPORTED && later)
        claim_conclude(&answer.claim, VERDICT_UNDECIDED,
                       "the smaller rate was there first, though it lies behind at iteration %.0f", answer.at);
    return answer;
}

/* ---- ends wider ---- */

/* From lr 1 on |1 - 2 lr| >= 1: the error settles in no range that could be wide or narrow; says so. */
static bool compare_growing(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->lr >= 1 ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->lr >= 1)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE, "lr %s %s (|1 - 2 lr| %s 1), no range to compare",
                       number_format_real(lr, row->lr), row->lr > 1 ? "diverges" : "does not settle",
                       row->lr > 1 ? ">" : "=");
    return row->lr >= 1;
}

/* Of an error that is still the start's nothing follows for the range that a rate ends in; says so. */
static bool compare_unsettled(struct answer *answer, const struct sgd_mean_results *report)
{
    const bool settled = answer->smaller->start_share < SGD_MEAN_SETTLED;
    const struct sgd_mean_row *row = settled ? answer->larger : answer->smaller;
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE];
    if (report->points->variance == 0) {
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE, "equal points make no noise, every error goes to 0");
        return true;
    }
    if (row->start_share < SGD_MEAN_SETTLED)
        return false;
    claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                   "lr %s has not settled, %.3g %% of its terminal error are still the start's; it takes %s iterations",
                   number_format_real(lr, row->lr), 100 * row->start_share,
                   number_format_fixed(count, row->settling, 0));
    return true;
}

static struct answer answer_wider(const struct sgd_mean_results *report, size_t smaller)
{
    struct answer answer = begin_answer(report, smaller, "wider", "ends wider", "terminal squared error");
    answer.at_smaller = sgd_mean_terminal(report, answer.smaller);
    answer.at_larger = sgd_mean_terminal(report, answer.larger);
    set_numbers(&answer);
    /* The rate first: whether a run that grows overflows is a matter of how long it is. */
    if (!compare_growing(&answer) && !compare_diverged(&answer) && !compare_unsettled(&answer, report))
        judge_errors(&answer, report, true);
    return answer;
}

/* Larger over smaller; nan where there is none. */
struct ratios {
    double measured, theory, floors;
};

static double ratio(double larger, double smaller)
{
    return smaller > 0 ? larger / smaller : (double)NAN;
}

/* Of squared errors; where the larger rate does not settle a ratio would say nothing. */
static struct ratios ratios_of(const struct answer *answer)
{
    const struct sgd_mean_row *larger = answer->larger, *smaller = answer->smaller;
    if (larger->lr >= 1)
        return (struct ratios){NAN, NAN, NAN};
    return (struct ratios){ratio(answer->at_larger.value, answer->at_smaller.value),
                           ratio(larger->expected_terminal, smaller->expected_terminal),
                           ratio(larger->floor, smaller->floor)};
}

static struct ratios distances(struct ratios squared)
{
    return (struct ratios){sqrt(squared.measured), sqrt(squared.theory), sqrt(squared.floors)};
}

/* ---- for a person ---- */

static void print_verdict(const struct claim *claim, FILE *out)
{
    fprintf(out, ":\n                   %s%s%s\n", verdict_name(claim->verdict), *claim->reason ? ": " : "",
            claim->reason);
}

static void print_faster(const struct sgd_mean_results *report, size_t smaller, FILE *out)
{
    const struct answer answer = answer_faster(report, smaller);
    char a[64], b[64], large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE];
    fprintf(out,
            "  faster at first  lr %s against %s: half of the start's squared error after %s against %s iterations",
            number_format_real(large, answer.larger->lr), number_format_real(small, answer.smaller->lr),
            sgd_mean_format_iteration(a, answer.larger->half), sgd_mean_format_iteration(b, answer.smaller->half));
    if (sgd_mean_row_has_theory(answer.larger))
        fprintf(out, " (theory %s, %s)", sgd_mean_format_iteration(a, answer.larger->expected_half),
                sgd_mean_format_iteration(b, answer.smaller->expected_half));
    if (!isnan(answer.at))
        fprintf(out, ";\n                   at iteration %.0f it is %s against %s", answer.at,
                sgd_mean_format_measure(a, answer.at_larger), sgd_mean_format_measure(b, answer.at_smaller));
    print_verdict(&answer.claim, out);
}

/* Nothing where there is no ratio. */
static void print_ratios(FILE *out, const char *of, struct ratios r)
{
    if (isnan(r.measured) && isnan(r.floors))
        return;
    fprintf(out, ",\n                   ratio of %s", of);
    if (!isnan(r.measured))
        fprintf(out, " " SGD_MEAN_SHOWN, r.measured);
    if (!isnan(r.theory))
        fprintf(out, ", by theory " SGD_MEAN_SHOWN, r.theory);
    if (!isnan(r.floors))
        fprintf(out, "%s of the floors " SGD_MEAN_SHOWN, isnan(r.measured) ? "" : ",", r.floors);
}

static void print_wider(const struct sgd_mean_results *report, size_t smaller, FILE *out)
{
    const struct answer answer = answer_wider(report, smaller);
    const struct ratios squared = ratios_of(&answer);
    char a[64], b[64], large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE];
    fprintf(out, "  ends wider       lr %s against %s: terminal squared error %s against %s",
            number_format_real(large, answer.larger->lr), number_format_real(small, answer.smaller->lr),
            sgd_mean_format_measure(a, answer.at_larger), sgd_mean_format_measure(b, answer.at_smaller));
    print_ratios(out, "squared errors", squared);
    print_ratios(out, "distances (its root)", distances(squared));
    print_verdict(&answer.claim, out);
}

#define ONE_RATE "one rate: nothing to compare; give two, as in --lr 0.01,0.1"

/* Whether the rate stands in no pair: its block of the grid has no other. */
static bool is_alone(const struct sgd_mean_results *report, size_t i)
{
    return !sgd_mean_is_pair(report, i) && (i == 0 || !sgd_mean_is_pair(report, i - 1));
}

/* The rates of one block of the grid, rows [first, end). */
static void print_block(const struct sgd_mean_results *report, size_t first, size_t end, FILE *out)
{
    if (is_alone(report, first))
        fprintf(out, "  %s: %s\n", verdict_name(VERDICT_NOT_COMPARABLE), ONE_RATE);
    for (size_t i = first; i + 1 < end; i++)
        print_faster(report, i, out);
    for (size_t i = first; i + 1 < end; i++)
        print_wider(report, i, out);
}

void sgd_mean_print_answers(const struct sgd_mean_results *report, FILE *out)
{
    fputs("\nIs the larger rate faster at first, and does it end in a wider range?\n", out);
    for (size_t first = 0, end; first < report->count; first = end) {
        for (end = first + 1; end < report->count && sgd_mean_is_pair(report, end - 1);)
            end++;
        if (first > 0 || end < report->count) {
            grid_print_block(report->grid, report->rows[first].run->config, out);
            fputs(":\n", out);
        }
        print_block(report, first, end, out);
    }
}

/* ---- tables ---- */

#define MEASURE_COLUMNS(object)                                                                                        \
    {.of = object, .name = "mean", .type = FRAME_REAL},                                                                \
    {                                                                                                                  \
        .of = object, .name = "half_width_95", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS                         \
    }
#define RATIO_COLUMNS(object)                                                                                          \
    {.of = object, .name = "measured", .type = FRAME_REAL}, {.of = object, .name = "theory", .type = FRAME_REAL},      \
    {                                                                                                                  \
        .of = object, .name = "floors", .type = FRAME_REAL                                                             \
    }

const struct frame_column sgd_mean_answers_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},        {.name = "larger_lr", .type = FRAME_REAL},
    {.name = "smaller_lr", .type = FRAME_REAL},   MEASURE_COLUMNS("squared_error_of_larger"),
    MEASURE_COLUMNS("squared_error_of_smaller"),  {.name = "supported", .type = FRAME_BOOL},
    {.name = "outcome", .type = FRAME_TEXT},      {.name = "verdict", .type = FRAME_TEXT}, /* the outcome and why */
    {.name = "at_iteration", .type = FRAME_REAL}, RATIO_COLUMNS("ratio_of_squared_errors"),
    RATIO_COLUMNS("ratio_of_distances"),          {.name = NULL},
};

static void fill_answer(struct frame *frame, const struct answer *answer, struct ratios squared)
{
    const struct ratios roots = distances(squared);
    const struct claim *claim = &answer->claim;
    char text[sizeof claim->reason + 32];
    snprintf(text, sizeof text, "%s%s%s", verdict_name(claim->verdict), *claim->reason ? ": " : "", claim->reason);
    frame_text(frame, claim->text);
    frame_reals(frame, (const double[]){answer->larger->lr, answer->smaller->lr}, 2);
    grid_fill(frame, answer->larger->run->config);
    frame_reals(frame,
                (const double[]){answer->at_larger.value, answer->at_larger.half_width, answer->at_smaller.value,
                                 answer->at_smaller.half_width},
                4);
    frame_bool(frame, claim->verdict == VERDICT_SUPPORTED);
    frame_text(frame, verdict_name(claim->verdict));
    frame_text(frame, text);
    frame_reals(frame,
                (const double[]){answer->at, squared.measured, squared.theory, squared.floors, roots.measured,
                                 roots.theory, roots.floors},
                7);
}

void sgd_mean_fill_answers(const void *results, struct frame *frame)
{
    const struct sgd_mean_results *report = results;
    for (size_t i = 0; i < report->count; i++)
        if (sgd_mean_is_pair(report, i)) {
            const struct answer faster = answer_faster(report, i), wider = answer_wider(report, i);
            fill_answer(frame, &faster, (struct ratios){NAN, NAN, NAN});
            fill_answer(frame, &wider, ratios_of(&wider));
        }
}

static void fill_one_rate(struct frame *frame, const struct sgd_mean_results *report, size_t i, const char *id,
                          const char *text)
{
    const struct sgd_mean_row *row = &report->rows[i];
    char first[64], number[NUMBER_TEXT_SIZE];
    snprintf(first, sizeof first, "lr %s", number_format_real(number, row->lr));
    struct claim claim = claim_make(id, "homework", text, first, "");
    claim_conclude(&claim, VERDICT_NOT_COMPARABLE, ONE_RATE);
    claim_fill(frame, &claim, row->run->config);
}

void sgd_mean_fill_claims(const void *results, struct frame *frame)
{
    const struct sgd_mean_results *report = results;
    for (size_t i = 0; i < report->count; i++) {
        if (is_alone(report, i)) {
            fill_one_rate(frame, report, i, "faster", "faster at first");
            fill_one_rate(frame, report, i, "wider", "ends wider");
        } else if (sgd_mean_is_pair(report, i)) {
            const struct answer faster = answer_faster(report, i), wider = answer_wider(report, i);
            claim_fill(frame, &faster.claim, report->rows[i].run->config);
            claim_fill(frame, &wider.claim, report->rows[i].run->config);
        }
    }
}
