/*
 * replaced.h - tables that a call is about to replace.
 */
#ifndef DLEXP_REPLACED_H
#define DLEXP_REPLACED_H

#include <stdbool.h>

#include "dlexp/cli/options.h"

struct cJSON;

/*
 * replaced_tell - a line on stderr where the tables in the directory are of runs of which this call has not all: what
 * stood there, the options that have another value now, and how to keep both.
 *
 * old: the run.json that stands there.  settings_only: only where a setting lacks values that it had.
 */
void replaced_tell(const struct cJSON *old, const char *directory, bool settings_only,
                   const struct invocation *invocation, const void *config);

#endif
