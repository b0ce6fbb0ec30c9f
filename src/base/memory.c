/* madvise is no part of POSIX. */
#define _DEFAULT_SOURCE

#include "dlexp/base/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "dlexp/base/real.h"

void *memory_take(struct memory *memory, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2 || memory->used > SIZE_MAX / 2) {
        assert(!memory->base); /* the measuring pass would have seen it, and memory_allocate refused */
        memory->used = SIZE_MAX;
        return NULL;
    }
    void *taken = memory->base ? memory->base + memory->used : NULL;
    memory->used += (bytes + REAL_ALIGN - 1) / REAL_ALIGN * REAL_ALIGN;
    return taken;
}

void *memory_pages(size_t size)
{
    enum { HUGE = 2 << 20 };
    void *base;
    const size_t align = size >= HUGE / 2 ? HUGE : REAL_ALIGN;
    if (size > SIZE_MAX - HUGE || posix_memalign(&base, align, (size + align - 1) / align * align) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (align == HUGE)
        madvise(base, (size + align - 1) / align * align,
                MADV_HUGEPAGE); /* advice: nothing is lost if it is not taken */
#endif
    return base;
}

int memory_allocate(struct memory *memory, const char *what, struct error *err)
{
    const size_t size = memory->used > 0 ? memory->used : REAL_ALIGN;
    void *base = memory->used == SIZE_MAX ? NULL : memory_pages(size);
    if (!base)
        return error_out_of_memory(err, what);
    memset(base, 0, size);
    memory->base = base;
    memory->used = 0;
    return 0;
}

void memory_free(struct memory *memory)
{
    free(memory->base);
    *memory = (struct memory){0};
}
