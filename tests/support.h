/*
 * support.h - what several tests share: cmocka, a generator of inputs, memory that faults where it is overrun, scratch
 * directories, and the textbook forms of the optimizers.
 *
 * A test file includes it first.
 */
#ifndef DLEXP_TESTS_SUPPORT_H
#define DLEXP_TESTS_SUPPORT_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#endif

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "dlexp/kernels/optimizer.h"

/* gcc has macros for its sanitizers, clang features. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TEST_SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define TEST_SANITIZED 1
#endif
#ifndef TEST_SANITIZED
#define TEST_SANITIZED 0
#endif

/* DLEXP_LONG=1: tests of chance take as many draws as they were made with, else fewer. */
static inline bool test_is_long(void)
{
    const char *value = getenv("DLEXP_LONG");
    return value && *value;
}

/* Under the address sanitizer a giant allocation fails as it does without, in place of ending the test. */
__attribute__((weak)) const char *__asan_default_options(void); /* weak: a test of several files has it in each */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* -- inputs: splitmix64 (Steele, Lea & Flood 2014), because a test of random.c should not take its inputs from there --
 */

static inline uint64_t test_u64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Uniform on [low, high). */
static inline double test_uniform(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)(test_u64(state) >> 11) * 0x1p-53);
}

/* An integer of low..high, both included. */
static inline size_t test_between(uint64_t *state, size_t low, size_t high)
{
    return low + (size_t)(test_u64(state) % (high - low + 1));
}

/* -- memory between two inaccessible pages; its last byte is the last before the second one -- */

struct guarded {
    unsigned char *mapping, *data;
    size_t mapped, size;
};

enum { GUARD_CANARY = 0xa5 };

static inline void *guarded_new(struct guarded *guarded, size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t inner = (size + page) / page * page; /* never empty */
    guarded->mapped = inner + 2 * page;
    guarded->size = size;
    void *mapping = mmap(NULL, guarded->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mapping != MAP_FAILED);
    guarded->mapping = mapping;
    guarded->data = guarded->mapping + page + inner - size;
    memset(guarded->mapping + page, GUARD_CANARY, inner);
    assert_int_equal(mprotect(guarded->mapping, page, PROT_NONE), 0);
    assert_int_equal(mprotect(guarded->mapping + page + inner, page, PROT_NONE), 0);
    return guarded->data;
}

/* Fails where the bytes before the data were written to. */
static inline void guarded_free(struct guarded *guarded)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (const unsigned char *p = guarded->mapping + page; p < guarded->data; p++)
        assert_int_equal(*p, GUARD_CANARY);
    munmap(guarded->mapping, guarded->mapped);
    guarded->mapping = NULL;
}

/* -- a scratch directory -- */

/* Makes a new one below TMPDIR and writes its path. */
static inline void scratch_create(char path[512])
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, 512, "%s/dlexp-test-XXXXXX", parent && *parent ? parent : "/tmp");
    assert_non_null(mkdtemp(path));
}

/* Writes "directory/name" for the next call of a file function. */
static inline const char *scratch_path(char path[1024], const char *directory, const char *name)
{
    snprintf(path, 1024, "%s/%s", directory, name);
    return path;
}

/* -- the optimizers as textbooks write them, in double -- */

struct textbook_step {
    double w;         /* the new parameter */
    double magnitude; /* of the step, had no sum in it cancelled: what rounding errors are relative to */
};

/* Step t = 1, 2, ... of one parameter; m, v are its state; weight decay is part of the gradient, but for adamw.  False
 * for a name that no formula here answers to. */
static inline bool textbook_step(struct textbook_step *step, const char *name, double w, double g, double *m, double *v,
                                 double lr, const struct hyperparameters *hyper, uint64_t t)
{
    const bool decoupled = strcmp(name, "adamw") == 0;
    const double decay = decoupled ? 0 : hyper->weight_decay, size_g = fabs(g) + decay * fabs(w);
    g += decay * w;
    if (decoupled)
        w *= 1 - lr * hyper->weight_decay;
    if (strcmp(name, "sgd") == 0) {
        *step = (struct textbook_step){w - lr * g, lr * size_g};
    } else if (strcmp(name, "momentum") == 0) {
        const double magnitude = hyper->momentum * fabs(*m) + size_g;
        *m = hyper->momentum * *m + g;
        *step = (struct textbook_step){w - lr * *m, lr * magnitude};
    } else if (strcmp(name, "nesterov") == 0) {
        const double magnitude = size_g + hyper->momentum * (hyper->momentum * fabs(*m) + size_g);
        *m = hyper->momentum * *m + g;
        *step = (struct textbook_step){w - lr * (g + hyper->momentum * *m), lr * magnitude};
    } else if (strcmp(name, "rmsprop") == 0) {
        *m = hyper->alpha * *m + (1 - hyper->alpha) * g * g;
        const double scale = lr / (sqrt(*m) + hyper->eps);
        *step = (struct textbook_step){w - scale * g, scale * size_g};
    } else if (strcmp(name, "adam") == 0 || decoupled) {
        const double magnitude = hyper->beta1 * fabs(*m) + (1 - hyper->beta1) * size_g;
        *m = hyper->beta1 * *m + (1 - hyper->beta1) * g;
        *v = hyper->beta2 * *v + (1 - hyper->beta2) * g * g;
        const double m_hat = *m / (1 - pow(hyper->beta1, (double)t)), v_hat = *v / (1 - pow(hyper->beta2, (double)t));
        const double scale = lr / (sqrt(v_hat) + hyper->eps);
        *step = (struct textbook_step){w - scale * m_hat, scale * magnitude / (1 - pow(hyper->beta1, (double)t)) +
                                                              (decoupled ? fabs(w) / 8 : 0)};
    } else {
        return false;
    }
    return true;
}

#endif
