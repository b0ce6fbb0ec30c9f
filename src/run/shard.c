/* Which shard a run belongs to, and which one this process is to compute. */
#include "dlexp/run/shard.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/sha256.h"
#include "dlexp/run/setting.h"

/* ---- the shard of a run ---- */

size_t shard_of(const char *spec, const struct option *rows, const void *config, size_t count)
{
    struct sha256 sha;
    char hex[SHA256_HEX_SIZE];
    uint64_t seed = 0;
    assert(count > 0 && count <= SHARD_MOST);
    sha256_init(&sha);
    for (const char *line = spec; *line;) {
        const size_t text = strcspn(line, "\n"), length = text + (line[text] == '\n');
        const struct option *row = setting_of_line(rows, line, setting_is_seed);
        if (row)
            seed = (uint64_t) * (const int64_t *)(const void *)((const char *)config + row->offset);
        else
            sha256_update(&sha, line, length);
        line += length;
    }
    sha256_final(&sha, hex);
    hex[16] = '\0';
    return 1 + (size_t)((strtoull(hex, NULL, 16) % count + seed % count) % count);
}

/* ---- the shard of this process ---- */

/* The variables by which a scheduler tells a task of an array job where it stands.  A NULL: it has no such variable. */
struct scheduler {
    const char *name;
    const char *id;                         /* the task's number */
    const char *alone;                      /* what `id` says in a job that is no array; or NULL */
    const char *first, *last, *step, *most; /* of the array: its least and its largest number, their distance, how many
                                             */
    const char *array;                      /* how an array of the numbers from 1 on is asked for */
};

static const struct scheduler schedulers[] = {
    {"Slurm", "SLURM_ARRAY_TASK_ID", NULL, "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP",
     "SLURM_ARRAY_TASK_COUNT", "sbatch --array=1-%zu"},
    {"PBS Pro", "PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL, NULL, "qsub -J 1-%zu"},
    {"Torque", "PBS_ARRAYID", NULL, NULL, NULL, NULL, NULL, "qsub -t 1-%zu"},
    {"Grid Engine", "SGE_TASK_ID", "undefined", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", NULL,
     "qsub -t 1-%zu"},
    {"GNU parallel", "PARALLEL_SEQ", NULL, NULL, NULL, NULL, NULL, "parallel ... ::: $(seq %zu)"},
};
enum { SCHEDULERS = sizeof schedulers / sizeof *schedulers };

/* What the variables hold. */
struct task {
    const struct scheduler *scheduler;
    size_t id, first, last, step, most;
};

/* A number from 0 on, of digits alone; false for any other text, and beyond 10^15. */
static bool read_number(size_t *number, const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 15 || text[digits] != '\0')
        return false;
    *number = (size_t)strtoull(text, NULL, 10);
    return true;
}

static const char *id_of(const struct scheduler *scheduler)
{
    const char *value = getenv(scheduler->id);
    return value && *value && !(scheduler->alone && strcmp(value, scheduler->alone) == 0) ? value : NULL;
}

/* "SLURM_ARRAY_TASK_ID (Slurm), ..." */
static void list_variables(char *list, size_t size)
{
    size_t used = 0;
    *list = '\0';
    for (size_t i = 0; i < SCHEDULERS && used < size; i++)
        used += (size_t)snprintf(list + used, size - used, "%s%s (%s)", i > 0 ? ", " : "", schedulers[i].id,
                                 schedulers[i].name);
}

/* The scheduler whose task this is: exactly one. */
static int find_scheduler(const struct scheduler **found, const char *text, struct error *err)
{
    char list[512];
    *found = NULL;
    for (size_t i = 0; i < SCHEDULERS; i++) {
        if (!id_of(&schedulers[i]))
            continue;
        if (*found)
            return error_set(err, ERROR_USAGE,
                             "--shard %s: expected the number of one task, got %s of %s and %s of %s; unset one of "
                             "them, or give --shard I/N",
                             text, (*found)->id, (*found)->name, schedulers[i].id, schedulers[i].name);
        *found = &schedulers[i];
    }
    if (*found)
        return 0;
    list_variables(list, sizeof list);
    return error_set(err, ERROR_USAGE,
                     "--shard %s: expected the number of this task in one of %s, got none: this is no task of an array "
                     "job; give --shard I/N",
                     text, list);
}

