/*
 * claim_table.h - claims.csv: the same columns in every experiment, a row for each claim.
 */
#ifndef DLEXP_CLAIM_TABLE_H
#define DLEXP_CLAIM_TABLE_H

#include "dlexp/formats/frame.h"
#include "dlexp/statistics/claim.h"

/* claim_columns; the first CLAIM_KEYS name a claim, behind them stand the settings that the runs it is judged by have
 * in common (grid_columns). */
enum { CLAIM_KEYS = 3 };
extern const struct frame_column claim_columns[];

/* claim_fill - one row.  config: of one of those runs; not looked at where the table has no such columns. */
void claim_fill(struct frame *frame, const struct claim *claim, const void *config);

#endif
