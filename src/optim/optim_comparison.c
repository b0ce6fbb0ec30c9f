#include "optim_comparison.h"

#include <math.h>
#include <string.h>

#include "dlexp/cli/verdict_text.h"
#include "dlexp/formats/flow.h"
#include "optim_twice.h"

enum curves_relation { EQUAL, DIFFERENT, UNKNOWN }; /* unknown: there is nothing past the start */

struct comparison {
    const char *optimizer;
    double lr;
    const struct optim_problem *f1, *f2;
    bool same_start; /* in eigen-coordinates: f2's descent is f1's turned, if the optimizer does not mind */
    struct optim_curves curves;
    enum curves_relation relation;
    const char *ahead; /* the function with the lower objective at first; NULL if equal */
};

static double start_distance(const struct optim_problem *a, const struct optim_problem *b)
{
    double p[2], q[2];
    quadratic_coordinates(&a->quadratic, p, a->descent->init[0], a->descent->init[1]);
    quadratic_coordinates(&b->quadratic, q, b->descent->init[0], b->descent->init[1]);
    return fmax(fabs(p[0] - q[0]), fabs(p[1] - q[1]));
}

static enum curves_relation relation_of(const struct optim_curves *curves)
{
    return curves->lower >= 0 ? DIFFERENT : curves->rows > 1 ? EQUAL : UNKNOWN;
}

/* The index-th pair there is (by optimizer, lr), without its curves; false past the last. */
static bool find_pair(const struct optim_results *report, size_t index, struct comparison *c)
{
    for (size_t i = 0; i < report->count && !report->rotating; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (strcmp(p->fn, "f1") != 0)
            continue;
        *c = (struct comparison){.optimizer = p->optimizer, .lr = p->descent->lr, .f1 = p};
        c->f2 = optim_results_find(report, "f2", p);
        if (!c->f2 || c->f1->rows == 0 || c->f2->rows == 0 || index-- > 0)
            continue;
        c->same_start = start_distance(c->f1, c->f2) <= OPTIM_ROUNDING * (1 + fabs(c->f1->descent->init[0]));
        return true;
    }
    return false;
}

static void compare_curves(struct comparison *c)
{
    c->curves = c->f1->twice && c->f2->twice ? c->f1->twice->curves_before : optim_problem_compare(c->f1, c->f2);
    c->relation = relation_of(&c->curves);
    if (c->curves.lower >= 0)
        c->ahead = c->curves.lower == 0 ? "f1" : "f2";
}

/* What the homework found of an optimizer in its part (c). */
static const struct {
    const char *optimizer, *finding;
    bool equal;
} findings[] = {
    {"gd", "the same", true},
    {"momentum", "the same", true},
    {"rmsprop", "f2 first, then f1", false},
    {"adam", "f2 first, then f1", false},
};

/* What it found of the optimizer; -1: nothing, as of runs that are not its own. */
static int find_finding(const struct comparison *c)
{
    for (size_t i = 0; i < sizeof findings / sizeof *findings && c->f1->twice && c->f2->twice; i++)
        if (strcmp(findings[i].optimizer, c->optimizer) == 0)
            return (int)i;
    return -1;
}

static enum verdict judge(int finding, const struct optim_curves *curves)
{
    const enum curves_relation relation = relation_of(curves);
    if (relation == UNKNOWN)
        return VERDICT_UNDECIDED;
    const bool so = findings[finding].equal ? relation == EQUAL : curves->lower == 1 && curves->overtaken >= 0;
    return so ? VERDICT_SUPPORTED : VERDICT_CONTRADICTED;
}

/* The finding and its verdict, which a person reads below the table. */
static void fill_finding(struct frame *frame, const struct comparison *c)
{
    const int finding = find_finding(c);
    if (finding < 0) {
        frame_text(frame, ""); /* and not none: the CSV has always had its quotes */
        frame_none(frame);
        return;
    }
    const enum verdict verdict = judge(finding, &c->curves);
    frame_text(frame, findings[finding].finding);
    frame_text(frame, verdict_name(verdict));
}

/* Why a verdict hangs on where the runs stop, if it does. */
static void fill_reason(struct frame *frame, const struct comparison *c)
{
    const int finding = find_finding(c);
    char reason[96] = "";
    if (finding >= 0 && judge(finding, &c->curves) != judge(finding, &c->f1->twice->curves))
        snprintf(reason, sizeof reason, "in twice the iterations, %lld: %s", (long long)c->f1->twice->iterations,
                 verdict_name(judge(finding, &c->f1->twice->curves)));
    frame_text(frame, *reason ? reason : NULL);
}

bool optim_comparison_exists(const void *context)
{
    struct comparison c;
    return find_pair(context, 0, &c);
}

