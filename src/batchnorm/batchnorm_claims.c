/* The claims about BatchNorm, judged by the runs of dlexp batchnorm: rows to grids. */
#include "batchnorm_claims.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one block, those between the grid's rates behind the others. */
struct block {
    const struct report_row **rows;
    size_t count;
};

static bool net_of(const struct report_row *row, enum evidence_net *net)
{
    const struct layer_type *norm = layer_norm_row(row->norm);
    *net = norm ? EVIDENCE_BATCHNORM : EVIDENCE_NONE;
    return !norm || norm == &layer_batchnorm;
}

/* ---- rates and seeds ---- */

static int compare_rates(const void *a_, const void *b_)
{
    const double a = ((const struct evidence_rate *)a_)->lr, b = ((const struct evidence_rate *)b_)->lr;
    return (a > b) - (a < b);
}

static int compare_seeds(const void *a_, const void *b_)
{
    const int64_t a = *(const int64_t *)a_, b = *(const int64_t *)b_;
    return (a > b) - (a < b);
}

/* Sorts, and leaves each value once; returns how many they are. */
static size_t sort_once(void *values, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    unsigned char *bytes = values;
    size_t kept = 0;
    if (count > 0)
        qsort(values, count, size, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare(bytes + (kept - 1) * size, bytes + i * size) != 0)
            memmove(bytes + kept++ * size, bytes + i * size, size);
    return kept;
}

static struct evidence_rate rate_of(const struct report_row *row)
{
    return (struct evidence_rate){.lr = row->lr,
                                  .refined = row->run->extra,
                                  .carried = train_protocol_row(row->train->protocol)->chained &&
                                             row->lr != row->train->lrs.values[0]};
}

/* ---- one block ---- */

struct evidence_run report_run_of(const struct batchnorm *report, const struct report_row *row,
                                  const struct evidence_evaluation *evaluations, size_t evaluation_count)
{
    struct evidence_run run = {.present = true,
                               .diverged = row->diverged,
                               .selection = report_selection_percent(row),
                               .test = report_test_percent(row),
                               .evaluations = evaluations,
                               .evaluation_count = evaluation_count,
                               .steps = (uint64_t)row->result->steps_an_epoch * row->train->epochs,
                               .row = (size_t)(row - report->rows)};
    for (size_t i = 0; i < 2; i++)
        run.losses[i] = row->epochs + i >= 2 ? report_epoch(row, row->epochs + i - 1)[EPOCH_TRAIN_LOSS] : (double)NAN;
    return run;
}

static struct evidence_rules rules_of(const struct batchnorm *report, const struct train_config *train)
{
    const struct batchnorm_config *config = report->config;
    const bool validated = train->selection.validation > 0;
    return (struct evidence_rules){.level = config->level,
                                   .ratio_margin = config->ratio_margin,
                                   .points_margin = config->margin,
                                   .trained = config->trained > 0 ? config->trained : (double)NAN,
                                   .target = config->target > 0 ? config->target : (double)NAN,
                                   .chance_selection =
                                       validated ? batchnorm_chance(&report->data, train->selection.validation)
                                                 : report->chance_percent,
                                   .chance_test = report->chance_percent,
                                   .validated = validated,
                                   .first = config->rounds.until_width > 0 ? report->found.first : 0};
}

/* Places the block's rows into the grid's runs. */
static void fill_grid(struct report_evidence *of, struct evidence_grid *grid, const struct batchnorm *report,
                      const struct block *block, struct report_evaluation *scratch)
{
    struct evidence_evaluation *next = of->evaluations;
    for (size_t i = 0; i < block->count; i++) {
        const struct report_row *row = block->rows[i];
        enum evidence_net net;
        if (!net_of(row, &net))
            continue;
        const struct evidence_rate key = {.lr = row->lr};
        const struct evidence_rate *rate = bsearch(&key, of->rates, grid->rate_count, sizeof *of->rates, compare_rates);
        const int64_t *seed = bsearch(&row->seed, of->seeds, grid->seeds, sizeof *of->seeds, compare_seeds);
        const size_t count = report_evaluations(row, scratch);
        for (size_t e = 0; e < count; e++)
            next[e] = (struct evidence_evaluation){scratch[e].step, scratch[e].accuracy_percent};
        of->runs[net][(size_t)(rate - of->rates) * grid->seeds + (size_t)(seed - of->seeds)] =
            report_run_of(report, row, next, count);
        grid->runs[net] = of->runs[net];
        next += count;
    }
}

