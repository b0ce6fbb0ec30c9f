/* Completion for zsh: specifications for its function _arguments. */
#include <string.h>

#include "completion_parts.h"

/* A text within single quotes and brackets. */
static void put(const char *text, FILE *out)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, "%s%c", strchr("[]:\\", *text) ? "\\" : "", *text);
}

/* The last part of a specification, of what completes the value. */
static void print_action(enum completion_kind kind, bool (*choice)(size_t index, const char **name), const char *value,
                         FILE *out)
{
    switch (kind) {
    case COMPLETION_NAME:
        fputs("(", out);
        completion_print_names(choice, out);
        fputs(")", out);
        break;
    case COMPLETION_LIST:
        fprintf(out, "_values -s , %s ", value);
        completion_print_names(choice, out);
        break;
    case COMPLETION_FILE:
        fputs("_files", out);
        break;
    case COMPLETION_FOLDER:
        fputs("_files -/", out);
        break;
    default:
        fputs(" ", out);
    }
}

/* '--lr=[learning rates]:LIST: ', of one of the option's names. */
static void print_name(const char *name, const struct option *option, FILE *out)
{
    char brief[COMPLETION_BRIEF];
    const enum completion_kind kind = completion_kind_of(option);
    const bool is_long = name[1] == '-', repeatable = option->flags & OPTION_AXIS && option->type == OPTION_INTEGERS;
    fprintf(out, " \\\n                '%s%s%s[", repeatable ? "*" : "", name,
            kind == COMPLETION_NONE ? ""
            : is_long               ? "="
                                    : "+");
    put(completion_brief(brief, option), out);
    fputs("]", out);
    if (kind != COMPLETION_NONE) {
        fprintf(out, ":%s:", option->value);
        print_action(kind, option->choice, option->value, out);
    }
    fputs("'", out);
}

static void print_option(const struct option *option, FILE *out)
{
    char name[80];
    snprintf(name, sizeof name, "--%s", option->name);
    print_name(name, option, out);
    if (option->letter) {
        snprintf(name, sizeof name, "-%c", option->letter);
        print_name(name, option, out);
    }
}

static void print_command(const struct command *command, FILE *out)
{
    const char *operand = command->operand ? command->operand + (command->operand[0] == '[') : "";
    fprintf(out, "        %s)\n            _arguments -S", command->name);
    const struct option *option;
    for (size_t i = 0; (option = completion_row(command, i)) != NULL; i++)
        print_option(option, out);
    if (command->operand) {
        fprintf(out, " \\\n                '%s:%.*s:", command->operands ? "*" : "1", (int)strcspn(operand, "]"),
                operand);
        print_action(completion_operand_kind(command), NULL, "", out);
        fputs("'", out);
    }
    fputs("\n            ;;\n", out);
}

static void print_word(const char *name, const char *summary, FILE *out)
{
    fprintf(out, "            '%s:", name);
    put(summary, out);
    fputs("'\n", out);
}

void completion_zsh(const struct program *program, FILE *out)
{
    fputs("#compdef dlexp\n# zsh completion for dlexp, written by 'dlexp completion zsh'.\n\n_dlexp() {\n"
          "    local context state state_descr line ret=1\n    local -A opt_args\n"
          "    _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)--version[print version]' \\\n"
          "        '1:command:->command' '*::argument:->argument' && ret=0\n"
          "    case $state in\n    command)\n        local -a commands=(\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        print_word((*command)->name, (*command)->summary, out);
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        print_word(builtin->name, builtin->summary, out);
    fputs("        )\n        _describe -t commands 'dlexp command' commands && ret=0\n        ;;\n"
          "    argument)\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        if ((*command)->words)
            fprintf(out,
                    "        [[ $CURRENT -gt 2 && \"$words[1] $words[2]\" == '%s' ]] &&\n"
                    "            words=(%s \"${(@)words[3,-1]}\") && (( CURRENT-- ))\n"
                    "        [[ $CURRENT -eq 2 && \"$words[1]\" == '%.*s' ]] && compadd -- '%s' && ret=0\n",
                    (*command)->words, (*command)->name, (int)strcspn((*command)->words, " "), (*command)->words,
                    strchr((*command)->words, ' ') + 1);
    fputs("        case $words[1] in\n", out);
    for (const struct command *const *command = program->commands; *command; command++)
        print_command(*command, out);
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        if (builtin->choice) {
            fprintf(out, "        %s)\n            _arguments '1: :", builtin->name);
            print_action(COMPLETION_NAME, builtin->choice, "", out);
            fputs("'\n            ;;\n", out);
        }
    fputs("        esac && ret=0\n        ;;\n    esac\n    return ret\n}\n\n"
          "if [[ $funcstack[1] == _dlexp ]]; then\n    _dlexp \"$@\"\nelse\n    compdef _dlexp dlexp\nfi\n",
          out);
}
