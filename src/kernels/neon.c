/* The body with NEON, which every AArch64 processor has. */
#include "sets.h"

#ifdef KERNELS_NEON
#include "vector_neon.h"

static bool supported(void)
{
    return true;
}

#define KERNELS kernels_neon
#define KERNELS_NAME "neon"
#define KERNELS_DESCRIPTION "AArch64 NEON, four lanes"
#include "body.h"
#endif
