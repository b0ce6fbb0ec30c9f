/* dlexp help COMMAND, from its table of options. */
#include <string.h>

#include "dlexp/cli/options.h"
#include "dlexp/formats/flow.h"
#include "options_common.h"
#include "options_explain.h"

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

/* The sink of options_explain. */
static void put_flow(void *flow, const char *text)
{
    flow_text(flow, text);
}

static void print_option(const struct command *command, const struct option *option, size_t column, FILE *out)
{
    char left[LEFT_SIZE];
    struct flow flow = {.out = out, .line = HELP_WIDTH, .column = column, .indent = column};
    option_left(left, option);
    print_left(out, left, strlen(left), column);
    options_explain(command, option, put_flow, &flow);
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

static void print_examples(const char *text, FILE *out)
{
    size_t column = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        line += strspn(line, " ");
        size_t width = flow_width(line, options_example_length(line)) + 4;
        if (width > column && width <= EXAMPLE_COLUMN)
            column = width;
    }
    fputs("\nExamples:\n", out);
    for (const char *line = text; *line != '\0';) {
        line += strspn(line, " ");
        size_t length = options_example_length(line);
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

/* All options of a group; they need not stand together in the table, whose order is that of a run's spec. */
static void print_group(const struct command *command, const struct option *first, size_t column, FILE *out)
{
    fprintf(out, "\n%s:\n", options_group(command->options, first));
    for (const struct option *option = first; option != NULL; option = options_next_of_group(command->options, option))
        print_option(command, option, column, out);
}

void options_print_help(const struct command *command, FILE *out)
{
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
        if (options_is_first_of_group(command->options, option))
            print_group(command, option, column, out);
    fprintf(out, "\n%s:\n", options_common->group);
    for (const struct option *option = options_common; option->name != NULL; option++)
        print_option(command, option, column, out);
    if (command->examples != NULL && *command->examples != '\0')
        print_examples(command->examples, out);
}
