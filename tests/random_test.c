/* The random streams against PyTorch 1.13, numpy 1.24 and Python 3.11. Each number's command stands above it. */
#include "support.h"

#include "dlexp/base/random.h"
#include "dlexp/base/sha256.h"

/* The 10000th output of the default seed: ISO C++ [rand.predef]. */
static void test_mt19937(void **unused)
{
    (void)unused;
    struct random random;
    uint32_t last = 0;
    random_seed(&random, 5489);
    for (int i = 0; i < 10000; i++) {
        last = random_u32(&random);
        if (i == 0)
            assert_int_equal(last, 3499211612u);
    }
    assert_int_equal(last, 4123659995u);
}

/* for s in (...): torch.manual_seed(s); print([torch.empty((), dtype=torch.int64).random_().item() for _ in range(3)])
 */
static void test_torch_seed(void **unused)
{
    (void)unused;
    static const struct {
        uint64_t seed, drawn[3];
    } known[] = {
        {1234, {3532910284440527571u, 2252509165406510133u, 8074651545468362100u}},
        {0, {900450186894289455u, 3969543146641149120u, 1895649597198586619u}},
        {4294967295u, {1800993050274709794u, 7607120784305990727u, 5331760257347419712u}},
        {1099511627781u, {4095051218741643470u, 6838803925648402109u, 3813295331020233846u}}, /* 2^40 + 5 */
        {(uint64_t)-1, {1800993050274709794u, 7607120784305990727u, 5331760257347419712u}},
        {(uint64_t)-1234, {7378645480566760921u, 1310619734663321434u, 0}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct random random;
        random_seed(&random, known[i].seed);
        for (int j = 0; j < 3 && known[i].drawn[j]; j++)
            assert_int_equal(random_torch_seed(&random), known[i].drawn[j]);
    }
}

static void test_u64_takes_high_word_first(void **unused)
{
    (void)unused;
    struct random a, b;
    random_seed(&a, 77);
    random_seed(&b, 77);
    for (int i = 0; i < 1000; i++) {
        uint64_t high = random_u32(&a), low = random_u32(&a);
        assert_int_equal(random_u64(&b), high << 32 | low);
    }
}

/* torch.manual_seed(1234); x = torch.empty(1000).uniform_(-0.125, 0.3); x.numpy().view(numpy.uint32), its bytes'
 * SHA-256 */
static void test_torch_uniform(void **unused)
{
    (void)unused;
    static const uint32_t first[] = {0xbde6c6c7, 0x3d3ba002, 0xbc6ea726, 0x3cfc7fa0, 0xbdcd414a, 0x3e30ebac};
    struct random random;
    float x[1000];
    unsigned char bytes[sizeof x];
    char hex[SHA256_HEX_SIZE];
    random_seed(&random, 1234);
    random_torch_uniform(&random, x, 400, -0.125, 0.3);
    random_torch_uniform(&random, x + 400, 600, -0.125, 0.3); /* in two calls: no draw is lost or taken twice */
    for (size_t i = 0; i < 1000; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        if (i < sizeof first / sizeof *first)
            assert_int_equal(bits, first[i]);
        for (size_t j = 0; j < 4; j++)
            bytes[4 * i + j] = (unsigned char)(bits >> 8 * j);
    }
    sha256_hex(bytes, sizeof bytes, hex);
    assert_string_equal(hex, "c111ece9cf576e5079b581d0ad222924475e7288b5ee9a1edab24b75c0a27f48");
}

/* g = torch.Generator(); g.manual_seed(s); torch.randperm(n, generator=g).tolist() */
static void test_torch_permutation(void **unused)
{
    (void)unused;
    static const struct {
        uint64_t seed;
        size_t count;
        uint32_t order[17];
    } known[] = {
        {1234, 10, {5, 4, 8, 2, 6, 9, 1, 7, 0, 3}},
        {0, 1, {0}},
        {5, 2, {1, 0}},
        {99, 17, {16, 4, 13, 15, 14, 2, 7, 3, 6, 5, 12, 0, 10, 11, 9, 1, 8}},
    };
    uint32_t order[17];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        random_torch_permutation(known[i].seed, order, known[i].count);
        assert_memory_equal(order, known[i].order, known[i].count * sizeof *order);
    }
    order[0] = 4711;
    random_torch_permutation(1, order, 0);
    assert_int_equal(order[0], 4711);
}

