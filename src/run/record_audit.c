#include "dlexp/run/record_audit.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/base/number_read.h"
#include "dlexp/base/sha256.h"

void record_audit_fail(struct record_audit *audit, const char *format, ...)
{
    va_list args;
    if (audit->wrong[0])
        return;
    va_start(args, format);
    vsnprintf(audit->wrong, sizeof audit->wrong, format, args);
    va_end(args);
}

const char *record_audit_value(struct record_audit *audit, const char *name, bool optional)
{
    const char *text = record_get(audit->record, name);
    audit->values += text != NULL;
    if (text || optional)
        return text;
    record_audit_fail(audit, "expected a value '%s', got none", name);
    return "";
}

uint64_t record_audit_integer(struct record_audit *audit, const char *name, uint64_t low, uint64_t high)
{
    const char *text = record_audit_value(audit, name, false), *why;
    int64_t value;
    if (number_parse_integer(text, strlen(text), &value, &why) == 0 && value >= 0 && (uint64_t)value >= low &&
        (uint64_t)value <= high && (*text != '0' || value == 0) && *text != '+' && *text != '-')
        return (uint64_t)value;
    record_audit_fail(audit, "expected an integer from %llu to %llu as its value '%s', got '%.40s'",
                      (unsigned long long)low, (unsigned long long)high, name, text);
    return low;
}

double record_audit_real(struct record_audit *audit, const char *name)
{
    const char *text = record_audit_value(audit, name, false);
    double value;
    if (number_read_real(text, strlen(text), &value) && !isnan(value))
        return value;
    record_audit_fail(audit, "expected a number as its value '%s', got '%.40s'", name, text);
    return (double)NAN;
}

void record_audit_sha256(struct record_audit *audit, const char *name, bool optional)
{
    const char *text = record_audit_value(audit, name, optional);
    if (text && (strlen(text) != SHA256_HEX_SIZE - 1 || strspn(text, "0123456789abcdef") != SHA256_HEX_SIZE - 1))
        record_audit_fail(audit, "expected a SHA-256 as its value '%s', got '%.80s'", name, text);
}

const struct record_table *record_audit_table(struct record_audit *audit, const char *name, const char *header,
                                              unsigned flags)
{
    const struct record_table *table = record_table_find(audit->record, name);
    audit->tables += table != NULL;
    if (!table)
        record_audit_fail(audit, "expected a table '%s', got none", name);
    else if (strcmp(table->header, header) != 0)
        record_audit_fail(audit, "expected the columns '%.90s' in its table '%s', got '%.90s'", header, name,
                          table->header);
    else if ((table->flags ^ flags) & RECORD_SINGLE)
        record_audit_fail(audit, "expected numbers of %s precision in its table '%s', got others",
                          flags & RECORD_SINGLE ? "single" : "double", name);
    else if (table->flags != flags)
        record_audit_fail(audit, "expected its table '%s' in its %s, got it elsewhere", name,
                          flags & RECORD_BULK ? "bulk" : "head");
    else
        return table;
    return NULL;
}

void record_audit_rows(struct record_audit *audit, const struct record_table *table, uint64_t rows)
{
    if (table && table->rows != rows)
        record_audit_fail(audit, "expected %llu rows in its table '%s', got %zu", (unsigned long long)rows, table->name,
                          table->rows);
}

void record_audit_finite(struct record_audit *audit, const struct record_table *table, size_t first, size_t end)
{
    for (size_t i = first * (table ? table->columns : 0); table && table->cells && i < end * table->columns; i++)
        if (!isfinite(table->cells[i])) {
            record_audit_fail(audit, "expected finite numbers in its table '%s', got %g in row %zu", table->name,
                              table->cells[i], i / table->columns + 1);
            return;
        }
}

int record_audit_end(struct record_audit *audit, struct error *err)
{
    if (audit->values != audit->record->value_count)
        record_audit_fail(audit, "expected %zu values, got %zu", audit->values, audit->record->value_count);
    if (audit->tables != audit->record->table_count)
        record_audit_fail(audit, "expected %zu tables, got %zu", audit->tables, audit->record->table_count);
    return audit->wrong[0] ? error_set(err, ERROR_DATA, "%s", audit->wrong) : 0;
}
