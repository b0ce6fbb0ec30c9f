/* The three claims about BatchNorm, from grid and rules to verdicts; see batchnorm_evidence.h. */
#include "batchnorm_evidence.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_evidence_parts.h"

static const struct {
    const char *id, *text, *measured, *effect, *at;
} claims[EVIDENCE_CLAIMS] = {
    [EVIDENCE_FASTER] = {"faster", "converges faster", "steps to the target accuracy", "ratio second / first",
                         "each net at its own fastest rate"},
    [EVIDENCE_LARGER] = {"rates", "permits larger rates", "largest rate that trains", "ratio first / second",
                         "from each net's own best rate up"},
    [EVIDENCE_BETTER] = {"better", "ends better", "test accuracy at the end, %", "difference",
                         "each net at its own best rate"},
};

/* ---- of any answer ---- */

static void answer_make(struct evidence_answer *answer, const struct evidence *evidence, enum evidence_claim about,
                        double lr)
{
    char text[NUMBER_TEXT_SIZE];
    memset(answer, 0, sizeof *answer);
    answer->claim = claim_make(claims[about].id, "Ioffe & Szegedy 2015", claims[about].text, "batchnorm", "none");
    answer->claim.measured = claims[about].measured;
    answer->claim.effect_name = claims[about].effect;
    if (about != EVIDENCE_BETTER)
        answer->claim.threshold = about == EVIDENCE_FASTER ? evidence->target_text : evidence->trained_text;
    answer->claim.lr = lr;
    if (isnan(lr))
        snprintf(answer->claim.at, sizeof answer->claim.at, "%s", claims[about].at);
    else
        snprintf(answer->claim.at, sizeof answer->claim.at, "lr %s", number_format_real(text, lr));
    answer->paired.method = PAIRED_NONE;
    answer->bounds = answer->bracket = answer->new_images = measure_none();
    answer->every = answer->new_images_freedom = (double)NAN;
}

void evidence_settle(struct evidence_answer *answer, const char *format, ...)
{
    char text[sizeof answer->claim.reason];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE, "%s", text);
    answer->settled = true;
}

void evidence_add_aside(struct evidence_answer *answer, const char *format, ...)
{
    char text[sizeof answer->aside];
    size_t length = strlen(answer->aside);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length + 2 + strlen(text) >= sizeof answer->aside)
        return;
    if (length > 0) {
        strcpy(answer->aside + length, "; ");
        length += 2;
    }
    strcpy(answer->aside + length, text);
}

static struct paired_rules rules_of(const struct evidence *evidence, enum evidence_claim about, double level,
                                    size_t family)
{
    const bool ratios = about != EVIDENCE_BETTER;
    return (struct paired_rules){.level = level,
                                 .margin = ratios ? log2(evidence->rules.ratio_margin) : evidence->rules.points_margin,
                                 .family = family,
                                 .ratios = ratios};
}

static int judge(struct evidence_answer *answer, const struct evidence *evidence, enum evidence_claim about,
                 size_t *const chosen[EVIDENCE_NETS], const struct paired_rules *rules, struct error *err)
{
    for (int net = 0; net < EVIDENCE_NETS; net++)
        if (!evidence->grid.runs[net]) {
            evidence_settle(answer, "the net with%s BatchNorm was not trained; give --norm none,batchnorm",
                            net == EVIDENCE_NONE ? "out" : "");
            return 0;
        }
    return about == EVIDENCE_FASTER   ? evidence_faster(answer, evidence, chosen, rules, err)
           : about == EVIDENCE_LARGER ? evidence_larger(answer, evidence, rules, err)
                                      : evidence_better(answer, evidence, chosen, rules, err);
}

static struct paired_claim paired_claim_of(struct evidence_answer *answer, enum evidence_claim about)
{
    return (struct paired_claim){.claim = &answer->claim,
                                 .paired = answer->settled ? NULL : &answer->paired,
                                 .unit = about == EVIDENCE_BETTER ? "points" : NULL,
                                 .pairs = about == EVIDENCE_BETTER ? "seeds" : "pairs",
                                 .aside = answer->aside,
                                 .step = answer->step};
}

/* ---- the claims' numbers ---- */

static void add_edge_warnings(struct evidence *evidence)
{
    size_t first = EVIDENCE_NO_RATE, last = EVIDENCE_NO_RATE;
    for (size_t r = 0; r < evidence->grid.rate_count; r++)
        if (!evidence->grid.rates[r].refined) {
            first = first == EVIDENCE_NO_RATE ? r : first;
            last = r;
        }
    static const char *const names[EVIDENCE_NETS] = {"none is", "batchnorm is"};
    const bool both = evidence->best_rate[EVIDENCE_NONE] == evidence->best_rate[EVIDENCE_BATCHNORM];
    for (int net = 0; net < EVIDENCE_NETS - both && first != last; net++) {
        const size_t best = evidence->best_rate[net];
        char lr[NUMBER_TEXT_SIZE];
        if (best != first && best != last)
            continue;
        evidence_add_aside(&evidence->answers[EVIDENCE_BETTER], "%s best at the grid's %s rate, %s: give %s ones",
                           both ? "both nets are" : names[net], best == first ? "smallest" : "largest",
                           number_format_real(lr, evidence->grid.rates[best].lr), best == first ? "smaller" : "larger");
    }
}

