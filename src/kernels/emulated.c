/* The body with fma made of other arithmetic: what "portable" is where the C library's fma() is slow. */
#include "sets.h"

#ifdef KERNELS_EMULATED
#ifdef __SSE2__
#include "vector_sse2.h"
#define KERNELS_DESCRIPTION "SSE2, four lanes, fma emulated"
#else
#define V_EMULATE_FMA
#include "vector_portable.h"
#define KERNELS_DESCRIPTION "plain C, one lane, fma emulated"
#endif

static bool supported(void)
{
    return true;
}

#define KERNELS kernels_emulated
#define KERNELS_NAME "portable"
#include "body.h"
#endif
