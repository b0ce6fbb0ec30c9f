/*
 * record_compare.h - two records of one run, compared in what both of them have.
 *
 * A run's numbers are the same wherever and whenever it is computed, so two records of it may differ in one way alone:
 * one has values or tables that the other has not, as another version wrote it or another option asked for them.
 */
#ifndef DLEXP_RECORD_COMPARE_H
#define DLEXP_RECORD_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/run/record.h"

enum { RECORD_WHERE_SIZE = 160, RECORD_SHOWN_SIZE = 96 };

struct record_comparison {
    size_t values, numbers;          /* that both have: named values, cells of tables */
    size_t first, second;            /* values and columns of tables that one of them alone has */
    char lacking[RECORD_WHERE_SIZE]; /* the first such one, "table 'evals'"; "" if there is none */
    bool differs;
    char where[RECORD_WHERE_SIZE]; /* the first difference, "value 'status'", "table 'epochs', row 3, test_loss" */
    char a[RECORD_SHOWN_SIZE], b[RECORD_SHOWN_SIZE]; /* and what stands there, in the first and the second */
};

/*
 * record_compare - the tables' rows must be here (asserted).  Values are compared as texts, numbers bit for bit (any
 * nan is any other).  The order of values, tables and columns does not matter, nor what is bulk.
 */
void record_compare(struct record_comparison *comparison, const struct record *a, const struct record *b);

/* record_size - its values and the columns of its tables: of two records without a difference the larger one says more.
 */
size_t record_size(const struct record *record);

#endif
