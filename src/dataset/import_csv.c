/*
 * A CSV of images: one per line, its label in one column, its pixels in the others, in their order.
 *
 * The first line is a header where one of its cells is no number.  Without --label the labels are in the column of the
 * name "label" or "class", in any case, or in the first one where there is no header.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dlexp/base/number.h"
#include "import.h"

enum { SHOWN = 40 }; /* bytes of a cell in a message */

struct cell {
    const char *text;
    size_t length;
};

struct reading {
    const struct import_source *source;
    struct import_images *images;
    const char *end;           /* of the text */
    struct cell *header;       /* of the first line, whether or not it is a header */
    size_t columns, label;     /* cells of a line; the index of the label's */
    bool has_header, fraction; /* fraction: pixels are k / 255 */
    size_t line;               /* from 1 */
    uint8_t most;              /* of the pixels so far, where they are whole numbers */
    struct error *err;
};

/* The next cell of a line that ends at `end`: up to a comma, without blanks around it and quotes; *at: behind it. */
static struct cell next_cell(const char **at, const char *end)
{
    const char *comma = memchr(*at, ',', (size_t)(end - *at)), *last = comma ? comma : end, *first = *at;
    *at = comma ? comma + 1 : NULL;
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

static int read_label(struct reading *reading, struct cell cell, uint8_t *label)
{
    double value = 0;
    const char *why;
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
        const struct cell cell = next_cell(&at, end);
        const int status = column == reading->label ? read_label(reading, cell, &images->labels[images->count])
                                                    : read_pixel(reading, column, cell, pixel);
        if (status < 0)
            return -1;
        pixel += column != reading->label;
    }
    if (at)
        return error_set(reading->err, ERROR_DATA,
                         "cannot import '%s': line %zu: expected %zu cells as in line 1, got more; are there commas "
                         "within cells?",
                         reading->source->path, reading->line, reading->columns);
    images->count++;
    return 0;
}

/* The cells of the first line. */
static int read_first(struct reading *reading, const char *text, const char *end)
{
    size_t count = 1;
    for (const char *p = text; p < end; p++)
        count += *p == ',';
    reading->header = calloc(count, sizeof *reading->header);
    if (!reading->header)
        return error_out_of_memory(reading->err, reading->source->path);
    for (size_t i = 0; text; i++) {
        reading->header[i] = next_cell(&text, end);
        reading->has_header = reading->has_header || !is_number(reading->header[i]);
    }
    reading->columns = count;
    if (count < 2)
        return error_set(
            reading->err, ERROR_DATA,
            "cannot import '%s': expected a CSV, a label and pixels in each line parted by commas, got one "
            "cell in line 1 (also read: .npy files of NumPy, and folders with a folder of PGM images per "
            "class)",
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
        found = 0;
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
