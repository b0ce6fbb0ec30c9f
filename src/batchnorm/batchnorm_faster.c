/* Claim (a), BatchNorm converges faster: steps to the target, none / batchnorm; see batchnorm_evidence.h. */
#include <math.h>

#include "batchnorm_evidence_parts.h"
#include "dlexp/base/counted.h"

/* Steps between evaluations with which a run that took `steps` would have been seen within the margin; 0: they were, or
 * every step was looked at. */
static double finer(const struct evidence_verdict *verdict, double margin)
{
    if (isinf(verdict->steps) || verdict->steps <= margin * verdict->before || verdict->steps - verdict->before <= 1)
        return 0;
    return fmax(1, floor(verdict->steps * (1 - 1 / margin) + 1e-6));
}

/* A pair of which one reached the target at least. */
static void add_pair(struct evidence_answer *answer, struct evidence_ratios *ratios,
                     const struct evidence_run *const run[EVIDENCE_NETS],
                     const struct evidence_verdict *const verdict[EVIDENCE_NETS], double margin)
{
    const double none = verdict[EVIDENCE_NONE]->steps, batchnorm = verdict[EVIDENCE_BATCHNORM]->steps;
    evidence_ratios_add(ratios, batchnorm, none, none / batchnorm, (double)run[EVIDENCE_NONE]->steps / batchnorm,
                        none / (double)run[EVIDENCE_BATCHNORM]->steps);
    if (isinf(none) || isinf(batchnorm))
        return; /* the ratio is so whatever the spacing */
    const double a = finer(verdict[EVIDENCE_NONE], margin), b = finer(verdict[EVIDENCE_BATCHNORM], margin);
    if (a == 0 && b == 0)
        return;
    answer->coarse++;
    const double every = a == 0 || (b > 0 && b < a) ? b : a;
    answer->every = isnan(answer->every) ? every : fmin(answer->every, every);
}

static void gather(struct evidence_answer *answer, struct evidence_ratios *ratios, const struct evidence *evidence,
                   size_t *const chosen[EVIDENCE_NETS])
{
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        const struct evidence_run *run[EVIDENCE_NETS];
        const struct evidence_verdict *verdict[EVIDENCE_NETS];
        for (int net = 0; net < EVIDENCE_NETS; net++) {
            run[net] = evidence_run_at(evidence, (enum evidence_net)net, chosen[net][s], s);
            if (run[net])
                verdict[net] = evidence_verdict_at(evidence, (enum evidence_net)net, chosen[net][s], s);
        }
        if (!run[EVIDENCE_NONE] || !run[EVIDENCE_BATCHNORM])
            continue;
        if (isinf(verdict[EVIDENCE_NONE]->steps) && isinf(verdict[EVIDENCE_BATCHNORM]->steps)) {
            answer->never++;
            continue;
        }
        add_pair(answer, ratios, run, verdict, evidence->rules.ratio_margin);
        for (int net = 0; net < EVIDENCE_NETS; net++)
            ratios->failed += verdict[net]->outcome != EVIDENCE_TRAINED;
    }
}

/* What no number can answer. */
static void settle(struct evidence_answer *answer, const struct evidence *evidence)
{
    const size_t n = answer->paired.n;
    if (n == 0 && answer->never > 0 && isinf(evidence->target))
        evidence_settle(answer, "no net learns, so that there is no target; give more epochs or other rates");
    else if (n == 0 && answer->never > 0)
        evidence_settle(answer, "neither net gets to %.2f %%; give more epochs, other rates or a lower --target",
                        evidence->target);
    else if (n == 0)
        evidence_settle(answer, "no seed has runs of both nets");
    else if (2 * answer->coarse >= n)
        evidence_settle(answer,
                        "evaluations lie further apart than the margin, a ratio of %g, where the target is met; give "
                        "--eval-every %.0f or less",
                        evidence->rules.ratio_margin, answer->every);
    else if (answer->coarse > 0)
        evidence_add_aside(answer, "%zu pair%s known to a wider step than the margin: give --eval-every %.0f or less",
                           answer->coarse, plural_end(answer->coarse, "pair"), answer->every);
}

int evidence_faster(struct evidence_answer *answer, const struct evidence *evidence,
                    size_t *const chosen[EVIDENCE_NETS], const struct paired_rules *rules, struct error *err)
{
    struct evidence_ratios ratios;
    if (evidence_ratios_init(&ratios, evidence->grid.seeds, err) < 0)
        return -1;
    gather(answer, &ratios, evidence, chosen);
    const int result = evidence_ratio_judge(answer, &ratios, rules, err);
    evidence_ratios_free(&ratios);
    if (answer->never > 0)
        evidence_add_aside(answer, "%zu pair%s left out, in which neither net gets to the target", answer->never,
                           plural_end(answer->never, "pair"));
    settle(answer, evidence);
    return result;
}
