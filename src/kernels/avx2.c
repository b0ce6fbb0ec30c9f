/* The body with AVX2 and FMA; CMakeLists.txt gives this file alone the options for it. */
#include "sets.h"

#ifdef KERNELS_AVX2
#include "vector_avx2.h"

static bool supported(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi");
}

#define KERNELS kernels_avx2
#define KERNELS_NAME "avx2"
#define KERNELS_DESCRIPTION "x86-64 with AVX2 and FMA, eight lanes"
#include "body.h"
#endif
