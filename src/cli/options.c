/* options.c - see options.h. */
#include "dlexp/options.h"

#include <assert.h>
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "dlexp/number.h"

enum {
    MOST_SEEDS = 100000, /* in one list: a slip such as 1..1000000000 is refused, not tried */
    HELP_WIDTH = 100,    /* columns of --help */
    HELP_COLUMN = 28,    /* the furthest column at which the explanations start */
    EXAMPLE_COLUMN = 64, /* the same for the explanations of the examples */
    NAME_LENGTH = 64,    /* longer words are not compared with the known names */
    PHRASE_SIZE = 192    /* a description of what was expected */
};

/* ---- words of the messages --------------------------------------------------------------------------------------- */

enum { QUOTE_SIZE = 96 };

/* What the user typed, fit for a message: no control characters, cut (between characters) where it is very long. */
static const char *quote(char buffer[QUOTE_SIZE], const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool boundary = (byte & 0xC0) != 0x80;
        if ((used > 64 && boundary) || used + 8 > QUOTE_SIZE) {
            used += (size_t)snprintf(buffer + used, QUOTE_SIZE - used, "...");
            break;
        }
        if (byte < 0x20 || byte == 0x7F)
            used += (size_t)snprintf(buffer + used, QUOTE_SIZE - used, "\\x%02x", byte);
        else
            buffer[used++] = (char)byte;
    }
    buffer[used] = '\0';
    return buffer;
}

