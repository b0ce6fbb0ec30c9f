/*
 * record_parts.h - what a record in memory (record.c) and its text (record_text.c) agree on: the one asserts it, the
 * other refuses all else.
 */
#ifndef DLEXP_RECORD_PARTS_H
#define DLEXP_RECORD_PARTS_H

#include "dlexp/run/record.h"

enum { RECORD_VALUE_SIZE = 512, RECORD_TABLE_NAME_SIZE = 64 }; /* the longest, and the NUL */

/* record_duplicate - malloc'ed text[0..length) and a NUL; NULL, and the record has failed, without memory. */
char *record_duplicate(struct record *record, const char *text, size_t length);

/* record_add_value - append one, unchecked.  record_is_new_value - whether the value at this index has a name that is
 * a word, and no value before it has the same. */
void record_add_value(struct record *record, const char *name, size_t name_length, const char *text, size_t length);
bool record_is_new_value(const struct record *record, size_t index);

/* record_is_new_table - whether a table of this name and these columns may be added: all are words, none is twice. */
bool record_is_new_table(const struct record *record, const char *name, const char *header);

#endif
