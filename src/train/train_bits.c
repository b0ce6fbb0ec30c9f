/* Which test images a run gets right at its end, in its record. */
#include "dlexp/train/train_bits.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEADER "bits"

enum { FLAGS = RECORD_BULK };

static const char *table_name(char name[32], size_t segment)
{
    snprintf(name, 32, "bits.%zu", segment);
    return name;
}

static const struct record_table *find(const struct record *record, size_t segment)
{
    char name[32];
    return record_table_find(record, table_name(name, segment));
}

void train_bits_note(struct record *record, size_t segment, const uint32_t *words, size_t images)
{
    char name[32];
    const size_t count = train_bits_words(images);
    struct record_table *table = record_table_add(record, table_name(name, segment), HEADER, FLAGS);
    record_table_reserve(record, table, count);
    for (size_t i = 0; i < count; i++)
        record_table_row(record, table, &(double){words[i]});
}

bool train_bits_noted(const struct record *record, size_t segment)
{
    return find(record, segment) != NULL;
}

void train_bits_read(const struct record *record, size_t segment, size_t images, uint8_t *bits)
{
    const struct record_table *table = find(record, segment);
    assert(table && table->cells && table->rows == train_bits_words(images));
    for (size_t i = 0; i < (images + 7) / 8; i++)
        bits[i] = (uint8_t)((uint32_t)table->cells[i / 4] >> i % 4 * 8);
}

void train_bits_check(struct record_audit *audit, size_t segment, size_t images, size_t correct)
{
    char name[32];
    if (!find(audit->record, segment))
        return;
    const struct record_table *table = record_audit_table(audit, table_name(name, segment), HEADER, FLAGS);
    record_audit_rows(audit, table, train_bits_words(images));
    if (audit->wrong[0] || !table->cells)
        return;
    size_t count = 0;
    for (size_t i = 0; i < table->rows; i++) {
        const double cell = table->cells[i], most = ldexp(1, images - i * 32 < 32 ? (int)(images - i * 32) : 32);
        if (!(cell >= 0 && cell < most && cell == floor(cell))) {
            record_audit_fail(audit, "expected an integer from 0 to %.0f in row %zu of its table '%s', got %g",
                              most - 1, i + 1, name, cell);
            return;
        }
        for (uint32_t word = (uint32_t)cell; word; word &= word - 1)
            count++;
    }
    if (count != correct)
        record_audit_fail(audit, "expected %zu bits in its table '%s', as its accuracy says, got %zu", correct, name,
                          count);
}
