/* The configuration as run.json records it. */
#include <assert.h>
#include <stdlib.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/json.h"
#include "options_value.h"

/* cJSON writes 15 digits where it finds them good enough; a number that needs more goes in as text, exactly. */
static cJSON *json_real(double value)
{
    char text[NUMBER_TEXT_SIZE];
    snprintf(text, sizeof text, "%.15g", value);
    return strtod(text, NULL) == value ? cJSON_CreateNumber(value) : cJSON_CreateRaw(number_format_real(text, value));
}

static cJSON *json_integer(int64_t value)
{
    char text[NUMBER_TEXT_SIZE];
    if (value >= -999999999999999 && value <= 999999999999999)
        return cJSON_CreateNumber((double)value);
    snprintf(text, sizeof text, "%lld", (long long)value);
    return cJSON_CreateRaw(text);
}

static cJSON *json_name(const struct option *option, int64_t index)
{
    const char *name = "";
    bool known = option->choice((size_t)index, &name);
    assert(known);
    return known ? cJSON_CreateString(name) : NULL;
}

static cJSON *json_text(const char *text)
{
    return text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
}

/* Element `index` of a list, or the value of any other option. */
static cJSON *json_element(const struct option *option, const void *field, size_t index)
{
    switch (option->type) {
    case OPTION_FLAG:
        return cJSON_CreateBool(*(const bool *)field);
    case OPTION_INTEGER:
    case OPTION_SEED:
        return json_integer(*(const int64_t *)field);
    case OPTION_REAL:
        return json_real(*(const double *)field);
    case OPTION_NAME:
        return json_name(option, *(const int64_t *)field);
    case OPTION_TEXT:
        return json_text(*(const char *const *)field);
    case OPTION_INTEGERS:
    case OPTION_SEEDS:
        return json_integer(((const struct integers *)field)->values[index]);
    case OPTION_REALS:
        return json_real(((const struct reals *)field)->values[index]);
    case OPTION_NAMES:
        return json_name(option, ((const struct integers *)field)->values[index]);
    }
    return NULL;
}

static cJSON *json_value(const struct option *option, const void *field)
{
    if (!options_value_is_list(option))
        return json_element(option, field, 0);
    size_t count =
        option->type == OPTION_REALS ? ((const struct reals *)field)->count : ((const struct integers *)field)->count;
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        json_append(array, json_element(option, field, i));
    return array;
}

cJSON *options_to_json(const struct command *command, const void *config)
{
    cJSON *object = cJSON_CreateObject();
    if (command->operand != NULL) {
        const char *operand = *(const char *const *)(const void *)((const char *)config + command->operand_offset);
        json_add(object, "operand", json_text(operand));
    }
    for (const struct option *option = command->options; option->name != NULL; option++)
        json_add(object, option->name, json_value(option, (const char *)config + option->offset));
    return object;
}
