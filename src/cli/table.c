/* table.c - see table.h. */
#include "dlexp/cli/table.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Takes the cell, which is NULL when memory ran out. */
static void append(struct table *table, char *cell)
{
    if (cell != NULL && !table->failed && table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        char **cells = realloc(table->cells, capacity * sizeof *cells);
        if (cells != NULL) {
            table->cells = cells;
            table->capacity = capacity;
        } else {
            table->failed = 1;
        }
    }
    if (cell == NULL || table->failed) {
        table->failed = 1;
        free(cell);
        return;
    }
    table->cells[table->count++] = cell;
}

void table_begin(struct table *table, size_t columns, ...)
{
    va_list headings;
    assert(columns > 0);
    *table = (struct table){.columns = columns};
    va_start(headings, columns);
    for (size_t i = 0; i < columns; i++)
        append(table, strdup(va_arg(headings, const char *)));
    va_end(headings);
}

void table_cell(struct table *table, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *cell = length < 0 ? NULL : malloc((size_t)length + 1);
    if (cell != NULL)
        vsnprintf(cell, (size_t)length + 1, format, again);
    append(table, cell);
    va_end(again);
    va_end(arguments);
}

static size_t width_of(const char *cell)
{
    size_t width = 0;
    for (; *cell != '\0'; cell++)
        width += ((unsigned char)*cell & 0xC0) != 0x80; /* not a continuation byte of UTF-8 */
    return width;
}

static bool is_numeric(const char *cell)
{
    if (strcmp(cell, "-") == 0 || strcmp(cell, "nan") == 0)
        return true;
    if (*cell == '+' || *cell == '-')
        cell++;
    if (strcmp(cell, "inf") == 0)
        return true;
    return isdigit((unsigned char)cell[*cell == '.']) != 0;
}

/* Cell (row, column), or "" where the last row was left unfinished. */
static const char *cell_at(const struct table *table, size_t row, size_t column)
{
    size_t index = row * table->columns + column;
    return index < table->count ? table->cells[index] : "";
}

static void print_blanks(size_t count, FILE *out)
{
    while (count-- > 0)
        putc(' ', out);
}

/* The blanks that are due are printed only before the next text, so that no line ends in blanks. */
static void print_row(const struct table *table, size_t row, const size_t *widths, const bool *right, FILE *out)
{
    size_t due = 0;
    for (size_t column = 0; column < table->columns; column++) {
        const char *cell = cell_at(table, row, column);
        size_t padding = widths[column] - width_of(cell);
        if (*cell != '\0') {
            print_blanks(due + (right[column] ? padding : 0), out);
            fputs(cell, out);
            due = right[column] ? 0 : padding;
        } else {
            due += padding;
        }
        due += 2;
    }
    putc('\n', out);
}

static void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

int table_end(struct table *table, FILE *out, struct error *err)
{
    int result = -1;
    size_t rows = (table->count + table->columns - 1) / table->columns;
    size_t *widths = calloc(table->columns, sizeof *widths);
    bool *right = calloc(table->columns, sizeof *right);
    if (table->failed || widths == NULL || right == NULL) {
        error_out_of_memory(err, "a table to print");
        goto done;
    }
    for (size_t column = 0; column < table->columns; column++) {
        size_t numbers = 0, others = 0;
        for (size_t row = 0; row < rows; row++) {
            const char *cell = cell_at(table, row, column);
            size_t width = width_of(cell);
            if (width > widths[column])
                widths[column] = width;
            if (row > 0 && *cell != '\0')
                *(is_numeric(cell) ? &numbers : &others) += 1;
        }
        right[column] = numbers > 0 && others == 0;
    }
    for (size_t row = 0; row < rows; row++) {
        print_row(table, row, widths, right, out);
        for (size_t column = 0; row == 0 && column < table->columns; column++) {
            print_blanks(column > 0 ? 2 : 0, out);
            for (size_t i = 0; i < widths[column]; i++)
                putc('-', out);
        }
        if (row == 0)
            putc('\n', out);
    }
    result = 0;
done:
    free(right);
    free(widths);
    table_free(table);
    return result;
}
