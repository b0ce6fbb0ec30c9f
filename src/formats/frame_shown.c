/* frame_shown.c - see frame_shown.h. */
#include "frame_shown.h"

#include <stdlib.h>
#include <string.h>

#include "frame_exact.h"

static bool is_shown(const struct frame_column *column)
{
    return column->title && !column->interval;
}

/* One after the other, as a new text; NULL when memory ran out. */
static char *join(const char *a, const char *b, const char *c)
{
    const size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(size);
    if (text)
        snprintf(text, size, "%s%s%s", a, b, c);
    return text;
}

/* Takes the cell, which is NULL when memory ran out. */
static void append(struct frame *frame, char *cell)
{
    struct shown *shown = frame->state;
    if (cell && !frame->failed && shown->count == shown->capacity) {
        const size_t capacity = shown->capacity ? 2 * shown->capacity : 64;
        char **cells = realloc(shown->cells, capacity * sizeof *cells);
        if (cells) {
            shown->cells = cells;
            shown->capacity = capacity;
        } else {
            frame->failed = true;
        }
    }
    if (!cell || frame->failed) {
        frame->failed = true;
        free(cell);
        return;
    }
    shown->cells[shown->count++] = cell;
}

void shown_begin(struct frame *frame)
{
    struct shown *shown = calloc(1, sizeof *shown);
    size_t count = 0;
    frame->state = shown;
    for (const struct frame_column *column = frame->columns; column->name; column++)
        count += is_shown(column);
    if (!shown || !(shown->columns = calloc(count + 1, sizeof *shown->columns))) {
        frame->failed = true;
        return;
    }
    for (const struct frame_column *column = frame->columns; column->name; column++)
        if (is_shown(column)) {
            if (column->names_row || shown->column_count == 0)
                shown->names = shown->column_count + 1;
            shown->columns[shown->column_count++] =
                (struct shown_column){.numbers = column->type != FRAME_TEXT && column->type != FRAME_BOOL,
                                      .left_out = column->optional,
                                      .setting = column->names_row};
            append(frame, join(column->title, column->unit ? " " : "", column->unit ? column->unit : ""));
        }
}

static const char *format_real(char buffer[NUMBER_TEXT_SIZE], const struct frame_column *column,
                               const struct frame_cell *cell)
{
    const double value = cell->real * (column->scale != 0 ? column->scale : 1);
    switch (column->shown) {
    case SHOWN_EXACT:
        return frame_exact(buffer, column, cell);
    case SHOWN_DECIMALS:
        return number_format_fixed(buffer, value, column->places);
    case SHOWN_SIGNED:
        return number_format_signed(buffer, value, column->places);
    case SHOWN_DIGITS:
        snprintf(buffer, NUMBER_TEXT_SIZE, "%.*g", column->places, value);
        return buffer;
    case SHOWN_THREE:
        return number_format_fixed(buffer, value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
    }
    return "";
}

void shown_cell(struct frame *frame, const struct frame_column *column, const struct frame_cell *cell)
{
    struct shown *shown = frame->state;
    char number[NUMBER_TEXT_SIZE];
    if (frame->failed || !(column->title || column->interval))
        return;
    const bool real = column->type == FRAME_REAL || column->type == FRAME_SINGLE;
    const char *text = real && !cell->none ? format_real(number, column, cell) : frame_exact(number, column, cell);
    if (column->interval) {
        char **value = &shown->cells[shown->count - 1], *both = *text ? join(*value, " \302\261 ", text) : NULL;
        frame->failed |= *text && !both;
        if (both) {
            free(*value);
            *value = both;
        }
        return;
    }
    shown->columns[shown->count % shown->column_count].left_out &= !*text && !*cell->note;
    append(frame, join(cell->none && !*cell->note ? "-" : text, cell->note, ""));
}

const char *shown_text(const struct shown *shown, size_t row, size_t column)
{
    return shown->cells[row * shown->column_count + column];
}

static bool is_same(const struct shown *shown, size_t rows, size_t column)
{
    for (size_t row = 2; row <= rows; row++)
        if (strcmp(shown_text(shown, row, column), shown_text(shown, 1, column)) != 0)
            return false;
    return rows > 1;
}

bool shown_leave_same(struct shown *shown, size_t rows)
{
    bool some = false;
    for (size_t column = 0; column < shown->column_count; column++)
        if (shown->columns[column].setting && !shown->columns[column].left_out && is_same(shown, rows, column))
            shown->columns[column].left_out = shown->columns[column].same = some = true;
    return some;
}

void shown_free(struct frame *frame)
{
    struct shown *shown = frame->state;
    for (size_t i = 0; shown && i < shown->count; i++)
        free(shown->cells[i]);
    if (shown) {
        free(shown->cells);
        free(shown->columns);
    }
    free(shown);
    frame->state = NULL;
}
