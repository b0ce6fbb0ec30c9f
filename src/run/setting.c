/* A row of the table of options as what decides a run: spec, label, column, order. */
#include "dlexp/run/setting.h"

#include <assert.h>
#include <string.h>

#include "dlexp/base/number.h"

bool setting_applies(const struct option *row, const void *config)
{
    return !row->applies || row->applies((const char *)config + row->owner, row);
}

bool setting_is_seed(const struct option *row)
{
    return row->key && row->type == OPTION_SEED;
}

bool setting_is_length(const struct option *row)
{
    return row->key && row->flags & OPTION_LENGTH;
}

const struct option *setting_of_line(const struct option *rows, const char *line, setting_kind_fn *kind)
{
    const size_t length = strcspn(line, "=");
    for (const struct option *row = rows; row->name; row++)
        if (kind(row) && strlen(row->key) == length && memcmp(line, row->key, length) == 0)
            return row;
    return NULL;
}

double setting_initial(const struct option *row, const void *config)
{
    return row->initial_of((const char *)config + row->owner, row);
}

void settings_set_initials(const struct option *rows, const bool *given, void *config)
{
    for (size_t i = 0; rows[i].name; i++)
        if (rows[i].initial_of && !given[i])
            *(double *)(void *)((char *)config + rows[i].offset) = setting_initial(&rows[i], config);
}

int settings_check_used(const struct option *rows, const bool *given, const bool *used, struct error *err)
{
    for (size_t i = 0; rows[i].name; i++)
        if (rows[i].key && rows[i].applies_to && given[i] && !used[i])
            return error_set(err, ERROR_USAGE,
                             "--%s: expected %s, got none, so it would do nothing; leave it out or add one",
                             rows[i].name, rows[i].applies_to);
    return 0;
}

const char *setting_key(const struct option *row)
{
    return strchr(row->key, ',') ? row->name : row->key;
}

/* ---- as text ---- */

/* Text that is put together in a buffer, and cut at its end. */
struct text {
    char *buffer;
    size_t used;
};

static void add(struct text *text, const char *more)
{
    const int length = snprintf(text->buffer + text->used, SETTING_TEXT_SIZE - text->used, "%s", more);
    text->used += (size_t)length;
    if (text->used >= SETTING_TEXT_SIZE)
        text->used = SETTING_TEXT_SIZE - 1;
}

static void add_integer(struct text *text, int64_t value)
{
    char number[NUMBER_TEXT_SIZE];
    snprintf(number, sizeof number, "%lld", (long long)value);
    add(text, number);
}

static void add_real(struct text *text, double value)
{
    char number[NUMBER_TEXT_SIZE];
    add(text, number_format_real(number, value));
}

static void add_name(struct text *text, const struct option *row, size_t index, bool spec)
{
    const char *name = "";
    const bool known = (spec && row->spec_choice ? row->spec_choice : row->choice)(index, &name);
    assert(known);
    (void)known;
    add(text, name);
}

/* A list in a field, whatever its elements are. */
struct list {
    const char *values;
    size_t count;
};

static bool is_list(const struct option *row)
{
    return row->flags & OPTION_CHAIN || row->type == OPTION_INTEGERS || row->type == OPTION_REALS;
}

static struct list list_of(const struct option *row, const void *field)
{
    const struct integers *integers = field;
    const struct indices *indices = field;
    const struct reals *reals = field;
    switch (row->type) {
    case OPTION_REALS:
        if (row->exactly > 0)
            return (struct list){field, row->exactly};
        return (struct list){(const char *)reals->values, reals->count};
    case OPTION_REAL:
        return (struct list){(const char *)reals->values, reals->count};
    case OPTION_NAME:
    case OPTION_COUNT:
        return (struct list){(const char *)indices->values, indices->count};
    case OPTION_INTEGERS:
    case OPTION_INTEGER:
    case OPTION_SEED:
        return (struct list){(const char *)integers->values, integers->count};
    case OPTION_FLAG:
    case OPTION_TEXT:
        break;
    }
    assert(is_list(row));
    return (struct list){NULL, 0};
}

