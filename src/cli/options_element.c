/* One value as it was typed: read, held against its option, refused. */
#include "options_element.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/nearest.h"
#include "hints.h"
#include "usage_error.h"

enum { PHRASE_SIZE = 192 }; /* a description of what was expected */

/* text[0..length) without the blanks around it: "0.01, 0.5" in quotes is a list as people write it. */
struct element options_element_trimmed(const char *text, size_t length, size_t position)
{
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return (struct element){text, length, position};
}

bool options_element_is_list(const struct option *option)
{
    return option->type == OPTION_INTEGERS || option->type == OPTION_REALS;
}

static bool is_whole(const struct option *option)
{
    return option->type == OPTION_INTEGER || option->type == OPTION_COUNT || option->type == OPTION_INTEGERS ||
           option->type == OPTION_SEED;
}

void options_element_bounds(const struct option *option, double *low, double *high)
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
    options_element_bounds(option, &low, &high);
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
int options_element_refuse(const struct options_origin *origin, const struct element *element, const char *why)
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
bool options_element_fits(const struct option *option, double value)
{
    double low, high;
    options_element_bounds(option, &low, &high);
    return !(value < low || value > high || (option->low_open && value <= low) || (option->high_open && value >= high));
}

int options_element_real(const struct options_origin *origin, const struct element *element, double *value)
{
    const char *why = NULL;
    if (number_parse_real(element->text, element->length, value, &why) != 0)
        return options_element_refuse(origin, element, why);
    return options_element_fits(origin->option, *value) ? 0 : options_element_refuse(origin, element, NULL);
}

/* part is the text to read: the element itself, or one end of the range that the element is. */
int options_element_integer(const struct options_origin *origin, const struct element *element,
                            const struct element *part, int64_t *value)
{
    const char *why = NULL;
    double low, high;
    char hint[HINT_SIZE], quoted[QUOTE_SIZE];
    const bool read = number_parse_integer(part->text, part->length, value, &why) == 0;
    if (!read && origin->option->type == OPTION_INTEGERS && hints_list(hint, element->text, element->length))
        return usage_error(origin->command, origin->err,
                           "%s: expected numbers separated by commas, got '%s'; did you mean '%s'?", origin->label,
                           usage_error_quote(quoted, element->text, element->length), hint);
    if (!read)
        return options_element_refuse(origin, element, part == element ? why : "not a range of two integers");
    /* Compared as integers, since not every int64_t is a double. */
    options_element_bounds(origin->option, &low, &high);
    bool within = (isinf(low) || *value >= (int64_t)ceil(low)) && (isinf(high) || *value <= (int64_t)floor(high)) &&
                  !(origin->option->low_open && (double)*value == low) &&
                  !(origin->option->high_open && (double)*value == high);
    return within ? 0 : options_element_refuse(origin, element, NULL);
}

int64_t options_find(const char *text, size_t length, bool (*names)(size_t index, const char **name))
{
    const char *name;
    for (size_t i = 0; names(i, &name); i++)
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return (int64_t)i;
    return -1;
}

int options_element_name(const struct options_origin *origin, const struct element *element, size_t *value)
{
    const struct option *option = origin->option;
    char known[1024] = "", quoted[QUOTE_SIZE], which[QUOTE_SIZE + 64], meant[HINT_SIZE] = "";
    char hint[HINT_SIZE];
    struct nearest nearest;
    const char *name;
    size_t used = 0;

    const int64_t found = options_find(element->text, element->length, option->choice);
    if (found >= 0) {
        *value = option->meant ? option->meant((size_t)found) : (size_t)found;
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
    if (hints_value(hint, option, element->text, element->length))
        snprintf(meant, sizeof meant, "%s", hint);
    else if (nearest.best != NULL)
        snprintf(meant, sizeof meant, "; did you mean '%s'?", nearest.best);
    return usage_error(origin->command, origin->err, "%s: %s; known: %s%s", origin->label, which, known, meant);
}

int64_t options_seed(uint64_t bits)
{
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

/* The first ".." in the element, or NULL. */
const char *options_element_dots(const struct element *element)
{
    for (size_t i = 0; i + 1 < element->length; i++)
        if (element->text[i] == '.' && element->text[i + 1] == '.')
            return element->text + i;
    return NULL;
}

/* As read_integer, for -2^63 to 2^64 - 1. */
int options_element_seed(const struct options_origin *origin, const struct element *element, const struct element *part,
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
    return options_element_refuse(origin, element, part == element ? why : "not a range of two integers");
}

/* How many seeds come after `first` up to `last`, at most UINT64_MAX; false where the range runs downwards. */
bool options_element_count_others(struct seed first, struct seed last, uint64_t *others)
{
    const bool crosses = first.negative && !last.negative; /* and so does not wrap at 2^64, but at 2^65 */
    *others = last.bits - first.bits;
    if (crosses && last.bits >= first.bits)
        *others = UINT64_MAX;
    return crosses || (first.negative == last.negative && first.bits <= last.bits);
}
