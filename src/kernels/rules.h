/*
 * rules.h - the update rules themselves.  To add an optimizer: a row in OPTIMIZER_RULES, its constants, its rule.
 *
 * Included by optimizer.c for the table, and by whoever builds loops over a vector type V of elements T with the
 * operators
 * + - * / and the functions v_fma(a, b, c) = a * b + c in one rounding and v_sqrt.
 *
 * A rule gets the parameter w, its gradient g, its state s[] and the step's constants c[]; it updates s and returns the
 * new w.
 *
 * careful, a constant where a rule is compiled, chooses ways of arithmetic that give the same bits (subnormal.h).
 *
 * Each fuses and rounds where torch's CPU kernels do on a machine with AVX2 (mul_, add_ with alpha, addcmul_, addcdiv_;
 * float32 and float64 alike), so the same parameters and gradients give the same bits.  That matters: a descent that
 * circles a minimum multiplies one rounding error until no digit is left.
 */

/*
 * name, alias, title, state arrays, constants used, how weight decay enters, recurrence on a quadratic or NULL, formula
 *
 * COUPLED: the rule gets g + weight_decay w in the place of g, and needs to know nothing of it; 0 by default.
 * DECOUPLED: it is the rule's own affair; 0.01 by default.
 */
#define OPTIMIZER_RULES(X)                                                                                             \
    X(sgd, "gd", "SGD", 0, USES_weight_decay, COUPLED, recurrence_sgd, "w <- w - lr g")                                \
    X(momentum, NULL, "Momentum", 1, USES_momentum | USES_weight_decay, COUPLED, recurrence_momentum,                  \
      "m <- momentum m + g;  w <- w - lr m")                                                                           \
    X(nesterov, NULL, "Nesterov", 1, USES_momentum | USES_weight_decay, COUPLED, recurrence_nesterov,                  \
      "m <- momentum m + g;  w <- w - lr (g + momentum m)")                                                            \
    X(rmsprop, NULL, "RMSProp", 1, USES_alpha | USES_eps | USES_weight_decay, COUPLED, NULL,                           \
      "v <- alpha v + (1 - alpha) g^2;  w <- w - lr g / (sqrt(v) + eps)")                                              \
    X(adam, NULL, "Adam", 2, USES_beta1 | USES_beta2 | USES_eps | USES_weight_decay, COUPLED, NULL,                    \
      "m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  w <- w - lr mhat / (sqrt(vhat) + eps), "        \
      "mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t)")                                                            \
    X(adamw, NULL, "AdamW", 2, USES_beta1 | USES_beta2 | USES_eps | USES_weight_decay, DECOUPLED, NULL,                \
      "w <- (1 - lr weight_decay) w;  m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  "                \
      "w <- w - lr mhat / (sqrt(vhat) + eps), mhat = m / (1 - beta1^t), vhat = v / (1 - beta2^t)")

enum { COUPLED, DECOUPLED };
enum { DECAY = OPTIMIZER_CONSTANTS_MAX - 1 }; /* the place of the weight decay among the constants, 0: none */

#ifdef OPTIMIZER_RULES_CONSTANTS

/* Robbins & Monro 1951. */
static void constants_sgd(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    (void)hyper, (void)t;
    c[0] = -lr;
}

/* On a quadratic of curvature h with its minimum at 0, where the gradient with the coupled decay is (h + decay) w. */
static void recurrence_sgd(double *r, double lr, const struct hyperparameters *hyper, double curvature)
{
    r[0] = 1 - lr * (curvature + hyper->weight_decay);
    r[1] = 0;
}

/* Polyak 1964, in the form of Sutskever et al. 2013 that torch.optim.SGD uses: the learning rate multiplies the sum. */
static void constants_momentum(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    (void)t;
    c[0] = -lr;
    c[1] = hyper->momentum;
}

