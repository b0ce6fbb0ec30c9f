/* frame.c - cells on their way from who fills a frame to the format that writes it; see frame.h. */
#include "dlexp/formats/frame.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>

#include "dlexp/formats/json.h"

/* What a cell is filled with has the type of its column, or stands for no value of it. */
static void write_cell(struct frame *frame, struct frame_cell cell)
{
    const struct frame_column *column = &frame->columns[frame->column];
    cell.note = frame->note;
    frame->writer->cell(frame, column, &cell);
    frame->note[0] = '\0';
    if (frame->columns[++frame->column].name)
        return;
    if (frame->writer->end_row)
        frame->writer->end_row(frame);
    frame->column = 0;
    frame->written = 0;
    frame->rows++;
}

static enum frame_type next_type(const struct frame *frame)
{
    return frame->columns[frame->column].type;
}

void frame_none(struct frame *frame)
{
    write_cell(frame, (struct frame_cell){.none = true});
}

void frame_text(struct frame *frame, const char *text)
{
    assert(next_type(frame) == FRAME_TEXT || next_type(frame) == FRAME_NUMBER);
    write_cell(frame, (struct frame_cell){.none = !text, .text = text});
}

void frame_integer(struct frame *frame, int64_t value)
{
    assert(next_type(frame) == FRAME_INTEGER);
    write_cell(frame, (struct frame_cell){.integer = value});
}

void frame_real(struct frame *frame, double value)
{
    assert(next_type(frame) == FRAME_REAL || next_type(frame) == FRAME_SINGLE);
    write_cell(frame, (struct frame_cell){.none = isnan(value), .real = value});
}

void frame_reals(struct frame *frame, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        frame_real(frame, values[i]);
}

const struct frame_column *frame_next(const struct frame *frame)
{
    return &frame->columns[frame->column];
}

void frame_bool(struct frame *frame, bool value)
{
    assert(next_type(frame) == FRAME_BOOL);
    write_cell(frame, (struct frame_cell){.integer = value});
}

void frame_note(struct frame *frame, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(frame->note, sizeof frame->note, format, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof frame->note);
    (void)length;
}

void frame_fail(struct frame *frame, const struct error *failure)
{
    if (!frame->failed)
        frame->failure = *failure;
    frame->failed = true;
}

static bool write_frame(struct frame *frame, frame_fill_fn *fill, const void *context)
{
    assert(frame->columns[0].name);
    if (frame->writer->begin)
        frame->writer->begin(frame);
    fill(context, frame);
    assert(frame->column == 0); /* no row is half filled */
    if (frame->writer->end)
        frame->writer->end(frame);
    return !frame->failed;
}

int frame_print(const struct frame_writer *writer, FILE *out, const struct frame_column *columns, frame_fill_fn *fill,
                const void *context, struct error *err)
{
    struct frame frame = {.writer = writer, .columns = columns, .out = out};
    if (write_frame(&frame, fill, context))
        return 0;
    if (frame.failure.code == 0)
        return error_out_of_memory(err, "a table to print");
    *err = frame.failure;
    return -1;
}

void frame_add_json(struct cJSON *object, const char *name, const struct frame_column *columns, frame_fill_fn *fill,
                    const void *context)
{
    struct frame frame = {.writer = &frame_json, .columns = columns, .array = json_add_array(object, name)};
    write_frame(&frame, fill, context);
}
