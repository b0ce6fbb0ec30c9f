/*
 * interrupt.h - Ctrl-C and its kin ask the runs to stop; nothing else happens in the signal handler.
 */
#ifndef DLEXP_INTERRUPT_H
#define DLEXP_INTERRUPT_H

/* interrupt_watch - from now on SIGINT, SIGTERM and SIGHUP are noted; the same signal again kills at once. */
void interrupt_watch(void);

/* interrupt_signal - the signal that came, or 0. */
int interrupt_signal(void);

#endif
