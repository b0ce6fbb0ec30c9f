/* The axes of a grid, from a parsed command line. */
#include "dlexp/run/grid.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/setting.h"
#include "grid_rows.h"

const struct axis *grid_axis(const struct grid *grid, const char *option)
{
    return &grid->axes[grid_find(grid, option)];
}

void grid_take(struct grid *grid, const char *option, const char *from)
{
    struct axis *to = &grid->axes[grid_find(grid, option)], *other = &grid->axes[grid_find(grid, from)];
    assert(grid_row(grid, grid_find(grid, option))->type == grid_row(grid, grid_find(grid, from))->type);
    free(to->values);
    *to = *other;
    *other = (struct axis){0};
}

void grid_cut(struct grid *grid, const char *option)
{
    struct axis *axis = &grid->axes[grid_find(grid, option)];
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
    if (grid_is_chained(grid, i) && bytes > 0)
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
