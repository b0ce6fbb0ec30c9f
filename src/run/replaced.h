/*
 * replaced.h - tables that a call is about to replace.
 */
#ifndef DLEXP_REPLACED_H
#define DLEXP_REPLACED_H

#include "dlexp/cli/options.h"

struct cJSON;

/*
 * replaced_tell - a line on stderr if the tables in the directory are of runs of which this call has not all: what
 * stood there, and how to keep both.  More seeds or rates than before replace nothing that anyone would miss.
 *
 * old: the run.json that stands there, or NULL.
 */
void replaced_tell(const struct cJSON *old, const char *directory, const struct invocation *invocation,
                   const void *config);

#endif
