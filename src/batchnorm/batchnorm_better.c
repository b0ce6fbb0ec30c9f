/* Claim (c), BatchNorm ends better: final test accuracy, batchnorm - none; see batchnorm_evidence.h. */
#include <math.h>
#include <stdlib.h>

#include "batchnorm_evidence_parts.h"
#include "dlexp/statistics/student.h"

const struct evidence_run *evidence_better_run(const struct evidence *evidence, enum evidence_net net, size_t seed)
{
    return evidence_run_at(evidence, net, evidence->best[net][seed], seed);
}

size_t evidence_pairs(const struct evidence *evidence, size_t *seeds)
{
    size_t count = 0;
    for (size_t s = 0; s < evidence->grid.seeds; s++)
        if (evidence->grid.runs[EVIDENCE_NONE] && evidence->grid.runs[EVIDENCE_BATCHNORM] &&
            evidence_better_run(evidence, EVIDENCE_NONE, s) && evidence_better_run(evidence, EVIDENCE_BATCHNORM, s))
            seeds[count++] = s;
    return count;
}

void evidence_new_images(struct evidence *evidence, const uint8_t *const *batchnorm, const uint8_t *const *none,
                         size_t pairs, size_t images)
{
    struct evidence_answer *better = &evidence->answers[EVIDENCE_BETTER];
    if (pairs < 2 || images < 2)
        return;
    const struct crossed crossed = crossed_of_bits(batchnorm, none, pairs, images);
    better->new_images_freedom = crossed.freedom;
    better->new_images = measure_around(
        100 * crossed.mean, 100 * sqrt(crossed.variance) * student_critical(evidence->rules.level, crossed.freedom));
    if (!(crossed.variance > 0)) /* no spread: there is no t interval */
        better->new_images.low = better->new_images.high = (double)NAN;
}

double evidence_points(double points)
{
    return round(points * 1e9) / 1e9;
}

/* Means of both nets over the pairs, for whoever reads the table. */
struct sums {
    double values[EVIDENCE_NETS], *differences;
    size_t n, failed;
};

static void gather(struct sums *sums, const struct evidence *evidence, size_t *const chosen[EVIDENCE_NETS])
{
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        double test[EVIDENCE_NETS];
        size_t present = 0, failed = 0;
        for (int n = 0; n < EVIDENCE_NETS; n++) {
            const enum evidence_net net = (enum evidence_net)n;
            const struct evidence_run *run = evidence_run_at(evidence, net, chosen[net][s], s);
            if (!run)
                continue;
            present++;
            test[net] = evidence_test(evidence, run);
            failed += evidence_verdict_at(evidence, net, chosen[net][s], s)->outcome != EVIDENCE_TRAINED;
        }
        if (present < EVIDENCE_NETS)
            continue;
        for (int net = 0; net < EVIDENCE_NETS; net++)
            sums->values[net] += test[net];
        sums->differences[sums->n++] = evidence_points(test[EVIDENCE_BATCHNORM] - test[EVIDENCE_NONE]);
        sums->failed += failed;
    }
}

static int judge(struct evidence_answer *answer, const struct sums *sums, const struct paired_rules *rules,
                 struct error *err)
{
    const enum paired_question question = isnan(answer->claim.lr) ? PAIRED_MEAN : PAIRED_MEAN_BY_T;
    if (paired_of(&answer->paired, question, sums->differences, sums->n, sums->failed, rules, err) < 0)
        return -1;
    paired_fill(&answer->claim, &answer->paired, rules);
    if (sums->n > 0) {
        answer->claim.a.estimate = sums->values[EVIDENCE_BATCHNORM] / (double)sums->n;
        answer->claim.b.estimate = sums->values[EVIDENCE_NONE] / (double)sums->n;
    }
    if (sums->n == 0)
        evidence_settle(answer, "no seed has runs of both nets");
    else if (sums->failed == 2 * sums->n)
        evidence_settle(answer, "neither net trains; give more epochs or other rates");
    return 0;
}

int evidence_better(struct evidence_answer *answer, const struct evidence *evidence,
                    size_t *const chosen[EVIDENCE_NETS], const struct paired_rules *rules, struct error *err)
{
    struct sums sums = {.differences = calloc(evidence->grid.seeds, sizeof(double))};
    if (!sums.differences)
        return error_out_of_memory(err, "the claims");
    gather(&sums, evidence, chosen);
    const int result = judge(answer, &sums, rules, err);
    free(sums.differences);
    return result;
}
