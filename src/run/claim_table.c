/* claim_table.c - see claim_table.h. */
#include "dlexp/run/claim_table.h"

#include <math.h>

#include "dlexp/run/grid.h"

const struct frame_column claim_columns[] = {
    {.name = "source", .type = FRAME_TEXT},
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "threshold", .type = FRAME_NUMBER}, /* spelled as in the names of other tables' columns */
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "first", .type = FRAME_TEXT},
    {.name = "first_iterations", .type = FRAME_INTEGER}, /* the estimate again, where it is such a count */
    {.name = "second", .type = FRAME_TEXT},
    {.name = "second_iterations", .type = FRAME_INTEGER},
    {.name = "id", .type = FRAME_TEXT},
    {.name = "measured", .type = FRAME_TEXT},
    {.name = "first_estimate", .type = FRAME_REAL},
    {.name = "first_low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "first_high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "second_estimate", .type = FRAME_REAL},
    {.name = "second_low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "second_high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "effect", .type = FRAME_TEXT},
    {.name = "estimate", .type = FRAME_REAL},
    {.name = "low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "level", .type = FRAME_REAL},
    {.name = "method", .type = FRAME_TEXT},
    {.name = "n", .type = FRAME_INTEGER},
    {.name = "failed", .type = FRAME_INTEGER},
    {.name = "reason", .type = FRAME_TEXT},
    {.name = "at", .type = FRAME_TEXT},
    {.name = "margin", .type = FRAME_REAL},
    {.name = "p", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "p_holm", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "anytime_low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "anytime_high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "anytime_verdict", .type = FRAME_TEXT},
    {.name = "needs", .type = FRAME_INTEGER},
    {.name = NULL},
};

static void fill_measure(struct frame *frame, const struct measure *measure)
{
    frame_reals(frame, (const double[]){measure->estimate, measure->low, measure->high}, 3);
}

static void fill_iterations(struct frame *frame, const struct claim *claim, const struct measure *measure)
{
    if (claim->iterations && !isnan(measure->estimate))
        frame_integer(frame, (int64_t)measure->estimate);
    else
        frame_none(frame);
}

void claim_fill(struct frame *frame, const struct claim *claim, const void *config)
{
    frame_text(frame, claim->source);
    frame_text(frame, claim->text);
    frame_real(frame, claim->lr);
    grid_fill(frame, config);
    frame_text(frame, claim->threshold);
    frame_text(frame, verdict_name(claim->verdict));
    frame_text(frame, claim->first);
    fill_iterations(frame, claim, &claim->a);
    frame_text(frame, claim->second);
    fill_iterations(frame, claim, &claim->b);
    frame_text(frame, claim->id);
    frame_text(frame, claim->measured);
    fill_measure(frame, &claim->a);
    fill_measure(frame, &claim->b);
    frame_text(frame, claim->effect_name);
    fill_measure(frame, &claim->effect);
    frame_real(frame, claim->level);
    frame_text(frame, claim->method);
    frame_integer(frame, (int64_t)claim->n);
    frame_integer(frame, (int64_t)claim->failed);
    frame_text(frame, claim->reason);
    frame_text(frame, claim->at);
    frame_reals(frame,
                (const double[]){claim->margin, claim->p, claim->p_holm, claim->anytime_low, claim->anytime_high}, 5);
    frame_text(frame, isnan(claim->p) ? NULL : verdict_name(claim->anytime_verdict)); /* of chance, or there is none */
    if (claim->needs > 0 || claim->enough)
        frame_integer(frame, (int64_t)claim->needs);
    else
        frame_none(frame);
}
