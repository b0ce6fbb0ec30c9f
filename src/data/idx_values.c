/* Numbers of IDX files as bytes. */
#include "idx_values.h"

#include <math.h>
#include <string.h>

const struct idx_type *idx_type_find(unsigned char code)
{
    static const struct idx_type types[] = {
        {IDX_BYTES, false, 1, "unsigned bytes"}, {0x09, false, 1, "signed bytes"},
        {0x0b, false, 2, "16-bit integers"},     {IDX_INTEGERS_32, false, 4, "32-bit integers"},
        {0x0d, true, 4, "32-bit floats"},        {0x0e, true, 8, "64-bit floats"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code)
            return &types[i];
    return NULL;
}

/* The number at p; every type's fit into a double. */
static double number_at(const struct idx_type *type, const unsigned char *p)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < type->size; i++)
        bits = bits << 8 | p[i];
    if (type->real && type->size == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (type->real) {
        const uint32_t low = (uint32_t)bits;
        float value;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    if (type->code == IDX_BYTES)
        return (double)bits;
    const uint64_t sign = (uint64_t)1 << (8 * type->size - 1);
    return (double)(int64_t)(bits ^ sign) - (double)sign;
}

/* The byte for a number of 0..1, or -1 where it is none of the 256 that there are. */
static int byte_of_unit(const struct idx_type *type, double value)
{
    if (!(value >= 0 && value <= 1))
        return -1;
    const int k = (int)lround(value * 255);
    const double exact = k / 255.0;
    return value == (double)(float)exact || (type->size == 8 && value == exact) ? k : -1;
}

static int byte_of_whole(double value)
{
    return value >= 0 && value <= 255 && value == floor(value) ? (int)value : -1;
}

/* Whether a row is what one-hot labels have. */
static bool is_one_hot(const struct idx_values *values, const unsigned char *raw)
{
    size_t ones = 0, others = 0;
    for (size_t i = 0; i < values->stride; i++) {
        const double value = number_at(values->type, raw + i * values->type->size);
        ones += value == 1;
        others += value != 0 && value != 1;
    }
    return ones == 1 && others == 0;
}

void idx_values_convert(struct idx_values *values, uint8_t *out, const unsigned char *raw, size_t count)
{
    const size_t step = values->stride * values->type->size;
    for (; count > 0 && !values->wrong; count--, raw += step) {
        const double value = number_at(values->type, raw);
        if (values->unit && value > 1 && !values->between) {
            values->unit = false;
            for (size_t i = 0; i < values->done; i++)
                out[i] = out[i] != 0;
        }
        const int byte =
            values->unit ? byte_of_unit(values->type, value) : byte_of_whole(value - (double)values->offset);
        if (byte < 0) {
            values->wrong = true;
            values->wrong_value = value;
            return;
        }
        values->between = values->between || (values->unit && byte > 0 && byte < 255);
        values->several = values->several || (values->stride > 1 && !is_one_hot(values, raw));
        out[values->done++] = (uint8_t)byte;
    }
}