static int refuse(const struct command *command, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A usage error; the message ends with where to read more. */
static int refuse(const struct command *command, struct error *err, const char *format, ...)
{
    char text[sizeof err->message - 128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool question = text[strlen(text) - 1] == '?';
    return error_set(err, ERROR_USAGE, "%s%s 'dlexp help %s'", text, question ? " See" : "; see", command->name);
}

/* ---- the nearest known name -------------------------------------------------------------------------------------- */

struct nearest {
    const char *text, *best;
    size_t length, score, distance; /* score ranks the candidates, distance decides between equal ones */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b, whatever the case of the letters. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NAME_LENGTH + 1]; /* row i % 3 is the distance of a[0..i) to every b[0..j) */
    assert(a_length <= NAME_LENGTH && b_length <= NAME_LENGTH);
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        int a_last = tolower((unsigned char)a[i - 1]);
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            int b_last = tolower((unsigned char)b[j - 1]);
            row[j] = smaller(above[j], row[j - 1]) + 1;
            row[j] = smaller(row[j], above[j - 1] + (a_last != b_last));
            if (i > 1 && j > 1 && a_last == tolower((unsigned char)b[j - 2]) &&
                b_last == tolower((unsigned char)a[i - 2]))
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

static void nearest_begin(struct nearest *nearest, const char *text, size_t length)
{
    *nearest = (struct nearest){.text = text, .length = length};
}

/* A name is near when about every third letter or fewer is wrong, or when the text is its beginning. */
static void nearest_offer(struct nearest *nearest, const char *name)
{
    size_t length = strlen(name);
    if (nearest->length == 0 || nearest->length > NAME_LENGTH || length > NAME_LENGTH)
        return;
    size_t distance = edit_distance(nearest->text, nearest->length, name, length);
    size_t longest = length > nearest->length ? length : nearest->length;
    size_t limit = longest < 2 ? 0 : longest < 6 ? 1 : longest / 3;
    size_t score = distance;
    if (nearest->length >= 2 && nearest->length < length && strncmp(nearest->text, name, nearest->length) == 0)
        score = nearest->length >= 3 ? 0 : smaller(distance, 1);
    if (score > limit)
        return;
    if (nearest->best == NULL || score < nearest->score || (score == nearest->score && distance < nearest->distance)) {
        nearest->best = name;
        nearest->score = score;
        nearest->distance = distance;
    }
}

const char *options_nearest(const char *text, bool (*names)(size_t index, const char **name))
{
    struct nearest nearest;
    const char *name;
    nearest_begin(&nearest, text, strlen(text));
    for (size_t i = 0; names(i, &name); i++)
        nearest_offer(&nearest, name);
    return nearest.best;
}

int64_t options_find(const char *text, size_t length, bool (*names)(size_t index, const char **name))
{
    const char *name;
    for (size_t i = 0; names(i, &name); i++)
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return (int64_t)i;
    return -1;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Where a value comes from, for the messages. */
struct origin {
    const struct command *command;
    const struct option *option;
    const char *label; /* the option as it was typed: "--jobs", "-j" */
    struct error *err;
};

/* One value, or one element of a list. */
struct element {
    const char *text;
    size_t length;
    size_t position; /* from 1; 0 for a value that stands alone */
};

static bool is_list(const struct option *option)
{
    return option->type == OPTION_INTEGERS || option->type == OPTION_SEEDS || option->type == OPTION_REALS ||
           option->type == OPTION_NAMES;
}

static bool is_whole(const struct option *option)
{
    return option->type == OPTION_INTEGER || option->type == OPTION_INTEGERS || option->type == OPTION_SEEDS;
}

/* The bounds of a row; infinite where there is none. */
static void bounds_of(const struct option *option, double *low, double *high)
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
    bounds_of(option, &low, &high);
    format_bound(low_text, option, low);
    format_bound(high_text, option, high);
    if (isinf(low) && isinf(high))
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
static int refuse_value(const struct origin *origin, const struct element *element, const char *why)
{
    char quoted[QUOTE_SIZE], expected[PHRASE_SIZE];
    describe(expected, origin->option);
    quote(quoted, element->text, element->length);
    if (element->length == 0)
        why = "empty";
    if (element->position == 0)
        return refuse(origin->command, origin->err, "%s: expected %s, got '%s'%s%s%s", origin->label, expected, quoted,
                      why ? " (" : "", why ? why : "", why ? ")" : "");
    return refuse(origin->command, origin->err, "%s: element %zu ('%s'): %s%sexpected %s", origin->label,
                  element->position, quoted, why ? why : "", why ? "; " : "", expected);
}

static int read_real(const struct origin *origin, const struct element *element, double *value)
{
    const char *why = NULL;
    double low, high;
    if (number_parse_real(element->text, element->length, value, &why) != 0)
        return refuse_value(origin, element, why);
    bounds_of(origin->option, &low, &high);
    if (*value < low || *value > high || (origin->option->low_open && *value <= low) ||
        (origin->option->high_open && *value >= high))
        return refuse_value(origin, element, NULL);
    return 0;
}

/* part is the text to read: the element itself, or one end of the range that the element is. */
static int read_integer(const struct origin *origin, const struct element *element, const struct element *part,
                        int64_t *value)
{
    const char *why = NULL;
    double low, high;
    if (number_parse_integer(part->text, part->length, value, &why) != 0)
        return refuse_value(origin, element, part == element ? why : "not a range of two integers");
    /* Compared as integers, since not every int64_t is a double. */
    bounds_of(origin->option, &low, &high);
    bool fits = (isinf(low) || *value >= (int64_t)ceil(low)) && (isinf(high) || *value <= (int64_t)floor(high)) &&
                !(origin->option->low_open && (double)*value == low) &&
                !(origin->option->high_open && (double)*value == high);
    return fits ? 0 : refuse_value(origin, element, NULL);
}

static int read_name(const struct origin *origin, const struct element *element, int64_t *value)
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
    quote(quoted, element->text, element->length);
    if (element->position == 0)
        snprintf(which, sizeof which, "unknown name '%s'", quoted);
    else
        snprintf(which, sizeof which, "element %zu ('%s'): unknown name", element->position, quoted);
    if (nearest.best != NULL)
        snprintf(meant, sizeof meant, "; did you mean '%s'?", nearest.best);
    return refuse(origin->command, origin->err, "%s: %s; known: %s%s", origin->label, which, known, meant);
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

/* The first ".." in the element, or NULL. */
static const char *find_dots(const struct element *element)
{
    for (size_t i = 0; i + 1 < element->length; i++)
        if (element->text[i] == '.' && element->text[i + 1] == '.')
            return element->text + i;
    return NULL;
}

static int read_seeds(const struct origin *origin, const struct element *element, struct integers *list)
{
    int64_t first, last;
    const char *dots = find_dots(element);
    char quoted[QUOTE_SIZE];
    if (dots == NULL) {
        if (read_integer(origin, element, element, &first) != 0)
            return -1;
        last = first;
    } else {
        size_t length = (size_t)(dots - element->text);
        struct element low = {element->text, length, 0};
        struct element high = {dots + 2, element->length - length - 2, 0};
        if (read_integer(origin, element, &low, &first) != 0 || read_integer(origin, element, &high, &last) != 0)
            return -1;
    }
    if (first > last)
        return refuse_value(origin, element, "a range runs upwards, FIRST..LAST");
    uint64_t others = (uint64_t)last - (uint64_t)first; /* the difference may exceed INT64_MAX */
    if (others >= MOST_SEEDS || list->count + others >= MOST_SEEDS)
        return refuse(origin->command, origin->err, "%s: expected at most %d seeds in all, got more with '%s'",
                      origin->label, MOST_SEEDS, quote(quoted, element->text, element->length));
    if (integers_extend(list, (size_t)others + 1) == NULL)
        return error_out_of_memory(origin->err, "the list of seeds");
    for (uint64_t i = 0; i <= others; i++)
        list->values[list->count++] = first + (int64_t)i;
    return 0;
}

static int read_element(const struct origin *origin, const struct element *element, void *field)
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

static int read_list(const struct origin *origin, const char *text, void *field)
{
    size_t elements = 0;
    bool several = strchr(text, ',') != NULL;
    for (const char *start = text;; elements++) {
        size_t length = strcspn(start, ",");
        struct element element = {start, length, several ? elements + 1 : 0};
        if (read_element(origin, &element, field) != 0)
            return -1;
        if (start[length] == '\0')
            break;
        start += length + 1;
    }
    elements++;
    if (origin->option->exactly != 0 && elements != origin->option->exactly) {
        char quoted[QUOTE_SIZE];
        return refuse(origin->command, origin->err,
                      "%s: expected exactly %zu value%s, separated by commas, got %zu ('%s')", origin->label,
                      origin->option->exactly, origin->option->exactly == 1 ? "" : "s", elements,
                      quote(quoted, text, strlen(text)));
    }
    return 0;
}

static int read_value(const struct origin *origin, const char *text, void *config)
{
    void *field = (char *)config + origin->option->offset;
    if (is_list(origin->option))
        return read_list(origin, text, field);
    if (origin->option->type == OPTION_TEXT) {
        if (*text == '\0')
            return refuse(origin->command, origin->err, "%s: expected %s, got '' (empty)", origin->label,
                          origin->option->value);
        *(const char **)field = text;
        return 0;
    }
    struct element whole = {text, strlen(text), 0};
    return read_element(origin, &whole, field);
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

static size_t count_rows(const struct option *options)
{
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    return count;
}

static bool has_name(const struct option *option, const char *name, size_t length)
{
    return (strlen(option->name) == length && memcmp(option->name, name, length) == 0) ||
           (option->alias != NULL && strlen(option->alias) == length && memcmp(option->alias, name, length) == 0);
}

static const struct option *find_name(const struct command *command, const char *name, size_t length)
{
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (has_name(option, name, length))
            return option;
    return NULL;
}

static const struct option *find_letter(const struct command *command, char letter)
{
    for (const struct option *option = command->options; option->name != NULL; option++)
        if (option->letter != 0 && option->letter == letter)
            return option;
    return NULL;
}

/* The row that -l, -l4, --name or --name=VALUE means, or NULL; *value is the digits behind -l or what follows the '=',
 * or NULL. */
static const struct option *find_word(const struct command *command, const char *word, const char **value)
{
    *value = NULL;
    if (word[0] != '-' || word[1] == '\0')
        return NULL;
    if (word[1] != '-') {
        const struct option *option = find_letter(command, word[1]);
        if (word[2] == '\0' || option == NULL)
            return word[2] == '\0' ? option : NULL;
        /* -j4, as every make has it; -out stays the slip that it is. */
        *value = word + 2;
        return option->type == OPTION_INTEGER && isdigit((unsigned char)word[2]) ? option : NULL;
    }
    size_t length = strcspn(word + 2, "=");
    if (word[2 + length] == '=')
        *value = word + 2 + length + 1;
    return find_name(command, word + 2, length);
}

#ifndef NDEBUG
/* Slips in a table that the parser would only show to the user. */
static void assert_table(const struct command *command)
{
    for (const struct option *a = command->options; a->name != NULL; a++) {
        double low, high;
        bounds_of(a, &low, &high);
        assert(low <= high);
        assert(a->help != NULL);
        assert((a->type == OPTION_FLAG) == (a->value == NULL));
        assert((a->type == OPTION_NAME || a->type == OPTION_NAMES) == (a->choice != NULL));
        assert(a->type != OPTION_FLAG || a->initial == NULL);
        assert(a->offset < command->config_size);
        assert(!has_name(a, "help", 4) && a->letter != 'h');
        for (const struct option *b = command->options; b < a; b++) {
            assert(!has_name(b, a->name, strlen(a->name)));
            assert(a->alias == NULL || !has_name(b, a->alias, strlen(a->alias)));
            assert(a->letter == 0 || a->letter != b->letter);
        }
    }
}
#endif

/* The word is an unknown option: say so, with the likely meaning where there is one. */
static int refuse_option(const struct command *command, const char *word, struct error *err)
{
    char quoted[QUOTE_SIZE], meant[NAME_LENGTH + QUOTE_SIZE + 32] = "";
    size_t dashes = word[1] == '-' ? 2 : 1;
    const char *name = word + dashes;
    size_t length = strcspn(name, "=");
    const struct option *letter = find_letter(command, *name);

    if (length == 1 && letter != NULL && (dashes == 2 || letter->value == NULL)) {
        snprintf(meant, sizeof meant, "; did you mean '-%c'?", *name);
    } else if (dashes == 1 && letter != NULL && letter->value != NULL && find_name(command, name, length) == NULL) {
        const char *value = name + 1 + (name[1] == '=');
        snprintf(meant, sizeof meant, "; did you mean '-%c %s'?", *name, quote(quoted, value, strlen(value)));
    } else {
        struct nearest nearest;
        nearest_begin(&nearest, name, length);
        for (const struct option *option = command->options; option->name != NULL; option++) {
            nearest_offer(&nearest, option->name);
            if (option->alias != NULL)
                nearest_offer(&nearest, option->alias);
        }
        nearest_offer(&nearest, "help");
        if (nearest.best != NULL)
            snprintf(meant, sizeof meant, "; did you mean '--%s'?", nearest.best);
    }
    return refuse(command, err, "unknown option '%s' for 'dlexp %s'%s", quote(quoted, word, dashes + length),
                  command->name, meant);
}

/* The operand's name without the brackets that say it may be left out, for "%.*s". */
static int operand_length(const struct command *command)
{
    return (int)strcspn(command->operand + (command->operand[0] == '['), "]");
}

static const char *operand_name(const struct command *command)
{
    return command->operand + (command->operand[0] == '[');
}

static int read_operand(const struct command *command, const char *word, void *config, struct error *err)
{
    char quoted[QUOTE_SIZE], first[QUOTE_SIZE];
    quote(quoted, word, strlen(word));
    if (command->operand == NULL) {
        const struct option *option = find_name(command, word, strcspn(word, "="));
        return refuse(command, err, "unexpected word '%s': 'dlexp %s' takes options only%s%s%s", quoted, command->name,
                      option ? "; did you mean '--" : "", option ? option->name : "", option ? "'?" : "");
    }
    const char **field = (const char **)(void *)((char *)config + command->operand_offset);
    if (*field != NULL)
        return refuse(command, err, "unexpected word '%s': 'dlexp %s' takes one %.*s, and '%s' stood before", quoted,
                      command->name, operand_length(command), operand_name(command),
                      quote(first, *field, strlen(*field)));
    if (*word == '\0')
        return refuse(command, err, "expected %.*s, got '' (empty)", operand_length(command), operand_name(command));
    *field = word;
    return 0;
}

static int read_option(const struct command *command, const struct option *option, const char *label, const char *value,
                       void *config, bool *given, struct error *err)
{
    struct origin origin = {command, option, label, err};
    bool *seen = &given[option - command->options];
    if (*seen) {
        char same[2 * NAME_LENGTH + 32] = "";
        if (label[1] != '-' || strcmp(label + 2, option->name) != 0)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->name);
        else if (option->alias != NULL)
            snprintf(same, sizeof same, " (it is the same as --%s)", option->alias);
        else if (option->letter != 0)
            snprintf(same, sizeof same, " (it is the same as -%c)", option->letter);
        return refuse(command, err, "%s: given a second time%s; %s", label, same,
                      is_list(option) ? "write one list, separated by commas" : "give it once");
    }
    *seen = true;
    if (option->type != OPTION_FLAG)
        return read_value(&origin, value, config);
    *(bool *)((char *)config + option->offset) = true;
    return 0;
}

int options_parse(const struct command *command, int argc, char **argv, void *config, bool *given, struct error *err)
{
    bool only_operands = false;
#ifndef NDEBUG
    assert_table(command);
#endif
    memset(given, 0, count_rows(command->options) * sizeof *given);
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value;
        char label[NAME_LENGTH + 8], quoted[QUOTE_SIZE];
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            if (read_operand(command, word, config, err) != 0)
                return -1;
            continue;
        }
        const struct option *option = find_word(command, word, &value);
        if (option == NULL)
            return refuse_option(command, word, err);
        snprintf(label, sizeof label, "%.*s", word[1] == '-' ? (int)strcspn(word, "=") : 2, word);
        if (option->type == OPTION_FLAG && value != NULL)
            return refuse(command, err, "%s: expected no value, got '%s'", label, quote(quoted, value, strlen(value)));
        if (option->type != OPTION_FLAG && value == NULL) {
            if (i + 1 == argc)
                return refuse(command, err, "%s: expected a value (%s %s), got none", label, label, option->value);
            value = argv[++i];
        }
        if (read_option(command, option, label, value, config, given, err) != 0)
            return -1;
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        char label[NAME_LENGTH + 32];
        struct origin origin = {command, option, label, err};
        snprintf(label, sizeof label, "--%s (default)", option->name);
        if (!given[option - command->options] && option->initial != NULL &&
            read_value(&origin, option->initial, config) != 0)
            return -1;
    }
    if (command->operand != NULL && command->operand[0] != '[' &&
        *(const char **)(void *)((char *)config + command->operand_offset) == NULL)
        return refuse(command, err, "expected %s after 'dlexp %s', got none", command->operand, command->name);
    return 0;
}

bool options_help_asked(const struct command *command, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return true;
        const struct option *option = find_word(command, argv[i], &value);
        if (option != NULL && option->type != OPTION_FLAG && value == NULL)
            i++;
    }
    return false;
}

