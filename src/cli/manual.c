/* Manual pages from the tables of commands and options. */
#include "dlexp/cli/manual.h"

#include <ctype.h>
#include <string.h>

#include "dlexp/base/version.h"
#include "options_common.h"
#include "options_explain.h"

enum { LINE = 72 }; /* columns after which the source goes on in a new line */

/* Text that is escaped for roff. */
struct page {
    FILE *out;
    size_t column;
};

/* What roff would take for a request, an escape, or a typographic sign. */
static const char *escape(char c, size_t column)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '`':
        return "\\(ga";
    case '\'':
        return "\\(aq";
    case '.':
        return column == 0 ? "\\&." : NULL;
    default:
        return NULL;
    }
}

static void put_text(struct page *page, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *escaped = escape(text[i], page->column);
        if (text[i] == ' ' && (page->column == 0 || page->column > LINE)) {
            fputs(page->column > 0 ? "\n" : "", page->out);
            page->column = 0;
        } else if (escaped) {
            fputs(escaped, page->out);
            page->column += strlen(escaped);
        } else {
            putc(text[i], page->out);
            page->column++;
        }
    }
}

/* The sink of options_explain. */
static void put(void *page, const char *text)
{
    put_text(page, text, strlen(text));
}

static void end_line(struct page *page)
{
    fputs(page->column > 0 ? "\n" : "", page->out);
    page->column = 0;
}

/* On one line, behind something else. */
static void put_behind(FILE *out, const char *text, size_t length)
{
    struct page page = {out, 0};
    for (size_t i = 0; i < length; i++) {
        page.column = 1;
        put_text(&page, text + i, 1);
    }
}

static void print_line(FILE *out, const char *before, const char *text, const char *after)
{
    fputs(before, out);
    put_behind(out, text, strlen(text));
    fprintf(out, "%s\n", after);
}

/* of: "", or the command. */
static void print_head(const char *of, const char *summary, FILE *out)
{
    const char *dash = *of ? "\\-" : "";
    fprintf(out, ".TH DLEXP%s", dash);
    for (const char *p = of; *p; p++) {
        if (*p == '-')
            putc('\\', out);
        putc(toupper((unsigned char)*p), out);
    }
    fprintf(out, " 1 \"\" \"dlexp %s\" \"dlexp\"\n.ad l\n.nh\n.SH NAME\n", version_number);
    fprintf(out, "dlexp%s", dash);
    put_behind(out, of, strlen(of));
    print_line(out, " \\- ", summary, "");
}

/* Lines of a table keep their form; they are indented by two columns, so that 80 are enough. */
static const char *print_table(const char *text, FILE *out)
{
    fputs(".PP\n.in 2n\n.nf\n", out);
    while (*text == ' ') {
        const size_t length = strcspn(text, "\n"), indent = length >= 2 && text[1] == ' ' ? 2 : 1;
        fputs("\\&", out);
        put_behind(out, text + indent, length - indent);
        putc('\n', out);
        text += length + (text[length] == '\n');
    }
    fputs(".fi\n.in\n", out);
    return text;
}

/* Paragraphs, parted by empty lines; lines that start with a blank stay as they are. */
static void print_description(const char *text, FILE *out)
{
    struct page page = {out, 0};
    while (*text) {
        const size_t length = strcspn(text, "\n");
        if (*text == ' ') {
            end_line(&page);
            text = print_table(text, out);
            continue;
        }
        if (length == 0) {
            end_line(&page);
            fputs(text[1] && text[1] != ' ' && text[1] != '\n' ? ".PP\n" : "", out);
        } else {
            put(&page, page.column > 0 ? " " : "");
            put_text(&page, text, length);
        }
        text += length + (text[length] == '\n');
    }
    end_line(&page);
}

static void print_option(const struct command *command, const struct option *option, FILE *out)
{
    struct page page = {out, 0};
    fputs(".TP\n", out);
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    print_line(out, "\\fB\\-\\-", option->name, option->value ? "\\fR \\c" : "\\fR");
    if (option->value)
        print_line(out, "\\fI", option->value, "\\fR");
    options_explain(command, option, put, &page);
    end_line(&page);
}

static void print_options(const struct command *command, FILE *out)
{
    fputs(".SH OPTIONS\n", out);
    for (const struct option *first = command->options; first->name; first++) {
        if (!options_is_first_of_group(command->options, first))
            continue;
        print_line(out, ".SS ", options_group(command->options, first), "");
        for (const struct option *option = first; option; option = options_next_of_group(command->options, option))
            print_option(command, option, out);
    }
    print_line(out, ".SS ", options_common->group, "");
    for (const struct option *option = options_common; option->name; option++)
        print_option(command, option, out);
}

static void print_examples(const char *text, FILE *out)
{
    fputs(".SH EXAMPLES\n", out);
    while (*text) {
        text += strspn(text, " ");
        const size_t length = options_example_length(text), line = strcspn(text, "\n");
        const size_t what = length + strspn(text + length, " ");
        struct page page = {out, 0};
        fputs(".TP\n.B ", out);
        put_behind(out, text, length);
        putc('\n', out);
        put_text(&page, text + what, line - what);
        end_line(&page);
        text += line + (text[line] == '\n');
    }
}

void manual_print_command(const struct command *command, FILE *out)
{
    print_head(command->name, command->summary, out);
    print_line(out, ".SH SYNOPSIS\n.B dlexp ", command_typed(command), "");
    print_line(out, "[\\fIoptions\\fR] ", command->operand ? command->operand : "", "");
    fputs(".SH DESCRIPTION\n", out);
    print_description(command->description ? command->description : command->summary, out);
    print_options(command, out);
    if (command->examples && *command->examples)
        print_examples(command->examples, out);
    fputs(".SH EXIT STATUS\nAs in\n.BR dlexp (1).\n.SH SEE ALSO\n.BR dlexp (1)\n", out);
}

static void print_entry(const char *name, const char *rest, const char *text, FILE *out)
{
    print_line(out, ".TP\n\\fB", name, "\\fR\\c");
    print_line(out, " \\fI", rest, "\\fR");
    print_line(out, "", text, "");
}

void manual_print_program(const struct program *program, FILE *out)
{
    print_head("", program->summary, out);
    fputs(".SH SYNOPSIS\n.B dlexp\n\\fICOMMAND\\fR [\\fIoptions\\fR]\n.br\n.B dlexp help\n[\\fICOMMAND\\fR]\n"
          ".SH COMMANDS\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        print_entry(command_typed(*command), (*command)->operand ? (*command)->operand : "", (*command)->summary, out);
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        print_entry(builtin->name, builtin->operand ? builtin->operand : "", builtin->summary, out);
    fputs(".SH EXIT STATUS\n", out);
    for (const struct exit_status *status = program->statuses; status->status; status++) {
        print_line(out, ".TP\n.B ", status->status, "");
        print_line(out, "", status->meaning, "");
    }
    fputs(".SH FILES\n.TP\n.I results/COMMAND\ntables, run.json and the run store of a command, below the folder in "
          "which it is\ncalled (\\fB\\-\\-out\\fR)\n.SH SEE ALSO\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        print_line(out, ".BR dlexp\\-", (*command)->name, command[1] ? " (1)," : " (1)");
}
