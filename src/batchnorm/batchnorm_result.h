/*
 * batchnorm_result.h - the result of dlexp batchnorm for a person and for a program, from what report_make derived.
 */
#ifndef DLEXP_BATCHNORM_RESULT_H
#define DLEXP_BATCHNORM_RESULT_H

#include "batchnorm_rows.h"

/* report_make_notes - how the table is to be read: what is averaged, what was chosen on the test set, what diverged. */
void report_make_notes(struct batchnorm *report);

/* report_print, report_to_json - table, notes and answers: the same facts, for a person and for a program. */
int report_print(const void *batchnorm, FILE *out, struct error *err);
struct cJSON *report_to_json(const void *batchnorm);

/* report_add_judgement - the rules of the claims, and what counts as trained by them once there are runs. */
void report_add_judgement(struct cJSON *object, const struct batchnorm *report);

/* report_add_notes - the notes as a member of an object, if there are any. */
void report_add_notes(struct cJSON *object, const struct batchnorm *report);

#endif
