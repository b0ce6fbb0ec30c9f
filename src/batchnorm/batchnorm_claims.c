/* The claims about BatchNorm, judged by the runs of dlexp batchnorm. */
#include "batchnorm_claims.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_groups.h"
#include "dlexp/base/number.h"
#include "dlexp/run/claim_table.h"

static const struct {
    const char *id, *text, *measured;
} claims[] = {
    [CLAIM_FASTER] = {"faster", "converges faster", "test accuracy after epoch 1, %"},
    [CLAIM_RATES] = {"rates", "permits larger rates", "test accuracy at the end, %"},
    [CLAIM_BETTER] = {"better", "ends better", "test accuracy at the end, %"},
};

/* The two nets at every rate that both were trained at, by ascending rate. */
struct rate_grid {
    const struct batchnorm *report;
    const struct report_group *none, *batchnorm; /* [rate]; NULL: this net was not trained */
    size_t rates;
    const struct run *run; /* one of the block's */
};

/* Of the block of the grid whose groups begin at `first`; *end: where they end. */
static struct rate_grid make_grid(const struct batchnorm *report, size_t first, size_t *end)
{
    struct rate_grid grid = {.report = report, .run = report->rows[report->groups[first].first].run};
    for (*end = first; *end < report->group_count; ++*end) {
        const struct report_row *row = &report->rows[report->groups[*end].first];
        if (row->run->block != grid.run->block)
            break;
        grid.rates += row->norm == report->rows[report->groups[first].first].norm;
    }
    for (size_t g = first; g < *end; g += grid.rates) {
        const struct report_group *group = &report->groups[g];
        const struct layer_type *norm = layer_norm_row(report->rows[group->first].norm);
        if (!norm)
            grid.none = group;
        else if (norm == &layer_batchnorm)
            grid.batchnorm = group;
    }
    return grid;
}

static double lr_of(const struct rate_grid *grid, size_t rate)
{
    return grid->report->rows[grid->none[rate].first].lr;
}

/* ---- what is judged of a run ---- */

/* Of the claim at its epoch; a run that did not get there counts as chance. */
static double judged(const struct batchnorm *report, enum report_claim claim, size_t row_index, bool *diverged)
{
    const struct report_row *row = &report->rows[row_index];
    double value = claim == CLAIM_FASTER ? report_epoch_cell(row, EPOCH_TEST_ACCURACY, 1)
                   : train_protocol_row(report->config->train.protocol)->averages
                       ? report_final_own_cell(row, EPOCH_TEST_ACCURACY, 0)
                       : report_final_cell(row, EPOCH_TEST_ACCURACY, 0);
    *diverged = isnan(value);
    return *diverged ? report->chance_percent : value;
}

static struct statistics judge_group(const struct batchnorm *report, enum report_claim claim,
                                     const struct report_group *group, size_t *diverged)
{
    *diverged = 0;
    for (size_t i = group->first; i < group->end; i++) {
        bool failed;
        report->scratch[i - group->first] = judged(report, claim, i, &failed);
        *diverged += failed;
    }
    return statistics_of(report->scratch, group->end - group->first);
}

double report_learnt_percent(const struct batchnorm *report)
{
    return (100 + report->chance_percent) / 2;
}

static bool learns(const struct rate_grid *grid, const struct report_group *group)
{
    size_t diverged;
    struct statistics final = judge_group(grid->report, CLAIM_RATES, group, &diverged);
    return final.mean > report_learnt_percent(grid->report);
}

/* ---- answers ---- */

static struct report_answer *add_answer(struct batchnorm *report, const struct rate_grid *grid, enum report_claim about)
{
    struct report_answer *answer = &report->answers[report->answer_count++];
    const struct statistics nothing = {0, NAN, NAN, NAN};
    *answer = (struct report_answer){
        .run = grid->run, .about = about, .batchnorm = nothing, .none = nothing, .difference = nothing};
    answer->claim = claim_make(claims[about].id, "Ioffe & Szegedy 2015", claims[about].text, "batchnorm", "none");
    answer->claim.measured = claims[about].measured;
    answer->claim.effect_name = "difference";
    return answer;
}

