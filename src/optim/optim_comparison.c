#include "optim_comparison.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/table.h"
#include "dlexp/formats/json.h"
#include "optim_claims.h"

struct comparison {
    const char *optimizer;
    double lr;
    const struct optim_problem *f1, *f2;
    bool same_start; /* in eigen-coordinates: f2's descent is f1's turned, if the optimizer does not mind */
    struct optim_curves curves;
    enum curves_relation { EQUAL, DIFFERENT, UNKNOWN } relation; /* unknown: there is nothing past the start */
    const char *ahead; /* the function with the lower objective at first; NULL if equal */
};

static double start_distance(const struct optim_problem *a, const struct optim_problem *b)
{
    double p[2], q[2];
    quadratic_coordinates(&a->quadratic, p, a->descent->init[0], a->descent->init[1]);
    quadratic_coordinates(&b->quadratic, q, b->descent->init[0], b->descent->init[1]);
    return fmax(fabs(p[0] - q[0]), fabs(p[1] - q[1]));
}

/* The index-th pair there is (by optimizer, lr); false past the last. */
static bool compare_functions(const struct optim_results *report, size_t index, struct comparison *c)
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
        c->curves = optim_problem_compare(c->f1, c->f2);
        c->relation = c->curves.lower >= 0 ? DIFFERENT : c->curves.rows > 1 ? EQUAL : UNKNOWN;
        if (c->curves.lower >= 0)
            c->ahead = c->curves.lower == 0 ? "f1" : "f2";
        return true;
    }
    return false;
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

/* The verdict on it, or ABSENT, as for runs that are not the homework's; *finding is its text. */
static enum optim_verdict judge_finding(const struct comparison *c, const char **finding)
{
    *finding = "";
    if (!optim_problem_is_homework(c->f1) || !optim_problem_is_homework(c->f2))
        return ABSENT;
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        if (strcmp(findings[i].optimizer, c->optimizer) != 0)
            continue;
        *finding = findings[i].finding;
        if (c->relation == UNKNOWN)
            return CANNOT_TELL;
        if (findings[i].equal)
            return c->relation == EQUAL ? HOLDS : FAILS;
        return c->curves.lower == 1 && c->curves.overtaken >= 0 ? HOLDS : FAILS;
    }
    return ABSENT;
}

bool optim_comparison_exists(const void *context)
{
    struct comparison c;
    return compare_functions(context, 0, &c);
}

const struct frame_column optim_comparison_columns[] = {
    {.name = "optimizer", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "same_start", .type = FRAME_TEXT},
    {.name = "max_difference", .type = FRAME_REAL},
    {.name = "at_iteration", .type = FRAME_INTEGER},
    {.name = "curves", .type = FRAME_TEXT},
    {.name = "ahead_first", .type = FRAME_TEXT},
    {.name = "overtaken_at", .type = FRAME_INTEGER},
    {.name = "finding", .type = FRAME_TEXT, .quoted = true},
    {.name = "verdict", .type = FRAME_TEXT},
    {.name = "max_relative_difference", .type = FRAME_REAL},
    {.name = "compared_to_iteration", .type = FRAME_INTEGER},
    {.name = NULL},
};

void optim_comparison_fill(const void *context, struct frame *frame)
{
    static const char *const relations[] = {"equal", "different", NULL};
    struct comparison c;
    const char *finding;
    for (size_t i = 0; compare_functions(context, i, &c); i++) {
        const enum optim_verdict verdict = judge_finding(&c, &finding);
        frame_text(frame, c.optimizer);
        frame_real(frame, c.lr);
        frame_text(frame, c.same_start ? "yes" : "no");
        frame_real(frame, c.curves.difference);
        frame_integer(frame, (int64_t)c.curves.at);
        frame_text(frame, relations[c.relation]);
        frame_text(frame, c.ahead);
        optim_problem_fill_count(frame, c.curves.overtaken);
        frame_text(frame, finding); /* "" and not none where there is none: the CSV has always had its quotes */
        frame_text(frame, verdict == ABSENT ? NULL : optim_claims_verdicts[verdict]);
        frame_real(frame, c.curves.share);
        frame_integer(frame, (int64_t)c.curves.rows - 1);
    }
}

