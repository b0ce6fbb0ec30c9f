/* sets.h - the kernel sets of this build, each in its own .c file. */
#ifndef DLEXP_KERNELS_SETS_H
#define DLEXP_KERNELS_SETS_H

#include "dlexp/kernels/kernels.h"

extern const struct kernels kernels_portable;

/* Sets but the portable one are single precision only; the double build has that alone. */
#ifndef DLEXP_REAL_DOUBLE
#define KERNELS_EMULATED
extern const struct kernels kernels_emulated;

#ifdef __x86_64__
#define KERNELS_AVX2
#define KERNELS_AVX512
#define KERNELS_FUSED
extern const struct kernels kernels_avx2, kernels_avx512, kernels_fused;
#elif defined __aarch64__
#define KERNELS_NEON
extern const struct kernels kernels_neon;
#endif
#endif

#endif
