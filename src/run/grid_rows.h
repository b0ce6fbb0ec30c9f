/*
 * grid_rows.h - the rows of a grid's table of options, for grid.c and grid_table.c.
 */
#ifndef DLEXP_GRID_ROWS_H
#define DLEXP_GRID_ROWS_H

#include "dlexp/run/grid.h"

static inline const struct option *grid_row(const struct grid *grid, size_t i)
{
    return &grid->invocation->command->options[i];
}

/* grid_is_varied - a setting that is no key and has several values. */
static inline bool grid_is_varied(const struct grid *grid, size_t i)
{
    return grid_row(grid, i)->key && !(grid_row(grid, i)->flags & OPTION_KEY) && grid->axes[i].count > 1;
}

#endif
