/* Completion for bash (3.2 and newer): a table of what each option takes, and one function that looks it up. */
#include "completion_parts.h"

static const char *const kinds[COMPLETION_KINDS] = {"none", "any", "names", "list", "files", "folders"};

/* "'batchnorm --norm' | 'batchnorm -n') kind=list names='...' ;;" */
static void print_option(const struct command *command, const struct option *option, FILE *out)
{
    const enum completion_kind kind = completion_kind_of(option);
    if (kind == COMPLETION_NONE)
        return;
    fprintf(out, "    '%s --%s'", command->name, option->name);
    if (option->alias)
        fprintf(out, " | '%s --%s'", command->name, option->alias);
    if (option->letter)
        fprintf(out, " | '%s -%c'", command->name, option->letter);
    fprintf(out, ") kind=%s names='", kinds[kind]);
    if (option->choice)
        completion_print_names(option->choice, out);
    fputs("' ;;\n", out);
}

static void print_takes(const struct program *program, FILE *out)
{
    fputs("# kind and names of what follows the option $2 of the command $1, or stands without one; false for a flag.\n"
          "_dlexp_takes() {\n    case \"$1 $2\" in\n",
          out);
    for (const struct command *const *command = program->commands; *command; command++) {
        const struct option *option;
        for (size_t i = 0; (option = completion_row(*command, i)) != NULL; i++)
            print_option(*command, option, out);
        if ((*command)->operand)
            fprintf(out, "    '%s operand') kind=%s names='' ;;\n", (*command)->name,
                    kinds[completion_operand_kind(*command)]);
    }
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        if (builtin->choice) {
            fprintf(out, "    '%s operand') kind=names names='", builtin->name);
            completion_print_names(builtin->choice, out);
            fputs("' ;;\n", out);
        }
    fputs("    *) return 1 ;;\n    esac\n}\n\n", out);
}

static void print_options(const struct program *program, FILE *out)
{
    fputs("# The options of the command $1.\n_dlexp_options() {\n    case $1 in\n", out);
    for (const struct command *const *command = program->commands; *command; command++) {
        fprintf(out, "    %s) names='", (*command)->name);
        const struct option *option;
        for (size_t i = 0; (option = completion_row(*command, i)) != NULL; i++)
            fprintf(out, "%s--%s", i > 0 ? " " : "", option->name);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n}\n\n", out);
}

static void print_words(const struct program *program, FILE *out)
{
    for (const struct command *const *command = program->commands; *command; command++)
        fprintf(out, "%s ", (*command)->name);
    for (const struct builtin *builtin = program->builtins; builtin->name; builtin++)
        fprintf(out, "%s ", builtin->name);
    fputs("--help --version", out);
}

void completion_bash(const struct program *program, FILE *out)
{
    fputs("# bash completion for dlexp, written by 'dlexp completion bash'.\n\n", out);
    print_takes(program, out);
    print_options(program, out);
    fputs(
        "_dlexp() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} kind=names names= name before=\n"
        "    local IFS=$' \\t\\n' command=${COMP_WORDS[1]}\n"
        "    COMPREPLY=()\n"
        "    ((COMP_CWORD < 3)) || case \"$command ${COMP_WORDS[2]}\" in\n",
        out);
    for (const struct command *const *command = program->commands; *command; command++)
        if ((*command)->words)
            fprintf(out, "    '%s') command=%s ;;\n", (*command)->words, (*command)->name);
    fputs("    esac\n"
          "    # bash parts --option=value into three words.\n"
          "    if [[ $cur == = ]]; then\n"
          "        cur=\n"
          "    elif [[ $option == = ]]; then\n"
          "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        names='",
          out);
    print_words(program, out);
    fputs("'\n"
          "    elif _dlexp_takes \"$command\" \"$option\"; then\n"
          "        :\n"
          "    elif [[ $cur == -* ]] || ! _dlexp_takes \"$command\" operand; then\n"
          "        _dlexp_options \"$command\"\n"
          "    fi\n"
          "    case $kind in\n"
          "    names) COMPREPLY=($(compgen -W \"$names\" -- \"$cur\")) ;;\n"
          "    list)\n"
          "        [[ $cur != *,* ]] || before=${cur%,*},\n"
          "        for name in $names; do\n"
          "            [[ ,$before == *,$name,* || $name != \"${cur##*,}\"* ]] || COMPREPLY+=(\"$before$name\")\n"
          "        done\n"
          "        compopt -o nospace 2>/dev/null # a comma may follow\n"
          "        ;;\n"
          "    files | folders)\n"
          "        IFS=$'\\n'\n"
          "        [[ $kind == files ]] && name=-f || name=-d\n"
          "        COMPREPLY=($(compgen \"$name\" -- \"$cur\"))\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        ;;\n"
          "    esac\n"
          "    ((COMP_CWORD != 2)) || for name in",
          out);
    for (const struct command *const *command = program->commands; *command; command++)
        if ((*command)->words)
            fprintf(out, " '%s'", (*command)->words);
    fputs("; do # the second words of commands\n"
          "        [[ $name != \"$command $cur\"* ]] || COMPREPLY+=(\"${name#* }\")\n"
          "    done\n"
          "}\n"
          "complete -F _dlexp dlexp\n",
          out);
}
