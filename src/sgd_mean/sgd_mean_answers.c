#include "sgd_mean_answers.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/formats/json.h"

enum verdict { NOT_COMPARABLE, UNDECIDED, HOLDS, FAILS };
static const char *const words[] = {"not comparable", "undecided", "holds", "fails"};

/*
 * A larger rate against the next smaller one.  The two rates' errors are not taken for independent, as they share their
 * draws: the standard error of a difference is at most the sum of the two.
 */
struct answer {
    const struct sgd_mean_row *smaller, *larger;
    struct sgd_mean_measure at_smaller, at_larger; /* squared errors: at iteration `at`, or terminal ones */
    double at;
    enum verdict verdict;
    char text[320]; /* the verdict's word and why */
};

static void judge(struct answer *answer, enum verdict verdict, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

static void judge(struct answer *answer, enum verdict verdict, const char *why, ...)
{
    const size_t length = (size_t)snprintf(answer->text, sizeof answer->text, "%s", words[verdict]);
    va_list arguments;
    va_start(arguments, why);
    vsnprintf(answer->text + length, sizeof answer->text - length, why, arguments);
    va_end(arguments);
    answer->verdict = verdict;
}

/* One trial decides nothing; says how it came out. */
static void judge_one_trial(struct answer *answer, bool so)
{
    judge(answer, UNDECIDED, ": it is %s in this one trial; for a verdict give more, as --trials 1000",
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
        judge(answer, UNDECIDED, ": too close");
    else if (trials == 1)
        judge_one_trial(answer, lead > 0);
    else if (trials < SGD_MEAN_TRIALS)
        judge(answer, UNDECIDED, ": %zu trials are too few for an interval, it takes %d (--trials 1000)", trials,
              SGD_MEAN_TRIALS);
    else if (lead > half_width)
        judge(answer, HOLDS, "%s", "");
    else if (-lead > half_width)
        judge(answer, FAILS, "%s", "");
    else
        judge(answer, UNDECIDED, ": the difference lies within its 95 %% interval; give more --trials");
}

/* A run that diverged decides nothing; says so. */
static bool compare_diverged(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->diverged ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->diverged)
        judge(answer, NOT_COMPARABLE, ": lr %s diverged at iteration %s", number_format_real(lr, row->lr),
              row->diverged);
    return row->diverged != NULL;
}

/* ---- faster at first ---- */

/* Where theory knows that a rate never halves the start's error, no run is asked; says so. */
static bool never_halves(struct answer *answer, const struct sgd_mean_results *report)
{
    char lr[NUMBER_TEXT_SIZE], other[NUMBER_TEXT_SIZE];
    number_format_real(lr, answer->smaller->lr);
    number_format_real(other, answer->larger->lr);
    if (report->start_error == 0)
        judge(answer, NOT_COMPARABLE, ": the start is y*, there is no error to lose; give another --start");
    else if (answer->smaller->lr >= 1)
        judge(answer, NOT_COMPARABLE, ": at neither rate does the expected error ever fall (|1 - 2 lr| >= 1)");
    else if (answer->smaller->floor >= 0.5 * report->start_error)
        judge(answer, NOT_COMPARABLE,
              ": the floor of lr %s is not below half of the start's squared error, " SGD_MEAN_SHOWN
              "; give a --start farther from y*",
              lr, report->start_error);
    else if (answer->larger->lr >= 1)
        judge(answer, FAILS, ": at lr %s the expected error never falls (|1 - 2 lr| %s 1)", other,
              answer->larger->lr > 1 ? ">" : "=");
    else
        return false;
    return true;
}

/* Iterations until the expected error is half of the start's (with replacement); nan where that never is. */
static double expected_halving(const struct sgd_mean_results *report, const struct sgd_mean_row *row)
{
    const double e = report->start_error, left = (0.5 * e - row->floor) / (e - row->floor);
    return left > 0 ? ceil(log(left) / (2 * log(fabs(1 - 2 * row->lr)))) : (double)NAN;
}

static void judge_neither(struct answer *answer, const struct sgd_mean_results *report)
{
    const double iterations = expected_halving(report, answer->larger);
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE], why[80] = "; give more";
    if (iterations > (double)report->config->iterations)
        snprintf(why, sizeof why, "; lr %s takes %s by theory", number_format_real(lr, answer->larger->lr),
                 number_format_fixed(count, iterations, 0));
    judge(answer, NOT_COMPARABLE, ": neither got there in --iterations %zu%s", report->config->iterations, why);
}

/*
 * Judged where the larger rate has halved its error: by theory, so that noise does not choose the place; in a single
 * trial, which is judged by what is seen, where it has.
 */
