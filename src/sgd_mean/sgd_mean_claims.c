/* The claims of dlexp sgd-mean: when they can be judged, and by what. */
#include "sgd_mean_claims.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "dlexp/base/number.h"
#include "dlexp/statistics/paired.h"

/* ---- what there is to judge ---- */

static struct claim begin_claim(enum sgd_mean_claim which, const struct sgd_mean_row *smaller,
                                const struct sgd_mean_row *larger)
{
    static const char *const ids[] = {[SGD_MEAN_FASTER] = "faster", [SGD_MEAN_WIDER] = "wider"};
    static const char *const texts[] = {[SGD_MEAN_FASTER] = "faster at first", [SGD_MEAN_WIDER] = "ends wider"};
    static const char *const measured[] = {
        [SGD_MEAN_FASTER] = "mean squared error at that iteration", [SGD_MEAN_WIDER] = "mean terminal squared error"};
    static const char *const effects[] = {[SGD_MEAN_FASTER] = "median ratio of squared errors (second / first)",
                                          [SGD_MEAN_WIDER] =
                                              "median ratio of terminal squared errors (first / second)"};
    char first[64], second[64] = "", number[NUMBER_TEXT_SIZE];
    snprintf(first, sizeof first, "lr %s", number_format_real(number, larger ? larger->lr : smaller->lr));
    if (larger)
        snprintf(second, sizeof second, "lr %s", number_format_real(number, smaller->lr));
    struct claim claim = claim_make(ids[which], "homework", texts[which], first, second);
    if (!larger)
        return claim;
    claim.measured = measured[which];
    claim.effect_name = effects[which];
    claim.n = sgd_mean_config_of(larger->run)->trials;
    claim.failed = (size_t)(smaller->diverged != NULL) + (size_t)(larger->diverged != NULL);
    return claim;
}

/* The squared error at an iteration: the mean over the trials, or the one trial's; nan past the end. */
static double error_at(const struct sgd_mean_row *row, size_t iteration)
{
    return sgd_mean_cell(row->bands ? row->bands : row->trajectory, iteration, row->bands ? 0 : TRAJECTORY_ERROR);
}

static bool is_not_comparable(const struct claim *claim)
{
    return *claim->reason != '\0'; /* nothing else was concluded yet */
}

static void conclude_diverged(struct claim *claim, const struct sgd_mean_row *row)
{
    char lr[NUMBER_TEXT_SIZE];
    claim_conclude(claim, VERDICT_NOT_COMPARABLE, "lr %s diverged at iteration %s; give a --start nearer to y*",
                   number_format_real(lr, row->lr), row->diverged);
}

/* Where theory has neither rate at half of the start's error. */
static void conclude_never(struct claim *claim, const struct sgd_mean_pair *pair)
{
    const struct sgd_mean_row *smaller = pair->smaller;
    char lr[NUMBER_TEXT_SIZE];
    if (smaller->start_error == 0)
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "the start is y*, there is no error to lose; give another --start");
    else if (smaller->lr >= 1)
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "at neither rate does the expected error ever fall (|1 - 2 lr| >= 1); give rates below 1");
    else if (isinf(smaller->start_error))
        conclude_diverged(claim, smaller);
    else
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "the floor of lr %s is not below half of the start's squared error, " SGD_MEAN_SHOWN
                       "; give a --start farther from y*",
                       number_format_real(lr, smaller->lr), smaller->start_error);
}

/* Where `faster` is judged, and what is measured there; or why there is no such place. */
static void prepare_faster(struct sgd_mean_pair *pair, const struct sgd_mean_results *results)
{
    struct claim *claim = &pair->claims[SGD_MEAN_FASTER];
    const struct sgd_mean_row *halves = !isnan(pair->larger->expected_half) ? pair->larger : pair->smaller;
    const double at = halves->expected_half, last = (double)results->config->iterations;
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE];
    number_format_real(lr, halves->lr);
    if (isnan(at)) {
        conclude_never(claim, pair);
    } else if (at > last) {
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "by theory lr %s has half of the start's squared error after %s iterations; give them, "
                       "--iterations is %zu",
                       lr, number_format_fixed(count, at, 0), results->config->iterations);
    } else if (pair->smaller->diverged && pair->smaller->trajectory->rows <= (size_t)at) {
        conclude_diverged(claim, pair->smaller);
    } else {
        pair->at = (size_t)at;
        snprintf(claim->at, sizeof claim->at, "iteration %zu (by theory lr %s is at half of the start's error)",
                 pair->at, lr);
        claim->a.estimate = error_at(pair->larger, pair->at);
        claim->b.estimate = error_at(pair->smaller, pair->at);
    }
}

