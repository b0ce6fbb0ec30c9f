/* What is told of a grid: its size, its blocks, the columns of tables. */
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/sha256.h"
#include "dlexp/run/setting.h"
#include "grid_rows.h"

const char *grid_size_text(char text[GRID_SIZE_TEXT], const struct grid *grid)
{
    size_t used = 0;
    const char *separator = "";
    for (int varied = 0; varied < 2; varied++)
        for (size_t i = 0; i < grid->rows; i++) {
            const struct option *row = grid_row(grid, i);
            if (!row->key || grid->axes[i].count == 0 ||
                (varied ? !grid_is_varied(grid, i) : !(row->flags & OPTION_KEY)))
                continue;
            if (used < GRID_SIZE_TEXT)
                used += (size_t)snprintf(text + used, GRID_SIZE_TEXT - used, "%s%zu %s", separator, grid->axes[i].count,
                                         setting_key(row));
            separator = " x ";
        }
    return text;
}

void grid_print_block(const struct grid *grid, const void *config, FILE *out)
{
    char label[SETTING_TEXT_SIZE];
    const char *separator = " ";
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_is_varied(grid, i) && setting_applies(grid_row(grid, i), config)) {
            fprintf(out, "%s%s", separator, setting_label(label, grid_row(grid, i), config));
            separator = ", ";
        }
}

const struct option *grid_varied(const struct grid *grid, size_t index)
{
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->key && (grid->all_columns || grid->axes[i].count > 1) && index-- == 0)
            return grid_row(grid, i);
    return NULL;
}

const struct option *grid_configuration(const struct grid *grid, size_t index)
{
    for (size_t i = 0; i < grid->rows; i++) {
        const struct option *row = grid_row(grid, i);
        if (row->key && !setting_is_seed(row) && !grid_is_chained(grid, i) &&
            (row->flags & OPTION_KEY || grid->axes[i].count > 1) && index-- == 0)
            return row;
    }
    return NULL;
}

void grid_configuration_id(char id[STORE_ID_SIZE], const struct grid *grid, const struct run *run)
{
    struct sha256 sha;
    char hex[SHA256_HEX_SIZE];
    sha256_init(&sha);
    for (const char *line = run->spec; *line;) {
        const size_t length = strcspn(line, "\n") + 1; /* every line of a spec has its end */
        if (!setting_of_line(grid_row(grid, 0), line, setting_is_seed))
            sha256_update(&sha, line, length);
        line += length;
    }
    sha256_final(&sha, hex);
    memcpy(id, hex, STORE_ID_SIZE - 1);
    id[STORE_ID_SIZE - 1] = '\0';
}

char *grid_stem(const struct grid *grid, const struct run *run, struct error *err)
{
    char *stem = malloc(strlen(run->spec) + 1);
    size_t used = 0;
    if (!stem) {
        error_out_of_memory(err, "a run's spec");
        return NULL;
    }
    for (const char *line = run->spec; *line;) {
        const size_t length = strcspn(line, "\n") + 1;
        if (!setting_of_line(grid_row(grid, 0), line, setting_is_length)) {
            memcpy(stem + used, line, length);
            used += length;
        }
        line += length;
    }
    stem[used] = '\0';
    return stem;
}

static bool is_among(const char *words, const char *key)
{
    const size_t length = strlen(key);
    for (const char *word = words; word && *word; word += strcspn(word, " "), word += *word == ' ')
        if (strncmp(word, key, length) == 0 && (word[length] == ' ' || word[length] == '\0'))
            return true;
    return false;
}

static bool has_several(const struct grid *grid, const char *key)
{
    for (size_t i = 0; i < grid->rows; i++)
        if (grid_row(grid, i)->key && strcmp(setting_key(grid_row(grid, i)), key) == 0)
            return grid->axes[i].count > 1;
    return false;
}

/* Whether the table is to name a setting that it does not name by itself. */
static bool is_to_name(const struct frame_column *columns, const struct grid_keys *keys, const char *key)
{
    for (size_t i = 0; columns[i].name; i++)
        if (strcmp(columns[i].name, key) == 0)
            return false;
    return keys->count > 0 && !is_among(keys->without, key) && (!keys->only || is_among(keys->only, key));
}

struct frame_column *grid_columns(const struct grid *grid, const struct frame_column *columns, struct grid_keys keys)
{
    size_t own = 0, varied = 0, count = 0;
    const struct option *row;
    while (columns[own].name)
        own++;
    while (grid_varied(grid, varied))
        varied++;
    struct frame_column *all = malloc((own + varied + 1) * sizeof *all);
    if (!all)
        return NULL;
    for (size_t i = 0; i < keys.count; i++)
        all[count++] = columns[i];
    for (size_t i = 0; (row = grid_varied(grid, i)) != NULL; i++)
        if (is_to_name(columns, &keys, setting_key(row)))
            all[count++] = setting_column(row);
    for (size_t i = 0; i < count; i++)
        all[i].names_row = true;
    for (size_t i = keys.count; i <= own; i++)
        all[count++] = columns[i];
    /* What varies is shown to a person, too. */
    for (size_t i = 0; keys.count > 0 && all[i].name; i++)
        if (!all[i].title && has_several(grid, all[i].name))
            all[i].title = all[i].name;
    return all;
}

int grid_print(const struct grid *grid, FILE *out, const struct frame_column *columns, struct grid_keys keys,
               frame_fill_fn *fill, const void *context, struct error *err)
{
    struct frame_column *all = grid_columns(grid, columns, keys);
    if (!all)
        return error_out_of_memory(err, "a table to print");
    const int result = frame_print(&frame_terminal, out, all, fill, context, err);
    free(all);
    return result;
}

void grid_fill(struct frame *frame, const void *config)
{
    for (const struct option *row; (row = frame_next(frame)->maker) != NULL;)
        setting_fill(frame, row, config);
}
