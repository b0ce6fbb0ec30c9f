/* frame_latex.c - a frame as a tabular of LaTeX, with the rules of the package booktabs; see frame.h. */
#include <string.h>

#include "dlexp/formats/escape.h"
#include "frame_shown.h"

static void print_row(const struct shown *shown, size_t row, FILE *out)
{
    const char *between = "";
    for (size_t column = 0; column < shown->column_count; column++) {
        if (shown->columns[column].left_out)
            continue;
        const char *text = shown_text(shown, row, column);
        fputs(between, out);
        escape_latex(out, text, strlen(text));
        between = " & ";
    }
    fputs(" \\\\\n", out);
}

static void print_table(struct frame *frame)
{
    const struct shown *shown = frame->state;
    if (!frame->failed) {
        fputs("\\begin{tabular}{", frame->out);
        for (size_t column = 0; column < shown->column_count; column++)
            if (!shown->columns[column].left_out)
                putc(shown->columns[column].numbers ? 'r' : 'l', frame->out);
        fputs("}\n\\toprule\n", frame->out);
        print_row(shown, 0, frame->out);
        fputs("\\midrule\n", frame->out);
        for (size_t row = 1; row <= frame->rows; row++)
            print_row(shown, row, frame->out);
        fputs("\\bottomrule\n\\end{tabular}\n", frame->out);
    }
    shown_free(frame);
}

const struct frame_writer frame_latex = {.name = "latex", .begin = shown_begin, .cell = shown_cell, .end = print_table};
