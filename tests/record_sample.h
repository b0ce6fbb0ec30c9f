/* record_sample.h - a record with every kind of content, its text and back: what the tests of records share. */
#ifndef DLEXP_TESTS_RECORD_SAMPLE_H
#define DLEXP_TESTS_RECORD_SAMPLE_H

#include "support.h"

#include "dlexp/base/error.h"
#include "dlexp/run/record.h"

static const char spec[] = "experiment=test\nlr=0.1\nseed=1\n";

static inline void parse(struct record *record, const char *text, size_t size)
{
    struct error err;
    if (record_parse(record, text, size, "a.run", &err) < 0)
        fail_msg("%s", err.message);
}

static inline char *text_of(const struct record *record, size_t *size)
{
    struct error err;
    char *text;
    if (record_text(record, &text, size, &err) < 0)
        fail_msg("%s", err.message);
    return text;
}

static inline void fill(struct record *record)
{
    record_init(record, spec);
    record_set(record, "status", "completed");
    record_set(record, "note", "a=b, [c] %d", 7);
    record_set(record, "empty", "%s", "");
    record_set_real(record, "third", 1.0 / 3);
    record_set_real(record, "nothing", (double)NAN);
    struct record_table *epochs = record_table_add(record, "epochs", "epoch,loss,accuracy", 0);
    for (int i = 1; i <= 5; i++)
        record_table_row(record, epochs, (const double[]){i, 2.3 / i, 11.35 * i});
    struct record_table *steps = record_table_add(record, "steps.0", "train_loss", RECORD_SINGLE | RECORD_BULK);
    for (int i = 1; i <= 9; i++)
        record_table_row(record, steps, &(double){(double)(2.3f / (float)i)});
}

#endif
