/* batchnorm_grids.h - grids of runs made by hand, and what is concluded from them: what the tests of claims share. */
#ifndef DLEXP_TESTS_BATCHNORM_GRIDS_H
#define DLEXP_TESTS_BATCHNORM_GRIDS_H

#include "support.h"

#include "../src/batchnorm/batchnorm_evidence.h"

enum { RATES = 6, SEEDS = 14, LOOKS = 3, LAST = 1000, NONE = EVIDENCE_NONE, BATCHNORM = EVIDENCE_BATCHNORM };
#define INF ((double)INFINITY)

struct made {
    struct evidence_rate rates[RATES];
    struct evidence_run runs[EVIDENCE_NETS][RATES * SEEDS];
    struct evidence_evaluation looks[EVIDENCE_NETS][RATES * SEEDS][LOOKS];
    struct evidence_grid grid;
    struct evidence_rules rules;
    struct evidence evidence;
};

static inline struct evidence_run *run_at(struct made *made, int net, size_t rate, size_t seed)
{
    return &made->runs[net][rate * made->grid.seeds + seed];
}

/* Evaluated at step 1, at `before`, and at `steps`, where it has its final accuracy; at step 1 it has `first`. */
static inline void set_steps(struct made *made, int net, size_t rate, size_t seed, double first, double before,
                             double steps)
{
    struct evidence_run *run = run_at(made, net, rate, seed);
    struct evidence_evaluation *looks = made->looks[net][rate * made->grid.seeds + seed];
    looks[0] = (struct evidence_evaluation){1, first};
    looks[1] = (struct evidence_evaluation){(uint64_t)before, first};
    looks[2] = (struct evidence_evaluation){isinf(steps) ? LAST : (uint64_t)steps, isinf(steps) ? first : run->test};
    run->evaluations = looks;
    run->evaluation_count = LOOKS;
}

static inline void set_run(struct made *made, int net, size_t rate, size_t seed, double accuracy)
{
    *run_at(made, net, rate, seed) = (struct evidence_run){
        .present = true, .selection = accuracy, .test = accuracy, .losses = {1, 1}, .steps = LAST, .row = seed};
    set_steps(made, net, rate, seed, 20, 90, 100);
}

/* All runs end with 90 % and get there in 100 steps; chance is 10. */
static inline void made_init(struct made *made, const double *lrs, size_t rates, size_t seeds)
{
    evidence_free(&made->evidence);
    memset(made, 0, sizeof *made);
    for (size_t r = 0; r < rates; r++)
        made->rates[r].lr = lrs[r];
    made->grid = (struct evidence_grid){made->rates, rates, seeds, {made->runs[NONE], made->runs[BATCHNORM]}};
    made->rules = (struct evidence_rules){0.95, 1.25, 0.2, (double)NAN, (double)NAN, 10, 10, false, 0};
    for (int net = 0; net < EVIDENCE_NETS; net++)
        for (size_t i = 0; i < rates * seeds; i++)
            set_run(made, net, i / seeds, i % seeds, 90);
}

static inline void conclude(struct made *made)
{
    struct error err;
    evidence_free(&made->evidence);
    assert_int_equal(evidence_make(&made->evidence, &made->grid, &made->rules, &err), 0);
}

static inline const struct claim *claim_of(const struct made *made, enum evidence_claim about)
{
    return &made->evidence.answers[about].claim;
}

static inline void check(const struct made *made, enum evidence_claim about, enum verdict verdict, const char *why)
{
    const struct claim *claim = claim_of(made, about);
    if (claim->verdict != verdict || !strstr(claim->reason, why))
        fail_msg("claim %d: expected '%s: ...%s', got '%s: %s' (estimate %g, p %g)", (int)about, verdict_name(verdict),
                 why, verdict_name(claim->verdict), claim->reason, claim->effect.estimate, claim->p_holm);
}

static inline void says(const struct made *made, enum evidence_claim about, const char *text)
{
    char *sentence = evidence_sentence(&made->evidence, about, false);
    if (!sentence || !strstr(sentence, text))
        fail_msg("claim %d: expected '%s' in '%s'", (int)about, text, sentence ? sentence : "nothing");
    free(sentence);
}

static inline void near_to(double actual, double expected)
{
    if (!(actual == expected || fabs(actual - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

static struct made made;

static inline int teardown(void **state)
{
    (void)state;
    evidence_free(&made.evidence);
    memset(&made.evidence, 0, sizeof made.evidence);
    return 0;
}

/* -- grids of which only what a claim is about is said -- */

/* Trains at rates [from, to] with 90 %, at `best` with 91; elsewhere not at all. */
static inline void set_range(int net, size_t from, size_t to, size_t best)
{
    for (size_t r = 0; r < made.grid.rate_count; r++)
        for (size_t s = 0; s < made.grid.seeds; s++)
            set_run(&made, net, r, s, r == best ? 91 : r >= from && r <= to ? 90 : 10);
}

static const double decades[] = {0.001, 0.01, 0.1, 1, 10};

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

#endif
