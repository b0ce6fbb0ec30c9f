/* Options from a file of JSON: each value becomes the text that one would type, and is read as such. */
#include "options_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "options_common.h"
#include "options_names.h"
#include "options_value.h"
#include "usage_error.h"

enum { LABEL_SIZE = 512 }; /* of a file's name with a key */

/* What the parts of one reading share. */
struct reading {
    struct invocation *invocation;
    const char *path;
    const cJSON *given; /* names of the options that count as given; NULL: all */
    bool *stood;        /* stood[i]: row i stands in the file */
    void *config;
    struct error *err;
};

/* ERROR_DATA: the mistake is in a file. */
static int refuse(const struct reading *reading, const char *key, const char *expected, const char *got)
{
    usage_error(reading->invocation->command, reading->err, "%s%s%s: expected %s, got %s", reading->path,
                *key ? ": " : "", key, expected, got);
    reading->err->code = ERROR_DATA;
    return -1;
}

static const char *type_of(const cJSON *item)
{
    return cJSON_IsBool(item)     ? cJSON_IsTrue(item) ? "true" : "false"
           : cJSON_IsNumber(item) ? "a number"
           : cJSON_IsString(item) ? "a string"
           : cJSON_IsArray(item)  ? "an array"
           : cJSON_IsObject(item) ? "an object"
                                  : "null";
}

static bool takes_list(const struct option *option)
{
    return option->flags & OPTION_AXIS || options_element_is_list(option);
}

static const char *expected_type(const struct option *option)
{
    switch (option->type) {
    case OPTION_FLAG:
        return "true or false";
    case OPTION_TEXT:
        return "a string";
    case OPTION_NAME:
        return takes_list(option) ? "a name or an array of names" : "a name as a string";
    default:
        return takes_list(option) ? "a number, an array of numbers, or a string as one would type it"
                                  : "a number, or a string as one would type it";
    }
}

/* The text of a number or a string, as one would type it. */
static int write_scalar(const struct reading *reading, const struct option *option, const cJSON *item, FILE *out)
{
    char text[NUMBER_TEXT_SIZE];
    if (cJSON_IsString(item)) {
        fputs(item->valuestring, out);
        return 0;
    }
    if (!cJSON_IsNumber(item))
        return refuse(reading, option->name, expected_type(option), type_of(item));
    const double value = item->valuedouble;
    if (fabs(value) > 0x1p53 && isfinite(value) && option->type != OPTION_REAL && option->type != OPTION_REALS)
        return refuse(reading, option->name, "an integer beyond 2^53 as a string, as readers of JSON round numbers",
                      "a number");
    if (value == floor(value) && fabs(value) <= 0x1p53)
        fprintf(out, "%.0f", value);
    else
        fputs(number_format_real(text, value), out);
    return 0;
}

/* A number, or an array as a list with commas; malloc'ed, or NULL and an error. */
static char *make_text(const struct reading *reading, const struct option *option, const cJSON *item)
{
    struct output output;
    struct error ignored;
    const cJSON *element;
    int result = 0;
    if (output_open(&output, reading->err) < 0)
        return NULL;
    if (!cJSON_IsArray(item))
        result = write_scalar(reading, option, item, output.stream);
    else if (cJSON_GetArraySize(item) == 0 && option->flags & OPTION_MAY_EMPTY)
        fputs("none", output.stream);
    else
        cJSON_ArrayForEach(element, item)
        {
            fputs(element == item->child ? "" : ",", output.stream);
            if (result == 0)
                result = write_scalar(reading, option, element, output.stream);
        }
    char *text = output_take(&output, result == 0 ? reading->err : &ignored);
    if (result < 0) {
        free(text);
        text = NULL;
    }
    return text;
}

/* The value of a row, or, where that may have several lists, an array of them. */
static int read_item(const struct reading *reading, const struct option *option, const char *label, const cJSON *item)
{
    const struct options_origin origin = {reading->invocation->command, option, label, reading->err};
    const cJSON *element;
    if (option->type == OPTION_FLAG && cJSON_IsBool(item)) {
        *(bool *)((char *)reading->config + option->offset) = cJSON_IsTrue(item);
        return 0;
    }
    if (option->type == OPTION_FLAG || cJSON_IsBool(item) || cJSON_IsObject(item) ||
        (cJSON_IsArray(item) && !takes_list(option)) || (option->type == OPTION_TEXT && !cJSON_IsString(item)))
        return refuse(reading, option->name, expected_type(option), type_of(item));
    if (cJSON_IsArray(item->child) && option->flags & OPTION_AXIS && options_element_is_list(option)) {
        cJSON_ArrayForEach(element, item)
        {
            if (read_item(reading, option, label, element) < 0)
                return -1;
        }
        return 0;
    }
    char *text = cJSON_IsString(item) ? NULL : make_text(reading, option, item);
    if (!cJSON_IsString(item) && !text)
        return -1;
    const int result =
        options_value_take(&origin, text ? text : item->valuestring, reading->invocation, reading->config);
    if (result < 0 && reading->err->code == ERROR_USAGE)
        reading->err->code = ERROR_DATA;
    free(text);
    return result;
}

/* What stands for a value that is not given, as options_to_json has it. */
static bool is_absent(const struct option *option, const cJSON *item)
{
    return cJSON_IsNull(item) || (cJSON_IsArray(item) && !item->child && options_element_is_list(option) &&
                                  !(option->flags & OPTION_MAY_EMPTY) && !option->initial);
}

static bool is_given(const struct reading *reading, const struct option *option)
{
    const cJSON *name;
    bool given = !reading->given;
    cJSON_ArrayForEach(name, reading->given)
    {
        const char *text = cJSON_GetStringValue(name);
        given |= text && options_names_has(option, text, strlen(text));
    }
    return given;
}

