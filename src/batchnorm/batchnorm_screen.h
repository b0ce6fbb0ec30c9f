/*
 * batchnorm_screen.h - the result of dlexp batchnorm for a person, in 80 columns: for each block of the grid the nets
 * side by side, a row for each rate, then the claims in words; at the end how to read it, and the homework's numbers
 * where these runs are its.
 */
#ifndef DLEXP_BATCHNORM_SCREEN_H
#define DLEXP_BATCHNORM_SCREEN_H

#include "batchnorm_rows.h"

int screen_print(const void *batchnorm, FILE *out, struct error *err);

/* screen_shows_groups - whether groups.csv's accuracies are shown, too: beside the homework's, and in its notebook's
 * protocol, where they are averages over epochs. */
bool screen_shows_groups(const struct batchnorm *report);

#endif
