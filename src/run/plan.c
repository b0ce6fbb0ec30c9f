/* A plan: its runs, how many are left, and how many at a time. */
#include <stdio.h>
#include <stdlib.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/cpus.h"
#include "dlexp/base/divisor.h"
#include "dlexp/run/runner.h"

static int grow(struct plan *plan)
{
    const size_t capacity = plan->capacity > 0 ? 2 * plan->capacity : 16;
    if (plan->count < plan->capacity)
        return 0;
    struct run *grown = realloc(plan->runs, capacity * sizeof *grown);
    if (!grown)
        return -1;
    plan->runs = grown;
    plan->capacity = capacity;
    return 0;
}

int plan_add(struct plan *plan, struct output *spec, void *config, size_t block, uint64_t units, const char *label,
             struct error *err)
{
    char *text = output_take(spec, err);
    if (text && grow(plan) < 0) {
        free(text);
        text = NULL;
        error_out_of_memory(err, "the plan");
    }
    if (!text) {
        free(config);
        return -1;
    }
    struct run *run = &plan->runs[plan->count++];
    *run = (struct run){.config = config, .block = block, .spec = text, .units = units};
    snprintf(run->label, sizeof run->label, "%s", label);
    store_id(text, run->id);
    return 0;
}

void run_free(struct run *run)
{
    record_free(&run->record);
    free(run->result);
    free(run->spec);
    free(run->config);
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        run_free(&plan->runs[i]);
    free(plan->runs);
    plan->runs = NULL;
    plan->count = plan->capacity = 0;
}

int plan_keep(const struct plan *plan, struct run *run, struct error *err)
{
    if (!plan->digest) {
        record_drop_bulk(&run->record);
        return 0;
    }
    const int result = plan->digest(plan, run, err);
    record_free(&run->record);
    return result;
}

size_t plan_pending(const struct plan *plan)
{
    size_t pending = 0;
    for (size_t i = 0; i < plan->count; i++)
        pending += !plan->runs[i].done;
    return pending;
}

size_t plan_computed(const struct plan *plan)
{
    size_t computed = 0;
    for (size_t i = 0; i < plan->count; i++)
        computed += plan->runs[i].computed;
    return computed;
}

/* Runs that the CPUs can take at a time. */
static size_t room(const struct plan *plan)
{
    const size_t fit = cpus_available() / (plan->threads_a_run > 0 ? plan->threads_a_run : 1);
    return fit > 0 ? fit : 1;
}

size_t runner_jobs_most(const struct plan *plan, const struct run_options *options)
{
    const size_t jobs = options->jobs > 0 ? (size_t)options->jobs : room(plan);
    return plan->jobs_that_fit > 0 && plan->jobs_that_fit < jobs ? plan->jobs_that_fit : jobs;
}

size_t runner_jobs(const struct plan *plan, const struct run_options *options)
{
    const size_t pending = plan_pending(plan), jobs = runner_jobs_most(plan, options);
    return jobs < pending ? jobs : pending > 0 ? pending : 1;
}

double runner_seconds(const struct plan *plan, const struct run_options *options, size_t pending, double sum_s)
{
    const size_t jobs = runner_jobs_most(plan, options), most = room(plan);
    size_t at_once = jobs < most ? jobs : most;
    if (pending == 0)
        return 0;
    at_once = at_once < pending ? at_once : pending;
    return sum_s / (double)pending * (double)((pending + at_once - 1) / at_once);
}

const char *runner_jobs_text(char buffer[80], const struct plan *plan, const struct run_options *options)
{
    const size_t jobs = runner_jobs(plan, options), cpus = cpus_available();
    int used = snprintf(buffer, 80, "%s at a time", counted(jobs, "run").text);
    if (jobs > room(plan))
        snprintf(buffer + used, 80 - (size_t)used, " on %s", counted(cpus, "CPU").text);
    return buffer;
}

const char *runner_crowd_text(char buffer[RUNNER_CROWD_SIZE], const struct plan *plan,
                              const struct run_options *options)
{
    const size_t jobs = runner_jobs(plan, options), each = plan->threads_a_run > 0 ? plan->threads_a_run : 1;
    const size_t cpus = cpus_available();
    if (jobs * each <= cpus)
        return NULL;
    snprintf(buffer, RUNNER_CROWD_SIZE, "%s of %s each on %s: this is slower than one thread for each; %s",
             counted(jobs, "run").text, counted(each, "thread").text, counted(cpus, "CPU").text,
             each > 1 ? "choose fewer --threads, or --jobs 0" : "choose --jobs 0");
    return buffer;
}

size_t runner_position(size_t turn, size_t count, uint64_t seed)
{
    /* Start and step from the seed, mixed as in splitmix64; a step without a common divisor meets everything once. */
    seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
    seed = (seed ^ seed >> 27) * 0x94d049bb133111ebu;
    seed ^= seed >> 31;
    size_t start = (size_t)(seed % count), step = 1 + (size_t)((seed >> 20) % count);
    while (greatest_common_divisor(step, count) != 1)
        step++;
    return (size_t)((start + (uint64_t)turn * step) % count);
}

bool run_columns_name(size_t index, const char **name)
{
    static const char *const names[] = {[RUN_COLUMNS_VARIED] = "varied", [RUN_COLUMNS_ALL] = "all"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}
