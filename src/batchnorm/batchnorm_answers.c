/* The tables of the claims about BatchNorm: claims.csv, and what JSON has beside it. */
#include <math.h>
#include <stdlib.h>

#include "batchnorm_claims.h"
#include "batchnorm_holding.h"
#include "dlexp/run/claim_table.h"

void report_fill_claims(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->evidence_count; i++) {
        const struct report_evidence *of = &report->evidence[i];
        for (int c = 0; c < EVIDENCE_CLAIMS; c++) {
            claim_fill(frame, &of->evidence.answers[c].claim, of->run->config);
            for (size_t l = 0; l < of->evidence.line_count[c]; l++)
                claim_fill(frame, &of->evidence.lines[c][l].answer.claim, of->run->config);
        }
    }
}

const struct frame_column report_answers_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "id", .type = FRAME_TEXT},
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "sentence", .type = FRAME_TEXT},
    {.name = "trained_percent", .type = FRAME_REAL},
    {.name = "target_percent", .type = FRAME_REAL},
    {.name = "best_median_percent", .type = FRAME_REAL},
    {.name = "selected_on", .type = FRAME_TEXT},
    /* Of ratios, log2 of them. */
    {.name = "mean", .type = FRAME_REAL},
    {.name = "median", .type = FRAME_REAL},
    {.name = "interquartile_mean", .type = FRAME_REAL},
    {.name = "wins", .type = FRAME_INTEGER},
    {.name = "losses", .type = FRAME_INTEGER},
    {.name = "ties", .type = FRAME_INTEGER},
    {.name = "t_low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "t_high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "t_p", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "sign_flip_p", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "sign_p", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "new_images", .name = "low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "new_images", .name = "high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "new_images", .name = "freedom", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "new_images", .name = "runs_without_bits", .type = FRAME_INTEGER},
    {.of = "left_out", .name = "neither", .type = FRAME_INTEGER},
    {.of = "left_out", .name = "both_to_the_end", .type = FRAME_INTEGER},
    {.of = "left_out", .name = "overlapping", .type = FRAME_INTEGER},
    {.name = "coarse_pairs", .type = FRAME_INTEGER},
    {.name = "bound", .type = FRAME_REAL}, /* where the estimate is infinite or 0: what is sure of it */
    {.of = "bracket", .name = "low", .type = FRAME_REAL},
    {.of = "bracket", .name = "high", .type = FRAME_REAL},
    {.of = "usable_decades", .name = "batchnorm", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "usable_decades", .name = "batchnorm_at_least", .type = FRAME_BOOL},
    {.of = "usable_decades", .name = "none", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "usable_decades", .name = "none_at_least", .type = FRAME_BOOL},
    {.name = NULL},
};

static void fill_paired(struct frame *frame, const struct paired *paired)
{
    frame_reals(frame, (const double[]){paired->mean, paired->median, paired->interquartile_mean}, 3);
    frame_integer(frame, (int64_t)paired->wins);
    frame_integer(frame, (int64_t)paired->losses);
    frame_integer(frame, (int64_t)paired->ties);
    frame_reals(frame, (const double[]){paired->t.low, paired->t.high, paired->t_p, paired->flip_p, paired->sign_p}, 5);
}

/* anytime: those are the verdicts that hold. */
static void fill_answer(struct frame *frame, const struct report_evidence *of, enum evidence_claim about, bool anytime)
{
    const struct evidence *evidence = &of->evidence;
    const struct evidence_answer *answer = &evidence->answers[about];
    char *sentence = evidence_sentence(evidence, about, anytime);
    frame->failed |= !sentence;
    frame_text(frame, answer->claim.text);
    frame_text(frame, answer->claim.id);
    grid_fill(frame, of->run->config);
    frame_text(frame, verdict_name(anytime ? answer->claim.anytime_verdict : answer->claim.verdict));
    frame_text(frame, sentence);
    free(sentence);
    frame_reals(frame, (const double[]){evidence->trained, evidence->target, evidence->best_median}, 3);
    frame_text(frame, evidence->rules.validated ? "validation" : "test");
    fill_paired(frame, &answer->paired);
    frame_reals(frame, (const double[]){answer->new_images.low, answer->new_images.high, answer->new_images_freedom},
                3);
    frame_integer(frame, (int64_t)answer->lacking);
    frame_integer(frame, (int64_t)answer->never);
    frame_integer(frame, (int64_t)answer->beyond);
    frame_integer(frame, (int64_t)answer->uncertain);
    frame_integer(frame, (int64_t)answer->coarse);
    frame_reals(frame, (const double[]){answer->bounds.estimate, answer->bracket.low, answer->bracket.high}, 3);
    for (int net = EVIDENCE_BATCHNORM; net >= EVIDENCE_NONE; net--) {
        frame_real(frame, evidence->width[net]);
        frame_bool(frame, evidence->width_open[net]);
    }
}

void report_fill_answers(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->evidence_count; i++)
        for (int c = 0; c < EVIDENCE_CLAIMS; c++)
            fill_answer(frame, &report->evidence[i], (enum evidence_claim)c, holding_is_anytime(report));
}
