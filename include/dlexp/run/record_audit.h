/*
 * record_audit.h - whether a record holds what its experiment writes: each value and table is asked for once, and what
 * nobody asked for is too much.  The first thing that is not as expected is remembered, so that only the end is looked
 * at.
 *
 * The checksum only says that the file is as some program wrote it; the audit says that it is what this program would
 * have written.
 */
#ifndef DLEXP_RECORD_AUDIT_H
#define DLEXP_RECORD_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "dlexp/run/record.h"

struct record_audit {
    const struct record *record;
    size_t values, tables; /* found so far */
    char wrong[256];       /* "expected ..., got ..."; empty: nothing */
};

/* record_audit_fail - note that something is not as expected, unless something is noted already. */
void record_audit_fail(struct record_audit *audit, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* record_audit_value - the value's text; optional: NULL where there is none. Otherwise "", and noted. */
const char *record_audit_value(struct record_audit *audit, const char *name, bool optional);

/* record_audit_integer, record_audit_real, record_audit_sha256 - the same for what must be one, within these bounds. */
uint64_t record_audit_integer(struct record_audit *audit, const char *name, uint64_t low, uint64_t high);
double record_audit_real(struct record_audit *audit, const char *name);
void record_audit_sha256(struct record_audit *audit, const char *name, bool optional);

/* record_audit_table - the table, which must have these columns and flags; NULL, and noted, if it is another one. */
const struct record_table *record_audit_table(struct record_audit *audit, const char *name, const char *header,
                                              unsigned flags);

/* record_audit_rows, record_audit_finite - the table's number of rows; that rows first..end - 1 hold finite numbers (of
 * bulk that was not read nothing is said). */
void record_audit_rows(struct record_audit *audit, const struct record_table *table, uint64_t rows);
void record_audit_finite(struct record_audit *audit, const struct record_table *table, size_t first, size_t end);

/* record_audit_end - ERROR_DATA, with what is wrong as the message, if anything is, or if the record holds more. */
int record_audit_end(struct record_audit *audit, struct error *err);

#endif
