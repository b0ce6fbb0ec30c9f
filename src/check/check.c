/* check.c - see check.h. */
#include "check.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dlexp/base/number.h"

enum { SPELLINGS = 100 }; /* rows that are lacking for which other capitals are tried */

/* A decimal unit of the last place times this: numbers in binary are not exactly halfway. */
static const double HALF = 0.5 * (1 + 1e-9);

static bool is_number(const char *text, double *value)
{
    const char *why;
    return number_parse_real(text, strlen(text), value, &why) == 0;
}

static bool is_nothing(const char *text)
{
    return *text == '\0' || strcmp(text, "nan") == 0 || strcmp(text, "NaN") == 0 || strcmp(text, "NA") == 0;
}

double check_allowed(const char *text)
{
    int places = 0;
    bool point = false;
    for (; *text && tolower((unsigned char)*text) != 'e'; text++) {
        places += point && isdigit((unsigned char)*text);
        point = point || *text == '.';
    }
    return HALF * pow(10, (*text ? atoi(text + 1) : 0) - places);
}

int check_order(const char *a, const char *b)
{
    double x, y;
    const bool a_is = is_number(a, &x), b_is = is_number(b, &y);
    if (a_is && b_is)
        return (x > y) - (x < y);
    return a_is != b_is ? b_is - a_is : strcmp(a, b);
}

/* ---- keys ---- */

/* Merge sort by the first columns: qsort has no context. */
static void sort(size_t *order, size_t *spare, size_t count, const struct csv *csv, size_t keys)
{
    if (count < 2)
        return;
    const size_t half = count / 2;
    sort(order, spare, half, csv, keys);
    sort(order + half, spare, count - half, csv, keys);
    for (size_t i = 0, a = 0, b = half; i < count; i++) {
        int compared = a == half ? 1 : b == count ? -1 : 0;
        for (size_t k = 0; k < keys && compared == 0; k++)
            compared = check_order(csv_cell(csv, order[a], k), csv_cell(csv, order[b], k));
        spare[i] = compared <= 0 && a < half ? order[a++] : order[b++];
    }
    memcpy(order, spare, count * sizeof *order);
}

static bool are_apart(const struct check *check)
{
    for (size_t i = 1; i < check->ours.rows; i++) {
        size_t k = 0;
        while (k < check->keys && check_order(csv_cell(&check->ours, check->order[i - 1], k),
                                              csv_cell(&check->ours, check->order[i], k)) == 0)
            k++;
        if (k == check->keys)
            return false;
    }
    return true;
}

static int find_keys(struct check *check, struct error *err)
{
    const size_t rows = check->ours.rows;
    size_t *spare = malloc((rows + 1) * sizeof *spare);
    check->order = malloc((rows + 1) * sizeof *check->order);
    if (!spare || !check->order) {
        free(spare);
        return error_out_of_memory(err, check->path);
    }
    for (size_t i = 0; i < rows; i++)
        check->order[i] = i;
    do {
        check->keys++;
        sort(check->order, spare, rows, &check->ours, check->keys);
    } while (check->keys < check->ours.columns && !are_apart(check));
    free(spare);
    return 0;
}

/* The column of FILE that is column k of ours, or -1. */
static int yours_of(const struct check *check, size_t k)
{
    return csv_column(&check->yours, check->ours.names[k]);
}

static int match_columns(struct check *check, struct error *err)
{
    check->ours_of = calloc(check->yours.columns, sizeof *check->ours_of);
    if (!check->ours_of)
        return error_out_of_memory(err, check->config->file);
    for (size_t i = 0; i < check->yours.columns; i++) {
        check->ours_of[i] = csv_column(&check->ours, check->yours.names[i]);
        check->compared += check->ours_of[i] >= (int)check->keys;
    }
    for (size_t k = 0; k < check->keys; k++)
        for (size_t i = 1; i < check->ours.rows && yours_of(check, k) < 0; i++)
            if (check_order(csv_cell(&check->ours, 0, k), csv_cell(&check->ours, i, k)) != 0)
                return error_set(
                    err, ERROR_DATA,
                    "cannot check '%s': expected the column '%s', by which the rows of '%s' are told apart "
                    "('%s', '%s', ...), got none; add it",
                    check->config->file, check->ours.names[k], check->path, csv_cell(&check->ours, 0, k),
                    csv_cell(&check->ours, i, k));
    if (check->compared == 0)
        return error_set(err, ERROR_DATA,
                         "cannot check '%s': expected a column of results of '%s', such as '%s', got only columns that "
                         "name its rows, or others; give the columns the names that they have there",
                         check->config->file, check->path, check->ours.names[check->ours.columns - 1]);
    return 0;
}

/* ---- cells ---- */

