#include "dlexp/run_json.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/file.h"
#include "dlexp/output.h"
#include "dlexp/version.h"

/* The processor's name as the system tells it, or its architecture. */
static void cpu_name(char *name, size_t size)
{
    struct utsname system;
    char line[256];
    snprintf(name, size, "%s", uname(&system) == 0 ? system.machine : "unknown");
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info && fgets(line, sizeof line, info))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            snprintf(name, size, "%s", strchr(line, ':') + 2);
            name[strcspn(name, "\n")] = '\0';
            break;
        }
    if (info)
        fclose(info);
}

static void add_host(cJSON *root, const char *kernels)
{
    struct utsname system;
    char text[256];
    cJSON *host = cJSON_AddObjectToObject(root, "host");
    cpu_name(text, sizeof text);
    cJSON_AddStringToObject(host, "cpu", text);
    cJSON_AddNumberToObject(host, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    if (uname(&system) == 0) {
        snprintf(text, sizeof text, "%s %s", system.sysname, system.release);
        cJSON_AddStringToObject(host, "system", text);
    }
    cJSON_AddStringToObject(host, "compiler", version_compiler);
    if (kernels)
        cJSON_AddStringToObject(host, "kernels", kernels);
}

/* The run.json that stands there, or NULL. */
static cJSON *read_old(const char *directory)
{
    struct error ignored;
    unsigned char *text = NULL;
    size_t size;
    cJSON *old = NULL;
    char *path = path_join(directory, "run.json");
    if (path && file_read(path, &text, &size, &ignored) == 0)
        old = cJSON_Parse((const char *)text);
    free(text);
    free(path);
    return old;
}

int run_json_check(const char *directory, const char *experiment, struct error *err)
{
    cJSON *old = read_old(directory);
    const char *other = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(old, "experiment"));
    int result = 0;
    if (other && strcmp(other, experiment) != 0)
        result =
            error_set(err, ERROR_USAGE,
                      "--out: expected a directory of '%s' results or a new one, got '%s' with those of '%s'; choose "
                      "another",
                      experiment, directory, other);
    cJSON_Delete(old);
    return result;
}

static const cJSON *find_run(const cJSON *root, const char *id)
{
    const cJSON *run;
    cJSON_ArrayForEach(run, cJSON_GetObjectItemCaseSensitive(root, "runs"))
    {
        const char *old_id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(run, "id"));
        if (old_id && strcmp(old_id, id) == 0)
            return run;
    }
    return NULL;
}

static void add_time(cJSON *object, const char *name, time_t when)
{
    char text[32];
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    cJSON_AddStringToObject(object, name, text);
}

static void add_runs(cJSON *root, const struct plan *plan, const cJSON *old)
{
    static const char *const kept[] = {"seconds", "computed_at"};
    cJSON *runs = cJSON_AddArrayToObject(root, "runs");
    for (size_t i = 0; i < plan->count; i++) {
        const struct run *run = &plan->runs[i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddItemToArray(runs, entry);
        cJSON_AddStringToObject(entry, "id", run->id);
        cJSON_AddStringToObject(entry, "label", run->label);
        cJSON_AddBoolToObject(entry, "computed_now", run->computed);
        if (run->computed) {
            cJSON_AddNumberToObject(entry, kept[0], run->seconds);
            add_time(entry, kept[1], run->finished_at);
            continue;
        }
        const cJSON *before = find_run(old, run->id);
        for (size_t k = 0; before && k < sizeof kept / sizeof *kept; k++) {
            cJSON *value = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(before, kept[k]), 1);
            if (value)
                cJSON_AddItemToObject(entry, kept[k], value);
        }
    }
}

int run_json_write(const struct plan *plan, const struct invocation *invocation, const void *config,
                   const char *kernels, struct cJSON *extra, double elapsed_s, struct error *err)
{
    struct output output;
    cJSON *root = cJSON_CreateObject(), *old = read_old(plan->directory), *words, *item;

    cJSON_AddStringToObject(root, "program", "dlexp");
    cJSON_AddStringToObject(root, "version", version_number);
    cJSON_AddStringToObject(root, "revision", version_revision);
    words = cJSON_AddArrayToObject(root, "command_line");
    for (int i = 0; i < invocation->argc; i++)
        cJSON_AddItemToArray(words, cJSON_CreateString(invocation->argv[i]));
    cJSON_AddStringToObject(root, "experiment", invocation->command->name);
    cJSON_AddItemToObject(root, "config", options_to_json(invocation->command, config));
    while (extra && (item = cJSON_DetachItemFromArray(extra, 0)) != NULL)
        cJSON_AddItemToObject(root, item->string, item);
    cJSON_Delete(extra);
    add_host(root, kernels);
    add_time(root, "finished_at", time(NULL));
    cJSON_AddNumberToObject(root, "elapsed_seconds", elapsed_s);
    add_runs(root, plan, old);
    cJSON_Delete(old);

    /* cJSON's adders answer NULL when memory runs out; then the print fails or misses members that must be there. */
    char *text = cJSON_GetObjectItemCaseSensitive(root, "runs") ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!text || output_open(&output, err) < 0) {
        cJSON_free(text);
        return error_out_of_memory(err, "run.json");
    }
    fprintf(output.stream, "%s\n", text);
    cJSON_free(text);
    return output_close_in(&output, plan->directory, "run.json", err);
}