static struct measure measure_of(const struct statistics *s)
{
    return measure_around(s->mean, s->half_width);
}

/* The numbers of both nets at this rate, and their differences over the same seeds. */
static void compare(struct report_answer *answer, const struct rate_grid *grid, size_t rate)
{
    const struct batchnorm *report = grid->report;
    const struct report_group *none = &grid->none[rate], *batchnorm = &grid->batchnorm[rate];
    const size_t pairs = none->end - none->first;
    assert(batchnorm->end - batchnorm->first == pairs);
    answer->claim.lr = lr_of(grid, rate);
    answer->none = judge_group(report, answer->about, none, &answer->none_diverged);
    answer->batchnorm = judge_group(report, answer->about, batchnorm, &answer->batchnorm_diverged);
    for (size_t i = 0; i < pairs; i++) {
        bool ignored;
        report->scratch[i] = judged(report, answer->about, batchnorm->first + i, &ignored) -
                             judged(report, answer->about, none->first + i, &ignored);
    }
    answer->difference = statistics_of(report->scratch, pairs);
    answer->claim.a = measure_of(&answer->batchnorm);
    answer->claim.b = measure_of(&answer->none);
    answer->claim.effect = measure_of(&answer->difference);
    answer->claim.n = pairs;
    answer->claim.failed = answer->none_diverged + answer->batchnorm_diverged;
    if (pairs > 1) {
        answer->claim.level = 0.95;
        answer->claim.method = "Student t, paired by seed";
    }
}

/* Whether the effect is surely smaller than what makes a difference; a 95 % interval within the margin is more than
 * the 90 % one that the word asks for. */
static bool is_within_margin(const struct report_answer *answer)
{
    const struct measure *effect = &answer->claim.effect;
    return answer->about == CLAIM_BETTER && effect->low > -CLAIM_BETTER_MARGIN && effect->high < CLAIM_BETTER_MARGIN;
}

/* By the 95 % interval of the difference; aside: what there is to add, or "". */
static void decide(struct report_answer *answer, const char *aside)
{
    const struct measure *effect = &answer->claim.effect;
    enum verdict verdict = VERDICT_UNDECIDED;
    char why[96] = "";
    if (answer->claim.n == 1) {
        strcpy(why, "give more seeds, 10 are usual (one seed has no interval)");
    } else if (answer->claim.n < CLAIM_PAIRS) {
        strcpy(why, "give more seeds, 10 are usual");
    } else if (effect->low > 0 || effect->high < 0) {
        verdict = effect->low > 0 ? VERDICT_SUPPORTED : VERDICT_CONTRADICTED;
        if (is_within_margin(answer))
            snprintf(why, sizeof why, "smaller than the margin, %g points", CLAIM_BETTER_MARGIN);
    } else if (is_within_margin(answer)) {
        verdict = VERDICT_EQUIVALENT;
        snprintf(why, sizeof why, "the interval lies within the margin, %g points", CLAIM_BETTER_MARGIN);
    } else {
        strcpy(why, "the interval holds 0, more seeds would narrow it");
    }
    claim_conclude(&answer->claim, verdict, "%s%s%s", why, *why && *aside ? "; " : "", aside);
}

static void answer_faster(struct report_answer *answer, const struct batchnorm *report, bool none, bool batchnorm)
{
    /* In the notebook's chain the nets are fresh at the rate that was named first alone. */
    if (train_protocol_row(report->config->train.protocol)->chained &&
        answer->claim.lr != report->config->train.lrs.values[0])
        claim_conclude(
            &answer->claim, VERDICT_NOT_COMPARABLE,
            "the notebook's nets come to this rate already trained; --protocol fair starts afresh at every rate");
    else if (!none && !batchnorm)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "neither net has learnt by the end at this rate; give more epochs or other rates");
    else
        decide(answer, none && batchnorm ? ""
                       : none            ? "by the end only the net without BatchNorm has learnt"
                                         : "by the end only the net with BatchNorm has learnt");
}

