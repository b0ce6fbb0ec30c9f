/*
 * products.c - float32 products of dlexp's kernels, OpenBLAS and oneDNN, one thread each.
 *
 * In every round each program has a slice of time, one after the other and each round another one first, so that
 * whatever else the machine does falls on all alike; a ratio is taken within a round.  Shown are medians of the rounds,
 * in the thread's own time.
 */
#include <float.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/random.h"
#include "dlexp/statistics/statistics.h"
#include "product_programs.h"
#include "product_shapes.h"
#include "sizes.h"

enum { ROUNDS_MAX = 1001, WORST = 10 };
#define SLICE_S 2e-3
#define GOAL 0.97 /* of the faster peer's speed: what a product should reach at least */

static const char usage[] =
    "usage: bench_products [--sweep] [--rounds N] [--kernels NAME] [NET | SHAPE]...\n"
    "\n"
    "Speeds of float32 products of dlexp, OpenBLAS and oneDNN, as CSV; ratio: the peer's time / dlexp's.\n"
    "\n"
    "  NET             HIDDEN:BATCH, as 1024,1024:256: the products of the layers behind the first\n"
    "  SHAPE           MxKxN: (m,k) by (k,n); MxKxN,a or MxKxN,b: that operand transposed\n"
    "  --sweep         m, k, n from 16 to 2048\n"
    "  --rounds N      rounds of each shape (default 11)\n"
    "  --kernels NAME  dlexp's kernel set (default auto)\n"
    "\n"
    "OpenBLAS and oneDNN choose kernels by themselves, unless OPENBLAS_CORETYPE and ONEDNN_MAX_CPU_ISA say which.\n";

struct bench {
    const struct kernels *kernels;
    size_t rounds;
    bool there[PROGRAMS];
    struct product_shapes shapes;
    struct result {
        double flops_s[PROGRAMS], peak_share;
        double ratio[PROGRAMS], fastest; /* a peer's time / dlexp's, and that of the faster peer */
    } results[PRODUCT_SHAPES_MAX];
};

/* Operations a second in a slice of `calls`; what it leaves in the caches is its own, by the call before it. */
static double slice(const struct program *program, const struct product *product, double calls)
{
    if (calls > 1)
        program->multiply(product);
    const double start = clock_thread_s();
    for (double i = 0; i < calls; i++)
        program->multiply(product);
    return calls * product_flops(product) / (clock_thread_s() - start);
}

/* How a program is measured: the layout of the two that it is faster with, and how often it is called in a slice. */
struct way {
    const struct product *product;
    double calls;
};

static struct way find_way(size_t program, const struct product products[LAYOUTS])
{
    enum { TRIES = 5 };
    const size_t layouts = program == PROGRAM_DLEXP ? LAYOUT_PADDED + 1 : LAYOUTS; /* dlexp's kernels need padding */
    struct way way = {0};
    double best_s = INFINITY;
    for (size_t i = 0; i < layouts; i++)
        for (size_t try = 0; try < TRIES; try++) {
            const double s = product_flops(&products[i]) / slice(&programs[program], &products[i], 1);
            if (s < best_s) {
                best_s = s;
                way.product = &products[i];
            }
        }
    way.calls = ceil(SLICE_S / best_s);
    return way;
}

/* What the processor can do at most, in a slice of its own. */
static double peak_slice(const struct kernels *kernels)
{
    enum { CALLS = 20000 };
    _Alignas(REAL_ALIGN) real x[REAL_PAD] = {0.5F, 0.5F};
    double flops = 0;
    const double start = clock_thread_s();
    double s = 0;
    while (s < SLICE_S) {
        flops += (double)kernels->fma_peak(x, CALLS);
        s = clock_thread_s() - start;
    }
    return flops / s;
}

static void fill(struct product *p)
{
    struct random random;
    const struct shape s = p->shape;
    const bool a = s.transposed == TRANSPOSED_A, b = s.transposed == TRANSPOSED_B;
    random_seed(&random, 1234);
    for (size_t i = 0; i < (a ? s.k : s.m); i++)
        random_torch_uniform(&random, p->a + i * p->a_row, a ? s.m : s.k, -1, 1);
    for (size_t i = 0; i < (b ? s.n : s.k); i++)
        random_torch_uniform(&random, p->b + i * p->b_row, b ? s.k : s.n, -1, 1);
}

/*
 * A program must come to dlexp's product.  Two orders of a sum of k terms, each at most 1, differ by far less than k
 * units in the last place of 1; a term that is missing or wrong makes about a third.
 */
