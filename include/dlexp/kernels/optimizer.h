/*
 * optimizer.h - the update rules: one table, from which the options, the help, the recorded configuration and the
 * kernels come.
 *
 * A rule and its row stand in src/kernels/rules.h, the one place to add an optimizer.  Networks (float) and objectives
 * (double) step by the same rule; defaults and formulas are PyTorch's (torch.optim).
 */
#ifndef DLEXP_OPTIMIZER_H
#define DLEXP_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/real.h"
#include "dlexp/kernels/hyperparameters.h"

enum { OPTIMIZER_STATES_MAX = 2, OPTIMIZER_CONSTANTS_MAX = 8 };

/* One constant: its name in records, its option, its place among the values, PyTorch's default and what values make
 * sense. */
struct hyperparameter {
    const char *name, *option;
    size_t offset; /* of its double in struct hyperparameters */
    double initial, low, high;
    bool low_open, high_open; /* low < value, value < high */
};

struct optimizer {
    const char *name;    /* as typed: "adam" */
    const char *alias;   /* what it is called without batches, where gradients are exact: "gd"; or NULL */
    const char *title;   /* as written: "Adam" */
    const char *formula; /* one line, in the letters of the README */
    size_t states;       /* arrays of state, each as long as the parameters */
    unsigned uses;       /* bit i: the i-th hyperparameter */
    /* The constants of step t = 1, 2, ... that the rule reads; in double, so that every element type starts from the
     * same. */
    void (*constants)(double *c, double lr, const struct hyperparameters *hyper, uint64_t t);
    /* On a quadratic of this curvature with its minimum at 0, where the rule is w[k+1] = r[0] w[k] + r[1] w[k-1], with
     * r[1] = 0 if it has no state; NULL: it is no such recurrence, and depends on the axes. */
    void (*recurrence)(double *r, double lr, const struct hyperparameters *hyper, double curvature);
    /* Of some hyperparameters (bits as in `uses`) it has a default of its own. */
    struct {
        unsigned which;
        double initial;
    } own;
};

/*
 * An update of `count` parameters w by their gradients g; state[0..states) are the rule's arrays, zero before the first
 * step; c the step's constants.  Arrays do not overlap.
 */
typedef void optimizer_update_fn(real *w, const real *g, real *const *state, size_t count, const double *c);
struct pixel_batch; /* kernels.h */
typedef void optimizer_pixel_update_fn(real *w, real *const *state, const struct pixel_batch *x, const real *dz,
                                       size_t stride, const double *c, real *workspace);
typedef void optimizer_update_f64_fn(double *w, const double *g, double *const *state, size_t count, const double *c);

/* optimizer_row, hyperparameter_row - the i-th row; NULL past the last. */
const struct optimizer *optimizer_row(size_t index);
const struct hyperparameter *hyperparameter_row(size_t index);

/* optimizer_name - walks the names, for an option table. */
bool optimizer_name(size_t index, const char **name);

/* hyperparameters_initial - every constant at its default.  optimizer_initial - the default that the i-th constant has
 * with this optimizer. */
struct hyperparameters hyperparameters_initial(void);
double optimizer_initial(const struct optimizer *optimizer, size_t index);

/* hyperparameter_value - the i-th constant's value. */
double hyperparameter_value(const struct hyperparameters *hyper, size_t index);

/* optimizer_update_f64 - the i-th rule in double. */
extern optimizer_update_f64_fn *const optimizer_update_f64[];

#endif
