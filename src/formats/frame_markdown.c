/* frame_markdown.c - a frame as a table in GitHub's Markdown; see frame.h. */
#include <string.h>

#include "dlexp/formats/escape.h"
#include "frame_shown.h"

static void print_row(const struct shown *shown, size_t row, FILE *out)
{
    fputs("|", out);
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        const char *text = shown_text(shown, row, column);
        fputs(" ", out);
        escape_markdown(out, text, strlen(text));
        fputs(" |", out);
    }
    fputs("\n", out);
}

static void print_table(struct frame *frame)
{
    const struct shown *shown = frame->state;
    if (!frame->failed) {
        print_row(shown, 0, frame->out);
        fputs("|", frame->out);
        for (size_t column = 0; column < shown->column_count; column++)
            if (!shown->columns[column].left_out)
                fputs(shown->columns[column].numbers ? "---:|" : "---|", frame->out);
        fputs("\n", frame->out);
        for (size_t row = 1; row <= frame->rows; row++)
            print_row(shown, row, frame->out);
    }
    shown_free(frame);
}

const struct frame_writer frame_markdown = {
    .name = "markdown", .begin = shown_begin, .cell = shown_cell, .end = print_table};
