/* Which runs are added once there are results; see batchnorm_rounds.h. */
#include "batchnorm_rounds.h"

#include <math.h>
#include <stdlib.h>

#include "batchnorm_claims.h"
#include "batchnorm_more.h"
#include "batchnorm_report.h"
#include "dlexp/base/counted.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/flow.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/statistics.h"

static bool adds_seeds(const struct batchnorm_config *config)
{
    return config->rounds.until_width > 0 || config->rounds.until_decided;
}

bool rounds_wanted(const struct batchnorm_config *config)
{
    return adds_seeds(config) || config->rounds.refine > 0;
}

/* ---- options that do not go together ---- */

const char *rounds_option(const struct batchnorm_config *config)
{
    const struct rounds_options *rounds = &config->rounds;
    return rounds->until_width > 0 ? "--until-width" : rounds->until_decided ? "--until-decided" : "--refine";
}

static int check_nets(const struct batchnorm *batchnorm, struct error *err)
{
    const struct axis *norms = grid_axis(&batchnorm->grid, "norm");
    bool has[EVIDENCE_NETS] = {false};
    for (size_t i = 0; i < norms->count; i++) {
        const size_t norm = ((const size_t *)norms->values)[i];
        const struct layer_type *layer = layer_norm_row(norm);
        has[EVIDENCE_NONE] |= !layer;
        has[EVIDENCE_BATCHNORM] |= layer == &layer_batchnorm;
    }
    const char *name = rounds_option(batchnorm->config);
    if (batchnorm->grid.chain)
        return error_set(err, ERROR_USAGE,
                         "%s: expected a protocol in which each rate has runs of its own, got --protocol %s; leave one "
                         "of them out",
                         name, batchnorm->grid.chain);
    if (!has[EVIDENCE_NONE] || !has[EVIDENCE_BATCHNORM])
        return error_set(
            err, ERROR_USAGE,
            "%s: expected the norms none and batchnorm, which the claims compare, got one of them at most; "
            "give --norm none,batchnorm",
            name);
    return 0;
}

/* Whether the next integers are seeds of their own: torch's generator takes the low 32 bits. */
static int check_next_seeds(const struct axis *seeds, size_t more, struct error *err)
{
    const int64_t *values = seeds->values, last = values[seeds->count - 1];
    bool fits = last <= INT64_MAX - (int64_t)more;
    for (size_t i = 0; i < seeds->count && fits; i++)
        fits = (uint32_t)((uint64_t)values[i] - (uint64_t)last - 1) >= more;
    if (fits)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--seeds: expected that the %zu integers after %lld are further seeds, got some that torch's "
                     "generator, which takes the low 32 bits only, has already; give smaller ones, as --seeds 1..%zu",
                     more, (long long)last, seeds->count);
}

static int check_seeds(const struct batchnorm *batchnorm, struct error *err)
{
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    const struct axis *seeds = grid_axis(&batchnorm->grid, "seeds");
    const char *name = rounds_option(batchnorm->config);
    if (rounds->until_width > 0 && rounds->until_decided)
        return error_set(err, ERROR_USAGE,
                         "--until-width: expected one rule for the number of seeds, got --until-decided too; leave one "
                         "of them out");
    if (batchnorm->config->run.force)
        return error_set(err, ERROR_USAGE,
                         "%s: expected no --force beside it, as what is added hangs on what the store has; leave it "
                         "out, or choose a new --out",
                         name);
    if (seeds->count < MORE_FIRST)
        return error_set(err, ERROR_USAGE,
                         "%s: expected %d --seeds or more to begin with, from which the rule follows, got %zu; give "
                         "--seeds 1..%d",
                         name, MORE_FIRST, seeds->count, MORE_FIRST);
    if (rounds->max_seeds < seeds->count)
        return error_set(err, ERROR_USAGE, "--max-seeds: expected %zu or more, as many as --seeds has, got %zu",
                         seeds->count, rounds->max_seeds);
    return check_next_seeds(seeds, rounds->max_seeds - seeds->count, err);
}

