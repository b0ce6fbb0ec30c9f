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

/* Whether it has another value now: a setting, one that lacks values that it had. */
static bool has_changed(const struct option *option, const cJSON *before, const cJSON *now)
{
    const cJSON *was = cJSON_GetObjectItemCaseSensitive(before, option->name),
                *is = cJSON_GetObjectItemCaseSensitive(now, option->name);
    if (option->key)
        return was && !is_within(was, is);
    return was && option->flags & (OPTION_DATA | OPTION_RUNS) && !cJSON_Compare(was, is, true);
}

static bool is_setting_lost(const struct option *options, const cJSON *before, const cJSON *now)
{
    for (const struct option *option = options; option->name; option++)
        if (option->key && has_changed(option, before, now))
            return true;
    return false;
}

/* ", with another --batch and another --data"; ", of other data" where the same options lead to others. */
static void flow_changes(struct flow *flow, const struct option *options, const cJSON *before, const cJSON *now)
{
    const char *between = ", with another --";
    for (const struct option *option = options; option->name; option++)
        if (has_changed(option, before, now)) {
            flow_text(flow, between);
            flow_text(flow, option->name);
            between = " and another --";
        }
    if (*between == ',')
        flow_text(flow, ", of other data");
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

void replaced_tell(const cJSON *old, const char *directory, bool settings_only, const struct invocation *invocation,
                   const void *config)
{
    /* As a file has it: numbers that need all their digits are texts until they are read. */
    cJSON *made = options_to_json(invocation, config);
    char *text = cJSON_PrintUnformatted(made);
    cJSON *now = cJSON_Parse(text);
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(old, "config");
    const struct option *options = invocation->command->options;
    if (now && (!settings_only || is_setting_lost(options, before, now))) { /* without memory there is no note */
        struct flow flow = {.out = stderr, .line = SIZE_MAX}; /* one line, whatever its length: it is for logs, too */
        flow_text(&flow, "dlexp: note: the tables in '");
        flow_text(&flow, directory);
        flow_text(&flow, "' were those of");
        flow_command(&flow, cJSON_GetObjectItemCaseSensitive(old, "command_line"));
        flow_changes(&flow, options, before, now);
        flow_text(&flow, ", and are replaced when this call ends; its runs stay in the store; to keep both, give --out "
                         "another folder");
        flow_end(&flow);
    }
    cJSON_Delete(now);
    cJSON_free(text);
    cJSON_Delete(made);
}
