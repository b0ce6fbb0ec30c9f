/*
 * models.h - the model files beside a store, DIR/models: each is named by the first digits of its run's id, and its
 * SHA-256 is a value of that run's record.
 */
#ifndef DLEXP_MODELS_H
#define DLEXP_MODELS_H

#include <stdbool.h>

#include "dlexp/run/record.h"

#define MODELS_FOLDER "models"
enum { MODELS_DIGITS = 8 };

/* models_is_one - whether a file of this name is a model.  models_digits - and the digits that end its name. */
bool models_is_one(const char *name);
bool models_digits(char digits[MODELS_DIGITS + 1], const char *name);

/* models_has_hash - whether the record says that a model of its run has this hash: a value whose name ends in
 * model_sha256.  *told is set where it has any such value. */
bool models_has_hash(const struct record *record, const char *sha256, bool *told);

#endif
