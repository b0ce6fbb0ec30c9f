#include "dlexp/run/run_json.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/cpus.h"
#include "dlexp/base/file.h"
#include "dlexp/base/version.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/plan_json.h"
#include "replaced.h"

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
    cJSON *host = json_add_object(root, "host");
    cpu_name(text, sizeof text);
    json_add_string(host, "cpu", text);
    json_add_number(host, "cores", (double)cpus_online()); /* of the machine */
    json_add_number(host, "cpus_available", (double)cpus_available());
    if (uname(&system) == 0) {
        snprintf(text, sizeof text, "%s %s", system.sysname, system.release);
        json_add_string(host, "system", text);
    }
    json_add_string(host, "compiler", version_compiler);
    if (kernels)
        json_add_string(host, "kernels", kernels);
}

static int read_old(cJSON **old, const char *directory, struct error *err)
{
    return run_json_read(old, directory, RUN_JSON, err);
}

/* Whether it is a document of this experiment, or tells nothing. */
static int check_experiment(const cJSON *old, const char *directory, const char *experiment, struct error *err)
{
    const char *other = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(old, "experiment"));
    if (!other || strcmp(other, experiment) == 0)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--out: expected a directory of '%s' results or a new one, got '%s' with those of '%s'; choose "
                     "another",
                     experiment, directory, other);
}

/* The entries of a list of runs by their id. */
struct times {
    struct timed {
        const char *id;
        const cJSON *entry;
    } * runs;
    size_t count;
};

static int compare_ids(const void *a_, const void *b_)
{
    const struct timed *a = a_, *b = b_;
    return strcmp(a->id, b->id);
}

static int index_times(struct times *times, const cJSON *root, struct error *err)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "runs"), *entry;
    *times = (struct times){malloc(((size_t)cJSON_GetArraySize(list) + 1) * sizeof *times->runs), 0};
    if (!times->runs)
        return error_out_of_memory(err, RUN_JSON);
    cJSON_ArrayForEach(entry, list)
    {
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "id"));
        if (id)
            times->runs[times->count++] = (struct timed){id, entry};
    }
    qsort(times->runs, times->count, sizeof *times->runs, compare_ids);
    return 0;
}

static const cJSON *find_run(const struct times *times, const char *id)
{
    const struct timed wanted = {id, NULL}, *found;
    found = bsearch(&wanted, times->runs, times->count, sizeof *times->runs, compare_ids);
    return found ? found->entry : NULL;
}

/*
 * Told where not all runs that stood there are planned: more seeds or rates than before replace nothing that anyone
 * would miss.  A plan that may get more runs may get those, too, unless it has none of them yet, as with other data.
 */