static int make_grid(struct report_evidence *of, struct evidence_grid *grid, const struct batchnorm *report,
                     const struct block *block, struct error *err)
{
    size_t evaluations = 0, most = 0, rates = 0;
    enum evidence_net net;
    of->rates = calloc(block->count, sizeof *of->rates);
    of->seeds = calloc(block->count, sizeof *of->seeds);
    if (!of->rates || !of->seeds)
        return error_out_of_memory(err, "the claims");
    for (size_t i = 0; i < block->count; i++) {
        const size_t count = report_evaluations(block->rows[i], NULL);
        evaluations += count;
        most = count > most ? count : most;
        of->seeds[i] = block->rows[i]->seed;
        if (net_of(block->rows[i], &net) && (rates == 0 || of->rates[rates - 1].lr != block->rows[i]->lr))
            of->rates[rates++] = rate_of(block->rows[i]);
    }
    *grid = (struct evidence_grid){.rates = of->rates,
                                   .rate_count = sort_once(of->rates, rates, sizeof *of->rates, compare_rates),
                                   .seeds = sort_once(of->seeds, block->count, sizeof *of->seeds, compare_seeds)};
    struct report_evaluation *scratch = calloc(most + 1, sizeof *scratch);
    of->evaluations = calloc(evaluations + 1, sizeof *of->evaluations);
    for (int n = 0; n < EVIDENCE_NETS; n++)
        of->runs[n] = calloc(grid->rate_count * grid->seeds + 1, sizeof *of->runs[n]);
    const bool ready = scratch && of->evaluations && of->runs[EVIDENCE_NONE] && of->runs[EVIDENCE_BATCHNORM];
    if (ready)
        fill_grid(of, grid, report, block, scratch);
    free(scratch);
    return ready ? 0 : error_out_of_memory(err, "the claims");
}

/* ---- on new images ---- */

/* The rows of the pairs, batchnorm's first and then none's; returns how many lack bits that could be there. */
static size_t find_rows(const struct report_row **rows, const struct batchnorm *report, const struct evidence *evidence,
                        const size_t *seeds, size_t pairs, bool *all)
{
    size_t lacking = 0;
    *all = true;
    for (size_t i = 0; i < 2 * pairs; i++) {
        const struct evidence_run *run =
            evidence_better_run(evidence, i < pairs ? EVIDENCE_BATCHNORM : EVIDENCE_NONE, seeds[i % pairs]);
        rows[i] = &report->rows[run->row];
        *all &= rows[i]->result->bits;
        lacking += !rows[i]->result->bits && !rows[i]->diverged;
    }
    return lacking;
}

static int judge_new_images(struct report_evidence *of, const struct batchnorm *report, struct error *err)
{
    struct evidence *evidence = &of->evidence;
    const size_t bytes = (report->data.test.count + 7) / 8, most = evidence->grid.seeds;
    size_t *seeds = calloc(most, sizeof *seeds);
    const struct report_row **rows = calloc(2 * most, sizeof *rows);
    const uint8_t **bits = calloc(2 * most, sizeof *bits);
    uint8_t *block = NULL;
    bool all = false;
    int result = 0;
    if (!seeds || !rows || !bits)
        result = error_out_of_memory(err, "the bits per image");
    const size_t pairs = result == 0 ? evidence_pairs(evidence, seeds) : 0;
    if (pairs > 0)
        evidence->answers[EVIDENCE_BETTER].lacking = find_rows(rows, report, evidence, seeds, pairs, &all);
    /* t, which the interval is of, is not for runs that failed. */
    if (all && pairs >= 2 && evidence->answers[EVIDENCE_BETTER].paired.failed == 0) {
        if (!(block = calloc(2 * pairs, bytes)))
            result = error_out_of_memory(err, "the bits per image");
        for (size_t i = 0; i < 2 * pairs && result == 0; i++) {
            result = report_read_bits(report, rows[i], block + i * bytes, err);
            bits[i] = block + i * bytes;
        }
        if (result == 0)
            evidence_new_images(evidence, bits, bits + pairs, pairs, report->data.test.count);
    }
    free(block);
    free(bits);
    free(rows);
    free(seeds);
    return result;
}

