/* From lists of values to runs: every combination, and those that are added to them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/run/setting.h"
#include "grid_rows.h"

/* One run after the other, while the plan is made. */
struct walk {
    struct grid *grid;
    struct plan *plan;
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
            if (grid_row(grid, i)->key && grid->axes[i].count > 0 && !grid_is_chained(grid, i) &&
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
    memcpy(config, grid->config, grid->invocation->command->config_size);
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->key && grid->axes[i].count > 0)
            options_set_field(grid_row(grid, i), &grid->axes[i], walk->index[i],
                              grid_is_chained(grid, i) ? grid->axes[i].count : 1, config);
    settings_set_initials(grid->invocation->command->options, grid->invocation->given, config);
}

static bool fits(const struct option *row, size_t used)
{
    return used + strlen(setting_key(row)) < RUN_LABEL_SIZE;
}

/* "batchnorm lr 0.5 seed 1 optimizer adam" */
static void make_label(char label[RUN_LABEL_SIZE], const struct grid *grid, const void *config)
{
    char part[SETTING_TEXT_SIZE];
    size_t used = 0;
    label[0] = '\0';
    if (grid->chain)
        used = (size_t)snprintf(label, RUN_LABEL_SIZE, "%s,", grid->chain);
    for (int varied = 0; varied < 2; varied++)
        for (size_t i = 0; i < grid->rows; i++) {
            const struct option *row = grid_row(grid, i);
            if (!row->key || !fits(row, used) || grid_is_chained(grid, i) || !setting_applies(row, config) ||
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

/* Takes the malloc'ed configuration, whose values are those of the run. */
static int add_config(const struct grid *grid, struct plan *plan, void *config, size_t block, struct error *err)
{
    const struct subject *subject = grid->subject;
    char label[RUN_LABEL_SIZE];
    struct output spec;
    if ((subject->complete && subject->complete(config, plan->context, err) < 0) || output_open(&spec, err) < 0) {
        free(config);
        return -1;
    }
    fprintf(spec.stream, "experiment=%s\nformat=%u\n", subject->name, subject->format);
    if (subject->source)
        fprintf(spec.stream, "%s=%s\n", subject->source, grid->source);
    settings_print_spec(spec.stream, grid->invocation->command->options, config);
    make_label(label, grid, config);
    return plan_add(plan, &spec, config, block, subject->units(config, plan->context), label, err);
}

/* The walk's combination, as a run with a configuration of its own. */
static int add_run(const struct walk *walk, size_t block, struct error *err)
{
    const size_t size = walk->grid->invocation->command->config_size;
    void *config = malloc(size);
    if (!config)
        return error_out_of_memory(err, "the plan");
    memcpy(config, walk->combination, size);
    return add_config(walk->grid, walk->plan, config, block, err);
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
    const struct invocation *invocation = walk->grid->invocation;
    return settings_check_used(invocation->command->options, invocation->given, walk->used, err);
}

/* Every combination into the plan; *blocks: how many there are. */
static int add_runs(struct walk *walk, size_t *blocks, struct error *err)
{
    bool another_block = false;
    size_t in_block = 0;
    *blocks = 0;
    do {
        if (another_block && in_block > 0) {
            ++*blocks;
            in_block = 0;
        }
        set_config(walk);
        if (is_repeated(walk))
            continue;
        if (add_run(walk, *blocks, err) < 0)
            return -1;
        in_block++;
    } while (step(walk, &another_block));
    *blocks += in_block > 0;
    return 0;
}

int grid_plan(struct grid *grid, struct plan *plan, const void *config, const char *source, struct error *err)
{
    struct walk walk = {.grid = grid, .plan = plan};
    plan->grid = grid;
    grid->config = config;
    grid->source = source;
    int result = walk_init(&walk, err);
    if (result == 0)
        result = look(&walk, err);
    if (result == 0)
        result = add_runs(&walk, &grid->blocks, err);
    walk_free(&walk);
    return result;
}

/* ---- more runs ---- */

int grid_extend(struct grid *grid, struct plan *plan, const char *option, const void *values, size_t count,
                struct error *err)
{
    const size_t i = grid_find(grid, option), size = options_value_size(grid_row(grid, i));
    struct axis *axis = &grid->axes[i];
    const size_t had = axis->count;
    struct walk walk = {.grid = grid, .plan = plan};
    size_t blocks = 0;
    assert(grid_row(grid, i)->flags & OPTION_KEY && !(grid_row(grid, i)->flags & OPTION_CHAIN));
    assert(had > 0 && count > 0);
    char *all = realloc(axis->values, (had + count) * size);
    if (!all)
        return error_out_of_memory(err, "the plan");
    assert(setting_compare(grid_row(grid, i), all + (had - 1) * size, values) < 0);
    memcpy(all + had * size, values, count * size);
    /* The walk goes through the new values alone, in the blocks that there are. */
    *axis = (struct axis){all + had * size, count};
    int result = walk_init(&walk, err);
    if (result == 0)
        result = add_runs(&walk, &blocks, err);
    assert(result < 0 || blocks == grid->blocks);
    walk_free(&walk);
    *axis = (struct axis){all, had + count};
    return result;
}

void grid_keep(struct grid *grid, struct plan *plan, const char *option, size_t count)
{
    const struct option *row = grid_row(grid, grid_find(grid, option));
    struct axis *axis = &grid->axes[grid_find(grid, option)];
    size_t kept = 0;
    assert(row->flags & OPTION_KEY && !(row->flags & OPTION_CHAIN));
    assert(count > 0 && count <= axis->count);
    axis->count = count;
    const char *last = (const char *)axis->values + (count - 1) * options_value_size(row);
    for (size_t i = 0; i < plan->count; i++) {
        struct run *run = &plan->runs[i];
        if (setting_compare(row, (const char *)run->config + row->offset, last) <= 0)
            plan->runs[kept++] = *run;
        else
            run_free(run);
    }
    plan->count = kept;
}

int grid_add_cell(struct grid *grid, struct plan *plan, const struct run *like, const char *option, const void *value,
                  struct error *err)
{
    const struct option *row = grid_row(grid, grid_find(grid, option));
    const size_t size = grid->invocation->command->config_size, place = (size + 15) / 16 * 16;
    assert(!grid_is_chained(grid, grid_find(grid, option)));
    /* The configuration points to the value, which stands behind it in the same block. */
    char *config = malloc(place + options_value_size(row));
    if (!config)
        return error_out_of_memory(err, "the plan");
    memcpy(config, like->config, size);
    memcpy(config + place, value, options_value_size(row));
    options_set_field(row, &(struct axis){config + place, 1}, 0, 1, config);
    const int result = add_config(grid, plan, config, like->block, err);
    if (result == 0)
        plan->runs[plan->count - 1].extra = true;
    return result;
}
