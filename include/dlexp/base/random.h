/*
 * random.h - the random streams of PyTorch (CPU), numpy's legacy generator and Python's `random`, bit for bit.
 *
 * All three are the Mersenne Twister MT19937 (Matsumoto & Nishimura 1998; the initialisations of 2002) and differ in
 * how they seed it and cut its 32-bit draws.  Checked against PyTorch 1.13 and numpy 1.24 (tests/golden).
 */
#ifndef DLEXP_RANDOM_H
#define DLEXP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint32_t state[624];
    unsigned next; /* index of the next word of state to give out */
};

/* random_seed - init_genrand(seed mod 2^32): torch.manual_seed (a negative seed s means 2^64 + s), numpy.random.seed.
 */
void random_seed(struct random *random, uint64_t seed);

/* random_seed_python - init_by_array of |seed|'s 32-bit words, least first: Python's random.seed(int). */
void random_seed_python(struct random *random, uint64_t seed);

/* random_u32 - one draw. */
uint32_t random_u32(struct random *random);

/* random_u64 - two draws; the first is the high word. */
uint64_t random_u64(struct random *random);

/* random_torch_seed - the seed that a torch DataLoader or its sampler draws: a 64-bit draw mod 2^63. */
uint64_t random_torch_seed(struct random *random);

/*
 * random_torch_uniform - torch's Tensor.uniform_(low, high) in float32: one draw r per element,
 *   x = fma((r mod 2^24) / 2^24, high - low, low), one rounding, as torch's AVX2 and AVX-512 kernels do.
 */
void random_torch_uniform(struct random *random, float *x, size_t count, double low, double high);

/* random_torch_permutation - torch.randperm(n) from a private engine seeded with `seed`. Writes 0..n-1 in random order.
 */
void random_torch_permutation(uint64_t seed, uint32_t *order, size_t count);

/* random_numpy_uniform - numpy.random.uniform(0, 1): 53 bits from two draws. */
double random_numpy_uniform(struct random *random);

/* random_python_index - the index that Python's random.choice takes from `count` >= 1 items (it draws as many
 * bits as count has, until they give less than count). */
size_t random_python_index(struct random *random, size_t count);

#endif
