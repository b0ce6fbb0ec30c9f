/* What lies in a results folder beside the runs of a plan; see scan.h. */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/store_files.h"
#include "models.h"

/* ---- runs of the plan by their id ---- */

struct by_id {
    const char *id;
    size_t index;
};

static int compare(const void *a_, const void *b_)
{
    const struct by_id *a = a_, *b = b_;
    return strcmp(a->id, b->id);
}

static struct by_id *sort_runs(const struct plan *plan)
{
    struct by_id *runs = calloc(plan->count + 1, sizeof *runs);
    for (size_t i = 0; runs && i < plan->count; i++)
        runs[i] = (struct by_id){plan->runs[i].id, i};
    if (runs && plan->count > 0)
        qsort(runs, plan->count, sizeof *runs, compare);
    return runs;
}

/* ---- files ---- */

static int note_temporary(struct scan *scan, const char *name, struct error *err)
{
    char host[TEMPORARY_HOST_SIZE];
    bool here;
    size_t i = 0;
    if (!temporary_host(name, host, &here))
        return 0;
    while (i < scan->host_count && (scan->hosts[i].here != here || strcmp(scan->hosts[i].name, host) != 0))
        i++;
    if (i == scan->host_count) {
        struct scan_host *grown = realloc(scan->hosts, (i + 1) * sizeof *grown);
        if (!grown)
            return error_out_of_memory(err, "the unfinished files");
        scan->hosts = grown;
        scan->hosts[scan->host_count++] = (struct scan_host){.here = here};
        memcpy(scan->hosts[i].name, host, sizeof host);
    }
    scan->hosts[i].files++;
    scan->hosts[i].abandoned += here && temporary_abandoned(name);
    return 0;
}

static void note_file(struct scan *scan, const char *name, const struct by_id *runs, size_t count)
{
    char id[STORE_ID_SIZE];
    if (!store_files_id(name, STORE_RUN, id))
        return;
    const struct by_id wanted = {id, 0}, *found = bsearch(&wanted, runs, count, sizeof *runs, compare);
    if (found) {
        scan->filed[found->index] = true;
        return;
    }
    if (scan->others < SCAN_OTHERS)
        memcpy(scan->some[scan->others].id, id, sizeof id);
    scan->others++;
}

static int scan_store(struct scan *scan, const char *store, const struct by_id *runs, size_t count, struct error *err)
{
    int result = 0;
    for (size_t folder = 0; folder < STORE_FOLDERS && result == 0; folder++) {
        struct store_files files;
        result = store_files_read(&files, store, folder, err);
        for (size_t i = 0; i < files.count && result == 0; i++) {
            note_file(scan, files.names[i], runs, count);
            result = note_temporary(scan, files.names[i], err);
        }
        store_files_free(&files);
    }
    return result;
}

/* The folder parent/name of other files, in which there may be unfinished ones. */
static int scan_folder(struct scan *scan, const char *parent, const char *name, struct error *err)
{
    struct store_files files;
    int result = store_files_in(&files, parent, name, err);
    for (size_t i = 0; i < files.count && result == 0; i++)
        result = note_temporary(scan, files.names[i], err);
    store_files_free(&files);
    return result;
}

int scan_make(struct scan *scan, const struct plan *plan, struct error *err)
{
    memset(scan, 0, sizeof *scan);
    struct by_id *runs = sort_runs(plan);
    char *store = path_join(plan->directory, "runs");
    int result = 0;
    scan->filed = calloc(plan->count + 1, sizeof *scan->filed);
    if (!scan->filed || !runs || !store)
        result = error_out_of_memory(err, "the runs of the store");
    if (result == 0)
        result = scan_store(scan, store, runs, plan->count, err);
    if (result == 0)
        result = scan_folder(scan, plan->directory, "", err);
    if (result == 0)
        result = scan_folder(scan, plan->directory, MODELS_FOLDER, err);
    free(runs);
    free(store);
    return result;
}

void scan_free(struct scan *scan)
{
    free(scan->filed);
    free(scan->hosts);
    *scan = (struct scan){0};
}

/* ---- data ---- */

/* The value of the line "key=value" of a spec, up to its end; NULL: it has none. */
static const char *find_line(const char *spec, const char *key)
{
    const size_t length = strlen(key);
    for (const char *line = spec; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, key, length) == 0 && line[length] == '=')
            return line + length + 1;
    return NULL;
}

/* Whether the spec is that of a run of the plan, but for its source. */
static bool is_of_plan(const char *spec, const char *source, const struct plan *plan)
{
    const size_t before = (size_t)(source - spec), length = strcspn(source, "\n");
    for (size_t i = 0; i < plan->count; i++) {
        const char *own = find_line(plan->runs[i].spec, plan->grid->subject->source);
        if (own && (size_t)(own - plan->runs[i].spec) == before && memcmp(own - before, spec, before) == 0 &&
            strcmp(own + strcspn(own, "\n"), source + length) == 0)
            return true;
    }
    return false;
}

int scan_check_source(const struct scan *scan, const struct plan *plan, struct error *err)
{
    const char *key = plan->grid->subject->source;
    struct store store;
    if (!key || scan->others == 0)
        return 0;
    int result = store_init(&store, plan->directory, err);
    for (size_t i = 0; i < scan->others && i < SCAN_OTHERS && result == 0; i++) {
        struct store_file file;
        struct error ignored;
        if (store_read(&file, &store, scan->some[i].id, &ignored) == STORE_FOUND) {
            const char *source = find_line(file.record.spec, key);
            if (source && is_of_plan(file.record.spec, source, plan))
                result = error_set(err, ERROR_DATA,
                                   "'%s': expected the %s that its runs were computed with, of SHA-256 %.16s..., got "
                                   "others, of %.16s...; give those",
                                   plan->directory, key, source, plan->grid->source);
        }
        store_file_free(&file);
    }
    store_free(&store);
    return result;
}
