/*
 * ending.h - how a descent ends: what its last half does.
 *
 * With e_k = objective - minimum, Q3 and Q4 the third and the last quarter of the iterations, H3 and H4 the largest e
 * in each.  The first that fits:
 *
 *   diverged     the run left the finite numbers.
 *   limit_cycle  the points return and stay away from the minimum: there is a period p >= 2 (at most a quarter of Q4;
 *                the least is told) for which over Q4
 *                  max |w_k - w_(k-p)| <= ENDING_RETURN * (extent of the points of Q4),
 *                which is at most half of the same over Q3 or within rounding (ENDING_ROUNDING of the coordinates);
 *                the extent is more than ENDING_EXTENT of the coordinates, and no e of the last half is 0.
 *   converging   H4 <= H3 / 2, or e never rises over the last half, or H4 is rounding (<= ENDING_FLOOR of the run's
 *                largest e).
 *   rising       H4 > 2 H3.
 *   oscillating  neither: e rises again and again, and its height has not halved.
 *
 * |.| is the larger of the two coordinates.  RMSProp with a constant rate circles a quadratic's minimum with period 2,
 * each coordinate at +-lr / 2, so that the height is proportional to lr^2 (where eps is small beside the gradient);
 * gd at lr * curvature = 2 has period 2.
 *
 * Why a run that converges is no limit cycle: the points of a decaying power r^k come back to 1 - r^p of themselves.
 * Where that has halved from Q3 to Q4, r^(n/4) <= 1/2 and 1 - r^p >= 4 p ln(2) / n, which is more than 5e-6 for the
 * 10^6 iterations that a run may have; where it has not, it is no cycle unless it is within rounding.
 *
 * Limits: a cycle is told once the run has come to 1e-6 of it, not before (RMSProp at alpha 0.99 takes 1,400 iterations
 * from when it reaches it).  A run of which each period takes less than 1e-14 is told as a cycle, and so is one that
 * loses less than 1e-6 of itself in a period in one direction while another one still settles.  Orbits that do not come
 * back to the same points are `oscillating`: adam's, whose step grows without bound as its second moment decays, so
 * that f falls below 1e-60 and bursts back; while its bursts still halve they are `converging`.  What the last half
 * does says nothing of a longer run: rmsprop and adam first converge on a quadratic and then return.
 */
#ifndef DLEXP_ENDING_H
#define DLEXP_ENDING_H

#include <stdbool.h>
#include <stddef.h>

#define ENDING_RETURN 1e-6
#define ENDING_ROUNDING 1e-14
#define ENDING_EXTENT 1e-12
#define ENDING_FLOOR 1e-24
enum { ENDING_ROWS_MIN = 16 }; /* of a run that ends in some way */

struct ending {
    enum ending_kind {
        ENDING_UNTOLD,
        ENDING_CONVERGING,
        ENDING_LIMIT_CYCLE,
        ENDING_OSCILLATING,
        ENDING_RISING,
        ENDING_DIVERGED
    } kind;        /* untold: too short */
    size_t period; /* of a limit cycle, else 0 */
    double height; /* H4; nan where untold or diverged */
};

/* ending_name - "limit_cycle"; NULL where untold. */
const char *ending_name(enum ending_kind kind);

/* ending_of - of a trajectory of `rows` iterations, start included, as in a record (descent.h). */
struct ending ending_of(const double *cells, size_t rows, double minimum, bool diverged);

#endif
