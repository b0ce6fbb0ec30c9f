#include "dlexp/json.h"

/* The flags above the type say who owns its parts; without the type nothing of them changes. */
static void spoil(cJSON *parent)
{
    if (parent)
        parent->type = (parent->type & ~0xFF) | cJSON_Invalid;
}

cJSON *json_add(cJSON *object, const char *name, cJSON *item)
{
    if (cJSON_AddItemToObject(object, name, item))
        return item;
    cJSON_Delete(item);
    spoil(object);
    return NULL;
}

cJSON *json_append(cJSON *array, cJSON *item)
{
    if (cJSON_AddItemToArray(array, item))
        return item;
    cJSON_Delete(item);
    spoil(array);
    return NULL;
}

void json_add_string(cJSON *object, const char *name, const char *text)
{
    json_add(object, name, cJSON_CreateString(text));
}

void json_add_number(cJSON *object, const char *name, double value)
{
    json_add(object, name, cJSON_CreateNumber(value));
}

void json_add_bool(cJSON *object, const char *name, bool value)
{
    json_add(object, name, cJSON_CreateBool(value));
}

cJSON *json_add_object(cJSON *object, const char *name)
{
    return json_add(object, name, cJSON_CreateObject());
}

cJSON *json_add_array(cJSON *object, const char *name)
{
    return json_add(object, name, cJSON_CreateArray());
}

int json_print(cJSON *root, FILE *out, const char *what, struct error *err)
{
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (!text)
        return error_out_of_memory(err, what);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    return 0;
}
