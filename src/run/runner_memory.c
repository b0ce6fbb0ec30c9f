/* How many runs at a time the memory holds, asked before any of them starts. */
#include <math.h>

#include "dlexp/base/memory_limit.h"
#include "dlexp/run/runner.h"

int runner_fit_memory(struct plan *plan, const struct run_options *options, struct error *err)
{
    char each[MEMORY_TEXT_SIZE], all[MEMORY_TEXT_SIZE], left[MEMORY_TEXT_SIZE], kept[MEMORY_TEXT_SIZE];
    const size_t pending = plan_pending(plan);
    plan->jobs_that_fit = 0;
    if (pending == 0 || plan->memory_a_run <= 0)
        return 0;
    const struct memory_limit limit = memory_limit_now();
    const double records = plan->memory_a_record * (double)pending;
    const double fit = floor((limit.bytes - records) / plan->memory_a_run);
    const size_t jobs = runner_jobs(plan, options);
    if (fit >= (double)jobs)
        return 0;
    memory_format(each, plan->memory_a_run);
    memory_format(left, limit.bytes);
    memory_format(kept, records);
    if (fit < 1 && records > plan->memory_a_run)
        return error_set(err, ERROR_IO,
                         "not enough memory: the results of %zu runs take %s and a run that is trained %s, and "
                         "there are %s (%s); give fewer seeds or rates in one call",
                         pending, kept, each, left, limit.name);
    if (fit < 1)
        return error_set(err, ERROR_IO,
                         "not enough memory: one run takes %s, and there are %s (%s); choose a smaller --hidden or "
                         "--batch",
                         each, left, limit.name);
    if (options->jobs > 0)
        return error_set(err, ERROR_IO,
                         "--jobs %lld: not enough memory: %zu runs at a time take %s, %s each, and there are %s (%s); "
                         "expected at most --jobs %.0f",
                         (long long)options->jobs, jobs, memory_format(all, plan->memory_a_run * (double)jobs), each,
                         left, limit.name, fit);
    plan->jobs_that_fit = (size_t)fit;
    return 0;
}

void runner_print_memory(const struct plan *plan, FILE *out)
{
    char each[MEMORY_TEXT_SIZE], left[MEMORY_TEXT_SIZE];
    if (plan->jobs_that_fit == 0)
        return;
    const struct memory_limit limit = memory_limit_now();
    fprintf(out, "memory:   %s a run, so only %zu at a time fit into %s (%s)\n",
            memory_format(each, plan->memory_a_run), plan->jobs_that_fit, memory_format(left, limit.bytes), limit.name);
}
