/*
 * looks.h - the calls that have shown verdicts over seeds, kept in run.json.
 *
 * Who looks at a verdict, adds seeds and looks again has more than one chance to be wrong: the interval for one look no
 * longer has its level, and the one that holds whenever one looks (statistics/anytime.h) does.  A look is a call that
 * came to its end with pairs enough for a verdict; one that was interrupted, or a dry run, is none.
 *
 *     "looks": [{"seeds": "1..10", "rule": "fixed", "blocks": ["6f3e..."], "judgement": {"level": 0.95, ...},
 *                "at": "2024-05-01T12:00:00Z"}, ...]
 *
 * judgement is that of the call's run.json: level, margins, what counts as trained and as the target.
 *
 * A block is what runs have in common but for the keys of the grid (hash of the spec without them), so that a look at
 * other rates of the same net counts.  Tables do not depend on looks.  Without its run.json, or in another --out, a
 * directory knows of none: who removes it to look again has to answer for the level.
 */
#ifndef DLEXP_LOOKS_H
#define DLEXP_LOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/run/runner.h"

struct cJSON;

enum { LOOKS_SEEDS_SIZE = 96, LOOKS_AT_SIZE = 32 };

/* What a call's looks are about. */
struct looks_rules {
    const char *seeds; /* the option whose values are the pairs, "seeds" */
    const char *rule;  /* by which they were chosen: "fixed" */
    bool judged;       /* there are pairs enough: this call is a look */
    size_t first; /* and it looked after these first ones, too: whether there are more hung on what they showed; 0 */
    size_t asked; /* only so many first ones were asked for, the rest follows from them by a rule without a look; 0 */
};

/* What the looks before this call say of its plan. */
struct looks {
    bool known;                   /* looks_find was asked */
    bool added;                   /* it has seeds that an earlier look did not have, beside some that it had */
    char seeds[LOOKS_SEEDS_SIZE]; /* of the last such look, "1..10" */
    char at[LOOKS_AT_SIZE];       /* and its time, UTC; "" where it does not say */
};

/* looks_find - hold the plan, of which the seeds that were asked for, against the looks of run.json, which may be NULL.
 * What is no look there is passed over.  Fails only without memory. */
int looks_find(struct looks *looks, const struct cJSON *run_json, const struct plan *plan,
               const struct looks_rules *rules, struct error *err);

/* looks_keep - into the new run.json: the looks of the old one (or NULL), and with `rules` and judged this one (and
 * that at its first seeds) at the end, unless it is there.  The new one's member "judgement" is part of the look.  No
 * member where there are none; json.h tells when memory ran out. */
void looks_keep(struct cJSON *run_json, const struct cJSON *old, const struct plan *plan,
                const struct looks_rules *rules, const char *at);

#endif