void options_free(const struct command *command, void *config)
{
    for (const struct option *option = command->options; option->name != NULL; option++) {
        void *field = (char *)config + option->offset;
        if (option->type == OPTION_REALS) {
            free(((struct reals *)field)->values);
            *(struct reals *)field = (struct reals){0};
        } else if (is_list(option)) {
            free(((struct integers *)field)->values);
            *(struct integers *)field = (struct integers){0};
        }
    }
}

static int compare_integers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void options_sort_integers(const struct integers *list)
{
    qsort(list->values, list->count, sizeof *list->values, compare_integers);
}

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void options_sort_reals(const struct reals *list)
{
    qsort(list->values, list->count, sizeof *list->values, compare_reals);
}

int options_refuse_repeats(const char *option, const struct reals *list, struct error *err)
{
    char number[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < i; j++)
            if (list->values[i] == list->values[j])
                return error_set(err, ERROR_USAGE, "--%s: expected every number once, got %s twice", option,
                                 number_format_real(number, list->values[i]));
    return 0;
}

bool options_given(const struct invocation *invocation, const char *name)
{
    const struct option *option = find_name(invocation->command, name, strlen(name));
    assert(option != NULL);
    return option != NULL && invocation->given[option - invocation->command->options];
}

/* ---- --help ------------------------------------------------------------------------------------------------------ */