static int compare(const char *name, const struct product *got, const struct product *expected, struct error *err)
{
    const struct shape s = got->shape;
    const double tolerance = (double)s.k * FLT_EPSILON;
    for (size_t row = 0; row < s.m; row++)
        for (size_t column = 0; column < s.n; column++) {
            const double x = (double)got->c[row * got->c_row + column];
            const double y = (double)expected->c[row * expected->c_row + column];
            if (!(fabs(x - y) <= tolerance))
                return error_set(err, ERROR_CHECK,
                                 "%zu x %zu x %zu, transposed: %s: expected element (%zu,%zu) to be %g within %g as by "
                                 "%s, got %g by %s",
                                 s.m, s.k, s.n, product_shapes_transposed(s.transposed), row, column, y, tolerance,
                                 programs[PROGRAM_DLEXP].name, x, name);
        }
    return 0;
}

/* Each peer in both layouts: what was right in one is what the other must come to. */
static int check(const struct bench *bench, const struct product products[LAYOUTS], struct error *err)
{
    const struct product *const padded = &products[LAYOUT_PADDED], *const tight = &products[LAYOUT_TIGHT];
    for (size_t i = PROGRAM_DLEXP + 1; i < PROGRAMS; i++) {
        if (!bench->there[i])
            continue;
        programs[PROGRAM_DLEXP].multiply(padded);
        programs[i].multiply(tight);
        if (compare(programs[i].name, tight, padded, err) < 0)
            return -1;
        programs[i].multiply(padded);
        if (compare(programs[i].name, padded, tight, err) < 0)
            return -1;
    }
    return 0;
}

static void measure(const struct bench *bench, const struct product products[LAYOUTS], struct result *result)
{
    static double flops_s[PROGRAMS][ROUNDS_MAX], ratio[PROGRAMS][ROUNDS_MAX], share[ROUNDS_MAX];
    struct way way[PROGRAMS];
    for (size_t i = 0; i < PROGRAMS; i++)
        way[i] = bench->there[i] ? find_way(i, products) : (struct way){0};
    for (size_t round = 0; round < bench->rounds; round++) {
        const double peak = peak_slice(bench->kernels);
        for (size_t turn = 0; turn < PROGRAMS; turn++) {
            const size_t i = (round + turn) % PROGRAMS;
            if (bench->there[i])
                flops_s[i][round] = slice(&programs[i], way[i].product, way[i].calls);
        }
        share[round] = flops_s[PROGRAM_DLEXP][round] / peak;
        for (size_t i = 0; i < PROGRAMS; i++)
            if (bench->there[i])
                ratio[i][round] = flops_s[PROGRAM_DLEXP][round] / flops_s[i][round];
    }
    *result = (struct result){.peak_share = statistics_median(share, bench->rounds), .fastest = INFINITY};
    for (size_t i = 0; i < PROGRAMS; i++) {
        if (!bench->there[i])
            continue;
        result->flops_s[i] = statistics_median(flops_s[i], bench->rounds);
        result->ratio[i] = statistics_median(ratio[i], bench->rounds);
        if (i != PROGRAM_DLEXP)
            result->fastest = fmin(result->fastest, result->ratio[i]);
    }
}

static int measure_shape(const struct bench *bench, struct shape shape, struct result *result, struct error *err)
{
    struct memory memory = {0};
    struct product products[LAYOUTS];
    for (size_t pass = 0; pass < 2; pass++) { /* how much, then where (memory.h) */
        if (pass == 1 && memory_allocate(&memory, "the matrices", err) < 0)
            return -1;
        for (size_t i = 0; i < LAYOUTS; i++) {
            products[i] = (struct product){.shape = shape, .kernels = bench->kernels};
            product_layout(&products[i], (enum layout)i, &memory);
        }
    }
    for (size_t i = 0; i < LAYOUTS; i++)
        fill(&products[i]);
    const int status = check(bench, products, err);
    if (status == 0)
        measure(bench, products, result);
    memory_free(&memory);
    return status;
}

static void print_header(void)
{
    printf("m,k,n,transposed,%s_gflops,share_of_peak", programs[PROGRAM_DLEXP].name);
    for (size_t i = PROGRAM_DLEXP + 1; i < PROGRAMS; i++)
        printf(",%s_gflops", programs[i].name);
    for (size_t i = PROGRAM_DLEXP + 1; i < PROGRAMS; i++)
        printf(",ratio_%s", programs[i].name);
    puts(",ratio_fastest");
}

/* The columns of a program that is not here are empty. */
static void print_cell(bool there, const char *format, double value)
{
    putchar(',');
    if (there)
        printf(format, value);
}

