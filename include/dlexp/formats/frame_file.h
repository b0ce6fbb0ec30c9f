/*
 * frame_file.h - a frame filled and put in place as a file.
 */
#ifndef DLEXP_FRAME_FILE_H
#define DLEXP_FRAME_FILE_H

#include "dlexp/base/error.h"
#include "dlexp/formats/frame.h"

/* frame_file_csv - directory/name as CSV, atomically; a file that already holds the same bytes is left alone. */
int frame_file_csv(const char *directory, const char *name, const struct frame_column *columns, frame_fill_fn *fill,
                   const void *context, struct error *err);

#endif
