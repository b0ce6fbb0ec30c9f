/* What help, manual pages and completions say of an option: put together in one place. */
#include "options_explain.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"

/* Where the words go. */
struct sink {
    options_put_fn *put;
    void *to;
};

static void put(const struct sink *sink, const char *text)
{
    sink->put(sink->to, text);
}

/* The name that the option hangs on, or NULL: it hangs on none, or on something else. */
static const struct option *owner_of(const struct command *command, const struct option *option)
{
    for (const struct option *owner = command->options; owner->name != NULL; owner++)
        if ((option->applies || option->initial_of) && owner->choice && owner->offset == option->owner)
            return owner;
    return NULL;
}

/* The owner's i-th name, as `choice` walks them, without those that mean another. */
static bool owner_name(const struct option *owner, size_t *index, const char **name)
{
    while (owner->meant && owner->choice(*index, name) && owner->meant(*index) != *index)
        ++*index;
    return owner->choice(*index, name);
}

/* "momentum, nesterov: ", where the option does nothing for other names. */
static void put_owner_names(const struct sink *sink, const struct option *owner, const struct option *option)
{
    const char *name, *between = "";
    bool all = true;
    for (size_t i = 0; owner_name(owner, &i, &name); i++)
        all &= !option->applies || option->applies(&i, option);
    for (size_t i = 0; !all && owner_name(owner, &i, &name); i++)
        if (option->applies(&i, option)) {
            put(sink, between);
            put(sink, name);
            between = ", ";
        }
    put(sink, all ? "" : ": ");
}

/* ", with NAME 0.01", where the owner's name has another default. */
static void put_owner_defaults(const struct sink *sink, const struct option *owner, const struct option *option)
{
    char number[NUMBER_TEXT_SIZE];
    const double usual = strtod(option->initial, NULL);
    const char *name;
    for (size_t i = 0; option->initial_of && owner_name(owner, &i, &name); i++) {
        const double initial = option->initial_of(&i, option);
        if (initial == usual)
            continue;
        put(sink, ", with ");
        put(sink, name);
        put(sink, " ");
        put(sink, number_format_real(number, initial));
    }
}

void options_explain(const struct command *command, const struct option *option, options_put_fn *put_to, void *to)
{
    const struct sink all = {put_to, to}, *sink = &all;
    const char *separator = " (", *name;
    const struct option *owner = owner_of(command, option);
    if (owner)
        put_owner_names(sink, owner, option);
    put(sink, option->help);
    if (option->choice != NULL) {
        put(sink, separator);
        put(sink, "known: ");
        for (size_t i = 0; option->choice(i, &name); i++) {
            put(sink, i > 0 ? ", " : "");
            put(sink, name);
        }
        separator = "; ";
    }
    if (option->initial != NULL) {
        put(sink, separator);
        put(sink, "default: ");
        put(sink, option->initial);
        if (owner)
            put_owner_defaults(sink, owner, option);
        separator = "; ";
    }
    if (option->alias != NULL) {
        put(sink, separator);
        put(sink, "also: --");
        put(sink, option->alias);
        separator = "; ";
    }
    if (separator[0] == ';')
        put(sink, ")");
}

size_t options_example_length(const char *line)
{
    size_t length = 0;
    while (line[length] != '\0' && line[length] != '\n' && !(line[length] == ' ' && line[length + 1] == ' '))
        length++;
    return length;
}

const char *options_group(const struct option *options, const struct option *option)
{
    while (option > options && option->group == NULL)
        option--;
    return option->group != NULL ? option->group : "Options";
}

bool options_is_first_of_group(const struct option *options, const struct option *option)
{
    for (const struct option *before = options; before < option; before++)
        if (strcmp(options_group(options, before), options_group(options, option)) == 0)
            return false;
    return true;
}

const struct option *options_next_of_group(const struct option *options, const struct option *option)
{
    const char *group = options_group(options, option);
    do
        option++;
    while (option->name != NULL && strcmp(options_group(options, option), group) != 0);
    return option->name != NULL ? option : NULL;
}
