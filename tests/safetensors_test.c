/* A model file: every tensor where its type may be read in place, nothing lost, and aligned files laid out as ever. */
#include "support.h"

#include <cJSON.h>

#include "dlexp/base/memory.h"
#include "dlexp/net/mlp.h"
#include "dlexp/net/safetensors.h"

static bool is_aligned(const unsigned char *file, size_t size)
{
    struct error err;
    bool aligned;
    assert_int_equal(safetensors_aligned(&aligned, file, size, &err), 0);
    return aligned;
}

/* A net with its initial weights, and 5 batches tracked. */
static void net_new(struct mlp *mlp, struct memory *memory, const size_t *widths, size_t hidden,
                    const struct layer_type *norm)
{
    struct error err;
    struct random random;
    struct mlp_shape shape = {.inputs = 5, .hidden = hidden, .classes = 3, .norm = norm, .activation = &layer_relu};
    memcpy(shape.widths, widths, hidden * sizeof *widths);
    *memory = (struct memory){0};
    mlp_layout(mlp, &shape, 2, 1, memory);
    assert_int_equal(memory_allocate(memory, "a net", &err), 0);
    mlp_layout(mlp, &shape, 2, 1, memory);
    random_seed(&random, 3);
    mlp_init(mlp, &random);
    mlp->batches_tracked = 5;
}

/* The tensor's bytes are in the file where the header says. */
static void expect_tensor(const struct mlp_tensor *tensor, const cJSON *header, const unsigned char *data, size_t size)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(header, tensor->name);
    assert_non_null(entry);
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    const size_t first = (size_t)cJSON_GetArrayItem(offsets, 0)->valuedouble;
    const size_t end = (size_t)cJSON_GetArrayItem(offsets, 1)->valuedouble, element = tensor->data ? 4 : 8;
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(entry, "dtype")->valuestring, tensor->data ? "F32" : "I64");
    assert_int_equal(first % element, 0);
    assert_int_equal(end - first, element * mlp_tensor_size(tensor));
    assert_true(end <= size);
    for (size_t i = 0; i < mlp_tensor_size(tensor); i++) {
        uint64_t expected = 5, got = 0;
        if (tensor->data) {
            const float value = (float)mlp_tensor_value(tensor, i);
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            expected = bits;
        }
        for (size_t b = element; b-- > 0;)
            got = got << 8 | data[first + i * element + b];
        assert_true(got == expected);
    }
}

/* in_order: the tensors lie in the order of the state_dict. */
static void expect_file(const size_t *widths, size_t hidden, const struct layer_type *norm, bool in_order)
{
    struct mlp mlp;
    struct memory memory;
    struct error err;
    struct mlp_tensor tensor;
    unsigned char *file;
    size_t size, header_size = 0, end = 0, count = 0;
    bool seen_in_order = true;
    net_new(&mlp, &memory, widths, hidden, norm);
    assert_int_equal(safetensors_from_mlp(&mlp, "a=b\nc=d\n", &file, &size, &err), 0);
    for (size_t b = 8; b-- > 0;)
        header_size = header_size << 8 | file[b];
    assert_int_equal(header_size % 8, 0);
    cJSON *header = cJSON_ParseWithLength((const char *)file + 8, header_size);
    assert_non_null(header);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(header, "__metadata__")->child->valuestring, "b");
    const unsigned char *data = file + 8 + header_size;
    for (; mlp_tensor(&mlp, count, &tensor); count++)
        expect_tensor(&tensor, header, data, size - 8 - header_size);
    assert_int_equal(cJSON_GetArraySize(header), count + 1);

    /* The header's order is that of the bytes: no gap, none twice. */
    size_t n = 0;
    for (const cJSON *entry = header->child->next; entry; entry = entry->next, n++) {
        const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
        assert_int_equal(cJSON_GetArrayItem(offsets, 0)->valuedouble, end);
        end = (size_t)cJSON_GetArrayItem(offsets, 1)->valuedouble;
        mlp_tensor(&mlp, n, &tensor);
        seen_in_order = seen_in_order && strcmp(entry->string, tensor.name) == 0;
    }
    assert_int_equal(8 + header_size + end, size);
    assert_int_equal(seen_in_order, in_order);
    assert_true(is_aligned(file, size));
    cJSON_Delete(header);
    free(file);
    memory_free(&memory);
}

static void every_width_is_aligned(void **state)
{
    (void)state;
    for (size_t a = 1; a <= 9; a++)
        for (size_t b = 1; b <= 4; b++) {
            /* Weights of 5 a, then five vectors of a, before the first counter: 4 * 10 a bytes; 4 (a + 5) b more. */
            expect_file((const size_t[]){a, b}, 2, &layer_batchnorm, (a + 5) * b % 2 == 0);
            expect_file((const size_t[]){a, b}, 2, NULL, true);
            expect_file((const size_t[]){a}, 1, &layer_batchnorm, true);
        }
    expect_file((const size_t[]){128, 64}, 2, &layer_batchnorm, true);
}

static void as_many_layers_as_there_may_be(void **state)
{
    size_t widths[MLP_HIDDEN_MAX];
    (void)state;
    for (size_t l = 0; l < MLP_HIDDEN_MAX; l++)
        widths[l] = 1 + l % 3;
    expect_file(widths, MLP_HIDDEN_MAX, &layer_batchnorm, false);
}

/* What earlier versions wrote for some widths is known from what today's do. */
static void misaligned_files_are_known(void **state)
{
    static const struct {
        const char *header;
        bool aligned;
    } cases[] = {
        {"{\"__metadata__\":{\"a\":\"b\"},\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}", true},
        {"{\"__metadata__\":{\"a\":\"b\"},\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[4,12]}}", false},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", true},
        {"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", false},
        {"rubbish", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char file[256];
        const size_t length = strlen(cases[i].header), padded = (length + 7) / 8 * 8;
        memset(file, ' ', sizeof file);
        memset(file, 0, 8);
        file[0] = (unsigned char)padded;
        memcpy(file + 8, cases[i].header, length);
        assert_int_equal(is_aligned(file, 8 + padded + 16), cases[i].aligned);
        assert_false(is_aligned(file, 8 + padded - 1)); /* cut short */
        assert_false(is_aligned(file, 7));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_width_is_aligned),
        cmocka_unit_test(as_many_layers_as_there_may_be),
        cmocka_unit_test(misaligned_files_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
