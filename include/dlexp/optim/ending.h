/*
 * ending.h - how a descent ends: what its last half does.
 *
 * With e_k = objective - minimum, Q3 and Q4 the third and the last quarter of the iterations, H3 and H4 the largest e
 * in each.  The first that fits:
 *
 *   diverged     the run left the finite numbers.
 *   limit_cycle  the points return, ever closer, and stay away from the minimum: with R3 and R4 the largest
 *                |w_k - w_(k-p)| over each quarter, for some period p >= 2 (at most a quarter of Q4; the least is told)
 *                  R4 <= ENDING_RETURN * (extent of the points of Q4),
 *                  R4 <= R3 / 10, or R4 is rounding (<= ENDING_ROUNDING of the coordinates),
 *                  H4 >= ENDING_HEIGHT * H3;
 *                the extent is more than ENDING_EXTENT of the coordinates, no e of the last half is 0, and the theory,
 *                where there is one, does not say that all directions decay (`modulus` below 1).
 *   converging   H4 <= H3 / 2, or e never rises over the last half, or H4 is rounding (<= ENDING_FLOOR of the run's
 *                largest e).
 *   rising       H4 > 2 H3.
 *   oscillating  neither: e rises again and again, and its height has not halved.
 *
 * |.| is the larger of the two coordinates.  RMSProp with a constant rate circles a quadratic's minimum with period 2,
 * each coordinate at +-lr / 2, so that the height is proportional to lr^2 (where eps is small beside the gradient);
 * gd at lr * curvature = 2 has period 2.
 *
 * Why a run that converges is no limit cycle: where a power r^k decays so that R4 <= R3 / 10, r^(n/4) <= 1/10, and with
 * it H4 <= H3 / 100; where it decays slower, R4 / R3 tells.
 *
 * Limits: a cycle is told once the run has come to 1e-3 of it, not before; RMSProp's takes from 3,000 (lr 0.1) to 8,000
 * (lr 1e-3) iterations on f1 and f2, as from small second moments it first bursts.  A run of which a period takes less
 * than 1e-12 is told as a cycle.  So is, on functions that are no quadratic, one that loses less than 1e-4 of itself in
 * a period in one direction while another one still settles.  Orbits that do not come back to the same points are
 * `oscillating`: adam's, whose step grows without bound as its second moment decays, so that f falls below 1e-60 and
 * bursts back; while its bursts still halve they are `converging`.  What the last half does says nothing of a longer
 * run: on a quadratic rmsprop and adam first converge, and then return.
 */
#ifndef DLEXP_ENDING_H
#define DLEXP_ENDING_H

#include <stdbool.h>
#include <stddef.h>

#define ENDING_RETURN 1e-3
#define ENDING_ROUNDING 1e-12
#define ENDING_HEIGHT 0.9
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

/*
 * ending_of - of a trajectory of `rows` iterations, start included, as in a record (descent.h).  modulus: the largest
 * by which a direction is multiplied in a step (descent_predict); nan: there is no theory.
 */
struct ending ending_of(const double *cells, size_t rows, double minimum, bool diverged, double modulus);

#endif
