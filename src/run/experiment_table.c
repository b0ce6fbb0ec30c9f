/* The tables of a result: which are wanted, their files, their JSON. */
#include "dlexp/run/experiment_table.h"

#include <stdlib.h>

#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/run_json.h"

bool experiment_table_wanted(const struct experiment_tables *tables, const struct experiment_table *table)
{
    return !table->wanted || table->wanted(tables->context);
}

static bool is_file(const struct experiment_tables *tables, const struct experiment_table *table)
{
    return *table->name && experiment_table_wanted(tables, table);
}

/* malloc'ed; NULL without memory. */
static struct frame_column *columns_of(const struct experiment_tables *tables, const struct experiment_table *table)
{
    const struct frame_column *own = table->columns ? table->columns : table->make_columns(tables->context);
    return grid_columns(tables->plan->grid, own, table->keys);
}

int experiment_tables_signal(const struct experiment_tables *tables, const struct experiment_table *next, bool force,
                             struct error *err)
{
    size_t written = 0, count = 0;
    char text[64] = "no table was written"; /* which tables there are to be is not known before the first */
    if (interrupt_check(err) == 0)
        return 0;
    for (const struct experiment_table *table = tables->list; table->name; table++)
        if (is_file(tables, table)) {
            written += table < next;
            count++;
        }
    if (written > 0)
        snprintf(text, sizeof text, "%zu of %zu tables were written", written, count);
    error_add(
        err,
        " after the last run; all %zu are kept in '%s/runs', %s: give the same command again%s for the tables, it "
        "computes no run",
        tables->plan->count, tables->plan->directory, text, force ? " without --force" : "");
    return -1;
}

static int write_table(const struct experiment_tables *tables, const struct experiment_table *table, struct error *err)
{
    struct frame_column *columns = columns_of(tables, table);
    if (!columns)
        return error_out_of_memory(err, "a table");
    const int result = frame_file_csv(tables->plan->directory, table->name, columns, table->fill, tables->context, err);
    free(columns);
    return result;
}

static int remove_table(const struct experiment_tables *tables, const struct experiment_table *table, struct error *err)
{
    char *path = path_join(tables->plan->directory, table->name);
    const int result = path ? file_remove(path, err) : error_out_of_memory(err, "a path");
    free(path);
    return result;
}

int experiment_tables_write(const struct experiment_tables *tables, bool force, struct error *err)
{
    for (const struct experiment_table *table = tables->list; table->name; table++) {
        if (!*table->name)
            continue;
        if (experiment_tables_signal(tables, table, force, err) < 0 ||
            (is_file(tables, table) ? write_table(tables, table, err) : remove_table(tables, table, err)) < 0)
            return -1;
    }
    return 0;
}

bool experiment_tables_path(const struct experiment_tables *tables, size_t index, const char **name)
{
    for (const struct experiment_table *table = tables->list; table->name; table++)
        if (is_file(tables, table) && index-- == 0) {
            *name = table->name;
            return true;
        }
    *name = index == 0 ? RUN_JSON : tables->extra_output;
    return index == 0 || (index == 1 && tables->extra_output);
}

int experiment_table_add(cJSON *root, const struct experiment_tables *tables, const struct experiment_table *table,
                         struct error *err)
{
    struct frame_column *columns = columns_of(tables, table);
    if (!columns)
        return error_out_of_memory(err, "a table");
    frame_add_json(root, table->json, columns, table->fill, tables->context);
    free(columns);
    return 0;
}

int experiment_tables_print_json(cJSON *root, const struct experiment_tables *tables, struct error *err)
{
    const char *name;
    for (const struct experiment_table *table = tables->list; table->name; table++) {
        if (table->json && !experiment_table_wanted(tables, table)) {
            json_add_array(root, table->json);
        } else if (table->json && experiment_table_add(root, tables, table, err) < 0) {
            cJSON_Delete(root);
            return -1;
        }
    }
    cJSON *files = json_add_array(root, "files");
    for (size_t i = 0; experiment_tables_path(tables, i, &name); i++) {
        char *path = path_join(tables->plan->directory, name);
        json_append(files, path ? cJSON_CreateString(path) : NULL);
        free(path);
    }
    return json_print(root, stdout, "the result", err);
}