int rounds_check(const struct batchnorm *batchnorm, const struct invocation *invocation, struct error *err)
{
    const struct batchnorm_config *config = batchnorm->config;
    if (!adds_seeds(config) && options_given(invocation, "max-seeds"))
        return error_set(err, ERROR_USAGE,
                         "--max-seeds: expected --until-width or --until-decided, got none, so it would do nothing; "
                         "leave it out or add one");
    if (rounds_wanted(config) && check_nets(batchnorm, err) < 0)
        return -1;
    return adds_seeds(config) ? check_seeds(batchnorm, err) : 0;
}

/* ---- what is told ---- */

void rounds_print_rules(const struct batchnorm *batchnorm, FILE *out)
{
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    char text[NUMBER_TEXT_SIZE];
    if (rounds->until_width > 0)
        flow_say(out, "then:", PLAN_COLUMN,
                 "as many more seeds as the interval of \"ends better\" takes to be +-%s points, at most %zu in all",
                 number_format_real(text, rounds->until_width), rounds->max_seeds);
    if (rounds->until_decided)
        flow_say(out, "then:", PLAN_COLUMN,
                 "more seeds, one by one, until the three claims are decided, at most %zu in all", rounds->max_seeds);
    if (rounds->refine > 0)
        flow_say(out, "then:", PLAN_COLUMN,
                 "a run of each net and seed between its last two rates, %s: so many more rounds",
                 counted(rounds->refine, "time").text);
}

/* "4 more seeds (11..14)" */
static int name_seeds(char *why, const struct axis *seeds, size_t more)
{
    const long long last = (long long)((const int64_t *)seeds->values)[seeds->count - 1];
    if (more == 1)
        return snprintf(why, EXPERIMENT_WHY, "1 more seed (%lld)", last + 1);
    return snprintf(why, EXPERIMENT_WHY, "%zu more seeds (%lld..%lld)", more, last + 1, last + (long long)more);
}

/* ---- further seeds ---- */

/* The next integers. */
static int add_seeds(struct batchnorm *batchnorm, struct plan *plan, size_t more, struct error *err)
{
    const struct axis *seeds = grid_axis(&batchnorm->grid, "seeds");
    int64_t *values = calloc(more, sizeof *values);
    if (!values)
        return error_out_of_memory(err, "the plan");
    for (size_t i = 0; i < more; i++)
        values[i] = ((const int64_t *)seeds->values)[seeds->count - 1] + 1 + (int64_t)i;
    const int result = grid_extend(&batchnorm->grid, plan, "seeds", values, more, err);
    free(values);
    return result;
}

/* Of one block, from the first stage: the spread of its differences of claim (c). */
static int find_width(struct more_width *width, const struct batchnorm *batchnorm, size_t block, struct error *err)
{
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    const struct report_scope scope = {block, batchnorm->found.first, false};
    struct report_evidence first = {0};
    const int result = report_evidence_make(&first, batchnorm, &scope, err);
    if (result == 0)
        *width = more_width_of(first.evidence.answers[EVIDENCE_BETTER].paired.deviation, batchnorm->found.first,
                               rounds->until_width, batchnorm->config->level, rounds->max_seeds);
    report_evidence_free(&first);
    return result;
}