static void answer_better(struct report_answer *answer, bool none, bool batchnorm)
{
    if (none && batchnorm)
        decide(answer, "");
    else if (none || batchnorm)
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "only the net with%s BatchNorm learns at this rate; give rates at which both do",
                       none ? "out" : "");
    else
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "neither net learns at this rate; give more epochs or other rates");
}

/* ---- larger rates ---- */

/*
 * Where a net's rates end: the largest rate up to which it learns, from its best one (highest mean final accuracy, of
 * equals the smaller) without a gap.  What lies below its best says nothing of larger rates.  false: it learns at none.
 */
static bool find_largest(const struct rate_grid *grid, const struct report_group *groups, size_t *largest)
{
    double best = -1;
    size_t ignored;
    for (size_t r = 0; r < grid->rates; r++) {
        double mean = judge_group(grid->report, CLAIM_RATES, &groups[r], &ignored).mean;
        if (mean > best) {
            best = mean;
            *largest = r;
        }
    }
    if (!learns(grid, &groups[*largest]))
        return false;
    while (*largest + 1 < grid->rates && learns(grid, &groups[*largest + 1]))
        ++*largest;
    return true;
}

/* Between the two largest rates: the first at which the one net learns and the other does not; false if there is none.
 */
static bool find_deciding(const struct rate_grid *grid, const size_t largest[2], size_t *rate)
{
    const bool more = largest[1] > largest[0];
    const struct report_group *winner = more ? grid->batchnorm : grid->none,
                              *loser = more ? grid->none : grid->batchnorm;
    for (*rate = largest[!more] + 1; *rate <= largest[more]; ++*rate)
        if (learns(grid, &winner[*rate]) && !learns(grid, &loser[*rate]))
            return true;
    return false;
}

static void answer_rates(struct report_answer *answer, const struct rate_grid *grid)
{
    size_t largest[2] = {0, 0}, rate; /* none, batchnorm */
    char a[NUMBER_TEXT_SIZE], b[NUMBER_TEXT_SIZE], why[128];
    const bool none = find_largest(grid, grid->none, &largest[0]),
               batchnorm = find_largest(grid, grid->batchnorm, &largest[1]);
    if (!none && !batchnorm) {
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "neither net learns at any of these rates; give more epochs or other rates");
    } else if (!none || !batchnorm) {
        claim_conclude(
            &answer->claim, VERDICT_NOT_COMPARABLE,
            "the net with%s BatchNorm learns at none of these rates, so its largest one is not known; add rates at "
            "which it learns",
            none ? "" : "out");
    } else if (largest[0] == largest[1] && largest[0] + 1 == grid->rates) {
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "both nets learn at the largest rate, %s; add larger ones",
                       number_format_real(a, lr_of(grid, largest[0])));
    } else if (largest[0] == largest[1]) {
        claim_conclude(
            &answer->claim, VERDICT_NOT_COMPARABLE, "both nets learn up to lr %s and neither at %s; add rates between",
            number_format_real(a, lr_of(grid, largest[0])), number_format_real(b, lr_of(grid, largest[0] + 1)));
    } else if (!find_deciding(grid, largest, &rate)) {
        claim_conclude(&answer->claim, VERDICT_NOT_COMPARABLE,
                       "both nets learn at lr %s, though not at every rate below; add rates between",
                       number_format_real(a, lr_of(grid, largest[largest[1] > largest[0]])));
    } else {
        compare(answer, grid, rate);
        snprintf(why, sizeof why, "BatchNorm learns up to lr %s%s, the net without it up to %s%s",
                 number_format_real(a, lr_of(grid, largest[1])), largest[1] + 1 == grid->rates ? " at least" : "",
                 number_format_real(b, lr_of(grid, largest[0])), largest[0] + 1 == grid->rates ? " at least" : "");
        decide(answer, why);
    }
}

