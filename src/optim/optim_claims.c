#include "optim_claims.h"

#include <math.h>
#include <string.h>

#include "dlexp/formats/json.h"
#include "dlexp/run/claim_table.h"

enum relation { FASTER, EQUAL };

/* Each of `first` against each of `second`: on f1 and on f2 by themselves, or (across) the first on f1 with the second
 * on f2.  All are about the homework's setting (optim_problem_is_homework). */
static const struct guess {
    const char *id, *source, *text;
    enum relation relation;
    bool across;
    const char *first[4], *second[4];
} claims[] = {
    {"momentum-f1-f2", "guess", "momentum is as fast on f1 as on f2", EQUAL, true, {"momentum"}, {"momentum"}},
    {"momentum-rmsprop-adam",
     "guess",
     "momentum is faster than RMSProp and Adam",
     FASTER,
     false,
     {"momentum"},
     {"rmsprop", "adam"}},
    {"rmsprop-f1-f2", "guess", "RMSProp is faster on f1 than on f2", FASTER, true, {"rmsprop"}, {"rmsprop"}},
    {"rmsprop-adam", "guess", "RMSProp is as fast as Adam", EQUAL, false, {"rmsprop"}, {"adam"}},
    {"adam-f1-f2", "guess", "Adam is as fast on f1 as on f2", EQUAL, true, {"adam"}, {"adam"}},
    {"rmsprop-gd", "guess", "RMSProp is faster than GD", FASTER, false, {"rmsprop"}, {"gd"}},
    {"adam-gd", "guess", "Adam is faster than GD", FASTER, false, {"adam"}, {"gd"}},
    {"gd-f1-f2", "guess", "GD is as fast on f1 as on f2", EQUAL, true, {"gd"}, {"gd"}},
    {"momentum-all", "finding", "momentum is the fastest", FASTER, false, {"momentum"}, {"gd", "rmsprop", "adam"}},
    {"momentum-gd", "finding", "momentum is faster than GD", FASTER, false, {"momentum"}, {"gd"}},
};
enum { CLAIMS = sizeof claims / sizeof *claims };
static const char *const claim_fns[2] = {"f1", "f2"};

/* A verdict and the pair of problems that decides it; first is NULL where a run that it takes is not there. */
struct outcome {
    enum verdict verdict;
    const struct optim_problem *first, *second;
};

/* Iteration counts are equal when they differ by at most one iteration or one percent. */
static bool nearly_equal(double a, double b)
{
    return fabs(a - b) <= fmax(1, 0.01 * fmax(a, b));
}

/* iterations: steps of both; a run that is not below the threshold at the end would need more. */
static enum verdict compare(enum relation relation, int64_t a, int64_t b, int64_t iterations)
{
    if (a < 0 && b < 0)
        return VERDICT_UNDECIDED;
    if (relation == FASTER)
        return a >= 0 && a == b             ? VERDICT_EQUIVALENT
               : a >= 0 && (b < 0 || a < b) ? VERDICT_SUPPORTED
                                            : VERDICT_CONTRADICTED;
    if (a >= 0 && b >= 0)
        return nearly_equal((double)a, (double)b) ? VERDICT_SUPPORTED : VERDICT_CONTRADICTED;
    return nearly_equal((double)(a < 0 ? b : a), (double)iterations + 1) ? VERDICT_UNDECIDED : VERDICT_CONTRADICTED;
}

/* How close a supported pair is to the other side: the larger, the closer. */
static double closeness(const struct outcome *o, size_t t)
{
    const double a = (double)optim_problem_counted(o->first, t), b = (double)optim_problem_counted(o->second, t);
    return b < 0 ? 0 : a / fmax(b, 1);
}

/* Of a claim about several pairs the worst decides: the first that contradicts it, else one that shows no difference,
 * else one that is not decided, else the closest that supports it. */
