#include "dlexp/base/sha256.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#if defined __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

/* FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate_right(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* One round; instead of moving eight variables along, the next round is written with its arguments rotated. */
#define ROUND(a, b, c, d, e, f, g, h, t)                                                                               \
    do {                                                                                                               \
        uint32_t t1 = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + (g ^ (e & (f ^ g))) +     \
                      round_constant[t] + w[t];                                                                        \
        d += t1;                                                                                                       \
        h = t1 + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & b) | (c & (a | b)));         \
    } while (0)

static void compress_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               block[4 * t + 3];
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = rotate_right(w[t - 15], 7) ^ rotate_right(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = rotate_right(w[t - 2], 17) ^ rotate_right(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t += 8) {
        ROUND(a, b, c, d, e, f, g, h, t);
        ROUND(h, a, b, c, d, e, f, g, t + 1);
        ROUND(g, h, a, b, c, d, e, f, t + 2);
        ROUND(f, g, h, a, b, c, d, e, t + 3);
        ROUND(e, f, g, h, a, b, c, d, t + 4);
        ROUND(d, e, f, g, h, a, b, c, t + 5);
        ROUND(c, d, e, f, g, h, a, b, t + 6);
        ROUND(b, c, d, e, f, g, h, a, t + 7);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

#if defined __x86_64__
/* The same with the processor's own instructions, several times faster: hashing would take as long as inflating
 * otherwise. */
__attribute__((target("sha,sse4.1"))) static void compress_native(uint32_t state[8], const unsigned char *p,
                                                                  size_t blocks)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    /* The instructions want the state as ABEF and CDGH, highest word first. */
    __m128i abcd = _mm_loadu_si128((const __m128i *)state), efgh = _mm_loadu_si128((const __m128i *)(state + 4));
    __m128i badc = _mm_shuffle_epi32(abcd, 0xb1), hgfe = _mm_shuffle_epi32(efgh, 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8), cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);

    for (; blocks > 0; blocks--, p += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 16 * i)), big_endian);
        for (int i = 0; i < 16; i++) {
            /* Four rounds on w[0], whose place the four words of sixteen rounds later then take. */
            const __m128i k = _mm_loadu_si128((const __m128i *)(round_constant + 4 * i));
            const __m128i wk = _mm_add_epi32(w[0], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
            const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]), _mm_alignr_epi8(w[3], w[2], 4));
            w[0] = w[1];
            w[1] = w[2];
            w[2] = w[3];
            w[3] = _mm_sha256msg2_epu32(sum, w[2]);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static bool has_native(void)
{
    unsigned eax, ebx, ecx, edx;
    const bool sse41 = __get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx & bit_SSE4_1;
    return sse41 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && ebx & bit_SHA;
}
#else
static void compress_native(uint32_t state[8], const unsigned char *p, size_t blocks)
{
    (void)state, (void)p, (void)blocks;
}

static bool has_native(void)
{
    return false;
}
#endif

/* Asked once: on a virtual machine each time takes as long as hashing some kilobytes. */
static bool knows_native(void)
{
    static atomic_int known; /* 0: not asked yet, 1: no, 2: yes */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (answer == 0) {
        answer = has_native() ? 2 : 1;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == 2;
}

static void compress(struct sha256 *sha, const unsigned char *p, size_t blocks)
{
    if (sha->native)
        compress_native(sha->state, p, blocks);
    else
        for (; blocks > 0; blocks--, p += 64)
            compress_block(sha->state, p);
}

void sha256_init(struct sha256 *sha)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(sha->state, start, sizeof start);
    sha->length = 0;
    sha->native = knows_native();
}

void sha256_update(struct sha256 *sha, const void *data, size_t size)
{
    const unsigned char *p = data;
    size_t filled = sha->length % 64;
    if (size == 0)
        return; /* data may be NULL */
    sha->length += size;
    if (filled > 0) {
        size_t take = 64 - filled < size ? 64 - filled : size;
        memcpy(sha->block + filled, p, take);
        p += take;
        size -= take;
        if (filled + take < 64)
            return;
        compress(sha, sha->block, 1);
    }
    compress(sha, p, size / 64);
    p += size / 64 * 64;
    size %= 64;
    if (size > 0)
        memcpy(sha->block, p, size);
}

void sha256_final(struct sha256 *sha, char hex[SHA256_HEX_SIZE])
{
    uint64_t bits = sha->length * 8;
    unsigned char padding[72] = {0x80};
    size_t filled = sha->length % 64;
    size_t zeros = filled < 56 ? 56 - filled : 120 - filled;
    for (int i = 0; i < 8; i++)
        padding[zeros + (size_t)i] = (unsigned char)(bits >> (56 - 8 * i));
    sha256_update(sha, padding, zeros + 8);
    for (int i = 0; i < 32; i++) {
        unsigned byte = sha->state[i / 4] >> (24 - 8 * (i % 4)) & 0xff;
        hex[2 * i] = "0123456789abcdef"[byte >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[byte & 15];
    }
    hex[64] = '\0';
}

void sha256_hex(const void *data, size_t size, char hex[SHA256_HEX_SIZE])
{
    struct sha256 sha;
    sha256_init(&sha);
    sha256_update(&sha, data, size);
    sha256_final(&sha, hex);
}
