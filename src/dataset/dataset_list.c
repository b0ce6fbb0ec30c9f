#include "dataset_list.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/cache.h"
#include "dlexp/base/memory_limit.h"
#include "dlexp/data/dataset.h"
#include "dlexp/data/known.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame.h"
#include "dlexp/formats/json.h"

enum { STATE_SIZE = 512 };

/* One place where a data set was looked for. */
struct looked {
    const struct known *known;
    char *place;
    bool there, used;       /* used: --dataset reads it */
    char state[STATE_SIZE]; /* of what is there: "genuine MNIST", or why it is not read */
};

struct list {
    struct looked *items;
    size_t count;
    bool all; /* also places without data */
};

static const struct frame_column columns[] = {
    {.name = "dataset", .type = FRAME_TEXT, .title = "--dataset"},
    {.name = "place", .type = FRAME_TEXT, .title = "place"},
    {.name = "there", .type = FRAME_BOOL},
    {.name = "used", .type = FRAME_BOOL, .title = "read"},
    {.name = "state", .type = FRAME_TEXT, .title = "what it is"},
    {.name = NULL},
};

static void fill(const void *context, struct frame *frame)
{
    const struct list *list = context;
    for (size_t i = 0; i < list->count; i++) {
        const struct looked *looked = &list->items[i];
        if (!looked->there && !list->all)
            continue;
        frame_text(frame, looked->known->name);
        frame_text(frame, looked->place);
        frame_bool(frame, looked->there);
        frame_bool(frame, looked->used);
        frame_text(frame, looked->there ? looked->state : NULL);
    }
}

/* What it is: read whole, so that its hash says. */
static int look_at(struct looked *looked, struct error *err)
{
    struct dataset data;
    const struct dataset_source source = {
        .directory = looked->place, .label_offset = looked->known->label_offset, .transpose = looked->known->transpose};
    int status = dataset_load(&data, &source, err);
    if (status == 0)
        snprintf(looked->state, STATE_SIZE, "%s%zu + %zu images, %zu classes",
                 !looked->known->genuine                          ? ""
                 : strcmp(data.name, looked->known->genuine) == 0 ? "genuine; "
                                                                  : "not the published files; ",
                 data.train.count, data.test.count, data.classes);
    else if (err->code == ERROR_DATA)
        snprintf(looked->state, STATE_SIZE, "%.*s", STATE_SIZE - 1, err->message);
    dataset_free(&data);
    return status == 0 || err->code == ERROR_DATA ? 0 : -1;
}

static int look(struct list *list, const struct known *known, struct error *err)
{
    bool used = false;
    int more;
    char *place;
    for (size_t i = 0; (more = known_place(&place, known, i, err)) > 0; i++) {
        if (!place)
            continue;
        struct looked *items = realloc(list->items, (list->count + 1) * sizeof *items);
        if (!items) {
            free(place);
            return error_out_of_memory(err, "the list of data sets");
        }
        list->items = items;
        struct looked *looked = &items[list->count++];
        *looked = (struct looked){.known = known, .place = place};
        if (known_is_there(&looked->there, place, err) < 0 || (looked->there && look_at(looked, err) < 0))
            return -1;
        looked->used = looked->there && !used;
        used = used || looked->there;
    }
    return more;
}

/* Which were looked for in vain, and where. */
static int print_places(const struct list *list, struct error *err)
{
    struct flow flow = flow_begin(stdout, "Looked below:", 2);
    const struct known *known;
    char *root;
    int more;
    for (size_t i = 0; (more = known_root(&root, i, err)) > 0; i++) {
        if (root) {
            flow_text(&flow, " ");
            flow_piece(&flow, root);
        }
        free(root);
    }
    flow_end(&flow);
    for (size_t k = 0; (known = known_row(k)); k++) {
        bool there = false;
        for (size_t i = 0; i < list->count; i++)
            there = there || (list->items[i].known == known && list->items[i].there);
        char label[64];
        snprintf(label, sizeof label, "%s%s:", known->name, there ? "" : " (not here)");
        flow = flow_begin(stdout, label, 2);
        for (size_t i = 0; known->folders[i]; i++) {
            flow_text(&flow, " ");
            flow_text(&flow, known->folders[i]);
            flow_text(&flow, known->prefix ? "/" : "");
            flow_text(&flow, known->prefix ? known->prefix : "");
        }
        flow_end(&flow);
    }
    return more;
}

/* What is known from earlier readings (data/raw_cache.h). */
static void print_cache(void)
{
    char bytes[MEMORY_TEXT_SIZE], *place = cache_path(NULL, NULL);
    printf("\n");
    if (place)
        flow_say(stdout, "Cache:", 2,
                 "%s in '%s', images that need not be inflated and hashed again; it may be removed "
                 "at any time, and DLEXP_CACHE=off does without",
                 memory_format(bytes, (double)cache_size()), place);
    else
        flow_print(stdout, "Cache:", 2, "none (DLEXP_CACHE is off, or there is no HOME)");
    free(place);
}

static void add_cache(cJSON *root)
{
    char *place = cache_path(NULL, NULL);
    cJSON *cache = json_add_object(root, "cache");
    json_add_string(cache, "directory", place);
    json_add_number(cache, "bytes", (double)cache_size());
    free(place);
}

static int print_list(const struct list *list, struct error *err)
{
    if (frame_print(&frame_terminal, stdout, columns, fill, list, err) < 0)
        return -1;
    printf("\nOf several places the first is read (--json names each place).\n");
    if (print_places(list, err) < 0)
        return -1;
    print_cache();
    return 0;
}

int dataset_list(bool json, struct error *err)
{
    struct list list = {.all = json};
    const struct known *known;
    int status = 0;
    for (size_t k = 0; (known = known_row(k)) && status == 0; k++)
        status = look(&list, known, err);
    if (status == 0 && json) {
        cJSON *root = json_document("datasets");
        frame_add_json(root, "places", columns, fill, &list);
        add_cache(root);
        status = json_print(root, stdout, "the JSON text", err);
    } else if (status == 0) {
        status = print_list(&list, err);
    }
    for (size_t i = 0; i < list.count; i++)
        free(list.items[i].place);
    free(list.items);
    return status;
}
