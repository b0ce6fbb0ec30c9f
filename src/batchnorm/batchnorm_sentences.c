/* The claims about BatchNorm in words; see batchnorm_evidence.h. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_evidence.h"
#include "dlexp/base/counted.h"
#include "dlexp/formats/output.h"

/* Digits that count in a ratio, decimals in a difference. */
enum { TEXT_SIZE = 2 * NUMBER_TEXT_SIZE };

/* What is sure of an infinite number stands as "> 12", of one that is 0 as "< 0.1". */
static const char *ratio_text(char text[TEXT_SIZE], double ratio, double bound)
{
    if (isnan(ratio))
        return "unknown";
    if (isnan(bound))
        snprintf(text, TEXT_SIZE, "%.3g", ratio);
    else
        snprintf(text, TEXT_SIZE, "%s %.3g", ratio > 0 ? ">" : "<", bound);
    return text;
}

static const char *points_text(char text[TEXT_SIZE], double points, double ignored)
{
    char number[NUMBER_TEXT_SIZE];
    (void)ignored;
    snprintf(text, TEXT_SIZE, "%s", number_format_signed(number, points, 2));
    return text;
}

/* "(97.9 % interval 1.9 to 3.0, order interval and sign test, paired; p 0.006 under Holm; 10 pairs, 0 failed runs)" */
static void print_numbers(FILE *out, const struct evidence_answer *answer, enum evidence_claim about, bool family)
{
    const struct claim *claim = &answer->claim;
    const char *(*const text)(char[TEXT_SIZE], double, double) = about == EVIDENCE_BETTER ? points_text : ratio_text;
    char low[TEXT_SIZE], high[TEXT_SIZE];
    fputc('(', out);
    if (isnan(claim->effect.low))
        fputs(answer->paired.no_spread && claim->n >= PAIRED_LEAST ? "no spread seen" : "no interval yet", out);
    else
        fprintf(out, "%.4g %% interval %s to %s", 100 * claim->level, text(low, claim->effect.low, answer->bounds.low),
                text(high, claim->effect.high, answer->bounds.high));
    if (about == EVIDENCE_BETTER && !isnan(answer->new_images.low))
        fprintf(out, " on these images, %s to %s on new images", text(low, answer->new_images.low, (double)NAN),
                text(high, answer->new_images.high, (double)NAN));
    if (claim->method)
        fprintf(out, ", %s", claim->method);
    if (family && !isnan(claim->p_holm))
        fprintf(out, "; p %.2g under Holm", claim->p_holm);
    fprintf(out, "; %s that decide%s, ", counted(claim->n, "pair").text, claim->n == 1 ? "s" : "");
    if (claim->failed > 0)
        fprintf(out, "%s among them)", counted(claim->failed, "failed run").text);
    else
        fputs("no failed run among them)", out);
}

/* "lr 0.5", or where seeds have several "lr 0.1 to 0.5". */
static void print_rates(FILE *out, const struct evidence *evidence, const size_t *chosen)
{
    char low[NUMBER_TEXT_SIZE], high[NUMBER_TEXT_SIZE];
    size_t first = EVIDENCE_NO_RATE, last = 0;
    for (size_t s = 0; s < evidence->grid.seeds; s++)
        if (chosen[s] != EVIDENCE_NO_RATE) {
            first = chosen[s] < first ? chosen[s] : first;
            last = chosen[s] > last ? chosen[s] : last;
        }
    if (first == EVIDENCE_NO_RATE)
        fputs("none", out);
    else if (first == last)
        fprintf(out, "lr %s", number_format_real(low, evidence->grid.rates[first].lr));
    else
        fprintf(out, "lr %s to %s", number_format_real(low, evidence->grid.rates[first].lr),
                number_format_real(high, evidence->grid.rates[last].lr));
}

static const char *split_of(const struct evidence *evidence)
{
    return evidence->rules.validated ? "validation" : "test";
}

static bool has_choice(const struct evidence *evidence)
{
    size_t rates = 0;
    for (size_t r = 0; r < evidence->grid.rate_count; r++)
        rates += !evidence->grid.rates[r].refined;
    return rates > 1;
}

