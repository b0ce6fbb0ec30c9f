/* A record in memory: what is added to it, found in it and dropped.  Its text is in record_text.c. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "record_parts.h"

char *record_duplicate(struct record *record, const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy) {
        record->failed = true;
        return NULL;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void record_init(struct record *record, const char *spec)
{
    *record = (struct record){0};
    record->spec = record_duplicate(record, spec, strlen(spec));
}

void record_free(struct record *record)
{
    for (size_t i = 0; i < record->value_count; i++) {
        free(record->values[i].name);
        free(record->values[i].text);
    }
    for (size_t i = 0; i < record->table_count; i++) {
        free(record->tables[i].name);
        free(record->tables[i].header);
        free(record->tables[i].cells);
    }
    free(record->values);
    free(record->tables);
    free(record->spec);
    *record = (struct record){0};
}

void record_add_value(struct record *record, const char *name, size_t name_length, const char *text, size_t length)
{
    struct record_value *grown = realloc(record->values, (record->value_count + 1) * sizeof *grown);
    if (!grown) {
        record->failed = true;
        return;
    }
    record->values = grown;
    grown[record->value_count++] =
        (struct record_value){record_duplicate(record, name, name_length), record_duplicate(record, text, length)};
}

/* A word of letters, digits, '_', '-' and '.'. */
static bool is_word(const char *text, size_t length)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    for (size_t i = 0; i < length; i++)
        if (!memchr(characters, text[i], sizeof characters - 1))
            return false;
    return length > 0;
}

bool record_is_new_value(const struct record *record, size_t index)
{
    const char *name = record->values[index].name;
    for (size_t i = 0; i < index; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return false;
    return is_word(name, strlen(name));
}

bool record_is_new_table(const struct record *record, const char *name, const char *header)
{
    size_t length;
    for (const char *column = header; column; column = column[length] ? column + length + 1 : NULL) {
        length = strcspn(column, ",");
        if (!is_word(column, length))
            return false;
        for (const char *other = header; other < column; other += strcspn(other, ",") + 1)
            if (strcspn(other, ",") == length && memcmp(other, column, length) == 0)
                return false;
    }
    return is_word(name, strlen(name)) && strlen(name) < RECORD_TABLE_NAME_SIZE && !record_table_find(record, name);
}

void record_set(struct record *record, const char *name, const char *format, ...)
{
    char text[RECORD_VALUE_SIZE];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof text && !strchr(text, '\n'));
    record_add_value(record, name, strlen(name), text, (size_t)length);
    assert(record->failed || record_is_new_value(record, record->value_count - 1));
}

void record_set_real(struct record *record, const char *name, double value)
{
    char number[NUMBER_TEXT_SIZE];
    record_set(record, name, "%s", number_format_real(number, value));
}

static struct record_value *find_value(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (record->values[i].name && strcmp(record->values[i].name, name) == 0)
            return &record->values[i];
    return NULL;
}

void record_change(struct record *record, const char *name, const char *text)
{
    struct record_value *value = find_value(record, name);
    assert(value);
    char *copy = record_duplicate(record, text, strlen(text));
    if (!copy)
        return;
    free(value->text);
    value->text = copy;
}

void record_drop(struct record *record, const char *name)
{
    struct record_value *value = find_value(record, name);
    assert(value);
    free(value->name);
    free(value->text);
    const size_t behind = (size_t)(record->values + --record->value_count - value);
    memmove(value, value + 1, behind * sizeof *value);
}

const char *record_get(const struct record *record, const char *name)
{
    const struct record_value *value = find_value(record, name);
    return value ? value->text : NULL;
}

double record_get_real(const struct record *record, const char *name)
{
    const char *text = record_get(record, name);
    return text ? strtod(text, NULL) : (double)NAN;
}

struct record_table *record_table_add(struct record *record, const char *name, const char *header, unsigned flags)
{
    /* After a failed allocation callers still get a table to write to: one that drops its rows. */
    static struct record_table none;
    assert(record->failed || record_is_new_table(record, name, header));
    struct record_table *grown = realloc(record->tables, (record->table_count + 1) * sizeof *grown);
    if (!grown) {
        record->failed = true;
        return &none;
    }
    record->tables = grown;
    struct record_table *table = &grown[record->table_count++];
    *table = (struct record_table){.columns = 1, .flags = flags};
    table->name = record_duplicate(record, name, strlen(name));
    table->header = record_duplicate(record, header, strlen(header));
    for (const char *p = header; *p; p++)
        table->columns += *p == ',';
    return table;
}

void record_table_reserve(struct record *record, struct record_table *table, size_t rows)
{
    if (record->failed || rows <= table->capacity)
        return;
    const size_t row_size = table->columns * sizeof *table->cells;
    double *grown = rows <= SIZE_MAX / row_size ? realloc(table->cells, rows * row_size) : NULL;
    if (!grown) {
        record->failed = true;
        return;
    }
    table->cells = grown;
    table->capacity = rows;
}

void record_table_row(struct record *record, struct record_table *table, const double *cells)
{
    if (table->rows == table->capacity)
        record_table_reserve(record, table, table->capacity ? 2 * table->capacity : 16);
    if (record->failed)
        return;
    memcpy(table->cells + table->rows++ * table->columns, cells, table->columns * sizeof *cells);
}

const struct record_table *record_table_find(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->table_count; i++)
        if (record->tables[i].name && strcmp(record->tables[i].name, name) == 0)
            return &record->tables[i];
    return NULL;
}

size_t record_column(const struct record_table *table, const char *name)
{
    size_t column = 0, length = strlen(name);
    for (const char *p = table->header; p; column++) {
        const char *comma = strchr(p, ',');
        if ((comma ? (size_t)(comma - p) : strlen(p)) == length && memcmp(p, name, length) == 0)
            return column;
        p = comma ? comma + 1 : NULL;
    }
    assert(false && "no such column");
    return 0;
}

void record_take(struct record *record, struct record *from)
{
    const struct record taken = *from;
    char *spec = record->spec;
    record->spec = from->spec;
    *from = *record;
    record_free(from);
    *record = (struct record){.spec = spec,
                              .values = taken.values,
                              .value_count = taken.value_count,
                              .tables = taken.tables,
                              .table_count = taken.table_count,
                              .failed = taken.failed};
}

void record_drop_bulk(struct record *record)
{
    for (size_t i = 0; i < record->table_count; i++)
        if (record->tables[i].flags & RECORD_BULK) {
            free(record->tables[i].cells);
            record->tables[i].cells = NULL;
            record->tables[i].capacity = 0;
        }
}
