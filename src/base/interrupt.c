#include "dlexp/interrupt.h"

#include <signal.h>
#include <string.h>

/* The only state that is not somebody's: a signal handler can reach nothing else. */
static volatile sig_atomic_t received;

static void note(int number)
{
    received = number;
}

void interrupt_watch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action, old;
        /* Under nohup SIGHUP is ignored, and must stay so. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = note;
        action.sa_flags = (int)(SA_RESETHAND | SA_RESTART); /* a run's file is being written in another thread */
        sigaction(numbers[i], &action, NULL);
    }
}

int interrupt_signal(void)
{
    return received;
}
