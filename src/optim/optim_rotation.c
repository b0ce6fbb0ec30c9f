#include "optim_rotation.h"

#include <math.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/table.h"
#include "dlexp/formats/json.h"
#include "optim_phases.h"

/* An optimizer at a learning rate, over all angles of --rotate. */
struct turning {
    const char *optimizer;
    double lr;
    double difference; /* max over angles and k of |f_k - f_k at the first angle| */
    double share;      /* the same, relative to the largest f so far */
    struct {
        int64_t low, high; /* iterations to the threshold, of the angles that end below it; -1 */
        size_t missed;     /* angles that do not */
    } reached[OPTIM_THRESHOLDS];
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
        turning.reached[t].low = turning.reached[t].high = -1;
        for (size_t a = 0; a < report->count / pairs; a++) {
            const int64_t reached = optim_problem_counted(turned_problem(report, pair, a), t);
            turning.reached[t].missed += reached < 0;
            if (reached >= 0 && (turning.reached[t].low < 0 || reached < turning.reached[t].low))
                turning.reached[t].low = reached;
            if (reached > turning.reached[t].high)
                turning.reached[t].high = reached;
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
    OPTIM_ITERATIONS_COLUMNS("iterations_to_"),
    OPTIM_ITERATIONS_COLUMNS("stays_below_from_"),
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
            optim_problem_fill_iterations(frame, p->reached);
            optim_problem_fill_iterations(frame, p->settled);
            frame_real(frame, optim_problem_compare(turned_problem(report, pair, 0), p).difference);
        }
}

int optim_rotation_show(const struct optim_results *report, FILE *out, struct error *err)
{
    const size_t pairs = pairs_of(report);
    static const char *const relations[] = {"no, equal to rounding", "yes", "cannot tell"};
    struct table table;
    char number[NUMBER_TEXT_SIZE];
    fprintf(out, "Iterations until f is below, where it also ends below, over %zu angles from %g to %g degrees\n",
            report->count / pairs, report->problems[0].quadratic.angle,
            report->problems[report->count - 1].quadratic.angle);
    table_begin(&table, 9, "optimizer", "lr", optim_thresholds[0].name, optim_thresholds[1].name,
                optim_thresholds[2].name, optim_thresholds[3].name, "max |f_k - f_k at the first|", "relative",
                "depends on the angle");
    for (size_t pair = 0; pair < pairs; pair++) {
        const struct turning turning = find_turning(report, pair);
        table_cell(&table, "%s", turning.optimizer);
        table_cell(&table, "%s", number_format_real(number, turning.lr));
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            const int64_t low = turning.reached[t].low, high = turning.reached[t].high;
            const size_t missed = turning.reached[t].missed;
            char not_all[48] = "";
            if (missed > 0)
                snprintf(not_all, sizeof not_all, " (%zu not)", missed);
            if (low < 0)
                table_cell(&table, "-");
            else if (low == high)
                table_cell(&table, "%lld%s", (long long)low, not_all);
            else
                table_cell(&table, "%lld..%lld%s", (long long)low, (long long)high, not_all);
        }
        table_cell(&table, "%.3g", turning.difference);
        table_cell(&table, "%.2g", turning.share);
        table_cell(&table, "%s", relations[turning.relation]);
    }
    if (table_end(&table, out, err) < 0)
        return -1;
    fputs("  relative: to the largest f so far; over the iterations that both angles have\n", out);
    optim_phases_show_rate_error(report, out);
    return 0;
}

void optim_rotation_add(cJSON *root, const struct optim_results *report)
{
    cJSON *array = json_add_array(root, "rotation");
    for (size_t pair = 0; pair < pairs_of(report); pair++) {
        const struct turning turning = find_turning(report, pair);
        cJSON *entry = json_append(array, cJSON_CreateObject()), *reached;
        json_add_string(entry, "optimizer", turning.optimizer);
        json_add_number(entry, "lr", turning.lr);
        json_add_number(entry, "max_difference", turning.difference);
        json_add_number(entry, "max_relative_difference", turning.share);
        json_add(entry, "depends_on_angle",
                 turning.relation == UNKNOWN ? cJSON_CreateNull() : cJSON_CreateBool(turning.relation == DEPENDS));
        reached = json_add_array(entry, "iterations");
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
            cJSON *range = json_append(reached, cJSON_CreateObject());
            json_add_number(range, "threshold", optim_thresholds[t].value);
            optim_problem_add_count(range, "least", turning.reached[t].low);
            optim_problem_add_count(range, "most", turning.reached[t].high);
            optim_problem_add_count(range, "angles_not_there", (int64_t)turning.reached[t].missed);
        }
    }
}
