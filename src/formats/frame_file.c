/* frame_file.c - see frame_file.h. */
#include "dlexp/formats/frame_file.h"

#include <stdlib.h>

#include "dlexp/formats/output.h"

int frame_file_csv(const char *directory, const char *name, const struct frame_column *columns, frame_fill_fn *fill,
                   const void *context, struct error *err)
{
    struct output output;
    struct frame frame;
    if (output_open(&output, err) < 0)
        return -1;
    frame_open_csv(&frame, columns, output.stream);
    fill(context, &frame);
    frame_close(&frame);
    if (frame.failed) {
        free(output_take(&output, err));
        *err = frame.failure;
        return -1;
    }
    return output_close_in(&output, directory, name, err);
}
