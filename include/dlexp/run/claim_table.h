/*
 * claim_table.h - claims.csv: the same columns in every experiment, a row for each claim.
 */
#ifndef DLEXP_CLAIM_TABLE_H
#define DLEXP_CLAIM_TABLE_H

#include "dlexp/formats/frame.h"
#include "dlexp/statistics/claim.h"

/* claim_columns, claim_fill - one row. */
extern const struct frame_column claim_columns[];
void claim_fill(struct frame *frame, const struct claim *claim);

#endif