/* ---- one block's rows ---- */

/* The first of the rows, which are in order of blocks, that is of this block or a later one. */
static size_t first_of(const struct report_row *rows, size_t count, size_t block)
{
    size_t low = 0;
    while (low < count) {
        const size_t middle = low + (count - low) / 2;
        if (rows[middle].run->block < block)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static void add_rows(struct block *to, const struct report_row *rows, size_t count, size_t block, int64_t last_seed)
{
    for (size_t i = first_of(rows, count, block); i < count && rows[i].run->block == block; i++)
        if (rows[i].seed <= last_seed)
            to->rows[to->count++] = &rows[i];
}

int report_evidence_read(struct report_evidence *of, struct evidence_grid *grid, struct evidence_rules *rules,
                         const struct batchnorm *report, const struct report_scope *scope, struct error *err)
{
    struct block block = {calloc(report->count + report->refined, sizeof *block.rows), 0};
    int64_t last_seed = INT64_MAX;
    if (!block.rows)
        return error_out_of_memory(err, "the claims");
    if (scope->seeds != SIZE_MAX)
        last_seed = ((const int64_t *)grid_axis(&report->grid, "seeds")->values)[scope->seeds - 1];
    add_rows(&block, report->rows, report->count, scope->block, last_seed);
    if (scope->refined)
        add_rows(&block, report->rows + report->count, report->refined, scope->block, last_seed);
    *rules = rules_of(report, block.rows[0]->train);
    of->run = block.rows[0]->run;
    const int result = make_grid(of, grid, report, &block, err);
    free(block.rows);
    return result;
}

int report_evidence_make(struct report_evidence *of, const struct batchnorm *report, const struct report_scope *scope,
                         struct error *err)
{
    struct evidence_grid grid;
    struct evidence_rules rules;
    if (report_evidence_read(of, &grid, &rules, report, scope, err) < 0)
        return -1;
    return evidence_make(&of->evidence, &grid, &rules, err);
}

void report_evidence_free(struct report_evidence *of)
{
    evidence_free(&of->evidence);
    free(of->rates);
    free(of->seeds);
    free(of->evaluations);
    for (int net = 0; net < EVIDENCE_NETS; net++)
        free(of->runs[net]);
}

/* ---- all blocks ---- */

int report_make_evidence(struct batchnorm *report, struct error *err)
{
    const size_t blocks = report->rows[report->count - 1].run->block + 1;
    report->evidence = calloc(blocks, sizeof *report->evidence);
    if (!report->evidence)
        return error_out_of_memory(err, "the claims");
    for (; report->evidence_count < blocks; report->evidence_count++) {
        struct report_evidence *of = &report->evidence[report->evidence_count];
        const struct report_scope scope = {report->evidence_count, SIZE_MAX, true};
        if (report_evidence_make(of, report, &scope, err) < 0 || judge_new_images(of, report, err) < 0) {
            report_evidence_free(of);
            return -1;
        }
    }
    return 0;
}

void report_free_evidence(struct batchnorm *report)
{
    for (size_t i = 0; i < report->evidence_count; i++)
        report_evidence_free(&report->evidence[i]);
    free(report->evidence);
    report->evidence = NULL;
    report->evidence_count = 0;
}
