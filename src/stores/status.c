/* The runs of a plan, counted by configuration; see status.h. */
#include "status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/run/grid.h"

/* A run and the name of its configuration. */
struct member {
    char id[STORE_ID_SIZE];
    size_t run;
    size_t first; /* run of the same configuration */
};

static int compare_ids(const void *a_, const void *b_)
{
    const struct member *a = a_, *b = b_;
    const int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->run > b->run) - (a->run < b->run);
}

static int compare_firsts(const void *a_, const void *b_)
{
    const struct member *a = a_, *b = b_;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first) : (a->run > b->run) - (a->run < b->run);
}

/* The runs by configuration, both in the plan's order; malloc'ed, NULL without memory. */
static struct member *sort_runs(const struct plan *plan)
{
    struct member *members = calloc(plan->count + 1, sizeof *members);
    if (!members || plan->count == 0)
        return members;
    for (size_t i = 0; i < plan->count; i++) {
        members[i].run = i;
        grid_configuration_id(members[i].id, plan->grid, &plan->runs[i]);
    }
    qsort(members, plan->count, sizeof *members, compare_ids);
    for (size_t i = 0; i < plan->count; i++)
        members[i].first =
            i > 0 && strcmp(members[i].id, members[i - 1].id) == 0 ? members[i - 1].first : members[i].run;
    qsort(members, plan->count, sizeof *members, compare_firsts);
    return members;
}

static void count_run(struct status_counts *counts, const struct run *run, enum run_ending ending)
{
    const bool begun = run->begun > 0;
    counts->runs++;
    counts->done += run->done;
    counts->begun += !run->done && begun;
    counts->missing += !run->done && !begun;
    counts->diverged += run->done && ending == RUN_DIVERGED;
    counts->failed += run->done && ending == RUN_UNTRAINED;
}

static int count_all(struct status *status, const enum run_ending *endings, struct error *err)
{
    const struct plan *plan = status->call->plan;
    struct member *members = sort_runs(plan);
    status->configurations = calloc(plan->count + 1, sizeof *status->configurations);
    if (!members || !status->configurations) {
        free(members);
        return error_out_of_memory(err, "the configurations");
    }
    for (size_t i = 0; i < plan->count; i++) {
        const size_t at = members[i].run;
        const struct run *run = &plan->runs[at];
        if (members[i].first == at)
            status->configurations[status->count++].run = run;
        count_run(&status->configurations[status->count - 1].counts, run, endings[at]);
        count_run(&status->all, run, endings[at]);
        status->lacking += !run->done && run->lacking;
        status->spoilt += !run->done && run->spoilt;
        status->unseen += !run->done && run->unseen;
    }
    free(members);
    return 0;
}

int status_make(struct status *status, const struct run_task_call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    struct plan *plan = call->plan;
    *status = (struct status){.call = call, .seconds = NAN};
    enum run_ending *endings = calloc(plan->count + 1, sizeof *endings);
    int result = endings ? scan_make(&status->scan, plan, err) : error_out_of_memory(err, "the configurations");
    const size_t done = plan->count - plan_pending(plan);
    if (result == 0 && done == 0)
        result = scan_check_source(&status->scan, plan, err);
    if (result == 0 && experiment->endings)
        result = experiment->endings(experiment->context, plan, endings, err);
    if (result == 0)
        result = count_all(status, endings, err);
    if (result == 0 && plan_pending(plan) == 0)
        status->seconds = 0;
    else if (result == 0)
        result = experiment_seconds(experiment, plan, call->options, true, &status->seconds, err);
    free(endings);
    return result;
}

void status_free(struct status *status)
{
    scan_free(&status->scan);
    free(status->configurations);
    status->configurations = NULL;
}
