/*
 * clock.h - the time, for telling how long something took.
 */
#ifndef DLEXP_CLOCK_H
#define DLEXP_CLOCK_H

/* clock_now_s - the monotonic clock, in seconds: only differences mean something. */
double clock_now_s(void);

#endif
