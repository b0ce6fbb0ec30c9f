/* dlexp help COMMAND, from its table of options. */
#include <string.h>

#include "dlexp/cli/options.h"
#include "dlexp/formats/flow.h"
#include "options_common.h"
#include "options_explain.h"

enum {
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
    struct flow flow = {.out = out, .line = screen_text_width(out), .column = column, .indent = column};
    option_left(left, option);
    print_left(out, left, strlen(left), column);
    options_explain(command, option, put_flow, &flow);
    flow_end(&flow);
}

static void flow_part(struct flow *flow, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        flow_text(flow, (const char[]){text[i], '\0'});
}

/* "  epochs.csv   one row per epoch": where the explanation begins, behind two blanks or more; the line's end if there
 * is none. */
static size_t explanation_at(const char *line, size_t length)
{
    size_t at = strspn(line, " ");
    while (at + 1 < length && !(line[at] == ' ' && line[at + 1] == ' '))
        at++;
    if (at + 1 >= length)
        return length;
    return at + strspn(line + at, " ");
}

/* An entry of a list, which lines with four blanks or more go on. */
static struct flow begin_entry(const char *line, size_t length, FILE *out)
{
    const size_t at = explanation_at(line, length);
    struct flow flow = {.out = out, .line = screen_text_width(out), .indent = at, .column = at};
    fwrite(line, 1, at, out);
    flow_part(&flow, line + at, length - at);
    return flow;
}

/* Paragraphs, parted by empty lines, are filled; a line that starts with a blank is an entry of a list. */
static void print_description(const char *text, FILE *out)
{
    const struct flow paragraph = {.out = out, .line = screen_text_width(out)};
    struct flow flow = paragraph;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
        const bool entry = blanks > 0 && blanks < 4, apart = length == 0 || entry;
        if (apart && (flow.column > 0 || flow.length > 0))
            flow_end(&flow);
        if (length == 0) {
            putc('\n', out);
            flow = paragraph;
        } else if (entry) {
            flow = begin_entry(text, length, out);
        } else {
            flow_text(&flow, " ");
            flow_part(&flow, text + blanks, length - blanks);
        }
        text += length + (text[length] == '\n');
    }
    if (flow.column > 0 || flow.length > 0)
        flow_end(&flow);
}

/* The command of an example, in lines that a shell joins where it is too long for one; returns the last one's width. */
static size_t print_command(const char *line, size_t length, FILE *out)
{
    const size_t most = screen_text_width(out) - 2; /* " \\" */
    size_t width = 2;
    fputs("  ", out);
    for (size_t i = 0; i < length;) {
        size_t end = i + 1;
        while (end < length && strncmp(line + end, " -", 2) != 0)
            end++;
        const size_t piece = flow_width(line + i, end - i);
        if (i > 0 && width + piece > most + (end == length ? 2 : 0)) {
            fputs(" \\\n     ", out); /* the piece has a blank of its own */
            width = 5;
        }
        fwrite(line + i, 1, end - i, out);
        width += piece;
        i = end;
    }
    return width;
}

/* The column of what examples do: behind the longest command that leaves room for it. */
static size_t example_column(const char *text, FILE *out)
{
    const size_t most = screen_text_width(out) * EXAMPLE_COLUMN / SCREEN_COLUMNS;
    size_t column = 4;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        line += strspn(line, " ");
        const size_t width = flow_width(line, options_example_length(line)) + 4;
        if (width > column && width <= most)
            column = width;
    }
    return column;
}

static void print_examples(const char *text, FILE *out)
{
    const size_t column = example_column(text, out);
    fputs("\nExamples:\n", out);
    for (const char *line = text; *line != '\0';) {
        line += strspn(line, " ");
        const size_t length = options_example_length(line);
        const char *what = line + length + strspn(line + length, " ");
        const size_t what_length = strcspn(what, "\n");
        const size_t width = print_command(line, length, out);
        struct flow flow = {.out = out, .line = screen_text_width(out), .column = column, .indent = column};
        if (what_length > 0) {
            const bool below = width + 2 > column;
            fprintf(out, "%s%*s", below ? "\n" : "", (int)(below ? column : column - width), "");
            flow_part(&flow, what, what_length);
            flow_end(&flow);
        } else {
            putc('\n', out);
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

    fprintf(out, "Usage: dlexp %s [options]%s%s\n", command_typed(command), command->operand ? " " : "",
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