/* Words flowing into lines of HELP_WIDTH columns, each further line indented. */
struct flow {
    FILE *out;
    size_t column, indent; /* column 0..: where the next character goes */
    size_t length, width;  /* of the word being gathered, in bytes and in characters */
    bool blank;            /* a space separates it from what stands before */
    char word[512];
};

static void flow_word(struct flow *flow)
{
    if (flow->length == 0)
        return;
    if (flow->blank && flow->column + 1 + flow->width > HELP_WIDTH) {
        fprintf(flow->out, "\n%*s", (int)flow->indent, "");
        flow->column = flow->indent;
    } else if (flow->blank) {
        putc(' ', flow->out);
        flow->column++;
    }
    fwrite(flow->word, 1, flow->length, flow->out);
    flow->column += flow->width;
    flow->length = flow->width = 0;
    flow->blank = false;
}

static void flow_text(struct flow *flow, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '\n') {
            flow_word(flow);
            flow->blank = flow->column > flow->indent;
            continue;
        }
        if (flow->length == sizeof flow->word)
            flow_word(flow);
        flow->word[flow->length++] = *text;
        flow->width += ((unsigned char)*text & 0xC0) != 0x80;
    }
}

static void flow_end(struct flow *flow)
{
    flow_word(flow);
    putc('\n', flow->out);
    flow->column = 0;
    flow->blank = false;
}

