/* optim_claims.c - see optim_claims.h. */
#include "optim_claims.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/cli/verdict_text.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/claim_table.h"
#include "optim_judgement.h"

bool optim_claims_exist(const void *context)
{
    struct optim_judgement j = {0};
    return optim_judgement_next(context, &j);
}

static double or_nan(int64_t iterations)
{
    return iterations < 0 ? (double)NAN : (double)iterations;
}

/* Why it is not decided, and what it is at twice the iterations where that is something else. */
static void explain(struct claim *claim, const struct optim_judgement *j)
{
    const struct optim_outcome *o = &j->outcome, *twice = &j->twice;
    const char *reason = "";
    char text[160] = "", more[192] = "";
    if (optim_judgement_equal_so_far(j))
        reason = "neither stays below in %lld iterations; the curves are equal to rounding as far as they go";
    else if (o->a < 0 && o->b < 0)
        reason = "neither stays below in %lld iterations; give more --iterations";
    else if (o->verdict == VERDICT_UNDECIDED)
        reason = "one of them does not stay below in %lld iterations; give more --iterations";
    snprintf(text, sizeof text, reason, (long long)o->iterations);
    if (j->differs) {
        char a[32] = "not below", b[32] = "not below";
        if (twice->a >= 0)
            snprintf(a, sizeof a, "%lld", (long long)twice->a);
        if (twice->b >= 0)
            snprintf(b, sizeof b, "%lld", (long long)twice->b);
        snprintf(more, sizeof more, "%sin twice the iterations, %lld: %s (%s %s, %s %s)", *text ? "; " : "",
                 (long long)j->twice.iterations, verdict_name(twice->verdict), twice->first->optimizer, a,
                 twice->second->optimizer, b);
    }
    claim_conclude(claim, o->verdict, "%s%s", text, more);
}

/* What decides: single runs without chance, so a difference stands as it is. */
static struct claim claim_of(const struct optim_judgement *j)
{
    const struct optim_outcome *o = &j->outcome;
    char runs[2][64]; /* "momentum f1" */
    snprintf(runs[0], sizeof runs[0], "%s %s", o->first->optimizer, o->first->fn);
    snprintf(runs[1], sizeof runs[1], "%s %s", o->second->optimizer, o->second->fn);
    struct claim claim = claim_make(j->claim->id, j->claim->source, j->claim->text, runs[0], runs[1]);
    claim.lr = OPTIM_HOMEWORK_LR;
    claim.threshold = optim_thresholds[j->threshold].name;
    snprintf(claim.at, sizeof claim.at, "%s", j->place);
    claim.measured = "iteration from which f stays below the threshold";
    claim.iterations = true;
    claim.a.estimate = or_nan(o->a);
    claim.b.estimate = or_nan(o->b);
    claim.effect_name = "difference";
    claim.effect.estimate = claim.a.estimate - claim.b.estimate;
    if (j->claim->relation == OPTIM_EQUAL)
        claim.margin = optim_judgement_margin(o->a, o->b);
    claim.method = "one run each, deterministic";
    claim.n = 1;
    claim.failed = (size_t)(o->first->diverged >= 0) + (size_t)(o->second->diverged >= 0);
    explain(&claim, j);
    return claim;
}

void optim_claims_fill(const void *context, struct frame *frame)
{
    for (struct optim_judgement j = {0}; optim_judgement_next(context, &j);) {
        const struct claim claim = claim_of(&j);
        claim_fill(frame, &claim, NULL);
    }
}

/* ---- the claims for a person ---- */

/* "1139", "1312 (1205)" with the first touch, "never below in 2000" */
static const char *format_passage(char buffer[64], const struct optim_problem *p, size_t t)
{
    char touch[OPTIM_TOUCH_SIZE];
    const struct descent_passage *passage = &p->passages[t];
    optim_problem_touch(touch, passage);
    if (passage->settled >= 0)
        snprintf(buffer, 64, "%lld%s", (long long)passage->settled, touch);
    else
        snprintf(buffer, 64, "not in %llu%s%s", (unsigned long long)p->descent->iterations, *touch ? " " : "", touch);
    return buffer;
}

