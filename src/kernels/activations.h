/* activations.h - a part of body.h: what is done to each number alone. */

static void relu(real *y, const real *x, size_t rows, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(y + i, v_at_least(v_load(x + i), v_splat(0)));
}

static void relu_backward(real *dx, const real *dy, const real *y, size_t rows, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(dx + i, v_where_positive(v_load(y + i), v_load(dy + i)));
}

static void sigmoid(real *y, const real *x, size_t rows, size_t columns, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(y + i, v_logistic(v_load(x + i)));
    clear_padding(y, rows, columns, stride);
}

static void sigmoid_backward(real *dx, const real *dy, const real *y, size_t rows, size_t columns, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(dx + i, v_load(dy + i) * (v_splat(1) - v_load(y + i)) * v_load(y + i));
    clear_padding(dx, rows, columns, stride);
}

/* Named apart from the C library's. */
static void hyperbolic_tangent(real *y, const real *x, size_t rows, size_t columns, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(y + i, v_tanh(v_load(x + i)));
    clear_padding(y, rows, columns, stride);
}

static void hyperbolic_tangent_backward(real *dx, const real *dy, const real *y, size_t rows, size_t columns,
                                        size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES) {
        const V value = v_load(y + i);
        v_store(dx + i, v_load(dy + i) * v_fma(-value, value, v_splat(1)));
    }
    clear_padding(dx, rows, columns, stride);
}
