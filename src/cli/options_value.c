#include "options_value.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/base/spaced.h"
#include "dlexp/cli/nearest.h"
#include "usage_error.h"

enum {
    MOST_VALUES = 100000, /* of a range: a slip such as 1..1000000000 is refused, not tried */
    PHRASE_SIZE = 192     /* a description of what was expected */
};

/* One value, or one element of a list. */
struct element {
    const char *text;
    size_t length;
    size_t position; /* from 1; 0 for a value that stands alone */
};

/* text[0..length) without the blanks around it: "0.01, 0.5" in quotes is a list as people write it. */
static struct element trimmed(const char *text, size_t length, size_t position)
{
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return (struct element){text, length, position};
}

bool options_value_is_list(const struct option *option)
{
    return option->type == OPTION_INTEGERS || option->type == OPTION_REALS;
}

static bool is_whole(const struct option *option)
{
    return option->type == OPTION_INTEGER || option->type == OPTION_COUNT || option->type == OPTION_INTEGERS ||
           option->type == OPTION_SEED;
}

void options_value_bounds(const struct option *option, double *low, double *high)
{
    double far = is_whole(option) ? 0x1p63 : DBL_MAX;
    bool unbounded = option->low == 0 && option->high == 0;
    *low = (unbounded && !option->low_open) || option->low <= -far ? -INFINITY : option->low;
    *high = unbounded || option->high >= far ? INFINITY : option->high;
}

static const char *format_bound(char buffer[NUMBER_TEXT_SIZE], const struct option *option, double bound)
{
    if (!is_whole(option))
        return number_format_real(buffer, bound);
    snprintf(buffer, NUMBER_TEXT_SIZE, "%.0f", bound);
    return buffer;
}

/* "an integer from 1 to 1000000", "a number > 0", ... */
static const char *describe(char phrase[PHRASE_SIZE], const struct option *option)
{
    const char *noun = is_whole(option) ? "an integer" : "a number";
    char low_text[NUMBER_TEXT_SIZE], high_text[NUMBER_TEXT_SIZE];
    double low, high;
    options_value_bounds(option, &low, &high);
    format_bound(low_text, option, low);
    format_bound(high_text, option, high);
    if (option->type == OPTION_SEED)
        snprintf(phrase, PHRASE_SIZE, "an integer from -2^63 to 2^64 - 1");
    else if (isinf(low) && isinf(high))
        snprintf(phrase, PHRASE_SIZE, "%s", noun);
    else if (isinf(high))
        snprintf(phrase, PHRASE_SIZE, "%s %s %s", noun, option->low_open ? ">" : ">=", low_text);
    else if (isinf(low))
        snprintf(phrase, PHRASE_SIZE, "%s <= %s", noun, high_text);
    else if (option->low_open || option->high_open)
        snprintf(phrase, PHRASE_SIZE, "%s %s %s and %s %s", noun, option->low_open ? ">" : ">=", low_text,
                 option->high_open ? "<" : "<=", high_text);
    else
        snprintf(phrase, PHRASE_SIZE, "%s from %s to %s", noun, low_text, high_text);
    if (option->flags & OPTION_AXIS && option->type == OPTION_SEED)
        strncat(phrase, " or a range such as 5..9", PHRASE_SIZE - strlen(phrase) - 1);
    else if (option->flags & OPTION_AXIS && option->flags & OPTION_LINEAR)
        strncat(phrase, " or a range such as 0..90:19", PHRASE_SIZE - strlen(phrase) - 1);
    return phrase;
}

/* why may be NULL: the value can be read but is not what is expected. */
static int refuse_value(const struct options_origin *origin, const struct element *element, const char *why)
{
    char quoted[QUOTE_SIZE], expected[PHRASE_SIZE];
    describe(expected, origin->option);
    usage_error_quote(quoted, element->text, element->length);
    if (element->length == 0)
        why = "empty";
    if (element->position == 0)
        return usage_error(origin->command, origin->err, "%s: expected %s, got '%s'%s%s%s", origin->label, expected,
                           quoted, why ? " (" : "", why ? why : "", why ? ")" : "");
    return usage_error(origin->command, origin->err, "%s: element %zu ('%s'): %s%sexpected %s", origin->label,
                       element->position, quoted, why ? why : "", why ? "; " : "", expected);
}

/* Whether a number lies between the option's bounds. */
static bool fits(const struct option *option, double value)
{
    double low, high;
    options_value_bounds(option, &low, &high);
    return !(value < low || value > high || (option->low_open && value <= low) || (option->high_open && value >= high));
}

static int read_real(const struct options_origin *origin, const struct element *element, double *value)
{
    const char *why = NULL;
    if (number_parse_real(element->text, element->length, value, &why) != 0)
        return refuse_value(origin, element, why);
    return fits(origin->option, *value) ? 0 : refuse_value(origin, element, NULL);
}

/* part is the text to read: the element itself, or one end of the range that the element is. */
static int read_integer(const struct options_origin *origin, const struct element *element, const struct element *part,
                        int64_t *value)
{
    const char *why = NULL;
    double low, high;
    if (number_parse_integer(part->text, part->length, value, &why) != 0)
        return refuse_value(origin, element, part == element ? why : "not a range of two integers");
    /* Compared as integers, since not every int64_t is a double. */
    options_value_bounds(origin->option, &low, &high);
    bool within = (isinf(low) || *value >= (int64_t)ceil(low)) && (isinf(high) || *value <= (int64_t)floor(high)) &&
                  !(origin->option->low_open && (double)*value == low) &&
                  !(origin->option->high_open && (double)*value == high);
    return within ? 0 : refuse_value(origin, element, NULL);
}

