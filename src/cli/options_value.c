#include "options_value.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/nearest.h"
#include "usage_error.h"

enum {
    MOST_SEEDS = 100000, /* in one list: a slip such as 1..1000000000 is refused, not tried */
    PHRASE_SIZE = 192    /* a description of what was expected */
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
    return option->type == OPTION_INTEGERS || option->type == OPTION_SEEDS || option->type == OPTION_REALS ||
           option->type == OPTION_NAMES;
}

static bool is_seed(const struct option *option)
{
    return option->type == OPTION_SEED || option->type == OPTION_SEEDS;
}

static bool is_whole(const struct option *option)
{
    return option->type == OPTION_INTEGER || option->type == OPTION_INTEGERS || is_seed(option);
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
    if (is_seed(option))
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
    if (option->type == OPTION_SEEDS)
        strncat(phrase, " or a range such as 5..9", PHRASE_SIZE - strlen(phrase) - 1);
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

static int read_real(const struct options_origin *origin, const struct element *element, double *value)
{
    const char *why = NULL;
    double low, high;
    if (number_parse_real(element->text, element->length, value, &why) != 0)
        return refuse_value(origin, element, why);
    options_value_bounds(origin->option, &low, &high);
    if (*value < low || *value > high || (origin->option->low_open && *value <= low) ||
        (origin->option->high_open && *value >= high))
        return refuse_value(origin, element, NULL);
    return 0;
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
    bool fits = (isinf(low) || *value >= (int64_t)ceil(low)) && (isinf(high) || *value <= (int64_t)floor(high)) &&
                !(origin->option->low_open && (double)*value == low) &&
                !(origin->option->high_open && (double)*value == high);
    return fits ? 0 : refuse_value(origin, element, NULL);
}

int64_t options_find(const char *text, size_t length, bool (*names)(size_t index, const char **name))
{
    const char *name;
    for (size_t i = 0; names(i, &name); i++)
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return (int64_t)i;
    return -1;
}

static int read_name(const struct options_origin *origin, const struct element *element, int64_t *value)
{
    const struct option *option = origin->option;
    char known[1024] = "", quoted[QUOTE_SIZE], which[QUOTE_SIZE + 64], meant[QUOTE_SIZE] = "";
    struct nearest nearest;
    const char *name;
    size_t used = 0;

    *value = options_find(element->text, element->length, option->choice);
    if (*value >= 0)
        return 0;
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

/* Room for `more` further values; capacities are powers of two, so that the count tells them. */
static int64_t *integers_extend(struct integers *list, size_t more)
{
    size_t capacity = 8;
    while (capacity < list->count + more)
        capacity *= 2;
    int64_t *values = realloc(list->values, capacity * sizeof *values);
    if (values != NULL)
        list->values = values;
    return values;
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

static int read_seeds(const struct options_origin *origin, const struct element *element, struct integers *list)
{
    struct seed first, last;
    uint64_t others;
    const char *dots = find_dots(element);
    char quoted[QUOTE_SIZE];
    if (dots == NULL) {
        if (read_seed(origin, element, element, &first) != 0)
            return -1;
        last = first;
    } else {
        size_t length = (size_t)(dots - element->text);
        struct element low = trimmed(element->text, length, 0);
        struct element high = trimmed(dots + 2, element->length - length - 2, 0);
        if (read_seed(origin, element, &low, &first) != 0 || read_seed(origin, element, &high, &last) != 0)
            return -1;
    }
    if (!count_others(first, last, &others))
        return refuse_value(origin, element, "a range runs upwards, FIRST..LAST");
    if (others >= MOST_SEEDS || list->count + others >= MOST_SEEDS)
        return usage_error(origin->command, origin->err, "%s: expected at most %d seeds in all, got more with '%s'",
                           origin->label, MOST_SEEDS, usage_error_quote(quoted, element->text, element->length));
    if (integers_extend(list, (size_t)others + 1) == NULL)
        return error_out_of_memory(origin->err, "the list of seeds");
    for (uint64_t i = 0; i <= others; i++)
        list->values[list->count++] = options_seed(first.bits + i);
    return 0;
}

static int read_element(const struct options_origin *origin, const struct element *element, void *field)
{
    struct integers *integers = field;
    struct reals *reals = field;
    switch (origin->option->type) {
    case OPTION_INTEGER:
        return read_integer(origin, element, element, field);
    case OPTION_REAL:
        return read_real(origin, element, field);
    case OPTION_NAME:
        return read_name(origin, element, field);
    case OPTION_SEED: {
        struct seed seed;
        if (read_seed(origin, element, element, &seed) != 0)
            return -1;
        *(int64_t *)field = options_seed(seed.bits);
        return 0;
    }
    case OPTION_SEEDS:
        return read_seeds(origin, element, integers);
    case OPTION_INTEGERS:
    case OPTION_NAMES: {
        if (integers_extend(integers, 1) == NULL)
            return error_out_of_memory(origin->err, "a list");
        int64_t *next = &integers->values[integers->count];
        int status = origin->option->type == OPTION_NAMES ? read_name(origin, element, next)
                                                          : read_integer(origin, element, element, next);
        integers->count += status == 0;
        return status;
    }
    case OPTION_REALS: {
        double *values = realloc(reals->values, (reals->count + 1) * sizeof *values);
        if (values == NULL)
            return error_out_of_memory(origin->err, "a list");
        reals->values = values;
        if (read_real(origin, element, &values[reals->count]) != 0)
            return -1;
        reals->count++;
        return 0;
    }
    case OPTION_FLAG:
    case OPTION_TEXT:
        break; /* read_value keeps these away */
    }
    return error_set(origin->err, ERROR_RUN, "%s: no value that can be read element by element", origin->label);
}

static int read_list(const struct options_origin *origin, const char *text, void *field)
{
    size_t elements = 0;
    bool several = strchr(text, ',') != NULL;
    for (const char *start = text;; elements++) {
        size_t length = strcspn(start, ",");
        struct element element = trimmed(start, length, several ? elements + 1 : 0);
        if (read_element(origin, &element, field) != 0)
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

int options_value_read(const struct options_origin *origin, const char *text, void *config)
{
    void *field = (char *)config + origin->option->offset;
    if (options_value_is_list(origin->option))
        return read_list(origin, text, field);
    if (origin->option->type == OPTION_TEXT) {
        if (*text == '\0')
            return usage_error(origin->command, origin->err, "%s: expected %s, got '' (empty)", origin->label,
                               origin->option->value);
        *(const char **)field = text;
        return 0;
    }
    struct element whole = {text, strlen(text), 0};
    return read_element(origin, &whole, field);
}
