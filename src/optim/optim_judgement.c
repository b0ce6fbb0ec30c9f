/* optim_judgement.c - see optim_judgement.h. */
#include "optim_judgement.h"

#include <math.h>
#include <string.h>

#include "optim_twice.h"

const struct optim_claim optim_claims[OPTIM_CLAIMS] = {
    {"momentum-f1-f2", "guess", "momentum is as fast on f1 as on f2", OPTIM_EQUAL, true, {"momentum"}, {"momentum"}},
    {"momentum-rmsprop-adam",
     "guess",
     "momentum is faster than RMSProp and Adam",
     OPTIM_FASTER,
     false,
     {"momentum"},
     {"rmsprop", "adam"}},
    {"rmsprop-f1-f2", "guess", "RMSProp is faster on f1 than on f2", OPTIM_FASTER, true, {"rmsprop"}, {"rmsprop"}},
    {"rmsprop-adam", "guess", "RMSProp is as fast as Adam", OPTIM_EQUAL, false, {"rmsprop"}, {"adam"}},
    {"adam-f1-f2", "guess", "Adam is as fast on f1 as on f2", OPTIM_EQUAL, true, {"adam"}, {"adam"}},
    {"rmsprop-gd", "guess", "RMSProp is faster than GD", OPTIM_FASTER, false, {"rmsprop"}, {"gd"}},
    {"adam-gd", "guess", "Adam is faster than GD", OPTIM_FASTER, false, {"adam"}, {"gd"}},
    {"gd-f1-f2", "guess", "GD is as fast on f1 as on f2", OPTIM_EQUAL, true, {"gd"}, {"gd"}},
    {"momentum-all",
     "finding",
     "momentum is the fastest",
     OPTIM_FASTER,
     false,
     {"momentum"},
     {"gd", "rmsprop", "adam"}},
    {"momentum-gd", "finding", "momentum is faster than GD", OPTIM_FASTER, false, {"momentum"}, {"gd"}},
};
static const char *const claim_fns[2] = {"f1", "f2"};

double optim_judgement_margin(int64_t a, int64_t b)
{
    return fmax(OPTIM_MARGIN_LEAST, OPTIM_MARGIN_SHARE * fmax((double)a, (double)b));
}

static bool nearly_equal(int64_t a, int64_t b)
{
    return fabs((double)a - (double)b) <= optim_judgement_margin(a, b);
}

/* iterations: steps of both; of a run that does not stay below the threshold it would take more. */
static enum verdict compare(enum optim_relation relation, int64_t a, int64_t b, int64_t iterations)
{
    if (a < 0 && b < 0)
        return VERDICT_UNDECIDED;
    if (relation == OPTIM_FASTER)
        return a >= 0 && a == b             ? VERDICT_EQUIVALENT
               : a >= 0 && (b < 0 || a < b) ? VERDICT_SUPPORTED
                                            : VERDICT_CONTRADICTED;
    if (a >= 0 && b >= 0)
        return nearly_equal(a, b) ? VERDICT_SUPPORTED : VERDICT_CONTRADICTED;
    return nearly_equal(a < 0 ? b : a, iterations + 1) ? VERDICT_UNDECIDED : VERDICT_CONTRADICTED;
}

/* How close a supported pair is to the other side: the larger, the closer. */
static double closeness(const struct optim_outcome *o)
{
    return o->b < 0 ? 0 : (double)o->a / fmax((double)o->b, 1);
}

/* Of a claim about several pairs the worst decides: the first that contradicts it, else one that shows no difference,
 * else one that is not decided, else the closest that supports it. */
static struct optim_outcome worse(struct optim_outcome a, struct optim_outcome b)
{
    static const int severity[] = {
        [VERDICT_SUPPORTED] = 0, [VERDICT_UNDECIDED] = 1, [VERDICT_EQUIVALENT] = 2, [VERDICT_CONTRADICTED] = 3};
    if (!a.first)
        return b;
    if (a.verdict == VERDICT_SUPPORTED && b.verdict == VERDICT_SUPPORTED)
        return closeness(&b) > closeness(&a) ? b : a;
    return severity[b.verdict] > severity[a.verdict] ? b : a;
}

/* The run of the homework, or NULL: under another setting nothing was guessed or found. */
static const struct optim_problem *find_homework(const struct optim_results *report, const char *fn,
                                                 const char *optimizer)
{
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++)
        if (p->twice && strcmp(p->fn, fn) == 0 && strcmp(p->optimizer, optimizer) == 0)
            return p;
    return NULL;
}

/*
 * On one function, or (across) on both; not there unless every run that the claim is about is there.
 *
 * twice: by runs of twice the iterations, so that it shows whether the verdict hangs on where the runs stop.
 */
static struct optim_outcome evaluate(const struct optim_results *report, const struct optim_claim *claim, size_t fn,
                                     size_t t, bool twice)
{
    struct optim_outcome outcome = {.first = NULL};
    for (const char *const *a = claim->first; a < claim->first + 4 && *a; a++)
        for (const char *const *b = claim->second; b < claim->second + 4 && *b; b++) {
            struct optim_outcome pair = {.first = find_homework(report, claim_fns[fn], *a),
                                         .second = find_homework(report, claim_fns[claim->across ? 1 : fn], *b)};
            if (!pair.first || !pair.second)
                return (struct optim_outcome){.first = NULL};
            pair.a = (twice ? pair.first->twice->passages : pair.first->passages)[t].settled;
            pair.b = (twice ? pair.second->twice->passages : pair.second->passages)[t].settled;
            pair.iterations = twice ? pair.first->twice->iterations : (int64_t)pair.first->descent->iterations;
            pair.verdict = compare(claim->relation, pair.a, pair.b, pair.iterations);
            outcome = worse(outcome, pair);
        }
    return outcome;
}

bool optim_judgement_equal_so_far(const struct optim_judgement *j)
{
    const struct optim_outcome *o = &j->outcome;
    if (!j->claim->across || j->claim->relation != OPTIM_EQUAL || o->verdict != VERDICT_UNDECIDED || o->a >= 0 ||
        o->b >= 0)
        return false;
    const struct optim_curves *curves = &o->first->twice->curves_before;
    return curves->lower < 0 && curves->rows > 1;
}

bool optim_judgement_next(const struct optim_results *report, struct optim_judgement *j)
{
    while (j->next < OPTIM_CLAIMS * 2 * OPTIM_THRESHOLDS && !report->rotating) {
        const size_t index = j->next++, fn = index / OPTIM_THRESHOLDS % 2;
        j->claim = &optim_claims[index / (2 * OPTIM_THRESHOLDS)];
        j->place = j->claim->across ? "f1 and f2" : claim_fns[fn];
        j->threshold = index % OPTIM_THRESHOLDS;
        if (fn > 0 && j->claim->across)
            continue;
        j->outcome = evaluate(report, j->claim, fn, j->threshold, false);
        if (!j->outcome.first)
            continue;
        j->twice = evaluate(report, j->claim, fn, j->threshold, true);
        j->differs = j->twice.verdict != j->outcome.verdict;
        return true;
    }
    return false;
}

size_t optim_judgement_absent(const struct optim_results *report)
{
    const struct optim_claim *last = NULL;
    size_t absent = OPTIM_CLAIMS;
    for (struct optim_judgement j = {0}; optim_judgement_next(report, &j); last = j.claim)
        absent -= j.claim != last;
    return absent;
}
