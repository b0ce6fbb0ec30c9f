/* dlexp help COMMAND, from its table of options. */
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/flow.h"

enum {
    HELP_WIDTH = 80,     /* columns */
    HELP_COLUMN = 26,    /* the furthest column at which the explanations start */
    EXAMPLE_COLUMN = 46, /* the same for the explanations of the examples */
    LEFT_SIZE = 192      /* an option with its letter and value */
};

/* The left column of an entry, then blanks up to its explanation, on a new line if the left side is too wide. */
static void print_left(FILE *out, const char *left, size_t length, size_t column)
{
    size_t width = flow_width(left, length);
    fwrite(left, 1, length, out);
    if (width + 2 > column) {
        putc('\n', out);
        width = 0;
    }
    fprintf(out, "%*s", (int)(column - width), "");
}

static void option_left(char left[LEFT_SIZE], const struct option *option)
{
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, LEFT_SIZE, "  %s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
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
static void flow_owner_names(struct flow *flow, const struct option *owner, const struct option *option)
{
    const char *name, *between = "";
    bool all = true;
    for (size_t i = 0; owner_name(owner, &i, &name); i++)
        all &= !option->applies || option->applies(&i, option);
    for (size_t i = 0; !all && owner_name(owner, &i, &name); i++)
        if (option->applies(&i, option)) {
            flow_text(flow, between);
            flow_text(flow, name);
            between = ", ";
        }
    flow_text(flow, all ? "" : ": ");
}

/* ", with NAME 0.01", where the owner's name has another default. */
static void flow_owner_defaults(struct flow *flow, const struct option *owner, const struct option *option)
{
    char number[NUMBER_TEXT_SIZE];
    const double usual = strtod(option->initial, NULL);
    const char *name;
    for (size_t i = 0; option->initial_of && owner_name(owner, &i, &name); i++) {
        const double initial = option->initial_of(&i, option);
        if (initial == usual)
            continue;
        flow_text(flow, ", with ");
        flow_text(flow, name);
        flow_text(flow, " ");
        flow_text(flow, number_format_real(number, initial));
    }
}

static void print_option(const struct command *command, const struct option *option, size_t column, FILE *out)
{
    char left[LEFT_SIZE];
    struct flow flow = {.out = out, .line = HELP_WIDTH, .column = column, .indent = column};
    const char *separator = " (", *name;
    const struct option *owner = owner_of(command, option);
    option_left(left, option);
    print_left(out, left, strlen(left), column);
    if (owner)
        flow_owner_names(&flow, owner, option);
    flow_text(&flow, option->help);
    if (option->choice != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "known: ");
        for (size_t i = 0; option->choice(i, &name); i++) {
            flow_text(&flow, i > 0 ? ", " : "");
            flow_text(&flow, name);
        }
        separator = "; ";
    }
    if (option->initial != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "default: ");
        flow_text(&flow, option->initial);
        if (owner)
            flow_owner_defaults(&flow, owner, option);
        separator = "; ";
    }
    if (option->alias != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "also: --");
        flow_text(&flow, option->alias);
        separator = "; ";
    }
    if (separator[0] == ';')
        flow_text(&flow, ")");
    flow_end(&flow);
}

/* Paragraphs, parted by empty lines, are filled; a line that starts with a blank stays as it is. */
static void print_description(const char *text, FILE *out)
{
    struct flow flow = {.out = out, .line = HELP_WIDTH};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool apart = length == 0 || *text == ' ';
        if (apart && (flow.column > 0 || flow.length > 0))
            flow_end(&flow);
        if (apart) {
            fprintf(out, "%.*s\n", (int)length, text);
        } else {
            flow_text(&flow, " ");
            for (size_t i = 0; i < length; i++)
                flow_text(&flow, (const char[]){text[i], '\0'});
        }
        text += length + (text[length] == '\n');
    }
    if (flow.column > 0 || flow.length > 0)
        flow_end(&flow);
}

/* The length of the command in an example's line, which two blanks or the line's end close. */
static size_t example_length(const char *line)
{
    size_t length = 0;
    while (line[length] != '\0' && line[length] != '\n' && !(line[length] == ' ' && line[length + 1] == ' '))
        length++;
    return length;
}

static void print_examples(const char *text, FILE *out)
{
    size_t column = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        line += strspn(line, " ");
        size_t width = flow_width(line, example_length(line)) + 4;
        if (width > column && width <= EXAMPLE_COLUMN)
            column = width;
    }
    fputs("\nExamples:\n", out);
    for (const char *line = text; *line != '\0';) {
        line += strspn(line, " ");
        size_t length = example_length(line);
        const char *what = line + length + strspn(line + length, " ");
        size_t what_length = strcspn(what, "\n");
        struct flow flow = {.out = out, .line = HELP_WIDTH, .column = column, .indent = column};
        fputs(length > 0 ? "  " : "", out);
        if (what_length == 0) {
            fwrite(line, 1, length, out);
            putc('\n', out);
        } else {
            print_left(out, line, length, column - 2);
            if (flow_width(line, length) + 4 > column)
                fputs("  ", out);
            for (size_t i = 0; i < what_length; i++)
                flow_text(&flow, (const char[]){what[i], '\0'});
            flow_end(&flow);
        }
        line = what + what_length + (what[what_length] == '\n');
    }
}

static const char *group_of(const struct command *command, const struct option *option)
{
    while (option > command->options && option->group == NULL)
        option--;
    return option->group != NULL ? option->group : "Options";
}

static bool is_first_of_group(const struct command *command, const struct option *option)
{
    for (const struct option *before = command->options; before < option; before++)
        if (strcmp(group_of(command, before), group_of(command, option)) == 0)
            return false;
    return true;
}

/* All options of a group; they need not stand together in the table, whose order is that of a run's spec. */
static void print_group(const struct command *command, const struct option *first, size_t column, FILE *out)
{
    const char *group = group_of(command, first);
    fprintf(out, "\n%s:\n", group);
    for (const struct option *option = first; option->name != NULL; option++)
        if (strcmp(group_of(command, option), group) == 0)
            print_option(command, option, column, out);
}

void options_print_help(const struct command *command, FILE *out)
{
    static const struct option help = {
        .name = "help", .letter = 'h', .type = OPTION_FLAG, .help = "print this help and exit"};
    size_t column = 0;

    fprintf(out, "Usage: dlexp %s [options]%s%s\n", command->name, command->operand ? " " : "",
            command->operand ? command->operand : "");
    if (command->description != NULL) {
        putc('\n', out);
        print_description(command->description, out);
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        char left[LEFT_SIZE];
        option_left(left, option);
        size_t width = flow_width(left, strlen(left)) + 2;
        if (width > column && width <= HELP_COLUMN)
            column = width;
    }
    if (column < 14) /* "  -h, --help  " */
        column = 14;
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (is_first_of_group(command, option))
            print_group(command, option, column, out);
    fputs("\nHelp:\n", out);
    print_option(command, &help, column, out);
    if (command->examples != NULL && *command->examples != '\0')
        print_examples(command->examples, out);
}
