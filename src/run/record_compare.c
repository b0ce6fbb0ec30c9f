/* What two records of one run have in common, compared. */
#include "dlexp/run/record_compare.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dlexp/base/number.h"

/* Notes the first difference: where by its format, then both sides. */
static void differ(struct record_comparison *c, const char *a, const char *b, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void differ(struct record_comparison *c, const char *a, const char *b, const char *format, ...)
{
    va_list args;
    if (c->differs)
        return;
    c->differs = true;
    va_start(args, format);
    vsnprintf(c->where, sizeof c->where, format, args);
    va_end(args);
    snprintf(c->a, sizeof c->a, "%s", a);
    snprintf(c->b, sizeof c->b, "%s", b);
}

static void lack(struct record_comparison *c, const char *kind, const char *name)
{
    if (!*c->lacking)
        snprintf(c->lacking, sizeof c->lacking, "%s '%s'", kind, name);
}

static void compare_values(struct record_comparison *c, const struct record *a, const struct record *b)
{
    for (size_t i = 0; i < a->value_count; i++) {
        const char *name = a->values[i].name, *other = record_get(b, name);
        if (!other) {
            c->first++;
            lack(c, "value", name);
            continue;
        }
        c->values++;
        if (strcmp(a->values[i].text, other) != 0)
            differ(c, a->values[i].text, other, "value '%s'", name);
    }
    for (size_t i = 0; i < b->value_count; i++)
        if (!record_get(a, b->values[i].name)) {
            c->second++;
            lack(c, "value", b->values[i].name);
        }
}

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* The column of this name, or SIZE_MAX; *next: the one behind it. */
static size_t find_column(const struct record_table *table, const char *name, size_t length)
{
    const char *column = table->header;
    for (size_t i = 0; i < table->columns; i++) {
        const size_t here = strcspn(column, ",");
        if (here == length && memcmp(column, name, length) == 0)
            return i;
        column += here + (column[here] == ',');
    }
    return SIZE_MAX;
}

static void compare_column(struct record_comparison *c, const struct record_table *a, size_t at,
                           const struct record_table *b, size_t other, const char *name, size_t length)
{
    char first[NUMBER_TEXT_SIZE], second[NUMBER_TEXT_SIZE];
    for (size_t row = 0; row < a->rows; row++) {
        const double x = a->cells[row * a->columns + at], y = b->cells[row * b->columns + other];
        c->numbers++;
        if (!same_number(x, y))
            differ(c, number_format_real(first, x), number_format_real(second, y), "table '%s', row %zu, %.*s", a->name,
                   row + 1, (int)length, name);
    }
}

static void compare_tables(struct record_comparison *c, const struct record_table *a, const struct record_table *b)
{
    char first[32], second[32];
    size_t common = 0;
    assert((a->cells || a->rows == 0) && (b->cells || b->rows == 0));
    if (a->rows != b->rows) {
        snprintf(first, sizeof first, "%zu rows", a->rows);
        snprintf(second, sizeof second, "%zu rows", b->rows);
        differ(c, first, second, "table '%s'", a->name);
        return;
    }
    const char *column = a->header;
    for (size_t i = 0; i < a->columns; i++) {
        const size_t length = strcspn(column, ","), other = find_column(b, column, length);
        if (other != SIZE_MAX) {
            compare_column(c, a, i, b, other, column, length);
            common++;
        }
        column += length + (column[length] == ',');
    }
    c->first += a->columns - common;
    c->second += b->columns - common;
    if (a->columns != common || b->columns != common)
        lack(c, "a column of the table", a->name);
}

void record_compare(struct record_comparison *comparison, const struct record *a, const struct record *b)
{
    *comparison = (struct record_comparison){0};
    compare_values(comparison, a, b);
    for (size_t i = 0; i < a->table_count; i++) {
        const struct record_table *table = &a->tables[i], *other = record_table_find(b, table->name);
        if (other) {
            compare_tables(comparison, table, other);
            continue;
        }
        comparison->first += table->columns;
        lack(comparison, "table", table->name);
    }
    for (size_t i = 0; i < b->table_count; i++)
        if (!record_table_find(a, b->tables[i].name)) {
            comparison->second += b->tables[i].columns;
            lack(comparison, "table", b->tables[i].name);
        }
}

size_t record_size(const struct record *record)
{
    size_t size = record->value_count;
    for (size_t i = 0; i < record->table_count; i++)
        size += record->tables[i].columns;
    return size;
}
