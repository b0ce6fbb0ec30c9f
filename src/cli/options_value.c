/* The values of an option, with lists and ranges. */
#include "options_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/number.h"
#include "dlexp/base/spaced.h"
#include "hints.h"
#include "options_element.h"
#include "usage_error.h"

enum { MOST_VALUES = 100000 }; /* of a range: a slip such as 1..1000000000 is refused, not tried */

/* Room for `more` further elements of this size, where the list ends; NULL without memory.  Capacities are powers of
 * two, so that the count tells them. */
static void *extend(struct axis *list, size_t more, size_t size)
{
    size_t capacity = 8;
    while (capacity < list->count + more)
        capacity *= 2;
    void *values = realloc(list->values, capacity * size);
    if (values == NULL)
        return NULL;
    list->values = values;
    return (char *)values + list->count * size;
}

/* The elements before and behind the dots; both the element itself where there are none. */
static void split_range(const struct element *element, const char *dots, struct element *low, struct element *high)
{
    *low = *high = *element;
    if (dots != NULL) {
        const size_t length = (size_t)(dots - element->text);
        *low = options_element_trimmed(element->text, length, 0);
        *high = options_element_trimmed(dots + 2, element->length - length - 2, 0);
    }
}

static int read_seeds(const struct options_origin *origin, const struct element *element, struct axis *list)
{
    struct seed first, last;
    struct element low, high;
    uint64_t others;
    char quoted[QUOTE_SIZE];
    split_range(element, options_element_dots(element), &low, &high);
    const bool range = options_element_dots(element) != NULL;
    char hint[HINT_SIZE];
    if (hints_range(hint, element->text, element->length))
        return usage_error(origin->command, origin->err,
                           "%s: expected an integer or a range such as 5..9, got '%s'; did you mean '%s'?",
                           origin->label, usage_error_quote(quoted, element->text, element->length), hint);
    if (options_element_seed(origin, element, range ? &low : element, &first) != 0 ||
        options_element_seed(origin, element, range ? &high : element, &last) != 0)
        return -1;
    if (!options_element_count_others(first, last, &others))
        return options_element_refuse(origin, element, "a range runs upwards, FIRST..LAST");
    if (others >= MOST_VALUES || list->count + others >= MOST_VALUES)
        return usage_error(origin->command, origin->err, "%s: expected at most %d seeds in all, got more with '%s'",
                           origin->label, MOST_VALUES, usage_error_quote(quoted, element->text, element->length));
    int64_t *next = extend(list, (size_t)others + 1, sizeof *next);
    if (next == NULL)
        return error_out_of_memory(origin->err, "the list of seeds");
    for (uint64_t i = 0; i <= others; i++)
        next[i] = options_seed(first.bits + i);
    list->count += (size_t)others + 1;
    return 0;
}

/* A..B:N into N numbers. */
static int read_reals(const struct options_origin *origin, const struct element *element, const char *dots,
                      struct axis *list)
{
    const bool linear = origin->option->flags & OPTION_LINEAR;
    const char *shape = linear ? "a range is A..B:N with A < B and N from 2 to 100000"
                               : "a range is A..B:N with 0 < A < B and N from 2 to 100000";
    struct element low, high;
    double a, b;
    int64_t count;
    const char *why;
    split_range(element, dots, &low, &high);
    const char *colon = memchr(high.text, ':', high.length);
    if (colon == NULL)
        return options_element_refuse(origin, element, shape);
    const struct element number = options_element_trimmed(colon + 1, high.length - (size_t)(colon + 1 - high.text), 0);
    high = options_element_trimmed(high.text, (size_t)(colon - high.text), 0);
    if (number_parse_real(low.text, low.length, &a, &why) != 0 ||
        number_parse_real(high.text, high.length, &b, &why) != 0 ||
        number_parse_integer(number.text, number.length, &count, &why) != 0 || !(a < b) || !isfinite(b - a) ||
        (!linear && a <= 0) || count < 2 || count > MOST_VALUES)
        return options_element_refuse(origin, element, shape);
    if (!options_element_fits(origin->option, a) || !options_element_fits(origin->option, b))
        return options_element_refuse(origin, element, NULL);
    double *next = extend(list, (size_t)count, sizeof *next);
    if (next == NULL)
        return error_out_of_memory(origin->err, "a list");
    for (size_t i = 0; i < (size_t)count; i++)
        next[i] = linear ? a + (b - a) * (double)i / (double)(count - 1) : spaced_geometric(a, b, i, (size_t)count);
    list->count += (size_t)count;
    return 0;
}

