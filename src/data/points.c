#include "dlexp/data/points.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/base/random.h"

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

/* A stretch of the file; not ended by a NUL. */
struct span {
    const char *text;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span span)
{
    while (span.length > 0 && isspace((unsigned char)*span.text)) {
        span.text++;
        span.length--;
    }
    while (span.length > 0 && isspace((unsigned char)span.text[span.length - 1]))
        span.length--;
    return span;
}

static bool span_is(struct span span, const char *word)
{
    return span.length == strlen(word) && memcmp(span.text, word, span.length) == 0;
}

static bool is_number(struct span span)
{
    double value;
    const char *why = "";
    /* What is one, but not taken, is no name either. */
    return number_parse_real(span.text, span.length, &value, &why) == 0 || strcmp(why, "not finite") == 0 ||
           strcmp(why, "out of range") == 0;
}

/* The file, line by line. */
struct lines {
    const char *path, *next, *end;
    size_t number; /* of the line that was taken last */
};

/* The next line without its end (\n, \r\n, or \r alone); false behind the last. */
static bool next_line(struct lines *lines, struct span *line)
{
    const char *stop = lines->next;
    if (stop == lines->end)
        return false;
    while (stop < lines->end && *stop != '\n' && *stop != '\r')
        stop++;
    *line = (struct span){lines->next, (size_t)(stop - lines->next)};
    if (stop < lines->end)
        stop += *stop == '\r' && stop + 1 < lines->end && stop[1] == '\n' ? 2 : 1;
    lines->next = stop;
    lines->number++;
    return true;
}

/*
 * The next line that has content and is no comment, without spaces about it (a tab there may stand beside an empty
 * cell); *comment, if any, the last comment before it, without its marks.
 */
static bool next_content(struct lines *lines, struct span *line, struct span *comment)
{
    while (next_line(lines, line)) {
        struct span text = trim(*line);
        while (line->length > 0 && *line->text == ' ') {
            line->text++;
            line->length--;
        }
        while (line->length > 0 && line->text[line->length - 1] == ' ')
            line->length--;
        if (text.length > 0 && *text.text != '#')
            return true;
        while (text.length > 0 && *text.text == '#') {
            text.text++;
            text.length--;
        }
        text = trim(text);
        if (comment && text.length > 0)
            *comment = text;
    }
    return false;
}

/*
 * Cuts the next cell off the line: up to the delimiter (' ': blanks; 0: the whole line), without blanks and quotes
 * about it.  *line's text is NULL behind the last cell.  *bad: a quote that does not end, or text behind one.
 */
static struct span next_cell(struct span *line, char delimiter, bool *bad)
{
    const char *p = line->text, *end = p + line->length;
    bool quoted = false;
    while (p < end && (quoted || !(delimiter == ' ' ? is_blank(*p) : delimiter != 0 && *p == delimiter)))
        quoted ^= *p++ == '"';
    struct span cell = trim((struct span){line->text, (size_t)(p - line->text)});
    const bool last = p == end;
    if (!last)
        p++;
    while (delimiter == ' ' && p < end && is_blank(*p))
        p++;
    *line = last ? (struct span){0} : (struct span){p, (size_t)(end - p)};
    if (cell.length > 0 && *cell.text == '"') {
        *bad = *bad || cell.length < 2 || cell.text[cell.length - 1] != '"';
        cell = *bad ? cell : trim((struct span){cell.text + 1, cell.length - 2});
    }
    return cell;
}

static size_t count_cells(struct span line, char delimiter)
{
    size_t count = 0;
    bool bad = false;
    for (; line.text; count++)
        next_cell(&line, delimiter, &bad);
    return count;
}

/* What separates the cells of the header: the first of , ; and tab that stands outside quotes, or 0. */
static char find_delimiter(struct span line)
{
    static const char known[] = {',', ';', '\t'};
    for (size_t i = 0; i < sizeof known; i++)
        if (count_cells(line, known[i]) > 1)
            return known[i];
    return 0;
}

/* The columns of a table. */
struct columns {
    char delimiter;
    size_t count, chosen;
};

static int refuse_number(const char *path, size_t line, struct span got, const char *why, struct error *err)
{
    return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a finite number, got '%.*s' (%s)", path,
                     line, (int)(got.length < 60 ? got.length : 60), got.text, why);
}

/* Appends the number of a line. */
static int add(struct points *points, const struct lines *lines, struct span line, const struct columns *columns,
               struct error *err)
{
    struct span rest = line, cell = {0};
    const char *why;
    bool bad = false;
    size_t cells = 0;
    for (; rest.text; cells++) {
        const struct span next = next_cell(&rest, columns->delimiter, &bad);
        if (cells == columns->chosen)
            cell = next;
    }
    if (bad)
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a closing quote at the end of a cell",
                         lines->path, lines->number);
    if (cells != columns->count)
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected %zu cells, got %zu", lines->path,
                         lines->number, columns->count, cells);
    if (cell.length == 0) /* the line is not empty, so a number is missing */
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a finite number, got an empty cell",
                         lines->path, lines->number);
    if (points->count == POINTS_MAX)
        return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected at most %d numbers", lines->path,
                         lines->number, POINTS_MAX);
    if (number_parse_real(cell.text, cell.length, &points->x[points->count], &why) < 0)
        return refuse_number(lines->path, lines->number, cell, why, err);
    points->count++;
    return 0;
}

