/* The records of a merge; see merge.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/cli/progress.h"
#include "dlexp/run/record_compare.h"
#include "dlexp/run/store.h"
#include "dlexp/run/store_files.h"
#include "merge_parts.h"

enum { GROUP = 256 }; /* records that are made sure of at once */

/* A record that this merge has taken, and, unless it is a dry run, is still to be put in place. */
struct taken {
    uint64_t key; /* the first digits of its id */
    char id[STORE_ID_SIZE];
    size_t source;
    bool claimed;
};

/* What the parts of one merge share. */
struct merging {
    struct merge *merge;
    struct store to, *from; /* from: [source] */
    struct taken *taken;    /* those of this group; in a dry run of this folder */
    struct file_draft drafts[GROUP];
    size_t taken_count, capacity;
    struct progress progress;
};

/* ---- what was taken ---- */

static uint64_t key_of(const char *id)
{
    char digits[17];
    memcpy(digits, id, 16);
    digits[16] = '\0';
    return strtoull(digits, NULL, 16);
}

static const struct taken *find_taken(const struct merging *m, const char *id)
{
    const uint64_t key = key_of(id);
    for (size_t i = 0; i < m->taken_count; i++)
        if (m->taken[i].key == key && strcmp(m->taken[i].id, id) == 0)
            return &m->taken[i];
    return NULL;
}

/* Put in place what is written; nothing, in a dry run. */
static int settle(struct merging *m, struct error *err)
{
    size_t placed = 0;
    int result = 0;
    if (!m->merge->dry_run && m->taken_count > 0)
        result = store_settle(&m->to, m->drafts, m->taken_count, &placed, err);
    for (size_t i = 0; i < m->taken_count; i++)
        if (m->taken[i].claimed)
            store_release(&m->to, m->taken[i].id);
    m->merge->placed += placed;
    m->taken_count = 0;
    return result;
}

static int grow(struct merging *m, struct error *err)
{
    if (m->taken_count < m->capacity)
        return 0;
    const size_t capacity = m->capacity ? 2 * m->capacity : GROUP;
    struct taken *grown = realloc(m->taken, capacity * sizeof *grown);
    if (!grown)
        return error_out_of_memory(err, "the runs that are merged");
    m->taken = grown;
    m->capacity = capacity;
    return 0;
}

static int take(struct merging *m, size_t source, const char *id, const struct store_file *side, bool claimed,
                struct error *err)
{
    const bool dry_run = m->merge->dry_run;
    if (grow(m, err) < 0)
        return -1;
    struct taken *taken = &m->taken[m->taken_count];
    *taken = (struct taken){.key = key_of(id), .source = source, .claimed = claimed};
    memcpy(taken->id, id, sizeof taken->id);
    if (!dry_run && store_write_text(&m->to, side->record.spec, (const char *)side->text, side->size,
                                     &m->drafts[m->taken_count], err) < 0)
        return -1;
    m->taken_count++;
    return !dry_run && m->taken_count == GROUP ? settle(m, err) : 0;
}

/* ---- one record ---- */

/* Of two records with the same numbers: whether the source's is to replace the one that is there. */
static bool is_better(const struct store_file *source, const struct store_file *there)
{
    const size_t a = record_size(&source->record), b = record_size(&there->record);
    if (a != b)
        return a > b;
    if (source->record.format != there->record.format)
        return source->record.format > there->record.format;
    const size_t least = source->size < there->size ? source->size : there->size;
    const int order = memcmp(source->text, there->text, least);
    return order != 0 ? order < 0 : source->size < there->size;
}

static void tell_conflict(struct merge *merge, struct merge_counts *counts, const struct store_file *source,
                          const struct store_file *there, const struct record_comparison *comparison)
{
    char why[2048];
    snprintf(why, sizeof why,
             "'%s' and '%s' are of the same run and differ: %s is %s and %s. One of them was not computed by dlexp, or "
             "on a machine that computes wrongly; 'dlexp verify' finds out which",
             source->path, there->path, comparison->where, comparison->a, comparison->b);
    merge_leave_out(merge, counts, why);
}

/* Whether the source's record is to replace the one that is there. */
static bool is_wanted(struct merge *merge, struct merge_counts *counts, const struct store_file *source,
                      const struct store_file *there)
{
    struct record_comparison comparison = {0};
    const bool same = source->size == there->size && memcmp(source->text, there->text, source->size) == 0;
    if (!same)
        record_compare(&comparison, &source->record, &there->record);
    if (comparison.differs)
        tell_conflict(merge, counts, source, there, &comparison);
    else if (same || !is_better(source, there))
        counts->same++;
    else
        counts->replaced++;
    return !comparison.differs && !same && is_better(source, there);
}

/* The record that is there, or in a dry run would be; what cannot be read is set aside.  STORE_DAMAGED: it stays, as a
 * newer version wrote it, and the source's is left out. */
static enum store_found look(struct merging *m, struct merge_counts *counts, const char *id, const char *spec,
                             struct store_file *there, struct error *err)
{
    const bool dry_run = m->merge->dry_run;
    const struct taken *taken = dry_run ? find_taken(m, id) : NULL;
    struct error what;
    const enum store_found found = store_read(there, taken ? &m->from[taken->source] : &m->to, id, &what);
    if (found == STORE_FAILED)
        *err = what;
    if (found != STORE_DAMAGED)
        return found;
    if (there->text && record_newer_format((const char *)there->text, there->size) > 0) {
        merge_leave_out(m->merge, counts, what.message);
        return STORE_DAMAGED;
    }
    fprintf(stderr, "dlexp: note: %s; %s\n", what.message, dry_run ? "it would be set aside" : "set aside");
    if (!dry_run && store_set_aside(&m->to, spec, &there->seen, err) < 0)
        return STORE_FAILED;
    return STORE_MISSING;
}

