#include "dlexp/run/record.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/base/number_read.h"
#include "dlexp/base/sha256.h"
#include "dlexp/formats/output.h"

static const char first_line[] = "dlexp record 1\n";

static char *duplicate(struct record *record, const char *text, size_t length)
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
    record->spec = duplicate(record, spec, strlen(spec));
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

static void add_value(struct record *record, const char *name, size_t name_length, const char *text, size_t length)
{
    struct record_value *grown = realloc(record->values, (record->value_count + 1) * sizeof *grown);
    if (!grown) {
        record->failed = true;
        return;
    }
    record->values = grown;
    grown[record->value_count++] =
        (struct record_value){duplicate(record, name, name_length), duplicate(record, text, length)};
}

/* What the two sides agree on: the writers assert it, and the parser refuses all else. */
enum { VALUE_SIZE = 512, TABLE_NAME_SIZE = 64 };

/* A word of letters, digits, '_', '-' and '.'. */
static bool is_word(const char *text, size_t length)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    for (size_t i = 0; i < length; i++)
        if (!memchr(characters, text[i], sizeof characters - 1))
            return false;
    return length > 0;
}

/* Whether the value at this index has a name that is one, and no value before it has the same. */
static bool is_new_value(const struct record *record, size_t index)
{
    const char *name = record->values[index].name;
    for (size_t i = 0; i < index; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return false;
    return is_word(name, strlen(name));
}

/* Whether a table of this name and these columns may be added: names that are ones, none twice. */
static bool is_new_table(const struct record *record, const char *name, const char *header)
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
    return is_word(name, strlen(name)) && strlen(name) < TABLE_NAME_SIZE && !record_table_find(record, name);
}

void record_set(struct record *record, const char *name, const char *format, ...)
{
    char text[VALUE_SIZE];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof text && !strchr(text, '\n'));
    add_value(record, name, strlen(name), text, (size_t)length);
    assert(record->failed || is_new_value(record, record->value_count - 1));
}

void record_set_real(struct record *record, const char *name, double value)
{
    char number[NUMBER_TEXT_SIZE];
    record_set(record, name, "%s", number_format_real(number, value));
}

const char *record_get(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (record->values[i].name && strcmp(record->values[i].name, name) == 0)
            return record->values[i].text;
    return NULL;
}

double record_get_real(const struct record *record, const char *name)
{
    const char *text = record_get(record, name);
    return text ? strtod(text, NULL) : (double)NAN;
}