const struct frame_column optim_comparison_columns[] = {
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    {.name = "same_start", .type = FRAME_BOOL},
    {.name = "max_difference", .type = FRAME_REAL, .title = "largest gap", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "at_iteration", .type = FRAME_INTEGER, .title = "at k"},
    {.name = "curves", .type = FRAME_TEXT, .title = "curves"},
    {.name = "ahead_first", .type = FRAME_TEXT, .title = "lower first"},
    {.name = "overtaken_at", .type = FRAME_INTEGER, .title = "overtaken at k"},
    {.name = "finding", .type = FRAME_TEXT, .quoted = true},
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "max_relative_difference", .type = FRAME_REAL, .title = "relative", .shown = SHOWN_DIGITS, .places = 2},
    {.name = "compared_to_iteration", .type = FRAME_INTEGER},
    {.name = "equal", .type = FRAME_BOOL, .csv = ""},
    OPTIM_ITERATIONS_COLUMNS("f1_iterations_to"),
    OPTIM_ITERATIONS_COLUMNS("f1_stays_below_from"),
    OPTIM_ITERATIONS_COLUMNS("f2_iterations_to"),
    OPTIM_ITERATIONS_COLUMNS("f2_stays_below_from"),
    {.name = "reason", .type = FRAME_TEXT},
    {.name = NULL},
};

/* A person also reads how equal they are, and why nothing else is said. */
static void fill_curves(struct frame *frame, const struct comparison *c)
{
    static const char *const relations[] = {"equal", "different", NULL};
    if (c->relation != DIFFERENT)
        frame_note(frame, "%s", c->relation == EQUAL ? " to rounding" : "only the start");
    frame_text(frame, relations[c->relation]);
    if (c->relation == EQUAL)
        frame_note(frame, "neither");
    frame_text(frame, c->ahead);
    if (c->ahead && c->curves.overtaken < 0)
        frame_note(frame, "never");
    optim_problem_fill_count(frame, c->curves.overtaken);
}

void optim_comparison_fill(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    struct comparison c;
    for (size_t i = 0; find_pair(report, i, &c); i++) {
        compare_curves(&c);
        frame_text(frame, c.optimizer);
        frame_real(frame, c.lr);
        grid_fill(frame, c.f1->run->config);
        frame_bool(frame, c.same_start);
        frame_real(frame, c.curves.difference);
        frame_integer(frame, (int64_t)c.curves.at);
        fill_curves(frame, &c);
        fill_finding(frame, &c);
        frame_real(frame, c.curves.share);
        frame_integer(frame, (int64_t)c.curves.rows - 1);
        if (c.relation == UNKNOWN)
            frame_none(frame);
        else
            frame_bool(frame, c.relation == EQUAL);
        optim_problem_fill_passages(frame, c.f1, OPTIM_ITERATIONS_TO);
        optim_problem_fill_passages(frame, c.f1, OPTIM_STAYS_BELOW_FROM);
        optim_problem_fill_passages(frame, c.f2, OPTIM_ITERATIONS_TO);
        optim_problem_fill_passages(frame, c.f2, OPTIM_STAYS_BELOW_FROM);
        fill_reason(frame, &c);
    }
}

/* "rmsprop: the homework found "f2 first, then f1": supported" */
static void show_finding(const struct comparison *c, FILE *out)
{
    const int finding = find_finding(c);
    char word[VERDICT_TEXT_SIZE], other[VERDICT_TEXT_SIZE];
    if (finding < 0)
        return;
    const enum verdict verdict = judge(finding, &c->curves), twice = judge(finding, &c->f1->twice->curves);
    struct flow flow = flow_begin(out, "  ", 2);
    flow_text(&flow, c->optimizer);
    flow_text(&flow, ": the homework found \"");
    flow_text(&flow, findings[finding].finding);
    flow_text(&flow, "\": ");
    flow_piece(&flow, verdict_text(word, verdict, out));
    if (twice != verdict) {
        char text[VERDICT_TEXT_SIZE + 48];
        snprintf(text, sizeof text, "[in %lld: %s]", (long long)c->f1->twice->iterations,
                 verdict_text(other, twice, out));
        flow_piece(&flow, text);
    }
    flow_end(&flow);
}

/* Why some curves are the same, of the optimizers that are here. */
static void explain_turn(const struct optim_results *report, FILE *out)
{
    char names[OPTIM_OPTIMIZERS_SIZE];
    flow_print(out, "  ", 2, "f2 is f1 turned by 45 degrees.");
    if (optim_results_optimizers(names, report, true) > 0)
        flow_say(out, "  ", 2, "A step along the gradient, as of %s, turns with it.", names);
    const size_t others = optim_results_optimizers(names, report, false);
    if (others > 0)
        flow_say(out, "  ", 2,
                 "%s scale%s x and y each by itself: on f1 these are the steep and the flat direction, on f2 both are "
                 "mixed in each.",
                 names, others == 1 ? "s" : "");
}

int optim_comparison_show(const struct optim_results *report, FILE *out, struct error *err)
{
    const struct grid_keys keys = OPTIM_COMPARISON_KEYS;
    struct comparison c;
    bool same_start = true;
    fputs("\nThe same on f1 and f2?\n", out);
    if (grid_print(&report->grid, out, optim_comparison_columns, keys, optim_comparison_fill, report, err) < 0)
        return -1;
    flow_print(
        out, "  ", 2,
        "largest gap: of f1 and f2 at the same iteration k, over the iterations that both have; relative: to the "
        "largest f so far");
    for (size_t i = 0; find_pair(report, i, &c); i++) {
        compare_curves(&c);
        show_finding(&c, out);
        same_start &= c.same_start;
    }
    if (same_start)
        explain_turn(report, out);
    else
        flow_print(out, "  ", 2,
                   "This start is not the same point of f1 and f2 (f2 is f1 turned by 45 degrees): differences are the "
                   "start's, too.");
    return 0;
}
