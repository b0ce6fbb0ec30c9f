/* frame_terminal.c - a frame as aligned columns for a person; see frame.h. */
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/flow.h"
#include "dlexp/formats/screen.h"
#include "frame_shown.h"

/* How wide each column is, and in how many lines the headings stand. */
struct layout {
    struct shown *shown;
    size_t screen; /* columns of the screen */
    size_t *widths;
    size_t heading_lines;
};

/* A part of a text. */
struct piece {
    const char *text;
    size_t length;
};

static void print_repeated(char c, size_t count, FILE *out)
{
    while (count-- > 0)
        putc(c, out);
}

/* ---- headings in lines ---- */

/* As many words from the text's begin on as fit into the width, one at least; length 0: there are no more. */
static struct piece first_words(const char *text, size_t width)
{
    text += strspn(text, " ");
    struct piece piece = {text, strcspn(text, " ")};
    for (size_t end = piece.length; text[end] != '\0';) {
        end += strspn(text + end, " ");
        end += strcspn(text + end, " ");
        if (flow_width(text, end) > width)
            break;
        piece.length = end;
    }
    return piece;
}

static size_t count_lines(const char *heading, size_t width)
{
    size_t lines = 0;
    for (struct piece piece = first_words(heading, width); piece.length > 0; lines++)
        piece = first_words(piece.text + piece.length, width);
    return lines;
}

/* What stands in a line of the headings, whose last lines are on one level. */
static struct piece heading_piece(const struct layout *layout, size_t column, size_t line)
{
    const char *heading = shown_text(layout->shown, 0, column);
    const size_t width = layout->widths[column], above = layout->heading_lines - count_lines(heading, width);
    struct piece piece = {heading, 0};
    for (size_t i = above; i <= line; i++)
        piece = first_words(piece.text + piece.length, width);
    return piece;
}

static size_t longest_word(const char *text)
{
    size_t longest = 0;
    for (struct piece word = first_words(text, 0); word.length > 0; word = first_words(word.text + word.length, 0)) {
        const size_t width = flow_width(word.text, word.length);
        longest = width > longest ? width : longest;
    }
    return longest;
}

/* ---- widths ---- */

