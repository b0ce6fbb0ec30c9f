/* plan.json: the configuration that the shards of a call have in common. */
#include "dlexp/run/plan_json.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"

/* The file in memory. */
static int make(struct output *output, size_t runs, const struct invocation *invocation, const void *config,
                struct error *err)
{
    struct error ignored;
    if (output_open(output, err) < 0)
        return -1;
    cJSON *root = json_document("plan");
    json_add_string(root, "experiment", invocation->command->name);
    json_add_number(root, "runs_planned", (double)runs);
    options_add_plan_json(root, invocation, config);
    if (json_print(root, output->stream, PLAN_JSON, err) == 0)
        return 0;
    free(output_take(output, &ignored));
    return -1;
}

int plan_json_write(const char *directory, size_t runs, const struct invocation *invocation, const void *config,
                    struct error *err)
{
    struct output output;
    if (make(&output, runs, invocation, config, err) < 0)
        return -1;
    return output_close_in(&output, directory, PLAN_JSON, err);
}

/* *same: the file holds this text.  One that cannot be read is not the same. */
static int compare(bool *same, const char *path, const char *text, struct error *err)
{
    unsigned char *old = NULL;
    size_t size;
    const int result = file_read(path, &old, &size, err);
    *same = result == 0 && strcmp((const char *)old, text) == 0;
    free(old);
    return result < 0 && err->code == ERROR_IO ? -1 : 0;
}

int plan_json_remove(const char *directory, size_t runs, const struct invocation *invocation, const void *config,
                     struct error *err)
{
    struct output output;
    bool there = false, same = false;
    char *text = NULL, *path = path_join(directory, PLAN_JSON);
    int result = path ? file_look(&there, path, err) : error_out_of_memory(err, "a path");
    if (result == 0 && there) {
        result = make(&output, runs, invocation, config, err);
        text = result == 0 ? output_take(&output, err) : NULL;
        result = text ? compare(&same, path, text, err) : -1;
        if (result == 0 && !same)
            result = file_remove(path, err);
    }
    free(text);
    free(path);
    return result;
}
