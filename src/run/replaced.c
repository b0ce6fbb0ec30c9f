/* replaced.c - see replaced.h. */
#include "replaced.h"

#include <cJSON.h>
#include <stdio.h>

#include "dlexp/formats/flow.h"

/* Whether `item`, or every element of it, is among those of `whole`; each may stand alone or in a list. */
static bool is_within(const cJSON *item, const cJSON *whole)
{
    const cJSON *element;
    if (cJSON_Compare(item, whole, true))
        return true;
    if (cJSON_IsArray(item)) {
        cJSON_ArrayForEach(element, item)
        {
            if (!is_within(element, whole))
                return false;
        }
        return true;
    }
    if (cJSON_IsArray(whole))
        cJSON_ArrayForEach(element, whole)
        {
            if (cJSON_Compare(item, element, true))
                return true;
        }
    return false;
}

/* The option that has another value now, or lacks one that it had; NULL: there is none. */
static const struct option *find_lost(const cJSON *before, const cJSON *now, const struct option *options)
{
    for (const struct option *option = options; option->name; option++) {
        const cJSON *was = cJSON_GetObjectItemCaseSensitive(before, option->name);
        if (option->key && was && !is_within(was, cJSON_GetObjectItemCaseSensitive(now, option->name)))
            return option;
    }
    return NULL;
}

/* The words of the call, but for the program's path. */
static void flow_command(struct flow *flow, const cJSON *words)
{
    const cJSON *word = cJSON_GetArrayItem(words, 1);
    flow_text(flow, " 'dlexp");
    for (; word; word = word->next) {
        flow_text(flow, " ");
        flow_text(flow, cJSON_IsString(word) ? word->valuestring : "");
    }
    flow_text(flow, "'");
}

void replaced_tell(const cJSON *old, const char *directory, const struct invocation *invocation, const void *config)
{
    /* As a file has it: numbers that need all their digits are texts until they are read. */
    cJSON *made = options_to_json(invocation, config);
    char *text = cJSON_PrintUnformatted(made);
    cJSON *now = cJSON_Parse(text);
    const struct option *lost =
        !now ? NULL : /* no memory for a note */
            find_lost(cJSON_GetObjectItemCaseSensitive(old, "config"), now, invocation->command->options);
    if (lost) {
        struct flow flow = {.out = stderr, .line = SIZE_MAX}; /* one line, whatever its length: it is for logs, too */
        flow_text(&flow, "dlexp: note: the tables in '");
        flow_text(&flow, directory);
        flow_text(&flow, "' were those of");
        flow_command(&flow, cJSON_GetObjectItemCaseSensitive(old, "command_line"));
        flow_text(&flow, ", with another --");
        flow_text(&flow, lost->name);
        flow_text(&flow, ", and are replaced when this call ends; its runs stay in the store; to keep both, give --out "
                         "another folder");
        flow_end(&flow);
    }
    cJSON_Delete(now);
    cJSON_free(text);
    cJSON_Delete(made);
}