int optim_comparison_show(const struct optim_results *report, FILE *out, struct error *err)
{
    static const char *const relations[] = {"equal to rounding", "different", "only the start"};
    struct table table;
    struct comparison c;
    const char *finding;
    char number[NUMBER_TEXT_SIZE];
    bool same_start = true, found = false;
    for (size_t i = 0; compare_functions(report, i, &c); i++)
        found |= judge_finding(&c, &finding) != ABSENT;
    fputs("\nThe same on f1 and f2?\n", out);
    table_begin(&table, found ? 7 : 6, "optimizer", "lr", "max |f1_k - f2_k|", "relative", "curves", "lower",
                "the homework found");
    for (size_t i = 0; compare_functions(report, i, &c); i++) {
        table_cell(&table, "%s", c.optimizer);
        table_cell(&table, "%s", number_format_real(number, c.lr));
        table_cell(&table, "%.3g (k = %zu)", c.curves.difference, c.curves.at);
        table_cell(&table, "%.2g", c.curves.share);
        table_cell(&table, "%s", relations[c.relation]);
        if (!c.ahead)
            table_cell(&table, c.relation == EQUAL ? "neither" : "-");
        else if (c.curves.overtaken < 0)
            table_cell(&table, "%s, never overtaken", c.ahead);
        else
            table_cell(&table, "first %s, from k = %lld %s", c.ahead, (long long)c.curves.overtaken,
                       c.ahead[1] == '1' ? "f2" : "f1");
        const enum optim_verdict verdict = judge_finding(&c, &finding);
        if (found && verdict == ABSENT)
            table_cell(&table, "-");
        else if (found)
            table_cell(&table, "%s: %s", finding, optim_claims_verdicts[verdict]);
        same_start &= c.same_start;
    }
    if (table_end(&table, out, err) < 0)
        return -1;
    fputs("  relative: to the largest f so far; over the iterations that both have\n", out);
    fputs(same_start
              ? "  f2 is f1 turned by 45 degrees. A step along the gradient turns with it (gd, momentum); RMSProp and "
                "Adam "
                "scale x and y\n  each by itself: on f1 these are the steep and the flat direction, on f2 both are "
                "mixed in "
                "each.\n"
              : "  This start is not the same point of f1 and f2 (f2 is f1 turned by 45 degrees): differences are the "
                "start's, too.\n",
          out);
    return 0;
}

void optim_comparison_add(cJSON *root, const struct optim_results *report)
{
    struct comparison c;
    const char *finding;
    cJSON *array = json_add_array(root, "comparison");
    for (size_t i = 0; compare_functions(report, i, &c); i++) {
        cJSON *entry = json_append(array, cJSON_CreateObject());
        json_add_string(entry, "optimizer", c.optimizer);
        json_add_number(entry, "lr", c.lr);
        json_add_bool(entry, "same_start", c.same_start);
        json_add_number(entry, "max_difference", c.curves.difference);
        json_add_number(entry, "max_relative_difference", c.curves.share);
        optim_problem_add_count(entry, "at_iteration", (int64_t)c.curves.at);
        optim_problem_add_count(entry, "compared_to_iteration", (int64_t)c.curves.rows - 1);
        json_add(entry, "equal", c.relation == UNKNOWN ? cJSON_CreateNull() : cJSON_CreateBool(c.relation == EQUAL));
        json_add(entry, "ahead_first", c.ahead ? cJSON_CreateString(c.ahead) : cJSON_CreateNull());
        optim_problem_add_count(entry, "overtaken_at", c.curves.overtaken);
        const enum optim_verdict verdict = judge_finding(&c, &finding);
        if (verdict != ABSENT) {
            json_add_string(entry, "finding", finding);
            json_add_string(entry, "verdict", optim_claims_verdicts[verdict]);
        }
    }
}