/* One value that is no list, or an element of one. */
static void add_scalar(struct text *text, const struct option *row, const void *value, bool spec)
{
    switch (row->type) {
    case OPTION_FLAG:
        add(text, *(const bool *)value ? "true" : "false");
        break;
    case OPTION_COUNT:
        add_integer(text, (int64_t) * (const size_t *)value);
        break;
    case OPTION_REAL:
    case OPTION_REALS:
        add_real(text, *(const double *)value);
        break;
    case OPTION_NAME:
        add_name(text, row, *(const size_t *)value, spec);
        break;
    case OPTION_TEXT:
        add(text, *(const char *const *)value);
        break;
    case OPTION_INTEGER:
    case OPTION_SEED:
    case OPTION_INTEGERS:
        add_integer(text, *(const int64_t *)value);
        break;
    }
}

/* Of all these the elements have 8 bytes: int64_t, size_t, double. */
static const void *element(struct list list, size_t i)
{
    static_assert(sizeof(int64_t) == 8 && sizeof(double) == 8, "lists are stepped through alike");
    return list.values + i * 8;
}

const char *setting_format(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *config, bool spec)
{
    const void *field = (const char *)config + row->offset;
    struct text text = {buffer, 0};
    buffer[0] = '\0';
    if (!is_list(row)) {
        add_scalar(&text, row, field, spec);
        return buffer;
    }
    const struct list list = list_of(row, field);
    for (size_t i = 0; i < list.count; i++) {
        add(&text, i > 0 ? "," : "");
        add_scalar(&text, row, element(list, i), spec);
    }
    if (list.count == 0)
        add(&text, "none");
    return buffer;
}

/* "beta1,beta2": a line for each element. */
static void print_elements(FILE *out, const struct option *row, const void *config)
{
    char buffer[SETTING_TEXT_SIZE];
    const struct list list = list_of(row, (const char *)config + row->offset);
    const char *key = row->key;
    for (size_t i = 0; i < list.count; i++) {
        struct text text = {buffer, 0};
        const size_t length = strcspn(key, ",");
        add_scalar(&text, row, element(list, i), true);
        fprintf(out, "%.*s=%s\n", (int)length, key, buffer);
        key += length + (key[length] == ',');
    }
}

/* A list may be longer than any buffer. */
static void print_list(FILE *out, const struct option *row, const void *config)
{
    char buffer[SETTING_TEXT_SIZE];
    const struct list list = list_of(row, (const char *)config + row->offset);
    fprintf(out, "%s=%s", row->key, list.count == 0 ? "none" : "");
    for (size_t i = 0; i < list.count; i++) {
        struct text text = {buffer, 0};
        add_scalar(&text, row, element(list, i), true);
        fprintf(out, "%s%s", i > 0 ? "," : "", buffer);
    }
    fputc('\n', out);
}

bool setting_is_initial(const struct option *row, const void *config)
{
    char buffer[SETTING_TEXT_SIZE];
    if (row->initial_of)
        return *(const double *)((const char *)config + row->offset) == setting_initial(row, config);
    return strcmp(setting_format(buffer, row, config, true), row->initial ? row->initial : "false") == 0;
}

void settings_print_spec(FILE *out, const struct option *rows, const void *config)
{
    char buffer[SETTING_TEXT_SIZE];
    for (const struct option *row = rows; row->name; row++) {
        if (!row->key || !setting_applies(row, config))
            continue;
        if (row->flags & OPTION_QUIET && setting_is_initial(row, config))
            continue;
        if (strchr(row->key, ','))
            print_elements(out, row, config);
        else if (is_list(row))
            print_list(out, row, config);
        else
            fprintf(out, "%s=%s\n", row->key, setting_format(buffer, row, config, true));
    }
}

