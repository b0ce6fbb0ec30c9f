#include "dlexp/kernels/kernels.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sets.h"

/* Best first.  The last FORMS are called "portable", of which portable_form() is taken. */
static const struct kernels *const sets[] = {
#ifdef KERNELS_AVX512
    &kernels_avx512,
#endif
#ifdef KERNELS_AVX2
    &kernels_avx2,
#endif
#ifdef KERNELS_NEON
    &kernels_neon,
#endif
#ifdef KERNELS_FUSED
    &kernels_fused,
#endif
#ifdef KERNELS_EMULATED
    &kernels_emulated,
#endif
    &kernels_portable,
};
#ifdef KERNELS_FUSED
enum { FORMS = 3 };
#elif defined KERNELS_EMULATED
enum { FORMS = 2 };
#else
enum { FORMS = 1 };
#endif
enum { SETS = sizeof sets / sizeof *sets, NAMES = SETS - FORMS + 1 };

#ifdef KERNELS_EMULATED
/* Seconds for each operation of the set's fma loop; the least of several, as others may use the processor meanwhile. */
static double fma_seconds(const struct kernels *set)
{
    enum { ROUNDS = 16, TRIES = 7 };
    double least = INFINITY;
    for (int i = 0; i < TRIES; i++) {
        _Alignas(REAL_ALIGN) real x[REAL_PAD] = {0.7F, 0.1F};
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        const uint64_t operations = set->fma_peak(x, ROUNDS);
        clock_gettime(CLOCK_MONOTONIC, &end);
        const double seconds = (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
        least = fmin(least, seconds / (double)operations);
    }
    return least;
}

static bool emulated_is_faster, fma_is_slow;

static void measure_fma(void)
{
    const double slow = 10; /* with FMA behind a call in each lane it is 2 to 4 times, without it 50 times and more */
    const double ratio = fma_seconds(&kernels_portable) / fma_seconds(&kernels_emulated);
    emulated_is_faster = ratio > 1;
    fma_is_slow = ratio > slow;
#ifdef __x86_64__
    fma_is_slow |= !__builtin_cpu_supports("fma");
#endif
}

static void measure_fma_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, measure_fma);
}

static const struct kernels *portable_form(void)
{
#ifdef KERNELS_FUSED
    if (kernels_fused.supported())
        return &kernels_fused;
#endif
    measure_fma_once();
    return emulated_is_faster ? &kernels_emulated : &kernels_portable;
}

bool kernels_lack_fma(const struct kernels *set)
{
    if (set != &kernels_portable && set != &kernels_emulated)
        return false;
    measure_fma_once();
    return fma_is_slow;
}
#else
static const struct kernels *portable_form(void)
{
    return &kernels_portable;
}

bool kernels_lack_fma(const struct kernels *set)
{
    (void)set;
    return false;
}
#endif

const struct kernels *kernels_row(size_t index)
{
    return index < SETS ? sets[index] : NULL;
}

bool kernels_name(size_t index, const char **name)
{
    if (index > NAMES)
        return false;
    *name = index == 0 ? "auto" : sets[index - 1]->name;
    return true;
}

const struct kernels *kernels_find(const char *name, struct error *err)
{
    if (name && strcmp(name, "auto") == 0)
        name = NULL;
    for (size_t i = 0; i < NAMES; i++) {
        if (name && strcmp(name, sets[i]->name) != 0)
            continue;
        if (i == NAMES - 1)
            return portable_form();
        if (sets[i]->supported())
            return sets[i];
        if (name) {
            error_set(err, ERROR_USAGE,
                      "kernel set '%s' (%s): expected a CPU that supports it; leave out --kernels to take the best",
                      name, sets[i]->description);
            return NULL;
        }
    }
    error_set(err, ERROR_USAGE, "unknown kernel set '%s'; known:", name);
    for (size_t i = 0; i < NAMES; i++) {
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, "%s%s", i > 0 ? ", " : " ", sets[i]->name);
    }
    return NULL;
}