/* "1e-3 contradicted: 1139, rmsprop 1116"; of several runs that the claim is against, the one that decides is named. */
static void show_judgement(struct flow *flow, const struct optim_judgement *j)
{
    const struct optim_outcome *o = &j->outcome;
    const char *end = j->threshold + 1 == OPTIM_THRESHOLDS ? "" : ";";
    char a[64], b[64], word[VERDICT_TEXT_SIZE], text[256];
    int used = snprintf(text, sizeof text, "%s %s: ", optim_thresholds[j->threshold].name,
                        verdict_text(word, o->verdict, flow->out));
    if (o->a < 0 && o->b < 0)
        used += snprintf(text + used, sizeof text - (size_t)used, "%s",
                         optim_judgement_equal_so_far(j) ? "curves equal so far" : "neither is below");
    else
        used += snprintf(text + used, sizeof text - (size_t)used, "%s, %s%s%s",
                         format_passage(a, o->first, j->threshold), j->claim->second[1] ? o->second->optimizer : "",
                         j->claim->second[1] ? " " : "", format_passage(b, o->second, j->threshold));
    if (!j->differs) {
        snprintf(text + used, sizeof text - (size_t)used, "%s", end);
        flow_piece(flow, text);
        return;
    }
    flow_piece(flow, text);
    snprintf(text, sizeof text, "[in %lld: %s]%s", (long long)j->twice.iterations,
             verdict_text(word, j->twice.verdict, flow->out), end);
    flow_piece(flow, text);
}

static struct flow begin_line(FILE *out, const struct optim_judgement *j)
{
    char label[32];
    snprintf(label, sizeof label, "    %-4s", j->claim->across ? "both" : j->place);
    return flow_begin(out, label, 9);
}

/* A claim has a heading, each function a line, which has the thresholds one behind the other. */
static void show_judgements(const struct optim_results *report, FILE *out)
{
    const struct optim_claim *claim = NULL;
    struct flow flow;
    for (struct optim_judgement j = {0}; optim_judgement_next(report, &j);) {
        if (j.claim != claim)
            fprintf(out, "  %s: %s\n", j.claim->source, j.claim->text);
        claim = j.claim;
        if (j.threshold == 0)
            flow = begin_line(out, &j);
        show_judgement(&flow, &j);
        if (j.threshold + 1 == OPTIM_THRESHOLDS)
            flow_end(&flow);
    }
}

/* "RMSProp on f1 1312", "Adam not within 2000" */
static void say_run(FILE *out, const struct optim_problem *p, int64_t iterations, int64_t within, bool across)
{
    fputs(optim_problem_title(p), out);
    if (across)
        fprintf(out, " on %s", p->fn);
    if (iterations >= 0)
        fprintf(out, " %lld", (long long)iterations);
    else
        fprintf(out, " not within %lld", (long long)within);
}

static void say_runs(FILE *out, const struct optim_outcome *o, bool across)
{
    say_run(out, o->first, o->a, o->iterations, across);
    fputs(", ", out);
    say_run(out, o->second, o->b, o->iterations, across);
}

/* Why longer runs give another verdict, where that is to be seen: one that was below for good went up again. */
static void say_return(FILE *out, const struct optim_judgement *j, bool across)
{
    const struct optim_outcome *o = &j->outcome, *twice = &j->twice;
    const bool first = o->a >= 0 && o->first->optimizer == twice->first->optimizer && o->a != twice->a;
    const bool second = o->b >= 0 && o->second->optimizer == twice->second->optimizer && o->b != twice->b;
    const struct optim_problem *p = first ? o->first : o->second;
    if (!first && !second)
        return;
    fprintf(out, "; %s", optim_problem_title(p));
    if (across)
        fprintf(out, " on %s", p->fn);
    fprintf(out, " rises above the threshold again after iteration %lld", (long long)o->iterations);
}

/* "To 1e-3: contradicted (momentum 1139, RMSProp 1116)." */
static void say_judgement(FILE *out, const struct optim_judgement *j)
{
    const struct optim_outcome *o = &j->outcome;
    const bool across = j->claim->across;
    fprintf(out, " To %s: %s (", optim_thresholds[j->threshold].name, verdict_name(o->verdict));
    if (o->a < 0 && o->b < 0)
        fprintf(out, "neither gets there in %lld iterations%s", (long long)o->iterations,
                optim_judgement_equal_so_far(j) ? ", but the curves are equal to rounding so far" : "");
    else
        say_runs(out, o, across);
    if (j->differs) {
        fprintf(out, "; in %lld iterations %s: ", (long long)j->twice.iterations, verdict_name(j->twice.verdict));
        say_runs(out, &j->twice, across);
        say_return(out, j, across);
    }
    fputs(").", out);
}

/* The claim on the function that `j` is about, from its first threshold on; `j` is left at the last.  *all: the verdict
 * of all thresholds, or "mixed". */
static char *sentence_of(const struct optim_results *report, struct optim_judgement *j, const char **all)
{
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    *all = verdict_name(j->outcome.verdict);
    fputs("Iterations from which f stays below each threshold, in runs of ", text.stream);
    fprintf(text.stream, "%lld.", (long long)j->outcome.iterations);
    say_judgement(text.stream, j);
    while (j->threshold + 1 < OPTIM_THRESHOLDS && optim_judgement_next(report, j)) {
        say_judgement(text.stream, j);
        if (*all != verdict_name(j->outcome.verdict))
            *all = "mixed";
    }
    return output_take(&text, &ignored);
}

