/* Whether a folder holds what a figure is drawn from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/formats/csv.h"
#include "dlexp/plot/figure.h"

enum { HEADER_MOST = 65536 }; /* bytes of a table that are read for its header */

/* The next of `words`, parted by blanks; its length, 0 past the last. */
static size_t next_word(const char **words)
{
    *words += strspn(*words, " ");
    return strcspn(*words, " ");
}

/* The first line of the table as a CSV, or all of it. */
static int read_table(struct csv *csv, const char *path, bool whole, struct error *err)
{
    struct file_identity identity;
    unsigned char *text = NULL;
    size_t size;
    *csv = (struct csv){0};
    if (file_read_identified(path, whole ? SIZE_MAX : HEADER_MOST, &text, &size, &identity, err) < 0)
        return -1;
    if (!whole)
        size = strcspn((char *)text, "\n");
    text[size] = '\0';
    return csv_parse(csv, (char *)text, size, path, err);
}

/* The column's different values, up to `most`; *found: whether `value` is among its cells. */
static size_t count_values(const struct csv *csv, size_t column, size_t most, const char *value, bool *found)
{
    size_t different = 0;
    *found = false;
    for (size_t i = 0; i < csv->rows && (different < most || (value && !*found)); i++) {
        const char *cell = csv_cell(csv, i, column);
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = strcmp(csv_cell(csv, k, column), cell) == 0;
        different += !before;
        *found = *found || (value && strcmp(cell, value) == 0);
    }
    return different;
}

static enum figure_fit lacks(char why[FIGURE_WHY], const struct figure *figure, const char *what)
{
    snprintf(why, FIGURE_WHY, "%s; %s writes it", what, figure->made_by);
    return FIGURE_LACKS;
}

/* Of a table that was read. */
static enum figure_fit check_table(const struct figure *figure, const struct figure_need *need, const struct csv *csv,
                                   char why[FIGURE_WHY])
{
    char what[FIGURE_WHY / 2], name[64];
    const char *words = need->columns;
    for (size_t length; (length = next_word(&words)) > 0; words += length) {
        snprintf(name, sizeof name, "%.*s", (int)length, words);
        const int column = csv_column(csv, name);
        bool found;
        if (column < 0) {
            snprintf(what, sizeof what, "no column '%s' in %s", name, need->table);
            return lacks(why, figure, what);
        }
        if (words != need->columns || (need->least == 0 && !need->value))
            continue;
        const size_t different = count_values(csv, (size_t)column, need->least, need->value, &found);
        if (need->value && !found) {
            snprintf(what, sizeof what, "no row with %s %s in %s", name, need->value, need->table);
            return lacks(why, figure, what);
        }
        if (different < need->least) {
            snprintf(why, FIGURE_WHY, "%zu value%s of %s in %s, and it takes %zu", different,
                     plural_end(different, "value"), name, need->table, need->least);
            return FIGURE_LACKS;
        }
    }
    return FIGURE_APPLIES;
}

static enum figure_fit check_need(const struct figure *figure, const struct figure_need *need, const char *folder,
                                  char why[FIGURE_WHY], struct error *err)
{
    char *path = path_join(folder, need->table), what[FIGURE_WHY / 2];
    struct csv csv = {0};
    enum figure_fit fit = FIGURE_FAILED;
    bool there;
    if (!path) {
        error_out_of_memory(err, need->table);
        return fit;
    }
    if (file_look(&there, path, err) < 0)
        ; /* told */
    else if (!there) {
        snprintf(what, sizeof what, "no %s", need->table);
        fit = lacks(why, figure, what);
    } else if (read_table(&csv, path, need->least > 0 || need->value, err) == 0)
        fit = check_table(figure, need, &csv, why);
    else if (err->code == ERROR_DATA) {
        snprintf(why, FIGURE_WHY, "%.200s", err->message);
        fit = FIGURE_LACKS;
    }
    csv_free(&csv);
    free(path);
    return fit;
}

enum figure_fit figure_applies(const struct figure *figure, const char *folder, char why[FIGURE_WHY], struct error *err)
{
    enum figure_fit fit = FIGURE_APPLIES;
    why[0] = '\0';
    /* A table without columns is one that is drawn where it is there. */
    for (size_t i = 0; i < FIGURE_NEEDS && figure->needs[i].table && fit == FIGURE_APPLIES; i++)
        if (figure->needs[i].columns)
            fit = check_need(figure, &figure->needs[i], folder, why, err);
    return fit;
}
