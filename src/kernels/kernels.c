#include "dlexp/kernels.h"

#include <stdio.h>
#include <string.h>

#include "sets.h"

/* Best first. */
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
    &kernels_portable,
};
enum { SETS = sizeof sets / sizeof *sets };

const struct kernels *kernels_row(size_t index)
{
    return index < SETS ? sets[index] : NULL;
}

bool kernels_name(size_t index, const char **name)
{
    if (index > SETS)
        return false;
    *name = index == 0 ? "auto" : sets[index - 1]->name;
    return true;
}

const struct kernels *kernels_find(const char *name, struct error *err)
{
    if (name && strcmp(name, "auto") == 0)
        name = NULL;
    for (size_t i = 0; i < SETS; i++) {
        if (name && strcmp(name, sets[i]->name) != 0)
            continue;
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
    for (size_t i = 0; i < SETS; i++) {
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, "%s%s", i > 0 ? ", " : " ", sets[i]->name);
    }
    return NULL;
}