static struct outcome worse(struct outcome a, struct outcome b, size_t t)
{
    static const int severity[] = {
        [VERDICT_SUPPORTED] = 0, [VERDICT_UNDECIDED] = 1, [VERDICT_EQUIVALENT] = 2, [VERDICT_CONTRADICTED] = 3};
    if (!a.first)
        return b;
    if (a.verdict == VERDICT_SUPPORTED && b.verdict == VERDICT_SUPPORTED)
        return closeness(&b, t) > closeness(&a, t) ? b : a;
    return severity[b.verdict] > severity[a.verdict] ? b : a;
}

/* The run of the homework, or NULL: under another setting nothing was guessed or found. */
static const struct optim_problem *find_homework(const struct optim_results *report, const char *fn,
                                                 const char *optimizer)
{
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++)
        if (strcmp(p->fn, fn) == 0 && strcmp(p->optimizer, optimizer) == 0 && optim_problem_is_homework(p))
            return p;
    return NULL;
}

/* On one function, or (across) on both; not there unless every run that the claim is about is there. */
static struct outcome evaluate_on(const struct optim_results *report, const struct guess *claim, size_t fn, size_t t)
{
    struct outcome outcome = {.first = NULL};
    for (const char *const *a = claim->first; a < claim->first + 4 && *a; a++)
        for (const char *const *b = claim->second; b < claim->second + 4 && *b; b++) {
            struct outcome pair = {.first = find_homework(report, claim_fns[fn], *a),
                                   .second = find_homework(report, claim_fns[claim->across ? 1 : fn], *b)};
            if (!pair.first || !pair.second)
                return (struct outcome){.first = NULL};
            pair.verdict = compare(claim->relation, optim_problem_counted(pair.first, t),
                                   optim_problem_counted(pair.second, t), (int64_t)pair.first->descent->iterations);
            outcome = worse(outcome, pair, t);
        }
    return outcome;
}

/* Functions that a claim is judged on one by one. */
static size_t claim_parts(const struct guess *claim)
{
    return claim->across ? 1 : 2;
}

/* Over the functions that it can be judged on. */
static struct outcome evaluate(const struct optim_results *report, const struct guess *claim, size_t t)
{
    struct outcome outcome = {.first = NULL};
    for (size_t f = 0; f < claim_parts(claim); f++) {
        const struct outcome part = evaluate_on(report, claim, f, t);
        if (part.first)
            outcome = worse(outcome, part, t);
    }
    return outcome;
}

/* Whether the two curves of an undecided "as fast on f1 as on f2" are equal to rounding as far as they go. */
static bool equal_so_far(const struct guess *claim, const struct outcome *o, size_t t)
{
    if (!claim->across || claim->relation != EQUAL || o->verdict != VERDICT_UNDECIDED ||
        optim_problem_counted(o->first, t) >= 0 || optim_problem_counted(o->second, t) >= 0)
        return false;
    const struct optim_curves curves = optim_problem_compare(o->first, o->second);
    return curves.lower < 0 && curves.rows > 1;
}

/* A claim at a threshold that there are runs for. */
struct judgement {
    size_t next; /* where the walk goes on; 0 at first */
    const struct guess *claim;
    size_t threshold;
    struct outcome outcome;
};

/* The next one, by claim, threshold; false past the last. */
static bool next_judgement(const struct optim_results *report, struct judgement *j)
{
    while (j->next < CLAIMS * OPTIM_THRESHOLDS && !report->rotating) {
        const size_t index = j->next++;
        j->claim = &claims[index / OPTIM_THRESHOLDS];
        j->threshold = index % OPTIM_THRESHOLDS;
        j->outcome = evaluate(report, j->claim, j->threshold);
        if (j->outcome.first)
            return true;
    }
    return false;
}

bool optim_claims_exist(const void *context)
{
    struct judgement j = {0};
    return next_judgement(context, &j);
}

static double or_nan(int64_t iterations)
{
    return iterations < 0 ? (double)NAN : (double)iterations;
}