const char *setting_label(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *config)
{
    char value[SETTING_TEXT_SIZE];
    struct text text = {buffer, 0};
    const char *place = row->label ? strstr(row->label, "%s") : NULL;
    buffer[0] = '\0';
    setting_format(value, row, config, false);
    if (place) {
        snprintf(buffer, SETTING_TEXT_SIZE, "%.*s", (int)(place - row->label), row->label);
        text.used = strlen(buffer);
        add(&text, value);
        add(&text, place + 2);
        return buffer;
    }
    if (row->type != OPTION_NAME || !(row->flags & OPTION_KEY)) {
        add(&text, setting_key(row));
        add(&text, " ");
    }
    add(&text, value);
    return buffer;
}

void settings_print_set(FILE *out, const struct option *rows, const void *config)
{
    char buffer[SETTING_TEXT_SIZE];
    for (const struct option *row = rows; row->name; row++)
        if (row->flags & OPTION_QUIET && setting_applies(row, config) && !setting_is_initial(row, config))
            fprintf(out, ", %s", setting_label(buffer, row, config));
}

/* ---- in tables ---- */

struct frame_column setting_column(const struct option *row)
{
    struct frame_column column = {
        .name = setting_key(row), .title = setting_key(row), .maker = row, .type = FRAME_TEXT};
    if (row->type == OPTION_INTEGER || row->type == OPTION_COUNT || row->type == OPTION_SEED)
        column.type = FRAME_INTEGER;
    else if (row->type == OPTION_REAL)
        column.type = FRAME_REAL;
    return column;
}

/* A list without commas: 128-64, 0.9/0.999. */
static const char *part_elements(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *config)
{
    const char part = row->type == OPTION_INTEGERS ? '-' : '/';
    setting_format(buffer, row, config, false);
    for (char *c = strchr(buffer, ','); c; c = strchr(c, ','))
        *c = part;
    return buffer;
}

void setting_fill(struct frame *frame, const struct option *row, const void *config)
{
    const void *field = (const char *)config + row->offset;
    char buffer[SETTING_TEXT_SIZE];
    if (row->flags & OPTION_CHAIN && setting_applies(row, config))
        field = list_of(row, field).values; /* a run of a table's row has one */
    if (!setting_applies(row, config))
        frame_none(frame);
    else if (row->type == OPTION_INTEGER || row->type == OPTION_SEED)
        frame_integer(frame, *(const int64_t *)field);
    else if (row->type == OPTION_COUNT)
        frame_integer(frame, (int64_t) * (const size_t *)field);
    else if (row->type == OPTION_REAL)
        frame_real(frame, *(const double *)field);
    else
        frame_text(frame, part_elements(buffer, row, config));
}

/* ---- in order ---- */

static int compare_scalars(const struct option *row, const void *a, const void *b)
{
    const int64_t *i = a, *j = b;
    const size_t *m = a, *n = b;
    const double *x = a, *y = b;
    switch (row->type) {
    case OPTION_REAL:
    case OPTION_REALS:
        return (*x > *y) - (*x < *y);
    case OPTION_COUNT:
    case OPTION_NAME:
        return (*m > *n) - (*m < *n);
    case OPTION_FLAG:
        return *(const bool *)a - *(const bool *)b;
    case OPTION_TEXT:
        return strcmp(*(const char *const *)a, *(const char *const *)b);
    case OPTION_INTEGER:
    case OPTION_SEED:
    case OPTION_INTEGERS:
        break;
    }
    return (*i > *j) - (*i < *j);
}

int setting_compare(const struct option *row, const void *a, const void *b)
{
    if (row->type != OPTION_INTEGERS && row->type != OPTION_REALS)
        return compare_scalars(row, a, b);
    const struct list x = list_of(row, a), y = list_of(row, b);
    for (size_t i = 0; i < x.count && i < y.count; i++) {
        const int order = compare_scalars(row, element(x, i), element(y, i));
        if (order != 0)
            return order;
    }
    return (x.count > y.count) - (x.count < y.count);
}