struct record_table *record_table_add(struct record *record, const char *name, const char *header, bool single)
{
    /* After a failed allocation callers still get a table to write to: one that drops its rows. */
    static struct record_table none;
    assert(record->failed || is_new_table(record, name, header));
    struct record_table *grown = realloc(record->tables, (record->table_count + 1) * sizeof *grown);
    if (!grown) {
        record->failed = true;
        return &none;
    }
    record->tables = grown;
    struct record_table *table = &grown[record->table_count++];
    *table = (struct record_table){.columns = 1, .single = single};
    table->name = duplicate(record, name, strlen(name));
    table->header = duplicate(record, header, strlen(header));
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

int record_text(const struct record *record, char **text, size_t *size, struct error *err)
{
    char number[NUMBER_TEXT_SIZE], digest[SHA256_HEX_SIZE];
    struct output output;
    *text = NULL;
    if (record->failed)
        return error_out_of_memory(err, "a run's record");
    if (output_open(&output, err) < 0)
        return -1;
    FILE *out = output.stream;
    fprintf(out, "%s[spec]\n%s[values]\n", first_line, record->spec);
    for (size_t i = 0; i < record->value_count; i++)
        fprintf(out, "%s=%s\n", record->values[i].name, record->values[i].text);
    for (size_t i = 0; i < record->table_count; i++) {
        const struct record_table *table = &record->tables[i];
        fprintf(out, "[table %s %zu %s]\n%s\n", table->name, table->rows, table->single ? "single" : "real",
                table->header);
        for (size_t cell = 0; cell < table->rows * table->columns; cell++) {
            double value = table->cells[cell];
            fputs(table->single ? number_format_float(number, (float)value) : number_format_real(number, value), out);
            fputc((cell + 1) % table->columns ? ',' : '\n', out);
        }
    }
    /* What did not arrive in the text is not in its checksum, and must not be in a file. */
    if (fflush(out) != 0) {
        free(output_take(&output, err));
        return error_out_of_memory(err, "a run's record");
    }
    sha256_hex(output.text, output.size, digest);
    fprintf(out, "[end %s]\n", digest);
    *text = output_take(&output, err);
    *size = output.size;
    return *text ? 0 : -1;
}

/* The next line of *p, without its newline, or NULL at the end. */
static const char *next_line(const char **p, const char *end, size_t *length)
{
    const char *line = *p;
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    if (!newline)
        return NULL;
    *length = (size_t)(newline - line);
    *p = newline + 1;
    return line;
}

static int parse_row(const char *line, size_t length, bool single, double *cells, size_t columns)
{
    const char *p = line, *end = line + length;
    for (size_t c = 0; c < columns; c++) {
        const char *stop = c + 1 < columns ? memchr(p, ',', (size_t)(end - p)) : end;
        float number = 0;
        if (!stop || !(single ? number_read_float(p, (size_t)(stop - p), &number)
                              : number_read_real(p, (size_t)(stop - p), &cells[c])))
            return -1;
        if (single)
            cells[c] = (double)number;
        p = stop + 1;
    }
    return 0;
}

static int parse_value(struct record *record, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    const size_t name_length = equals ? (size_t)(equals - line) : 0;
    if (!equals || length - name_length - 1 >= VALUE_SIZE)
        return -1;
    add_value(record, line, name_length, equals + 1, length - name_length - 1);
    return record->failed || is_new_value(record, record->value_count - 1) ? 0 : -1;
}

/* The table of this heading, with its rows; *p is behind the heading and is left behind the last row. */
static int parse_table(struct record *record, const char *line, size_t length, const char **p, const char *end)
{
    char heading[128], again[128], table_name[TABLE_NAME_SIZE], kind[8];
    size_t rows;
    if (length >= sizeof heading)
        return -1;
    memcpy(heading, line, length);
    heading[length] = '\0';
    if (sscanf(heading, "[table %63s %zu %7[a-z]]", table_name, &rows, kind) != 3)
        return -1;
    /* sscanf is lenient: nothing but the very same heading will do. */
    snprintf(again, sizeof again, "[table %s %zu %s]", table_name, rows, kind);
    if (strcmp(again, heading) != 0 || (strcmp(kind, "single") != 0 && strcmp(kind, "real") != 0) ||
        !(line = next_line(p, end, &length)))
        return -1;
    char *header = duplicate(record, line, length);
    if (!header)
        return 0;
    const bool valid = is_new_table(record, table_name, header);
    struct record_table *table =
        valid ? record_table_add(record, table_name, header, strcmp(kind, "single") == 0) : NULL;
    free(header);
    if (!valid)
        return -1;
    double *cells = malloc(table->columns * sizeof *cells);
    record->failed = record->failed || !cells;
    int result = 0;
    for (size_t row = 0; row < rows && result == 0 && !record->failed; row++) {
        line = next_line(p, end, &length);
        result = line ? parse_row(line, length, table->single, cells, table->columns) : -1;
        if (result == 0)
            record_table_row(record, table, cells);
    }
    free(cells);
    return result;
}

int record_parse(struct record *record, const char *text, size_t size, const char *name, struct error *err)
{
    char digest[SHA256_HEX_SIZE];
    const size_t trailer = sizeof "[end ]\n" - 1 + SHA256_HEX_SIZE - 1;
    const char *line, *p = text, *what = "its first line is";
    size_t length;
    *record = (struct record){0};

    if (size < sizeof first_line - 1 + trailer || memcmp(text, first_line, sizeof first_line - 1) != 0)
        goto damaged;
    const char *end = text + size - trailer;
    what = "its checksum is";
    sha256_hex(text, size - trailer, digest);
    if (memcmp(end, "[end ", 5) != 0 || memcmp(end + 5, digest, SHA256_HEX_SIZE - 1) != 0 ||
        memcmp(end + 5 + SHA256_HEX_SIZE - 1, "]\n", 2) != 0)
        goto damaged;

    what = "its text is";
    if (memchr(text, '\0', size))
        goto damaged;
    what = "its sections are";
    p += sizeof first_line - 1;
    line = next_line(&p, end, &length);
    if (!line || length != 6 || memcmp(line, "[spec]", 6) != 0)
        goto damaged;
    const char *spec = p;
    while ((line = next_line(&p, end, &length)) && !(length == 8 && memcmp(line, "[values]", 8) == 0))
        ;
    if (!line)
        goto damaged;
    record->spec = duplicate(record, spec, (size_t)(line - spec));
    while ((line = next_line(&p, end, &length)) && *line != '[')
        if (parse_value(record, line, length) < 0)
            goto damaged;
    what = "its tables are";
    for (; line && !record->failed; line = next_line(&p, end, &length))
        if (parse_table(record, line, length, &p, end) < 0)
            goto damaged;
    if (record->failed) {
        record_free(record);
        return error_out_of_memory(err, name);
    }
    if (p != end) /* a last line without its end */
        goto damaged;
    return 0;

damaged:
    record_free(record);
    return error_set(err, ERROR_DATA, "cannot read the record '%s': %s not as written; it was damaged", name, what);
}
