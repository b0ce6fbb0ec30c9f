/*
 * net_options.h - the network and its data as command-line options, for every command that trains.
 */
#ifndef DLEXP_NET_OPTIONS_H
#define DLEXP_NET_OPTIONS_H

#include "dlexp/cli/options.h"
#include "dlexp/net/mlp.h"
#include "dlexp/train/data_options.h"

struct net_options {
    struct integers norms, hidden; /* enum mlp_norm; widths */
    int64_t batch;
    struct dataset_source data;
};

/* The rows for a command's table: NET_OPTIONS(struct bench_config, net). */
#define NET_OPTIONS(config, field)                                                                                     \
    {.name = "norm",                                                                                                   \
     .type = OPTION_NAMES,                                                                                             \
     .offset = offsetof(config, field.norms),                                                                          \
     .value = "LIST",                                                                                                  \
     .initial = "none,batchnorm",                                                                                      \
     .choice = mlp_norm_name,                                                                                          \
     .help = "what stands between a hidden layer and its ReLU",                                                        \
     .group = "Network"},                                                                                              \
        {.name = "hidden",                                                                                             \
         .type = OPTION_INTEGERS,                                                                                      \
         .offset = offsetof(config, field.hidden),                                                                     \
         .value = "LIST",                                                                                              \
         .initial = "128,64",                                                                                          \
         .low = 1,                                                                                                     \
         .high = 65536,                                                                                                \
         .help = "widths of the hidden layers"},                                                                       \
        {.name = "batch",                                                                                              \
         .type = OPTION_INTEGER,                                                                                       \
         .offset = offsetof(config, field.batch),                                                                      \
         .value = "N",                                                                                                 \
         .initial = "60",                                                                                              \
         .low = 1,                                                                                                     \
         .high = 1e9,                                                                                                  \
         .help = "images a training step"},                                                                            \
        {.name = "data",                                                                                               \
         .type = OPTION_TEXT,                                                                                          \
         .offset = offsetof(config, field.data.directory),                                                             \
         .value = "DIR",                                                                                               \
         .help = "directory of four IDX files, or DIR/PREFIX of their names; without it the MNIST that comes with "    \
                 "the program"},                                                                                       \
        DATA_OPTIONS(config, field.data)

/* net_options_check - ERROR_USAGE for a norm named twice or more layers than a net can have. */
int net_options_check(const struct net_options *options, struct error *err);

#endif
