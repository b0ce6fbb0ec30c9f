/* The records of a merge; see merge.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/cli/progress.h"
#include "dlexp/run/record_compare.h"
#include "dlexp/run/store_files.h"
#include "merge_parts.h"
#include "merge_taken.h"

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
static enum store_found look(struct merge_taken *m, struct merge_counts *counts, const char *id,
                             struct store_file *there, struct error *err)
{
    const struct store *side = merge_taken_side(m, id);
    const enum store_found found = store_read(there, side, id, err);
    if (found != STORE_DAMAGED)
        return found;
    if (there->text && record_newer_format((const char *)there->text, there->size) > 0) {
        merge_leave_out(m->merge, counts, err->message);
        return STORE_DAMAGED;
    }
    return merge_set_aside(m, id, STORE_RUN, &there->seen, err) < 0 ? STORE_FAILED : STORE_MISSING;
}

/* So that nobody else looks at the run and places it meanwhile.  Somebody who does not let go of it for a second is not
 * waited for: two that place the same run place the same numbers. */
static int claim(struct merge_taken *m, const char *id, bool *claimed, struct error *err)
{
    enum { TRIES = 100 };
    *claimed = m->to.claims >= 0 && store_claim(&m->to, id);
    if (*claimed || m->to.claims < 0)
        return 0;
    if (merge_taken_settle(m, err) < 0) /* so that of two that wait for each other both go on */
        return -1;
    for (int i = 0; i < TRIES && !*claimed && !interrupt_signal(); i++) {
        const struct timespec pause = {0, 10 * 1000 * 1000};
        nanosleep(&pause, NULL);
        *claimed = store_claim(&m->to, id);
    }
    return 0;
}

/* A record of a source that is whole. */
static int merge_whole(struct merge_taken *m, size_t source, const char *id, const struct store_file *side,
                       struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].records;
    struct store_file there = {0};
    bool claimed = false;
    if (merge_taken_before(m, id, err) < 0)
        return -1;
    if (claim(m, id, &claimed, err) < 0)
        return -1;
    const enum store_found found = look(m, counts, id, &there, err);
    const bool wanted = found == STORE_MISSING || (found == STORE_FOUND && is_wanted(m->merge, counts, side, &there));
    counts->added += found == STORE_MISSING;
    store_file_free(&there);
    if (wanted)
        return merge_take(m, source, id, STORE_RUN, side->text, side->size, claimed, err);
    if (claimed)
        store_release(&m->to, id);
    return found == STORE_FAILED ? -1 : 0;
}

static int merge_record(struct merge_taken *m, size_t source, const char *id, struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].records;
    struct store_file side;
    const enum store_found found = store_read(&side, &m->from[source], id, err);
    int result = merge_found(m->merge, counts, found, err);
    if (found == STORE_FOUND)
        result = merge_whole(m, source, id, &side, err);
    store_file_free(&side);
    return result;
}

/* ---- all of them ---- */

static void draw(struct merge_taken *m, size_t folder, size_t source)
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

static int merge_folder(struct merge_taken *m, size_t source, size_t folder, struct error *err)
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
            result = merge_last(m, source, id, err);
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

static int merge_folders(struct merge_taken *m, struct error *err)
{
    int result = 0;
    progress_start(&m->progress, 1, STORE_FOLDERS * m->merge->count, m->merge->quiet);
    for (size_t folder = 0; folder < STORE_FOLDERS && result == 0; folder++) {
        for (size_t source = 0; source < m->merge->count && result == 0; source++)
            result = merge_folder(m, source, folder, err);
        if (result == 0 && (m->merge->dry_run || folder + 1 == STORE_FOLDERS))
            result = merge_taken_settle(m, err);
    }
    struct error second;
    if (result < 0)
        merge_taken_settle(m, &second); /* what was written is whole */
    progress_stop(&m->progress);
    return result;
}

/* *opened: so many of the sources' stores are to be freed. */
static int open_stores(struct merge_taken *m, size_t *opened, struct error *err)
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
    struct merge_taken m = {.merge = merge};
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
    free(m.runs);
    return result;
}
