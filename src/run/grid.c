/* From lists of values to runs. */
#include "dlexp/run/grid.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/setting.h"
#include "grid_rows.h"

static size_t find(const struct grid *grid, const char *option)
{
    size_t i = 0;
    while (i < grid->rows && strcmp(grid_row(grid, i)->name, option) != 0)
        i++;
    assert(i < grid->rows);
    return i;
}

const struct axis *grid_axis(const struct grid *grid, const char *option)
{
    return &grid->axes[find(grid, option)];
}

void grid_take(struct grid *grid, const char *option, const char *from)
{
    struct axis *to = &grid->axes[find(grid, option)], *other = &grid->axes[find(grid, from)];
    assert(grid_row(grid, find(grid, option))->type == grid_row(grid, find(grid, from))->type);
    free(to->values);
    *to = *other;
    *other = (struct axis){0};
}

void grid_cut(struct grid *grid, const char *option)
{
    struct axis *axis = &grid->axes[find(grid, option)];
    axis->count = axis->count > 0;
}

/* ---- axes ---- */

static void swap(char *a, char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char swapped = a[i];
        a[i] = b[i];
        b[i] = swapped;
    }
}

/* Heap sort, as qsort() hands no row to its comparison. */
static void sort(const struct option *row, struct axis *axis)
{
    const size_t size = options_value_size(row);
    char *values = axis->values;
    for (size_t first = axis->count / 2, end = axis->count; end > 1;) {
        if (first > 0)
            first--;
        else
            swap(values, values + --end * size, size);
        for (size_t parent = first, child; (child = 2 * parent + 1) < end; parent = child) {
            if (child + 1 < end && setting_compare(row, values + child * size, values + (child + 1) * size) < 0)
                child++;
            if (setting_compare(row, values + parent * size, values + child * size) >= 0)
                break;
            swap(values + parent * size, values + child * size, size);
        }
    }
}

static const char *noun_of(const struct option *row)
{
    switch (row->type) {
    case OPTION_NAME:
        return "name";
    case OPTION_SEED:
        return "seed";
    case OPTION_INTEGERS:
    case OPTION_REALS:
        return "list";
    default:
        return "number";
    }
}

/* The value as text, out of a configuration of which there is the field alone. */
static const char *format_value(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *value)
{
    struct option alone = *row;
    alone.offset = 0;
    alone.flags &= ~(unsigned)OPTION_CHAIN;
    return setting_format(buffer, &alone, value, false);
}

static int refuse_repeats(const struct option *row, const struct axis *sorted, struct error *err)
{
    const size_t size = options_value_size(row);
    char value[SETTING_TEXT_SIZE];
    for (size_t i = 1; i < sorted->count; i++) {
        const char *here = (const char *)sorted->values + i * size;
        if (setting_compare(row, here - size, here) != 0)
            continue;
        format_value(value, row, here);
        return error_set(err, ERROR_USAGE, "--%s: expected every %s once, got %s%s%s twice%s", row->name, noun_of(row),
                         row->type == OPTION_NAME ? "'" : "", value, row->type == OPTION_NAME ? "'" : "",
                         row->type == OPTION_SEED && value[0] == '-' ? " (a negative seed s is the same as 2^64 + s)"
                                                                     : "");
    }
    return 0;
}

static bool is_chained(const struct grid *grid, size_t i)
{
    return grid->chain && grid_row(grid, i)->flags & OPTION_CHAIN;
}

static int copy_axis(struct grid *grid, size_t i, struct error *err)
{
    const struct axis *from = &grid->invocation->axes[i];
    const size_t bytes = from->count * options_value_size(grid_row(grid, i));
    struct axis *axis = &grid->axes[i];
    *axis = (struct axis){malloc(bytes + 1), from->count};
    if (!axis->values)
        return error_out_of_memory(err, "the plan");
    if (bytes > 0)
        memcpy(axis->values, from->values, bytes);
    sort(grid_row(grid, i), axis);
    if (refuse_repeats(grid_row(grid, i), axis, err) < 0)
        return -1;
    if (is_chained(grid, i) && bytes > 0)
        memcpy(axis->values, from->values, bytes);
    return 0;
}

