/* How the runs of a plan ended, by the value `status` of their records. */
#include <string.h>

#include "dlexp/run/experiment.h"

int experiment_endings(const void *context, const struct plan *plan, enum run_ending *endings, struct error *err)
{
    (void)context, (void)err;
    for (size_t i = 0; i < plan->count; i++) {
        const char *status = plan->runs[i].done ? record_get(&plan->runs[i].record, "status") : NULL;
        endings[i] = status && strcmp(status, "diverged") == 0 ? RUN_DIVERGED : RUN_ENDED;
    }
    return 0;
}
