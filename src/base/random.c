#include "dlexp/base/random.h"

#include <assert.h>

#include "dlexp/base/fma.h"

enum { N = 624, M = 397 };

void random_seed(struct random *random, uint64_t seed)
{
    uint32_t *s = random->state;
    s[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < N; i++)
        s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;
    random->next = N;
}

void random_seed_python(struct random *random, uint64_t seed)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t length = key[1] ? 2 : 1;
    uint32_t *s = random->state, i = 1, j = 0;
    random_seed(random, 19650218u);
    for (int k = 0; k < N; k++) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1664525u) + key[j] + j;
        if (++i == N) {
            s[0] = s[N - 1];
            i = 1;
        }
        if (++j == length)
            j = 0;
    }
    for (int k = 0; k < N - 1; k++) {
        s[i] = (s[i] ^ (s[i - 1] ^ s[i - 1] >> 30) * 1566083941u) - i;
        if (++i == N) {
            s[0] = s[N - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;
}

static void refill(struct random *random)
{
    uint32_t *s = random->state;
    for (int k = 0; k < N; k++) {
        uint32_t y = (s[k] & 0x80000000u) | (s[(k + 1) % N] & 0x7fffffffu);
        s[k] = s[(k + M) % N] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    random->next = 0;
}

uint32_t random_u32(struct random *random)
{
    if (random->next >= N)
        refill(random);
    uint32_t y = random->state[random->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

uint64_t random_u64(struct random *random)
{
    uint64_t high = random_u32(random);
    return high << 32 | random_u32(random);
}

uint64_t random_torch_seed(struct random *random)
{
    return random_u64(random) & (UINT64_MAX >> 1);
}

void random_torch_uniform(struct random *random, float *x, size_t count, double low, double high)
{
    const float from = (float)low, range = (float)high - (float)low;
    for (size_t i = 0; i < count; i++)
        x[i] = fma_float((float)(random_u32(random) & 0xffffffu) * 0x1p-24f, range, from);
}

void random_torch_permutation(uint64_t seed, uint32_t *order, size_t count)
{
    struct random random;
    assert(count <= UINT32_MAX);
    random_seed(&random, seed);
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = 0; i + 1 < count; i++) {
        size_t j = i + random_u32(&random) % (count - i);
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

double random_numpy_uniform(struct random *random)
{
    uint32_t a = random_u32(random) >> 5;
    uint32_t b = random_u32(random) >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
}

size_t random_python_index(struct random *random, size_t count)
{
    assert(count >= 1 && count <= UINT32_MAX);
    int bits = 0;
    while ((uint64_t)count >> bits)
        bits++;
    size_t index;
    do
        index = random_u32(random) >> (32 - bits);
    while (index >= count);
    return index;
}
