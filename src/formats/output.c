#include "dlexp/output.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/file.h"

int output_open(struct output *output, struct error *err)
{
    *output = (struct output){0};
    output->stream = open_memstream(&output->text, &output->size);
    return output->stream ? 0 : error_out_of_memory(err, "a file to write");
}

char *output_take(struct output *output, struct error *err)
{
    int failed = ferror(output->stream);
    if (fclose(output->stream) != 0 || failed) {
        free(output->text);
        output->text = NULL;
        error_out_of_memory(err, "a file to write");
    }
    output->stream = NULL;
    return output->text;
}

int output_close(struct output *output, const char *directory, const char *name, struct error *err)
{
    unsigned char *old = NULL;
    size_t old_size = 0;
    struct error ignored;
    char *path = path_join(directory, name);
    if (!output_take(output, err) || !path) {
        free(path);
        free(output->text);
        return error_out_of_memory(err, "a file to write");
    }
    int result = 0;
    if (file_read(path, &old, &old_size, &ignored) < 0 || old_size != output->size ||
        memcmp(old, output->text, old_size) != 0)
        result = file_write_atomic(path, output->text, output->size, err);
    free(old);
    free(path);
    free(output->text);
    return result;
}
