/*
 * memory.h - all arrays of a run in one aligned block.
 *
 * The function that takes the arrays runs twice: first to measure how much they need, then, after memory_allocate, to
 * assign their addresses.
 */
#ifndef DLEXP_MEMORY_H
#define DLEXP_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"

struct memory {
    unsigned char *base; /* NULL while measuring */
    size_t used;         /* bytes; SIZE_MAX once a size overflowed */
};

/*
 * memory_pages - `size` >= 1 bytes aligned to REAL_ALIGN or more, to be freed by free(); NULL when memory ran out.
 * Large blocks ask for huge pages: the processor remembers the places of few pages at a time, and loops that jump
 * about in many small ones would look them up again and again.
 */
void *memory_pages(size_t size);

/* memory_product, memory_sum - a * b and a + b, or SIZE_MAX where they do not fit: memory_take refuses that. */
static inline size_t memory_product(size_t a, size_t b)
{
    size_t result;
    return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static inline size_t memory_sum(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* memory_take - the next `count` elements of `size` bytes, aligned to REAL_ALIGN; NULL while measuring. */
void *memory_take(struct memory *memory, size_t count, size_t size);

/* memory_allocate - after measuring: a zeroed block of memory->used bytes, and start again from its beginning. */
int memory_allocate(struct memory *memory, const char *what, struct error *err);
void memory_free(struct memory *memory);

#endif
