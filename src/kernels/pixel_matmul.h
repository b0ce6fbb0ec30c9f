/* pixel_matmul.h - a part of body.h: the first layer's product, on pixels. */

_Static_assert((int)PANEL <= (int)PIXELS_PANEL, "the sums of a panel have room");

/* Up to PIXELS_SLACK pixels of an image, and which of them are inked. */
struct pixel_image {
    uint64_t mask;
    const uint8_t *bytes;
};

/* Where a block ends: z, and what it is added to, whose rows are before_stride apart. */
struct pixel_end {
    real *z;
    const real *before;
    size_t before_stride;
};

/*
 * `width` columns of some pixels' part in z, w being the first of them.  The sums of a block (kernels_depth) are kept
 * in `kept`, whose rows are as wide, until it ends: then z becomes the sum and what was before.
 */
static inline __attribute__((always_inline)) void pixel_matmul_part(real *kept, const struct pixel_image *image,
                                                                    size_t images, const real *value, const real *w,
                                                                    size_t stride, bool begins, const bool ends,
                                                                    const struct pixel_end *end, const size_t width)
{
    const size_t vectors = width / LANES;
    real *z = ends ? end->z : NULL;
    const real *before = ends ? end->before : NULL;
    const size_t before_stride = ends ? end->before_stride : 0;
    for (const struct pixel_image *const last = image + images; image < last; image++, kept += width) {
        V sum[PANEL_VECTORS];
        const uint64_t mask = image->mask;
        if (begins)
            for (size_t j = 0; j < vectors; j++)
                sum[j] = v_splat(0);
        else if (!mask && !ends)
            continue;
        else
            for (size_t j = 0; j < vectors; j++)
                sum[j] = v_load(kept + j * LANES);
        add_inked_rows(sum, mask, image->bytes, value, w, stride, vectors);
        for (size_t j = 0; j < vectors; j++)
            if (ends)
                v_store(z + j * LANES, v_load(before + j * LANES) + sum[j]);
            else
                v_store(kept + j * LANES, sum[j]);
        if (ends) {
            z += stride;
            before += before_stride;
        }
    }
}

/* Functions of their own, as compilers run out of registers otherwise, and each spill delays a loop. */
typedef void pixel_part_fn(real *kept, const struct pixel_image *image, size_t images, const real *value, const real *w,
                           size_t stride, bool begins, const struct pixel_end *end);
#define DEFINE_PIXEL_PART(width)                                                                                       \
    static __attribute__((noinline)) void pixel_part_##width(real *kept, const struct pixel_image *image,              \
                                                             size_t images, const real *value, const real *w,          \
                                                             size_t stride, bool begins, const struct pixel_end *end)  \
    {                                                                                                                  \
        (void)end;                                                                                                     \
        pixel_matmul_part(kept, image, images, value, w, stride, begins, false, NULL, WITHIN_PANEL(width));            \
    }                                                                                                                  \
    static __attribute__((noinline)) void pixel_end_##width(real *kept, const struct pixel_image *image,               \
                                                            size_t images, const real *value, const real *w,           \
                                                            size_t stride, bool begins, const struct pixel_end *end)   \
    {                                                                                                                  \
        pixel_matmul_part(kept, image, images, value, w, stride, begins, true, end, WITHIN_PANEL(width));              \
    }
DEFINE_PIXEL_PART(16)
DEFINE_PIXEL_PART(32)
DEFINE_PIXEL_PART(64)
DEFINE_PIXEL_PART(128)

/*
 * `width` columns of z.  PIXELS_SLACK rows of w stay in the first-level cache while every image of the batch passes
 * over them; a block has several such parts.
 *
 * A mask comes out of a vector register, behind all arithmetic that is queued before it: so masks are made ahead, for a
 * CHUNK of images at a time.
 */
static void pixel_matmul_panel(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride,
                               size_t width, pixel_part_fn *part, pixel_part_fn *last_part)
{
    struct pixel_image image[CHUNK];
    struct pixel_end end = {.before = from};
    for (size_t first = 0, block_end = 0, count; first < x->columns; first += count) {
        const bool begins = first == block_end;
        if (begins)
            block_end += kernels_depth(x->columns - first);
        count = block_end - first < PIXELS_SLACK ? block_end - first : PIXELS_SLACK;
        const bool ends = first + count == block_end;
        for (size_t done = 0, images; done < x->rows; done += images) {
            images = x->rows - done < CHUNK ? x->rows - done : CHUNK;
            for (size_t b = 0; b < images; b++) {
                image[b].bytes = x->row[done + b] + first;
                image[b].mask = v_nonzero(image[b].bytes) & first_bits(count);
            }
            struct pixel_end at = end;
            at.z = z + done * stride;
            at.before += done * end.before_stride;
            (ends ? last_part : part)(x->sums + done * width, image, images, x->value, w + first * stride, stride,
                                      begins, &at);
        }
        if (ends) {
            end.before = z;
            end.before_stride = stride;
        }
    }
}

static void pixel_matmul(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride)
{
#define PRODUCT(kernel, width)                                                                                         \
    kernel(z + h, from + h, x, w + h, stride, width, OF_WIDTH(pixel_part, width), OF_WIDTH(pixel_end, width))
    FOR_PANELS(stride, PANEL, PRODUCT, pixel_matmul_panel);
#undef PRODUCT
}
