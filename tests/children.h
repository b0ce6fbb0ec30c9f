/* children.h - processes that a test made, each of which must end well. */
#ifndef DLEXP_TESTS_CHILDREN_H
#define DLEXP_TESTS_CHILDREN_H

#include <sys/types.h>
#include <sys/wait.h>

/* Takes back those that have ended, whose place becomes 0; how many are still running.  It does not wait. */
static inline size_t children_running(pid_t *children, size_t count)
{
    size_t running = 0;
    for (size_t i = 0; i < count; i++) {
        int status;
        if (children[i] > 0 && waitpid(children[i], &status, WNOHANG) == children[i]) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
            children[i] = 0;
        }
        running += children[i] > 0;
    }
    return running;
}

#endif
