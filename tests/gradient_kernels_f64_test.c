/* The gradients of the products between which layers choose, and of the loss, against differences: built for double. */
#include "gradient_check.h"

#include "dlexp/net/pixels.h"

struct scene {
    size_t rows, in, out, in_stride, stride;
    double *x, *w, *b, *dx, *dw, *db;
    double *y, *weight; /* the output, and L's weight of each of its elements */
    double *workspace;  /* of matmul */
    uint8_t labels[9];
};

static void scene_new(struct scene *scene, uint64_t *state)
{
    *scene = (struct scene){
        .rows = test_between(state, 2, 9), .in = test_between(state, 1, 40), .out = test_between(state, 1, 40)};
    scene->in_stride = real_padded(scene->in);
    scene->stride = real_padded(scene->out);
    scene->x = array(scene->rows, scene->in, state, -1, 1);
    scene->dx = array(scene->rows, scene->in, state, 0, 0);
    scene->w = array(scene->in, scene->out, state, -1, 1);
    scene->dw = array(scene->in, scene->out, state, 0, 0);
    scene->b = array(1, scene->out, state, 0.5, 1.5);
    scene->db = array(1, scene->out, state, 0, 0);
    scene->y = array(scene->rows, scene->out, state, -1, 1);
    scene->weight = array(scene->rows, scene->out, state, -1, 1);
    scene->workspace = array(1, KERNELS_WORKSPACE, state, 0, 0);
}

static void scene_free(struct scene *scene)
{
    double *const all[] = {scene->x,  scene->w, scene->b,      scene->dx,       scene->dw,
                           scene->db, scene->y, scene->weight, scene->workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static double dense_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    *signs = 0;
    kernels()->matmul(l->y, l->b, (struct matrix){l->x, l->in_stride, 1}, (struct matrix){l->w, l->stride, 1}, l->rows,
                      l->in, l->out, l->stride, l->workspace);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

/* The same layer with its sums in lanes. */
static double dot_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    *signs = 0;
    kernels()->matmul_dot(l->y, l->b, l->x, l->in_stride, l->w, l->stride, l->rows, l->in, l->out, l->stride);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

static void test_dense(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct scene l;
        scene_new(&l, &state);
        kernels()->matmul(l.dw, NULL, (struct matrix){l.x, 1, l.in_stride}, (struct matrix){l.weight, l.stride, 1},
                          l.in, l.rows, l.out, l.stride, l.workspace);
        kernels()->column_sums(l.db, l.weight, l.rows, l.out, l.stride);
        kernels()->matmul(l.dx, NULL, (struct matrix){l.weight, l.stride, 1}, (struct matrix){l.w, 1, l.stride}, l.rows,
                          l.out, l.in, l.in_stride, l.workspace);
        check_array(l.x, l.dx, l.rows, l.in, dense_loss, &l, &tally, &state, "dense, x");
        check_array(l.w, l.dw, l.in, l.out, dense_loss, &l, &tally, &state, "dense, w");
        check_array(l.b, l.db, 1, l.out, dense_loss, &l, &tally, &state, "dense, b");
        check_array(l.x, l.dx, l.rows, l.in, dot_loss, &l, &tally, &state, "dense in lanes, x");
        check_array(l.w, l.dw, l.in, l.out, dot_loss, &l, &tally, &state, "dense in lanes, w");
        check_array(l.b, l.db, 1, l.out, dot_loss, &l, &tally, &state, "dense in lanes, b");
        scene_free(&l);
    }
    check_tally(&tally);
}

/* The layer on non-zero pixels: x (rows, in) of bytes / 255. */
struct pixels {
    struct scene scene;
    struct pixel_batch batch;
    uint8_t images[9 * 40 + PIXELS_SLACK];
    struct memory memory;
};

static void pixels_new(struct pixels *pixels, uint64_t *state)
{
    struct scene *l = &pixels->scene;
    uint32_t order[9];
    struct error err;
    memset(pixels, 0, sizeof *pixels);
    scene_new(l, state);
    for (size_t i = 0; i < l->rows * l->in; i++)
        pixels->images[i] = test_between(state, 0, 2) ? (uint8_t)test_between(state, 1, 255) : 0;
    for (uint32_t b = 0; b < l->rows; b++)
        order[b] = b;
    pixel_batch_layout(&pixels->batch, l->rows, l->in, &pixels->memory);
    assert_int_equal(memory_allocate(&pixels->memory, "a batch", &err), 0);
    pixel_batch_layout(&pixels->batch, l->rows, l->in, &pixels->memory);
    pixel_batch_gather(&pixels->batch, kernels(), pixels->images, order, l->rows, order, 0, true);
}

static void pixels_free(struct pixels *pixels)
{
    scene_free(&pixels->scene);
    memory_free(&pixels->memory);
}

static double pixel_loss(void *context, uint64_t *signs)
{
    const struct pixels *pixels = context;
    const struct scene *l = &pixels->scene;
    *signs = 0;
    kernels()->pixel_matmul(l->y, l->b, &pixels->batch, l->w, l->stride);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

static void test_pixels(void **unused)
{
    (void)unused;
    /* From w = 0, the step w <- w + 1 g of SGD leaves the gradient itself. */
    static const double constants[OPTIMIZER_CONSTANTS_MAX] = {1};
    double *const state_arrays[OPTIMIZER_STATES_MAX] = {NULL};
    struct tally tally = {0, 0};
    assert_string_equal(optimizer_row(0)->name, "sgd");
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct pixels pixels;
        struct scene *l = &pixels.scene;
        pixels_new(&pixels, &state);
        kernels()->pixel_update[0](l->dw, state_arrays, &pixels.batch, l->weight, l->stride, constants, NULL);
        check_array(l->w, l->dw, l->in, l->out, pixel_loss, &pixels, &tally, &state, "pixels, w");
        pixels_free(&pixels);
    }
    check_tally(&tally);
}

static double softmax_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    size_t correct = 0;
    *signs = 0;
    return kernels()->softmax_cross_entropy(NULL, l->y, l->labels, l->rows, l->out, l->stride, &correct, NULL) /
           (double)l->rows;
}

static void test_softmax_cross_entropy(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct scene l;
        size_t correct = 0;
        scene_new(&l, &state);
        double *const dy = array(l.rows, l.out, &state, 0, 0);
        free(l.y);
        l.y = array(l.rows, l.out, &state, -4, 4);
        for (size_t b = 0; b < l.rows; b++)
            l.labels[b] = (uint8_t)test_between(&state, 0, l.out - 1);
        kernels()->softmax_cross_entropy(dy, l.y, l.labels, l.rows, l.out, l.stride, &correct, NULL);
        check_array(l.y, dy, l.rows, l.out, softmax_loss, &l, &tally, &state, "softmax cross-entropy, logits");
        free(dy);
        scene_free(&l);
    }
    check_tally(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense),
        cmocka_unit_test(test_pixels),
        cmocka_unit_test(test_softmax_cross_entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
