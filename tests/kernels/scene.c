/* Cases of kernels: their arrays, what is expected of them, and the comparison of the sets; see scene.h. */
#include "scene.h"

#include <signal.h>
#include <sys/wait.h>

void *place(struct scene *scene, size_t bytes)
{
    assert_true(scene->used < ARRAYS_MAX);
    return guarded_new(&scene->arrays[scene->used++], bytes);
}

/* An output: what it holds before must not matter. */
float *output(struct scene *scene, size_t count)
{
    float *x = place(scene, count * sizeof *x);
    memset(x, 0xff, count * sizeof *x); /* nan */
    return x;
}

static float special(uint64_t *state)
{
    static const float values[] = {NAN,       INFINITY,   -INFINITY, -0.0f,   0.0f,
                                   0x1p-149f, -0x1p-130f, FLT_MIN,   FLT_MAX, -FLT_MAX};
    return values[test_between(state, 0, sizeof values / sizeof *values - 1)];
}

/* An input of rows x columns, its rows padded with zeros to a multiple of REAL_PAD. */
float *input(struct scene *scene, size_t rows, size_t columns, double low, double high)
{
    const size_t stride = real_padded(columns);
    float *x = place(scene, rows * stride * sizeof *x);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < stride; j++) {
            x[i * stride + j] = j < columns ? (float)test_uniform(&scene->state, low, high) : 0;
            if (scene->kind == SPECIAL && j < columns && test_between(&scene->state, 0, 5) == 0)
                x[i * stride + j] = special(&scene->state);
        }
    return x;
}

void keep(struct scene *scene, const float *x, size_t count)
{
    float *grown = realloc(scene->kept, (scene->kept_count + count + 1) * sizeof *grown);
    assert_non_null(grown);
    if (count > 0)
        memcpy(grown + scene->kept_count, x, count * sizeof *x);
    scene->kept = grown;
    scene->kept_count += count;
}

void release(struct scene *scene)
{
    while (scene->used > 0)
        guarded_free(&scene->arrays[--scene->used]);
}

/* The same bits, or both nan: IEEE leaves the payload of a computed nan open. */
bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

void expect_same(const float *got, const float *expected, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (!same(got[i], expected[i]))
            fail_msg("%s, element %zu: expected %a, got %a", what, i, (double)expected[i], (double)got[i]);
}

void expect_near(float got, double expected, double tolerance, const char *what)
{
    if (!(fabs((double)got - expected) <= tolerance))
        fail_msg("%s: expected %.9g within %.3g, got %.9g", what, expected, tolerance, (double)got);
}

/* The padding of each row holds +0, to the bit. */
void expect_padding(const float *x, size_t rows, size_t columns, const char *what)
{
    const float zero = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = columns; j < real_padded(columns); j++)
            if (memcmp(&x[i * real_padded(columns) + j], &zero, sizeof zero) != 0)
                fail_msg("%s: row %zu, padding column %zu holds %g", what, i, j,
                         (double)x[i * real_padded(columns) + j]);
}

/* -- running -- */

/* The last "portable": the C library's fmaf(), lane by lane. */
static const struct kernels *oracle_set(void)
{
    const struct kernels *set, *last = NULL;
    for (size_t k = 0; (set = kernels_row(k)); k++)
        last = set;
    assert_non_null(last);
    assert_string_equal(last->name, "portable");
    return last;
}

void run_case(case_fn *one, const char *what, enum kind kind, uint64_t seed)
{
    const struct kernels *const first = oracle_set(), *set;
    struct scene oracle = {.kernels = first, .kind = kind, .state = seed};
    one(&oracle);
    release(&oracle);
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported() || set == first)
            continue;
        struct scene scene = {.kernels = set, .kind = kind, .state = seed, .compared = true};
        one(&scene);
        release(&scene);
        assert_int_equal(scene.kept_count, oracle.kept_count);
        for (size_t i = 0; i < scene.kept_count; i++)
            if (!same(scene.kept[i], oracle.kept[i]))
                fail_msg("%s of %s, seed %ju, kind %d: output %zu is %a, portable's is %a", what, set->name,
                         (uintmax_t)seed, (int)kind, i, (double)scene.kept[i], (double)oracle.kept[i]);
        free(scene.kept);
    }
    free(oracle.kept);
}

/* Sanitizers look for other faults, at a tenth of the speed. */
static uint64_t seeds(void)
{
    return TEST_SANITIZED ? 6 : test_is_long() ? 60 : 30;
}

void run_cases(case_fn *one, const char *what)
{
    for (uint64_t seed = 1; seed <= seeds(); seed++)
        for (enum kind kind = ORDINARY; kind < KINDS; kind++)
            run_case(one, what, kind, seed);
}

bool case_calls(case_fn *one, size_t offset)
{
    struct kernels lacking = *oracle_set();
    memset((char *)&lacking + offset, 0, sizeof(void (*)(void)));
    fflush(NULL); /* or the child would print it again */
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr)) /* where a sanitizer would report the fault that is wanted */
            _exit(0);
        for (uint64_t seed = 1; seed <= seeds(); seed++) {
            struct scene scene = {.kernels = &lacking, .kind = ORDINARY, .state = seed};
            one(&scene);
        }
        _exit(0); /* the call would have been the end */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status != 0;
}
