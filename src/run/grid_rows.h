/*
 * grid_rows.h - the rows of a grid's table of options, for grid.c, grid_plan.c and grid_table.c.
 */
#ifndef DLEXP_GRID_ROWS_H
#define DLEXP_GRID_ROWS_H

#include <assert.h>
#include <string.h>

#include "dlexp/run/grid.h"

static inline const struct option *grid_row(const struct grid *grid, size_t i)
{
    return &grid->invocation->command->options[i];
}

/* grid_find - the row of the named option, which must be there (asserted). */
static inline size_t grid_find(const struct grid *grid, const char *option)
{
    size_t i = 0;
    while (i < grid->rows && strcmp(grid_row(grid, i)->name, option) != 0)
        i++;
    assert(i < grid->rows);
    return i;
}

/* grid_is_chained - one run goes through all values. */
static inline bool grid_is_chained(const struct grid *grid, size_t i)
{
    return grid->chain && grid_row(grid, i)->flags & OPTION_CHAIN;
}

/* grid_is_varied - a setting that is no key and has several values. */
static inline bool grid_is_varied(const struct grid *grid, size_t i)
{
    return grid_row(grid, i)->key && !(grid_row(grid, i)->flags & OPTION_KEY) && grid->axes[i].count > 1;
}

#endif
