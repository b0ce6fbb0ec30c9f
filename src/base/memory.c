#include "dlexp/memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/real.h"

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

int memory_allocate(struct memory *memory, const char *what, struct error *err)
{
    void *base;
    size_t size = memory->used > 0 ? memory->used : REAL_ALIGN;
    if (memory->used == SIZE_MAX || posix_memalign(&base, REAL_ALIGN, size) != 0)
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