static int make_answers(struct evidence *evidence, struct error *err)
{
    struct paired_claim family[EVIDENCE_CLAIMS];
    struct paired_rules rules = {0};
    for (int c = 0; c < EVIDENCE_CLAIMS; c++) {
        const enum evidence_claim about = (enum evidence_claim)c;
        struct evidence_answer *answer = &evidence->answers[about];
        answer_make(answer, evidence, about, (double)NAN);
        rules = rules_of(evidence, about, evidence->rules.level, EVIDENCE_CLAIMS);
        rules.first = about == EVIDENCE_BETTER ? evidence->rules.first : 0;
        if (judge(answer, evidence, about, about == EVIDENCE_FASTER ? evidence->fastest : evidence->best, &rules, err) <
            0)
            return -1;
    }
    add_edge_warnings(evidence);
    for (int c = 0; c < EVIDENCE_CLAIMS; c++)
        family[c] = paired_claim_of(&evidence->answers[c], (enum evidence_claim)c);
    paired_conclude(family, EVIDENCE_CLAIMS, &rules);
    return 0;
}

/* ---- at each rate that both nets have ---- */

static bool is_common(const struct evidence *evidence, size_t rate)
{
    if (evidence->grid.rates[rate].refined)
        return false;
    for (size_t s = 0; s < evidence->grid.seeds; s++)
        if (evidence_run_at(evidence, EVIDENCE_NONE, rate, s) && evidence_run_at(evidence, EVIDENCE_BATCHNORM, rate, s))
            return true;
    return false;
}

static int make_line(struct evidence_line *line, const struct evidence *evidence, enum evidence_claim about,
                     size_t *const chosen[EVIDENCE_NETS], size_t family, struct error *err)
{
    const struct evidence_rate *rate = &evidence->grid.rates[line->rate];
    /* Simultaneous: a family of one, at 1 - alpha / m. */
    const struct paired_rules rules = rules_of(evidence, about, 1 - (1 - evidence->rules.level) / (double)family, 1);
    answer_make(&line->answer, evidence, about, rate->lr);
    if (judge(&line->answer, evidence, about, chosen, &rules, err) < 0)
        return -1;
    if (about == EVIDENCE_FASTER && rate->carried)
        evidence_settle(&line->answer,
                        "the nets come to this rate already trained; --protocol fair starts afresh at every rate");
    const struct paired_claim claim = paired_claim_of(&line->answer, about);
    paired_conclude(&claim, 1, &rules);
    return 0;
}

static int make_lines(struct evidence *evidence, enum evidence_claim about, struct error *err)
{
    const size_t rates = evidence->grid.rate_count, seeds = evidence->grid.seeds;
    struct evidence_line *lines = calloc(rates + 1, sizeof *lines);
    size_t *at = calloc(seeds, sizeof *at), *const chosen[EVIDENCE_NETS] = {at, at};
    size_t *count = &evidence->line_count[about];
    int result = lines && at ? 0 : error_out_of_memory(err, "the claims");
    evidence->lines[about] = lines;
    for (size_t r = 0; r < rates && result == 0; r++)
        if (is_common(evidence, r))
            lines[(*count)++].rate = r;
    for (size_t i = 0; i < *count && result == 0; i++) {
        for (size_t s = 0; s < seeds; s++)
            at[s] = lines[i].rate;
        result = make_line(&lines[i], evidence, about, chosen, *count, err);
    }
    free(at);
    return result;
}

/* ---- all of it ---- */

static int allocate(struct evidence *evidence, struct error *err)
{
    const size_t seeds = evidence->grid.seeds, runs = evidence->grid.rate_count * seeds;
    bool ready = true;
    for (int net = 0; net < EVIDENCE_NETS; net++) {
        evidence->verdicts[net] = calloc(runs + 1, sizeof *evidence->verdicts[net]);
        evidence->fastest[net] = calloc(seeds, sizeof *evidence->fastest[net]);
        evidence->best[net] = calloc(seeds, sizeof *evidence->best[net]);
        evidence->limits[net] = calloc(seeds, sizeof *evidence->limits[net]);
        ready &= evidence->verdicts[net] && evidence->fastest[net] && evidence->best[net] && evidence->limits[net];
    }
    return ready ? 0 : error_out_of_memory(err, "the claims");
}

