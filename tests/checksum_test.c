/* The checksum is the one that its header describes, in whatever pieces it is made, and finds every damaged bit. */
#include "support.h"

#include "dlexp/base/checksum.h"

static void of(char hex[CHECKSUM_HEX_SIZE], const void *data, size_t size, size_t piece)
{
    struct checksum checksum;
    checksum_init(&checksum);
    for (size_t at = 0; at < size; at += piece)
        checksum_add(&checksum, (const char *)data + at, size - at < piece ? size - at : piece);
    checksum_hex(&checksum, hex);
}

/*
 * Computed by the formula, in Python:
 *   K, M = 0x9e3779b97f4a7c15, 2**64 - 1
 *   lane = [(j + 1) * K & M for j in range(8)]
 *   data = bytes(7 * i % 256 for i in range(150)) + bytes(42)
 *   for i in range(24):
 *       x = (lane[i % 8] ^ int.from_bytes(data[8 * i:8 * i + 8], 'little')) * K & M
 *       lane[i % 8] = (x << 29 | x >> 35) & M
 *   print(''.join(f'{x:016x}' for x in lane))
 */
static const char of_150_bytes[] = "7afa208bbe00140936d769eae5d2a6a33004f98654f9d319ac42ed92bd89cecb"
                                   "75a7af12179f6e5aede9c7818954d2518a699cd5ddb8182a1eca8c1483b4034c";

static void it_is_what_the_formula_says(void **state)
{
    unsigned char data[150];
    char hex[CHECKSUM_HEX_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(7 * i);
    for (size_t piece = 64; piece <= 192; piece += 64) {
        of(hex, data, sizeof data, piece);
        assert_string_equal(hex, of_150_bytes);
    }
}

static void every_damaged_bit_is_found(void **state)
{
    unsigned char data[200] = {0};
    char whole[CHECKSUM_HEX_SIZE], damaged[CHECKSUM_HEX_SIZE];
    (void)state;
    of(whole, data, sizeof data, 64);
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        of(damaged, data, sizeof data, 64);
        assert_string_not_equal(damaged, whole);
        /* And the same bit of the next word of its lane besides: one must not undo the other. */
        if (bit / 8 + 64 < sizeof data) {
            data[bit / 8 + 64] ^= (unsigned char)(1u << bit % 8);
            of(damaged, data, sizeof data, 64);
            assert_string_not_equal(damaged, whole);
            data[bit / 8 + 64] ^= (unsigned char)(1u << bit % 8);
        }
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

static void exchanged_words_are_found(void **state)
{
    unsigned char data[192];
    char whole[CHECKSUM_HEX_SIZE], damaged[CHECKSUM_HEX_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(31 * i + i / 64);
    of(whole, data, sizeof data, 64);
    for (size_t a = 0; a < sizeof data; a += 8)
        for (size_t b = a + 8; b < sizeof data; b += 8) {
            unsigned char other[192];
            memcpy(other, data, sizeof data);
            memcpy(other + a, data + b, 8);
            memcpy(other + b, data + a, 8);
            of(damaged, other, sizeof other, 64);
            assert_string_not_equal(damaged, whole);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_the_formula_says),
        cmocka_unit_test(every_damaged_bit_is_found),
        cmocka_unit_test(exchanged_words_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
