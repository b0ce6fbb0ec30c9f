/*
 * options_value.h - the value of one option: its bounds, and how it is read into the configuration.
 */
#ifndef DLEXP_OPTIONS_VALUE_H
#define DLEXP_OPTIONS_VALUE_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

/* Where a value comes from, for the messages. */
struct options_origin {
    const struct command *command;
    const struct option *option;
    const char *label; /* the option as it was typed: "--jobs", "-j" */
    struct error *err;
};

/* options_value_read - the whole text as a value of the option, which is no flag, into a field of its type.
 * options_value_read_axis - as further values. */
int options_value_read(const struct options_origin *origin, const char *text, void *field);
int options_value_read_axis(const struct options_origin *origin, const char *text, struct axis *axis);

/* options_value_free - what such a field owns. */
void options_value_free(const struct option *option, void *field);

/* options_value_bounds - of a row; infinite where there is none. */
void options_value_bounds(const struct option *option, double *low, double *high);

/* options_value_is_list - whether one value is a list. */
bool options_value_is_list(const struct option *option);

#endif
