/*
 * data_options.h - how a data set is to be read, as command-line options, for every command that takes one.
 */
#ifndef DLEXP_DATA_OPTIONS_H
#define DLEXP_DATA_OPTIONS_H

#include "dlexp/cli/options.h"
#include "dlexp/data/dataset.h"
#include "dlexp/data/known.h"

/* The rows for a command's table: READ_OPTIONS(struct data_config, source), a struct dataset_source; DATA_OPTIONS: with
 * where it is, under this heading of the help. */
#define READ_OPTIONS(config, field)                                                                                    \
    {.name = "dataset",                                                                                                \
     .type = OPTION_NAME,                                                                                              \
     .flags = OPTION_DATA,                                                                                             \
     .offset = offsetof(config, field.known),                                                                          \
     .value = "NAME",                                                                                                  \
     .initial = "mnist",                                                                                               \
     .choice = known_name,                                                                                             \
     .help = "a known data set, read from where it usually lies (dlexp data --list) as it must be"},                   \
        {.name = "label-offset",                                                                                       \
         .type = OPTION_INTEGER,                                                                                       \
         .flags = OPTION_DATA,                                                                                         \
         .offset = offsetof(config, field.label_offset),                                                               \
         .value = "N",                                                                                                 \
         .initial = "0",                                                                                               \
         .low = -2147483648.0,                                                                                         \
         .high = 2147483647.0,                                                                                         \
         .help = "subtract N from every label: 1 for classes that begin at 1, as those of EMNIST's letters"},          \
    {                                                                                                                  \
        .name = "transpose", .type = OPTION_FLAG, .flags = OPTION_DATA, .offset = offsetof(config, field.transpose),   \
        .help = "let rows and columns of every image change places: EMNIST's lie on their side"                        \
    }

#define DATA_OPTIONS(config, field, heading)                                                                           \
    {.name = "data",                                                                                                   \
     .type = OPTION_TEXT,                                                                                              \
     .flags = OPTION_FOLDER | OPTION_DATA,                                                                             \
     .offset = offsetof(config, field.directory),                                                                      \
     .value = "DIR",                                                                                                   \
     .help = "directory of four IDX files, or DIR/PREFIX of their names; without it that of --dataset",                \
                                                                                                                       \
     .group = heading},                                                                                                \
        READ_OPTIONS(config, field)

#endif
