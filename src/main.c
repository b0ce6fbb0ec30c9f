/*
 * main.c - the table of commands, dispatch, messages and exit statuses.
 *
 * Only this file prints errors and decides how the program ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/standard_output.h"
#include "dlexp/base/version.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/completion.h"
#include "dlexp/cli/manual.h"
#include "dlexp/cli/nearest.h"
#include "dlexp/formats/flow.h"

static const struct command *const commands[] = {&command_batchnorm, &command_bench,
                                                 &command_check,     &command_compare,
                                                 &command_data,      &command_data_import,
                                                 &command_merge,     &command_optim,
                                                 &command_plot,      &command_report,
                                                 &command_sgd_mean,  &command_status,
                                                 &command_verify,    NULL};

static bool command_name(size_t index, const char **name);
static int run_help(int count, char **words, struct error *err);
static int run_completion(int count, char **words, struct error *err);
static int run_version(int count, char **words, struct error *err);

static const struct builtin builtins[] = {
    {"help", "print this help, or that of a command: dlexp help COMMAND", "[COMMAND]", command_name, run_help},
    {"completion", "print a script by which a shell completes: dlexp completion bash", "SHELL", completion_shell,
     run_completion},
    {"version", "print version, git revision and compiler", NULL, NULL, run_version},
    {0},
};

static const struct exit_status statuses[] = {
    {"0", "success"},
    {"1", "a run failed"},
    {"2", "the command line is wrong"},
    {"3", "an input file is missing, or not what it must be"},
    {"4", "the system refused: files, directories, memory, threads"},
    {"5", "a check was not met"},
    {"128+n", "stopped by signal n (130: Ctrl-C)"},
    {0},
};

static const struct program program = {"deep-learning experiments that give the same bytes everywhere", commands,
                                       builtins, statuses};

enum { BUILTINS = sizeof builtins / sizeof *builtins - 1 };

static bool command_name(size_t index, const char **name)
{
    const size_t count = sizeof commands / sizeof *commands - 1;
    if (index < count)
        *name = command_typed(commands[index]);
    else if (index - count < BUILTINS)
        *name = builtins[index - count].name;
    return index < count + BUILTINS;
}

static bool global_option(size_t index, const char **name)
{
    static const char *const names[] = {"--help", "--version"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

/* The command that the first words mean, and how many they are: "data import", else "data". */
static const struct command *find_typed(int count, char **words, int *used)
{
    char two[64];
    *used = 2;
    if (count > 1 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two)
        for (size_t i = 0; commands[i] != NULL; i++)
            if (strcmp(command_typed(commands[i]), two) == 0)
                return commands[i];
    *used = 1;
    return count > 0 ? command_find(commands, words[0]) : NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static const struct builtin *find_builtin(const char *name)
{
    for (const struct builtin *builtin = builtins; builtin->name != NULL; builtin++)
        if (strcmp(builtin->name, name) == 0)
            return builtin;
    return NULL;
}

static bool is_version(const char *word)
{
    return strcmp(word, "version") == 0 || strcmp(word, "--version") == 0;
}

static void print_word(FILE *out, int width, const char *word, const char *summary)
{
    char label[64];
    snprintf(label, sizeof label, "  %-*s", width, word);
    flow_print(out, label, (size_t)width + 4, summary);
}

static void print_usage(FILE *out)
{
    int width = 0;
    const char *name;
    for (size_t i = 0; command_name(i, &name); i++)
        if ((int)strlen(name) > width) /* a command's words are as long as its name */
            width = (int)strlen(name);
    fputs("Usage: dlexp COMMAND [options]\n"
          "       dlexp help [COMMAND]\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; commands[i] != NULL; i++)
        print_word(out, width, command_typed(commands[i]), commands[i]->summary);
    for (size_t i = 0; i < BUILTINS; i++)
        print_word(out, width, builtins[i].name, builtins[i].summary);
}

static void print_help(FILE *out)
{
    flow_say(out, "dlexp", 6, "%s - %s", version_number, program.summary);
    fputc('\n', out);
    print_usage(out);
    fputs("\n"
          "Options:\n",
          out);
    print_word(out, 10, "-h, --help", "print this help, or that of the command");
    print_word(out, 10, "--version", "print version, git revision and compiler");
    fputs("\n"
          "Exit status:\n",
          out);
    for (const struct exit_status *status = statuses; status->status != NULL; status++)
        print_word(out, 5, status->status, status->meaning);
}

static int unknown_command(const char *word, struct error *err)
{
    char known[1024] = "";
    size_t used = 0;
    const char *name;
    bool option = word[0] == '-';
    const char *nearest = nearest_name(word, option ? global_option : command_name);
    char meant[128];

    if (nearest != NULL)
        snprintf(meant, sizeof meant, "; did you mean '%s'? See", nearest);
    if (option)
        return error_set(err, ERROR_USAGE, "unknown option '%.80s' for 'dlexp'%s 'dlexp help'", word,
                         nearest ? meant : "; the options of a command follow its name; see");
    for (size_t i = 0; command_name(i, &name) && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", name);
    return error_set(err, ERROR_USAGE, "unknown command '%.80s'; known: %s%s 'dlexp help'", word, known,
                     nearest ? meant : "; see");
}

static int unexpected_word(const char *word, const char *after, struct error *err)
{
    return error_set(err, ERROR_USAGE, "unexpected word '%.80s' after '%.80s'; see 'dlexp help'", word, after);
}

/* Not for people: dlexp help --man [COMMAND], a manual page; dlexp help --commands, their names. */
static int run_hidden_help(int count, char **words, struct error *err)
{
    const struct command *command = count > 1 ? command_find(commands, words[1]) : NULL;
    const bool man = strcmp(words[0], "--man") == 0;
    if (count > (man ? 2 : 1))
        return unexpected_word(words[count - 1], words[0], err);
    if (count > 1 && command == NULL)
        return unknown_command(words[1], err);
    if (command != NULL)
        manual_print_command(command, stdout);
    else if (man)
        manual_print_program(&program, stdout);
    for (size_t i = 0; !man && commands[i] != NULL; i++)
        puts(commands[i]->name);
    return 0;
}

/* words: what follows `dlexp help`. */
static int run_help(int count, char **words, struct error *err)
{
    if (count > 0 && (strcmp(words[0], "--man") == 0 || strcmp(words[0], "--commands") == 0))
        return run_hidden_help(count, words, err);
    int used;
    const struct command *command = find_typed(count, words, &used);
    if (count > used)
        return unexpected_word(words[used], words[used - 1], err);
    if (command != NULL)
        options_print_help(command, stdout);
    else if (count == 0 || is_help(words[0]) || is_version(words[0]) || find_builtin(words[0]) != NULL)
        print_help(stdout);
    else
        return unknown_command(words[0], err);
    return 0;
}

static int run_version(int count, char **words, struct error *err)
{
    if (count == 1 && is_help(words[0]))
        return run_help(0, NULL, err);
    if (count > 0)
        return unexpected_word(words[0], "version", err);
    printf("dlexp %s (%s, %s)\n", version_number, version_revision, version_compiler);
    return 0;
}

static int run_completion(int count, char **words, struct error *err)
{
    char known[128] = "";
    size_t used = 0;
    const char *name;
    if (count == 1 && is_help(words[0]))
        return run_help(0, NULL, err);
    if (count > 1)
        return unexpected_word(words[1], words[0], err);
    for (size_t i = 0; count == 1 && completion_shell(i, &name); i++)
        if (strcmp(name, words[0]) == 0) {
            completion_print(i, &program, stdout);
            return 0;
        }
    for (size_t i = 0; completion_shell(i, &name) && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", name);
    if (count == 0)
        return error_set(err, ERROR_USAGE, "completion: expected a shell (%s), got none; see 'dlexp help'", known);
    return error_set(err, ERROR_USAGE, "unknown shell '%.80s'; known: %s; see 'dlexp help'", words[0], known);
}

/* used: the words of the command. */
static int run_command(const struct command *command, int used, int argc, char **argv, struct error *err)
{
    int status = -1;
    struct invocation invocation = {.argc = argc, .argv = argv, .command = command, .commands = commands};
    void *config = calloc(1, command->config_size + 1); /* + 1: a NULL means that memory ran out */
    if (config == NULL)
        return error_out_of_memory(err, "the configuration");
    status = options_parse(&invocation, argc - 1 - used, argv + 1 + used, config, err);
    if (status == 0)
        status = command->run(config, &invocation, err);
    options_free(&invocation, config);
    free(config);
    return status;
}

static int dispatch(int argc, char **argv, struct error *err)
{
    if (argc < 2) {
        print_usage(stderr);
        return error_set(err, ERROR_USAGE, "expected a command, got none; see 'dlexp help'");
    }
    const struct builtin *builtin = find_builtin(is_help(argv[1]) ? "help" : is_version(argv[1]) ? "version" : argv[1]);
    if (builtin != NULL)
        return builtin->run(argc - 2, argv + 2, err);
    int used;
    const struct command *command = find_typed(argc - 1, argv + 1, &used);
    if (command == NULL)
        return unknown_command(argv[1], err);
    if (options_help_asked(command, argc - 1 - used, argv + 1 + used)) {
        options_print_help(command, stdout);
        return 0;
    }
    return run_command(command, used, argc, argv, err);
}

/*
 * A standard stream that the caller closed would be the number of the next file opened, and messages would end in that
 * file.  Such a stream is taken by /dev/null, opened the wrong way round so that its use fails as it must.
 */
static void occupy_standard_streams(void)
{
    for (int stream = 0; stream <= 2; stream++)
        if (fcntl(stream, F_GETFD) == -1 && errno == EBADF &&
            open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1)
            return;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    int status = 0;

    occupy_standard_streams();
    standard_output_begin();
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is then an error of write(), with a message */

    if (dispatch(argc, argv, &err) != 0) {
        status = err.code != 0 ? err.code : ERROR_RUN;
        fflush(stdout); /* so that the message comes last */
        if (err.message[0] != '\0')
            fprintf(stderr, "dlexp: %s\n", err.message);
    }
    const int failure = standard_output_end();
    if (failure != 0) {
        fprintf(stderr, "dlexp: cannot write to standard output%s%s\n", failure > 0 ? ": " : "",
                failure > 0 ? strerror(failure) : "");
        if (status == 0)
            status = ERROR_IO;
    }
    return status;
}
