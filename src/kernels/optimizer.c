#include "dlexp/kernels/optimizer.h"

#include <math.h>

#include "dlexp/base/fma.h"
#include "dlexp/base/pair.h"

/*
 * base^t, 0 <= base <= 1, by repeated squaring.  pow() may differ from one C library to the next; this is the same
 * everywhere, and correctly rounded unless base^t lies within about t 2^-51 ulp of the middle between two doubles.
 */
static double integer_power(double base, uint64_t t)
{
    struct pair power = {1, 0}, square = {base, 0};
    for (; t > 0; t >>= 1, square = pair_product(square, square))
        if (t & 1)
            power = pair_product(power, square);
    return power.high;
}

#define BELOW_ONE (1 - 0x1p-53)

#define FIELD(name) offsetof(struct hyperparameters, name)

/* name, option, place, default, low, high, low is open */
static const struct hyperparameter hyperparameters[] = {
    {"momentum", "momentum", FIELD(momentum), 0.9, 0, BELOW_ONE, false},
    {"alpha", "alpha", FIELD(alpha), 0.99, 0, BELOW_ONE, false},
    {"beta1", "betas", FIELD(beta1), 0.9, 0, BELOW_ONE, false},
    {"beta2", "betas", FIELD(beta2), 0.999, 0, BELOW_ONE, false},
    {"eps", "eps", FIELD(eps), 1e-8, 0, 1, true},
    {"weight_decay", "weight-decay", FIELD(weight_decay), 0, 0, INFINITY, false},
};
enum { USES_MOMENTUM = 1, USES_ALPHA = 2, USES_BETAS = 4 | 8, USES_EPS = 16, USES_DECAY = 32 };
enum { HYPERPARAMETERS = sizeof hyperparameters / sizeof *hyperparameters };

/* The rules in double, one lane. */
#define T double
#define V double
enum { LANES = 1 };
static inline double v_fma(double a, double b, double c)
{
    return fma_double(a, b, c);
}
static inline double v_sqrt(double a)
{
    return sqrt(a);
}
static inline double v_splat(double a)
{
    return a;
}
static inline double v_load(const double *p)
{
    return *p;
}
static inline void v_store(double *p, double a)
{
    *p = a;
}
#define OPTIMIZER_RULES_CONSTANTS
#include "rules.h"

/* A rule's constants, and the weight decay of those that it is coupled to. */
#define DEFINE_CONSTANTS(rule, alias, title, n_states, uses, decay, ...)                                               \
    static void all_constants_##rule(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)            \
    {                                                                                                                  \
        constants_##rule(c, lr, hyper, t);                                                                             \
        if ((decay) == COUPLED)                                                                                        \
            c[DECAY] = hyper->weight_decay;                                                                            \
    }
OPTIMIZER_RULES(DEFINE_CONSTANTS)

#define TABLE_ROW(rule, alias, title, n_states, uses, decay, recurrence, formula)                                      \
    {#rule, alias, title, formula, n_states, uses, all_constants_##rule, recurrence, (decay) == COUPLED ? 0 : 0.01},
static const struct optimizer optimizers[] = {OPTIMIZER_RULES(TABLE_ROW)};
enum { OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

optimizer_update_f64_fn *const optimizer_update_f64[] = {OPTIMIZER_RULES(UPDATE_ENTRY)};

const struct optimizer *optimizer_row(size_t index)
{
    return index < OPTIMIZERS ? &optimizers[index] : NULL;
}

const struct hyperparameter *hyperparameter_row(size_t index)
{
    return index < HYPERPARAMETERS ? &hyperparameters[index] : NULL;
}

bool optimizer_name(size_t index, const char **name)
{
    if (index >= OPTIMIZERS)
        return false;
    *name = optimizers[index].name;
    return true;
}

static double *field(struct hyperparameters *hyper, size_t index)
{
    return (double *)((char *)hyper + hyperparameters[index].offset);
}

struct hyperparameters hyperparameters_initial(void)
{
    struct hyperparameters hyper;
    for (size_t i = 0; i < HYPERPARAMETERS; i++)
        *field(&hyper, i) = hyperparameters[i].initial;
    return hyper;
}

double hyperparameter_value(const struct hyperparameters *hyper, size_t index)
{
    struct hyperparameters copy = *hyper;
    return *field(&copy, index);
}
