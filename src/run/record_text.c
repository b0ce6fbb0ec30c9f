/* A record's text, written and read: format 2 as record.h has it, and format 1 of earlier versions, read only. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/base/number_read.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/seal.h"
#include "record_parts.h"

static const char first_line_1[] = "dlexp record 1\n";

enum { NEWEST_FORMAT = 2 };

/* The first line of format 2.  The last one of a head, or of the whole in format 1, is its seal. */
enum { FIRST_LINE_SIZE = 160 };

/* ---- writing ---- */

static const char *kind_of(const struct record_table *table)
{
    return table->flags & RECORD_SINGLE ? "single" : "real";
}

static void print_rows(const struct record_table *table, FILE *out)
{
    char number[NUMBER_TEXT_SIZE];
    for (size_t cell = 0; cell < table->rows * table->columns; cell++) {
        const double value = table->cells[cell];
        fputs(table->flags & RECORD_SINGLE ? number_format_float(number, (float)value)
                                           : number_format_real(number, value),
              out);
        fputc((cell + 1) % table->columns ? ',' : '\n', out);
    }
}

/* All of the head between its first line and its last. */
static void print_body(const struct record *record, FILE *out)
{
    fprintf(out, "[spec]\n%s[values]\n", record->spec);
    for (size_t i = 0; i < record->value_count; i++)
        fprintf(out, "%s=%s\n", record->values[i].name, record->values[i].text);
    for (size_t i = 0; i < record->table_count; i++) {
        const struct record_table *table = &record->tables[i];
        const bool bulk = table->flags & RECORD_BULK;
        fprintf(out, "[%s %s %zu %s]\n%s\n", bulk ? "bulk" : "table", table->name, table->rows, kind_of(table),
                table->header);
        if (!bulk)
            print_rows(table, out);
    }
}

static void print_bulk(const struct record *record, FILE *out)
{
    for (size_t i = 0; i < record->table_count; i++)
        if (record->tables[i].flags & RECORD_BULK) {
            assert(record->tables[i].cells || record->tables[i].rows == 0);
            print_rows(&record->tables[i], out);
        }
}

typedef void print_fn(const struct record *record, FILE *out);

static int print_text(char **text, size_t *size, print_fn *print, const struct record *record, struct error *err)
{
    struct output output;
    *text = NULL;
    if (output_open(&output, err) < 0)
        return -1;
    print(record, output.stream);
    *text = output_take(&output, err);
    *size = output.size;
    return *text ? 0 : -1;
}

/* body and bulk as one text, sealed; bulk may be NULL for the head alone. */
static char *seal(const char *body, size_t body_size, const char *bulk, size_t bulk_size, const char *bulk_sha256,
                  size_t *size)
{
    char first[FIRST_LINE_SIZE], digest[SHA256_HEX_SIZE];
    const size_t first_size = (size_t)snprintf(first, sizeof first, "dlexp record 2 %zu %zu %s\n",
                                               body_size + SEAL_SIZE, bulk_size, bulk_sha256);
    const size_t head_size = first_size + body_size + SEAL_SIZE;
    char *text = malloc(head_size + (bulk ? bulk_size : 0) + 1);
    if (!text)
        return NULL;
    memcpy(text, first, first_size);
    memcpy(text + first_size, body, body_size);
    sha256_hex(text, first_size + body_size, digest);
    seal_line(text + first_size + body_size, digest);
    if (bulk)
        memcpy(text + head_size, bulk, bulk_size);
    *size = head_size + (bulk ? bulk_size : 0);
    text[*size] = '\0';
    return text;
}

static int make_text(const struct record *record, bool whole, char **text, size_t *size, struct error *err)
{
    char *body = NULL, *bulk = NULL, digest[SHA256_HEX_SIZE];
    size_t body_size, bulk_size = record->bulk_size;
    *text = NULL;
    if (record->failed)
        return error_out_of_memory(err, "a run's record");
    memcpy(digest, record->bulk_sha256, sizeof digest);
    if (print_text(&body, &body_size, print_body, record, err) < 0)
        return -1;
    if (whole || !*digest) {
        if (print_text(&bulk, &bulk_size, print_bulk, record, err) < 0) {
            free(body);
            return -1;
        }
        sha256_hex(bulk, bulk_size, digest);
    }
    *text = seal(body, body_size, whole ? bulk : NULL, bulk_size, digest, size);
    free(body);
    free(bulk);
    return *text ? 0 : error_out_of_memory(err, "a run's record");
}

int record_text(const struct record *record, char **text, size_t *size, struct error *err)
{
    return make_text(record, true, text, size, err);
}

int record_head_text(const struct record *record, char **text, size_t *size, struct error *err)
{
    return make_text(record, false, text, size, err);
}

