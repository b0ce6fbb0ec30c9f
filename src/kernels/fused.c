/* What "portable" is on x86-64 where the processor has FMA. */
#include "sets.h"

#ifdef KERNELS_FUSED
#include "vector_sse2.h"
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

/* As the C library sees it, which may be told to do without. */
static bool supported(void)
{
#ifdef CPU_FEATURE_ACTIVE
    return CPU_FEATURE_ACTIVE(FMA);
#else
    return __builtin_cpu_supports("fma");
#endif
}

#define KERNELS kernels_fused
#define KERNELS_NAME "portable"
#define KERNELS_DESCRIPTION "SSE2, four lanes, with FMA"
#include "body.h"
#endif
