/*
 * commands.h - the commands of the program, one in each experiment's room.
 *
 * A new command is its file, its line here and its row in the table of main.c.
 */
#ifndef DLEXP_COMMANDS_H
#define DLEXP_COMMANDS_H

#include "dlexp/cli/options.h"

extern const struct command command_batchnorm;
extern const struct command command_bench;
extern const struct command command_check;
extern const struct command command_compare;
extern const struct command command_data;
extern const struct command command_data_import;
extern const struct command command_merge;
extern const struct command command_optim;
extern const struct command command_plot;
extern const struct command command_report;
extern const struct command command_sgd_mean;
extern const struct command command_status;
extern const struct command command_verify;

#endif
