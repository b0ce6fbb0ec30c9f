/*
 * interrupt.h - Ctrl-C and its kin ask the program to stop; nothing else happens in the signal handler.
 */
#ifndef DLEXP_INTERRUPT_H
#define DLEXP_INTERRUPT_H

#include "dlexp/base/error.h"

/*
 * interrupt_watch - from now on SIGINT, SIGTERM and SIGHUP are noted.
 *
 * A second one within half a second counts as the same request: from timeout(1), and from a terminal through it, a
 * signal arrives twice.  One that comes later ends the program at once.
 */
void interrupt_watch(void);

/* interrupt_signal - the signal that came, or 0. */
int interrupt_signal(void);

/* interrupt_check - 0, or if a signal came -1 with 128 + its number and "stopped by signal N", to which the caller adds
 * what is kept. */
int interrupt_check(struct error *err);

#endif