/* So that nobody else looks at the run and places it meanwhile.  Somebody who does not let go of it for a second is not
 * waited for: two that place the same run place the same numbers. */
static int claim(struct merging *m, const char *id, bool *claimed, struct error *err)
{
    enum { TRIES = 100 };
    *claimed = m->to.claims >= 0 && store_claim(&m->to, id);
    if (*claimed || m->to.claims < 0)
        return 0;
    if (settle(m, err) < 0) /* so that of two that wait for each other both go on */
        return -1;
    for (int i = 0; i < TRIES && !*claimed && !interrupt_signal(); i++) {
        const struct timespec pause = {0, 10 * 1000 * 1000};
        nanosleep(&pause, NULL);
        *claimed = store_claim(&m->to, id);
    }
    return 0;
}

/* A record of a source that is whole. */
static int merge_whole(struct merging *m, size_t source, const char *id, const struct store_file *side,
                       struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].records;
    struct store_file there = {0};
    bool claimed = false;
    if (!m->merge->dry_run && find_taken(m, id) && settle(m, err) < 0)
        return -1;
    if (claim(m, id, &claimed, err) < 0)
        return -1;
    const enum store_found found = look(m, counts, id, side->record.spec, &there, err);
    const bool wanted = found == STORE_MISSING || (found == STORE_FOUND && is_wanted(m->merge, counts, side, &there));
    counts->added += found == STORE_MISSING;
    store_file_free(&there);
    if (wanted)
        return take(m, source, id, side, claimed, err);
    if (claimed)
        store_release(&m->to, id);
    return found == STORE_FAILED ? -1 : 0;
}

static int merge_record(struct merging *m, size_t source, const char *id, struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].records;
    struct store_file side;
    struct error what;
    int result = 0;
    const enum store_found found = store_read(&side, &m->from[source], id, &what);
    counts->found += found != STORE_MISSING; /* one may be gone since the folder was read */
    if (found == STORE_DAMAGED)
        merge_leave_out(m->merge, counts, what.message);
    if (found == STORE_FAILED) {
        *err = what;
        result = -1;
    }
    if (found == STORE_FOUND)
        result = merge_whole(m, source, id, &side, err);
    store_file_free(&side);
    return result;
}

/* ---- all of them ---- */

static void draw(struct merging *m, size_t folder, size_t source)
{
    const struct merge *merge = m->merge;
    char last[80];
    size_t found = 0;
    for (size_t i = 0; i < merge->count; i++)
        found += merge->sources[i].records.found;
    snprintf(last, sizeof last, "%s", counted(found, "record").text);
    atomic_store(&m->progress.done, folder * merge->count + source);
    progress_draw(&m->progress, merge->dry_run ? "check" : "merge", last);
}

static int merge_folder(struct merging *m, size_t source, size_t folder, struct error *err)
{
    char id[STORE_ID_SIZE];
    struct store_files files;
    const struct store *from = &m->from[source];
    int result = store_files_read(&files, from->directory, folder, err);
    draw(m, folder, source);
    for (size_t i = 0; i < files.count && result == 0; i++) {
        const char *name = files.names[i];
        result = interrupt_check(err);
        if (result == 0 && folder != STORE_FLAT && store_files_id(name, STORE_LAST, id))
            result = merge_last(m->merge, from, &m->to, id, err);
        if (result < 0 || !store_files_id(name, STORE_RUN, id))
            continue;
        /* Of a run that lies flat and in its folder, too, the latter is the record. */
        bool filed = false;
        if (folder == STORE_FLAT)
            result = store_has_filed(&filed, from, id, err);
        if (result == 0 && !filed)
            result = merge_record(m, source, id, err);
    }
    store_files_free(&files);
    return result;
}

static int merge_folders(struct merging *m, struct error *err)
{
    int result = 0;
    progress_start(&m->progress, 1, STORE_FOLDERS * m->merge->count, m->merge->quiet);
    for (size_t folder = 0; folder < STORE_FOLDERS && result == 0; folder++) {
        for (size_t source = 0; source < m->merge->count && result == 0; source++)
            result = merge_folder(m, source, folder, err);
        if (result == 0 && (m->merge->dry_run || folder + 1 == STORE_FOLDERS))
            result = settle(m, err);
    }
    struct error second;
    if (result < 0)
        settle(m, &second); /* what was written is whole */
    progress_stop(&m->progress);
    return result;
}

/* *opened: so many of the sources' stores are to be freed. */
static int open_stores(struct merging *m, size_t *opened, struct error *err)
{
    const struct merge *merge = m->merge;
    if (!m->from)
        return error_out_of_memory(err, "the stores");
    while (*opened < merge->count) {
        const size_t i = (*opened)++;
        if (store_init(&m->from[i], merge->sources[i].folder, err) < 0)
            return -1;
    }
    if (merge->dry_run)
        return 0;
    if (store_create(&m->to, NULL, NULL, err) < 0 || directory_check(m->to.directory, 1, err) < 0)
        return -1;
    store_claims_open(&m->to);
    return 0;
}

int merge_records(struct merge *merge, struct error *err)
{
    struct merging m = {.merge = merge};
    size_t opened = 0;
    int result = store_init(&m.to, merge->folder, err);
    m.from = malloc(merge->count * sizeof *m.from);
    if (result == 0)
        result = open_stores(&m, &opened, err);
    if (result == 0)
        result = merge_folders(&m, err);
    for (size_t i = 0; i < opened; i++)
        store_free(&m.from[i]);
    store_free(&m.to);
    free(m.from);
    free(m.taken);
    return result;
}
