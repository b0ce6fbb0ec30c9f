/* frame_terminal.c - a frame as aligned columns for a person; see frame.h. */
#include <stdlib.h>

#include "frame_shown.h"

/* In characters of UTF-8: a continuation byte is none. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void print_repeated(char c, size_t count, FILE *out)
{
    while (count-- > 0)
        putc(c, out);
}

/* The blanks that are due are printed only before the next text, so that no line ends in blanks. */
static void print_row(const struct shown *shown, size_t row, const size_t *widths, FILE *out)
{
    size_t due = 0;
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        const char *text = shown_text(shown, row, column);
        const size_t padding = widths[column] - width_of(text);
        const bool right = shown->columns[column].numbers;
        if (*text) {
            print_repeated(' ', due + (right ? padding : 0), out);
            fputs(text, out);
            due = right ? 0 : padding;
        } else {
            due += padding;
        }
        due += 2;
    }
    putc('\n', out);
}

static void print_rule(const struct shown *shown, const size_t *widths, FILE *out)
{
    bool first = true;
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        print_repeated(' ', first ? 0 : 2, out);
        print_repeated('-', widths[column], out);
        first = false;
    }
    putc('\n', out);
}

static void print_table(struct frame *frame)
{
    const struct shown *shown = frame->state;
    size_t *widths = frame->failed ? NULL : calloc(shown->column_count + 1, sizeof *widths);
    if (widths) {
        for (size_t i = 0; i < shown->count; i++) {
            const size_t width = width_of(shown->cells[i]);
            if (width > widths[i % shown->column_count])
                widths[i % shown->column_count] = width;
        }
        for (size_t row = 0; row <= frame->rows; row++) {
            print_row(shown, row, widths, frame->out);
            if (row == 0)
                print_rule(shown, widths, frame->out);
        }
    }
    frame->failed |= !widths;
    free(widths);
    shown_free(frame);
}

const struct frame_writer frame_terminal = {
    .name = "terminal", .begin = shown_begin, .cell = shown_cell, .end = print_table};