static void answer_at_rates(struct batchnorm *report, const struct rate_grid *grid, enum report_claim claim)
{
    for (size_t rate = 0; rate < grid->rates; rate++) {
        struct report_answer *answer = add_answer(report, grid, claim);
        const bool none = learns(grid, &grid->none[rate]), batchnorm = learns(grid, &grid->batchnorm[rate]);
        compare(answer, grid, rate);
        if (claim == CLAIM_FASTER)
            answer_faster(answer, report, none, batchnorm);
        else
            answer_better(answer, none, batchnorm);
    }
}

/* The claims speak of the two nets that they are about, whatever else is in the grid. */
static void answer_block(struct batchnorm *report, const struct rate_grid *grid)
{
    for (int claim = CLAIM_FASTER; claim <= CLAIM_BETTER; claim++) {
        if (!grid->none || !grid->batchnorm)
            claim_conclude(&add_answer(report, grid, (enum report_claim)claim)->claim, VERDICT_NOT_COMPARABLE,
                           "the net with%s BatchNorm was not trained; give --norm none,batchnorm",
                           grid->batchnorm ? "out" : "");
        else if (claim == CLAIM_RATES)
            answer_rates(add_answer(report, grid, CLAIM_RATES), grid);
        else
            answer_at_rates(report, grid, (enum report_claim)claim);
    }
}

int report_make_answers(struct batchnorm *report, struct error *err)
{
    /* Two claims have an answer for each rate, of which both nets have a group, and each has one at least. */
    report->answers = calloc(3 * report->group_count, sizeof *report->answers);
    if (!report->answers)
        return error_out_of_memory(err, "the answers");
    for (size_t first = 0, end; first < report->group_count; first = end) {
        const struct rate_grid grid = make_grid(report, first, &end);
        answer_block(report, &grid);
    }
    return 0;
}

/* ---- tables ---- */

#define STATISTICS_COLUMNS(object)                                                                                     \
    {.of = object, .name = "runs", .type = FRAME_INTEGER}, {.of = object, .name = "mean", .type = FRAME_REAL},         \
    {                                                                                                                  \
        .of = object, .name = "half_width_95", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS                         \
    }

const struct frame_column report_answers_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "epoch", .type = FRAME_INTEGER},
    STATISTICS_COLUMNS("batchnorm"),
    STATISTICS_COLUMNS("none"),
    STATISTICS_COLUMNS("difference"),
    {.name = "batchnorm_diverged", .type = FRAME_INTEGER},
    {.name = "none_diverged", .type = FRAME_INTEGER},
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "why", .type = FRAME_TEXT},
    {.name = NULL},
};

static void fill_statistics(struct frame *frame, const struct statistics *s)
{
    frame_integer(frame, (int64_t)s->count);
    frame_reals(frame, (const double[]){s->mean, s->half_width}, 2);
}

void report_fill_answers(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->answer_count; i++) {
        const struct report_answer *answer = &report->answers[i];
        frame_text(frame, answer->claim.text);
        frame_real(frame, answer->claim.lr);
        grid_fill(frame, answer->run->config);
        if (answer->difference.count > 0)
            frame_integer(frame, answer->about == CLAIM_FASTER ? 1 : (int64_t)report->config->train.epochs);
        else
            frame_none(frame);
        fill_statistics(frame, &answer->batchnorm);
        fill_statistics(frame, &answer->none);
        fill_statistics(frame, &answer->difference);
        frame_integer(frame, (int64_t)answer->batchnorm_diverged);
        frame_integer(frame, (int64_t)answer->none_diverged);
        frame_text(frame, verdict_name(answer->claim.verdict));
        frame_text(frame, answer->claim.reason);
    }
}

void report_fill_claims(const void *batchnorm, struct frame *frame)
{
    const struct batchnorm *report = batchnorm;
    for (size_t i = 0; i < report->answer_count; i++)
        claim_fill(frame, &report->answers[i].claim, report->answers[i].run->config);
}
