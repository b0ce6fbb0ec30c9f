/* fma of other arithmetic against the C library's, to the bit. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/base/fma.h"
#ifdef __SSE2__
#include "../src/kernels/vector_sse2.h"
#endif

enum { RANDOM = 2000000, RANDOM_DOUBLE = 300000, HARD = 400000 };

/* SplitMix64 (Steele et al. 2014). */
static uint64_t random_bits(void)
{
    static uint64_t state = 20240229;
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int between(int low, int high)
{
    return low + (int)(random_bits() % (uint64_t)(high - low + 1));
}

static double sign(void)
{
    return random_bits() & 1 ? -1 : 1;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_float(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static bool same_double(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* ---- float: one by one, and in vectors of all that has been asked for ---- */

static void expect_vectors(const float *a, const float *b, const float *c)
{
#ifdef __SSE2__
    _Alignas(16) float got[LANES], at[LANES];
    v_store(got, v_fma(v_load(a), v_load(b), v_load(c)));
    v_store(at, v_fma_at(v_load(a), b, v_load(c)));
    for (int i = 0; i < LANES; i++)
        if (!same_float(got[i], fmaf(a[i], b[i], c[i])) || !same_float(at[i], got[i]))
            fail_msg("lane %d of fma(%a, %a, %a): expected %a, got %a and %a", i, (double)a[i], (double)b[i],
                     (double)c[i], (double)fmaf(a[i], b[i], c[i]), (double)got[i], (double)at[i]);
#else
    (void)a, (void)b, (void)c;
#endif
}

static struct counts {
    size_t normal, subnormal, overflow; /* where rounding twice is wrong */
} wrong_twice;

static void expect_float(float a, float b, float c)
{
    static _Alignas(16) float last[3][4];
    static size_t count;
    const float expected = fmaf(a, b, c), got = fma_float(a, b, c);
    const float twice = (float)((double)a * (double)b + (double)c);
    if (!same_float(got, expected))
        fail_msg("fma_float(%a, %a, %a): expected %a, got %a", (double)a, (double)b, (double)c, (double)expected,
                 (double)got);
    if (!same_float(twice, expected)) {
        wrong_twice.normal += fabsf(expected) >= FLT_MIN;
        wrong_twice.subnormal += fabsf(expected) < FLT_MIN;
        wrong_twice.overflow += isinf(expected) || isinf(twice);
    }
    last[0][count % 4] = a;
    last[1][count % 4] = b;
    last[2][count % 4] = c;
    if (++count >= 4)
        expect_vectors(last[0], last[1], last[2]);
}

static void test_float_random(void **unused)
{
    (void)unused;
    for (int i = 0; i < RANDOM; i++) {
        const uint64_t bits = random_bits();
        const float a = float_of((uint32_t)bits), b = float_of((uint32_t)(bits >> 32));
        expect_float(a, b, float_of((uint32_t)random_bits()));
        /* an addend that meets the product's digits, or nearly cancels it */
        const float product = a * b;
        if (isfinite(product) && product != 0) {
            expect_float(a, b, ldexpf(1 + 0x1p-23F * (float)(bits & 0x7fffff), ilogbf(product) + between(-60, 60)));
            expect_float(a, b, -product * (1 + 0x1p-23F * (float)between(-4, 4)));
        }
    }
}

/*
 * Sums that are the middle between two floats, or off it by 2^-24 to 2^-46 of what is between them: c and
 * (1 + u) (1 + v) halves of its last digit, u and v powers of two or zero.
 */
static void hard_sum(float c)
{
    const int last = fabsf(c) < FLT_MIN ? -149 : ilogbf(c) - 23;
    const int m = between(11, 23), exponent = last - 1, part = between(exponent / 2 - 20, exponent / 2 + 20);
    const double u = between(0, 4) ? sign() * ldexp(1, -m) : 0, v = between(0, 1) ? -u : u;
    const float a = (float)ldexp(1 + u, part), b = (float)ldexp((1 + v) * sign(), exponent - part);
    expect_float(a, b, c);
}

static void test_float_hard(void **unused)
{
    (void)unused;
    memset(&wrong_twice, 0, sizeof wrong_twice);
    for (int i = 0; i < HARD; i++) {
        const float any = (float)sign() * (1 + 0x1p-23F * (float)(random_bits() & 0x7fffff));
        hard_sum(ldexpf(any, between(-140, 126)));
        hard_sum(float_of((uint32_t)(random_bits() % 0x800000))); /* subnormal, and so is the sum */
        hard_sum(ldexpf((float)sign(), between(-149, 127)));      /* where the distance of floats changes */
        hard_sum((float)sign() * FLT_MAX);
    }
    printf("rounding twice is wrong for %zu normal and %zu subnormal results, %zu overflows\n", wrong_twice.normal,
           wrong_twice.subnormal, wrong_twice.overflow);
    assert_true(wrong_twice.normal > HARD / 50 && wrong_twice.subnormal > HARD / 50 &&
                wrong_twice.overflow > HARD / 50);
}

static void test_float_special(void **unused)
{
    (void)unused;
    static const float half[] = {0,
                                 FLT_TRUE_MIN,
                                 3 * FLT_TRUE_MIN,
                                 0x1p-140F,
                                 0x1p-127F,
                                 FLT_MIN - FLT_TRUE_MIN,
                                 FLT_MIN,
                                 FLT_MIN + FLT_TRUE_MIN,
                                 0x1p-75F,
                                 0x1.8p-75F,
                                 0x1.000002p-75F,
                                 0x1p-64F,
                                 0x1p-25F,
                                 0x1p-24F,
                                 0x1.fffffep-25F,
                                 0x1.000002p-24F,
                                 0.5F,
                                 0.75F,
                                 0x1.fffffep-1F,
                                 1,
                                 0x1.000002p0F,
                                 1.5F,
                                 3,
                                 0x1p23F,
                                 0x1.fffffep23F,
                                 0x1p24F,
                                 0x1p63F,
                                 0x1p64F,
                                 0x1p103F,
                                 0x1.fffffep103F,
                                 0x1p127F,
                                 FLT_MAX,
                                 INFINITY,
                                 NAN};
    enum { HALF = sizeof half / sizeof *half, ALL = 2 * HALF };
    float all[ALL];
    for (size_t i = 0; i < HALF; i++) {
        all[2 * i] = half[i];
        all[2 * i + 1] = -half[i];
    }
    for (size_t i = 0; i < ALL; i++)
        for (size_t j = 0; j < ALL; j++)
            for (size_t k = 0; k < ALL; k++)
                expect_float(all[i], all[j], all[k]);
}

/* ---- double ---- */

static void expect_double(double a, double b, double c)
{
    const double expected = fma(a, b, c), got = fma_double(a, b, c);
    if (!same_double(got, expected))
        fail_msg("fma_double(%a, %a, %a): expected %a, got %a", a, b, c, expected, got);
}

static void test_double(void **unused)
{
    (void)unused;
    static const double special[] = {0,
                                     -0.0,
                                     1,
                                     -1,
                                     0x1.0000000000001p0,
                                     DBL_TRUE_MIN,
                                     -DBL_MIN,
                                     0x1p-500,
                                     -0x1p-450,
                                     0x1p500,
                                     -0x1p512,
                                     0x1p990,
                                     DBL_MAX,
                                     -DBL_MAX,
                                     INFINITY,
                                     -INFINITY,
                                     NAN,
                                     0x1p-1000};
    enum { SPECIAL = sizeof special / sizeof *special };
    for (size_t i = 0; i < SPECIAL; i++)
        for (size_t j = 0; j < SPECIAL; j++)
            for (size_t k = 0; k < SPECIAL; k++)
                expect_double(special[i], special[j], special[k]);
    for (int i = 0; i < RANDOM_DOUBLE; i++) {
        const double a = double_of(random_bits()), b = double_of(random_bits()), product = a * b;
        expect_double(a, b, double_of(random_bits()));
        if (isfinite(product) && product != 0) {
            const double any = 1 + 0x1p-52 * (double)(random_bits() >> 12);
            expect_double(a, b, ldexp(any, ilogb(product) + between(-120, 120)));
            expect_double(a, b, -product * (1 + 0x1p-52 * (double)between(-4, 4)));
        }
        /* as hard_sum */
        const double c =
            ldexp(sign() * (1 + 0x1p-52 * (double)(between(0, 3) ? random_bits() >> 12 : 0)), between(-1020, 1020));
        const int exponent = ilogb(c) - 53, part = between(exponent / 2 - 20, exponent / 2 + 20);
        const double u = sign() * ldexp(1, -between(26, 52)), v = between(0, 1) ? -u : u;
        expect_double(ldexp(1 + u, part), ldexp((1 + v) * sign(), exponent - part), c);
    }
}

/* What the optimizers' constants take from it: the rest of a product, for 0 to 1. */
static void test_product_rest(void **unused)
{
    (void)unused;
    for (int i = 0; i < RANDOM_DOUBLE; i++) {
        const double a = ldexp((double)(random_bits() >> 11), -53 - between(0, 400)),
                     b = ldexp((double)(random_bits() >> 11), -53 - between(0, 400)), product = a * b;
        const double expected = fma(a, b, -product), got = fma_product_rest(a, b, product);
        if (product > 0x1p-900 && got != expected)
            fail_msg("rest of %a * %a: expected %a, got %a", a, b, expected, got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float_special), cmocka_unit_test(test_float_hard),   cmocka_unit_test(test_float_random),
        cmocka_unit_test(test_double),        cmocka_unit_test(test_product_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
