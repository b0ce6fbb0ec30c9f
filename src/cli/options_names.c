/* Rows of a table of options by their names; and the options of every command. */
#include "options_names.h"

#include <stdio.h>
#include <string.h>

#include "dlexp/cli/nearest.h"
#include "hints.h"
#include "options_common.h"

const struct option options_common[OPTIONS_COMMON + 1] = {
    [OPTIONS_CONFIG] = {.name = "config",
                        .type = OPTION_TEXT,
                        .flags = OPTION_COMMON | OPTION_FILE,
                        .value = "FILE",
                        .help =
                            "read options from a JSON object {\"name\": value}, or those of a finished call from its "
                            "run.json; the command line wins",
                        .group = "In every command"},
    [OPTIONS_HELP] = {.name = "help",
                      .letter = 'h',
                      .type = OPTION_FLAG,
                      .flags = OPTION_COMMON,
                      .help = "print this help and exit"},
    [OPTIONS_COMMON] = {.name = NULL},
};

static bool is_same(const char *a, const char *name, size_t length)
{
    return a != NULL && strlen(a) == length && memcmp(a, name, length) == 0;
}

bool options_names_has(const struct option *option, const char *name, size_t length)
{
    return is_same(option->name, name, length) || is_same(option->alias, name, length);
}

const struct option *options_names_find(const struct option *options, const char *name, size_t length)
{
    for (const struct option *option = options; option->name != NULL; option++)
        if (options_names_has(option, name, length))
            return option;
    return NULL;
}

void options_names_meant(char *text, size_t size, const struct invocation *invocation, const char *name, size_t length,
                         const char *prefix)
{
    const struct command *command = invocation->command;
    const struct option *const tables[] = {command->options, options_common};
    const size_t count = *prefix ? 2 : 1; /* a key of a file is none of the common ones */
    struct nearest nearest;
    nearest_begin(&nearest, name, length);
    for (size_t t = 0; t < count; t++)
        for (const struct option *option = tables[t]; option->name != NULL; option++) {
            nearest_offer(&nearest, option->name);
            if (option->alias != NULL)
                nearest_offer(&nearest, option->alias);
        }
    char hint[HINT_SIZE];
    if (hints_spelling(hint, command, name, length, prefix) || hints_option(hint, command, name, length, prefix)) {
        snprintf(text, size, "%s", hint);
        return;
    }
    if (nearest.best != NULL) {
        snprintf(text, size, "; did you mean '%s%s'?", prefix, nearest.best);
        return;
    }
    if (hints_elsewhere(hint, invocation->commands, name, length)) {
        snprintf(text, size, "%s", hint);
        return;
    }
    size_t used = (size_t)snprintf(text, size, "; known:");
    for (size_t t = 0; t < count; t++)
        for (const struct option *option = tables[t]; option->name != NULL && used < size; option++)
            used += (size_t)snprintf(text + used, size - used, "%s %s%s", option == command->options ? "" : ",", prefix,
                                     option->name);
}