/* Why the range that a rate ends in is not to be seen: it grows, or it is still the start's error, or there is none. */
static void prepare_wider(struct sgd_mean_pair *pair, const struct sgd_mean_results *results)
{
    struct claim *claim = &pair->claims[SGD_MEAN_WIDER];
    const struct sgd_mean_row *smaller = pair->smaller, *larger = pair->larger;
    const struct sgd_mean_row *growing = smaller->lr >= 1 ? smaller : larger;
    const struct sgd_mean_row *unsettled = smaller->transient < SGD_MEAN_SETTLED ? larger : smaller;
    char lr[NUMBER_TEXT_SIZE], count[NUMBER_TEXT_SIZE];
    claim->a = larger->terminal;
    claim->b = smaller->terminal;
    /* The rate first: whether a run that grows overflows is a matter of how long it is. */
    if (growing->lr >= 1)
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "lr %s %s (|1 - 2 lr| %s 1), no range to compare; give rates below 1",
                       number_format_real(lr, growing->lr), growing->lr > 1 ? "diverges" : "does not settle",
                       growing->lr > 1 ? ">" : "=");
    else if (smaller->diverged || larger->diverged)
        conclude_diverged(claim, smaller->diverged ? smaller : larger);
    else if (results->points->variance == 0)
        claim_conclude(claim, VERDICT_NOT_COMPARABLE, "equal points make no noise, every error goes to 0; give others");
    else if (!(unsettled->transient < SGD_MEAN_SETTLED))
        claim_conclude(claim, VERDICT_NOT_COMPARABLE,
                       "lr %s has not settled, %.3g %% of its expected terminal error are still the start's; it takes "
                       "%s iterations",
                       number_format_real(lr, unsettled->lr), 100 * unsettled->transient,
                       number_format_fixed(count, unsettled->settling, 0));
}

/* ---- judging ---- */

/* log2 of a ratio; of equal ones, both 0 or both infinite among them, 0. */
static double log_ratio(double over, double under)
{
    return over == under ? 0 : log2(over / under);
}

/* The trials of one rate: their errors at an iteration, and their terminal ones. */
struct errors {
    double *at, *terminal;
};

/* Ratios in place of the smaller rate's errors; returns how many trials of the larger one are not finite there. */
static size_t take_ratios(struct errors smaller, struct errors larger, size_t trials)
{
    size_t failed = 0;
    for (size_t i = 0; i < trials; i++) {
        failed += (size_t)!isfinite(larger.at[i]);
        smaller.at[i] = log_ratio(smaller.at[i], larger.at[i]);
        smaller.terminal[i] = log_ratio(larger.terminal[i], smaller.terminal[i]);
    }
    return failed;
}

/* One trial decides nothing; a rate that never falls is known to by theory.  Said beside the verdict. */
static void add_aside(char aside[96], const struct sgd_mean_pair *pair, enum sgd_mean_claim which,
                      const struct paired *paired)
{
    char lr[NUMBER_TEXT_SIZE];
    *aside = '\0';
    if (which == SGD_MEAN_FASTER && pair->larger->lr >= 1)
        snprintf(aside, 96, "at lr %s the expected error never falls (|1 - 2 lr| %s 1)",
                 number_format_real(lr, pair->larger->lr), pair->larger->lr > 1 ? ">" : "=");
    else if (paired->n == 1)
        snprintf(aside, 96, "it is %s in this one trial, give more --trials", paired->median > 0 ? "so" : "not so");
}

/* Each claim that is not decided yet, of these log2 of ratios. */
static int conclude_pair(struct sgd_mean_pair *pair, const double *const ratios[SGD_MEAN_CLAIMS], size_t failed,
                         const struct sgd_mean_results *results, struct error *err)
{
    const struct paired_rules rules = {.level = results->options->level,
                                       .margin = log2(results->options->margin),
                                       .family = SGD_MEAN_CLAIMS,
                                       .ratios = true};
    struct paired paired[SGD_MEAN_CLAIMS];
    struct paired_claim family[SGD_MEAN_CLAIMS];
    char asides[SGD_MEAN_CLAIMS][96];
    for (enum sgd_mean_claim c = 0; c < SGD_MEAN_CLAIMS; c++) {
        family[c] = (struct paired_claim){.claim = &pair->claims[c], .pairs = "trials", .aside = asides[c]};
        if (is_not_comparable(&pair->claims[c]))
            continue;
        if (paired_of(&paired[c], PAIRED_MEDIAN, ratios[c], results->config->trials, c == SGD_MEAN_FASTER ? failed : 0,
                      &rules, err) < 0)
            return -1;
        paired_fill(&pair->claims[c], &paired[c], &rules);
        add_aside(asides[c], pair, c, &paired[c]);
        family[c].paired = &paired[c];
    }
    paired_conclude(family, SGD_MEAN_CLAIMS, &rules);
    return 0;
}