/* r^2 - (1 + momentum - lr h) r + momentum = 0: a complex pair has modulus sqrt(momentum). */
static void recurrence_momentum(double *r, double lr, const struct hyperparameters *hyper, double curvature)
{
    r[0] = 1 + hyper->momentum - lr * (curvature + hyper->weight_decay);
    r[1] = -hyper->momentum;
}

/* Nesterov 1983, in the form of Sutskever et al. 2013, seen from the point that is looked ahead to. */
static void constants_nesterov(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    constants_momentum(c, lr, hyper, t);
}

/* r^2 - (1 + momentum) (1 - lr h) r + momentum (1 - lr h) = 0. */
static void recurrence_nesterov(double *r, double lr, const struct hyperparameters *hyper, double curvature)
{
    const double shrunk = 1 - lr * (curvature + hyper->weight_decay);
    r[0] = (1 + hyper->momentum) * shrunk;
    r[1] = -hyper->momentum * shrunk;
}

/* Tieleman & Hinton 2012 (Coursera lecture 6.5); eps outside the root, as torch.optim.RMSprop. */
static void constants_rmsprop(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    (void)t;
    c[0] = -lr;
    c[1] = hyper->alpha;
    c[2] = 1 - hyper->alpha;
    c[3] = hyper->eps;
}

/* Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1, bias corrections applied where torch.optim.Adam applies them. */
static void constants_adam(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    c[0] = -lr / (1 - integer_power(hyper->beta1, t));
    c[1] = hyper->beta1;
    c[2] = 1 - hyper->beta1;
    c[3] = hyper->beta2;
    c[4] = 1 - hyper->beta2;
    c[5] = sqrt(1 - integer_power(hyper->beta2, t));
    c[6] = hyper->eps;
}

/* Loshchilov & Hutter 2019, arXiv:1711.05101, as torch.optim.AdamW. */
static void constants_adamw(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)
{
    constants_adam(c, lr, hyper, t);
    c[DECAY] = 1 - lr * hyper->weight_decay;
}

/* A rule's constants, and the weight decay of those that it is coupled to. */
#define DEFINE_CONSTANTS(rule, alias, title, n_states, uses, decay, ...)                                               \
    static void all_constants_##rule(double *c, double lr, const struct hyperparameters *hyper, uint64_t t)            \
    {                                                                                                                  \
        constants_##rule(c, lr, hyper, t);                                                                             \
        if ((decay) == COUPLED)                                                                                        \
            c[DECAY] = hyper->weight_decay;                                                                            \
    }
OPTIMIZER_RULES(DEFINE_CONSTANTS)

/* The table's row; a rule that takes the weight decay off by itself has another default of it. */
#define OPTIMIZER_ROW(rule, alias, title, n_states, uses, decay, recurrence, formula)                                  \
    {#rule,                                                                                                            \
     alias,                                                                                                            \
     title,                                                                                                            \
     formula,                                                                                                          \
     n_states,                                                                                                         \
     uses,                                                                                                             \
     all_constants_##rule,                                                                                             \
     recurrence,                                                                                                       \
     {(decay) == DECOUPLED ? USES_weight_decay : 0, 0.01}},

#endif

#ifdef V

#include "subnormal.h"

static inline V rule_sgd(V w, V g, V *s, const V *c, const bool careful)
{
    (void)s, (void)careful;
    return v_fma(c[0], g, w);
}

static inline V rule_momentum(V w, V g, V *s, const V *c, const bool careful)
{
    s[0] = v_scaled(c[1], s[0], careful) + g; /* mul_, then add_: two kernels cannot fuse */
    return v_fma(c[0], v_felt(s[0], w, c[0], v_splat(1), careful), w);
}

static inline V rule_nesterov(V w, V g, V *s, const V *c, const bool careful)
{
    s[0] = v_scaled(c[1], s[0], careful) + g;
    /* What is not felt in w is not felt in g either, or g is not felt in w. */
    return v_fma(c[0], v_fma(c[1], v_felt(s[0], w, c[0], v_splat(1), careful), g), w);
}

