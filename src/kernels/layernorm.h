/* layernorm.h - a part of body.h: each row normalised, with sums over a row in the order of PyTorch's vectors of eight.
 */

enum { EIGHT = 8 };

/* Count, mean and sum of squared deviations in each of eight lanes. */
struct moments {
    size_t count;
    real mean[EIGHT], squares[EIGHT];
};

/* What `count` more numbers with these moments change in some lanes. */
static inline void add_moments(struct moments *to, size_t count, const real *mean, const real *squares, size_t lanes)
{
    const size_t sum = to->count + count;
    const real share = sum == 0 ? 0 : (real)count / (real)sum, before = (real)to->count;
    for (size_t i = 0; i < lanes; i++) {
        const real difference = mean[i] - to->mean[i];
        to->mean[i] += share * difference;
        to->squares[i] += squares[i] + difference * difference * share * before;
    }
    to->count = sum;
}

/* Welford's moments of `count` eights of numbers. */
static inline struct moments eights_moments(const real *x, size_t count)
{
    struct moments m = {.count = count};
    for (size_t j = 0; j < count; j++, x += EIGHT) {
        const real share = 1 / (real)(j + 1);
        for (size_t i = 0; i < EIGHT; i++) {
            const real difference = x[i] - m.mean[i];
            m.mean[i] += difference * share;
            m.squares[i] += difference * (x[i] - m.mean[i]);
        }
    }
    return m;
}

/*
 * Mean and variance of a row: chunks of 16 eights are joined two by two, then the lanes one after the other, behind
 * what does not fill an eight.
 */
static inline void row_moments(const real *x, size_t columns, real *mean, real *variance)
{
    enum { JOINED = 16, LEVELS = 64 };
    const size_t eights = columns / EIGHT, chunks = (eights + JOINED - 1) / JOINED;
    size_t depth = 1;
    struct moments level[LEVELS], all = {0};
    while (depth + 1 < LEVELS && (size_t)1 << depth < chunks)
        depth++;
    memset(level, 0, depth * sizeof *level);
    for (size_t i = 0; i < chunks; i++) {
        const size_t left = eights - i * JOINED;
        const struct moments m = eights_moments(x + i * JOINED * EIGHT, left < JOINED ? left : JOINED);
        add_moments(&level[0], m.count, m.mean, m.squares, EIGHT);
        for (size_t j = 1, odd = i + 1; j < depth && odd % 2 == 0; j++, odd /= 2) {
            add_moments(&level[j], level[j - 1].count, level[j - 1].mean, level[j - 1].squares, EIGHT);
            memset(&level[j - 1], 0, sizeof *level);
        }
    }
    for (size_t j = 1; j < depth; j++)
        add_moments(&level[0], level[j].count, level[j].mean, level[j].squares, EIGHT);
    for (size_t i = eights * EIGHT; i < columns; i++) {
        const real difference = x[i] - all.mean[0];
        all.mean[0] += difference / (real)++all.count;
        all.squares[0] += difference * (x[i] - all.mean[0]);
    }
    for (size_t i = 0; i < EIGHT; i++)
        add_moments(&all, eights, level[0].mean + i, level[0].squares + i, 1);
    *mean = all.mean[0];
    *variance = all.squares[0] / (real)columns;
}

/* The sum of eight lanes, of which `columns` are used: halves on halves, or fewer than eight in their order. */
static inline real lanes_sum(real lane[EIGHT], size_t columns)
{
    for (size_t i = 1; i < columns && columns < EIGHT; i++)
        lane[0] += lane[i];
    for (size_t half = EIGHT / 2; half > 0 && columns >= EIGHT; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

static void layernorm(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd, double eps,
                      size_t rows, size_t columns, size_t stride)
{
    for (size_t b = 0; b < rows; b++) {
        real variance;
        row_moments(x + b * stride, columns, &mean[b], &variance);
        rstd[b] = 1 / (real)sqrt((double)(variance + (real)eps));
        const V scale = v_splat(rstd[b]), shift = v_splat(-rstd[b] * mean[b]);
        for (size_t f = 0; f < stride; f += LANES) {
            const V z = v_fma(v_load(x + b * stride + f), scale, shift);
            v_store(y + b * stride + f, v_fma(z, v_load(gamma + f), v_load(beta + f)));
        }
    }
    clear_padding(y, rows, columns, stride);
}

/* Sums over a row of dy gamma x, and of dy gamma. */
static inline void layernorm_sums(real *products, real *sum, const real *dy, const real *x, const real *gamma,
                                  size_t columns)
{
    real product_lane[EIGHT] = {0}, lane[EIGHT] = {0};
    const size_t whole = columns / EIGHT * EIGHT;
    for (size_t f = 0; f < whole; f += EIGHT)
        for (size_t i = 0; i < EIGHT; i++) {
            const real d = dy[f + i], g = gamma[f + i], product = d * x[f + i];
            product_lane[i] = f == 0 ? product * g : one_fma(product, g, product_lane[i]);
            lane[i] = f == 0 ? d * g : one_fma(d, g, lane[i]);
        }
    for (size_t f = whole; f < columns; f++) {
        const real d = dy[f], g = gamma[f], product = d * x[f];
        product_lane[f - whole] = whole == 0 ? product * g : one_fma(product, g, product_lane[f - whole]);
        lane[f - whole] = whole == 0 ? d * g : one_fma(d, g, lane[f - whole]);
    }
    *products = lanes_sum(product_lane, columns);
    *sum = lanes_sum(lane, columns);
}

static void layernorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t columns, size_t stride)
{
    const real share = 1 / (real)columns;
    memset(dgamma, 0, stride * sizeof *dgamma);
    memset(dbeta, 0, stride * sizeof *dbeta);
    for (size_t b = 0; b < rows; b++) {
        const real *const x_row = x + b * stride, *const dy_row = dy + b * stride;
        const real r = rstd[b];
        real products, sum;
        layernorm_sums(&products, &sum, dy_row, x_row, gamma, columns);
        const real slope = one_fma(sum, mean[b], -products) * r * r * r * share;
        const real shift = one_fma(-slope, mean[b], -(sum * r * share));
        const V scale = v_splat(r), offset = v_splat(-r * mean[b]), slopes = v_splat(slope), shifts = v_splat(shift);
        for (size_t f = 0; f < stride; f += LANES) {
            const V d = v_load(dy_row + f), value = v_load(x_row + f);
            v_store(dgamma + f, v_fma(d, v_fma(scale, value, offset), v_load(dgamma + f)));
            v_store(dbeta + f, v_load(dbeta + f) + d);
            v_store(dx + b * stride + f, v_fma(slopes, value, scale * d * v_load(gamma + f)) + shifts);
        }
    }
    clear_padding(dx, rows, columns, stride);
    clear_padding(dgamma, 1, columns, stride);
    clear_padding(dbeta, 1, columns, stride);
}
