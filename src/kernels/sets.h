/* sets.h - the kernel sets of this build, each in its own .c file. */
#ifndef DLEXP_KERNELS_SETS_H
#define DLEXP_KERNELS_SETS_H

#include "dlexp/kernels.h"

extern const struct kernels kernels_portable;

/* Vector sets are single precision only, so the double build has the portable one alone. */
#if defined __x86_64__ && !defined DLEXP_REAL_DOUBLE
#define KERNELS_AVX2
#define KERNELS_AVX512
extern const struct kernels kernels_avx2, kernels_avx512;
#elif defined __aarch64__ && !defined DLEXP_REAL_DOUBLE
#define KERNELS_NEON
extern const struct kernels kernels_neon;
#endif

#endif
