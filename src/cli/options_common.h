/*
 * options_common.h - the options that every command has: rows like those of a command's table, but without a field, as
 * the parser answers them itself.  Help, manual pages and completions show them behind the command's own.
 */
#ifndef DLEXP_OPTIONS_COMMON_H
#define DLEXP_OPTIONS_COMMON_H

#include "dlexp/cli/option.h"

enum { OPTIONS_CONFIG, OPTIONS_HELP, OPTIONS_COMMON };

extern const struct option options_common[OPTIONS_COMMON + 1];

#endif