int grid_init(struct grid *grid, const struct subject *subject, const struct invocation *invocation, const void *config,
              struct error *err)
{
    *grid = (struct grid){.subject = subject, .invocation = invocation};
    while (invocation->command->options[grid->rows].name)
        grid->rows++;
    grid->axes = calloc(grid->rows, sizeof *grid->axes);
    if (!grid->axes)
        return error_out_of_memory(err, "the plan");
    grid->chain = subject->chain ? subject->chain(config) : NULL;
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->flags & OPTION_AXIS && copy_axis(grid, i, err) < 0)
            return -1;
    return 0;
}

void grid_free(struct grid *grid)
{
    for (size_t i = 0; grid->axes && i < grid->rows; i++)
        free(grid->axes[i].values);
    free(grid->axes);
    grid->axes = NULL;
}

/* ---- runs ---- */

/* One run after the other, while the plan is made. */
struct walk {
    struct grid *grid;
    struct plan *plan;
    const void *config; /* the command's */
    const char *source;
    void *combination;    /* the configuration at this index */
    size_t *order, count; /* rows of the axes, the outermost first */
    size_t outer;         /* of these, how many are no keys */
    size_t *index;        /* [row] */
    bool *used;           /* [row] it applies to a run */
};

static int walk_init(struct walk *walk, struct error *err)
{
    const struct grid *grid = walk->grid;
    walk->order = calloc(grid->rows, sizeof *walk->order);
    walk->index = calloc(grid->rows, sizeof *walk->index);
    walk->used = calloc(grid->rows, sizeof *walk->used);
    walk->combination = malloc(grid->invocation->command->config_size);
    if (!walk->order || !walk->index || !walk->used || !walk->combination)
        return error_out_of_memory(err, "the plan");
    for (int keys = 0; keys < 2; keys++) {
        for (size_t i = 0; i < grid->rows; i++)
            if (grid_row(grid, i)->key && grid->axes[i].count > 0 && !is_chained(grid, i) &&
                (grid_row(grid, i)->flags & OPTION_KEY) == (keys ? OPTION_KEY : 0))
                walk->order[walk->count++] = i;
        if (!keys)
            walk->outer = walk->count;
    }
    return 0;
}

static void walk_free(struct walk *walk)
{
    free(walk->order);
    free(walk->index);
    free(walk->used);
    free(walk->combination);
}

/* The next combination; false past the last.  *outer: another block begins. */
static bool step(struct walk *walk, bool *outer)
{
    for (size_t place = walk->count; place-- > 0;) {
        const size_t i = walk->order[place];
        *outer = place < walk->outer;
        if (++walk->index[i] < walk->grid->axes[i].count)
            return true;
        walk->index[i] = 0;
    }
    return false;
}

/* The combination's configuration, in the walk. */
static void set_config(const struct walk *walk)
{
    const struct grid *grid = walk->grid;
    char *config = walk->combination;
    memcpy(config, walk->config, grid->invocation->command->config_size);
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->key && grid->axes[i].count > 0)
            options_set_field(grid_row(grid, i), &grid->axes[i], walk->index[i],
                              is_chained(grid, i) ? grid->axes[i].count : 1, config);
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->initial_of && !grid->invocation->given[i])
            *(double *)(void *)(config + grid_row(grid, i)->offset) =
                grid_row(grid, i)->initial_of(config, grid_row(grid, i));
}

static bool fits(const struct option *row, size_t used)
{
    return used + strlen(setting_key(row)) < RUN_LABEL_SIZE;
}

