/*
 * batchnorm_describe.h - the networks of a call, layer by layer: Figures 1 and 2 of the homework.
 */
#ifndef DLEXP_BATCHNORM_DESCRIBE_H
#define DLEXP_BATCHNORM_DESCRIBE_H

#include "batchnorm_rows.h"

struct cJSON;

/* describe_add - the member "models" of run.json: for each norm the text of mlp_describe. */
void describe_add(struct cJSON *root, const struct batchnorm *batchnorm);

/* describe_print - these texts, whose lines are broken where they are wider than the screen; describe_print_json - as a
 * JSON document.  On standard output. */
int describe_print(const struct batchnorm *batchnorm, struct error *err);
int describe_print_json(const struct batchnorm *batchnorm, struct error *err);

#endif
