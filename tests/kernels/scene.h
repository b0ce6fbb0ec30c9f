/*
 * scene.h - what the tests of kernels share (kernels_test.c, tests/kernels/).
 *
 * A case is one function: it draws sizes and inputs from its scene, calls scene->kernels, compares with what it expects
 * and keeps the outputs.  run_cases calls it for every seed, kind and set and compares what was kept with what the
 * oracle, the last "portable", gave.
 *
 *   static void relu_case(struct scene *scene)
 *   {
 *       const size_t rows = test_between(&scene->state, 0, 9), n = test_between(&scene->state, 1, 70);
 *       const float *x = input(scene, rows, n, -2, 2);
 *       float *y = output(scene, rows * real_padded(n));
 *       scene->kernels->relu(y, x, rows, real_padded(n));
 *       ... expect_same(...), expect_near(...), expect_padding(...) ...
 *       keep(scene, y, rows * real_padded(n));
 *   }
 *
 * All arrays end at an inaccessible page and start after a checked canary; outputs start as garbage.
 */
#ifndef DLEXP_TESTS_KERNELS_SCENE_H
#define DLEXP_TESTS_KERNELS_SCENE_H

#include "../support.h"

#include <float.h>

#include "dlexp/kernels/kernels.h"

#define U (FLT_EPSILON / 2.0) /* the relative error of one operation in float */

enum { ARRAYS_MAX = 101 };

enum kind { ORDINARY, SPECIAL, KINDS }; /* SPECIAL: nan, inf, -0, subnormal and huge numbers among the inputs */

struct scene {
    const struct kernels *kernels;
    enum kind kind;
    uint64_t state; /* of test_u64 and its like */
    bool compared;  /* what is kept will be compared with the oracle's: slow checks of its elements may be left out */
    struct guarded arrays[ARRAYS_MAX];
    size_t used;
    float *kept; /* all outputs, one behind the other; the caller's to free */
    size_t kept_count;
};

typedef void case_fn(struct scene *scene);

/* -- arrays; release frees them all -- */

void *place(struct scene *scene, size_t bytes);

/* An output: what it holds before must not matter. */
float *output(struct scene *scene, size_t count);

/* An input of rows x columns, its rows padded with zeros to a multiple of REAL_PAD. */
float *input(struct scene *scene, size_t rows, size_t columns, double low, double high);

void keep(struct scene *scene, const float *x, size_t count);
void release(struct scene *scene);

/* -- expectations; a test that fails does not return -- */

/* The same bits, or both nan: IEEE leaves the payload of a computed nan open. */
bool same(float a, float b);
void expect_same(const float *got, const float *expected, size_t count, const char *what);
void expect_near(float got, double expected, double tolerance, const char *what);

/* The padding of each row holds +0, to the bit. */
void expect_padding(const float *x, size_t rows, size_t columns, const char *what);

/* -- running -- */

/* Runs a case for every set; each set's outputs must be the oracle's. */
void run_case(case_fn *one, const char *what, enum kind kind, uint64_t seed);

/* The same for every seed and kind. */
void run_cases(case_fn *one, const char *what);

/* Whether the case calls the member of struct kernels at this offset: it crashes (in a child) when that is NULL. */
bool case_calls(case_fn *one, size_t offset);

/* -- what a file of tests/kernels/ offers -- */

/* A member of struct kernels and its case.  A case may serve several members, whose rows stand together. */
struct member_test {
    const char *name;
    size_t offset;
    case_fn *run;
};
#define MEMBER(member) #member, offsetof(struct kernels, member)

struct kernel_tests {
    const struct member_test *members; /* both end with a row without a name */
    const struct CMUnitTest *others;
};
extern const struct kernel_tests product_tests, transpose_tests, layer_tests, norm_tests, loss_tests, pixel_tests,
    optimizer_tests;

/* test_NAME, which runs NAME_case: for a second case of a member, to stand among `others`. */
#define CASE_TEST(name)                                                                                                \
    static void test_##name(void **unused)                                                                             \
    {                                                                                                                  \
        (void)unused;                                                                                                  \
        run_cases(name##_case, #name);                                                                                 \
    }

#endif