/* "batchnorm lr 0.5 seed 1 optimizer adam" */
static void make_label(char label[RUN_LABEL_SIZE], const struct walk *walk, const void *config)
{
    const struct grid *grid = walk->grid;
    char part[SETTING_TEXT_SIZE];
    size_t used = 0;
    label[0] = '\0';
    if (grid->chain)
        used = (size_t)snprintf(label, RUN_LABEL_SIZE, "%s,", grid->chain);
    for (int varied = 0; varied < 2; varied++)
        for (size_t i = 0; i < grid->rows; i++) {
            const struct option *row = grid_row(grid, i);
            if (!row->key || !fits(row, used) || is_chained(grid, i) || !setting_applies(row, config) ||
                (varied ? !grid_is_varied(grid, i) || row->label : !(row->flags & OPTION_KEY || row->label)))
                continue;
            used += (size_t)snprintf(label + used, RUN_LABEL_SIZE - used, "%s%s", used > 0 ? " " : "",
                                     setting_label(part, row, config));
        }
}

/* A combination in which an axis has another than its first value, though it does not apply, was there before. */
static bool is_repeated(const struct walk *walk)
{
    for (size_t i = 0; i < walk->grid->rows; i++)
        if (walk->index[i] > 0 && !setting_applies(grid_row(walk->grid, i), walk->combination))
            return true;
    return false;
}

/* A run with a configuration of its own. */
static int add_run(const struct walk *walk, struct error *err)
{
    const struct grid *grid = walk->grid;
    const struct subject *subject = grid->subject;
    const size_t size = grid->invocation->command->config_size;
    char label[RUN_LABEL_SIZE];
    struct output spec;
    void *config = malloc(size);
    if (!config)
        return error_out_of_memory(err, "the plan");
    memcpy(config, walk->combination, size);
    if ((subject->complete && subject->complete(config, walk->plan->context, err) < 0) || output_open(&spec, err) < 0) {
        free(config);
        return -1;
    }
    fprintf(spec.stream, "experiment=%s\nformat=%u\n", subject->name, subject->format);
    if (subject->source)
        fprintf(spec.stream, "%s=%s\n", subject->source, walk->source);
    settings_print_spec(spec.stream, grid->invocation->command->options, config);
    make_label(label, walk, config);
    return plan_add(walk->plan, &spec, config, grid->blocks, subject->units(config, walk->plan->context), label, err);
}

/* What was asked for and does nothing. */
static int check_used(const struct walk *walk, struct error *err)
{
    for (size_t i = 0; i < walk->grid->rows; i++) {
        const struct option *row = grid_row(walk->grid, i);
        if (row->key && row->applies_to && walk->grid->invocation->given[i] && !walk->used[i])
            return error_set(err, ERROR_USAGE,
                             "--%s: expected %s, got none, so it would do nothing; leave it out or add one", row->name,
                             row->applies_to);
    }
    return 0;
}

/* Which settings apply to some run. */
static int look(struct walk *walk, struct error *err)
{
    bool ignored;
    do {
        set_config(walk);
        for (size_t i = 0; i < walk->grid->rows; i++)
            walk->used[i] |= setting_applies(grid_row(walk->grid, i), walk->combination);
    } while (step(walk, &ignored));
    return check_used(walk, err);
}

/* Every combination into the plan. */
static int add_runs(struct walk *walk, struct error *err)
{
    struct grid *grid = walk->grid;
    bool another_block = false;
    size_t in_block = 0;
    do {
        if (another_block && in_block > 0) {
            grid->blocks++;
            in_block = 0;
        }
        set_config(walk);
        if (is_repeated(walk))
            continue;
        if (add_run(walk, err) < 0)
            return -1;
        in_block++;
    } while (step(walk, &another_block));
    grid->blocks += in_block > 0;
    return 0;
}

int grid_plan(struct grid *grid, struct plan *plan, const void *config, const char *source, struct error *err)
{
    struct walk walk = {.grid = grid, .plan = plan, .config = config, .source = source};
    plan->grid = grid;
    int result = walk_init(&walk, err);
    if (result == 0)
        result = look(&walk, err);
    if (result == 0)
        result = add_runs(&walk, err);
    walk_free(&walk);
    return result;
}
