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
    const int64_t most = INT64_C(1) << 53; /* up to here every integer is a double, as which JSON is read */
    char text[NUMBER_TEXT_SIZE];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return value >= -most && value <= most ? cJSON_CreateRaw(text) : cJSON_CreateString(text);
}

static cJSON *json_name(const struct option *option, size_t index)
{
    const char *name = "";
    bool known = option->choice(index, &name);
    assert(known);
    return known ? cJSON_CreateString(name) : NULL;
}

static cJSON *json_text(const char *text)
{
    return text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
}

static cJSON *json_integers(const struct integers *list)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < list->count; i++)
        json_append(array, json_integer(list->values[i]));
    return array;
}

static cJSON *json_reals(const double *values, size_t count)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        json_append(array, json_real(values[i]));
    return array;
}

static cJSON *json_value(const struct option *option, const void *field)
{
    const struct reals *reals = field;
    switch (option->type) {
    case OPTION_FLAG:
        return cJSON_CreateBool(*(const bool *)field);
    case OPTION_INTEGER:
    case OPTION_SEED:
        return json_integer(*(const int64_t *)field);
    case OPTION_COUNT:
        return json_integer((int64_t) * (const size_t *)field);
    case OPTION_REAL:
        return json_real(*(const double *)field);
    case OPTION_NAME:
        return json_name(option, *(const size_t *)field);
    case OPTION_TEXT:
        return json_text(*(const char *const *)field);
    case OPTION_INTEGERS:
        return json_integers(field);
    case OPTION_REALS:
        return option->exactly > 0 ? json_reals(field, option->exactly) : json_reals(reals->values, reals->count);
    }
    return NULL;
}

/* An option that may have several values. */
static cJSON *json_axis(const struct option *option, const struct axis *axis)
{
    if (axis->count == 0)
        return options_element_is_list(option) ? cJSON_CreateArray() : cJSON_CreateNull();
    if (axis->count == 1 && !(option->flags & (OPTION_KEY | OPTION_CHAIN)))
        return json_value(option, axis->values);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < axis->count; i++)
        json_append(array, json_value(option, (const char *)axis->values + i * options_value_size(option)));
    return array;
}

/* The options that have none of the flags `without`. */
static cJSON *make_config(const struct invocation *invocation, const void *config, unsigned without)
{
    const struct command *command = invocation->command;
    cJSON *object = cJSON_CreateObject();
    if (command->operand != NULL) {
        const char *operand = *(const char *const *)(const void *)((const char *)config + command->operand_offset);
        json_add(object, "operand", json_text(operand));
    }
    for (size_t i = 0; command->options[i].name != NULL; i++) {
        const struct option *option = &command->options[i];
        if (option->flags & without)
            continue;
        json_add(object, option->name,
                 option->flags & OPTION_AXIS ? json_axis(option, &invocation->axes[i])
                                             : json_value(option, (const char *)config + option->offset));
    }
    return object;
}

static void add_config(cJSON *object, const struct invocation *invocation, const void *config, unsigned without)
{
    const struct option *options = invocation->command->options;
    json_add(object, "config", make_config(invocation, config, without));
    cJSON *given = json_add_array(object, "given");
    for (size_t i = 0; options[i].name != NULL; i++)
        if (invocation->given[i] && !(options[i].flags & without))
            json_append(given, cJSON_CreateString(options[i].name));
}

cJSON *options_to_json(const struct invocation *invocation, const void *config)
{
    return make_config(invocation, config, 0);
}

void options_add_json(cJSON *object, const struct invocation *invocation, const void *config)
{
    add_config(object, invocation, config, 0);
}

void options_add_plan_json(cJSON *object, const struct invocation *invocation, const void *config)
{
    add_config(object, invocation, config, OPTION_CALL);
}
