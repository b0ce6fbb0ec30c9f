/*
 * batchnorm_holding.h - which of a claim's two intervals holds, and why: that for one look, or that for any number of
 * looks (run/looks.h).  It hangs on what was seen before, which tables do not: claims.csv has both, always.
 *
 *     nothing was added after a verdict was seen       one look
 *     seeds were added after a look                    anytime
 *     --until-decided, which looks after each seed     anytime
 *     --until-width, which looks at no mean            one look; of claim (c) Stein's, of the first stage's deviation;
 *                                                      anytime, if the first stage has seeds added after a look
 */
#ifndef DLEXP_BATCHNORM_HOLDING_H
#define DLEXP_BATCHNORM_HOLDING_H

#include "batchnorm_rows.h"

/* holding_look - struct experiment's `look`: a call with pairs enough for a verdict is one. */
struct looks_rules holding_look(const void *batchnorm);

/* holding_is_anytime - whether the anytime verdicts are those that hold. */
bool holding_is_anytime(const struct batchnorm *batchnorm);

/* holding_text - the sentence that says which and why; malloc'ed, NULL without memory. */
char *holding_text(const struct batchnorm *batchnorm);

/* holding_width_text - with --until-width, of a block: claim (c) by two stages; malloc'ed, NULL without memory. */
char *holding_width_text(const struct batchnorm *batchnorm, size_t block);

/* holding_add - the same as members of an object: "holds", and with --until-width or --until-decided "until". */
void holding_add(struct cJSON *object, const struct batchnorm *batchnorm);

#endif