/* One variable that the scheduler has; its name and value are added to what was read. */
static int read_variable(size_t *number, char source[256], const char *name, const char *text, struct error *err)
{
    const char *value = getenv(name);
    const size_t used = strlen(source);
    if (!value || !*value)
        return error_set(err, ERROR_USAGE,
                         "--shard %s: expected %s beside %s, got none; give --shard auto/N with the number of shards",
                         text, name, source);
    if (!read_number(number, value))
        return error_set(err, ERROR_USAGE, "--shard %s: expected a number from 0 on in %s, got '%.40s'", text, name,
                         value);
    snprintf(source + used, 256 - used, "%s%s %zu", used > 0 ? ", " : "", name, *number);
    return 0;
}

/* "auto": the place of the task in its array. */
static int place_in_array(struct shard *shard, struct task *task, struct error *err)
{
    const struct scheduler *scheduler = task->scheduler;
    const struct {
        size_t *number;
        const char *name;
    } rows[] = {{&task->first, scheduler->first},
                {&task->last, scheduler->last},
                {&task->step, scheduler->step},
                {&task->most, scheduler->most}};
    if (!scheduler->first)
        return error_set(err, ERROR_USAGE,
                         "--shard auto: expected the number of tasks, which %s does not tell, beside %s; give --shard "
                         "auto/N with the number of shards",
                         scheduler->name, shard->source);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].name && read_variable(rows[i].number, shard->source, rows[i].name, "auto", err) < 0)
            return -1;
    const size_t step = task->step > 0 ? task->step : 1;
    const size_t spanned = task->last >= task->first ? (task->last - task->first) / step + 1 : 0;
    const size_t count = scheduler->most ? task->most : spanned;
    if (count == 1 && task->id > 1)
        return error_set(err, ERROR_USAGE,
                         "--shard auto: expected a task of a whole array, got number %zu alone (%s): if it is sent "
                         "again by itself, give --shard auto/N with the number of shards that there were",
                         task->id, shard->source);
    if (count == 0 || count > SHARD_MOST || count != spanned || task->id < task->first || task->id > task->last ||
        (task->id - task->first) % step != 0)
        return error_set(err, ERROR_USAGE,
                         "--shard auto: expected up to %d tasks whose numbers are evenly spaced, got %s; give --shard "
                         "auto/N and number them from 1 to N",
                         SHARD_MOST, shard->source);
    shard->index = (task->id - task->first) / step + 1;
    shard->count = count;
    return 0;
}

static int parse_auto(struct shard *shard, const char *text, struct error *err)
{
    struct task task = {0};
    char array[64];
    if (find_scheduler(&task.scheduler, text, err) < 0 ||
        read_variable(&task.id, shard->source, task.scheduler->id, text, err) < 0)
        return -1;
    if (shard->count == 0)
        return place_in_array(shard, &task, err);
    if (task.id < 1 || task.id > shard->count) {
        snprintf(array, sizeof array, task.scheduler->array, shard->count);
        return error_set(err, ERROR_USAGE,
                         "--shard %s: expected a task number from 1 to %zu, got %s; number them so: %s", text,
                         shard->count, shard->source, array);
    }
    shard->index = task.id;
    return 0;
}

/* "/N": how many there are. */
static bool read_count(size_t *count, const char *text)
{
    return *text == '/' && read_number(count, text + 1) && *count >= 1 && *count <= SHARD_MOST;
}

int shard_parse(struct shard *shard, const char *text, struct error *err)
{
    char first[24];
    *shard = (struct shard){0};
    if (!text)
        return 0;
    const size_t length = strcspn(text, "/");
    snprintf(first, sizeof first, "%.*s", length < sizeof first ? (int)length : 0, text);
    const bool automatic = strcmp(first, "auto") == 0;
    const bool known = automatic && text[length] == '\0' ? true : read_count(&shard->count, text + length);
    if (!known ||
        (!automatic && (!read_number(&shard->index, first) || shard->index < 1 || shard->index > shard->count)))
        return error_set(
            err, ERROR_USAGE,
            "--shard: expected I/N with 1 <= I <= N <= %d, auto/N or auto, got '%.80s'; --shard 2/6 is the "
            "second of six parts",
            SHARD_MOST, text);
    return automatic ? parse_auto(shard, text, err) : 0;
}
