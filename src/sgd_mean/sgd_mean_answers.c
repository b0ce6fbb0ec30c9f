/* What dlexp sgd-mean answers, for a person and for a program. */
#include "sgd_mean_answers.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/number.h"
#include "dlexp/cli/verdict_text.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/claim_table.h"
#include "dlexp/run/grid.h"
#include "sgd_mean_claims.h"

static struct measure distances(const struct measure *squared)
{
    return (struct measure){sqrt(squared->estimate), sqrt(squared->low), sqrt(squared->high)};
}

/* ---- for a person ---- */

enum { ANSWER_COLUMN = 4 };

/* Where an answer's lines go: below one another on a screen, or one behind the other, as a sentence. */
struct lines {
    FILE *out;
    bool one;
};

static void say(const struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct lines *lines, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (lines->one)
        fprintf(lines->out, " %c%s.", toupper((unsigned char)*text), text + 1);
    else
        flow_print(lines->out, "    ", ANSWER_COLUMN, text);
}

/* "0.00931 (0.0092 to 0.00942)", or without the interval; "-" */
static const char *format_measure(char buffer[96], struct measure m)
{
    if (isnan(m.estimate))
        strcpy(buffer, "-");
    else if (isnan(m.low))
        snprintf(buffer, 96, SGD_MEAN_SHOWN, m.estimate);
    else
        snprintf(buffer, 96, SGD_MEAN_SHOWN " (" SGD_MEAN_SHOWN " to " SGD_MEAN_SHOWN ")", m.estimate, m.low, m.high);
    return buffer;
}

static const char *format_iteration(char buffer[NUMBER_TEXT_SIZE], double iteration)
{
    if (isnan(iteration))
        strcpy(buffer, "-");
    else
        number_format_fixed(buffer, iteration, 0);
    return buffer;
}

static const char *format_p(char buffer[32], double p)
{
    snprintf(buffer, 32, p < 1e-300 ? "p < 1e-300" : "p = %.2g", p);
    return buffer;
}

/* What decides: the ratio of two rates' squared errors, over / under. */
static void print_effect(const struct claim *claim, double over, double under, const struct lines *lines)
{
    const char *what = claim->n > 1 ? "median of the trials' ratios" : "ratio in the trial";
    char o[NUMBER_TEXT_SIZE], u[NUMBER_TEXT_SIZE], squared[96], roots[96], p[32], holm[32], test[256] = "";
    if (isnan(claim->effect.estimate))
        return;
    if (!isnan(claim->level))
        snprintf(test, sizeof test, ", with %.4g %% order intervals (sign test %s, with Holm %s; %s, %zu not finite)",
                 100 * claim->level, format_p(p, claim->p), format_p(holm, claim->p_holm),
                 counted(claim->n, "trial").text, claim->failed);
    say(lines, "%s, lr %s / lr %s: squared errors %s, distances %s%s", what, number_format_real(o, over),
        number_format_real(u, under), format_measure(squared, claim->effect),
        format_measure(roots, distances(&claim->effect)), test);
}

static void print_faster(const struct sgd_mean_pair *pair, const struct lines *lines)
{
    const struct claim *claim = &pair->claims[SGD_MEAN_FASTER];
    const struct sgd_mean_row *larger = pair->larger, *smaller = pair->smaller;
    char a[96], b[96], c[NUMBER_TEXT_SIZE], d[NUMBER_TEXT_SIZE], e[NUMBER_TEXT_SIZE], f[NUMBER_TEXT_SIZE];
    char theory[96] = "";
    if (pair->at != SIZE_MAX) {
        if (pair->at < larger->expected_count && pair->at < smaller->expected_count)
            snprintf(theory, sizeof theory, " (theory " SGD_MEAN_SHOWN ", " SGD_MEAN_SHOWN ", %.3g)",
                     larger->expected[pair->at], smaller->expected[pair->at],
                     smaller->expected[pair->at] / larger->expected[pair->at]);
        say(lines, "at %s: squared error %s against %s, %.3g times%s", claim->at, format_measure(a, claim->a),
            format_measure(b, claim->b), claim->b.estimate / claim->a.estimate, theory);
    }
    print_effect(claim, smaller->lr, larger->lr, lines);
    say(lines, "half of the start's squared error after %s against %s iterations (theory %s, %s)",
        format_iteration(c, larger->half), format_iteration(d, smaller->half),
        format_iteration(e, larger->expected_half), format_iteration(f, smaller->expected_half));
}

