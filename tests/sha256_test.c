/* SHA-256 against the vectors of FIPS 180-2, appendix B, and NIST's SHA256ShortMsg; pieces of every size. */
#include "support.h"

#include "dlexp/base/sha256.h"

static void test_vectors(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *hex;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqr"
         "stu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {"\xd3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char hex[SHA256_HEX_SIZE];
        sha256_hex(known[i].text, strlen(known[i].text), hex);
        assert_string_equal(hex, known[i].hex);
    }
}

static void test_million(void **unused)
{
    (void)unused;
    char part[997], hex[SHA256_HEX_SIZE];
    struct sha256 sha;
    memset(part, 'a', sizeof part);
    sha256_init(&sha);
    for (size_t left = 1000000; left > 0;) {
        size_t size = left < sizeof part ? left : sizeof part;
        sha256_update(&sha, part, size);
        left -= size;
    }
    sha256_final(&sha, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Every length around the block boundaries, cut in two at every place, and byte by byte. */
static void test_splits(void **unused)
{
    (void)unused;
    unsigned char data[200];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 37 + 11);
    for (size_t size = 0; size <= sizeof data; size++) {
        char whole[SHA256_HEX_SIZE], hex[SHA256_HEX_SIZE];
        struct sha256 sha;
        sha256_hex(data, size, whole);
        for (size_t cut = 0; cut <= size; cut++) {
            sha256_init(&sha);
            sha256_update(&sha, data, cut);
            sha256_update(&sha, NULL, 0);
            sha256_update(&sha, data + cut, size - cut);
            sha256_final(&sha, hex);
            assert_string_equal(hex, whole);
        }
        sha256_init(&sha);
        for (size_t i = 0; i < size; i++)
            sha256_update(&sha, data + i, 1);
        sha256_final(&sha, hex);
        assert_string_equal(hex, whole);
    }
}

/*
 * All lengths at once, so that the padding of each is checked against another implementation:
 * d = bytes((i * 37 + 11) % 256 for i in range(200)); h = hashlib.sha256()
 * for n in range(201): h.update(hashlib.sha256(d[:n]).hexdigest().encode())
 */
static void test_padding(void **unused)
{
    (void)unused;
    unsigned char data[200];
    char hex[SHA256_HEX_SIZE];
    struct sha256 all;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 37 + 11);
    sha256_init(&all);
    for (size_t size = 0; size <= sizeof data; size++) {
        sha256_hex(data, size, hex);
        assert_int_equal(strlen(hex), SHA256_HEX_SIZE - 1);
        sha256_update(&all, hex, SHA256_HEX_SIZE - 1);
    }
    sha256_final(&all, hex);
    assert_string_equal(hex, "5e326e10d49079c892e1957f9c2b98a13e72711c8fa0de33b2a05abc2030e087");
}

/* The processor's instructions, where it has them, against the portable code. */
static void test_native(void **unused)
{
    (void)unused;
    unsigned char data[1000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 131 + i / 7);
    for (size_t length = 0; length <= sizeof data; length++) {
        struct sha256 sha;
        char best[SHA256_HEX_SIZE], portable[SHA256_HEX_SIZE];
        sha256_hex(data, length, best);
        sha256_init(&sha);
        sha.native = false;
        sha256_update(&sha, data, length);
        sha256_final(&sha, portable);
        assert_string_equal(best, portable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_million), cmocka_unit_test(test_splits),
        cmocka_unit_test(test_padding), cmocka_unit_test(test_native),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
