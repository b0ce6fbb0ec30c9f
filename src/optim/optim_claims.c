#include "optim_claims.h"

#include <math.h>
#include <string.h>

#include "dlexp/cli/table.h"
#include "dlexp/formats/json.h"

const char *const optim_claims_verdicts[] = {"", "holds", "fails", "cannot tell"};

enum relation { FASTER, EQUAL };

/* Each of `first` against each of `second`: on f1 and on f2 by themselves, or (across) the first on f1 with the second
 * on f2.  All are about the homework's setting (optim_problem_is_homework). */
static const struct claim {
    const char *source, *text;
    enum relation relation;
    bool across;
    const char *first[4], *second[4];
} claims[] = {
    {"guess", "momentum is as fast on f1 as on f2", EQUAL, true, {"momentum"}, {"momentum"}},
    {"guess", "momentum is faster than RMSProp and Adam", FASTER, false, {"momentum"}, {"rmsprop", "adam"}},
    {"guess", "RMSProp is faster on f1 than on f2", FASTER, true, {"rmsprop"}, {"rmsprop"}},
    {"guess", "RMSProp is as fast as Adam", EQUAL, false, {"rmsprop"}, {"adam"}},
    {"guess", "Adam is as fast on f1 as on f2", EQUAL, true, {"adam"}, {"adam"}},
    {"guess", "RMSProp is faster than GD", FASTER, false, {"rmsprop"}, {"gd"}},
    {"guess", "Adam is faster than GD", FASTER, false, {"adam"}, {"gd"}},
    {"guess", "GD is as fast on f1 as on f2", EQUAL, true, {"gd"}, {"gd"}},
    {"finding", "momentum is the fastest", FASTER, false, {"momentum"}, {"gd", "rmsprop", "adam"}},
    {"finding", "momentum is faster than GD", FASTER, false, {"momentum"}, {"gd"}},
};
enum { CLAIMS = sizeof claims / sizeof *claims };
static const char *const claim_fns[2] = {"f1", "f2"};

/* A verdict and the pair of problems that decides it. */
struct outcome {
    enum optim_verdict verdict;
    const struct optim_problem *first, *second;
};

/* Iteration counts are equal when they differ by at most one iteration or one percent. */
static bool nearly_equal(double a, double b)
{
    return fabs(a - b) <= fmax(1, 0.01 * fmax(a, b));
}

/* iterations: steps of both; a run that is not below the threshold at the end would need more. */
static enum optim_verdict compare(enum relation relation, int64_t a, int64_t b, int64_t iterations)
{
    if (a < 0 && b < 0)
        return CANNOT_TELL;
    if (relation == FASTER)
        return a >= 0 && (b < 0 || a < b) ? HOLDS : FAILS;
    if (a >= 0 && b >= 0)
        return nearly_equal((double)a, (double)b) ? HOLDS : FAILS;
    return nearly_equal((double)(a < 0 ? b : a), (double)iterations + 1) ? CANNOT_TELL : FAILS;
}

/* How close a pair is to failing: the larger, the closer. */
static double closeness(const struct outcome *o, size_t t)
{
    const double a = (double)optim_problem_counted(o->first, t), b = (double)optim_problem_counted(o->second, t);
    return b < 0 ? 0 : a / fmax(b, 1);
}

/* Of two outcomes the one that decides: the first that fails, else the first that cannot be told, else the closest that
 * holds. */