/* hashlib.sha256(torch.randperm(60000, generator=g).numpy().astype('<i4').tobytes()).hexdigest(), g seeded with 1234 */
static void test_torch_permutation_long(void **unused)
{
    (void)unused;
    enum { COUNT = 60000 };
    uint32_t *order = malloc(COUNT * sizeof *order);
    unsigned char *bytes = malloc(4 * COUNT), *seen = calloc(COUNT, 1);
    char hex[SHA256_HEX_SIZE];
    assert_true(order && bytes && seen);
    random_torch_permutation(1234, order, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(order[i] < COUNT && !seen[order[i]]);
        seen[order[i]] = 1;
        for (size_t j = 0; j < 4; j++)
            bytes[4 * i + j] = (unsigned char)(order[i] >> 8 * j);
    }
    sha256_hex(bytes, 4 * COUNT, hex);
    assert_string_equal(hex, "028ea7736b7f475295924a99f159d1b9ab90406ff7879379e6bbd3a94f6c1036");
    free(order);
    free(bytes);
    free(seen);
}

/* numpy.random.seed(s); [v.hex() for v in numpy.random.uniform(0, 1, 4)] */
static void test_numpy_uniform(void **unused)
{
    (void)unused;
    static const struct {
        uint64_t seed;
        double drawn[4];
    } known[] = {
        {0, {0x1.18fe1565f12a8p-1, 0x1.6e2d4cf608733p-1, 0x1.349d66b6e894bp-1, 0x1.16faedb6395f5p-1}},
        {1234, {0x1.883b597f66e2cp-3, 0x1.3e850a7457770p-1, 0x1.c03bb34e59aeap-2, 0x1.921a85315df5fp-1}},
        {4294967295u, {0x1.8fe69a3924820p-4, 0x1.d323d824032b1p-1, 0x1.93fc6f61af3f9p-1, 0x1.8f5ca1b151c07p-1}},
    };
    struct random random;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        random_seed(&random, known[i].seed);
        for (int j = 0; j < 4; j++)
            assert_true(random_numpy_uniform(&random) == known[i].drawn[j]);
    }
    /* numpy.random.seed(42); numpy.random.uniform(0, 1, 1000)[999].hex() */
    double last = 0;
    random_seed(&random, 42);
    for (int i = 0; i < 1000; i++)
        last = random_numpy_uniform(&random);
    assert_true(last == 0x1.c8b5bcc2b9faep-2);
}

/*
 * random.seed(s); [random.choice(range(100)) for _ in range(8)];
 * [random.choice(range(n)) for n in (1, 2, 3, 64, 65, 1000, 60000)]
 */
static void test_python_index(void **unused)
{
    (void)unused;
    static const size_t counts[] = {100, 100, 100, 100, 100, 100, 100, 100, 1, 2, 3, 64, 65, 1000, 60000};
    static const struct {
        uint64_t seed;
        size_t drawn[15];
    } known[] = {
        {0, {49, 97, 53, 5, 33, 65, 62, 51, 0, 1, 1, 27, 64, 142, 18470}},
        {1, {17, 72, 97, 8, 32, 15, 63, 97, 0, 1, 2, 48, 26, 96, 31972}},
        {1234, {99, 56, 14, 0, 11, 74, 4, 85, 0, 0, 1, 30, 2, 31, 51693}},
        {4294967297u, {29, 64, 65, 53, 11, 34, 77, 31, 0, 0, 2, 31, 49, 436, 53400}},
        {UINT64_MAX, {2, 31, 43, 79, 27, 58, 78, 12, 0, 0, 2, 24, 60, 674, 57577}},
    };
    struct random random;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        random_seed_python(&random, known[i].seed);
        for (size_t j = 0; j < sizeof counts / sizeof *counts; j++)
            assert_int_equal(random_python_index(&random, counts[j]), known[i].drawn[j]);
    }
}

/*
 * random.seed(1234); hashlib.sha256(b''.join(random.choice(range(n + 1)).to_bytes(4, 'little') for n in range(2000)))
 * .hexdigest()
 */
static void test_python_index_long(void **unused)
{
    (void)unused;
    struct random random;
    struct sha256 sha;
    char hex[SHA256_HEX_SIZE];
    random_seed_python(&random, 1234);
    sha256_init(&sha);
    for (size_t n = 1; n <= 2000; n++) {
        size_t index = random_python_index(&random, n);
        assert_true(index < n);
        const unsigned char bytes[4] = {(unsigned char)index, (unsigned char)(index >> 8), 0, 0};
        sha256_update(&sha, bytes, 4);
    }
    sha256_final(&sha, hex);
    assert_string_equal(hex, "6b2c7409efd6619c867c6efc9e43b060febcb2c7859a62b9e2f3441b7fd4e352");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mt19937),
        cmocka_unit_test(test_torch_seed),
        cmocka_unit_test(test_u64_takes_high_word_first),
        cmocka_unit_test(test_torch_uniform),
        cmocka_unit_test(test_torch_permutation),
        cmocka_unit_test(test_torch_permutation_long),
        cmocka_unit_test(test_numpy_uniform),
        cmocka_unit_test(test_python_index),
        cmocka_unit_test(test_python_index_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
