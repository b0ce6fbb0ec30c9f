/* frame.c - see frame.h. */
#include "dlexp/formats/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"

void frame_open_csv(struct frame *frame, const struct frame_column *columns, FILE *out)
{
    *frame = (struct frame){.columns = columns, .csv = out};
    for (; columns[frame->column_count].name; frame->column_count++)
        fprintf(out, "%s%s", frame->column_count ? "," : "", columns[frame->column_count].name);
    fputc('\n', out);
    assert(frame->column_count > 0);
}

/* The column of the cell that comes; its separator is written. */
static const struct frame_column *begin_cell(struct frame *frame)
{
    if (frame->column > 0)
        fputc(',', frame->csv);
    return &frame->columns[frame->column];
}

static void end_cell(struct frame *frame)
{
    if (++frame->column < frame->column_count)
        return;
    fputc('\n', frame->csv);
    frame->column = 0;
    frame->rows++;
}

void frame_none(struct frame *frame)
{
    begin_cell(frame);
    end_cell(frame);
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

void frame_text(struct frame *frame, const char *text)
{
    const struct frame_column *column = begin_cell(frame);
    assert(column->type == FRAME_TEXT);
    if (text)
        write_text(frame->csv, text, column->quoted);
    end_cell(frame);
}

void frame_integer(struct frame *frame, int64_t value)
{
    const struct frame_column *column = begin_cell(frame);
    assert(column->type == FRAME_INTEGER);
    fprintf(frame->csv, "%" PRId64, value);
    end_cell(frame);
}

void frame_real(struct frame *frame, double value)
{
    char number[NUMBER_TEXT_SIZE];
    const struct frame_column *column = begin_cell(frame);
    assert(column->type == FRAME_REAL || column->type == FRAME_SINGLE);
    if (isnan(value))
        ; /* no such number */
    else if (column->type == FRAME_SINGLE)
        fputs(number_format_float(number, (float)value), frame->csv);
    else if (column->digits > 0)
        fprintf(frame->csv, "%.*g", column->digits, value);
    else
        fputs(number_format_real(number, value), frame->csv);
    end_cell(frame);
}

void frame_reals(struct frame *frame, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        frame_real(frame, values[i]);
}

const char *frame_next(const struct frame *frame)
{
    return frame->columns[frame->column].name;
}

void frame_fail(struct frame *frame, const struct error *failure)
{
    if (!frame->failed)
        frame->failure = *failure;
    frame->failed = true;
}

void frame_close(const struct frame *frame)
{
    assert(frame->column == 0);
}
