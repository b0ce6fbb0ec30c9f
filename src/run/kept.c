/* What is kept of a plan, in words. */
#include "kept.h"

#include "dlexp/base/counted.h"

/* Runs that are not done, and go on from a checkpoint. */
static size_t count_begun(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += !plan->runs[i].done && plan->runs[i].begun > 0;
    return count;
}

static void add_lost(const struct kept *kept, struct error *err)
{
    if (kept->lost > 0)
        error_add(err, " (%s of work lost)", counted(kept->lost, "step").text);
    else if (count_begun(kept->plan) > 0)
        error_add(err, " (no step of work is lost)");
}

/* Behind "computes the rest": from where. */
static void add_rest(const struct kept *kept, struct error *err)
{
    const size_t begun = count_begun(kept->plan), pending = plan_pending(kept->plan);
    if (begun == 0)
        error_add(err, pending == 1 ? ", from its beginning" : ", each from its beginning");
    else if (begun == pending)
        error_add(err, ", from where %s", begun == 1 ? "it stopped" : "they stopped");
    else
        error_add(err, ", %zu of them from where %s", begun, begun == 1 ? "it stopped" : "they stopped");
    add_lost(kept, err);
}

/* What a call without --force does that follows one with it. */
static void add_older(const struct kept *kept, struct error *err)
{
    error_add(err, "takes what is there, older runs too, and computes the rest");
    add_rest(kept, err);
}

void kept_add_stopped(const struct kept *kept, struct error *err)
{
    const struct plan *plan = kept->plan;
    const size_t pending = plan_pending(plan), done = plan->count - pending, begun = count_begun(plan);
    const char *plural = plural_end(plan->count, "run");
    if (done == 0 && kept->force)
        error_add(err, " before any of %zu run%s was computed again: what '%s' has is as it was", plan->count, plural,
                  kept->directory);
    else if (done == 0 && begun == 0)
        error_add(err, " before any of %zu run%s was done: nothing is kept, the same command begins anew", plan->count,
                  plural);
    else if (done == 0)
        error_add(
            err,
            " before any of %zu run%s was done; %zu %s kept half done in '%s': give the same command again to continue",
            plan->count, plural, begun, begun == 1 ? "is" : "are", kept->directory);
    else if (kept->force)
        error_add(err,
                  " with %zu of %zu runs computed again, which are kept in '%s': give the same command again without "
                  "--force to continue; it ",
                  done, plan->count, kept->directory);
    else
        error_add(err,
                  " with %zu of %zu runs done, which are kept in '%s': give the same command again to continue; it "
                  "computes the other %zu",
                  done, plan->count, kept->directory, pending);
    if (done > 0 && kept->force)
        add_older(kept, err);
    else if (done > 0)
        add_rest(kept, err);
    else
        add_lost(kept, err);
}

void kept_add_failed(const struct kept *kept, struct error *err)
{
    const size_t pending = plan_pending(kept->plan), done = kept->plan->count - pending;
    if (done > 0 && kept->force) {
        error_add(
            err,
            "; %zu of %zu runs are computed again and kept: once that is mended, the same command without --force ",
            done, kept->plan->count);
        add_older(kept, err);
    } else if (done > 0) {
        error_add(err,
                  "; %zu of %zu runs are done and kept: once that is mended, the same command computes the other %zu",
                  done, kept->plan->count, pending);
        add_rest(kept, err);
    }
}
