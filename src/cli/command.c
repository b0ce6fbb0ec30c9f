/* Commands, and a command's settings, by their names. */
#include <string.h>

#include "dlexp/cli/options.h"

const struct command *command_find(const struct command *const *commands, const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

bool command_has_setting(const struct command *command, const char *column)
{
    const size_t length = strlen(column);
    for (const struct option *option = command->options; option->name; option++)
        for (const char *key = option->key; key; key = strchr(key, ',') ? strchr(key, ',') + 1 : NULL)
            if (strcspn(key, ",") == length && strncmp(key, column, length) == 0)
                return true;
    return false;
}
