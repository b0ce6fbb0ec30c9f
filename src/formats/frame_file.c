/* frame_file.c - see frame_file.h. */
#include "dlexp/formats/frame_file.h"

#include <stdlib.h>

#include "dlexp/formats/output.h"

int frame_file_csv(const char *directory, const char *name, const struct frame_column *columns, frame_fill_fn *fill,
                   const void *context, struct error *err)
{
    struct output output;
    if (output_open(&output, err) < 0)
        return -1;
    /* CSV is written as it comes and needs no memory but the output's, which remembers. */
    if (frame_print(&frame_csv, output.stream, columns, fill, context, err) < 0) {
        struct error ignored;
        free(output_take(&output, &ignored));
        return -1;
    }
    return output_close_in(&output, directory, name, err);
}
