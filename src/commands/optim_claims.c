#include "optim_claims.h"

#include <math.h>
#include <string.h>

#include "dlexp/csv.h"
#include "dlexp/json.h"
#include "dlexp/table.h"

const char *const optim_claims_verdicts[] = {"", "holds", "fails", "cannot tell"};

enum relation { FASTER, EQUAL };

/* Each of `first` against each of `second`: on f1 and on f2 by themselves, or (across) the first on f1 with the second
 * on f2. */
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

/* Of all pairs the first that fails, else the first that cannot be told, else the closest that holds. */
static struct outcome evaluate(const struct optim_report *report, const struct claim *claim, double lr, size_t t)
{
    struct outcome outcome = {ABSENT, NULL, NULL};
    for (size_t f = 0; f < (claim->across ? 1 : 2); f++)
        for (const char *const *a = claim->first; a < claim->first + 4 && *a; a++)
            for (const char *const *b = claim->second; b < claim->second + 4 && *b; b++) {
                struct outcome pair = {ABSENT, optim_report_find(report, claim_fns[f], *a, lr),
                                       optim_report_find(report, claim_fns[claim->across ? 1 : f], *b, lr)};
                if (!pair.first || !pair.second)
                    continue;
                pair.verdict = compare(claim->relation, optim_problem_counted(pair.first, t),
                                       optim_problem_counted(pair.second, t), report->config->iterations);
                bool tighter =
                    pair.verdict == HOLDS && outcome.verdict == HOLDS && closeness(&pair, t) > closeness(&outcome, t);
                if (outcome.verdict == ABSENT || tighter || (outcome.verdict != FAILS && pair.verdict == FAILS) ||
                    (outcome.verdict == HOLDS && pair.verdict == CANNOT_TELL))
                    outcome = pair;
            }
    return outcome;
}

/* A claim at a rate and a threshold that there are runs for. */
struct judgement {
    size_t next; /* where the walk goes on; 0 at first */
    const struct claim *claim;
    double lr;
    size_t threshold;
    struct outcome outcome;
};

/* The next one, by rate, claim, threshold; false past the last. */
static bool next_judgement(const struct optim_report *report, struct judgement *j)
{
    while (j->next < report->config->lrs.count * CLAIMS * OPTIM_THRESHOLDS) {
        const size_t index = j->next++;
        j->lr = report->config->lrs.values[index / (CLAIMS * OPTIM_THRESHOLDS)];
        j->claim = &claims[index / OPTIM_THRESHOLDS % CLAIMS];
        j->threshold = index % OPTIM_THRESHOLDS;
        j->outcome = evaluate(report, j->claim, j->lr, j->threshold);
        if (j->outcome.verdict != ABSENT)
            return true;
    }
    return false;
}

bool optim_claims_exist(const void *context)
{
    const struct optim_report *report = context;
    for (size_t c = 0; c < CLAIMS && !report->rotating; c++)
        for (size_t l = 0; l < report->config->lrs.count; l++)
            if (evaluate(report, &claims[c], report->config->lrs.values[l], 0).verdict != ABSENT)
                return true;
    return false;
}

void optim_claims_print(const void *context, FILE *out)
{
    const struct optim_report *report = context;
    fputs("source,claim,lr,threshold,verdict,first,first_iterations,second,second_iterations\n", out);
    for (struct judgement j = {0}; next_judgement(report, &j);) {
        fprintf(out, "%s,%s,", j.claim->source, j.claim->text);
        csv_print_real(out, j.lr);
        fprintf(out, ",%s,%s", optim_thresholds[j.threshold].name, optim_claims_verdicts[j.outcome.verdict]);
        for (size_t i = 0; i < 2; i++) {
            const struct optim_problem *p = i ? j.outcome.second : j.outcome.first;
            fprintf(out, ",%s %s,", p->optimizer, p->fn);
            if (optim_problem_counted(p, j.threshold) >= 0)
                fprintf(out, "%lld", (long long)optim_problem_counted(p, j.threshold));
        }
        fputc('\n', out);
    }
}

/* "momentum f1", with the rate where there are several. */
static const char *problem_label(char buffer[96], const struct optim_report *report, const struct optim_problem *p)
{
    snprintf(buffer, 96, report->config->lrs.count > 1 ? "%s %s lr %g" : "%s %s", p->optimizer, p->fn, p->descent->lr);
    return buffer;
}

/*
 * The problem with the least iterations after those of `before`, or of those equal the next one; NULL if there is none.
 * Only problems that end below the threshold are ranked.
 */
