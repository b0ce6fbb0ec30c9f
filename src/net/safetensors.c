#include "dlexp/net/safetensors.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/json.h"

static void put_u32(unsigned char *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static void put_u64(unsigned char *p, uint64_t value)
{
    put_u32(p, (uint32_t)value);
    put_u32(p + 4, (uint32_t)(value >> 32));
}

static size_t element_bytes(const struct mlp_tensor *tensor)
{
    return tensor->data ? 4 : 8;
}

static size_t tensor_bytes(const struct mlp_tensor *tensor)
{
    return element_bytes(tensor) * mlp_tensor_size(tensor);
}

enum { TENSORS_MAX = LAYER_TENSORS_MAX * MLP_LAYERS_MAX };

/* The order in which the tensors lie in the file; returns their number. */
static size_t lay_out(const struct mlp *mlp, size_t order[TENSORS_MAX])
{
    struct mlp_tensor tensor;
    size_t count = 0, offset = 0;
    bool aligned = true;
    for (; mlp_tensor(mlp, count, &tensor); count++) {
        assert(count < TENSORS_MAX);
        order[count] = count;
        aligned = aligned && offset % element_bytes(&tensor) == 0;
        offset += tensor_bytes(&tensor);
    }
    if (aligned)
        return count;
    size_t placed = 0;
    for (size_t bytes = 8; bytes >= 4; bytes /= 2)
        for (size_t t = 0; mlp_tensor(mlp, t, &tensor); t++)
            if (element_bytes(&tensor) == bytes)
                order[placed++] = t;
    assert(placed == count);
    return count;
}

static void add_metadata(cJSON *header, const char *metadata)
{
    char *copy = strdup(metadata), *rest = copy;
    cJSON *object = json_add(header, "__metadata__", copy ? cJSON_CreateObject() : NULL);
    for (char *line = rest; line && *line; line = rest) {
        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        char *equals = strchr(line, '=');
        if (equals) {
            *equals = '\0';
            json_add_string(object, line, equals + 1);
        }
    }
    free(copy);
}

static void add_tensor(cJSON *header, const struct mlp_tensor *tensor, size_t offset)
{
    cJSON *entry = json_add_object(header, tensor->name);
    json_add_string(entry, "dtype", tensor->data ? "F32" : "I64");
    cJSON *shape = json_add_array(entry, "shape"), *offsets = json_add_array(entry, "data_offsets");
    for (size_t i = 0; i < tensor->rank; i++)
        json_append(shape, cJSON_CreateNumber((double)tensor->dims[i]));
    json_append(offsets, cJSON_CreateNumber((double)offset));
    json_append(offsets, cJSON_CreateNumber((double)(offset + tensor_bytes(tensor))));
}

int safetensors_from_mlp(const struct mlp *mlp, const char *metadata, unsigned char **data, size_t *size,
                         struct error *err)
{
    struct mlp_tensor tensor;
    size_t order[TENSORS_MAX], offset = 0, header_size, padded;
    const size_t count = lay_out(mlp, order);
    char *text = NULL;
    cJSON *header = cJSON_CreateObject();
    *data = NULL;
    if (metadata)
        add_metadata(header, metadata);
    for (size_t n = 0; n < count; n++) {
        mlp_tensor(mlp, order[n], &tensor);
        add_tensor(header, &tensor, offset);
        offset += tensor_bytes(&tensor);
    }
    text = cJSON_PrintUnformatted(header);
    if (!text)
        goto fail;
    header_size = strlen(text);
    padded = (header_size + 7) / 8 * 8;
    *size = 8 + padded + offset;
    *data = malloc(*size);
    if (!*data)
        goto fail;
    put_u64(*data, padded);
    memcpy(*data + 8, text, header_size);
    memset(*data + 8 + header_size, ' ', padded - header_size);
    unsigned char *p = *data + 8 + padded;
    for (size_t n = 0; n < count; n++) {
        mlp_tensor(mlp, order[n], &tensor);
        if (!tensor.data) {
            put_u64(p, mlp->batches_tracked);
            p += 8;
            continue;
        }
        for (size_t i = 0; i < mlp_tensor_size(&tensor); i++, p += 4) {
            float value = (float)mlp_tensor_value(&tensor, i);
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            put_u32(p, bits);
        }
    }
    cJSON_free(text);
    cJSON_Delete(header);
    return 0;
fail:
    cJSON_free(text);
    cJSON_Delete(header);
    return error_out_of_memory(err, "a model file");
}

int safetensors_aligned(bool *aligned, const unsigned char *data, size_t size, struct error *err)
{
    uint64_t header_size = 0;
    for (size_t i = 8; size >= 8 && i-- > 0;)
        header_size = header_size << 8 | data[i];
    *aligned = false;
    if (size < 8 || header_size > size - 8 || header_size % 8 != 0)
        return 0;
    errno = 0; /* cJSON does not tell lack of memory, but malloc does */
    cJSON *header = cJSON_ParseWithLength((const char *)data + 8, (size_t)header_size);
    if (!header)
        return errno == ENOMEM ? error_out_of_memory(err, "a model file's header") : 0;
    *aligned = true;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, header)
    {
        const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
        const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(entry, "data_offsets"), 0);
        if (!cJSON_IsString(dtype) || !cJSON_IsNumber(first))
            continue; /* the metadata */
        *aligned = *aligned && (size_t)first->valuedouble % (strcmp(dtype->valuestring, "I64") == 0 ? 8 : 4) == 0;
    }
    cJSON_Delete(header);
    return 0;
}
