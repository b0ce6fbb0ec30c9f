/*
 * A CSV of images: one per line, its label in one column, its pixels in the others, in their order.
 *
 * Cells are parted by semicolons, else by commas, else by tabs, by what is in the first line.  That is a header where
 * one of its cells is no number; but where this is one cell alone, and the one below it is no number either, it is the
 * label of the first image.  Without --label the labels are in the column of the name "label" or "class", in any case;
 * where there is no header, in that of words, or the first one.
 *
 * Labels are numbers, or, where the first one is no number, all are words: the classes, in the order of their bytes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dlexp/base/number.h"
#include "dlexp/formats/csv.h"
#include "import.h"

enum { SHOWN = 40 }; /* bytes of a cell in a message */

struct cell {
    const char *text;
    size_t length;
};

struct reading {
    const struct import_source *source;
    struct import_images *images;
    const char *end;       /* of the text */
    struct cell *header;   /* of the first line, whether or not it is a header */
    size_t columns, label; /* cells of a line; the index of the label's */
    char separator;
    bool has_header, fraction; /* fraction: pixels are k / 255 */
    bool words;                /* labels are names of classes; in images->names as they came, until they are sorted */
    size_t names;
    size_t line;  /* from 1 */
    uint8_t most; /* of the pixels so far, where they are whole numbers */
    struct error *err;
};

/* The next cell of a line that ends at `end`: up to a separator, without blanks around it and quotes; *at: behind it.
 */