/* One value that is no list. */
static int read_scalar(const struct options_origin *origin, const struct element *element, void *field)
{
    int64_t integer;
    struct seed seed;
    switch (origin->option->type) {
    case OPTION_INTEGER:
    case OPTION_INTEGERS:
        return options_element_integer(origin, element, element, field);
    case OPTION_COUNT:
        if (options_element_integer(origin, element, element, &integer) != 0)
            return -1;
        *(size_t *)field = (size_t)integer;
        return 0;
    case OPTION_REAL:
    case OPTION_REALS:
        return options_element_real(origin, element, field);
    case OPTION_NAME:
        return options_element_name(origin, element, field);
    case OPTION_SEED:
        if (options_element_seed(origin, element, element, &seed) != 0)
            return -1;
        *(int64_t *)field = options_seed(seed.bits);
        return 0;
    case OPTION_FLAG:
    case OPTION_TEXT:
        break; /* options_value_read keeps these away */
    }
    return error_set(origin->err, ERROR_RUN, "%s: no value that can be read element by element", origin->label);
}

/* Bytes of what read_scalar fills in. */
static size_t scalar_size(enum option_type type)
{
    switch (type) {
    case OPTION_FLAG:
        return sizeof(bool);
    case OPTION_COUNT:
    case OPTION_NAME:
        return sizeof(size_t);
    case OPTION_REAL:
    case OPTION_REALS:
        return sizeof(double);
    case OPTION_TEXT:
        return sizeof(const char *);
    case OPTION_INTEGER:
    case OPTION_SEED:
    case OPTION_INTEGERS:
        break;
    }
    return sizeof(int64_t);
}

size_t options_value_size(const struct option *option)
{
    if (option->type == OPTION_INTEGERS)
        return sizeof(struct integers);
    if (option->type == OPTION_REALS)
        return option->exactly > 0 ? option->exactly * sizeof(double) : sizeof(struct reals);
    return scalar_size(option->type);
}

static int read_element(const struct options_origin *origin, const struct element *element, struct axis *list)
{
    const enum option_type type = origin->option->type;
    const char *dots = options_element_dots(element);
    if (type == OPTION_SEED)
        return read_seeds(origin, element, list);
    if (type == OPTION_REAL && dots != NULL)
        return read_reals(origin, element, dots, list);
    void *next = extend(list, 1, scalar_size(type));
    if (next == NULL)
        return error_out_of_memory(origin->err, "a list");
    const int status = read_scalar(origin, element, next);
    list->count += status == 0;
    return status;
}

/* The comma-separated elements, after those that are in the list. */
static int read_list(const struct options_origin *origin, const char *text, struct axis *list)
{
    size_t elements = 0;
    bool several = strchr(text, ',') != NULL;
    if (origin->option->flags & OPTION_MAY_EMPTY && strcmp(text, "none") == 0)
        return 0;
    for (const char *start = text;; elements++) {
        size_t length = strcspn(start, ",");
        struct element element = options_element_trimmed(start, length, several ? elements + 1 : 0);
        if (read_element(origin, &element, list) != 0)
            return -1;
        if (start[length] == '\0')
            break;
        start += length + 1;
    }
    elements++;
    if (origin->option->exactly != 0 && elements != origin->option->exactly) {
        char quoted[QUOTE_SIZE];
        return usage_error(origin->command, origin->err,
                           "%s: expected exactly %zu value%s, separated by commas, got %zu ('%s')", origin->label,
                           origin->option->exactly, plural_end(origin->option->exactly, "value"), elements,
                           usage_error_quote(quoted, text, strlen(text)));
    }
    return 0;
}

