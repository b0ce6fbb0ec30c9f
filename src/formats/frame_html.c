/* frame_html.c - a frame as an HTML table; see frame.h. */
#include <string.h>

#include "dlexp/formats/escape.h"
#include "frame_shown.h"

/* Numbers have the class "number", for a style sheet to align; cells have their column's title, for one that puts them
 * one below the other. */
static void print_row(const struct shown *shown, size_t row, FILE *out)
{
    const char *tag = row == 0 ? "th scope=\"col\"" : "td";
    fputs("<tr>", out);
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        const char *text = shown_text(shown, row, column);
        fprintf(out, "<%s%s", tag, shown->columns[column].numbers ? " class=\"number\"" : "");
        if (row > 0) {
            const char *title = shown_text(shown, 0, column);
            fputs(" data-title=\"", out);
            escape_html(out, title, strlen(title));
            putc('"', out);
        }
        putc('>', out);
        escape_html(out, text, strlen(text));
        fprintf(out, "</%.2s>", tag);
    }
    fputs("</tr>\n", out);
}

static void print_table(struct frame *frame)
{
    if (!frame->failed) {
        fputs("<table>\n<thead>\n", frame->out);
        print_row(frame->state, 0, frame->out);
        fputs("</thead>\n<tbody>\n", frame->out);
        for (size_t row = 1; row <= frame->rows; row++)
            print_row(frame->state, row, frame->out);
        fputs("</tbody>\n</table>\n", frame->out);
    }
    shown_free(frame);
}

const struct frame_writer frame_html = {.name = "html", .begin = shown_begin, .cell = shown_cell, .end = print_table};
