/* frame_csv.c - a frame as CSV; see frame.h. */
#include <string.h>

#include "frame_exact.h"

static void write_head(struct frame *frame)
{
    size_t written = 0;
    for (const struct frame_column *column = frame->columns; column->name; column++) {
        if (column->csv && !*column->csv)
            continue;
        if (written++ > 0)
            fputc(',', frame->out);
        if (column->csv)
            fputs(column->csv, frame->out);
        else
            fprintf(frame->out, "%s%s%s", column->of ? column->of : "", column->of ? "_" : "", column->name);
    }
    fputc('\n', frame->out);
}

/* In quotes where a reader would take it apart otherwise. */
static void write_text(FILE *out, const char *text, bool quoted)
{
    if (!quoted && !strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_cell(struct frame *frame, const struct frame_column *column, const struct frame_cell *cell)
{
    char number[NUMBER_TEXT_SIZE];
    if (column->csv && !*column->csv)
        return;
    if (frame->written++ > 0)
        fputc(',', frame->out);
    write_text(frame->out, frame_exact(number, column, cell), column->quoted && !cell->none);
}

static void end_row(struct frame *frame)
{
    fputc('\n', frame->out);
}

const struct frame_writer frame_csv = {.name = "csv", .begin = write_head, .cell = write_cell, .end_row = end_row};