const struct frame_column optim_answers_columns[] = {
    {.name = "claim", .type = FRAME_TEXT},
    {.name = "id", .type = FRAME_TEXT},
    {.name = "sentence", .type = FRAME_TEXT},
    {.name = "source", .type = FRAME_TEXT},
    {.name = "at", .type = FRAME_TEXT},
    {.name = "verdicts", .type = FRAME_TEXT}, /* of all thresholds, or "mixed" */
    {.name = NULL},
};

void optim_answers_fill(const void *context, struct frame *frame)
{
    for (struct optim_judgement j = {0}; optim_judgement_next(context, &j);) {
        const char *all = NULL;
        char *sentence = sentence_of(context, &j, &all);
        frame->failed |= !sentence;
        frame_text(frame, j.claim->text);
        frame_text(frame, j.claim->id);
        frame_text(frame, sentence);
        frame_text(frame, j.claim->source);
        frame_text(frame, j.claim->across ? NULL : j.place);
        frame_text(frame, all);
        free(sentence);
    }
}

static void show_legend(const struct optim_results *report, FILE *out)
{
    bool equal = false, differs = false;
    int64_t twice = 0;
    for (struct optim_judgement j = {0}; optim_judgement_next(report, &j);) {
        equal |= optim_judgement_equal_so_far(&j);
        differs |= j.differs;
        twice = j.twice.iterations;
    }
    flow_print(
        out, "  ", 2,
        "The numbers are those iterations, of the two runs that decide; (N): a touch before; as fast: within one "
        "iteration or 1 %.");
    if (equal)
        flow_print(out, "  ", 2,
                   "curves equal so far: neither is below, but they are equal to rounding as far as they go.");
    if (differs)
        flow_say(out, "  ", 2, "[ ]: another verdict in twice the iterations, %lld: the run length decides.",
                 (long long)twice);
    else
        flow_say(out, "  ", 2, "In twice the iterations, %lld, the verdicts are the same.", (long long)twice);
}

static void show_not_judged(size_t count, FILE *out)
{
    flow_say(out, "  ", 2,
             "%zu of %d claims %s about runs that are not here: gd, momentum, rmsprop and adam on f1 and f2 at lr %g, "
             "from their own starts, with the default constants and for %d iterations or more, as `dlexp optim` runs "
             "them",
             count, OPTIM_CLAIMS, count == 1 ? "is" : "are", OPTIM_HOMEWORK_LR, OPTIM_HOMEWORK_ITERATIONS);
}

void optim_claims_show(const struct optim_results *report, FILE *out)
{
    const size_t absent = optim_judgement_absent(report);
    if (absent == OPTIM_CLAIMS) {
        fputs("\nWhat the homework guessed and found is not judged\n", out);
    } else {
        fputc('\n', out);
        flow_say(out, "", 0,
                 "What the homework guessed and found (lr %g), on each function, by the iteration from which f stays "
                 "below the threshold",
                 OPTIM_HOMEWORK_LR);
        show_judgements(report, out);
        show_legend(report, out);
    }
    if (absent > 0)
        show_not_judged(absent, out);
}

/* ---- for a program ---- */

static void add_outcome(cJSON *entry, const struct optim_outcome *o)
{
    cJSON *runs = json_add_array(entry, "decided_by");
    for (size_t i = 0; i < 2; i++) {
        cJSON *run = json_append(runs, cJSON_CreateObject());
        optim_problem_add_key(run, i ? o->second : o->first);
        optim_problem_add_count(run, "stays_below_from", i ? o->b : o->a);
    }
}

/* The rows of claims.csv, with what decides each, and the verdict in twice the iterations. */
void optim_claims_add(cJSON *root, const struct optim_results *report)
{
    frame_add_json(root, "claims", claim_columns, optim_claims_fill, report);
    cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "claims"), 0);
    for (struct optim_judgement j = {0}; row && optim_judgement_next(report, &j); row = row->next) {
        add_outcome(row, &j.outcome);
        json_add_bool(row, "curves_equal_so_far", optim_judgement_equal_so_far(&j));
        cJSON *twice = json_add_object(row, "twice");
        json_add_number(twice, "iterations", (double)j.twice.iterations);
        json_add_string(twice, "verdict", verdict_name(j.twice.verdict));
        add_outcome(twice, &j.twice);
    }
    json_add_number(root, "claims_without_their_runs", (double)optim_judgement_absent(report));
}
