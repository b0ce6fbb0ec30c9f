/* The plan.json of a merge; see merge_parts.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/run/plan_json.h"
#include "dlexp/run/run_json.h"
#include "dlexp/run/store.h"
#include "merge_parts.h"
#include "stored_call.h"

struct document {
    unsigned char *text;
    size_t size;
};

/* The document of this name in the folder; as store_read, STORE_DAMAGED where it does not tell of a call. */
static enum store_found read_document(struct document *document, const char *folder, const char *name,
                                      struct error *err)
{
    struct file_identity seen = {0};
    *document = (struct document){0};
    char *path = path_join(folder, name);
    int result = path ? file_read_identified(path, SIZE_MAX, &document->text, &document->size, &seen, err)
                      : error_out_of_memory(err, folder);
    if (result == 0)
        result = stored_call_check((const char *)document->text, path, err);
    free(path);
    return result == 0               ? STORE_FOUND
           : err->code != ERROR_DATA ? STORE_FAILED
           : seen.exists             ? STORE_DAMAGED
                                     : STORE_MISSING;
}

/* Whether the destination says what its runs are; *broken: why its plan.json does not. */
static int look_at_destination(bool *has, struct error *broken, const struct merge *merge, struct error *err)
{
    struct document document;
    enum store_found found = read_document(&document, merge->folder, PLAN_JSON, err);
    free(document.text);
    broken->code = 0;
    if (found == STORE_DAMAGED)
        *broken = *err;
    if (found == STORE_MISSING) {
        found = read_document(&document, merge->folder, RUN_JSON, err);
        free(document.text);
    }
    *has = found == STORE_FOUND;
    return found == STORE_FAILED ? -1 : 0;
}

/* The first source's that has one; others that differ are told, and those that cannot be read left out. */
static int choose(struct document *chosen, struct merge *merge, struct error *err)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct document document;
        const enum store_found found = read_document(&document, merge->sources[i].folder, PLAN_JSON, err);
        if (found == STORE_DAMAGED)
            merge_leave_out(merge, NULL, err->message);
        if (found == STORE_FOUND && !merge->plan) {
            merge->plan = merge->sources[i].given;
            *chosen = document;
            continue;
        }
        if (found == STORE_FOUND && !merge->quiet &&
            (document.size != chosen->size || memcmp(document.text, chosen->text, chosen->size) != 0))
            fprintf(stderr,
                    "dlexp: note: '%s/" PLAN_JSON
                    "' is of another call than that of '%s', which is taken; 'dlexp status' and "
                    "'dlexp verify' look at the runs of that one\n",
                    merge->sources[i].given, merge->plan);
        free(document.text);
        if (found == STORE_FAILED)
            return -1;
    }
    return 0;
}

/* Put the document that was chosen into the destination, in the place of one that is broken. */
static int put(struct merge *merge, const struct document *document, const struct error *broken, struct error *err)
{
    bool folder;
    char *path = path_join(merge->folder, PLAN_JSON);
    int result = path ? file_is_folder(&folder, path, err) : error_out_of_memory(err, merge->folder);
    if (result == 0 && folder) {
        merge_leave_out(merge, NULL, broken->message);
        merge->plan = NULL;
    } else if (result == 0) {
        if (broken->code)
            fprintf(stderr, "dlexp: note: %s; %s by that of '%s'\n", broken->message,
                    merge->dry_run ? "it would be replaced" : "replaced", merge->plan);
        if (!merge->dry_run)
            result = file_write_atomic(path, document->text, document->size, err);
    }
    free(path);
    return result;
}

int merge_plan(struct merge *merge, struct error *err)
{
    struct document chosen = {0};
    struct error broken;
    bool has;
    if (look_at_destination(&has, &broken, merge, err) < 0)
        return -1;
    if (has)
        return 0;
    int result = choose(&chosen, merge, err);
    if (result == 0 && merge->plan)
        result = put(merge, &chosen, &broken, err);
    else if (result == 0 && broken.code)
        merge_leave_out(merge, NULL, broken.message);
    free(chosen.text);
    return result;
}