static struct cell next_cell(const struct reading *reading, const char **at, const char *end)
{
    const char *separator = memchr(*at, reading->separator, (size_t)(end - *at));
    const char *last = separator ? separator : end, *first = *at;
    *at = separator ? separator + 1 : NULL;
    while (first < last && (*first == ' ' || *first == '\t'))
        first++;
    while (first < last && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
        last--;
    if (last - first >= 2 && *first == '"' && last[-1] == '"') {
        first++;
        last--;
    }
    return (struct cell){first, (size_t)(last - first)};
}

static bool is_number(struct cell cell)
{
    double value;
    const char *why;
    return number_parse_real(cell.text, cell.length, &value, &why) == 0;
}

static int refuse_cell(const struct reading *reading, size_t column, struct cell cell, const char *expected,
                       const char *remedy)
{
    char name[SHOWN + 8] = "";
    if (reading->has_header)
        snprintf(name, sizeof name, " '%.*s'",
                 (int)(reading->header[column].length < SHOWN ? reading->header[column].length : SHOWN),
                 reading->header[column].text);
    return error_set(reading->err, ERROR_DATA,
                     "cannot import '%s': line %zu, column %zu%s: expected %s, got '%.*s'; %s", reading->source->path,
                     reading->line, column + 1, name, expected, (int)(cell.length < SHOWN ? cell.length : SHOWN),
                     cell.text, remedy);
}

static const char *const bytes_expected = "a byte: a whole number of 0..255, or in the whole file k / 255";
static const char *const bytes_remedy =
    "a data set holds a byte per pixel, so bring each feature to 0..255 and round it before: "
    "round(255 * (x - least) / (most - least))";

/* From here on pixels are k / 255; those before were 0 and 1. */
static void begin_fractions(struct reading *reading, uint8_t *end)
{
    reading->fraction = true;
    for (uint8_t *pixel = reading->images->images; pixel < end; pixel++)
        *pixel = *pixel == 1 ? 255 : 0;
}

static int read_pixel(struct reading *reading, size_t column, struct cell cell, uint8_t *pixel)
{
    double value = 0;
    const char *why;
    if (number_parse_real(cell.text, cell.length, &value, &why) < 0 || value < 0 || value > 255)
        return refuse_cell(reading, column, cell, bytes_expected, bytes_remedy);
    if (value == floor(value) && !reading->fraction) {
        *pixel = (uint8_t)value;
        if (*pixel > reading->most)
            reading->most = *pixel;
        return 0;
    }
    const double k = floor(value * 255 + 0.5);
    const bool near = value <= 1 && (value == k / 255 || (float)value == (float)(k / 255));
    if (!near)
        return refuse_cell(reading, column, cell, bytes_expected, bytes_remedy);
    if (!reading->fraction && reading->most > 1)
        return refuse_cell(reading, column, cell, "a whole number of 0..255, as those before it that are above 1",
                           bytes_remedy);
    if (!reading->fraction)
        begin_fractions(reading, pixel);
    *pixel = (uint8_t)k;
    return 0;
}

/* The class of this name; a new one has the next number. */
static int read_word(struct reading *reading, struct cell cell, uint8_t *label)
{
    char **names = reading->images->names;
    size_t i = 0;
    while (i < reading->names && (strlen(names[i]) != cell.length || memcmp(names[i], cell.text, cell.length) != 0))
        i++;
    if (cell.length == 0 || i == IMPORT_CLASSES)
        return refuse_cell(reading, reading->label, cell, "the name of a class, of 256 at most",
                           "name the column of labels by --label");
    if (i == reading->names) {
        names[i] = strndup(cell.text, cell.length);
        if (!names[i])
            return error_out_of_memory(reading->err, reading->source->path);
        reading->names++;
    }
    *label = (uint8_t)i;
    return 0;
}

static int read_label(struct reading *reading, struct cell cell, uint8_t *label)
{
    double value = 0;
    const char *why;
    if (reading->images->count == 0)
        reading->words = !is_number(cell);
    if (reading->words)
        return read_word(reading, cell, label);
    if (number_parse_real(cell.text, cell.length, &value, &why) < 0 || value < 0 || value > 255 ||
        value != floor(value))
        return refuse_cell(reading, reading->label, cell, "a label: a whole number of 0..255",
                           "number the classes from 0, or name the column of labels by --label");
    *label = (uint8_t)value;
    return 0;
}

static int read_line(struct reading *reading, const char *at, const char *end)
{
    struct import_images *images = reading->images;
    const size_t pixels = reading->columns - 1;
    if (import_room(images, images->count + 1, reading->source->path, reading->err) < 0)
        return -1;
    uint8_t *pixel = images->images + images->count * pixels;
    for (size_t column = 0; column < reading->columns; column++) {
        if (!at)
            return error_set(reading->err, ERROR_DATA,
                             "cannot import '%s': line %zu: expected %zu cells as in line 1, got %zu; was the line cut "
                             "off?",
                             reading->source->path, reading->line, reading->columns, column);
        const struct cell cell = next_cell(reading, &at, end);
        const int status = column == reading->label ? read_label(reading, cell, &images->labels[images->count])
                                                    : read_pixel(reading, column, cell, pixel);
        if (status < 0)
            return -1;
        pixel += column != reading->label;
    }
    if (at)
        return error_set(reading->err, ERROR_DATA,
                         "cannot import '%s': line %zu: expected %zu cells as in line 1, got more; are there "
                         "separators within cells?",
                         reading->source->path, reading->line, reading->columns);
    images->count++;
    return 0;
}

/* Whether the line behind one that ends at `end` has no number in this column, either. */
static bool is_word_below(const struct reading *reading, const char *end, size_t column)
{
    if (end >= reading->end)
        return false;
    const char *at = end + 1, *newline = memchr(at, '\n', (size_t)(reading->end - at));
    struct cell cell = {"0", 1};
    for (size_t i = 0; i <= column && at; i++)
        cell = next_cell(reading, &at, newline ? newline : reading->end);
    return !is_number(cell) && cell.length > 0;
}

static bool is_column(struct cell cell, const char *name, bool any_case);

/* Whether a line whose only cell that is no number is this one names its columns. */
static bool names_columns(const struct reading *reading, const char *end, size_t word)
{
    const struct cell cell = reading->header[word];
    const char *wanted = reading->source->label;
    return is_column(cell, "label", true) || is_column(cell, "class", true) ||
           (wanted && is_column(cell, wanted, false)) || !is_word_below(reading, end, word);
}

/* The cells of the first line. */
static int read_first(struct reading *reading, const char *text, const char *end)
{
    size_t count = 1, words = 0, word = 0;
    reading->separator = csv_separator(text, (size_t)(end - text));
    for (const char *p = text; p < end; p++)
        count += *p == reading->separator;
    reading->header = calloc(count, sizeof *reading->header);
    if (!reading->header)
        return error_out_of_memory(reading->err, reading->source->path);
    for (size_t i = 0; text; i++) {
        reading->header[i] = next_cell(reading, &text, end);
        if (!is_number(reading->header[i])) {
            word = i;
            words++;
        }
    }
    reading->has_header = words > 1 || (words == 1 && names_columns(reading, end, word));
    reading->label = word; /* where there is no header: of words, or the first */
    reading->columns = count;
    if (count < 2)
        return error_set(
            reading->err, ERROR_DATA,
            "cannot import '%s': expected a CSV, a label and pixels in each line parted by commas, semicolons or "
            "tabs, got one cell in line 1 (also read: .npy files of NumPy, and folders with a folder of PGM images "
            "per class)",
            reading->source->path);
    return 0;
}

static bool is_column(struct cell cell, const char *name, bool any_case)
{
    return strlen(name) == cell.length &&
           (any_case ? strncasecmp(name, cell.text, cell.length) : strncmp(name, cell.text, cell.length)) == 0;
}

static int find_label(struct reading *reading)
{
    const char *wanted = reading->source->label, *why;
    size_t found = reading->columns;
    uint64_t number = 0;
    for (size_t i = 0; reading->has_header && i < reading->columns && found == reading->columns; i++)
        if (wanted ? is_column(reading->header[i], wanted, false)
                   : is_column(reading->header[i], "label", true) || is_column(reading->header[i], "class", true))
            found = i;
    if (found == reading->columns && wanted && number_parse_unsigned(wanted, strlen(wanted), &number, &why) == 0 &&
        number >= 1 && number <= reading->columns)
        found = (size_t)number - 1;
    if (found == reading->columns && !wanted && !reading->has_header)
        found = reading->label;
    if (found == reading->columns)
        return error_set(
            reading->err, ERROR_DATA,
            "cannot import '%s': expected a column of labels %s%s%s, got %zu columns%s '%.*s' to '%.*s'; "
            "name it by --label, or say its number, 1..%zu",
            reading->source->path, wanted ? "'" : "of the name 'label' or 'class'", wanted ? wanted : "",
            wanted ? "'" : "", reading->columns, reading->has_header ? "," : " without a header,",
            (int)(reading->header[0].length < SHOWN ? reading->header[0].length : SHOWN), reading->header[0].text,
            (int)(reading->header[reading->columns - 1].length < SHOWN ? reading->header[reading->columns - 1].length
                                                                       : SHOWN),
            reading->header[reading->columns - 1].text, reading->columns);
    reading->label = found;
    return 0;
}

static int read_lines(struct reading *reading, const char *text)
{
    for (const char *at = text; at < reading->end;) {
        const char *newline = memchr(at, '\n', (size_t)(reading->end - at)), *end = newline ? newline : reading->end;
        const bool blank = end == at || (end == at + 1 && *at == '\r');
        reading->line++;
        if (reading->line == 1 &&
            (read_first(reading, at, end) < 0 || find_label(reading) < 0 ||
             import_shape(reading->images, reading->source, reading->columns - 1, reading->err) < 0))
            return -1;
        const bool is_header = reading->line == 1 && reading->has_header;
        const bool is_last = blank && (!newline || newline + 1 == reading->end);
        if (!is_header && !is_last && read_line(reading, at, end) < 0)
            return -1;
        at = newline ? newline + 1 : reading->end;
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(**(char **const *)a, **(char **const *)b);
}

/* Classes that have names are numbered in their order, not as they came. */
static void sort_names(struct reading *reading)
{
    struct import_images *images = reading->images;
    char **order[IMPORT_CLASSES], *names[IMPORT_CLASSES];
    uint8_t number[IMPORT_CLASSES];
    for (size_t i = 0; i < reading->names; i++)
        order[i] = &images->names[i];
    if (reading->names > 0)
        qsort(order, reading->names, sizeof *order, compare_names);
    for (size_t i = 0; i < reading->names; i++) {
        number[order[i] - images->names] = (uint8_t)i;
        names[i] = *order[i];
    }
    memcpy(images->names, names, reading->names * sizeof *names);
    for (size_t i = 0; reading->words && i < images->count; i++)
        images->labels[i] = number[images->labels[i]];
}

static int read_csv(struct import_images *images, const struct import_source *source, struct error *err)
{
    struct reading reading = {.source = source, .images = images, .err = err};
    unsigned char *data;
    size_t size;
    int status = import_content(source->path, &data, &size, err);
    if (status == 0) {
        const char *text = (const char *)data;
        reading.end = text + size;
        if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
            text += 3;
        status = read_lines(&reading, text);
        if (status == 0)
            sort_names(&reading);
    }
    free(reading.header);
    free(data);
    return status;
}

/* What nothing else recognises. */
static bool recognises_csv(bool folder, const unsigned char *first, size_t size)
{
    (void)first;
    (void)size;
    return !folder;
}

const struct import_reader import_csv = {"CSV", recognises_csv, .takes_label = true, .read = read_csv};