static struct answer answer_faster(const struct sgd_mean_results *report, size_t smaller)
{
    struct answer answer = {.smaller = &report->rows[smaller], .larger = &report->rows[smaller + 1]};
    const double small = answer.smaller->half, large = answer.larger->half;
    const bool later = small < large || (!isnan(small) && isnan(large));
    answer.at_smaller = answer.at_larger = (struct sgd_mean_measure){NAN, NAN};
    answer.at = !isnan(large) ? large : small;
    if (report->config->trials > 1 && !isnan(answer.larger->expected_half))
        answer.at = answer.larger->expected_half;
    if (!isnan(answer.at)) {
        answer.at_smaller = sgd_mean_error_at(report, answer.smaller, (size_t)answer.at);
        answer.at_larger = sgd_mean_error_at(report, answer.larger, (size_t)answer.at);
    }
    if (never_halves(&answer, report) ||
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
    else if (answer.verdict == HOLDS && later)
        judge(&answer, UNDECIDED, ": the smaller rate was there first, though it lies behind at iteration %.0f",
              answer.at);
    return answer;
}

/* ---- ends wider ---- */

/* From lr 1 on |1 - 2 lr| >= 1: the error settles in no range that could be wide or narrow; says so. */
static bool compare_growing(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->lr >= 1 ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->lr >= 1)
        judge(answer, NOT_COMPARABLE, ": lr %s %s (|1 - 2 lr| %s 1), no range to compare",
              number_format_real(lr, row->lr), row->lr > 1 ? "diverges" : "does not settle", row->lr > 1 ? ">" : "=");
    return row->lr >= 1;
}

/* Of an error that is still the start's nothing follows for the range that a rate ends in; says so. */
static bool compare_unsettled(struct answer *answer, const struct sgd_mean_results *report)
{
    const bool settled = answer->smaller->start_share < SGD_MEAN_SETTLED;
    const struct sgd_mean_row *row = settled ? answer->larger : answer->smaller;
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE];
    if (report->points->variance == 0) {
        judge(answer, NOT_COMPARABLE, ": equal points make no noise, every error goes to 0");
        return true;
    }
    if (row->start_share < SGD_MEAN_SETTLED)
        return false;
    judge(answer, NOT_COMPARABLE,
          ": lr %s has not settled, %.3g %% of its terminal error are still the start's; it takes %s iterations",
          number_format_real(lr, row->lr), 100 * row->start_share, number_format_fixed(count, row->settling, 0));
    return true;
}

static struct answer answer_wider(const struct sgd_mean_results *report, size_t smaller)
{
    struct answer answer = {.smaller = &report->rows[smaller], .larger = &report->rows[smaller + 1], .at = NAN};
    answer.at_smaller = sgd_mean_terminal(report, answer.smaller);
    answer.at_larger = sgd_mean_terminal(report, answer.larger);
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

static void print_faster(const struct sgd_mean_results *report, size_t smaller, FILE *out)
{
    const struct answer answer = answer_faster(report, smaller);
    char a[64], b[64], large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE];
    fprintf(out,
            "  faster at first  lr %s against %s: half of the start's squared error after %s against %s iterations",
            number_format_real(large, answer.larger->lr), number_format_real(small, answer.smaller->lr),
            sgd_mean_format_iteration(a, answer.larger->half), sgd_mean_format_iteration(b, answer.smaller->half));
    if (sgd_mean_has_theory(report))
        fprintf(out, " (theory %s, %s)", sgd_mean_format_iteration(a, answer.larger->expected_half),
                sgd_mean_format_iteration(b, answer.smaller->expected_half));
    if (!isnan(answer.at))
        fprintf(out, ";\n                   at iteration %.0f it is %s against %s", answer.at,
                sgd_mean_format_measure(a, answer.at_larger), sgd_mean_format_measure(b, answer.at_smaller));
    fprintf(out, ":\n                   %s\n", answer.text);
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
    fprintf(out, ":\n                   %s\n", answer.text);
}

void sgd_mean_print_answers(const struct sgd_mean_results *report, FILE *out)
{
    fputs("\nIs the larger rate faster at first, and does it end in a wider range?\n", out);
    if (report->count == 1)
        fputs("  one rate: nothing to compare; give two, as in --lr 0.01,0.1\n", out);
    for (size_t i = 0; i + 1 < report->count; i++)
        print_faster(report, i, out);
    for (size_t i = 0; i + 1 < report->count; i++)
        print_wider(report, i, out);
}

/* ---- for a program ---- */

static cJSON *add_answer(cJSON *answers, const char *claim, const struct answer *answer)
{
    cJSON *entry = json_append(answers, cJSON_CreateObject());
    json_add_string(entry, "claim", claim);
    json_add_number(entry, "larger_lr", answer->larger->lr);
    json_add_number(entry, "smaller_lr", answer->smaller->lr);
    sgd_mean_add_measure(entry, "squared_error_of_larger", answer->at_larger);
    sgd_mean_add_measure(entry, "squared_error_of_smaller", answer->at_smaller);
    json_add_bool(entry, "supported", answer->verdict == HOLDS);
    json_add_string(entry, "outcome", words[answer->verdict]);
    json_add_string(entry, "verdict", answer->text);
    return entry;
}

static void add_ratios(cJSON *entry, const char *name, struct ratios r)
{
    cJSON *object = json_add_object(entry, name);
    json_add_number(object, "measured", r.measured);
    json_add_number(object, "theory", r.theory);
    json_add_number(object, "floors", r.floors);
}

void sgd_mean_add_answers(cJSON *root, const struct sgd_mean_results *report)
{
    cJSON *answers = json_add_array(root, "answers");
    for (size_t i = 0; i + 1 < report->count; i++) {
        const struct answer faster = answer_faster(report, i), wider = answer_wider(report, i);
        const struct ratios squared = ratios_of(&wider);
        cJSON *entry = add_answer(answers, "faster at first", &faster);
        json_add_number(entry, "at_iteration", faster.at);
        entry = add_answer(answers, "ends wider", &wider);
        add_ratios(entry, "ratio_of_squared_errors", squared);
        add_ratios(entry, "ratio_of_distances", distances(squared));
    }
}
