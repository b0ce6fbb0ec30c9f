/* What the completions of all shells have in common. */
#include "completion_parts.h"

#include <string.h>

#include "options_common.h"

static enum completion_kind kind_of_text(unsigned flags)
{
    return flags & OPTION_FILE ? COMPLETION_FILE : flags & OPTION_FOLDER ? COMPLETION_FOLDER : COMPLETION_ANY;
}

enum completion_kind completion_kind_of(const struct option *option)
{
    if (option->type == OPTION_FLAG)
        return COMPLETION_NONE;
    if (option->type == OPTION_NAME)
        return option->flags & OPTION_AXIS ? COMPLETION_LIST : COMPLETION_NAME;
    return kind_of_text(option->flags);
}

enum completion_kind completion_operand_kind(const struct command *command)
{
    return command->operand ? kind_of_text(command->operand_flags) : COMPLETION_NONE;
}

const struct option *completion_row(const struct command *command, size_t index)
{
    const struct option *const tables[] = {command->options, options_common};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct option *row = tables[t]; row->name; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

void completion_print_names(bool (*choice)(size_t index, const char **name), FILE *out)
{
    const char *name;
    for (size_t i = 0; choice(i, &name); i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", name);
}

const char *completion_brief(char brief[COMPLETION_BRIEF], const struct option *option)
{
    const char *end = strstr(option->help, "; ");
    const size_t whole = end ? (size_t)(end - option->help) : strlen(option->help);
    size_t length = whole;
    if (length >= COMPLETION_BRIEF - 4) {
        length = COMPLETION_BRIEF - 4;
        while (length > 0 && option->help[length] != ' ')
            length--;
    }
    snprintf(brief, COMPLETION_BRIEF, "%.*s%s", (int)length, option->help, length < whole ? " ..." : "");
    return brief;
}
