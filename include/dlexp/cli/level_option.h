/*
 * level_option.h - the confidence level as a command-line option, for every command that judges.
 */
#ifndef DLEXP_LEVEL_OPTION_H
#define DLEXP_LEVEL_OPTION_H

#include "dlexp/cli/option.h"

/* What stands in a row of the command's table: {LEVEL_OPTION(FIELD(level)), .help = "...", .group = "Judgement"}.
 * field: the offset of a double. */
#define LEVEL_OPTION(field)                                                                                            \
    .name = "level", .type = OPTION_REAL, .offset = field, .value = "LEVEL", .initial = "0.95", .low = 0.5,            \
    .high = 0.999999

#endif
