#include "dlexp/formats/json.h"

#include <errno.h>

/* The flags above the type say who owns its parts; without the type nothing of them changes. */
static void spoil(cJSON *parent)
{
    if (parent)
        parent->type = (parent->type & ~0xFF) | cJSON_Invalid;
}

cJSON *json_document(const char *kind)
{
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "format", JSON_FORMAT);
    json_add_string(root, "kind", kind);
    return root;
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

/* Bytes of the character that starts at p as UTF-8 defines it (RFC 3629), 0 where there is none. */
static size_t utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    const size_t length = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                          : p[0] >= 0xE0 && p[0] <= 0xEF ? 3
                          : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                         : 0;
    /* The second byte alone tells overlong forms, surrogates and what lies beyond U+10FFFF. */
    const unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    for (size_t i = 1; i < length; i++)
        if (p[i] < (i == 1 ? low : 0x80) || p[i] > (i == 1 ? high : 0xBF))
            return 0;
    return length;
}

/* Room for `text` with \xNN for each byte that is no part of a character, or 0 when there is no such byte. */
static size_t escaped_size(const char *text)
{
    size_t size = 1, length;
    bool escaped = false;
    for (const unsigned char *p = (const unsigned char *)text; *p; p += length > 0 ? length : 1) {
        length = utf8_length(p);
        size += length > 0 ? length : 4;
        escaped = escaped || length == 0;
    }
    return escaped ? size : 0;
}

/* Replaces *text, which is cJSON's, by its escaped form; false when memory ran out. */
static bool escape(char **text)
{
    const size_t size = *text ? escaped_size(*text) : 0;
    if (size == 0)
        return true;
    char *escaped = cJSON_malloc(size), *end = escaped;
    if (!escaped)
        return false;
    for (const unsigned char *p = (const unsigned char *)*text; *p;) {
        size_t length = utf8_length(p);
        if (length == 0)
            end += snprintf(end, 5, "\\x%02x", *p++);
        for (; length > 0; length--)
            *end++ = (char)*p++;
    }
    *end = '\0';
    cJSON_free(*text);
    *text = escaped;
    return true;
}

/* Every string of the tree; names are the program's own, and ASCII. */
static bool escape_strings(cJSON *item)
{
    for (; item; item = item->next)
        if ((cJSON_IsString(item) && !escape(&item->valuestring)) || !escape_strings(item->child))
            return false;
    return true;
}

int json_parse(cJSON **root, const char *text, const char **end, const char *what, struct error *err)
{
    errno = 0; /* cJSON does not tell lack of memory from bad text, but malloc does */
    *root = end ? cJSON_ParseWithOpts(text, end, 1) : cJSON_Parse(text);
    return !*root && errno == ENOMEM ? error_out_of_memory(err, what) : 0;
}

int json_print(cJSON *root, FILE *out, const char *what, struct error *err)
{
    char *text = escape_strings(root) ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!text)
        return error_out_of_memory(err, what);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    return 0;
}