/* The row of ours with the keys of a row of FILE, or -1: bisection. */
static long find_row(const struct check *check, size_t row)
{
    size_t low = 0, high = check->ours.rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        int compared = 0;
        for (size_t k = 0; k < check->keys && compared == 0; k++) {
            const int column = yours_of(check, k);
            if (column >= 0)
                compared = check_order(csv_cell(&check->yours, row, (size_t)column),
                                       csv_cell(&check->ours, check->order[middle], k));
        }
        if (compared == 0)
            return (long)check->order[middle];
        if (compared < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* A row of ours with these keys in other capitals: looked for once it is lacking, row by row. */
static void find_spelled(struct check *check, size_t row)
{
    for (size_t ours = 0; ours < check->ours.rows && check->spelled.line == 0; ours++) {
        size_t k = 0, other = check->keys;
        for (; k < check->keys; k++) {
            const int column = yours_of(check, k);
            if (column < 0)
                continue;
            const char *a = csv_cell(&check->yours, row, (size_t)column), *b = csv_cell(&check->ours, ours, k);
            if (check_order(a, b) != 0 && strcasecmp(a, b) != 0)
                break;
            if (check_order(a, b) != 0)
                other = k;
        }
        if (k < check->keys || other == check->keys)
            continue;
        check->spelled.line = row + 2;
        check->spelled.column = check->ours.names[other];
        check->spelled.yours = csv_cell(&check->yours, row, (size_t)yours_of(check, other));
        check->spelled.ours = csv_cell(&check->ours, ours, other);
    }
}

/* Whether a cell is right; *allowed: by how much two numbers may differ. */
static bool agrees(const struct check *check, const char *yours, const char *ours, double *allowed)
{
    double a, b;
    *allowed = NAN;
    if (is_nothing(yours) || is_nothing(ours))
        return is_nothing(yours) && is_nothing(ours);
    if (!is_number(yours, &a) || !is_number(ours, &b))
        return strcmp(yours, ours) == 0;
    *allowed = check_allowed(yours) + check->config->relative * fabs(b);
    return fabs(a - b) <= *allowed;
}

static void add(struct check *check, struct check_difference difference)
{
    check->cells++;
    if (check->count < check->config->shown)
        check->differences[check->count++] = difference;
}

static void compare_row(struct check *check, size_t row)
{
    const long ours = find_row(check, row);
    const size_t before = check->cells, line = row + 2;
    if (ours < 0)
        add(check, (struct check_difference){line, row, NULL, NULL, NULL, NAN});
    if (ours < 0 && check->missing < SPELLINGS)
        find_spelled(check, row);
    check->missing += ours < 0;
    check->unmatched_rows -= ours >= 0;
    for (size_t i = 0; ours >= 0 && i < check->yours.columns; i++) {
        double allowed;
        if (check->ours_of[i] < (int)check->keys)
            continue;
        const char *mine = csv_cell(&check->ours, (size_t)ours, (size_t)check->ours_of[i]);
        const char *yours = csv_cell(&check->yours, row, i);
        if (!agrees(check, yours, mine, &allowed))
            add(check, (struct check_difference){line, row, check->yours.names[i], yours, mine, allowed});
    }
    check->rows += check->cells > before;
}

int check_run(struct check *check, const struct check_config *config, const struct command *const *commands,
              struct error *err)
{
    *check = (struct check){.config = config, .commands = commands};
    if (csv_read(&check->yours, config->file, err) < 0 || check_find(check, err) < 0 ||
        csv_read(&check->ours, check->path, err) < 0)
        return -1;
    if (check->ours.rows == 0 || check->yours.rows == 0)
        return error_set(err, ERROR_DATA, "cannot check '%s': expected rows in it and in '%s', got none in %s",
                         config->file, check->path, check->yours.rows == 0 ? "the former" : "the latter");
    check->differences = calloc(config->shown, sizeof *check->differences);
    if (!check->differences)
        return error_out_of_memory(err, config->file);
    if (find_keys(check, err) < 0 || match_columns(check, err) < 0)
        return -1;
    check->unmatched_rows = check->ours.rows;
    for (size_t row = 0; row < check->yours.rows; row++)
        compare_row(check, row);
    return 0;
}

void check_free(struct check *check)
{
    csv_free(&check->yours);
    csv_free(&check->ours);
    free(check->path);
    free(check->ours_of);
    free(check->order);
    free(check->differences);
}

/* ---- the table of differences ---- */

const struct frame_column check_columns[] = {
    {.name = "line", .type = FRAME_INTEGER, .title = "line"},
    {.name = "row", .type = FRAME_TEXT, .title = "row"},
    {.name = "column", .type = FRAME_TEXT, .title = "column"},
    {.name = "yours", .type = FRAME_TEXT, .title = "yours"},
    {.name = "ours", .type = FRAME_TEXT, .title = "ours"},
    {.name = "allowed", .type = FRAME_REAL, .title = "allowed", .shown = SHOWN_DIGITS, .places = 2},
    {.name = NULL},
};

void check_fill(const void *context, struct frame *frame)
{
    const struct check *check = context;
    for (size_t i = 0; i < check->count; i++) {
        const struct check_difference *difference = &check->differences[i];
        char row[256] = "";
        size_t used = 0;
        for (size_t k = 0; k < check->keys; k++) {
            const int column = yours_of(check, k);
            if (column >= 0 && used < sizeof row)
                used +=
                    (size_t)snprintf(row + used, sizeof row - used, "%s%s %s", used > 0 ? ", " : "",
                                     check->ours.names[k], csv_cell(&check->yours, difference->row, (size_t)column));
        }
        frame_integer(frame, (int64_t)difference->line);
        frame_text(frame, row);
        frame_text(frame, difference->column ? difference->column : "(no such row of ours)");
        frame_text(frame, difference->yours);
        frame_text(frame, difference->ours);
        frame_real(frame, difference->allowed);
    }
}
