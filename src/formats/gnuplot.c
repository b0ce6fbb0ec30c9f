/* Runs gnuplot as a child, with pipes for its picture and its words; see gnuplot.h. */
#include "dlexp/formats/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dlexp/base/locate.h"

extern char **environ;

enum { ARGUMENTS_MAX = 16, STATUS_DECLINED = 3 };

/* Everything that a pipe gives. */
struct drain {
    int fd;
    struct gnuplot_output *into;
    size_t capacity;
};

/* Takes what is there; -1 where memory or the pipe fails. */
static int drain_some(struct drain *drain, struct error *err)
{
    struct gnuplot_output *into = drain->into;
    if (drain->capacity - into->size < 2) {
        const size_t capacity = drain->capacity > 0 ? 2 * drain->capacity : 65536;
        char *grown = realloc(into->bytes, capacity);
        if (!grown)
            return error_out_of_memory(err, "the picture");
        into->bytes = grown;
        drain->capacity = capacity;
    }
    const ssize_t got = read(drain->fd, into->bytes + into->size, drain->capacity - into->size - 1);
    if (got < 0)
        return errno == EINTR ? 0 : error_set_errno(err, "cannot read from gnuplot");
    into->size += (size_t)got;
    into->bytes[into->size] = '\0';
    if (got == 0) {
        close(drain->fd);
        drain->fd = -1;
    }
    return 0;
}

/* Both pipes up to their ends. */
static int drain_both(struct drain *a, struct drain *b, struct error *err)
{
    int result = 0;
    while (result == 0 && (a->fd >= 0 || b->fd >= 0)) {
        struct pollfd ready[2] = {{.fd = a->fd, .events = POLLIN}, {.fd = b->fd, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0) {
            if (errno != EINTR)
                result = error_set_errno(err, "cannot wait for gnuplot");
            continue;
        }
        if (ready[0].revents != 0)
            result = drain_some(a, err);
        if (result == 0 && ready[1].revents != 0)
            result = drain_some(b, err);
    }
    if (a->fd >= 0)
        close(a->fd);
    if (b->fd >= 0)
        close(b->fd);
    return result;
}

/* No child is born between a pipe and its FD_CLOEXEC: it would hold another's pipe open. */
static pthread_mutex_t births = PTHREAD_MUTEX_INITIALIZER;

static int make_pipe(int pair[2], struct error *err)
{
    pthread_mutex_lock(&births);
    const int result = pipe(pair) < 0 ? error_set_errno(err, "cannot run gnuplot") : 0;
    for (size_t i = 0; i < 2 && result == 0; i++)
        fcntl(pair[i], F_SETFD, FD_CLOEXEC);
    pthread_mutex_unlock(&births);
    return result;
}

/* The code of posix_spawnp, 0 for success. */
static int spawn(char *const *argv, int out, int said, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
    pthread_mutex_lock(&births);
    if (code == 0)
        code = posix_spawnp(child, argv[0], &actions, NULL, argv, environ);
    pthread_mutex_unlock(&births);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static enum gnuplot_end missing(struct error *err)
{
    error_set(err, ERROR_IO,
              "gnuplot is missing: no such program in the PATH; install the package gnuplot (Debian, Ubuntu: "
              "gnuplot-nox) and run this again");
    return GNUPLOT_MISSING;
}

/* What the child's end means; said: its words, "" if there are none. */
static enum gnuplot_end judge(int ended, const char *script, const char *said, struct error *err)
{
    const char *separator = said[0] ? ": " : "";
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return GNUPLOT_ENDED_WELL;
    /* 127: what a system says that notices only in the child, but also a loader that lacks memory or a library. */
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 127 && !locate_program("gnuplot"))
        return missing(err);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 127)
        error_set(err, ERROR_IO,
                  "cannot run gnuplot: it is there, but the system could not start it (exit status 127); limits on "
                  "memory (ulimit -v) are the usual cause%s%.800s",
                  separator, said);
    else if (WIFEXITED(ended) && WEXITSTATUS(ended) == STATUS_DECLINED) {
        error_set(err, ERROR_RUN, "%.1500s", said);
        return GNUPLOT_DECLINED;
    } else if (WIFSIGNALED(ended))
        error_set(err, ERROR_RUN, "gnuplot -c '%s' was stopped by signal %d%s%.1000s", script, WTERMSIG(ended),
                  separator, said);
    else
        error_set(err, ERROR_RUN, "gnuplot -c '%s' failed with status %d%s%.1000s", script, WEXITSTATUS(ended),
                  separator, said);
    return GNUPLOT_FAILED;
}

/* Runs it with pipes that are open; closes them. */
static enum gnuplot_end run(char *const *argv, const char *script, int out[2], int said[2],
                            struct gnuplot_output *output, struct error *err)
{
    struct gnuplot_output words = {NULL, 0};
    struct drain picture = {out[0], output, 0}, messages = {said[0], &words, 0};
    pid_t child = -1;
    int ended = 0;
    enum gnuplot_end end = GNUPLOT_FAILED;
    const int code = spawn(argv, out[1], said[1], &child);
    close(out[1]);
    close(said[1]);
    const int drained = drain_both(&picture, &messages, err);
    if (code == ENOENT && !locate_program(argv[0])) {
        end = missing(err);
    } else if (code != 0) {
        errno = code;
        error_set_errno(err, "cannot run gnuplot");
    } else {
        while (waitpid(child, &ended, 0) < 0 && errno == EINTR)
            ;
        while (words.size > 0 && words.bytes[words.size - 1] == '\n')
            words.bytes[--words.size] = '\0';
        if (drained == 0)
            end = judge(ended, script, words.bytes ? words.bytes : "", err);
    }
    free(words.bytes);
    return end;
}

enum gnuplot_end gnuplot_run(const char *settings, const char *script, const char *const *arguments,
                             struct gnuplot_output *output, struct error *err)
{
    char *argv[ARGUMENTS_MAX + 8] = {(char *)"gnuplot", (char *)"-d"};
    size_t count = 2;
    int out[2], said[2];
    *output = (struct gnuplot_output){NULL, 0};
    if (settings) {
        argv[count++] = (char *)"-e";
        argv[count++] = (char *)settings;
    }
    argv[count++] = (char *)"-c";
    argv[count++] = (char *)script;
    for (size_t i = 0; arguments[i] && i < ARGUMENTS_MAX; i++)
        argv[count++] = (char *)arguments[i];
    if (make_pipe(out, err) < 0)
        return GNUPLOT_FAILED;
    if (make_pipe(said, err) < 0) {
        close(out[0]);
        close(out[1]);
        return GNUPLOT_FAILED;
    }
    return run(argv, script, out, said, output, err);
}
