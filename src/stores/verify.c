/* Which stored runs are trained again, and what comes out; see verify.h. */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/random.h"

/* ---- the sample ---- */

/* Whether the store has a record of the run that can be compared, though the call may ask for more than it has. */
static bool is_stored(const struct run *run)
{
    return run->done || run->lacking;
}

/* Whether the record of the run has a file, but one that cannot be used. */
static bool is_damaged(const struct verify *verify, size_t run)
{
    return verify->scan.filed[run] && !is_stored(&verify->call->plan->runs[run]);
}

/* The runs to choose from, in the order in which they are chosen; malloc'ed, NULL without memory. */
static size_t *shuffle(const struct verify *verify)
{
    const struct plan *plan = verify->call->plan;
    uint32_t *order = malloc((verify->stored + 1) * sizeof *order);
    size_t *stored = malloc((verify->stored + 1) * sizeof *stored),
           *chosen = malloc((verify->stored + 1) * sizeof *chosen);
    for (size_t i = 0, at = 0; i < plan->count && stored; i++)
        if (is_stored(&plan->runs[i]))
            stored[at++] = i;
    if (order)
        random_torch_permutation(verify->wanted.seed, order, verify->stored);
    for (size_t i = 0; i < verify->stored && order && stored && chosen; i++)
        chosen[i] = stored[order[i]];
    const bool ready = order && stored && chosen;
    free(order);
    free(stored);
    if (ready)
        return chosen;
    free(chosen);
    return NULL;
}

/* What is to be trained is what counts as pending: the first `count` of those chosen. */
static void mark(struct plan *plan, const size_t *chosen, size_t count)
{
    for (size_t i = 0; i < plan->count; i++)
        plan->runs[i].done = true;
    for (size_t i = 0; i < count; i++)
        plan->runs[chosen[i]].done = false;
}

/* Marks the sample.  By the time that it takes, where no number is wanted. */
static int choose(struct verify *verify, const size_t *chosen, struct error *err)
{
    const struct run_task_call *call = verify->call;
    const struct verify_wanted *wanted = &verify->wanted;
    size_t count = wanted->all ? verify->stored : wanted->sample > 0 ? wanted->sample : VERIFY_FEW;
    count = count < verify->stored ? count : verify->stored;
    for (;; count--) {
        mark(call->plan, chosen, count);
        if (runner_fit_memory(call->plan, call->options, err) < 0 ||
            experiment_seconds(call->experiment, call->plan, call->options, false, &verify->seconds, err) < 0)
            return -1;
        if (wanted->all || wanted->sample > 0 || count <= 1 || !(verify->seconds > VERIFY_S))
            return 0;
    }
}

/* What is damaged, and the sample. */
static int list(struct verify *verify, const bool *damaged, struct error *err)
{
    const struct plan *plan = verify->call->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += damaged[i] || !plan->runs[i].done;
    verify->runs = calloc(count + 1, sizeof *verify->runs);
    if (!verify->runs)
        return error_out_of_memory(err, "the runs");
    for (size_t i = 0; i < plan->count; i++)
        if (damaged[i] || !plan->runs[i].done)
            verify->runs[verify->count++] = (struct verified){.run = &plan->runs[i], .damaged = damaged[i]};
    for (size_t i = 0; i < verify->count; i++)
        if (verify->runs[i].damaged)
            snprintf(verify->runs[i].comparison.where, sizeof verify->runs[i].comparison.where,
                     "its record is not what was written");
    return 0;
}

static int make_sample(struct verify *verify, struct error *err)
{
    struct plan *plan = verify->call->plan;
    bool *damaged = calloc(plan->count + 1, sizeof *damaged);
    size_t *chosen = damaged ? shuffle(verify) : NULL;
    int result = chosen ? 0 : error_out_of_memory(err, "the runs");
    for (size_t i = 0; i < plan->count && result == 0; i++)
        damaged[i] = is_damaged(verify, i);
    if (result == 0)
        result = choose(verify, chosen, err);
    if (result == 0)
        result = list(verify, damaged, err);
    free(damaged);
    free(chosen);
    return result;
}

/* ---- all of it ---- */

static int check_stored(struct verify *verify, struct error *err)
{
    const struct plan *plan = verify->call->plan;
    size_t damaged = 0;
    for (size_t i = 0; i < plan->count; i++) {
        verify->stored += is_stored(&plan->runs[i]);
        damaged += is_damaged(verify, i);
    }
    if (verify->stored + damaged > 0)
        return 0;
    if (scan_check_source(&verify->scan, plan, err) < 0)
        return -1;
    return error_set(err, ERROR_DATA,
                     "'%s': expected runs of its call in the store, got none of %zu; compute some first",
                     plan->directory, plan->count);
}

int verify_run(struct verify *verify, const struct run_task_call *call, const struct verify_wanted *wanted,
               void (*begin)(const struct verify *verify), struct error *err)
{
    *verify = (struct verify){.call = call, .wanted = *wanted, .seconds = NAN};
    if (scan_make(&verify->scan, call->plan, err) < 0 || check_stored(verify, err) < 0 || make_sample(verify, err) < 0)
        return -1;
    begin(verify);
    if (verify_pool_run(verify->runs, verify->count, call, wanted->quiet, err) < 0)
        return -1;
    for (size_t i = 0; i < verify->count; i++) {
        verify->agree += verify->runs[i].agrees;
        verify->values += verify->runs[i].comparison.values;
        verify->numbers += verify->runs[i].comparison.numbers;
        verify->models += verify->runs[i].models;
    }
    return 0;
}

void verify_free(struct verify *verify)
{
    scan_free(&verify->scan);
    free(verify->runs);
    verify->runs = NULL;
}

const char *verify_differs(char text[VERIFY_TEXT], const struct verified *run)
{
    const struct record_comparison *c = &run->comparison;
    if (run->damaged)
        snprintf(text, VERIFY_TEXT, "%s", c->where);
    else
        snprintf(text, VERIFY_TEXT, "%s: stored %s, now %s", c->where, c->a, c->b);
    return text;
}
