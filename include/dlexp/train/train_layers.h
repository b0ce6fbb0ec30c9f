/*
 * train_layers.h - what is noted of each hidden layer after an epoch's training (--layers): the columns of a record's
 * table `layers`, as rows of a table.
 *
 * A hidden layer is a Linear, its norm where there is one, and its activation.  Its input is what the activation gets:
 * the norm's output, without a norm the Linear's; its output is what the activation gives.  Both are those of the first
 * TRAIN_LAYERS_IMAGES images of the test set in its order (of all, where there are fewer), passed in eval mode between
 * the epoch's training and its test.  The gradient is that of the epoch's last training step.
 *
 * Looking only reads the net: its parameters, running statistics and draws stay what they are without.
 */
#ifndef DLEXP_TRAIN_LAYERS_H
#define DLEXP_TRAIN_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/data/dataset.h"
#include "dlexp/net/mlp.h"
#include "dlexp/run/record.h"
#include "dlexp/train/train_config.h"

#define TRAIN_LAYERS_TABLE "layers"
enum { TRAIN_LAYERS_IMAGES = 1000 };

/* A hidden layer at which is looked. */
struct train_layer {
    size_t rows, units, stride;    /* B, out, out' */
    const real *input, *output;    /* (B, out') of the activation */
    bool makes_zeros;              /* the activation's type does */
    size_t inputs;                 /* in */
    const real *weight, *gradient; /* (in, out') of the Linear */
};

struct train_layer_measure {
    const char *name;                              /* the column's */
    const char *unit;                              /* "" for a number without */
    double (*of)(const struct train_layer *layer); /* nan: such a layer has none */
};

enum {
    TRAIN_LAYERS_MAX = 16, /* measures */
    TRAIN_LAYERS_HEADER_SIZE = (TRAIN_LAYERS_MAX + 3) * 40,
    TRAIN_LAYERS_KEYS = 3 /* columns before them: segment (from 0), epoch and layer (from 1) */
};

/* train_layer_measure_row - the i-th row; NULL past the last.  train_layer_measures - how many there are. */
const struct train_layer_measure *train_layer_measure_row(size_t index);
size_t train_layer_measures(void);

/* train_layers_header - the names of that table's columns, comma-separated; returns header. */
const char *train_layers_header(char header[TRAIN_LAYERS_HEADER_SIZE]);

/* train_layers_noted - whether the record has that table, with the columns of today: one of a version with other
 * measures is as good as none. */
bool train_layers_noted(const struct record *record);

/* train_layers_numbers - how many that table of a run holds at most; 0 where nobody asked for it. */
uint64_t train_layers_numbers(const struct train_config *config);

/* Looks at one net. */
struct train_probe {
    struct mlp view; /* of the net (mlp_view) */
    size_t rows;     /* images that are looked at */
    real *x;         /* (rows, pixels') these, or the last batch */
    double *cells;   /* (hidden, measures) what was seen last */
};

/* train_probe_layout - place its arrays in memory (a measuring or an assigning pass), for a net that lies there. */
void train_probe_layout(struct train_probe *probe, const struct mlp *net, const struct dataset *data, bool sparse,
                        size_t batch, struct memory *memory);

/*
 * train_probe_look - right behind a training step.  last: its batch, where that was one of pixels, whose first weight
 * gradient is nowhere in memory and is made once more; otherwise NULL.
 */
void train_probe_look(struct train_probe *probe, const struct mlp *net, const struct kernels *kernels,
                      const struct dataset *data, const struct pixel_batch *last);

/* train_probe_cells - how many numbers were seen, probe->cells. */
size_t train_probe_cells(const struct train_probe *probe);

/* train_probe_note - what was seen, a row for each hidden layer. */
void train_probe_note(const struct train_probe *probe, size_t segment, size_t epoch, struct record *record,
                      struct record_table *layers);

#endif
