/*
 * grid.h - every combination of an experiment's settings is a run: from the command line to the plan.
 *
 * The axes (OPTION_AXIS) of the settings are gone through with the last one fastest: first those that tables need not
 * name, in the order of the table of options, then the keys (OPTION_KEY).  The runs that differ in keys alone are a
 * block: consecutive in the plan, and compared with one another.  The values of an axis are sorted and each is
 * taken once, whatever their order on the command line.  Where a setting does not apply, only its first value is taken:
 * gd has no momentum of which there could be two.
 *
 * An experiment may go through the values of its chained settings (OPTION_CHAIN) in one run instead: then these are no
 * axes, and keep their order.
 */
#ifndef DLEXP_GRID_H
#define DLEXP_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/frame.h"
#include "dlexp/run/runner.h"

/* What is experimented on.  The functions get a run's configuration, and the command's context. */
struct subject {
    const char *name;   /* of the experiment, first line of a spec */
    unsigned format;    /* second line; raised when the same spec would give other numbers */
    const char *source; /* key of the third line, the hash of the data; NULL: there are none */
    /* What a label begins with where one run goes through all chained values; NULL in a grid.  The member may be NULL.
     */
    const char *(*chain)(const void *config);
    /* Derive what follows from the settings; ERROR_USAGE where they do not go together.  May be NULL. */
    int (*complete)(void *config, const void *context, struct error *err);
    /* The run's share of work, for the progress bar. */
    uint64_t (*units)(const void *config, const void *context);
};

struct grid {
    const struct subject *subject;
    const struct invocation *invocation;
    const void *config; /* the command's, and the hash of the data or NULL: since grid_plan */
    const char *source;
    struct axis *axes; /* [row of the options]: sorted copies of the invocation's */
    size_t rows;
    const char *chain; /* as subject->chain says */
    size_t blocks;     /* in the plan */
    bool all_columns;  /* grid_varied: every setting */
};

/*
 * grid_init - the axes, from a parsed command line.  ERROR_USAGE for a value that stands there twice.  Call grid_free
 * after success and failure alike.
 */
int grid_init(struct grid *grid, const struct subject *subject, const struct invocation *invocation, const void *config,
              struct error *err);
void grid_free(struct grid *grid);

/* grid_axis - the values of the named setting, in their order.  grid_take - let one axis have the values of another, of
 * the same type, which it leaves with none.  grid_cut - leave it its first value alone. */
const struct axis *grid_axis(const struct grid *grid, const char *option);
void grid_take(struct grid *grid, const char *option, const char *from);
void grid_cut(struct grid *grid, const char *option);

/*
 * grid_plan - append every run to the plan, which from then on knows the grid.
 *
 * config is the command's; source is the hash of the data or NULL; both are kept by the grid.  Fails where
 * subject->complete does, and with ERROR_USAGE where a setting stood on the command line that applies to no run: it
 * would silently do nothing.
 */
int grid_plan(struct grid *grid, struct plan *plan, const void *config, const char *source, struct error *err);

/*
 * After the runs are done the plan may grow (experiment.h).  What is appended has the spec, label and id that it would
 * have if it had stood on the command line.
 *
 * grid_extend - `count` > 0 more values of a setting that is a key and no list: ascending, above those it has
 * (asserted).  Every combination with one of them is appended.
 *
 * grid_keep - the first `count` > 0 values of such a setting alone: the runs of the others leave the plan, and stay in
 * the store.
 *
 * grid_add_cell - one run, marked as `extra`: like another one of the plan but for the value of one setting, which no
 * axis gets.  Tables of the grid are not to count it.  `like` may move: the plan grows.
 */
int grid_extend(struct grid *grid, struct plan *plan, const char *option, const void *values, size_t count,
                struct error *err);
void grid_keep(struct grid *grid, struct plan *plan, const char *option, size_t count);
int grid_add_cell(struct grid *grid, struct plan *plan, const struct run *like, const char *option, const void *value,
                  struct error *err);

/* grid_size_text - "2 norm x 2 lr x 1 seed": the keys, and what else has several values. */
enum { GRID_SIZE_TEXT = 512 };
const char *grid_size_text(char text[GRID_SIZE_TEXT], const struct grid *grid);

/* grid_varied - the i-th setting that has several values in this call (or with all_columns, any), which tables then
 * name; NULL past the last. */
const struct option *grid_varied(const struct grid *grid, size_t i);

/*
 * A configuration is what runs have in common that differ in their seeds alone.
 *
 * grid_configuration - the i-th setting that tells the configurations of this call apart: a key, or one that has
 * several values; NULL past the last.  grid_configuration_id - the name of a run's configuration: store_id of its spec
 * without the lines of seeds.
 */
const struct option *grid_configuration(const struct grid *grid, size_t i);
void grid_configuration_id(char id[STORE_ID_SIZE], const struct grid *grid, const struct run *run);

/* grid_stem - malloc'ed: a run's spec without what only says how long it goes on, which runs have in common of which
 * one may be the beginning of another.  NULL, and an error, without memory. */
char *grid_stem(const struct grid *grid, const struct run *run, struct error *err);

/* grid_print_block - what the runs of a block have in common, and others have not: " optimizer adam, batch 60". */
void grid_print_block(const struct grid *grid, const void *config, FILE *out);

/* Which settings name the rows of a table. */
struct grid_keys {
    size_t count;        /* of its columns that do, at its beginning; 0: its rows are of no runs */
    const char *without; /* keys of which a row has no single value, parted by blanks; or NULL */
    const char *only;    /* where its rows are of less than runs: the other keys that a row may have; or NULL: any */
};

/*
 * grid_columns - the columns of a table, and behind its keys the settings of grid_varied that it does not name;
 * malloc'ed, NULL without memory.  grid_fill - their cells: called where a row's own keys end.
 *
 * grid_print - such a table on the terminal.
 */
struct frame_column *grid_columns(const struct grid *grid, const struct frame_column *columns, struct grid_keys keys);
void grid_fill(struct frame *frame, const void *config);
int grid_print(const struct grid *grid, FILE *out, const struct frame_column *columns, struct grid_keys keys,
               frame_fill_fn *fill, const void *context, struct error *err);

#endif
