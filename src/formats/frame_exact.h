/*
 * frame_exact.h - a number's text as files have it.
 */
#ifndef DLEXP_FRAME_EXACT_H
#define DLEXP_FRAME_EXACT_H

#include "dlexp/base/number.h"
#include "dlexp/formats/frame.h"

/* frame_exact - the cell's text in CSV, in buffer or the cell's own; JSON has the number that it reads back to.
 * "" where there is no value. */
const char *frame_exact(char buffer[NUMBER_TEXT_SIZE], const struct frame_column *column,
                        const struct frame_cell *cell);

#endif
