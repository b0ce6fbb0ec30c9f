/* How runs ended, while others may be missing; see batchnorm_endings.h. */
#include "batchnorm_endings.h"

#include <stdlib.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_judged.h"
#include "batchnorm_report.h"

/* The rows of some runs, which are all of a block, and what became of each. */
static int judge(struct batchnorm *part, const struct plan *runs, struct error *err)
{
    const struct report_scope scope = {0, SIZE_MAX, true};
    if (report_make_rows(part, runs, err) < 0)
        return -1;
    part->evidence = calloc(1, sizeof *part->evidence);
    if (!part->evidence)
        return error_out_of_memory(err, "what became of the runs");
    part->evidence_count = 1;
    if (report_evidence_make(&part->evidence[0], part, &scope, err) < 0)
        return -1;
    return judged_make_verdicts(part, err);
}

static enum run_ending ending_of(enum evidence_outcome outcome)
{
    return outcome == EVIDENCE_DIVERGED ? RUN_DIVERGED : outcome == EVIDENCE_FAILED ? RUN_UNTRAINED : RUN_ENDED;
}

/* The runs of a block that are done, as if they were all: `places` says which of the plan's they are. */
static int judge_block(const struct batchnorm *batchnorm, const struct plan *done, const size_t *places,
                       enum run_ending *endings, struct error *err)
{
    struct batchnorm part = *batchnorm;
    memset(&part.plan, 0, sizeof part - offsetof(struct batchnorm, plan));
    const int result = judge(&part, done, err);
    for (size_t i = 0; i < part.count + part.refined && result == 0; i++) {
        enum run_ending *ending = &endings[places[part.rows[i].run - done->runs]];
        const enum run_ending now = part.rows[i].diverged ? RUN_DIVERGED : ending_of(part.verdicts[i].outcome);
        if (*ending == RUN_ENDED || now == RUN_DIVERGED)
            *ending = now;
    }
    report_free(&part);
    return result;
}

/* The runs that are done, block by block: where each block's begin, up to that of a block more than there are. */
static void sort_by_block(struct run *runs, size_t *places, size_t *begins, size_t blocks, const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->runs[i].done)
            begins[plan->runs[i].block + 1]++;
    for (size_t block = 1; block <= blocks; block++)
        begins[block] += begins[block - 1];
    for (size_t i = 0; i < plan->count; i++)
        if (plan->runs[i].done) {
            const size_t at = begins[plan->runs[i].block]++;
            places[at] = i;
            runs[at] = plan->runs[i]; /* what it owns stays the plan's */
            runs[at].block = 0;
        }
    for (size_t block = blocks; block > 0; block--)
        begins[block] = begins[block - 1];
    begins[0] = 0;
}

int batchnorm_endings(const void *batchnorm, const struct plan *plan, enum run_ending *endings, struct error *err)
{
    size_t blocks = 0;
    for (size_t i = 0; i < plan->count; i++) {
        endings[i] = RUN_ENDED;
        blocks = plan->runs[i].block >= blocks ? plan->runs[i].block + 1 : blocks;
    }
    struct run *runs = calloc(plan->count, sizeof *runs);
    size_t *places = calloc(plan->count, sizeof *places), *begins = calloc(blocks + 1, sizeof *begins);
    int result = runs && places && begins ? 0 : error_out_of_memory(err, "what became of the runs");
    if (result == 0)
        sort_by_block(runs, places, begins, blocks, plan);
    for (size_t block = 0; block < blocks && result == 0; block++) {
        struct plan done = *plan;
        done.runs = runs + begins[block];
        done.count = begins[block + 1] - begins[block];
        if (done.count > 0)
            result = judge_block(batchnorm, &done, places + begins[block], endings, err);
    }
    free(begins);
    free(places);
    free(runs);
    return result;
}
