#include "optim_rotation.h"

#include <math.h>

#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/statistics/claim.h"
#include "optim_phases.h"

/* An optimizer at a learning rate, over all angles of --rotate. */
struct turning {
    const char *optimizer;
    double lr;
    double difference; /* max over angles and k of |f_k - f_k at the first angle| */
    double share;      /* the same, relative to the largest f so far */
    struct {
        int64_t low, high; /* iterations from which on f stays below, of the angles where it does; -1 */
        size_t missed;     /* angles where it does not */
    } settled[OPTIM_THRESHOLDS];
    enum { INDEPENDENT, DEPENDS, UNKNOWN } relation; /* unknown: at some angle there is nothing past the start */
};

/* The angles are the outermost axis, and the only one besides optimizers and rates. */
static size_t pairs_of(const struct optim_results *report)
{
    return report->count / grid_axis(&report->grid, "angle")->count;
}

static const struct optim_problem *turned_problem(const struct optim_results *report, size_t pair, size_t angle)
{
    return &report->problems[angle * pairs_of(report) + pair];
}

static struct turning find_turning(const struct optim_results *report, size_t pair)
{
    const size_t pairs = pairs_of(report);
    const struct optim_problem *first = turned_problem(report, pair, 0);
    struct turning turning = {.optimizer = first->optimizer, .lr = first->descent->lr};
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        turning.settled[t].low = turning.settled[t].high = -1;
        for (size_t a = 0; a < report->count / pairs; a++) {
            const int64_t settled = turned_problem(report, pair, a)->passages[t].settled;
            turning.settled[t].missed += settled < 0;
            if (settled >= 0 && (turning.settled[t].low < 0 || settled < turning.settled[t].low))
                turning.settled[t].low = settled;
            if (settled > turning.settled[t].high)
                turning.settled[t].high = settled;
        }
    }
    for (size_t a = 1; a < report->count / pairs; a++) {
        const struct optim_curves curves = optim_problem_compare(first, turned_problem(report, pair, a));
        turning.difference = fmax(turning.difference, curves.difference);
        turning.share = fmax(turning.share, curves.share);
        if (curves.lower >= 0)
            turning.relation = DEPENDS;
        else if (curves.rows < 2 && turning.relation == INDEPENDENT)
            turning.relation = UNKNOWN;
    }
    return turning;
}

const struct frame_column optim_rotation_columns[] = {
    {.name = "angle", .type = FRAME_REAL},
    {.name = "optimizer", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "final_objective", .type = FRAME_REAL},
    OPTIM_ITERATIONS_COLUMNS("iterations_to"),
    OPTIM_ITERATIONS_COLUMNS("stays_below_from"),
    {.name = "max_difference_to_first_angle", .type = FRAME_REAL},
    {.name = NULL},
};

void optim_rotation_fill(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    const size_t pairs = pairs_of(report);
    for (size_t pair = 0; pair < pairs; pair++)
        for (size_t a = 0; a < report->count / pairs; a++) {
            const struct optim_problem *p = turned_problem(report, pair, a);
            frame_real(frame, p->quadratic.angle);
            frame_text(frame, p->optimizer);
            frame_real(frame, p->descent->lr);
            frame_real(frame, optim_problem_final(p));
            optim_problem_fill_passages(frame, p, OPTIM_ITERATIONS_TO);
            optim_problem_fill_passages(frame, p, OPTIM_STAYS_BELOW_FROM);
            frame_real(frame, optim_problem_compare(turned_problem(report, pair, 0), p).difference);
        }
}

/* Over the angles; JSON has the iterations as a list of its own. */
#define RANGE_COLUMN(object, threshold)                                                                                \
    {                                                                                                                  \
        .name = #threshold, .type = FRAME_INTEGER, .not_json = true, .title = #threshold                               \
    }
static const struct frame_column turnings_columns[] = {
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    OPTIM_EACH_THRESHOLD(RANGE_COLUMN, ),
    {.name = "max_difference", .type = FRAME_REAL, .title = "largest gap", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "max_relative_difference", .type = FRAME_REAL, .title = "relative", .shown = SHOWN_DIGITS, .places = 2},
    {.name = "depends_on_angle", .type = FRAME_BOOL, .title = "depends on the angle"},
    {.name = NULL},
};

/* "83..100 (2 not)": the least, which the cell holds, the most, and at how many angles it does not stay below. */
static void fill_ranges(struct frame *frame, const struct turning *turning)
{
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        const int64_t low = turning->settled[t].low, high = turning->settled[t].high;
        char most[32] = "", missed[48] = "";
        if (low < high)
            snprintf(most, sizeof most, "..%lld", (long long)high);
        if (turning->settled[t].missed > 0)
            snprintf(missed, sizeof missed, " (%zu not)", turning->settled[t].missed);
        if (low >= 0)
            frame_note(frame, "%s%s", most, missed);
        optim_problem_fill_count(frame, low);
    }
}

static void fill_turnings(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    for (size_t pair = 0; pair < pairs_of(report); pair++) {
        const struct turning turning = find_turning(report, pair);
        frame_text(frame, turning.optimizer);
        frame_real(frame, turning.lr);
        fill_ranges(frame, &turning);
        frame_reals(frame, (const double[]){turning.difference, turning.share}, 2);
        if (turning.relation == UNKNOWN) {
            frame_note(frame, "%s", verdict_name(VERDICT_UNDECIDED));
            frame_none(frame);
        } else {
            frame_note(frame, "%s", turning.relation == INDEPENDENT ? ", equal to rounding" : "");
            frame_bool(frame, turning.relation == DEPENDS);
        }
    }
}

int optim_rotation_show(const struct optim_results *report, FILE *out, struct error *err)
{
    flow_say(out, "", 0, "The iteration from which f stays below, over %zu angles from %g to %g degrees",
             report->count / pairs_of(report), report->problems[0].quadratic.angle,
             report->problems[report->count - 1].quadratic.angle);
    if (frame_print(&frame_terminal, out, turnings_columns, fill_turnings, report, err) < 0)
        return -1;
    flow_print(
        out, "  ", 2,
        "largest gap: to f at the first angle and the same iteration, over the iterations that both angles have; "
        "relative: to the largest f so far");
    optim_phases_show_rate_error(report, out);
    return 0;
}

void optim_rotation_add(cJSON *root, const struct optim_results *report)
{
    frame_add_json(root, "rotation", turnings_columns, fill_turnings, report);
    cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rotation"), 0);
    for (size_t pair = 0; row; row = row->next, pair++) {
        const struct turning turning = find_turning(report, pair);
        cJSON *ranges = json_add_array(row, "stays_below_from");
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            cJSON *range = json_append(ranges, cJSON_CreateObject());
            json_add_number(range, "threshold", optim_thresholds[t].value);
            optim_problem_add_count(range, "least", turning.settled[t].low);
            optim_problem_add_count(range, "most", turning.settled[t].high);
            optim_problem_add_count(range, "angles_not_there", (int64_t)turning.settled[t].missed);
        }
    }
}
