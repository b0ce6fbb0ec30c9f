/* The pairs behind the claims about BatchNorm; see batchnorm_pairs.h. */
#include "batchnorm_pairs.h"

#include <math.h>

#include "batchnorm_evidence_parts.h"

const struct frame_column pairs_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "at", .type = FRAME_TEXT},
    {.name = "seed", .type = FRAME_INTEGER},
    {.name = "lr_batchnorm", .type = FRAME_REAL},
    {.name = "lr_none", .type = FRAME_REAL},
    {.name = "measured", .type = FRAME_TEXT},
    {.name = "batchnorm", .type = FRAME_REAL},
    {.name = "none", .type = FRAME_REAL},
    {.name = "effect", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = NULL},
};

/* One of the claims' numbers. */
struct number {
    const struct report_evidence *of;
    enum evidence_claim about;
    const struct claim *claim;
    size_t rates[EVIDENCE_NETS]; /* of the pair at hand */
};

struct pair {
    double values[EVIDENCE_NETS], effect;
};

/* false: one of the runs is not there. */
static bool find_pair(struct pair *pair, const struct number *number, size_t seed)
{
    const struct evidence *evidence = &number->of->evidence;
    const struct evidence_limit *limits[EVIDENCE_NETS];
    for (int net = 0; net < EVIDENCE_NETS; net++) {
        const struct evidence_run *run = evidence_run_at(evidence, (enum evidence_net)net, number->rates[net], seed);
        if (!run)
            return false;
        limits[net] = &evidence->limits[net][seed];
        pair->values[net] = number->about == EVIDENCE_FASTER
                                ? evidence_verdict_at(evidence, (enum evidence_net)net, number->rates[net], seed)->steps
                            : number->about == EVIDENCE_LARGER ? limits[net]->largest
                                                               : evidence_test(evidence, run);
    }
    const double batchnorm = pair->values[EVIDENCE_BATCHNORM], none = pair->values[EVIDENCE_NONE];
    if (number->about == EVIDENCE_BETTER)
        pair->effect = evidence_points(batchnorm - none);
    else if (number->about == EVIDENCE_FASTER) /* nan: neither got there */
        pair->effect = isinf(batchnorm) && isinf(none) ? (double)NAN : log2(none / batchnorm);
    else
        pair->effect = evidence_limits_compare(limits[EVIDENCE_BATCHNORM], limits[EVIDENCE_NONE]) == EVIDENCE_COMPARED
                           ? log2(batchnorm / none)
                           : (double)NAN;
    return true;
}

static void fill_pair(struct frame *frame, const struct number *number, size_t seed)
{
    const struct evidence *evidence = &number->of->evidence;
    struct pair pair;
    if (!find_pair(&pair, number, seed))
        return;
    frame_text(frame, number->claim->id);
    frame_real(frame, number->claim->lr);
    frame_text(frame, number->claim->at);
    grid_fill(frame, number->of->run->config);
    frame_integer(frame, number->of->seeds[seed]);
    frame_real(frame, evidence->grid.rates[number->rates[EVIDENCE_BATCHNORM]].lr);
    frame_real(frame, evidence->grid.rates[number->rates[EVIDENCE_NONE]].lr);
    frame_text(frame, number->claim->measured);
    frame_reals(frame, (const double[]){pair.values[EVIDENCE_BATCHNORM], pair.values[EVIDENCE_NONE], pair.effect}, 3);
}

/* The rate of a seed's run of the net, of a claim's own number. */
static size_t own_rate(const struct evidence *evidence, enum evidence_claim about, enum evidence_net net, size_t seed)
{
    return about == EVIDENCE_FASTER   ? evidence->fastest[net][seed]
           : about == EVIDENCE_LARGER ? evidence->best_rate[net]
                                      : evidence->best[net][seed];
}

static void fill_claim(struct frame *frame, const struct report_evidence *of, enum evidence_claim about)
{
    const struct evidence *evidence = &of->evidence;
    struct number number = {.of = of, .about = about, .claim = &evidence->answers[about].claim};
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        for (int net = 0; net < EVIDENCE_NETS; net++)
            number.rates[net] = own_rate(evidence, about, (enum evidence_net)net, s);
        fill_pair(frame, &number, s);
    }
    for (size_t l = 0; l < evidence->line_count[about]; l++) {
        const struct evidence_line *line = &evidence->lines[about][l];
        number.claim = &line->answer.claim;
        number.rates[EVIDENCE_NONE] = number.rates[EVIDENCE_BATCHNORM] = line->rate;
        for (size_t s = 0; s < evidence->grid.seeds; s++)
            fill_pair(frame, &number, s);
    }
}

void pairs_fill(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->evidence_count; i++)
        for (int c = 0; c < EVIDENCE_CLAIMS; c++)
            fill_claim(frame, &report->evidence[i], (enum evidence_claim)c);
}

bool pairs_wanted(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->evidence_count; i++)
        if (report->evidence[i].evidence.grid.runs[EVIDENCE_NONE] &&
            report->evidence[i].evidence.grid.runs[EVIDENCE_BATCHNORM])
            return true;
    return false;
}
