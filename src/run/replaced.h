/*
 * replaced.h - tables that a call is about to replace.
 */
#ifndef DLEXP_REPLACED_H
#define DLEXP_REPLACED_H

#include <stdbool.h>

#include "dlexp/cli/options.h"
#include "dlexp/run/runner.h"

struct cJSON;

/*
 * replaced_tell - a line on stderr if the tables in the plan's directory are of runs of which this call has not all:
 * what stood there, the options that have another value now, and how to keep both.  More seeds or rates than before
 * replace nothing that anyone would miss.
 *
 * old: the run.json that stands there, with the ids of its runs, or NULL.  grows: the plan may get more runs
 * (--refine): then it is told where a setting lacks values that it had, or none of those runs is planned, as with other
 * data.
 */
void replaced_tell(const struct cJSON *old, const struct plan *plan, bool grows, const struct invocation *invocation,
                   const void *config);

#endif
