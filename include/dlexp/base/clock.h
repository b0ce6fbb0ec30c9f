/*
 * clock.h - the time, for telling how long something took.
 */
#ifndef DLEXP_CLOCK_H
#define DLEXP_CLOCK_H

/* clock_now_s - the monotonic clock, in seconds: only differences mean something. */
double clock_now_s(void);

/* clock_thread_s - seconds that this thread has run: what other programs take of the core does not count. */
double clock_thread_s(void);

#endif