/* What is found of one net. */
static int choose_rates(struct evidence *evidence, enum evidence_net net, enum evidence_choice choice,
                        struct error *err)
{
    if (evidence_choose(evidence->fastest[net], evidence, net, EVIDENCE_BY_STEPS, choice, err) < 0 ||
        evidence_choose(evidence->best[net], evidence, net, EVIDENCE_BY_ACCURACY, choice, err) < 0)
        return -1;
    evidence->best_rate[net] = evidence_best_rate(evidence, net);
    evidence_find_limits(evidence, net, choice == EVIDENCE_BY_EARLIER ? evidence->best[net] : NULL);
    evidence_find_width(evidence, net);
    return 0;
}

/* Up to the three claims. */
static int make_claims(struct evidence *evidence, const struct evidence_grid *grid, const struct evidence_rules *rules,
                       enum evidence_choice choice, struct error *err)
{
    assert(grid->seeds > 0 && rules->level > 0 && rules->level < 1 && rules->ratio_margin > 1);
    *evidence = (struct evidence){.grid = *grid, .rules = *rules};
    double *scratch = calloc(grid->seeds, sizeof *scratch);
    if (!scratch || allocate(evidence, err) < 0) {
        free(scratch);
        return error_out_of_memory(err, "the claims");
    }
    evidence_find_thresholds(evidence, choice == EVIDENCE_BY_EARLIER ? EVIDENCE_FIRST_SEEDS : grid->seeds, scratch);
    free(scratch);
    evidence_find_outcomes(evidence);
    for (int net = 0; net < EVIDENCE_NETS; net++)
        if (choose_rates(evidence, (enum evidence_net)net, choice, err) < 0)
            return -1;
    return make_answers(evidence, err);
}

/* The numbers for whoever looks and adds seeds, of pairs that this changes not. */
static int make_anytime(struct evidence *evidence, struct error *err)
{
    struct evidence earlier;
    const int result = make_claims(&earlier, &evidence->grid, &evidence->rules, EVIDENCE_BY_EARLIER, err);
    for (int c = 0; c < EVIDENCE_CLAIMS && result == 0; c++) {
        const struct claim *from = &earlier.answers[c].claim;
        struct claim *claim = &evidence->answers[c].claim;
        claim->anytime_low = from->anytime_low;
        claim->anytime_high = from->anytime_high;
        if (evidence->answers[c].settled)
            continue;
        /* Fewer pairs, as the first seeds only choose: where these say nothing yet, more will. */
        claim->anytime_verdict = earlier.answers[c].settled ? VERDICT_UNDECIDED : from->anytime_verdict;
        memcpy(claim->anytime_reason, from->anytime_reason, sizeof claim->anytime_reason);
    }
    evidence_free(&earlier);
    return result;
}

int evidence_anytime_verdicts(enum verdict verdicts[EVIDENCE_CLAIMS], const struct evidence_grid *grid,
                              const struct evidence_rules *rules, struct error *err)
{
    struct evidence earlier, whole = {0};
    bool settled = false;
    int result = make_claims(&earlier, grid, rules, EVIDENCE_BY_EARLIER, err);
    for (int c = 0; c < EVIDENCE_CLAIMS && result == 0; c++) {
        verdicts[c] = earlier.answers[c].claim.anytime_verdict;
        settled |= earlier.answers[c].settled;
    }
    /* What the later seeds alone do not answer, all of them may. */
    if (result == 0 && settled)
        result = make_claims(&whole, grid, rules, EVIDENCE_BY_OTHERS, err);
    for (int c = 0; c < EVIDENCE_CLAIMS && result == 0 && settled; c++)
        if (earlier.answers[c].settled)
            verdicts[c] = whole.answers[c].settled ? whole.answers[c].claim.verdict : VERDICT_UNDECIDED;
    evidence_free(&whole);
    evidence_free(&earlier);
    return result;
}

int evidence_make(struct evidence *evidence, const struct evidence_grid *grid, const struct evidence_rules *rules,
                  struct error *err)
{
    if (make_claims(evidence, grid, rules, EVIDENCE_BY_OTHERS, err) < 0 || make_anytime(evidence, err) < 0 ||
        make_lines(evidence, EVIDENCE_FASTER, err) < 0 || make_lines(evidence, EVIDENCE_BETTER, err) < 0)
        return -1;
    return 0;
}

void evidence_free(struct evidence *evidence)
{
    for (int net = 0; net < EVIDENCE_NETS; net++) {
        free(evidence->verdicts[net]);
        free(evidence->fastest[net]);
        free(evidence->best[net]);
        free(evidence->limits[net]);
    }
    for (int c = 0; c < EVIDENCE_CLAIMS; c++)
        free(evidence->lines[c]);
}