static size_t text_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

/* The left column of an entry, then blanks up to its explanation, on a new line if the left side is too wide. */
static void print_left(FILE *out, const char *left, size_t length, size_t column)
{
    size_t width = text_width(left, length);
    fwrite(left, 1, length, out);
    if (width + 2 > column) {
        putc('\n', out);
        width = 0;
    }
    fprintf(out, "%*s", (int)(column - width), "");
}

static void option_left(char left[PHRASE_SIZE], const struct option *option)
{
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, PHRASE_SIZE, "  %s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
}

static void print_option(const struct option *option, size_t column, FILE *out)
{
    char left[PHRASE_SIZE];
    struct flow flow = {.out = out, .column = column, .indent = column};
    const char *separator = " (", *name;
    option_left(left, option);
    print_left(out, left, strlen(left), column);
    flow_text(&flow, option->help);
    if (option->choice != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "known: ");
        for (size_t i = 0; option->choice(i, &name); i++) {
            flow_text(&flow, i > 0 ? ", " : "");
            flow_text(&flow, name);
        }
        separator = "; ";
    }
    if (option->initial != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "default: ");
        flow_text(&flow, option->initial);
        separator = "; ";
    }
    if (option->alias != NULL) {
        flow_text(&flow, separator);
        flow_text(&flow, "also: --");
        flow_text(&flow, option->alias);
        separator = "; ";
    }
    if (separator[0] == ';')
        flow_text(&flow, ")");
    flow_end(&flow);
}