/* One more, where the command takes several. */
static int add_operand(const struct reading *reading, char *text)
{
    struct invocation *invocation = reading->invocation;
    const char **field = (const char **)(void *)((char *)reading->config + invocation->command->operand_offset);
    if (!*field) {
        *field = text;
        return 0;
    }
    char **grown = realloc(invocation->further, (invocation->further_count + 2) * sizeof *grown);
    if (!grown)
        return error_out_of_memory(reading->err, "the configuration");
    invocation->further = grown;
    grown[invocation->further_count++] = text;
    return 0;
}

/* The member "operand", of a command that takes several also an array; the command line's win. */
static int read_operand(const struct reading *reading, const cJSON *item)
{
    const struct command *command = reading->invocation->command;
    const char *const *field = (const char *const *)(const void *)((char *)reading->config + command->operand_offset);
    const char *expected = command->operands ? "a string or an array of strings" : "a string";
    const bool several = command->operands && cJSON_IsArray(item) && item->child;
    int result = 0;
    if (cJSON_IsNull(item) || *field)
        return 0;
    for (const cJSON *one = several ? item->child : item; one && result == 0; one = several ? one->next : NULL)
        result = cJSON_IsString(one) && *one->valuestring
                     ? add_operand(reading, one->valuestring)
                     : refuse(reading, item->string, expected, cJSON_IsString(one) ? "\"\"" : type_of(one));
    return result;
}

static int read_member(const struct reading *reading, const cJSON *item)
{
    const struct command *command = reading->invocation->command;
    const char *key = item->string;
    const struct option *option = options_names_find(command->options, key, strlen(key));
    char label[LABEL_SIZE], quoted[QUOTE_SIZE], meant[1024];
    if (command->operand && strcmp(key, "operand") == 0)
        return read_operand(reading, item);
    if (!option) {
        options_names_meant(meant, sizeof meant, reading->invocation, key, strlen(key), "");
        if (options_names_find(options_common, key, strlen(key)))
            snprintf(meant, sizeof meant, ", which only the command line can give");
        usage_error(command, reading->err, "%s: unknown key '%s' for 'dlexp %s'%s", reading->path,
                    usage_error_quote(quoted, key, strlen(key)), command->name, meant);
        reading->err->code = ERROR_DATA;
        return -1;
    }
    const size_t row = (size_t)(option - command->options);
    if (reading->stood[row])
        return refuse(reading, key, "every option once", "a second value");
    reading->stood[row] = true;
    if (reading->invocation->filled[row] || is_absent(option, item))
        return 0;
    snprintf(label, sizeof label, "%s: %s", reading->path, key);
    if (read_item(reading, option, label, item) < 0)
        return -1;
    reading->invocation->filled[row] = true;
    reading->invocation->given[row] = is_given(reading, option);
    return 0;
}

static int refuse_syntax(const struct reading *reading, const char *text, const char *end)
{
    size_t line = 1, column = 1;
    for (const char *p = text; p < end; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    return error_set(
        reading->err, ERROR_DATA,
        "%s:%zu:%zu: expected a JSON object such as {\"lr\": [0.01, 0.5], \"seeds\": \"1..10\"}, got what is "
        "not JSON from here on",
        reading->path, line, column);
}

/* The file as invocation->file, which owns it. */
static int parse(const struct reading *reading)
{
    unsigned char *text = NULL;
    size_t size;
    const char *end = NULL;
    int result = 0;
    if (file_read(reading->path, &text, &size, reading->err) < 0)
        return -1;
    cJSON *root;
    const int parsed = json_parse(&root, (const char *)text, &end, reading->path, reading->err);
    reading->invocation->file = root;
    if (parsed < 0)
        result = -1;
    else if (!root)
        result = refuse_syntax(reading, (const char *)text, end);
    else if (!cJSON_IsObject(root))
        result = refuse(reading, "", "a JSON object {\"name\": value}", type_of(root));
    free(text);
    return result;
}

/* The members that are options: the file's own, or those of a run.json. */
static int find_members(struct reading *reading, const cJSON **members)
{
    const struct command *command = reading->invocation->command;
    const cJSON *root = reading->invocation->file;
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(root, "config");
    const char *experiment = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "experiment"));
    *members = root;
    if (!cJSON_IsObject(config))
        return 0;
    *members = config;
    if (experiment && strcmp(experiment, command->name) != 0)
        return error_set(reading->err, ERROR_DATA,
                         "%s: expected the configuration of a call of 'dlexp %s', got one of 'dlexp %s'; give it to "
                         "that command",
                         reading->path, command->name, experiment);
    reading->given = cJSON_GetObjectItemCaseSensitive(root, "given");
    if (!cJSON_IsArray(reading->given))
        return error_set(
            reading->err, ERROR_DATA,
            "%s: expected beside \"config\" the array \"given\", the options that the call gave, got %s, as "
            "earlier versions wrote it; give the options of its \"command_line\" instead",
            reading->path, reading->given ? type_of(reading->given) : "none");
    return 0;
}

int options_file_read(struct invocation *invocation, const char *path, void *config, struct error *err)
{
    struct reading reading = {.invocation = invocation, .path = path, .config = config, .err = err};
    const cJSON *members, *item;
    size_t rows = 0;
    int result = 0;
    if (parse(&reading) < 0 || find_members(&reading, &members) < 0)
        return -1;
    while (invocation->command->options[rows].name)
        rows++;
    reading.stood = calloc(rows + 1, sizeof *reading.stood);
    if (!reading.stood)
        return error_out_of_memory(err, "the configuration");
    cJSON_ArrayForEach(item, members)
    {
        if (result == 0)
            result = read_member(&reading, item);
    }
    free(reading.stood);
    return result;
}
