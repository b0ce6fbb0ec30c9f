/*
 * verdict_text.h - a verdict's word as a screen shows it, and the option that says whether it has a colour there.
 */
#ifndef DLEXP_VERDICT_TEXT_H
#define DLEXP_VERDICT_TEXT_H

#include <stdio.h>

#include "dlexp/cli/option.h"
#include "dlexp/formats/screen.h"
#include "dlexp/statistics/claim.h"

enum { VERDICT_TEXT_SIZE = 48 };

/* verdict_text - verdict_name, coloured where `out` shows colours (screen_colors): green for supported, red for
 * contradicted, yellow for what needs other runs.  Flows (flow.h) count no columns for that. */
const char *verdict_text(char buffer[VERDICT_TEXT_SIZE], enum verdict verdict, FILE *out);

/* Rows of an options table, for every command that prints verdicts: {COLOR_OPTION(FIELD(color))}.  field: the offset of
 * a size_t, which is an enum screen_color. */
#define COLOR_OPTION(field)                                                                                            \
    .name = "color", .alias = "colour", .type = OPTION_NAME, .offset = field, .value = "WHEN", .initial = "auto",      \
    .choice = screen_color_name,                                                                                       \
    .help = "colour the verdicts; auto: on a terminal, unless NO_COLOR is set or TERM is dumb"

#endif