/* ---- reading ---- */

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

/* As many rows from *p on as the table is to have. */
static int parse_rows(struct record *record, struct record_table *table, size_t rows, const char **p, const char *end)
{
    const char *line;
    size_t length;
    int result = 0;
    double *cells = malloc(table->columns * sizeof *cells);
    record->failed = record->failed || !cells;
    if (rows <= (size_t)(end - *p) / 2) /* a row is two bytes at least: no more than the text can hold */
        record_table_reserve(record, table, rows);
    for (size_t row = 0; row < rows && result == 0 && !record->failed; row++) {
        line = next_line(p, end, &length);
        result = line ? parse_row(line, length, table->flags & RECORD_SINGLE, cells, table->columns) : -1;
        if (result == 0)
            record_table_row(record, table, cells);
    }
    free(cells);
    return result;
}

static int parse_value(struct record *record, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    const size_t name_length = equals ? (size_t)(equals - line) : 0;
    if (!equals || length - name_length - 1 >= RECORD_VALUE_SIZE)
        return -1;
    record_add_value(record, line, name_length, equals + 1, length - name_length - 1);
    return record->failed || record_is_new_value(record, record->value_count - 1) ? 0 : -1;
}

/* The table of this heading, with its rows if they follow; *p is behind the heading and is left behind the last row. */
static int parse_table(struct record *record, const char *line, size_t length, const char **p, const char *end)
{
    char heading[128], again[128], section[8], table_name[RECORD_TABLE_NAME_SIZE], kind[8];
    size_t rows;
    if (length >= sizeof heading)
        return -1;
    memcpy(heading, line, length);
    heading[length] = '\0';
    if (sscanf(heading, "[%7[a-z] %63s %zu %7[a-z]]", section, table_name, &rows, kind) != 4)
        return -1;
    /* sscanf is lenient: nothing but the very same heading will do. */
    snprintf(again, sizeof again, "[%s %s %zu %s]", section, table_name, rows, kind);
    const bool bulk = strcmp(section, "bulk") == 0 && record->format > 1, single = strcmp(kind, "single") == 0;
    if (strcmp(again, heading) != 0 || (!bulk && strcmp(section, "table") != 0) ||
        (!single && strcmp(kind, "real") != 0) || !(line = next_line(p, end, &length)))
        return -1;
    char *header = record_duplicate(record, line, length);
    if (!header)
        return 0;
    const bool valid = record_is_new_table(record, table_name, header);
    struct record_table *table = NULL;
    if (valid)
        table = record_table_add(record, table_name, header, (single ? RECORD_SINGLE : 0u) | (bulk ? RECORD_BULK : 0u));
    free(header);
    if (!valid)
        return -1;
    if (!bulk)
        return parse_rows(record, table, rows, p, end);
    table->rows = rows;
    return 0;
}

/* What is wrong, as "its ... are"; NULL: nothing.  p is behind the first line, end before the seal. */
static const char *parse_body(struct record *record, const char *p, const char *end)
{
    const char *line;
    size_t length;
    if (memchr(p, '\0', (size_t)(end - p)))
        return "its text is";
    line = next_line(&p, end, &length);
    if (!line || length != 6 || memcmp(line, "[spec]", 6) != 0)
        return "its sections are";
    const char *spec = p;
    while ((line = next_line(&p, end, &length)) && !(length == 8 && memcmp(line, "[values]", 8) == 0))
        ;
    if (!line)
        return "its sections are";
    record->spec = record_duplicate(record, spec, (size_t)(line - spec));
    while ((line = next_line(&p, end, &length)) && *line != '[')
        if (parse_value(record, line, length) < 0)
            return "its sections are";
    for (; line && !record->failed; line = next_line(&p, end, &length))
        if (parse_table(record, line, length, &p, end) < 0)
            return "its tables are";
    return record->failed || p == end ? NULL : "its tables are"; /* a last line without its end */
}

/* What the first line of format 2 tells. */
struct promise {
    size_t first_size, head_size, bulk_size; /* head_size: with the first line */
    char bulk_sha256[SHA256_HEX_SIZE];
};

static bool read_promise(struct promise *promise, const char *text, size_t size)
{
    char first[FIRST_LINE_SIZE], again[FIRST_LINE_SIZE];
    const char *newline = memchr(text, '\n', size < sizeof first - 1 ? size : sizeof first - 1);
    if (!newline)
        return false;
    promise->first_size = (size_t)(newline + 1 - text);
    memcpy(first, text, promise->first_size);
    first[promise->first_size] = '\0';
    if (sscanf(first, "dlexp record 2 %zu %zu %64s", &promise->head_size, &promise->bulk_size, promise->bulk_sha256) !=
        3)
        return false;
    snprintf(again, sizeof again, "dlexp record 2 %zu %zu %s\n", promise->head_size, promise->bulk_size,
             promise->bulk_sha256);
    if (strcmp(again, first) != 0 || promise->head_size < SEAL_SIZE || promise->head_size > SIZE_MAX / 4 ||
        promise->bulk_size > SIZE_MAX / 4)
        return false;
    promise->head_size += promise->first_size;
    return true;
}

