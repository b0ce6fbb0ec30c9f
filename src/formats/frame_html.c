/* frame_html.c - a frame as an HTML table; see frame.h. */
#include "frame_shown.h"

static void print_escaped(const char *text, FILE *out)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            putc(*text, out);
        }
}

/* Numbers have the class "number", for a style sheet to align. */
static void print_row(const struct shown *shown, size_t row, FILE *out)
{
    const char *tag = row == 0 ? "th" : "td";
    fputs("<tr>", out);
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        fprintf(out, "<%s%s>", tag, shown->columns[column].numbers ? " class=\"number\"" : "");
        print_escaped(shown_text(shown, row, column), out);
        fprintf(out, "</%s>", tag);
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
