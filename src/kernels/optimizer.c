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

#define ROW(name_, option_, initial_, ...)                                                                             \
    {                                                                                                                  \
        .name = #name_, .option = option_, .offset = offsetof(struct hyperparameters, name_), .initial = initial_,     \
        __VA_ARGS__                                                                                                    \
    }
#define ROW_OF_ONE(context, name, option, initial, quiet, help, ...) ROW(name, option, initial, __VA_ARGS__)
#define ROWS_OF_TWO(context, first, second, option, initial, initial_2, quiet, help, ...)                              \
    ROW(first, option, initial, __VA_ARGS__), ROW(second, option, initial_2, __VA_ARGS__)

static const struct hyperparameter hyperparameters[] = {HYPERPARAMETERS(ROW_OF_ONE, ROWS_OF_TWO, )};
enum { HYPERPARAMETER_ROWS = sizeof hyperparameters / sizeof *hyperparameters };

/* The bit of each, for `uses`. */
#define USES_ONE(context, name, ...) USES_##name = 1u << offsetof(struct hyperparameters, name) / sizeof(double)
#define USES_TWO(context, first, second, ...) USES_ONE(context, first, ), USES_ONE(context, second, )
enum { HYPERPARAMETERS(USES_ONE, USES_TWO, ) };

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

static const struct optimizer optimizers[] = {OPTIMIZER_RULES(OPTIMIZER_ROW)};
enum { OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

optimizer_update_f64_fn *const optimizer_update_f64[] = {OPTIMIZER_RULES(UPDATE_ENTRY)};

const struct optimizer *optimizer_row(size_t index)
{
    return index < OPTIMIZERS ? &optimizers[index] : NULL;
}

const struct hyperparameter *hyperparameter_row(size_t index)
{
    return index < HYPERPARAMETER_ROWS ? &hyperparameters[index] : NULL;
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
    for (size_t i = 0; i < HYPERPARAMETER_ROWS; i++)
        *field(&hyper, i) = hyperparameters[i].initial;
    return hyper;
}

double optimizer_initial(const struct optimizer *optimizer, size_t index)
{
    return optimizer->own.which >> index & 1 ? optimizer->own.initial : hyperparameters[index].initial;
}

double hyperparameter_value(const struct hyperparameters *hyper, size_t index)
{
    struct hyperparameters copy = *hyper;
    return *field(&copy, index);
}
