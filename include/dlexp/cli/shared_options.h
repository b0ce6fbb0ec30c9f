/*
 * shared_options.h - options that are the same in every command that has them.
 *
 * What stands in a row of the command's table: {LEVEL_OPTION(FIELD(level)), .help = "...", .group = "Judgement"}; a row
 * adds what its macro leaves open.  field: the offset in the configuration.
 */
#ifndef DLEXP_SHARED_OPTIONS_H
#define DLEXP_SHARED_OPTIONS_H

#include "dlexp/cli/option.h"
#include "dlexp/formats/screen.h"

/* A double: the confidence level.  For a row's help and group. */
#define LEVEL_OPTION(field)                                                                                            \
    .name = "level", .type = OPTION_REAL, .offset = field, .value = "LEVEL", .initial = "0.95", .low = 0.5,            \
    .high = 0.999999

/* A const char *: where files go.  For a row's initial (NULL: nothing is written without it), help and group. */
#define OUT_OPTION(field)                                                                                              \
    .name = "out", .letter = 'o', .type = OPTION_TEXT, .flags = OPTION_FOLDER | OPTION_CALL, .offset = field,          \
    .value = "DIR"

/* A bool: nothing but the result and errors is printed. */
#define QUIET_OPTION(field)                                                                                            \
    .name = "quiet", .letter = 'q', .type = OPTION_FLAG, .flags = OPTION_CALL, .offset = field,                        \
    .help = "print the result only: no plan, no progress, no notes"

/* A bool, of a command whose result is files. */
#define SILENT_OPTION(field)                                                                                           \
    .name = "quiet", .letter = 'q', .type = OPTION_FLAG, .flags = OPTION_CALL, .offset = field,                        \
    .help = "print nothing but what went wrong"

/* A bool. */
#define JSON_OPTION(field)                                                                                             \
    .name = "json", .type = OPTION_FLAG, .flags = OPTION_CALL, .offset = field,                                        \
    .help = "print the result as JSON on standard output, everything else on standard error"

/* A size_t, which is an enum screen_color: of every command that prints verdicts. */
#define COLOR_OPTION(field)                                                                                            \
    .name = "color", .alias = "colour", .type = OPTION_NAME, .flags = OPTION_CALL, .offset = field, .value = "WHEN",   \
    .initial = "auto", .choice = screen_color_name,                                                                    \
    .help = "colour the verdicts; auto: on a terminal, unless NO_COLOR is set or TERM is dumb"

/* A size_t: every how many steps have a row in tables of steps.  For a row's initial, low and help. */
#define LOG_EVERY_OPTION(field) .name = "log-every", .type = OPTION_COUNT, .offset = field, .value = "N", .high = 1e9

#endif
