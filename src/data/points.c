#include "dlexp/points.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/csv.h"
#include "dlexp/file.h"
#include "dlexp/number.h"
#include "dlexp/random.h"

/* The same bytes on a machine of any endianness. */
static void hash(struct points *points)
{
    struct sha256 sha;
    sha256_init(&sha);
    for (size_t i = 0; i < points->count; i++) {
        uint64_t bits;
        unsigned char bytes[8];
        memcpy(&bits, &points->x[i], sizeof bits);
        for (int b = 0; b < 8; b++)
            bytes[b] = (unsigned char)(bits >> 8 * b);
        sha256_update(&sha, bytes, sizeof bytes);
    }
    sha256_final(&sha, points->sha256);
}

/* Mean and variance about the first point, so that equal points have exactly their value as mean, and variance 0. */
static void summarise(struct points *points)
{
    const double n = (double)points->count, origin = points->x[0];
    double sum = 0, rest = 0, squares = 0;
    for (size_t i = 0; i < points->count; i++)
        sum += points->x[i] - origin;
    points->mean = origin + sum / n;
    for (size_t i = 0; i < points->count; i++) {
        const double d = points->x[i] - points->mean;
        rest += d;
        squares += d * d;
    }
    points->variance = fmax(0, (squares - rest * rest / n) / n); /* rest is what rounding left of 0 */
    points->mean += rest / n;
    hash(points);
}

int points_draw(struct points *points, uint32_t seed, size_t count, struct error *err)
{
    struct random random;
    assert(count >= 1 && count <= POINTS_MAX);
    *points = (struct points){.x = malloc(count * sizeof *points->x), .count = count};
    if (!points->x)
        return error_out_of_memory(err, "the points");
    random_seed(&random, seed);
    for (size_t i = 0; i < count; i++)
        points->x[i] = random_numpy_uniform(&random);
    summarise(points);
    return 0;
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && isspace((unsigned char)**text)) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && isspace((unsigned char)(*text)[*length - 1]))
        (*length)--;
}

/* Append the number in text, if there is any text. */
static int add(struct points *points, const char *path, size_t line, const char *text, size_t length, struct error *err)
{
    const char *why;
    trim(&text, &length);
    if (length == 0)
        return 0;
    if (points->count == POINTS_MAX)
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected at most %d numbers", path, line,
                         POINTS_MAX);
    if (number_parse_real(text, length, &points->x[points->count], &why) < 0)
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a finite number, got '%.*s' (%s)", path,
                         line, (int)(length < 60 ? length : 60), text, why);
    points->count++;
    return 0;
}

static int read_lines(struct points *points, const char *path, const char *text, size_t size, struct error *err)
{
    const char *end = text + size;
    for (size_t line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        if (add(points, path, line, text, (size_t)(stop - text), err) < 0)
            return -1;
        text = stop + 1;
    }
    return 0;
}

/* text is taken over. */
static int read_column(struct points *points, const char *path, char *text, size_t size, struct error *err)
{
    struct csv csv;
    int result = csv_parse(&csv, text, size, path, err);
    int column = result == 0 ? csv_column(&csv, "x") : -1;
    if (result == 0 && column < 0 && csv.columns == 1)
        column = 0;
    if (result == 0 && column < 0)
        result = error_set(err, ERROR_DATA,
                           "cannot read '%s': expected one column, or one named 'x', got %zu columns ('%.40s', ...)",
                           path, csv.columns, csv.names[0]);
    for (size_t row = 0; row < csv.rows && result == 0; row++) {
        const char *cell = csv_cell(&csv, row, (size_t)column);
        if (*cell == '\0' && csv.columns > 1) /* the line is not empty, so a number is missing */
            result =
                error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a finite number, got an empty cell",
                          path, row + 2);
        else
            result = add(points, path, row + 2, cell, strlen(cell), err);
    }
    csv_free(&csv);
    return result;
}

/* What may begin a column's name; a number with a slip in it must not be taken for one and so be left out. */
static bool begins_name(const char *text, size_t length)
{
    return length > 0 && (isalpha((unsigned char)*text) || *text == '_' || *text == '"');
}

int points_read(struct points *points, const char *path, struct error *err)
{
    unsigned char *data = NULL;
    size_t size = 0, lines = 1;
    double value;
    const char *why = "";
    *points = (struct points){0};

    int result = file_read(path, &data, &size, err);
    if (result < 0)
        goto done;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    points->x = malloc(lines * sizeof *points->x);
    if (!points->x) {
        result = error_out_of_memory(err, "the points");
        goto done;
    }
    const char *line = (const char *)data;
    const char *newline = memchr(line, '\n', size);
    size_t length = newline ? (size_t)(newline - line) : size;
    trim(&line, &length);
    const bool number = length == 0 || number_parse_real(line, length, &value, &why) == 0 ||
                        strcmp(why, "not finite") == 0 || strcmp(why, "out of range") == 0;
    if (number)
        result = read_lines(points, path, (const char *)data, size, err);
    else if (begins_name(line, length)) {
        result = read_column(points, path, (char *)data, size, err);
        data = NULL;
    } else if (length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        result = error_set(err, ERROR_DATA,
                           "cannot read '%s', line 1: it starts with a byte-order mark; save it as UTF-8 without "
                           "one",
                           path);
    else
        result = error_set(err, ERROR_DATA, "cannot read '%s', line 1: expected a number or a CSV header, got '%.*s'",
                           path, (int)(length < 60 ? length : 60), line);
    if (result == 0 && points->count == 0)
        result = error_set(err, ERROR_DATA, "cannot read '%s': expected at least one number, got none", path);
    if (result == 0) {
        summarise(points);
        if (!isfinite(points->mean) || !isfinite(points->variance))
            result = error_set(err, ERROR_DATA, "cannot use '%s': its numbers are too large, their variance overflows",
                               path);
    }
done:
    free(data);
    return result;
}

void points_free(struct points *points)
{
    free(points->x);
    *points = (struct points){0};
}
