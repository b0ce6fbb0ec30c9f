/*
 * batchnorm_result.h - how the result of dlexp batchnorm is to be read, and the result for a program, from what
 * report_make derived; for a person: batchnorm_screen.h.
 */
#ifndef DLEXP_BATCHNORM_RESULT_H
#define DLEXP_BATCHNORM_RESULT_H

#include "batchnorm_rows.h"

/* report_make_notes - how the table is to be read: what is averaged, what was chosen on the test set, what diverged or
 * lacks something. */
void report_make_notes(struct batchnorm *report);

/* report_to_json - rules and notes; the tables are added to it. */
struct cJSON *report_to_json(const void *batchnorm);

/* report_add_judgement - the rules of the claims, and what counts as trained by them once there are runs. */
void report_add_judgement(struct cJSON *object, const struct batchnorm *report);

/* report_add_notes - the notes as a member of an object, if there are any. */
void report_add_notes(struct cJSON *object, const struct batchnorm *report);

#endif
