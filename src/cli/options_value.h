/*
 * options_value.h - the values of one option, with lists and ranges: how they are read into the configuration.
 */
#ifndef DLEXP_OPTIONS_VALUE_H
#define DLEXP_OPTIONS_VALUE_H

#include "options_element.h"

/* options_value_read - the whole text as a value of the option, which is no flag, into a field of its type.
 * options_value_read_axis - as further values. */
int options_value_read(const struct options_origin *origin, const char *text, void *field);
int options_value_read_axis(const struct options_origin *origin, const char *text, struct axis *axis);

/* options_value_take - the text as the value of a row of the invocation's command, into its field or its axis. */
int options_value_take(const struct options_origin *origin, const char *text, struct invocation *invocation,
                       void *config);

/* options_value_free - what such a field owns. */
void options_value_free(const struct option *option, void *field);

#endif
