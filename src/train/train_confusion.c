/* What a run takes the images of each class for, in its record. */
#include "dlexp/train/train_confusion.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#define HEADER "images"

enum { FLAGS = RECORD_BULK };

static const char *table_name(char name[32], size_t segment)
{
    snprintf(name, 32, "confusion.%zu", segment);
    return name;
}

static const struct record_table *find(const struct record *record, size_t segment)
{
    char name[32];
    return record_table_find(record, table_name(name, segment));
}

void train_confusion_note(struct record *record, size_t segment, const uint32_t *counts, size_t classes)
{
    char name[32];
    struct record_table *table = record_table_add(record, table_name(name, segment), HEADER, FLAGS);
    record_table_reserve(record, table, classes * classes);
    for (size_t i = 0; i < classes * classes; i++)
        record_table_row(record, table, &(double){counts[i]});
}

bool train_confusion_noted(const struct record *record, size_t segment)
{
    return find(record, segment) != NULL;
}

void train_confusion_add(const struct record *record, size_t segment, size_t classes, double *totals)
{
    const struct record_table *table = find(record, segment);
    assert(table && table->cells && table->rows == classes * classes);
    for (size_t i = 0; i < table->rows; i++)
        totals[i] += table->cells[i];
}

void train_confusion_check(struct record_audit *audit, size_t segment, size_t classes, size_t images, size_t correct)
{
    char name[32];
    if (!find(audit->record, segment))
        return;
    const struct record_table *table = record_audit_table(audit, table_name(name, segment), HEADER, FLAGS);
    record_audit_rows(audit, table, classes * classes);
    if (audit->wrong[0] || !table->cells)
        return;
    double all = 0, right = 0;
    for (size_t i = 0; i < table->rows; i++) {
        const double cell = table->cells[i];
        if (!(cell >= 0 && cell <= (double)images && cell == floor(cell))) {
            record_audit_fail(audit, "expected an integer from 0 to %zu in row %zu of its table '%s', got %g", images,
                              i + 1, name, cell);
            return;
        }
        all += cell;
        right += i % (classes + 1) == 0 ? cell : 0;
    }
    if (all != (double)images || right != (double)correct)
        record_audit_fail(audit, "expected %zu images in its table '%s', %zu of them right, got %.0f and %.0f", images,
                          name, correct, all, right);
}