static const struct optim_problem *next_ranked(const struct optim_report *report, size_t t,
                                               const struct optim_problem *before)
{
    const struct optim_problem *best = NULL;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++) {
        const int64_t iterations = optim_problem_counted(p, t);
        const bool behind = iterations >= 0 && (!before || iterations > optim_problem_counted(before, t) ||
                                                (iterations == optim_problem_counted(before, t) && p > before));
        if (behind && (!best || iterations < optim_problem_counted(best, t)))
            best = p;
    }
    return best;
}

/* Broken before a problem that would not end by column 116. */
void optim_claims_show_ranking(const struct optim_report *report, FILE *out)
{
    enum { INDENT = 8, WIDTH = 116 };
    char text[128], label[96];
    fprintf(out, "\nRanking, fastest first\n");
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const struct optim_problem *before = NULL, *p;
        size_t column = INDENT;
        fprintf(out, "  %-*s", INDENT - 2, optim_thresholds[t].name);
        for (; (p = next_ranked(report, t, before)) != NULL; before = p) {
            const char *relation = !before ? "" : p->reached[t] == before->reached[t] ? " = " : " > ";
            snprintf(text, sizeof text, "%s%s%s", relation, problem_label(label, report, p),
                     optim_problem_rose_again(p, t) ? "*" : "");
            if (column + strlen(text) > WIDTH) {
                fprintf(out, "\n%*s", INDENT - 1, "");
                column = INDENT - 1;
            }
            column += strlen(text);
            fputs(text, out);
        }
        fprintf(out, "%s\n", before ? "" : "none ends below");
    }
    if (optim_claims_exist(report))
        fprintf(
            out,
            "  the homework's guess: (momentum f1 = momentum f2) > [(rmsprop f1 > rmsprop f2) = (adam f1 = adam f2)] > "
            "(gd f2 = gd f1)\n");
}

static const char *format_reached(char buffer[32], const struct optim_report *report, const struct optim_problem *p,
                                  size_t t)
{
    if (optim_problem_counted(p, t) >= 0)
        snprintf(buffer, 32, "%lld%s", (long long)p->reached[t], optim_problem_rose_again(p, t) ? "*" : "");
    else
        snprintf(buffer, 32, p->diverged < 0 ? ">%lld" : "never", (long long)report->config->iterations);
    return buffer;
}

int optim_claims_show(const struct optim_report *report, FILE *out, struct error *err)
{
    char a[32], b[32], title[64];
    for (size_t l = 0; l < report->config->lrs.count; l++) {
        struct table table;
        title[0] = '\0';
        if (report->config->lrs.count > 1)
            snprintf(title, sizeof title, " (lr %g)", report->config->lrs.values[l]);
        fprintf(out, "\nWhat the homework guessed and found%s, by iterations until f is below\n", title);
        table_begin(&table, 6, "", "claim", optim_thresholds[0].name, optim_thresholds[1].name,
                    optim_thresholds[2].name, optim_thresholds[3].name);
        for (size_t c = 0; c < CLAIMS; c++) {
            if (evaluate(report, &claims[c], report->config->lrs.values[l], 0).verdict == ABSENT)
                continue;
            table_cell(&table, "%s", claims[c].source);
            table_cell(&table, "%s", claims[c].text);
            for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
                const struct outcome o = evaluate(report, &claims[c], report->config->lrs.values[l], t);
                if (o.verdict == CANNOT_TELL)
                    table_cell(&table, "cannot tell");
                else
                    table_cell(&table, "%s: %s, %s", optim_claims_verdicts[o.verdict],
                               format_reached(a, report, o.first, t), format_reached(b, report, o.second, t));
            }
        }
        if (table_end(&table, out, err) < 0)
            return -1;
    }
    fputs("  numbers: the pair of runs that decides; equal: within one iteration or 1 %; cannot tell: neither got "
          "there;\n  there: below at the end, too\n",
          out);
    return 0;
}

void optim_claims_add(cJSON *root, const struct optim_report *report)
{
    cJSON *array = json_add_array(root, "claims");
    for (struct judgement j = {0}; next_judgement(report, &j);) {
        cJSON *entry = json_append(array, cJSON_CreateObject()), *runs;
        json_add_string(entry, "source", j.claim->source);
        json_add_string(entry, "claim", j.claim->text);
        json_add_number(entry, "lr", j.lr);
        json_add_number(entry, "threshold", optim_thresholds[j.threshold].value);
        json_add_string(entry, "verdict", optim_claims_verdicts[j.outcome.verdict]);
        runs = json_add_array(entry, "decided_by");
        for (size_t i = 0; i < 2; i++) {
            const struct optim_problem *p = i ? j.outcome.second : j.outcome.first;
            cJSON *run = json_append(runs, cJSON_CreateObject());
            optim_problem_add_key(run, p);
            optim_problem_add_count(run, "iterations", optim_problem_counted(p, j.threshold));
        }
    }
}