/* Where each net was judged, and who chose that. */
static void print_place(FILE *out, const struct evidence *evidence, enum evidence_claim about,
                        size_t *const chosen[EVIDENCE_NETS])
{
    const struct claim *claim = &evidence->answers[about].claim;
    if (!has_choice(evidence)) {
        fputs(" Both nets at ", out);
        print_rates(out, evidence, chosen[EVIDENCE_NONE]);
        fputc('.', out);
        return;
    }
    fprintf(out, " %c%s: batchnorm ", toupper((unsigned char)claim->at[0]), claim->at + 1);
    print_rates(out, evidence, chosen[EVIDENCE_BATCHNORM]);
    fputs(", none ", out);
    print_rates(out, evidence, chosen[EVIDENCE_NONE]);
    fprintf(out, ", chosen on %s by ", split_of(evidence));
    if (evidence->grid.seeds == 1)
        fputs("the one seed itself, which is optimistic.", out);
    else if (about == EVIDENCE_BETTER && evidence->rules.first > 0)
        fprintf(out, "the first %zu seeds.", evidence->rules.first);
    else
        fputs("the other seeds.", out);
}

static void print_faster(FILE *out, const struct evidence *evidence, bool anytime)
{
    const struct evidence_answer *answer = &evidence->answers[EVIDENCE_FASTER];
    char text[TEXT_SIZE];
    const bool same = answer->claim.effect.estimate == 1;
    fprintf(out, " To %.2f %% %s accuracy the net without BatchNorm takes %s%s as many steps ", evidence->target,
            split_of(evidence),
            same ? "just" : ratio_text(text, answer->claim.effect.estimate, answer->bounds.estimate),
            same ? "" : " times");
    print_numbers(out, answer, EVIDENCE_FASTER, !anytime);
    fputc('.', out);
    print_place(out, evidence, EVIDENCE_FASTER, evidence->fastest);
}

static void print_width(FILE *out, const struct evidence *evidence, enum evidence_net net)
{
    if (isnan(evidence->width[net]))
        fputs("an unknown range", out);
    else if (evidence->width[net] > 0)
        fprintf(out, "%s%.2f decades", evidence->width_open[net] ? "at least " : "", evidence->width[net]);
    else
        fputs("a single rate of the grid", out);
}

static bool is_carried(const struct evidence *evidence)
{
    for (size_t r = 0; r < evidence->grid.rate_count; r++)
        if (evidence->grid.rates[r].carried)
            return true;
    return false;
}

static void print_larger(FILE *out, const struct evidence *evidence, bool anytime)
{
    const struct evidence_answer *answer = &evidence->answers[EVIDENCE_LARGER];
    char text[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];
    const bool same = answer->claim.effect.estimate == 1;
    fprintf(out, " With BatchNorm the net trains up to %s%s%s rate ",
            isinf(answer->bracket.high) && isnan(answer->bounds.estimate) ? "at least " : "",
            same ? "the same" : ratio_text(text, answer->claim.effect.estimate, answer->bounds.estimate),
            same ? "" : " times the");
    print_numbers(out, answer, EVIDENCE_LARGER, !anytime);
    if (isinf(answer->bracket.high))
        fprintf(
            out,
            ". That compares rates of the grid; the limits themselves may lie beyond its steps, which leaves a ratio "
            "of %s or more",
            ratio_text(low, answer->bracket.low, (double)NAN));
    else
        fprintf(out,
                ". That compares rates of the grid; each net's limit itself may lie anywhere up to the next rate, "
                "which leaves a ratio of %s to %s",
                ratio_text(low, answer->bracket.low, (double)NAN), ratio_text(high, answer->bracket.high, (double)NAN));
    fputs(". Rates within 1 point of the best: with BatchNorm ", out);
    print_width(out, evidence, EVIDENCE_BATCHNORM);
    fputs(", without ", out);
    print_width(out, evidence, EVIDENCE_NONE);
    fputs(".", out);
    if (is_carried(evidence))
        fputs(" The nets come to the larger rates already trained at the smaller ones.", out);
}