static int tell_replaced(const cJSON *old, const struct plan *plan, bool grows, const struct invocation *invocation,
                         const void *config, struct error *err)
{
    struct times before;
    size_t kept = 0;
    if (index_times(&before, old, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        kept += find_run(&before, plan->runs[i].id) != NULL;
    if (before.count > kept)
        replaced_tell(old, plan->directory, grows && kept > 0, invocation, config);
    free(before.runs);
    return 0;
}

int run_json_check(const struct plan *plan, const struct invocation *invocation, const void *config,
                   enum run_json_tell tell, struct error *err)
{
    const char *experiment = invocation->command->name, *directory = plan->directory;
    cJSON *old, *planned = NULL;
    if (read_old(&old, directory, err) < 0)
        return -1;
    int result = run_json_read(&planned, directory, PLAN_JSON, err);
    if (result == 0)
        result = check_experiment(planned, directory, experiment, err);
    if (result == 0)
        result = check_experiment(old, directory, experiment, err);
    if (result == 0 && tell != RUN_JSON_QUIET)
        result = tell_replaced(old, plan, tell == RUN_JSON_GROWS, invocation, config, err);
    cJSON_Delete(planned);
    cJSON_Delete(old);
    return result;
}

int run_json_looks(struct looks *looks, const struct plan *plan, const struct looks_rules *rules, struct error *err)
{
    cJSON *old;
    if (read_old(&old, plan->directory, err) < 0)
        return -1;
    const int result = looks_find(looks, old, plan, rules, err);
    cJSON_Delete(old);
    return result;
}

enum { TIME_SIZE = 32 };

static const char *format_time(char text[TIME_SIZE], time_t when)
{
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

static const char *const time_names[] = {"seconds", "computed_at"};

/* before: the entry that has its times, or NULL. */
static cJSON *add_run(cJSON *runs, const char *id, const char *label, bool computed_now, const cJSON *before)
{
    cJSON *entry = json_append(runs, cJSON_CreateObject());
    json_add_string(entry, "id", id);
    json_add_string(entry, "label", label);
    json_add_bool(entry, "computed_now", computed_now);
    for (size_t k = 0; k < sizeof time_names / sizeof *time_names; k++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(before, time_names[k]);
        if (value)
            json_add(entry, time_names[k], cJSON_Duplicate(value, 1));
    }
    return entry;
}

enum { LISTED = 1000 }; /* runs; of more of them only those that were computed in this call, and not more either */

static void add_counts(cJSON *root, const struct plan *plan)
{
    json_add_number(root, "runs_planned", (double)plan->count);
    json_add_number(root, "runs_done", (double)(plan->count - plan_pending(plan)));
    json_add_number(root, "runs_computed_now", (double)plan_computed(plan));
}

/* The runs of the plan that are done, as many as are listed. */
static cJSON *add_plan(cJSON *root, const struct plan *plan, const struct times *old)
{
    char time[TIME_SIZE];
    cJSON *runs = json_add_array(root, "runs");
    for (size_t i = 0, listed = 0; i < plan->count && listed < LISTED; i++) {
        const struct run *run = &plan->runs[i];
        if (run->computed) {
            cJSON *entry = add_run(runs, run->id, run->label, true, NULL);
            json_add_number(entry, time_names[0], run->seconds);
            json_add_string(entry, time_names[1], format_time(time, run->finished_at));
        } else if (run->done && plan->count <= LISTED) {
            add_run(runs, run->id, run->label, false, find_run(old, run->id));
        } else {
            continue;
        }
        listed++;
    }
    return runs;
}

/*
 * Of a call that is not completed also the runs that stood there: the tables are still made of them, and the next call
 * may be theirs again.
 */
static int add_runs(cJSON *root, const struct plan *plan, const cJSON *old, bool completed, struct error *err)
{
    struct times before = {NULL, 0}, now = {NULL, 0};
    int result = index_times(&before, old, err);
    add_counts(root, plan);
    cJSON *runs = result == 0 ? add_plan(root, plan, &before) : NULL;
    if (result == 0 && !completed && plan->count <= LISTED)
        result = index_times(&now, root, err);
    for (size_t i = 0; now.runs && i < before.count; i++) {
        const struct timed *stood = &before.runs[i];
        const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(stood->entry, "label"));
        if (label && !find_run(&now, stood->id))
            add_run(runs, stood->id, label, false, stood->entry);
    }
    free(before.runs);
    free(now.runs);
    return result;
}

const char *run_json_status_name(enum run_json_status status)
{
    static const char *const names[] = {
        [RUN_JSON_RUNNING] = "running", [RUN_JSON_INTERRUPTED] = "interrupted", [RUN_JSON_COMPLETED] = "completed"};
    return names[status];
}

/* When it began and, unless it still runs, ended. */
static void add_times(cJSON *root, enum run_json_status status, double started_s)
{
    const double elapsed_s = clock_now_s() - started_s;
    const time_t now = time(NULL);
    char text[TIME_SIZE];
    json_add_string(root, "status", run_json_status_name(status));
    json_add_string(root, "started_at", format_time(text, now - (time_t)elapsed_s));
    if (status == RUN_JSON_RUNNING)
        return;
    json_add_string(root, "finished_at", format_time(text, now));
    json_add_number(root, "elapsed_seconds", elapsed_s);
}

int run_json_write(const struct plan *plan, const struct invocation *invocation, const void *config,
                   const struct run_json_more *more, enum run_json_status status, double started_s, struct error *err)
{
    struct output output;
    struct error ignored;
    cJSON *root, *old, *words;
    char now[TIME_SIZE];

    if (read_old(&old, plan->directory, err) < 0)
        return -1;
    root = json_document("run");
    json_add_string(root, "program", "dlexp");
    json_add_string(root, "version", version_number);
    json_add_string(root, "revision", version_revision);
    words = json_add_array(root, "command_line");
    for (int i = 0; i < invocation->argc; i++)
        json_append(words, cJSON_CreateString(invocation->argv[i]));
    json_add_string(root, "experiment", invocation->command->name);
    options_add_json(root, invocation, config);
    if (more->add)
        more->add(more->context, root);
    add_host(root, more->kernels);
    add_times(root, status, started_s);
    looks_keep(root, old, plan, status == RUN_JSON_COMPLETED ? more->looks : NULL, format_time(now, time(NULL)));
    const int listed = add_runs(root, plan, old, status == RUN_JSON_COMPLETED, err);
    cJSON_Delete(old);

    if (listed < 0 || output_open(&output, err) < 0) {
        cJSON_Delete(root);
        return -1;
    }
    if (json_print(root, output.stream, RUN_JSON, err) < 0) {
        free(output_take(&output, &ignored));
        return -1;
    }
    return output_close_in(&output, plan->directory, RUN_JSON, err);
}
