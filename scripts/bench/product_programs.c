/* The programs that compute a product.  The peers are looked for at run time: neither is needed to build this. */
#include "product_programs.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dlexp/net/layer.h"

static size_t take(real **matrix, size_t rows, size_t columns, enum layout layout, struct memory *memory)
{
    const size_t row = layout == LAYOUT_PADDED ? layer_row_stride(columns) : columns;
    *matrix = memory_take(memory, memory_product(rows, row), sizeof(real));
    return row;
}

void product_layout(struct product *p, enum layout layout, struct memory *memory)
{
    const struct shape s = p->shape;
    const bool a = s.transposed == TRANSPOSED_A, b = s.transposed == TRANSPOSED_B;
    p->a_row = take(&p->a, a ? s.k : s.m, a ? s.m : s.k, layout, memory);
    p->b_row = take(&p->b, b ? s.n : s.k, b ? s.k : s.n, layout, memory);
    p->c_row = take(&p->c, s.m, s.n, layout, memory);
    take(&p->zeros, 1, s.n, layout, memory);
    p->workspace = memory_take(memory, KERNELS_WORKSPACE, sizeof(real));
}

double product_flops(const struct product *p)
{
    return 2 * (double)p->shape.m * (double)p->shape.k * (double)p->shape.n;
}

static bool load_dlexp(char kernels[PROGRAM_TEXT_SIZE], const struct kernels *dlexp)
{
    snprintf(kernels, PROGRAM_TEXT_SIZE, "%s", dlexp->name);
    return true;
}

/* As the Linear layer calls the kernels (src/net/layer_linear.c) where it skips no zeros. */
static void multiply_dlexp(const struct product *p)
{
    const struct shape s = p->shape;
    const bool a = s.transposed == TRANSPOSED_A, b = s.transposed == TRANSPOSED_B;
    if (s.transposed == TRANSPOSED_NONE && kernels_dot(s.m, s.k, s.n))
        p->kernels->matmul_dot(p->c, p->zeros, p->a, p->a_row, p->b, p->b_row, s.m, s.k, s.n, p->c_row);
    else
        p->kernels->matmul(p->c, NULL, (struct matrix){p->a, a ? 1 : p->a_row, a ? p->a_row : 1},
                           (struct matrix){p->b, b ? 1 : p->b_row, b ? p->b_row : 1}, s.m, s.k, s.n, p->c_row,
                           p->workspace);
}

static void *open_library(const char *const names[])
{
    void *library = NULL;
    for (size_t i = 0; names[i] && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library;
}

/* ISO C has no way from the object pointer that dlsym returns to a function; this is the one that POSIX shows. */
static bool find_function(void *library, const char *name, void *function)
{
    *(void **)function = library ? dlsym(library, name) : NULL;
    return *(void **)function != NULL;
}

/* CBLAS: enumerations are ints, and sizes too in the packages that distributions install. */
enum { CBLAS_ROW_MAJOR = 101, CBLAS_NO_TRANS = 111, CBLAS_TRANS = 112 };

static void (*openblas_sgemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                              int lda, const float *b, int ldb, float beta, float *c, int ldc);

static bool load_openblas(char kernels[PROGRAM_TEXT_SIZE], const struct kernels *dlexp)
{
    static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", NULL};
    (void)dlexp;
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *const library = open_library(names);
    char *(*config)(void);
    if (!find_function(library, "cblas_sgemm", &openblas_sgemm) ||
        !find_function(library, "openblas_get_config", &config))
        return false;
    snprintf(kernels, PROGRAM_TEXT_SIZE, "%s", config());
    return true;
}

static void multiply_openblas(const struct product *p)
{
    const struct shape s = p->shape;
    openblas_sgemm(CBLAS_ROW_MAJOR, s.transposed == TRANSPOSED_A ? CBLAS_TRANS : CBLAS_NO_TRANS,
                   s.transposed == TRANSPOSED_B ? CBLAS_TRANS : CBLAS_NO_TRANS, (int)s.m, (int)s.n, (int)s.k, 1, p->a,
                   (int)p->a_row, p->b, (int)p->b_row, 0, p->c, (int)p->c_row);
}

/* dnnl_sgemm is row-major. */
static int (*onednn_sgemm)(char trans_a, char trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                           int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/* Of dnnl_cpu_isa_t's bits (dnnl_types.h) those that float32 products go by. */
static const char *onednn_isa_name(int isa)
{
    enum { AVX = 0x2, AVX2 = 0x4, AVX512 = 0x20 };
    return isa & AVX512 ? "AVX-512" : isa & AVX2 ? "AVX2" : isa & AVX ? "AVX" : "SSE4.1";
}

static bool load_onednn(char kernels[PROGRAM_TEXT_SIZE], const struct kernels *dlexp)
{
    static const char *const names[] = {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so", "libdnnl.dylib", NULL};
    struct { /* the beginning of dnnl_version_t */
        int major, minor, patch;
    } const *(*version)(void);
    int (*cpu_isa)(void);
    (void)dlexp;
    setenv("OMP_NUM_THREADS", "1", 1); /* it has no call of its own; OpenMP reads it as the library is loaded */
    void *const library = open_library(names);
    if (!find_function(library, "dnnl_sgemm", &onednn_sgemm) || !find_function(library, "dnnl_version", &version) ||
        !find_function(library, "dnnl_get_effective_cpu_isa", &cpu_isa))
        return false;
    snprintf(kernels, PROGRAM_TEXT_SIZE, "%d.%d.%d, %s", version()->major, version()->minor, version()->patch,
             onednn_isa_name(cpu_isa()));
    return true;
}

static void multiply_onednn(const struct product *p)
{
    const struct shape s = p->shape;
    onednn_sgemm(s.transposed == TRANSPOSED_A ? 'T' : 'N', s.transposed == TRANSPOSED_B ? 'T' : 'N', (int64_t)s.m,
                 (int64_t)s.n, (int64_t)s.k, 1, p->a, (int64_t)p->a_row, p->b, (int64_t)p->b_row, 0, p->c,
                 (int64_t)p->c_row);
}

const struct program programs[PROGRAMS] = {
    [PROGRAM_DLEXP] = {"dlexp", load_dlexp, multiply_dlexp},
    [PROGRAM_OPENBLAS] = {"openblas", load_openblas, multiply_openblas},
    [PROGRAM_ONEDNN] = {"onednn", load_onednn, multiply_onednn},
};
