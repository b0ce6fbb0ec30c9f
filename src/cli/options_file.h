/*
 * options_file.h - options from a file of JSON, for --config.
 *
 *     {"lr": [0.01, 0.5], "seeds": "1..10", "hidden": [128, 64], "save-best": true, "data": "my-data"}
 *
 * Names are those of the options, without dashes; values are what one would type, as a string, or a number, true or
 * false, an array of them for a list; null stands for an option that is not given.  An operand is named "operand".
 *
 * Or a run.json: an object with the members "config" and "given" (options_add_json) and "experiment", which must be the
 * command's name.  Then the options in "given" count as given, and the others have the values that they had.
 */
#ifndef DLEXP_OPTIONS_FILE_H
#define DLEXP_OPTIONS_FILE_H

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

/*
 * options_file_read - fill in the rows that the command line did not give.  ERROR_DATA, with the file, the key, what
 * was expected and what was got: a file that is missing or not JSON (with line and column), an unknown key (the nearest
 * one is named), a key that stands there twice, a value of another type or out of range, a run.json of another command.
 */
int options_file_read(struct invocation *invocation, const char *path, void *config, struct error *err);

#endif
