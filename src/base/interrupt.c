/* interrupt.c - signals that ask the program to stop are noted, for those who look. */
#include "dlexp/base/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

/*
 * The only state that is not somebody's: a signal handler can reach nothing else.  Signals come in any thread, and
 * lock-free atomics are what a handler may share with others.
 */
static atomic_int received;
static atomic_uint received_ms; /* when, by the monotonic clock; only differences are meant */

enum { SAME_REQUEST_MS = 500 };

static void note(int number)
{
    struct timespec now = {0};
    int none = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const unsigned now_ms = (unsigned)now.tv_sec * 1000u + (unsigned)(now.tv_nsec / 1000000);
    /* The time comes first: who sees the number finds it.  Of two at once in two threads either time will do. */
    if (atomic_load(&received) == 0) {
        atomic_store(&received_ms, now_ms);
        if (atomic_compare_exchange_strong(&received, &none, number))
            return;
    }
    if (now_ms - atomic_load(&received_ms) < SAME_REQUEST_MS)
        return;
    signal(number, SIG_DFL);
    raise(number); /* blocked until this handler returns */
}

void interrupt_watch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = SA_RESTART; /* a run's file is being written in another thread */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        /* Under nohup SIGHUP is ignored, and must stay so. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

int interrupt_signal(void)
{
    return atomic_load(&received);
}

int interrupt_check(struct error *err)
{
    const int number = interrupt_signal();
    return number == 0 ? 0 : error_set(err, 128 + number, "stopped by signal %d", number);
}
