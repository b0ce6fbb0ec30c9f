/* The products to measure. */
#include "product_shapes.h"

#include <string.h>

#include "sizes.h"

enum { CLASSES = 10, LARGEST = 1 << 16 };

static const char *const transposed_names[] = {"none", "a", "b"};
enum { TRANSPOSED = sizeof transposed_names / sizeof *transposed_names };

const char *product_shapes_transposed(enum transposed transposed)
{
    return transposed_names[transposed];
}

static int add(struct product_shapes *shapes, struct shape s, struct error *err)
{
    for (const struct shape *t = shapes->list; t < shapes->list + shapes->count; t++)
        if (s.m == t->m && s.k == t->k && s.n == t->n && s.transposed == t->transposed)
            return 0;
    if (shapes->count == PRODUCT_SHAPES_MAX)
        return error_set(err, ERROR_USAGE, "expected at most %d shapes, got more", PRODUCT_SHAPES_MAX);
    shapes->list[shapes->count++] = s;
    return 0;
}

static int add_layer(struct product_shapes *shapes, size_t batch, size_t in, size_t out, struct error *err)
{
    const struct shape list[] = {
        {batch, in, out, TRANSPOSED_NONE}, /* y = x w */
        {batch, out, in, TRANSPOSED_B},    /* dx = dy w^T */
        {in, batch, out, TRANSPOSED_A},    /* dw = x^T dy */
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (add(shapes, list[i], err) < 0)
            return -1;
    return 0;
}

static int read_net(struct product_shapes *shapes, const char *text, struct error *err)
{
    size_t batch = 0, in = 0, out = 0;
    const char *after = strchr(text, ':') + 1;
    if (sizes_read(&after, "", LARGEST, &batch, err) < 0 || sizes_read(&text, ",:", LARGEST, &in, err) < 0)
        return -1;
    for (; *text == ','; in = out) {
        text++;
        if (sizes_read(&text, ",:", LARGEST, &out, err) < 0 || add_layer(shapes, batch, in, out, err) < 0)
            return -1;
    }
    return add_layer(shapes, batch, in, CLASSES, err);
}

static int read_shape(struct product_shapes *shapes, const char *text, struct error *err)
{
    struct shape s;
    size_t *const sizes[] = {&s.m, &s.k, &s.n};
    for (size_t i = 0; i < 3; i++) {
        if (sizes_read(&text, "x,", LARGEST, sizes[i], err) < 0)
            return -1;
        if (*text != (i < 2 ? 'x' : ',') && (i < 2 || *text != '\0'))
            return error_set(err, ERROR_USAGE, "expected three sizes");
        text += *text != '\0';
    }
    for (size_t t = 0; t < TRANSPOSED; t++)
        if (strcmp(*text ? text : transposed_names[TRANSPOSED_NONE], transposed_names[t]) == 0) {
            s.transposed = (enum transposed)t;
            return add(shapes, s, err);
        }
    return error_set(err, ERROR_USAGE, "expected none, a or b for the operand that is transposed, got '%s'", text);
}

int product_shapes_read(struct product_shapes *shapes, const char *word, struct error *err)
{
    if ((strchr(word, ':') ? read_net : read_shape)(shapes, word, err) == 0)
        return 0;
    error_add(err, ", in '%s'; a net is written HIDDEN:BATCH (1024,1024:256), a shape MxKxN, MxKxN,a or MxKxN,b", word);
    return -1;
}

int product_shapes_sweep(struct product_shapes *shapes, struct error *err)
{
    static const size_t sizes[] = {16, 32, 60, 64, 128, 256, 500, 512, 1024, 2048};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (size_t m = 0; m < SIZES; m++)
        for (size_t k = 0; k < SIZES; k++)
            for (size_t n = 0; n < SIZES; n++)
                /* So each pair of sizes meets all three. */
                if (add(shapes,
                        (struct shape){sizes[m], sizes[k], sizes[n], (enum transposed)((m + k + n) % TRANSPOSED)},
                        err) < 0)
                    return -1;
    return 0;
}