static int take_errors(struct errors errors, const struct sgd_mean_row *row, size_t at,
                       const struct sgd_mean_results *results, struct error *err)
{
    const struct sgd_mean_config *config = sgd_mean_config_of(row->run);
    struct sgd_mean_draws *draws = &results->draws[config->sampling];
    if (!draws->index && sgd_mean_draw(draws, config, results->points->count, NULL, err) < 0)
        return -1;
    return sgd_mean_trial_errors(errors.at, errors.terminal, at, config, results->points, draws, err);
}

static int judge_pair(struct sgd_mean_pair *pair, const struct sgd_mean_results *results, struct error *err)
{
    const size_t trials = results->config->trials, at = pair->at != SIZE_MAX ? pair->at : 0;
    double *block = malloc(4 * trials * sizeof *block);
    if (!block)
        return error_out_of_memory(err, "the trials of two rates");
    const struct errors smaller = {block, block + trials}, larger = {block + 2 * trials, block + 3 * trials};
    int result = take_errors(smaller, pair->smaller, at, results, err);
    if (result == 0)
        result = take_errors(larger, pair->larger, at, results, err);
    if (result == 0) {
        const size_t failed = take_ratios(smaller, larger, trials);
        result = conclude_pair(pair, (const double *const[]){smaller.at, smaller.terminal}, failed, results, err);
    }
    free(block);
    return result;
}

static int make_pair(struct sgd_mean_pair *pair, const struct sgd_mean_row *smaller, const struct sgd_mean_row *larger,
                     const struct sgd_mean_results *results, struct error *err)
{
    *pair = (struct sgd_mean_pair){.smaller = smaller, .larger = larger, .at = SIZE_MAX};
    for (enum sgd_mean_claim c = 0; c < SGD_MEAN_CLAIMS; c++) {
        pair->claims[c] = begin_claim(c, smaller, larger);
        if (!larger)
            claim_conclude(&pair->claims[c], VERDICT_NOT_COMPARABLE,
                           "one rate: nothing to compare; give two, as in --lr 0.01,0.1");
    }
    if (!larger)
        return 0;
    prepare_faster(pair, results);
    prepare_wider(pair, results);
    if (is_not_comparable(&pair->claims[SGD_MEAN_FASTER]) && is_not_comparable(&pair->claims[SGD_MEAN_WIDER]))
        return 0;
    return judge_pair(pair, results, err);
}

int sgd_mean_claims_make(struct sgd_mean_results *results, struct error *err)
{
    results->pairs = calloc(results->count, sizeof *results->pairs);
    if (!results->pairs)
        return error_out_of_memory(err, "the claims");
    for (size_t i = 0; i < results->count; i++) {
        const struct sgd_mean_row *row = &results->rows[i];
        const bool follows = i > 0 && row[-1].run->block == row->run->block;
        const bool goes_on = i + 1 < results->count && row[1].run->block == row->run->block;
        if ((goes_on || !follows) &&
            make_pair(&results->pairs[results->pair_count++], row, goes_on ? row + 1 : NULL, results, err) < 0)
            return -1;
    }
    return 0;
}

static double ratio(double larger, double smaller)
{
    return smaller > 0 ? larger / smaller : (double)NAN;
}

struct sgd_mean_ratios sgd_mean_ratios_of(const struct sgd_mean_pair *pair)
{
    const struct sgd_mean_row *larger = pair->larger, *smaller = pair->smaller;
    if (larger->lr >= 1) /* it settles nowhere, a ratio would say nothing */
        return (struct sgd_mean_ratios){NAN, NAN, NAN};
    return (struct sgd_mean_ratios){ratio(larger->terminal.estimate, smaller->terminal.estimate),
                                    ratio(larger->expected_terminal, smaller->expected_terminal),
                                    ratio(larger->floor, smaller->floor)};
}