/* Of the means; nothing where there is no ratio. */
static void print_ratios(const struct lines *lines, const char *of, struct measure r)
{
    char measured[32] = "", theory[48] = "", floors[48] = "";
    if (isnan(r.estimate) && isnan(r.high))
        return;
    if (!isnan(r.estimate))
        snprintf(measured, sizeof measured, " " SGD_MEAN_SHOWN, r.estimate);
    if (!isnan(r.low))
        snprintf(theory, sizeof theory, ", by theory " SGD_MEAN_SHOWN, r.low);
    if (!isnan(r.high))
        snprintf(floors, sizeof floors, "%s of the floors " SGD_MEAN_SHOWN, isnan(r.estimate) ? "" : ",", r.high);
    say(lines, "ratio of %s%s%s%s", of, measured, theory, floors);
}

static void print_wider(const struct sgd_mean_pair *pair, const struct lines *lines)
{
    const struct claim *claim = &pair->claims[SGD_MEAN_WIDER];
    const struct sgd_mean_ratios r = sgd_mean_ratios_of(pair);
    const struct measure squared = {r.measured, r.theory, r.floors};
    char a[96], b[96];
    print_ratios(lines, "mean squared errors", squared);
    print_ratios(lines, "their distances (its root)", distances(&squared));
    say(lines, "terminal squared error (mean over the last half) %s against %s", format_measure(a, claim->a),
        format_measure(b, claim->b));
    print_effect(claim, pair->larger->lr, pair->smaller->lr, lines);
}

/* The numbers behind a verdict. */
static void print_numbers(const struct sgd_mean_pair *pair, enum sgd_mean_claim which, const struct lines *lines)
{
    static void (*const printers[SGD_MEAN_CLAIMS])(const struct sgd_mean_pair *, const struct lines *) = {
        [SGD_MEAN_FASTER] = print_faster, [SGD_MEAN_WIDER] = print_wider};
    printers[which](pair, lines);
}

/* "supported. At iteration 2: ..." */
static char *answer_sentence(const struct sgd_mean_pair *pair, enum sgd_mean_claim which)
{
    const struct claim *claim = &pair->claims[which];
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    fprintf(text.stream, "%s%s%s.", verdict_name(claim->verdict), *claim->reason ? ": " : "", claim->reason);
    print_numbers(pair, which, &(struct lines){text.stream, true});
    return output_take(&text, &ignored);
}

/* "  faster at first, lr 0.1 against 0.01: supported: why", and below it the numbers. */
static void print_pair(const struct sgd_mean_pair *pair, enum sgd_mean_claim which, FILE *out)
{
    const struct claim *claim = &pair->claims[which];
    char large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE], word[VERDICT_TEXT_SIZE], text[160];
    struct flow flow = flow_begin(out, "  ", 2);
    flow.indent = ANSWER_COLUMN;
    snprintf(text, sizeof text, "%s, lr %s against %s:", claim->text, number_format_real(large, pair->larger->lr),
             number_format_real(small, pair->smaller->lr));
    flow_text(&flow, text);
    flow_piece(&flow, verdict_text(word, claim->verdict, out));
    flow_text(&flow, *claim->reason ? ": " : "");
    flow_text(&flow, claim->reason);
    flow_end(&flow);
    print_numbers(pair, which, &(struct lines){out, false});
}

/* The pairs of one block of the grid, [first, end). */
static void print_block(const struct sgd_mean_results *report, size_t first, size_t end, FILE *out)
{
    const struct sgd_mean_pair *pairs = report->pairs;
    char word[VERDICT_TEXT_SIZE];
    for (size_t i = first; i < end; i++)
        if (pairs[i].larger)
            print_pair(&pairs[i], SGD_MEAN_FASTER, out);
        else
            flow_say(out, "  ", 2, "%s: %s", verdict_text(word, pairs[i].claims[0].verdict, out),
                     pairs[i].claims[0].reason);
    for (size_t i = first; i < end; i++)
        if (pairs[i].larger)
            print_pair(&pairs[i], SGD_MEAN_WIDER, out);
}

void sgd_mean_print_answers(const struct sgd_mean_results *report, FILE *out)
{
    const struct sgd_mean_pair *pairs = report->pairs;
    fputc('\n', out);
    flow_print(out, "", 0, "Is the larger rate faster at first, and does it end in a wider range?");
    for (size_t first = 0, end; first < report->pair_count; first = end) {
        const struct run *run = pairs[first].smaller->run;
        for (end = first + 1; end < report->pair_count && pairs[end].smaller->run->block == run->block;)
            end++;
        if (first > 0 || end < report->pair_count) {
            grid_print_block(report->grid, run->config, out);
            fputs(":\n", out);
        }
        print_block(report, first, end, out);
    }
}