static struct outcome worse(struct outcome a, struct outcome b, size_t t)
{
    const bool tighter = b.verdict == HOLDS && a.verdict == HOLDS && closeness(&b, t) > closeness(&a, t);
    return a.verdict == ABSENT || tighter || (a.verdict != FAILS && b.verdict == FAILS) ||
                   (a.verdict == HOLDS && b.verdict == CANNOT_TELL)
               ? b
               : a;
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

/* On one function, or (across) on both; absent unless every run that the claim is about is there. */
static struct outcome evaluate_on(const struct optim_results *report, const struct claim *claim, size_t fn, size_t t)
{
    struct outcome outcome = {ABSENT, NULL, NULL};
    for (const char *const *a = claim->first; a < claim->first + 4 && *a; a++)
        for (const char *const *b = claim->second; b < claim->second + 4 && *b; b++) {
            struct outcome pair = {ABSENT, find_homework(report, claim_fns[fn], *a),
                                   find_homework(report, claim_fns[claim->across ? 1 : fn], *b)};
            if (!pair.first || !pair.second)
                return (struct outcome){ABSENT, NULL, NULL};
            pair.verdict = compare(claim->relation, optim_problem_counted(pair.first, t),
                                   optim_problem_counted(pair.second, t), (int64_t)pair.first->descent->iterations);
            outcome = worse(outcome, pair, t);
        }
    return outcome;
}

/* Functions that a claim is judged on one by one. */
static size_t claim_parts(const struct claim *claim)
{
    return claim->across ? 1 : 2;
}

/* Over the functions that it can be judged on. */
static struct outcome evaluate(const struct optim_results *report, const struct claim *claim, size_t t)
{
    struct outcome outcome = {ABSENT, NULL, NULL};
    for (size_t f = 0; f < claim_parts(claim); f++) {
        const struct outcome part = evaluate_on(report, claim, f, t);
        if (part.verdict != ABSENT)
            outcome = worse(outcome, part, t);
    }
    return outcome;
}

/* Whether the two curves of an undecided "as fast on f1 as on f2" are equal to rounding as far as they go. */
static bool equal_so_far(const struct claim *claim, const struct outcome *o, size_t t)
{
    if (!claim->across || claim->relation != EQUAL || o->verdict != CANNOT_TELL ||
        optim_problem_counted(o->first, t) >= 0 || optim_problem_counted(o->second, t) >= 0)
        return false;
    const struct optim_curves curves = optim_problem_compare(o->first, o->second);
    return curves.lower < 0 && curves.rows > 1;
}

/* A claim at a threshold that there are runs for. */
struct judgement {
    size_t next; /* where the walk goes on; 0 at first */
    const struct claim *claim;
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
        if (j->outcome.verdict != ABSENT)
            return true;
    }
    return false;
}

bool optim_claims_exist(const void *context)
{
    struct judgement j = {0};
    return next_judgement(context, &j);
}

const struct frame_column optim_claims_columns[] = {
    {.name = "source", .type = FRAME_TEXT},
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "threshold", .type = FRAME_TEXT}, /* spelled as in the names of other tables' columns */
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "first", .type = FRAME_TEXT},
    {.name = "first_iterations", .type = FRAME_INTEGER},
    {.name = "second", .type = FRAME_TEXT},
    {.name = "second_iterations", .type = FRAME_INTEGER},
    {.name = NULL},
};

