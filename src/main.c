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
#include "dlexp/cli/nearest.h"

static const struct command *const commands[] = {&command_batchnorm, &command_bench, &command_compare,  &command_data,
                                                 &command_optim,     &command_plot,  &command_sgd_mean, NULL};

/* The words that main itself answers, in the place of a command. */
static const struct {
    const char *name, *summary;
} builtins[] = {
    {"help", "print this help, or that of a command: dlexp help COMMAND"},
    {"version", "print version, git revision and compiler"},
};

static const struct {
    const char *status, *meaning;
} statuses[] = {
    {"0", "success"},
    {"1", "a run failed"},
    {"2", "the command line is wrong"},
    {"3", "an input file is missing, or not what it must be"},
    {"4", "the system refused: files, directories, memory, threads"},
    {"5", "a check was not met"},
    {"128+n", "stopped by signal n (130: Ctrl-C)"},
};

enum { BUILTINS = sizeof builtins / sizeof *builtins, STATUSES = sizeof statuses / sizeof *statuses };

static bool command_name(size_t index, const char **name)
{
    const size_t count = sizeof commands / sizeof *commands - 1;
    if (index < count)
        *name = commands[index]->name;
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

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool is_version(const char *word)
{
    return strcmp(word, "version") == 0 || strcmp(word, "--version") == 0;
}

static void print_usage(FILE *out)
{
    int width = 0;
    const char *name;
    for (size_t i = 0; command_name(i, &name); i++)
        if ((int)strlen(name) > width)
            width = (int)strlen(name);
    fputs("Usage: dlexp COMMAND [options]\n"
          "       dlexp help [COMMAND]\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, "  %-*s  %s\n", width, commands[i]->name, commands[i]->summary);
    for (size_t i = 0; i < BUILTINS; i++)
        fprintf(out, "  %-*s  %s\n", width, builtins[i].name, builtins[i].summary);
}

static void print_help(FILE *out)
{
    fprintf(out, "dlexp %s - deep-learning experiments that give the same bytes everywhere\n\n", version_number);
    print_usage(out);
    fputs("\n"
          "Options:\n"
          "  -h, --help  print this help, or that of the command\n"
          "  --version   print version, git revision and compiler\n"
          "\n"
          "Exit status:\n",
          out);
    for (size_t i = 0; i < STATUSES; i++)
        fprintf(out, "  %-5s  %s\n", statuses[i].status, statuses[i].meaning);
}

static void print_version(FILE *out)
{
    fprintf(out, "dlexp %s (%s, %s)\n", version_number, version_revision, version_compiler);
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

/* words: what follows `dlexp help`. */
static int run_help(int count, char **words, struct error *err)
{
    if (count > 1)
        return unexpected_word(words[1], words[0], err);
    const struct command *command = count == 1 ? find_command(words[0]) : NULL;
    if (command != NULL)
        options_print_help(command, stdout);
    else if (count == 0 || is_help(words[0]) || is_version(words[0]))
        print_help(stdout);
    else
        return unknown_command(words[0], err);
    return 0;
}

static int run_command(const struct command *command, int argc, char **argv, struct error *err)
{
    int status = -1;
    struct invocation invocation = {.argc = argc, .argv = argv, .command = command};
    void *config = calloc(1, command->config_size + 1); /* + 1: a NULL means that memory ran out */
    if (config == NULL)
        return error_out_of_memory(err, "the configuration");
    status = options_parse(&invocation, argc - 2, argv + 2, config, err);
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
    if (is_help(argv[1]))
        return run_help(argc - 2, argv + 2, err);
    if (is_version(argv[1])) {
        if (argc == 3 && is_help(argv[2]))
            return run_help(0, NULL, err);
        if (argc > 2)
            return unexpected_word(argv[2], argv[1], err);
        print_version(stdout);
        return 0;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1], err);
    if (options_help_asked(command, argc - 2, argv + 2)) {
        options_print_help(command, stdout);
        return 0;
    }
    return run_command(command, argc, argv, err);
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