static size_t widest_cell(const struct shown *shown, size_t column, size_t rows)
{
    size_t widest = 0;
    for (size_t row = 1; row <= rows; row++) {
        const char *text = shown_text(shown, row, column);
        const size_t width = flow_width(text, strlen(text));
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* As wide as the cells, and as headings of so many lines (or of a word in each) have to be; returns the table's width.
 */
static size_t find_widths(struct layout *layout, const size_t *cells)
{
    const struct shown *shown = layout->shown;
    size_t total = 0;
    for (size_t column = 0; column < shown->column_count; column++) {
        const char *heading = shown_text(shown, 0, column);
        const size_t longest = longest_word(heading);
        size_t *width = &layout->widths[column];
        *width = 0;
        if (shown->columns[column].left_out)
            continue;
        *width = cells[column] > longest ? cells[column] : longest;
        while (*width < flow_width(heading, strlen(heading)) && count_lines(heading, *width) > layout->heading_lines)
            ++*width;
        total += *width + (total > 0 ? 2 : 0);
    }
    return total;
}

/* Headings stand in as many lines as it takes for the table to be no wider than the screen, if it can be. */
static size_t wrap_headings(struct layout *layout, const size_t *cells, size_t most)
{
    size_t width;
    layout->heading_lines = 1;
    while ((width = find_widths(layout, cells)) > layout->screen && layout->heading_lines < most)
        layout->heading_lines++;
    return width;
}

/* What is too wide loses the columns of settings that are the same in all rows, which say nothing of a row; a width of
 * 0 stands for a column that is not shown. */
static int make_layout(struct layout *layout, size_t rows)
{
    struct shown *shown = layout->shown;
    size_t *cells = calloc(shown->column_count + 1, sizeof *cells), most = 1;
    layout->widths = calloc(shown->column_count + 1, sizeof *layout->widths);
    const bool ready = cells && layout->widths;
    for (size_t column = 0; ready && column < shown->column_count; column++) {
        const size_t lines = count_lines(shown_text(shown, 0, column), 0);
        cells[column] = widest_cell(shown, column, rows);
        most = lines > most ? lines : most;
    }
    if (ready && wrap_headings(layout, cells, most) > layout->screen && shown_leave_same(shown, rows))
        wrap_headings(layout, cells, most);
    free(cells);
    return ready ? 0 : -1;
}

/* ---- bands ---- */

/* Columns [first, end) of a table that does not fit whole, behind the columns [0, names) that name its rows. */
struct band {
    size_t names, first, end;
};

static bool is_in(const struct layout *layout, const struct band *band, size_t column)
{
    return !layout->shown->columns[column].left_out &&
           (column < band->names || (column >= band->first && column < band->end));
}

static size_t width_of(const struct layout *layout, size_t first, size_t end)
{
    size_t width = 0;
    for (size_t column = first; column < end; column++)
        if (!layout->shown->columns[column].left_out)
            width += layout->widths[column] + 2;
    return width;
}

/* The names, or where they leave no room for anything else, nothing. */
static size_t count_names(const struct layout *layout)
{
    const size_t names = layout->shown->names;
    size_t widest = 0;
    for (size_t column = names; column < layout->shown->column_count; column++)
        widest = layout->widths[column] > widest ? layout->widths[column] : widest;
    return width_of(layout, 0, names) + widest <= layout->screen ? names : 0;
}

/* The next band, of as many columns as fit, one at least; false where there are no more. */
static bool next_band(const struct layout *layout, struct band *band)
{
    const size_t count = layout->shown->column_count;
    band->first = band->end;
    while (band->first < count && layout->shown->columns[band->first].left_out)
        band->first++;
    if (band->first == count)
        return false;
    band->end = band->first + 1;
    const size_t names = width_of(layout, 0, band->names);
    while (band->end < count && names + width_of(layout, band->first, band->end + 1) <= layout->screen + 2)
        band->end++;
    return true;
}

/* ---- lines ---- */

/* A row, or below row 1 a line of the headings.  The blanks that are due are printed only before the next text, so that
 * no line ends in blanks. */
static void print_row(const struct layout *layout, const struct band *band, size_t row, size_t heading_line, FILE *out)
{
    const struct shown *shown = layout->shown;
    size_t due = 0;
    for (size_t column = 0; column < shown->column_count; column++) {
        if (!is_in(layout, band, column))
            continue;
        const char *text = shown_text(shown, row, column);
        const struct piece piece =
            row == 0 ? heading_piece(layout, column, heading_line) : (struct piece){text, strlen(text)};
        const size_t padding = layout->widths[column] - flow_width(piece.text, piece.length);
        const bool right = shown->columns[column].numbers;
        if (piece.length > 0) {
            print_repeated(' ', due + (right ? padding : 0), out);
            fwrite(piece.text, 1, piece.length, out);
            due = right ? 0 : padding;
        } else {
            due += padding;
        }
        due += 2;
    }
    putc('\n', out);
}

static void print_rule(const struct layout *layout, const struct band *band, FILE *out)
{
    bool first = true;
    for (size_t column = 0; column < layout->shown->column_count; column++) {
        if (!is_in(layout, band, column))
            continue;
        print_repeated(' ', first ? 0 : 2, out);
        print_repeated('-', layout->widths[column], out);
        first = false;
    }
    putc('\n', out);
}

/* Whether some heading of the band has text in this line. */
static bool has_heading(const struct layout *layout, const struct band *band, size_t line)
{
    for (size_t column = 0; column < layout->shown->column_count; column++)
        if (is_in(layout, band, column) && heading_piece(layout, column, line).length > 0)
            return true;
    return false;
}

static void print_band(const struct layout *layout, const struct band *band, size_t rows, FILE *out)
{
    for (size_t line = 0; line < layout->heading_lines; line++)
        if (has_heading(layout, band, line))
            print_row(layout, band, 0, line, out);
    print_rule(layout, band, out);
    for (size_t row = 1; row <= rows; row++)
        print_row(layout, band, row, 0, out);
}

/* "  in all rows: fn f1, lr 0.001", of what was left out for that. */
static void print_same(const struct shown *shown, FILE *out)
{
    const char *between = "in all rows: ";
    struct flow flow = {.out = out};
    for (size_t column = 0; column < shown->column_count; column++) {
        if (!shown->columns[column].same)
            continue;
        if (flow.line == 0)
            flow = flow_begin(out, "  ", 2);
        flow_text(&flow, between);
        flow_text(&flow, shown_text(shown, 0, column));
        flow_text(&flow, " ");
        flow_text(&flow, shown_text(shown, 1, column));
        between = ", ";
    }
    if (flow.line > 0)
        flow_end(&flow);
}

static void print_table(struct frame *frame)
{
    struct layout layout = {.shown = frame->state, .screen = screen_width(frame->out)};
    frame->failed = frame->failed || make_layout(&layout, frame->rows) < 0;
    if (!frame->failed) {
        struct band band = {.names = count_names(&layout)};
        band.end = band.names;
        for (size_t bands = 0; next_band(&layout, &band); bands++) {
            if (bands > 0)
                putc('\n', frame->out);
            print_band(&layout, &band, frame->rows, frame->out);
        }
        print_same(layout.shown, frame->out);
    }
    free(layout.widths);
    shown_free(frame);
}

const struct frame_writer frame_terminal = {
    .name = "terminal", .begin = shown_begin, .cell = shown_cell, .end = print_table};
