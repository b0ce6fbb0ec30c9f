/* batchnorm_made.h - a report of dlexp batchnorm over made-up runs, for tests: no records, no data set. */
#ifndef DLEXP_TEST_BATCHNORM_MADE_H
#define DLEXP_TEST_BATCHNORM_MADE_H

#include "support.h"

#include "../src/batchnorm/batchnorm_claims.h"
#include "../src/batchnorm/batchnorm_groups.h"
#include "../src/batchnorm/batchnorm_judged.h"
#include "../src/batchnorm/batchnorm_result.h"

enum { EPOCHS = 3, RATES = 5, SEEDS = 12, ROWS = 3 * RATES * SEEDS };

struct made {
    struct batchnorm_config config;
    struct batchnorm report;
    struct run run; /* all rows have the same, of block 0 */
    struct report_row rows[ROWS];
    double cells[ROWS][EPOCHS][TRAIN_MEASURES];
    struct segment_result results[ROWS];
    double lrs[RATES];
    size_t rates, seeds, norms;
};

static inline void made_init(struct made *made, size_t norms, const double *lrs, size_t rates, size_t seeds)
{
    *made = (struct made){.rates = rates, .seeds = seeds, .norms = norms};
    memcpy(made->lrs, lrs, rates * sizeof *lrs);
    made->config =
        (struct batchnorm_config){.train = {.lrs = {made->lrs, rates}, .epochs = EPOCHS, .batching.batch = 10},
                                  .level = 0.95,
                                  .margin = 0.2,
                                  .ratio_margin = 1.25};
    made->report = (struct batchnorm){
        .config = &made->config, .rows = made->rows, .count = norms * rates * seeds, .chance_percent = 10};
    made->report.data.train.count = 1000;
    for (size_t i = 0; i < made->report.count; i++) {
        struct report_row *row = &made->rows[i];
        *row = (struct report_row){.run = &made->run,
                                   .train = &made->config.train,
                                   .norm = (size_t)(i / (rates * seeds)),
                                   .lr = lrs[i / seeds % rates],
                                   .seed = (int64_t)(i % seeds),
                                   .epochs = EPOCHS,
                                   .result = &made->results[i]};
        layer_norm_name(row->norm, &row->norm_name);
        made->results[i] = (struct segment_result){.epochs = EPOCHS, .cells = made->cells[i][0], .steps_an_epoch = 100};
        for (size_t k = 0; k < EPOCHS; k++) {
            made->cells[i][k][EPOCH_NUMBER] = (double)(k + 1);
        }
    }
}

static inline size_t row_of(const struct made *made, size_t norm, size_t rate, size_t seed)
{
    return (norm * made->rates + rate) * made->seeds + seed;
}

/* Both nets' accuracies at a rate after the first epoch, and after the others; seeds differ a little. */
static inline void set_net(struct made *made, size_t norm, size_t rate, double first, double later)
{
    for (size_t s = 0; s < made->seeds; s++)
        for (size_t k = 0; k < EPOCHS; k++)
            made->cells[row_of(made, norm, rate, s)][k][EPOCH_TEST_ACCURACY] =
                (k == 0 ? first : later) + 0.1 * (double)((7 * s + 3 * norm) % 5);
}

static inline void set_rate(struct made *made, size_t rate, double none_first, double none, double first,
                            double batchnorm)
{
    set_net(made, 0, rate, none_first, none);
    set_net(made, 1, rate, first, batchnorm);
}

/* What report_make does, without published numbers. */
static inline void conclude(struct made *made)
{
    struct error err;
    made->report.group_count = made->report.note_count = 0;
    assert_int_equal(report_make_groups(&made->report, &err), 0);
    assert_int_equal(report_make_evidence(&made->report, &err), 0);
    assert_int_equal(judged_make_verdicts(&made->report, &err), 0);
    report_judge_groups(&made->report);
    report_make_notes(&made->report);
}

static inline void made_free(struct made *made)
{
    free(made->report.scratch);
    free(made->report.groups);
    free(made->report.verdicts);
    report_free_evidence(&made->report);
}

#endif