/* As many as the block that needs most. */
static int until_width(struct batchnorm *batchnorm, struct plan *plan, bool *changed, char *why, struct error *err)
{
    const struct axis *seeds = grid_axis(&batchnorm->grid, "seeds");
    struct rounds_found *found = &batchnorm->found;
    char deviation[NUMBER_TEXT_SIZE], half_width[NUMBER_TEXT_SIZE];
    size_t most = 0;
    free(found->widths); /* of the first stage alone */
    found->widths = calloc(batchnorm->grid.blocks, sizeof *found->widths);
    if (!found->widths)
        return error_out_of_memory(err, "the claims");
    for (size_t b = 0; b < batchnorm->grid.blocks; b++) {
        if (find_width(&found->widths[b], batchnorm, b, err) < 0)
            return -1;
        most = found->widths[b].seeds > found->widths[most].seeds ? b : most;
    }
    const struct more_width *stages = &found->widths[most];
    if (stages->seeds <= seeds->count)
        return 0;
    const int used = name_seeds(why, seeds, stages->seeds - seeds->count);
    snprintf(why + used, EXPERIMENT_WHY - (size_t)used,
             ": differences of \"ends better\" spread by %s points, so +-%s takes %s%zu seeds%s",
             number_format_fixed(deviation, stages->deviation, 3),
             number_format_real(half_width, batchnorm->config->rounds.until_width), stages->wanted == 0 ? "over " : "",
             stages->wanted == 0 ? (size_t)SAMPLE_SIZE_MAX : stages->wanted,
             stages->capped ? ", more than --max-seeds allows" : "");
    *changed = true;
    return add_seeds(batchnorm, plan, stages->seeds - seeds->count, err);
}

/* Whether all claims are, after so many seeds, by the evidence that holds whenever one looks.  One that more seeds of
 * this grid cannot answer (not comparable) is not waited for.  *open: how many are not. */
static int all_decided(size_t *open, const struct batchnorm *batchnorm, size_t seeds, struct error *err)
{
    *open = 0;
    for (size_t b = 0; b < batchnorm->grid.blocks; b++) {
        struct report_evidence of = {0};
        struct evidence_grid grid;
        struct evidence_rules rules;
        enum verdict verdicts[EVIDENCE_CLAIMS];
        const struct report_scope scope = {b, seeds, false};
        int result = report_evidence_read(&of, &grid, &rules, batchnorm, &scope, err);
        if (result == 0)
            result = evidence_anytime_verdicts(verdicts, &grid, &rules, err);
        for (int c = 0; c < EVIDENCE_CLAIMS && result == 0; c++)
            *open += verdicts[c] == VERDICT_UNDECIDED;
        report_evidence_free(&of);
        if (result < 0)
            return -1;
    }
    return 0;
}

/* Runs of each seed: those that its own values of the other settings make. */
static size_t runs_a_seed(const struct batchnorm *batchnorm, const struct plan *plan)
{
    return plan->count / grid_axis(&batchnorm->grid, "seeds")->count;
}

static int until_decided(struct batchnorm *batchnorm, struct plan *plan, bool *changed, char *why, struct error *err)
{
    const struct axis *axis = grid_axis(&batchnorm->grid, "seeds");
    const size_t first = batchnorm->found.first, seeds = axis->count;
    const size_t batch = more_batch(runner_jobs_most(plan, &batchnorm->config->run), runs_a_seed(batchnorm, plan));
    bool *decided = calloc(seeds - first + 1, sizeof *decided);
    size_t open = 0;
    int result = decided ? 0 : error_out_of_memory(err, "the claims");
    /* What was found of fewer seeds in earlier rounds stays so. */
    for (size_t n = batchnorm->found.undecided >= first ? batchnorm->found.undecided + 1 : first;
         n <= seeds && result == 0; n++) {
        result = all_decided(&open, batchnorm, n, err);
        decided[n - first] = open == 0;
        if (open == 0)
            break;
        batchnorm->found.undecided = n;
    }
    if (result == 0) {
        const struct more_step step = more_step_of(decided, first, seeds, batch, batchnorm->config->rounds.max_seeds);
        batchnorm->found.decided = step.decided;
        *changed = step.seeds != seeds;
        if (step.seeds < seeds) {
            grid_keep(&batchnorm->grid, plan, "seeds", step.seeds);
        } else if (*changed) {
            const int used = name_seeds(why, axis, step.seeds - seeds);
            snprintf(why + used, EXPERIMENT_WHY - (size_t)used, ": after %zu, %zu of %zu claims %s undecided", seeds,
                     open, EVIDENCE_CLAIMS * batchnorm->grid.blocks, open == 1 ? "is" : "are");
            result = add_seeds(batchnorm, plan, step.seeds - seeds, err);
        }
    }
    free(decided);
    return result;
}

/* ---- rates between those of the grid ---- */