static void print_better(FILE *out, const struct evidence *evidence, bool anytime)
{
    const struct evidence_answer *answer = &evidence->answers[EVIDENCE_BETTER];
    const struct paired *paired = &answer->paired;
    char text[TEXT_SIZE];
    const double points = answer->claim.effect.estimate;
    if (fabs(points) < 0.005) /* 0.00 points are neither higher nor lower */
        fputs(" With BatchNorm the net ends at the same test accuracy, to 0.01 points ", out);
    else
        fprintf(out, " With BatchNorm the net ends %s points of test accuracy %s ",
                number_format_fixed(text, fabs(points), 2), points < 0 ? "lower" : "higher");
    print_numbers(out, answer, EVIDENCE_BETTER, !anytime);
    fputc('.', out);
    print_place(out, evidence, EVIDENCE_BETTER, evidence->best);
    if (paired->n > 1) {
        fprintf(out, " Mean %s", points_text(text, paired->mean, (double)NAN));
        fprintf(out, ", median %s", points_text(text, paired->median, (double)NAN));
        fprintf(out, ", interquartile mean %s", points_text(text, paired->interquartile_mean, (double)NAN));
        fprintf(out, "; %s of %zu", counted(paired->wins, "win").text, paired->n);
        if (!isnan(paired->flip_p))
            fprintf(out, ", sign-flip p %.2g", paired->flip_p);
        fputc('.', out);
    }
    if (answer->lacking > 0)
        fprintf(out,
                " On new images: %zu of %zu runs lack their bits per image, the same command with --bits makes them.",
                answer->lacking, 2 * paired->n);
}

/* The interval that holds at any number of looks. */
static void print_anytime(FILE *out, const struct claim *claim, enum evidence_claim about)
{
    const char *(*const text)(char[TEXT_SIZE], double, double) = about == EVIDENCE_BETTER ? points_text : ratio_text;
    char low[TEXT_SIZE], high[TEXT_SIZE];
    if (isnan(claim->anytime_low))
        fputs(" At any number of looks: no interval yet.", out);
    else
        fprintf(out, " At any number of looks: %s to %s.", text(low, claim->anytime_low, (double)NAN),
                text(high, claim->anytime_high, (double)NAN));
}

char *evidence_sentence(const struct evidence *evidence, enum evidence_claim about, bool anytime)
{
    static void (*const printers[EVIDENCE_CLAIMS])(FILE *, const struct evidence *, bool) = {
        [EVIDENCE_FASTER] = print_faster, [EVIDENCE_LARGER] = print_larger, [EVIDENCE_BETTER] = print_better};
    const struct evidence_answer *answer = &evidence->answers[about];
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    const enum verdict verdict = anytime ? answer->claim.anytime_verdict : answer->claim.verdict;
    const char *const reason = anytime ? answer->claim.anytime_reason : answer->claim.reason;
    /* Why there is no verdict comes first; what is to add to one, last. */
    const bool open = verdict == VERDICT_NOT_COMPARABLE || verdict == VERDICT_UNDECIDED;
    fprintf(text.stream, "%s%s%s.", verdict_name(verdict), open && *reason ? ": " : "", open ? reason : "");
    if (!answer->settled)
        printers[about](text.stream, evidence, anytime);
    if (!answer->settled && anytime)
        print_anytime(text.stream, &answer->claim, about);
    if (!open && *reason)
        fprintf(text.stream, " %c%s.", toupper((unsigned char)*reason), reason + 1);
    return output_take(&text, &ignored);
}

char *evidence_line_text(const struct evidence *evidence, enum evidence_claim about, const struct evidence_line *line)
{
    const struct evidence_answer *answer = &line->answer;
    struct output text;
    struct error ignored;
    char number[TEXT_SIZE];
    (void)evidence;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    fprintf(text.stream, "%s: ", answer->claim.at);
    if (answer->settled) {
        fprintf(text.stream, "%s: %s", verdict_name(answer->claim.verdict), answer->claim.reason);
        return output_take(&text, &ignored);
    }
    if (about == EVIDENCE_BETTER)
        fprintf(text.stream, "%s points ", points_text(number, answer->claim.effect.estimate, (double)NAN));
    else
        fprintf(text.stream, "%s times the steps ",
                ratio_text(number, answer->claim.effect.estimate, answer->bounds.estimate));
    print_numbers(text.stream, answer, about, false);
    fprintf(text.stream, ": %s%s%s", verdict_name(answer->claim.verdict), *answer->claim.reason ? ": " : "",
            answer->claim.reason);
    return output_take(&text, &ignored);
}

char *evidence_rules_text(const struct evidence *evidence)
{
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    if (isinf(evidence->trained) && isnan(evidence->best_median))
        fputs("there are no runs of these nets", text.stream);
    else if (isinf(evidence->trained))
        fprintf(text.stream, "no run counts as trained: the best median, %.2f %%, is too near to chance, %.2f %%",
                evidence->best_median, evidence->rules.chance_selection);
    else
        fprintf(text.stream, "trained: %.2f %% %s accuracy or more at the end%s", evidence->trained, split_of(evidence),
                isnan(evidence->rules.trained) ? ", chance + 0.9 (best median - chance)" : ", as --trained says");
    return output_take(&text, &ignored);
}
