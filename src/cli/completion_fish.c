/* Completion for fish: one line for each option. */
#include <string.h>

#include "completion_parts.h"

/* A text within single quotes. */
static void put(const char *text, FILE *out)
{
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
}

/* What completes a value. */
static void print_value(enum completion_kind kind, bool (*choice)(size_t index, const char **name), FILE *out)
{
    switch (kind) {
    case COMPLETION_NAME:
        fputs(" -a '", out);
        completion_print_names(choice, out);
        fputs("'", out);
        break;
    case COMPLETION_LIST:
        fputs(" -a '(__dlexp_list ", out);
        completion_print_names(choice, out);
        fputs(")'", out);
        break;
    case COMPLETION_FILE:
        fputs(" -F", out);
        break;
    case COMPLETION_FOLDER:
        fputs(" -a '(__fish_complete_directories (__dlexp_value))'", out);
        break;
    default:
        break;
    }
}

static void print_option(const struct command *command, const struct option *option, FILE *out)
{
    char brief[COMPLETION_BRIEF];
    const enum completion_kind kind = completion_kind_of(option);
    fprintf(out, "complete -c dlexp -n '__dlexp_is %s'", command->name);
    if (option->letter)
        fprintf(out, " -s %c", option->letter);
    fprintf(out, " -l %s%s", option->name, kind == COMPLETION_NONE ? "" : kind == COMPLETION_FILE ? " -r" : " -x");
    print_value(kind, option->choice, out);
    fputs(" -d '", out);
    put(completion_brief(brief, option), out);
    fputs("'\n", out);
}

static void print_word(const char *name, const char *summary, FILE *out)
{
    fprintf(out, "complete -c dlexp -n __dlexp_is_first -a %s -d '", name);
    put(summary, out);
    fputs("'\n", out);
}

void completion_fish(const struct program *program, FILE *out)
{
    fputs("# fish completion for dlexp, written by 'dlexp completion fish'.\n\n"
          "function __dlexp_is_first\n    test (count (commandline -opc)) -eq 1\nend\n\n"
          "function __dlexp_is\n    set -l words (commandline -opc)\n    test (count $words) -ge 2; or return\n"
          "    set -l name $words[2]\n    switch \"$words[2..3]\"\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        if ((*command)->words)
            fprintf(out, "        case '%s'\n            set name %s\n", (*command)->words, (*command)->name);
    fputs("    end\n    test $name = $argv[1]\nend\n\n"
          "# What is typed of a value.\n"
          "function __dlexp_value\n    commandline -ct | string replace -r '^--[a-z-]+=' ''\nend\n\n"
          "# The names behind what stands up to the last comma.\n"
          "function __dlexp_list\n    set -l before (__dlexp_value | string match -r '^.*,')\n    for name in $argv\n"
          "        echo \"$before$name\"\n    end\nend\n\n"
          "complete -c dlexp -f\n"
          "complete -c dlexp -n __dlexp_is_first -s h -l help -d 'print help'\n"
          "complete -c dlexp -n __dlexp_is_first -l version -d 'print version'\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        print_word((*command)->name, (*command)->summary, out);
    for (const struct command *const *command = program->commands; *command; command++)
        if ((*command)->words) {
            fprintf(out, "complete -c dlexp -n '__dlexp_is %.*s' -a %s -d '", (int)strcspn((*command)->words, " "),
                    (*command)->words, strchr((*command)->words, ' ') + 1);
            put((*command)->summary, out);
            fputs("'\n", out);
        }
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        print_word(builtin->name, builtin->summary, out);
    for (const struct command *const *command = program->commands; *command; command++) {
        const struct option *option;
        for (size_t i = 0; (option = completion_row(*command, i)) != NULL; i++)
            print_option(*command, option, out);
        if ((*command)->operand) {
            fprintf(out, "complete -c dlexp -n '__dlexp_is %s'", (*command)->name);
            print_value(completion_operand_kind(*command), NULL, out);
            fputs("\n", out);
        }
    }
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        if (builtin->choice) {
            fprintf(out, "complete -c dlexp -n '__dlexp_is %s'", builtin->name);
            print_value(COMPLETION_NAME, builtin->choice, out);
            fputs("\n", out);
        }
}