/* A run to be added. */
struct between {
    size_t like; /* of the plan: the same net and seed */
    double lr;
};

/* Rates that the net and seed have had beside the grid's. */
static size_t bisected(const struct batchnorm *batchnorm, size_t block, size_t norm, int64_t seed)
{
    size_t count = 0;
    for (size_t i = batchnorm->count; i < batchnorm->count + batchnorm->refined; i++) {
        const struct report_row *row = &batchnorm->rows[i];
        count += row->run->block == block && row->norm == norm && row->seed == seed;
    }
    return count;
}

/* The next rate of one net and seed, if there is one. */
static bool find_between(struct between *between, const struct batchnorm *batchnorm, const struct evidence *evidence,
                         enum evidence_net net, size_t seed)
{
    const size_t best = evidence->best_rate[net];
    const struct evidence_limit *limit = &evidence->limits[net][seed];
    if (best == EVIDENCE_NO_RATE || !evidence->grid.runs[net][best * evidence->grid.seeds + seed].present)
        return false;
    const struct report_row *row = &batchnorm->rows[evidence->grid.runs[net][best * evidence->grid.seeds + seed].row];
    between->like = (size_t)(row->run - batchnorm->plan->runs);
    between->lr = more_middle(limit->largest, limit->next);
    return between->lr > 0 &&
           bisected(batchnorm, row->run->block, row->norm, row->seed) < batchnorm->config->rounds.refine;
}

/* Of one block, behind the `count` runs that there are. */
static int find_block(struct between *runs, size_t *count, const struct batchnorm *batchnorm, size_t block,
                      struct error *err)
{
    struct report_evidence of = {0};
    const int result = report_evidence_make(&of, batchnorm, &(struct report_scope){block, SIZE_MAX, true}, err);
    for (int net = 0; net < EVIDENCE_NETS && result == 0; net++)
        for (size_t s = 0; s < of.evidence.grid.seeds; s++)
            *count += find_between(&runs[*count], batchnorm, &of.evidence, (enum evidence_net)net, s);
    report_evidence_free(&of);
    return result;
}

static int refine(struct batchnorm *batchnorm, struct plan *plan, bool *changed, char *why, struct error *err)
{
    const size_t blocks = batchnorm->grid.blocks, seeds = grid_axis(&batchnorm->grid, "seeds")->count;
    size_t count = 0;
    struct between *runs = calloc(blocks * EVIDENCE_NETS * seeds + 1, sizeof *runs); /* one is looked at beyond */
    int result = runs ? 0 : error_out_of_memory(err, "the plan");
    for (size_t b = 0; b < blocks && result == 0; b++)
        result = find_block(runs, &count, batchnorm, b, err);
    if (result == 0 && count > 0) {
        *changed = true;
        snprintf(why, EXPERIMENT_WHY, "%s between the last two rates of %s net and seed", counted(count, "run").text,
                 count == 1 ? "a" : "each");
    }
    for (size_t i = 0; i < count && result == 0; i++)
        result = grid_add_cell(&batchnorm->grid, plan, &plan->runs[runs[i].like], "lr", &runs[i].lr, err);
    free(runs);
    return result;
}

int rounds_more(void *batchnorm_, struct plan *plan, bool *changed, char why[EXPERIMENT_WHY], struct error *err)
{
    struct batchnorm *batchnorm = batchnorm_;
    const struct rounds_options *rounds = &batchnorm->config->rounds;
    batchnorm->found.first = options_axis(batchnorm->grid.invocation, "seeds")->count;
    report_free(batchnorm);
    if (report_make_rows(batchnorm, plan, err) < 0 ||
        (rounds->until_width > 0 && until_width(batchnorm, plan, changed, why, err) < 0) ||
        (rounds->until_decided && until_decided(batchnorm, plan, changed, why, err) < 0))
        return -1;
    return rounds->refine > 0 && !*changed ? refine(batchnorm, plan, changed, why, err) : 0;
}

void rounds_free(struct batchnorm *batchnorm)
{
    free(batchnorm->found.widths);
}
