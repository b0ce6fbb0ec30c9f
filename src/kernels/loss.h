/* loss.h - a part of body.h: softmax cross-entropy, with the logarithm it needs. */

#ifdef DLEXP_REAL_DOUBLE
#define log_at_least_one(a) log(a)
#else
/* SLEEF's log (exponential.h) of a finite a >= 1 = m 2^e, m in [3/4, 3/2): e ln 2 + 2 atanh(q), q = (m - 1) / (m + 1),
 * the large terms in two floats. */
static inline float log_at_least_one(float a)
{
    union {
        float value;
        uint32_t bits;
    } m = {.value = a * (1.0f / 0.75f)};
    if (!(a < INFINITY))
        return a;
    const int exponent = (int)(m.bits >> 23) - 127;
    m.value = a;
    m.bits -= (uint32_t)exponent << 23;
    const float e = (float)exponent, below = m.value - 1, above = m.value + 1, rest = (1 - above) + m.value;
    const float inverse = 1 / above, q = below * inverse;
    const float q_low = one_fma(q, one_fma(-rest, inverse, one_fma(-above, inverse, 1)), one_fma(below, inverse, -q));
    const float square = q * q;
    const float series = one_fma(one_fma(0.302729487f, square, 0.399610817f), square, 0.666669488f) * (square * q);
    const float ln2 = 0.693147182f, ln2_low = -1.90465432e-9f;
    const float power = ln2 * e, power_low = one_fma(ln2_low, e, one_fma(ln2, e, -power));
    const float sum = power + 2 * q, sum_low = ((power - sum) + 2 * q) + (power_low + 2 * q_low);
    const float total = sum + series;
    return total + (((sum - total) + series) + sum_low);
}
#endif

/*
 * The sum of exp(z - largest) over the classes, in the order of PyTorch's vectors of eight: the classes 0, 8, 16, ...
 * in one lane, and so on, then halves on halves; fewer than eight in their order.
 */
static inline real exponential_sum(const real *z, size_t classes, real largest)
{
    _Alignas(REAL_ALIGN) real part[REAL_PAD];
    real lane[EIGHT] = {0};
    for (size_t c0 = 0; c0 < classes; c0 += REAL_PAD) {
        for (size_t i = 0; i < REAL_PAD; i += LANES)
            v_store(part + i, v_exp(v_load(z + c0 + i) - v_splat(largest)));
        for (size_t i = 0; i < REAL_PAD && c0 + i < classes; i++)
            lane[i % EIGHT] = c0 + i < EIGHT ? part[i] : lane[i % EIGHT] + part[i];
    }
    if (classes < EIGHT) {
        for (size_t i = 1; i < classes; i++)
            lane[0] += lane[i];
        return lane[0];
    }
    for (size_t half = EIGHT / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* The first of the largest logits. */
static inline size_t largest_logit(const real *z, size_t classes)
{
    size_t best = 0;
    real largest = z[0];
    for (size_t c = 1; c < classes; c++) {
        const bool larger = z[c] > largest; /* no branch: nobody can predict it */
        best = larger ? c : best;
        largest = larger ? z[c] : largest;
    }
    return best;
}

static double softmax_cross_entropy(real *dz, const real *z, const uint8_t *labels, size_t rows, size_t classes,
                                    size_t stride, size_t *correct, uint8_t *right)
{
    enum { ROWS = 16 }; /* rows; one pass after the other over them, as each pass alone is a long chain for a row */
    double loss = 0;
    const real share = -1 / (real)rows;
    for (size_t first = 0; first < rows; first += ROWS) {
        const size_t count = rows - first < ROWS ? rows - first : ROWS;
        real largest[ROWS], log_sum[ROWS];
        for (size_t b = 0; b < count; b++) {
            const real *const row = z + (first + b) * stride;
            const size_t best = largest_logit(row, classes);
            *correct += best == labels[first + b];
            if (right)
                right[first + b] = best == labels[first + b];
            largest[b] = row[best];
        }
        for (size_t b = 0; b < count; b++)
            log_sum[b] = exponential_sum(z + (first + b) * stride, classes, largest[b]);
        for (size_t b = 0; b < count; b++)
            log_sum[b] = log_at_least_one(log_sum[b]);
        for (size_t b = 0; b < count; b++)
            loss -= (double)(z[(first + b) * stride + labels[first + b]] - largest[b] - log_sum[b]);
        for (size_t b = 0; b < count && dz; b++) {
            const real *const row = z + (first + b) * stride;
            real *const d = dz + (first + b) * stride;
            memset(d, 0, stride * sizeof *d);
            d[labels[first + b]] = share;
            for (size_t c = 0; c < classes; c += LANES) {
                const V p = v_exp(v_load(row + c) - v_splat(largest[b]) - v_splat(log_sum[b]));
                v_store(d + c, v_fma(-p, v_splat(share), v_load(d + c)));
            }
            for (size_t c = classes; c < real_padded(classes); c++)
                d[c] = 0;
        }
    }
    return loss;
}
