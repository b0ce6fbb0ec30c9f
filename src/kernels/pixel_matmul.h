/* pixel_matmul.h - a part of body.h: the first layer's product, on pixels. */

_Static_assert((int)PANEL <= (int)PIXELS_PANEL, "the sums of a panel have room");

DEFINE_PARTS(pixel, value)

/*
 * `width` columns of z.  PIXELS_SLACK rows of w stay in the first-level cache while every image of the batch passes
 * over them; a block has several such parts.
 *
 * A mask comes out of a vector register, behind all arithmetic that is queued before it: so masks are made ahead, for a
 * CHUNK of images at a time.
 */
static void pixel_matmul_panel(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride,
                               size_t width, part_fn *part, part_fn *last_part)
{
    struct part_row image[CHUNK];
    struct part_end end = {.stride = stride, .before = from};
    struct part at = {0};
    const bool far = x->columns * stride > NEAR_REALS;
    while (next_part(&at, x->columns)) {
        for (size_t done = 0, images; done < x->rows; done += images) {
            images = x->rows - done < CHUNK ? x->rows - done : CHUNK;
            for (size_t b = 0; b < images; b++) {
                const uint8_t *const bytes = x->row[done + b] + at.first;
                if (far) /* the batch's pixels are as far away; its rows are too many for the processor to foresee */
                    ASK_FOR(bytes + WORD);
                image[b] = (struct part_row){v_nonzero(bytes) & first_bits(at.count), bytes};
            }
            struct part_end to = end;
            struct soon soon = soon_part(&at, (struct matrix){w, stride, 1}, x->columns, width, images);
            to.soon = far && done == 0 ? &soon : NULL;
            to.z = z + done * stride;
            to.before += done * end.before_stride;
            (at.ends ? last_part : part)(x->sums + done * width, image, images, x->value, w + at.first * stride, stride,
                                         at.begins, &to);
        }
        if (at.ends) {
            end.before = z;
            end.before_stride = stride;
        }
    }
}

static void pixel_matmul(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride)
{
    enum { AT_ONCE = 256 }; /* images: so many sums stay in the second-level cache */
    struct pixel_batch some = *x;
    for (size_t first = 0; first < x->rows; first += AT_ONCE) {
        real *const to = z + first * stride;
        some.row = x->row + first;
        some.rows = x->rows - first < AT_ONCE ? x->rows - first : AT_ONCE;
#define PRODUCT(kernel, width)                                                                                         \
    kernel(to + h, from + h, &some, w + h, stride, width, OF_WIDTH(pixel_part, width), OF_WIDTH(pixel_end, width))
        FOR_PANELS(stride, PANEL, PRODUCT, pixel_matmul_panel);
#undef PRODUCT
    }
}
