/*
 * frame_shown.h - the cells of a frame as a person reads them, all of them, for a format that must know them before it
 * can print the first: how wide a column is, whether it has any value.
 */
#ifndef DLEXP_FRAME_SHOWN_H
#define DLEXP_FRAME_SHOWN_H

#include "dlexp/formats/frame.h"

struct shown_column {
    bool numbers;  /* to be aligned right */
    bool left_out; /* optional, and no row has a value; or it is the same: */
    bool same;     /* left out by shown_leave_same */
    bool setting;  /* says something only where rows differ in it */
};

/* The state of a frame while it is filled. */
struct shown {
    char **cells; /* row by row; row 0 is the heading */
    size_t count, capacity;
    struct shown_column *columns;
    size_t column_count; /* those that have a title */
    size_t names;        /* how many of them, at the beginning, name the row; the first one always does */
};

/* shown_begin, shown_cell - a writer's begin and cell. */
void shown_begin(struct frame *frame);
void shown_cell(struct frame *frame, const struct frame_column *column, const struct frame_cell *cell);

/* shown_text - of a cell. */
const char *shown_text(const struct shown *shown, size_t row, size_t column);

/* shown_leave_same - leave out the settings that are the same in all of the rows, of which there are several; whether
 * there are such. */
bool shown_leave_same(struct shown *shown, size_t rows);

/* shown_free - the state. */
void shown_free(struct frame *frame);

#endif