size_t record_head_size(const char *text, size_t size, size_t *file_size)
{
    struct promise promise;
    *file_size = 0;
    if (!read_promise(&promise, text, size))
        return 0;
    *file_size = promise.head_size + promise.bulk_size;
    return promise.head_size;
}

/* The head of format 2 without its bulk; what is wrong, or NULL. */
static const char *parse_head(struct record *record, const char *text, size_t file_size)
{
    struct promise promise;
    if (!read_promise(&promise, text, file_size < FIRST_LINE_SIZE ? file_size : FIRST_LINE_SIZE))
        return "its first line is";
    if (file_size != promise.head_size + promise.bulk_size)
        return "its size is";
    if (!seal_holds(text, promise.head_size))
        return "its checksum is";
    record->format = 2;
    record->bulk_size = promise.bulk_size;
    memcpy(record->bulk_sha256, promise.bulk_sha256, sizeof record->bulk_sha256);
    return parse_body(record, text + promise.first_size, text + promise.head_size - SEAL_SIZE);
}

/* The rows of the bulk tables, which is all of p..end; what is wrong, or NULL. */
static const char *parse_bulk(struct record *record, const char *p, const char *end)
{
    char digest[SHA256_HEX_SIZE];
    sha256_hex(p, (size_t)(end - p), digest);
    if (strcmp(digest, record->bulk_sha256) != 0)
        return "the checksum of its bulk is";
    for (size_t i = 0; i < record->table_count && !record->failed; i++) {
        struct record_table *table = &record->tables[i];
        const size_t rows = table->rows;
        if (!(table->flags & RECORD_BULK))
            continue;
        table->rows = 0;
        if (parse_rows(record, table, rows, &p, end) < 0)
            return "its bulk is";
    }
    return record->failed || p == end ? NULL : "its bulk is";
}

static const char *parse_format_1(struct record *record, const char *text, size_t size)
{
    const size_t first_size = sizeof first_line_1 - 1;
    record->format = 1;
    if (size < first_size + SEAL_SIZE)
        return "its first line is";
    if (!seal_holds(text, size))
        return "its checksum is";
    return parse_body(record, text + first_size, text + size - SEAL_SIZE);
}

static int parsed(struct record *record, const char *wrong, const char *name, struct error *err)
{
    const bool failed = record->failed;
    if (!failed && !wrong)
        return 0;
    record_free(record);
    if (failed)
        return error_out_of_memory(err, name);
    return error_set(err, ERROR_DATA, "cannot read the record '%s': %s not as written; it was damaged", name, wrong);
}

unsigned long record_newer_format(const char *text, size_t size)
{
    static const char begin[] = "dlexp record ";
    char number[12] = "", *end;
    if (size <= sizeof begin || memcmp(text, begin, sizeof begin - 1) != 0)
        return 0;
    text += sizeof begin - 1;
    size -= sizeof begin - 1;
    memcpy(number, text, size < sizeof number - 1 ? size : sizeof number - 1);
    const unsigned long format = strtoul(number, &end, 10);
    return end > number && (*end == ' ' || *end == '\n') && format > NEWEST_FORMAT ? format : 0;
}

int record_parse(struct record *record, const char *text, size_t size, const char *name, struct error *err)
{
    const char *wrong;
    const unsigned long newer = record_newer_format(text, size);
    *record = (struct record){0};
    if (newer > 0)
        return error_set(err, ERROR_DATA,
                         "cannot read the record '%s': expected format %d or an earlier one, got %lu, of a newer "
                         "version; use that one",
                         name, NEWEST_FORMAT, newer);
    if (size >= sizeof first_line_1 - 1 && memcmp(text, first_line_1, sizeof first_line_1 - 1) == 0) {
        wrong = parse_format_1(record, text, size);
    } else {
        wrong = parse_head(record, text, size);
        if (!wrong && !record->failed)
            wrong = parse_bulk(record, text + size - record->bulk_size, text + size);
    }
    return parsed(record, wrong, name, err);
}

int record_parse_head(struct record *record, const char *text, size_t size, size_t file_size, const char *name,
                      struct error *err)
{
    *record = (struct record){0};
    size_t promised;
    assert(size == record_head_size(text, size, &promised));
    const char *wrong = size > file_size ? "its size is" : parse_head(record, text, file_size);
    return parsed(record, wrong, name, err);
}