int64_t options_find(const char *text, size_t length, bool (*names)(size_t index, const char **name))
{
    const char *name;
    for (size_t i = 0; names(i, &name); i++)
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return (int64_t)i;
    return -1;
}

static int read_name(const struct options_origin *origin, const struct element *element, size_t *value)
{
    const struct option *option = origin->option;
    char known[1024] = "", quoted[QUOTE_SIZE], which[QUOTE_SIZE + 64], meant[QUOTE_SIZE] = "";
    struct nearest nearest;
    const char *name;
    size_t used = 0;

    const int64_t found = options_find(element->text, element->length, option->choice);
    if (found >= 0) {
        *value = (size_t)found;
        return 0;
    }
    nearest_begin(&nearest, element->text, element->length);
    for (size_t i = 0; option->choice(i, &name); i++) {
        nearest_offer(&nearest, name);
        if (used < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", name);
    }
    usage_error_quote(quoted, element->text, element->length);
    if (element->position == 0)
        snprintf(which, sizeof which, "unknown name '%s'", quoted);
    else
        snprintf(which, sizeof which, "element %zu ('%s'): unknown name", element->position, quoted);
    if (nearest.best != NULL)
        snprintf(meant, sizeof meant, "; did you mean '%s'?", nearest.best);
    return usage_error(origin->command, origin->err, "%s: %s; known: %s%s", origin->label, which, known, meant);
}

int64_t options_seed(uint64_t bits)
{
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

/* The first ".." in the element, or NULL. */
static const char *find_dots(const struct element *element)
{
    for (size_t i = 0; i + 1 < element->length; i++)
        if (element->text[i] == '.' && element->text[i + 1] == '.')
            return element->text + i;
    return NULL;
}

/* A seed as it was typed: 65 bits, which no integer of C has.  bits: the value mod 2^64, which is what it means. */
struct seed {
    bool negative;
    uint64_t bits;
};

/* As read_integer, for -2^63 to 2^64 - 1. */
static int read_seed(const struct options_origin *origin, const struct element *element, const struct element *part,
                     struct seed *seed)
{
    const char *why = NULL;
    int64_t value;
    if (number_parse_integer(part->text, part->length, &value, &why) == 0) {
        *seed = (struct seed){value < 0, (uint64_t)value};
        return 0;
    }
    if (number_parse_unsigned(part->text, part->length, &seed->bits, &why) == 0) {
        seed->negative = false;
        return 0;
    }
    return refuse_value(origin, element, part == element ? why : "not a range of two integers");
}

/* How many seeds come after `first` up to `last`, at most UINT64_MAX; false where the range runs downwards. */
static bool count_others(struct seed first, struct seed last, uint64_t *others)
{
    const bool crosses = first.negative && !last.negative; /* and so does not wrap at 2^64, but at 2^65 */
    *others = last.bits - first.bits;
    if (crosses && last.bits >= first.bits)
        *others = UINT64_MAX;
    return crosses || (first.negative == last.negative && first.bits <= last.bits);
}

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
        *low = trimmed(element->text, length, 0);
        *high = trimmed(dots + 2, element->length - length - 2, 0);
    }
}

static int read_seeds(const struct options_origin *origin, const struct element *element, struct axis *list)
{
    struct seed first, last;
    struct element low, high;
    uint64_t others;
    char quoted[QUOTE_SIZE];
    split_range(element, find_dots(element), &low, &high);
    const bool range = find_dots(element) != NULL;
    if (read_seed(origin, element, range ? &low : element, &first) != 0 ||
        read_seed(origin, element, range ? &high : element, &last) != 0)
        return -1;
    if (!count_others(first, last, &others))
        return refuse_value(origin, element, "a range runs upwards, FIRST..LAST");
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
        return refuse_value(origin, element, shape);
    const struct element number = trimmed(colon + 1, high.length - (size_t)(colon + 1 - high.text), 0);
    high = trimmed(high.text, (size_t)(colon - high.text), 0);
    if (number_parse_real(low.text, low.length, &a, &why) != 0 ||
        number_parse_real(high.text, high.length, &b, &why) != 0 ||
        number_parse_integer(number.text, number.length, &count, &why) != 0 || !(a < b) || !isfinite(b - a) ||
        (!linear && a <= 0) || count < 2 || count > MOST_VALUES)
        return refuse_value(origin, element, shape);
    if (!fits(origin->option, a) || !fits(origin->option, b))
        return refuse_value(origin, element, NULL);
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
        return read_integer(origin, element, element, field);
    case OPTION_COUNT:
        if (read_integer(origin, element, element, &integer) != 0)
            return -1;
        *(size_t *)field = (size_t)integer;
        return 0;
    case OPTION_REAL:
    case OPTION_REALS:
        return read_real(origin, element, field);
    case OPTION_NAME:
        return read_name(origin, element, field);
    case OPTION_SEED:
        if (read_seed(origin, element, element, &seed) != 0)
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
    const char *dots = find_dots(element);
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
        struct element element = trimmed(start, length, several ? elements + 1 : 0);
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
                           origin->option->exactly, origin->option->exactly == 1 ? "" : "s", elements,
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

int options_value_read(const struct options_origin *origin, const char *text, void *field)
{
    if (options_value_is_list(origin->option))
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

int options_value_read_axis(const struct options_origin *origin, const char *text, struct axis *axis)
{
    if (!options_value_is_list(origin->option))
        return read_list(origin, text, axis);
    void *next = extend(axis, 1, options_value_size(origin->option));
    if (next == NULL)
        return error_out_of_memory(origin->err, "a list");
    const int status = read_list_value(origin, text, next);
    axis->count += status == 0;
    return status;
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
