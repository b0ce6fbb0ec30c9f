/* The body with AVX-512F, BW and DQ; CMakeLists.txt gives this file alone the options for it. */
#include "sets.h"

#ifdef KERNELS_AVX512
#include "vector_avx512.h"

static bool supported(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi");
}

#define KERNELS kernels_avx512
#define KERNELS_NAME "avx512"
#define KERNELS_DESCRIPTION "x86-64 with AVX-512F, BW and DQ, sixteen lanes"
#include "body.h"
#endif