void optim_claims_fill(const void *context, struct frame *frame)
{
    for (struct judgement j = {0}; next_judgement(context, &j);) {
        char runs[2][32]; /* "momentum f1"; both are there until their row is whole */
        frame_text(frame, j.claim->source);
        frame_text(frame, j.claim->text);
        frame_real(frame, OPTIM_HOMEWORK_LR);
        frame_text(frame, optim_thresholds[j.threshold].name);
        frame_text(frame, optim_claims_verdicts[j.outcome.verdict]);
        for (size_t i = 0; i < 2; i++) {
            const struct optim_problem *p = i ? j.outcome.second : j.outcome.first;
            snprintf(runs[i], sizeof runs[i], "%s %s", p->optimizer, p->fn);
            frame_text(frame, runs[i]);
            optim_problem_fill_count(frame, optim_problem_counted(p, j.threshold));
        }
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

/* "holds: 83, 666"; of several runs that the claim is against, the one that decides has its name. */
static void verdict_cell(struct table *table, const struct optim_results *report, const struct claim *claim, size_t fn,
                         size_t t)
{
    const struct outcome o = evaluate_on(report, claim, fn, t);
    const bool neither = optim_problem_counted(o.first, t) < 0 && optim_problem_counted(o.second, t) < 0;
    char a[32], b[32];
    if (equal_so_far(claim, &o, t))
        table_cell(table, "equal so far");
    else if (neither)
        table_cell(table, "neither there");
    else
        table_cell(table, "%s: %s, %s%s%s", optim_claims_verdicts[o.verdict], format_reached(a, report, o.first, t),
                   claim->second[1] ? o.second->optimizer : "", claim->second[1] ? " " : "",
                   format_reached(b, report, o.second, t));
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
    struct table table;
    size_t absent = 0;
    bool equal = false;
    for (size_t c = 0; c < CLAIMS; c++)
        absent += evaluate(report, &claims[c], 0).verdict == ABSENT;
    if (absent == CLAIMS) {
        fputs("\nWhat the homework guessed and found is not judged\n", out);
        show_not_judged(absent, out);
        return 0;
    }
    fprintf(out, "\nWhat the homework guessed and found (lr %g), by iterations until f is below\n", OPTIM_HOMEWORK_LR);
    table_begin(&table, 7, "", "claim", "on", optim_thresholds[0].name, optim_thresholds[1].name,
                optim_thresholds[2].name, optim_thresholds[3].name);
    for (size_t c = 0; c < CLAIMS; c++)
        for (size_t f = 0; f < claim_parts(&claims[c]); f++) {
            if (evaluate_on(report, &claims[c], f, 0).verdict == ABSENT)
                continue;
            table_cell(&table, "%s", claims[c].source);
            table_cell(&table, "%s", claims[c].text);
            table_cell(&table, "%s", claims[c].across ? "both" : claim_fns[f]);
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
                const struct outcome o = evaluate_on(report, &claims[c], f, t);
                equal |= equal_so_far(&claims[c], &o, t);
                verdict_cell(&table, report, &claims[c], f, t);
            }
        }
    if (table_end(&table, out, err) < 0)
        return -1;
    fputs(
        "  numbers: iterations of the two runs compared, of several the one that decides; equal: within one iteration "
        "or 1 %;\n  there: below at the end, too\n",
        out);
    if (equal)
        fputs("  equal so far: neither is there, but the curves on f1 and f2 are equal to rounding at every iteration: "
              "as far as\n  they go the claim holds\n",
              out);
    if (absent > 0)
        show_not_judged(absent, out);
    return 0;
}

/* ---- for a program ---- */

static void add_outcome(cJSON *entry, const struct outcome *o, size_t t)
{
    cJSON *runs;
    json_add_string(entry, "verdict", optim_claims_verdicts[o->verdict]);
    runs = json_add_array(entry, "decided_by");
    for (size_t i = 0; i < 2; i++) {
        const struct optim_problem *p = i ? o->second : o->first;
        cJSON *run = json_append(runs, cJSON_CreateObject());
        optim_problem_add_key(run, p);
        optim_problem_add_count(run, "iterations", optim_problem_counted(p, t));
    }
}

void optim_claims_add(cJSON *root, const struct optim_results *report)
{
    cJSON *array = json_add_array(root, "claims");
    for (struct judgement j = {0}; next_judgement(report, &j);) {
        cJSON *entry = json_append(array, cJSON_CreateObject()), *parts;
        json_add_string(entry, "source", j.claim->source);
        json_add_string(entry, "claim", j.claim->text);
        json_add_number(entry, "lr", OPTIM_HOMEWORK_LR);
        json_add_number(entry, "threshold", optim_thresholds[j.threshold].value);
        add_outcome(entry, &j.outcome, j.threshold);
        json_add_bool(entry, "curves_equal_so_far", equal_so_far(j.claim, &j.outcome, j.threshold));
        parts = json_add_array(entry, "by_function");
        for (size_t f = 0; f < claim_parts(j.claim); f++) {
            const struct outcome o = evaluate_on(report, j.claim, f, j.threshold);
            if (o.verdict == ABSENT)
                continue;
            cJSON *part = json_append(parts, cJSON_CreateObject());
            json_add_string(part, "fn", j.claim->across ? "f1,f2" : claim_fns[f]);
            add_outcome(part, &o, j.threshold);
        }
    }
    size_t absent = 0;
    for (size_t c = 0; c < CLAIMS; c++)
        absent += evaluate(report, &claims[c], 0).verdict == ABSENT;
    json_add_number(root, "claims_without_their_runs", (double)absent);
}
