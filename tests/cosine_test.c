/* The cosine: every angle that a schedule of up to 1000 epochs can ask for, and the C library's for comparison. */
#include "support.h"

#include "dlexp/base/cosine.h"
#include "dlexp/base/sha256.h"
#include "dlexp/formats/csv.h"

static void hash_double(struct sha256 *sha, double value)
{
    union {
        double value;
        uint64_t bits;
    } u = {.value = value};
    uint8_t bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(u.bits >> 8 * i);
    sha256_update(sha, bytes, sizeof bytes);
}

/* pi t / T, 0 <= t <= T <= 1000, correctly rounded (tests/golden/make_cosine.py). */
static void test_all_angles(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    if (csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/cosine.csv", &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(csv.rows, 10);
    for (size_t row = 0; row < csv.rows; row++) {
        const int first = atoi(csv_cell(&csv, row, 0)), last = atoi(csv_cell(&csv, row, 1));
        struct sha256 sha;
        char hex[SHA256_HEX_SIZE];
        sha256_init(&sha);
        for (int epochs = first; epochs <= last; epochs++)
            for (int t = 0; t <= epochs; t++)
                hash_double(&sha, cosine(COSINE_PI * t / epochs));
        sha256_final(&sha, hex);
        if (strcmp(hex, csv_cell(&csv, row, 2)) != 0)
            fail_msg("T from %d to %d: expected the SHA-256 %s, got %s", first, last, csv_cell(&csv, row, 2), hex);
    }
    csv_free(&csv);
}

/* The C library's is off by an ulp at most; angles between those above, and the ends of the range and of its parts. */
static void test_near_library(void **unused)
{
    (void)unused;
    static const double ends[] = {0, 0x1p-1074, 1e-9, COSINE_PI / 4, COSINE_PI / 2, COSINE_PI * 3 / 4, COSINE_PI, 3.5};
    uint64_t seed = 1;
    for (size_t i = 0; i < 100000; i++) {
        const double x = i < sizeof ends / sizeof *ends ? ends[i] : test_uniform(&seed, 0, 3.5);
        if (!(fabs(cosine(x) - cos(x)) <= 2.3e-16 * fabs(cos(x))))
            fail_msg("cosine(%.17g): expected about %.17g, got %.17g", x, cos(x), cosine(x));
    }
    assert_true(cosine(0) == 1 && cosine(COSINE_PI) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_angles), cmocka_unit_test(test_near_library)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