/*
 * Whether the line names columns.  It does where one is called x.  Else the first cell must be a name: begin with a
 * letter or a quote, for a number with a slip in it must not be taken for a name and so be left out.  Or it is empty,
 * as that of the numbering which pandas and R put in front, and the others are names; pandas calls a column without one
 * 0.
 */
static bool is_header(struct span line, char delimiter)
{
    bool bad = false, first_is_name = false, unnamed = false, others_are_names = true, x = false;
    for (size_t i = 0; line.text; i++) {
        const bool quoted = trim(line).length > 0 && *trim(line).text == '"';
        const struct span cell = next_cell(&line, delimiter, &bad);
        const bool letter = cell.length > 0 && (isalpha((unsigned char)*cell.text) || *cell.text == '_' ||
                                                (unsigned char)*cell.text >= 0x80);
        const bool name = cell.length > 0 && (letter || quoted) && !is_number(cell);
        x = x || span_is(cell, "x");
        if (i == 0) {
            first_is_name = name;
            unnamed = cell.length == 0 && line.text;
        } else {
            others_are_names = others_are_names && (name || span_is(cell, "0"));
        }
    }
    return !bad && (x || first_is_name || (unnamed && others_are_names));
}

/* Chooses the column x, or else the only one beside a numbering. */
static int choose_column(struct columns *columns, const char *path, struct span header, struct error *err)
{
    struct span rest = header, first = {0};
    bool bad = false, found = false, unnamed = false;
    columns->count = columns->chosen = 0;
    for (; rest.text; columns->count++) {
        const struct span cell = next_cell(&rest, columns->delimiter, &bad);
        if (columns->count == 0) {
            first = cell;
            unnamed = cell.length == 0;
        }
        if (!found && span_is(cell, "x")) {
            found = true;
            columns->chosen = columns->count;
        }
    }
    if (!found && columns->count == 2 && unnamed) {
        found = true;
        columns->chosen = 1;
    }
    if (!found && columns->count > 1)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected one column, or one named 'x', got %zu columns ('%.*s', ...)", path,
                         columns->count, (int)(first.length < 40 ? first.length : 40), first.text);
    return 0;
}

/*
 * Finds out what the file is by its first line of content, which is `line`, and the comment before it: a list of
 * numbers, or a table whose header is that line (*is_data false) or that comment.
 */
static int find_columns(struct columns *columns, bool *is_data, const struct lines *lines, struct span line,
                        struct span comment, struct error *err)
{
    bool bad = false;
    struct span rest = line;
    *columns = (struct columns){.count = 1};
    *is_data = true;
    if (is_number(next_cell(&rest, 0, &bad)))
        return 0;
    *is_data = false;
    columns->delimiter = find_delimiter(line);
    /*
     * Blanks separate only where they do so in the rows too; else they belong to the name of the only column.  R's
     * write.table puts a numbering in quotes before each row, and no name for it into the header.
     */
    struct lines ahead = *lines;
    struct span row;
    bool numbered = false;
    if (columns->delimiter == 0 && next_content(&ahead, &row, NULL)) {
        const size_t names = count_cells(line, ' '), cells = count_cells(row, ' ');
        numbered = cells == names + 1 && *row.text == '"';
        if ((names > 1 && cells == names) || numbered)
            columns->delimiter = ' ';
    }
    if (is_header(line, columns->delimiter)) {
        if (choose_column(columns, lines->path, line, err) < 0)
            return -1;
        columns->count += numbered;
        columns->chosen += numbered;
        return 0;
    }
    /* numpy.savetxt writes the header as a comment, and separates by blanks if not told otherwise. */
    *is_data = true;
    if (columns->delimiter == 0)
        columns->delimiter = ' ';
    const size_t cells = count_cells(line, columns->delimiter);
    if (cells > 1 && comment.length > 0 && is_header(comment, columns->delimiter) &&
        count_cells(comment, columns->delimiter) == cells)
        return choose_column(columns, lines->path, comment, err);
    return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a number or a CSV header, got '%.*s'",
                     lines->path, lines->number, (int)(line.length < 60 ? line.length : 60), line.text);
}

static int read_points(struct points *points, struct lines lines, struct error *err)
{
    struct columns columns;
    struct span line, comment = {0};
    bool more = next_content(&lines, &line, &comment), is_data = true;
    if (more && find_columns(&columns, &is_data, &lines, line, comment, err) < 0)
        return -1;
    if (!is_data)
        more = next_content(&lines, &line, NULL);
    for (; more; more = next_content(&lines, &line, NULL))
        if (add(points, &lines, line, &columns, err) < 0)
            return -1;
    return 0;
}

int points_read(struct points *points, const char *path, struct error *err)
{
    unsigned char *data = NULL;
    size_t size = 0, most = 1;
    *points = (struct points){0};

    int result = file_read(path, &data, &size, err);
    if (result < 0)
        goto done;
    result = -1;
    if (size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        error_set(err, ERROR_DATA, "cannot read '%s': expected UTF-8 text, got UTF-16 (save it as UTF-8)", path);
        goto done;
    }
    if (memchr(data, '\0', size)) {
        error_set(err, ERROR_DATA, "cannot read '%s': expected text, got binary data", path);
        goto done;
    }
    for (size_t i = 0; i < size; i++)
        most += data[i] == '\n' || data[i] == '\r';
    points->x = malloc(most * sizeof *points->x);
    if (!points->x) {
        error_out_of_memory(err, "the points");
        goto done;
    }
    const char *text = (const char *)data, *end = text + size;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* the byte-order mark that Windows programs put there */
        text += 3;
    result = read_points(points, (struct lines){path, text, end, 0}, err);
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