static inline V rule_rmsprop(V w, V g, V *s, const V *c, const bool careful)
{
    s[0] = v_fma(c[2] * g, g, v_scaled(c[1], s[0], careful));
    return w + c[0] * g / (v_root(s[0], careful) + c[3]);
}

static inline V rule_adam(V w, V g, V *s, const V *c, const bool careful)
{
    s[0] = v_fma(c[2], g, v_scaled(c[1], s[0], careful));
    s[1] = v_fma(c[4] * g, g, v_scaled(c[3], s[1], careful));
    const V d = v_root(s[1], careful) / c[5] + c[6];
    return w + c[0] * v_felt(s[0], w, c[0], d, careful) / d;
}

static inline V rule_adamw(V w, V g, V *s, const V *c, const bool careful)
{
    return rule_adam(c[DECAY] * w, g, s, c, careful);
}

typedef V rule_fn(V w, V g, V *s, const V *c, const bool careful);

/* One vector's step. */
static inline __attribute__((always_inline)) V step(rule_fn *const rule, const size_t n_states, V w, V g, V *s,
                                                    const V *c)
{
    bool careful = false;
    for (size_t j = 0; j < n_states; j++)
        careful |= v_needs_care(s[j]);
    return __builtin_expect(careful, false) ? rule(w, g, s, c, true) : rule(w, g, s, c, false);
}

/* The loop over all parameters; the state count is a constant there, so unused states cost nothing. */
static inline __attribute__((always_inline)) void update_all(rule_fn *const rule, const size_t n_states, T *restrict w,
                                                             const T *restrict g, T *const *restrict state,
                                                             size_t count, const double *constants)
{
    V c[OPTIMIZER_CONSTANTS_MAX], s[OPTIMIZER_STATES_MAX];
    for (int i = 0; i < OPTIMIZER_CONSTANTS_MAX; i++)
        c[i] = v_splat((T)constants[i]);
    for (size_t i = 0; i < count; i += LANES) {
        for (size_t j = 0; j < n_states; j++)
            s[j] = v_load(state[j] + i);
        v_store(w + i, step(rule, n_states, v_load(w + i), v_load(g + i), s, c));
        for (size_t j = 0; j < n_states; j++)
            v_store(state[j] + i, s[j]);
    }
}

/*
 * Every rule in two forms, so that none pays for a weight decay of 0; which is meant is known to be the first when
 * compiled for those that are not coupled.  RULE_FORMS - FORM(name, ...) for each of them; RULE_FORM - of what has
 * these names behind a prefix, the one that is meant.
 */
#define RULE_FORMS(FORM, rule, ...)                                                                                    \
    FORM(rule, rule, __VA_ARGS__)                                                                                      \
    FORM(decayed_##rule, rule, __VA_ARGS__)
#define RULE_FORM(prefix, rule, constants) (decays_##rule(constants) ? &prefix##decayed_##rule : &prefix##rule)

#define DEFINE_UPDATE(rule, alias, title, n_states, uses, decay, recurrence, formula)                                  \
    static inline bool decays_##rule(const double *constants)                                                          \
    {                                                                                                                  \
        return (decay) == COUPLED && constants[DECAY] != 0;                                                            \
    }                                                                                                                  \
    static inline V rule_decayed_##rule(V w, V g, V *s, const V *c, const bool careful)                                \
    {                                                                                                                  \
        return rule_##rule(w, v_fma(c[DECAY], w, g), s, c, careful);                                                   \
    }                                                                                                                  \
    static void update_##rule(T *restrict w, const T *restrict g, T *const *restrict state, size_t count,              \
                              const double *constants)                                                                 \
    {                                                                                                                  \
        if (decays_##rule(constants))                                                                                  \
            update_all(rule_decayed_##rule, n_states, w, g, state, count, constants);                                  \
        else                                                                                                           \
            update_all(rule_##rule, n_states, w, g, state, count, constants);                                          \
    }
OPTIMIZER_RULES(DEFINE_UPDATE)

#define UPDATE_ENTRY(rule, ...) update_##rule,

#endif