/* A list as the value of a field (OPTION_INTEGERS, OPTION_REALS); it is taken where the field keeps it. */
static void store_list(const struct option *option, struct axis *list, void *field)
{
    if (option->type == OPTION_INTEGERS) {
        *(struct integers *)field = (struct integers){list->values, list->count};
    } else if (option->exactly == 0) {
        *(struct reals *)field = (struct reals){list->values, list->count};
    } else {
        memcpy(field, list->values, option->exactly * sizeof(double));
        free(list->values);
    }
}

static int read_list_value(const struct options_origin *origin, const char *text, void *field)
{
    struct axis list = {0};
    if (read_list(origin, text, &list) != 0) {
        free(list.values);
        return -1;
    }
    store_list(origin->option, &list, field);
    return 0;
}

static int read_one(const struct options_origin *origin, const char *text, void *field)
{
    if (options_element_is_list(origin->option))
        return read_list_value(origin, text, field);
    if (origin->option->type == OPTION_TEXT) {
        if (*text == '\0')
            return usage_error(origin->command, origin->err, "%s: expected %s, got '' (empty)", origin->label,
                               origin->option->value);
        *(const char **)field = text;
        return 0;
    }
    struct element whole = {text, strlen(text), 0};
    return read_scalar(origin, &whole, field);
}

static int read_several(const struct options_origin *origin, const char *text, struct axis *axis)
{
    if (!options_element_is_list(origin->option))
        return read_list(origin, text, axis);
    void *next = extend(axis, 1, options_value_size(origin->option));
    if (next == NULL)
        return error_out_of_memory(origin->err, "a list");
    const int status = read_list_value(origin, text, next);
    axis->count += status == 0;
    return status;
}

/* A decimal comma, where the text is surely no list of numbers, or cannot be one. */
static int refuse_decimal(const struct options_origin *origin, const char *text, bool unread)
{
    const enum option_type type = origin->option->type;
    char hint[HINT_SIZE], quoted[QUOTE_SIZE];
    bool certain;
    if ((type != OPTION_REAL && type != OPTION_REALS) || !hints_decimal(hint, text, &certain) || !(certain || unread) ||
        (unread && origin->err->code != ERROR_USAGE))
        return unread ? -1 : 0;
    return usage_error(origin->command, origin->err,
                       "%s: '%s': a comma separates numbers, a decimal has a point; did you mean '%s'?", origin->label,
                       usage_error_quote(quoted, text, strlen(text)), hint);
}

/* What cannot be read, because of marks that other programs have between numbers or within them? */
static int refuse_marks(const struct options_origin *origin, const char *text)
{
    const enum option_type type = origin->option->type;
    char hint[HINT_SIZE], quoted[QUOTE_SIZE];
    const bool list = origin->option->flags & OPTION_AXIS || options_element_is_list(origin->option);
    if (!list || origin->err->code != ERROR_USAGE ||
        !hints_semicolons(hint, text, type == OPTION_REAL || type == OPTION_REALS))
        return refuse_decimal(origin, text, true);
    return usage_error(origin->command, origin->err, "%s: '%s': commas separate values; did you mean '%s'?",
                       origin->label, usage_error_quote(quoted, text, strlen(text)), hint);
}

int options_value_read(const struct options_origin *origin, const char *text, void *field)
{
    if (refuse_decimal(origin, text, false) != 0)
        return -1;
    return read_one(origin, text, field) != 0 ? refuse_marks(origin, text) : 0;
}

int options_value_read_axis(const struct options_origin *origin, const char *text, struct axis *axis)
{
    if (refuse_decimal(origin, text, false) != 0)
        return -1;
    return read_several(origin, text, axis) != 0 ? refuse_marks(origin, text) : 0;
}

int options_value_take(const struct options_origin *origin, const char *text, struct invocation *invocation,
                       void *config)
{
    const struct option *option = origin->option;
    if (option->flags & OPTION_AXIS)
        return options_value_read_axis(origin, text, &invocation->axes[option - invocation->command->options]);
    return options_value_read(origin, text, (char *)config + option->offset);
}

void options_value_free(const struct option *option, void *field)
{
    if (option->type == OPTION_INTEGERS) {
        free(((struct integers *)field)->values);
        *(struct integers *)field = (struct integers){0};
    } else if (option->type == OPTION_REALS && option->exactly == 0) {
        free(((struct reals *)field)->values);
        *(struct reals *)field = (struct reals){0};
    }
}