/* Paragraphs, parted by empty lines, are filled; a line that starts with a blank stays as it is. */
static void print_description(const char *text, FILE *out)
{
    struct flow flow = {.out = out};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool apart = length == 0 || *text == ' ';
        if (apart && (flow.column > 0 || flow.length > 0))
            flow_end(&flow);
        if (apart) {
            fprintf(out, "%.*s\n", (int)length, text);
        } else {
            flow_text(&flow, " ");
            for (size_t i = 0; i < length; i++)
                flow_text(&flow, (const char[]){text[i], '\0'});
        }
        text += length + (text[length] == '\n');
    }
    if (flow.column > 0 || flow.length > 0)
        flow_end(&flow);
}

/* The length of the command in an example's line, which two blanks or the line's end close. */
static size_t example_length(const char *line)
{
    size_t length = 0;
    while (line[length] != '\0' && line[length] != '\n' && !(line[length] == ' ' && line[length + 1] == ' '))
        length++;
    return length;
}

static void print_examples(const char *text, FILE *out)
{
    size_t column = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        line += strspn(line, " ");
        size_t width = text_width(line, example_length(line)) + 4;
        if (width > column && width <= EXAMPLE_COLUMN)
            column = width;
    }
    fputs("\nExamples:\n", out);
    for (const char *line = text; *line != '\0';) {
        line += strspn(line, " ");
        size_t length = example_length(line);
        const char *what = line + length + strspn(line + length, " ");
        size_t what_length = strcspn(what, "\n");
        struct flow flow = {.out = out, .column = column, .indent = column};
        fputs(length > 0 ? "  " : "", out);
        if (what_length == 0) {
            fwrite(line, 1, length, out);
            putc('\n', out);
        } else {
            print_left(out, line, length, column - 2);
            if (text_width(line, length) + 4 > column)
                fputs("  ", out);
            for (size_t i = 0; i < what_length; i++)
                flow_text(&flow, (const char[]){what[i], '\0'});
            flow_end(&flow);
        }
        line = what + what_length + (what[what_length] == '\n');
    }
}

