/*
 * verdict_text.h - a verdict's word as a screen shows it.
 */
#ifndef DLEXP_VERDICT_TEXT_H
#define DLEXP_VERDICT_TEXT_H

#include <stdio.h>

#include "dlexp/statistics/claim.h"

enum { VERDICT_TEXT_SIZE = 48 };

/* verdict_text - verdict_name, coloured where `out` shows colours (screen_colors): green for supported, red for
 * contradicted, yellow for what needs other runs.  Flows (flow.h) count no columns for that. */
const char *verdict_text(char buffer[VERDICT_TEXT_SIZE], enum verdict verdict, FILE *out);

#endif