/* ---- tables ---- */

#define MEASURE_COLUMNS(object)                                                                                        \
    {.of = object, .name = "estimate", .type = FRAME_REAL},                                                            \
        {.of = object, .name = "low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},                                \
    {                                                                                                                  \
        .of = object, .name = "high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS                                  \
    }
#define RATIO_COLUMNS(object)                                                                                          \
    {.of = object, .name = "measured", .type = FRAME_REAL}, {.of = object, .name = "theory", .type = FRAME_REAL},      \
    {                                                                                                                  \
        .of = object, .name = "floors", .type = FRAME_REAL                                                             \
    }

const struct frame_column sgd_mean_answers_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "id", .type = FRAME_TEXT},
    {.name = "sentence", .type = FRAME_TEXT},
    {.name = "larger_lr", .type = FRAME_REAL},
    {.name = "smaller_lr", .type = FRAME_REAL},
    MEASURE_COLUMNS("squared_error_of_larger"),
    MEASURE_COLUMNS("squared_error_of_smaller"),
    {.name = "supported", .type = FRAME_BOOL},
    {.name = "outcome", .type = FRAME_TEXT},
    {.name = "verdict", .type = FRAME_TEXT}, /* the outcome and why */
    {.name = "at_iteration", .type = FRAME_REAL},
    MEASURE_COLUMNS("median_ratio_of_squared_errors"),
    MEASURE_COLUMNS("median_ratio_of_distances"),
    RATIO_COLUMNS("ratio_of_mean_squared_errors"),
    RATIO_COLUMNS("ratio_of_root_mean_squared_errors"),
    {.name = NULL},
};

static void fill_measure(struct frame *frame, struct measure m)
{
    frame_reals(frame, (const double[]){m.estimate, m.low, m.high}, 3);
}

static void fill_answer(struct frame *frame, const struct sgd_mean_pair *pair, enum sgd_mean_claim which)
{
    static const struct sgd_mean_ratios none = {NAN, NAN, NAN};
    const struct claim *claim = &pair->claims[which];
    const struct sgd_mean_ratios r = which == SGD_MEAN_WIDER ? sgd_mean_ratios_of(pair) : none;
    const struct measure squared = {r.measured, r.theory, r.floors};
    char text[sizeof claim->reason + 32];
    snprintf(text, sizeof text, "%s%s%s", verdict_name(claim->verdict), *claim->reason ? ": " : "", claim->reason);
    char *sentence = answer_sentence(pair, which);
    frame->failed |= !sentence;
    frame_text(frame, claim->text);
    frame_text(frame, claim->id);
    frame_text(frame, sentence);
    free(sentence);
    frame_reals(frame, (const double[]){pair->larger->lr, pair->smaller->lr}, 2);
    grid_fill(frame, pair->larger->run->config);
    fill_measure(frame, claim->a);
    fill_measure(frame, claim->b);
    frame_bool(frame, claim->verdict == VERDICT_SUPPORTED);
    frame_text(frame, verdict_name(claim->verdict));
    frame_text(frame, text);
    frame_real(frame, which == SGD_MEAN_FASTER && pair->at != SIZE_MAX ? (double)pair->at : (double)NAN);
    fill_measure(frame, claim->effect);
    fill_measure(frame, distances(&claim->effect));
    fill_measure(frame, squared);
    fill_measure(frame, distances(&squared));
}

void sgd_mean_fill_answers(const void *results, struct frame *frame)
{
    const struct sgd_mean_results *report = results;
    for (size_t i = 0; i < report->pair_count; i++)
        for (enum sgd_mean_claim c = 0; c < SGD_MEAN_CLAIMS && report->pairs[i].larger; c++)
            fill_answer(frame, &report->pairs[i], c);
}

void sgd_mean_fill_claims(const void *results, struct frame *frame)
{
    const struct sgd_mean_results *report = results;
    for (size_t i = 0; i < report->pair_count; i++)
        for (enum sgd_mean_claim c = 0; c < SGD_MEAN_CLAIMS; c++)
            claim_fill(frame, &report->pairs[i].claims[c], report->pairs[i].smaller->run->config);
}