void options_print_help(const struct command *command, FILE *out)
{
    static const struct option help = {
        .name = "help", .letter = 'h', .type = OPTION_FLAG, .help = "print this help and exit"};
    size_t column = 0;
    const char *group = NULL;

    fprintf(out, "Usage: dlexp %s [options]%s%s\n", command->name, command->operand ? " " : "",
            command->operand ? command->operand : "");
    if (command->description != NULL) {
        putc('\n', out);
        print_description(command->description, out);
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        char left[PHRASE_SIZE];
        option_left(left, option);
        size_t width = text_width(left, strlen(left)) + 2;
        if (width > column && width <= HELP_COLUMN)
            column = width;
    }
    if (column < 14) /* "  -h, --help  " */
        column = 14;
    for (const struct option *option = command->options; option->name != NULL; option++) {
        if (option == command->options || (option->group != NULL && strcmp(option->group, group) != 0)) {
            group = option->group != NULL ? option->group : "Options";
            fprintf(out, "\n%s:\n", group);
        }
        print_option(option, column, out);
    }
    fputs("\nHelp:\n", out);
    print_option(&help, column, out);
    if (command->examples != NULL && *command->examples != '\0')
        print_examples(command->examples, out);
}

/* ---- the recorded configuration ---------------------------------------------------------------------------------- */

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

/* Element `index` of a list, or the value of any other option. */
static cJSON *json_element(const struct option *option, const void *field, size_t index)
{
    const char *text;
    switch (option->type) {
    case OPTION_FLAG:
        return cJSON_CreateBool(*(const bool *)field);
    case OPTION_INTEGER:
        return json_integer(*(const int64_t *)field);
    case OPTION_REAL:
        return json_real(*(const double *)field);
    case OPTION_NAME:
        return json_name(option, *(const int64_t *)field);
    case OPTION_TEXT:
        text = *(const char *const *)field;
        return text != NULL ? cJSON_CreateString(text) : cJSON_CreateNull();
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
    if (!is_list(option))
        return json_element(option, field, 0);
    size_t count =
        option->type == OPTION_REALS ? ((const struct reals *)field)->count : ((const struct integers *)field)->count;
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array != NULL && i < count; i++) {
        cJSON *item = json_element(option, field, i);
        if (item == NULL || !cJSON_AddItemToArray(array, item)) {
            cJSON_Delete(item);
            cJSON_Delete(array);
            return NULL;
        }
    }
    return array;
}

cJSON *options_to_json(const struct command *command, const void *config)
{
    cJSON *object = cJSON_CreateObject();
    if (object == NULL)
        return NULL;
    if (command->operand != NULL) {
        const char *operand = *(const char *const *)(const void *)((const char *)config + command->operand_offset);
        if ((operand ? cJSON_AddStringToObject(object, "operand", operand)
                     : cJSON_AddNullToObject(object, "operand")) == NULL)
            goto fail;
    }
    for (const struct option *option = command->options; option->name != NULL; option++) {
        cJSON *item = json_value(option, (const char *)config + option->offset);
        if (item == NULL || !cJSON_AddItemToObject(object, option->name, item)) {
            cJSON_Delete(item);
            goto fail;
        }
    }
    return object;
fail:
    cJSON_Delete(object);
    return NULL;
}