/* What decides: single runs without chance, so a difference stands as it is. */
static struct claim claim_of(const struct judgement *j)
{
    const struct optim_problem *first = j->outcome.first, *second = j->outcome.second;
    const int64_t a = optim_problem_counted(first, j->threshold), b = optim_problem_counted(second, j->threshold);
    char runs[2][64]; /* "momentum f1" */
    snprintf(runs[0], sizeof runs[0], "%s %s", first->optimizer, first->fn);
    snprintf(runs[1], sizeof runs[1], "%s %s", second->optimizer, second->fn);
    struct claim claim = claim_make(j->claim->id, j->claim->source, j->claim->text, runs[0], runs[1]);
    claim.lr = OPTIM_HOMEWORK_LR;
    claim.threshold = optim_thresholds[j->threshold].name;
    claim.measured = "iterations until f stays below the threshold";
    claim.iterations = true;
    claim.a.estimate = or_nan(a);
    claim.b.estimate = or_nan(b);
    claim.effect_name = "difference";
    claim.effect.estimate = claim.a.estimate - claim.b.estimate;
    claim.method = j->claim->relation == EQUAL ? "one run each; equal within one iteration or 1 %" : "one run each";
    claim.n = 1;
    claim.failed = (size_t)(first->diverged >= 0) + (size_t)(second->diverged >= 0);
    claim.verdict = j->outcome.verdict;
    if (equal_so_far(j->claim, &j->outcome, j->threshold))
        claim_conclude(&claim, claim.verdict,
                       "neither is below in %lld iterations; the curves are equal to rounding as "
                       "far as they go",
                       (long long)first->descent->iterations);
    else if (a < 0 && b < 0)
        claim_conclude(&claim, claim.verdict, "neither is below in %lld iterations; give more --iterations",
                       (long long)first->descent->iterations);
    else if (claim.verdict == VERDICT_UNDECIDED)
        claim_conclude(&claim, claim.verdict, "one of them is not below in %lld iterations; give more --iterations",
                       (long long)first->descent->iterations);
    return claim;
}

void optim_claims_fill(const void *context, struct frame *frame)
{
    for (struct judgement j = {0}; next_judgement(context, &j);) {
        const struct claim claim = claim_of(&j);
        claim_fill(frame, &claim, NULL);
    }
}

/* ---- the claims for a person ---- */

static const char *format_reached(char buffer[32], const struct optim_results *report, const struct optim_problem *p,
                                  size_t t)
{
    if (optim_problem_counted(p, t) >= 0)
        snprintf(buffer, 32, "%lld%s", (long long)p->reached[t], optim_problem_rose_again(p, t) ? "*" : "");
    else if (p->reached[t] >= 0)
        snprintf(buffer, 32, "%lld**", (long long)p->reached[t]);
    else
        snprintf(buffer, 32, p->diverged < 0 ? ">%lld" : "never", (long long)report->config->descent.iterations);
    return buffer;
}

/* "supported: 83, 666"; of several runs that the claim is against, the one that decides has its name. */
static void fill_verdict(struct frame *frame, const struct optim_results *report, const struct guess *claim, size_t fn,
                         size_t t)
{
    const struct outcome o = evaluate_on(report, claim, fn, t);
    const bool neither = optim_problem_counted(o.first, t) < 0 && optim_problem_counted(o.second, t) < 0;
    const char *verdict = verdict_name(o.verdict);
    char a[32], b[32], text[128];
    if (neither)
        snprintf(text, sizeof text, "%s%s", verdict, equal_so_far(claim, &o, t) ? ": curves equal" : ": neither there");
    else
        snprintf(text, sizeof text, "%s: %s, %s%s%s", verdict, format_reached(a, report, o.first, t),
                 claim->second[1] ? o.second->optimizer : "", claim->second[1] ? " " : "",
                 format_reached(b, report, o.second, t));
    frame_text(frame, text);
}

/* A claim on a function, all thresholds side by side: a view of what claims.csv has one below the other. */
#define VERDICT_COLUMN(object, threshold)                                                                              \
    {                                                                                                                  \
        .name = #threshold, .type = FRAME_TEXT, .title = #threshold                                                    \
    }
static const struct frame_column shown_columns[] = {
    {.name = "source", .type = FRAME_TEXT, .title = ""},
    {.name = "claim", .type = FRAME_TEXT, .title = "claim"},
    {.name = "on", .type = FRAME_TEXT, .title = "on"},
    OPTIM_EACH_THRESHOLD(VERDICT_COLUMN, ),
    {.name = NULL},
};

