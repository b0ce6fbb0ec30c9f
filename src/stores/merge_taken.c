/* What a merge has taken; see merge_taken.h. */
#include "merge_taken.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_of(const char *id)
{
    char digits[17];
    memcpy(digits, id, 16);
    digits[16] = '\0';
    return strtoull(digits, NULL, 16);
}

static const struct taken *find(const struct merge_taken *m, const char *id)
{
    const uint64_t key = key_of(id);
    for (size_t i = 0; i < m->count; i++)
        if (m->runs[i].key == key && strcmp(m->runs[i].id, id) == 0)
            return &m->runs[i];
    return NULL;
}

int merge_taken_settle(struct merge_taken *m, struct error *err)
{
    size_t placed = 0;
    int result = 0;
    if (!m->merge->dry_run && m->count > 0)
        result = store_settle(&m->to, m->drafts, m->count, &placed, err);
    for (size_t i = 0; i < m->count; i++)
        if (m->runs[i].claimed)
            store_release(&m->to, m->runs[i].id);
    m->merge->placed += placed;
    m->count = 0;
    return result;
}

static int grow(struct merge_taken *m, struct error *err)
{
    if (m->count < m->capacity)
        return 0;
    const size_t capacity = m->capacity ? 2 * m->capacity : MERGE_GROUP;
    struct taken *grown = realloc(m->runs, capacity * sizeof *grown);
    if (!grown)
        return error_out_of_memory(err, "the runs that are merged");
    m->runs = grown;
    m->capacity = capacity;
    return 0;
}

int merge_take(struct merge_taken *m, size_t source, const char *id, const char *ending, const void *text, size_t size,
               bool claimed, struct error *err)
{
    const bool dry_run = m->merge->dry_run;
    if (grow(m, err) < 0)
        return -1;
    struct taken *taken = &m->runs[m->count];
    *taken = (struct taken){.key = key_of(id), .source = source, .claimed = claimed};
    memcpy(taken->id, id, sizeof taken->id);
    if (!dry_run && store_write_text(&m->to, id, ending, text, size, &m->drafts[m->count], err) < 0)
        return -1;
    m->count++;
    return !dry_run && m->count == MERGE_GROUP ? merge_taken_settle(m, err) : 0;
}

int merge_taken_before(struct merge_taken *m, const char *id, struct error *err)
{
    return !m->merge->dry_run && find(m, id) ? merge_taken_settle(m, err) : 0;
}

const struct store *merge_taken_side(const struct merge_taken *m, const char *id)
{
    const struct taken *taken = find(m, id);
    return taken ? &m->from[taken->source] : &m->to;
}

int merge_set_aside(const struct merge_taken *m, const char *id, const char *ending, const struct file_identity *seen,
                    struct error *err)
{
    const bool dry_run = m->merge->dry_run;
    fprintf(stderr, "dlexp: note: %s; %s\n", err->message, dry_run ? "it would be set aside" : "set aside");
    return dry_run ? 0 : store_set_aside(&m->to, id, ending, seen, err);
}