static void print_row(const struct bench *bench, const struct shape *s, const struct result *result)
{
    printf("%zu,%zu,%zu,%s,%.2f,%.4f", s->m, s->k, s->n, product_shapes_transposed(s->transposed),
           result->flops_s[PROGRAM_DLEXP] / 1e9, result->peak_share);
    for (size_t i = PROGRAM_DLEXP + 1; i < PROGRAMS; i++)
        print_cell(bench->there[i], "%.2f", result->flops_s[i] / 1e9);
    for (size_t i = PROGRAM_DLEXP + 1; i < PROGRAMS; i++)
        print_cell(bench->there[i], "%.4f", result->ratio[i]);
    printf(",%.4f\n", result->fastest);
    fflush(stdout);
}

static int by_fastest(const void *a, const void *b)
{
    const struct result *const x = *(const struct result *const *)a, *const y = *(const struct result *const *)b;
    return (x->fastest > y->fastest) - (x->fastest < y->fastest);
}

static void print_summary(struct bench *bench)
{
    static const struct result *sorted[PRODUCT_SHAPES_MAX];
    static double ratios[PRODUCT_SHAPES_MAX];
    static const double quarters[] = {0.25, 0.5, 0.75};
    double quartiles[3];
    size_t reached = 0;
    const size_t count = bench->shapes.count;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &bench->results[i];
        ratios[i] = bench->results[i].fastest;
        reached += ratios[i] >= GOAL;
    }
    qsort(sorted, count, sizeof *sorted, by_fastest);
    statistics_quantiles(ratios, count, quarters, 3, quartiles);
    fprintf(stderr,
            "%zu shapes; time of the faster peer / dlexp's: median %.3f, quartiles %.3f and %.3f; %.1f %% at %.2f or "
            "more\n",
            count, quartiles[1], quartiles[0], quartiles[2], 100 * (double)reached / (double)count, GOAL);
    fputs("lowest:\n", stderr);
    for (size_t i = 0; i < count && i < WORST; i++) {
        const struct shape *s = &bench->shapes.list[sorted[i] - bench->results];
        fprintf(stderr, "  %4zu x %4zu x %4zu, transposed: %-4s  %.3f, at %.0f %% of peak\n", s->m, s->k, s->n,
                product_shapes_transposed(s->transposed), sorted[i]->fastest, 100 * sorted[i]->peak_share);
    }
}

static int read_arguments(struct bench *bench, int argc, char **argv, struct error *err)
{
    static const struct option options[] = {{"sweep", no_argument, NULL, 's'},
                                            {"rounds", required_argument, NULL, 'r'},
                                            {"kernels", required_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *kernels = NULL;
    bool sweep = false;
    for (int letter; (letter = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (letter == 'h') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (letter == '?')
            return error_set(err, ERROR_USAGE, "see bench_products --help");
        const char *text = optarg;
        if (letter == 'r' && sizes_read(&text, "", ROUNDS_MAX, &bench->rounds, err) < 0) {
            error_add(err, " for --rounds");
            return -1;
        }
        sweep |= letter == 's';
        kernels = letter == 'k' ? optarg : kernels;
    }
    for (int i = optind; i < argc; i++)
        if (product_shapes_read(&bench->shapes, argv[i], err) < 0)
            return -1;
    if (sweep && product_shapes_sweep(&bench->shapes, err) < 0)
        return -1;
    if (bench->shapes.count == 0)
        return error_set(err, ERROR_USAGE, "expected --sweep, nets or shapes, got none; see bench_products --help");
    bench->kernels = kernels_find(kernels, err);
    return bench->kernels ? 0 : -1;
}

/* At least one peer must be here. */
static int load_programs(struct bench *bench, struct error *err)
{
    size_t peers = 0;
    for (size_t i = 0; i < PROGRAMS; i++) {
        char kernels[PROGRAM_TEXT_SIZE] = "";
        bench->there[i] = programs[i].load(kernels, bench->kernels);
        fprintf(stderr, "%s: %s\n", programs[i].name, bench->there[i] ? kernels : "not here, left out");
        peers += i != PROGRAM_DLEXP && bench->there[i];
    }
    if (peers == 0)
        return error_set(err, ERROR_IO, "no peer to compare with; Debian: libopenblas0-pthread, libdnnl2 (libdnnl3)");
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.rounds = 11};
    struct error err = {0};
    int status = read_arguments(&bench, argc, argv, &err);
    if (status == 0)
        status = load_programs(&bench, &err);
    if (status == 0)
        print_header();
    for (size_t i = 0; i < bench.shapes.count && status == 0; i++) {
        status = measure_shape(&bench, bench.shapes.list[i], &bench.results[i], &err);
        if (status == 0)
            print_row(&bench, &bench.shapes.list[i], &bench.results[i]);
    }
    if (status == 0)
        print_summary(&bench);
    else
        fprintf(stderr, "bench_products: %s\n", err.message);
    return status == 0 ? EXIT_SUCCESS : err.code;
}