static void fill_shown(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    for (size_t c = 0; c < CLAIMS; c++)
        for (size_t f = 0; f < claim_parts(&claims[c]); f++) {
            if (!evaluate_on(report, &claims[c], f, 0).first)
                continue;
            frame_text(frame, claims[c].source);
            frame_text(frame, claims[c].text);
            frame_text(frame, claims[c].across ? "both" : claim_fns[f]);
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
                fill_verdict(frame, report, &claims[c], f, t);
        }
}

static bool any_equal_so_far(const struct optim_results *report)
{
    for (struct judgement j = {0}; next_judgement(report, &j);)
        if (equal_so_far(j.claim, &j.outcome, j.threshold))
            return true;
    return false;
}

static void show_not_judged(size_t count, FILE *out)
{
    fprintf(out,
            "  %zu of %d claims %s about runs that are not here: gd, momentum, rmsprop and adam on f1 and f2 at lr "
            "%g,\n  from their own starts, with the default constants and for %d iterations or more, as `dlexp optim` "
            "runs them\n",
            count, CLAIMS, count == 1 ? "is" : "are", OPTIM_HOMEWORK_LR, OPTIM_HOMEWORK_ITERATIONS);
}

int optim_claims_show(const struct optim_results *report, FILE *out, struct error *err)
{
    size_t absent = 0;
    for (size_t c = 0; c < CLAIMS; c++)
        absent += evaluate(report, &claims[c], 0).first == NULL;
    if (absent == CLAIMS) {
        fputs("\nWhat the homework guessed and found is not judged\n", out);
        show_not_judged(absent, out);
        return 0;
    }
    fprintf(out, "\nWhat the homework guessed and found (lr %g), by iterations until f is below\n", OPTIM_HOMEWORK_LR);
    if (frame_print(&frame_terminal, out, shown_columns, fill_shown, report, err) < 0)
        return -1;
    fputs(
        "  numbers: iterations of the two runs compared, of several the one that decides; equal: within one iteration "
        "or 1 %;\n  there: below at the end, too\n",
        out);
    if (any_equal_so_far(report))
        fputs("  curves equal: neither is there, but the curves on f1 and f2 are equal to rounding as far as they go\n",
              out);
    if (absent > 0)
        show_not_judged(absent, out);
    return 0;
}

/* ---- for a program ---- */

static void add_outcome(cJSON *entry, const struct outcome *o, size_t t)
{
    cJSON *runs = json_add_array(entry, "decided_by");
    for (size_t i = 0; i < 2; i++) {
        const struct optim_problem *p = i ? o->second : o->first;
        cJSON *run = json_append(runs, cJSON_CreateObject());
        optim_problem_add_key(run, p);
        optim_problem_add_count(run, "iterations", optim_problem_counted(p, t));
    }
}

/* The rows of claims.csv, with what decides each and with the verdicts on each function. */
void optim_claims_add(cJSON *root, const struct optim_results *report)
{
    frame_add_json(root, "claims", claim_columns, optim_claims_fill, report);
    cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "claims"), 0);
    for (struct judgement j = {0}; row && next_judgement(report, &j); row = row->next) {
        add_outcome(row, &j.outcome, j.threshold);
        json_add_bool(row, "curves_equal_so_far", equal_so_far(j.claim, &j.outcome, j.threshold));
        cJSON *parts = json_add_array(row, "by_function");
        for (size_t f = 0; f < claim_parts(j.claim); f++) {
            const struct outcome o = evaluate_on(report, j.claim, f, j.threshold);
            if (!o.first)
                continue;
            cJSON *part = json_append(parts, cJSON_CreateObject());
            json_add_string(part, "fn", j.claim->across ? "f1,f2" : claim_fns[f]);
            json_add_string(part, "verdict", verdict_name(o.verdict));
            add_outcome(part, &o, j.threshold);
        }
    }
    size_t absent = 0;
    for (size_t c = 0; c < CLAIMS; c++)
        absent += evaluate(report, &claims[c], 0).first == NULL;
    json_add_number(root, "claims_without_their_runs", (double)absent);
}
