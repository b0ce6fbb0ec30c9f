/* The measures of a hidden layer, and the look into the net that they are taken in. */
#include "dlexp/train/train_layers.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dlexp/net/layer_linear.h"

/* ---- measures; sums in double, in the order of the elements: the same on every machine ---- */

static double mean(const struct train_layer *layer, const real *x)
{
    double sum = 0;
    for (size_t b = 0; b < layer->rows; b++)
        for (size_t o = 0; o < layer->units; o++)
            sum += (double)x[b * layer->stride + o];
    return sum / ((double)layer->rows * (double)layer->units);
}

/* Of all these numbers: divided by how many they are. */
static double standard_deviation(const struct train_layer *layer, const real *x)
{
    const double middle = mean(layer, x);
    double sum = 0;
    for (size_t b = 0; b < layer->rows; b++)
        for (size_t o = 0; o < layer->units; o++) {
            const double off = (double)x[b * layer->stride + o] - middle;
            sum += off * off;
        }
    return sqrt(sum / ((double)layer->rows * (double)layer->units));
}

/* Frobenius norm of a matrix (in, out'). */
static double norm(const struct train_layer *layer, const real *matrix)
{
    double sum = 0;
    for (size_t i = 0; i < layer->inputs; i++)
        for (size_t o = 0; o < layer->units; o++)
            sum += (double)matrix[i * layer->stride + o] * (double)matrix[i * layer->stride + o];
    return sqrt(sum);
}

static double input_mean(const struct train_layer *layer)
{
    return mean(layer, layer->input);
}

static double input_std(const struct train_layer *layer)
{
    return standard_deviation(layer, layer->input);
}

static double output_mean(const struct train_layer *layer)
{
    return mean(layer, layer->output);
}

static double output_std(const struct train_layer *layer)
{
    return standard_deviation(layer, layer->output);
}

/* Units that are 0 for every image. */
static double dead(const struct train_layer *layer)
{
    size_t count = 0;
    if (!layer->makes_zeros)
        return (double)NAN;
    for (size_t o = 0; o < layer->units; o++) {
        size_t b = 0;
        while (b < layer->rows && layer->output[b * layer->stride + o] == 0)
            b++;
        count += b == layer->rows;
    }
    return 100 * (double)count / (double)layer->units;
}

static double weight_norm(const struct train_layer *layer)
{
    return norm(layer, layer->weight);
}

static double gradient_norm(const struct train_layer *layer)
{
    return norm(layer, layer->gradient);
}

static const struct train_layer_measure measures[] = {
    {"input_mean", "", input_mean},       {"input_std", "", input_std}, {"output_mean", "", output_mean},
    {"output_std", "", output_std},       {"dead_percent", "%", dead},  {"weight_norm", "", weight_norm},
    {"gradient_norm", "", gradient_norm},
};
enum { MEASURES = sizeof measures / sizeof *measures };
_Static_assert((int)MEASURES <= (int)TRAIN_LAYERS_MAX, "room for every measure");

const struct train_layer_measure *train_layer_measure_row(size_t index)
{
    return index < MEASURES ? &measures[index] : NULL;
}

size_t train_layer_measures(void)
{
    return MEASURES;
}

const char *train_layers_header(char header[TRAIN_LAYERS_HEADER_SIZE])
{
    size_t used = (size_t)snprintf(header, TRAIN_LAYERS_HEADER_SIZE, "segment,epoch,layer");
    for (size_t i = 0; i < MEASURES; i++) {
        used += (size_t)snprintf(header + used, TRAIN_LAYERS_HEADER_SIZE - used, ",%s", measures[i].name);
        assert(used < TRAIN_LAYERS_HEADER_SIZE);
    }
    return header;
}

bool train_layers_noted(const struct record *record)
{
    char header[TRAIN_LAYERS_HEADER_SIZE];
    const struct record_table *table = record_table_find(record, TRAIN_LAYERS_TABLE);
    return table && strcmp(table->header, train_layers_header(header)) == 0;
}

uint64_t train_layers_numbers(const struct train_config *config)
{
    const uint64_t rows = (uint64_t)train_segments(config) * config->epochs * config->hidden.count;
    return config->layers ? rows * (TRAIN_LAYERS_KEYS + MEASURES) : 0;
}

/* ---- the look ---- */

void train_probe_layout(struct train_probe *probe, const struct mlp *net, const struct dataset *data, bool sparse,
                        size_t batch, struct memory *memory)
{
    struct layer *const first = &probe->view.layer[0];
    probe->rows = data->test.count < TRAIN_LAYERS_IMAGES ? data->test.count : TRAIN_LAYERS_IMAGES;
    mlp_view(&probe->view, net, probe->rows, memory);
    probe->x = memory_take(
        memory, memory_product(sparse && batch > probe->rows ? batch : probe->rows, first->in_stride), sizeof(real));
    probe->cells = memory_take(memory, net->shape.hidden * MEASURES, sizeof *probe->cells);
    if (sparse)
        first->gradient[LAYER_WEIGHT] = memory_take(memory, memory_product(first->in, first->stride), sizeof(real));
}

/* The first weight gradient, which an update from pixels uses up as it is made. */
static void remake_gradient(struct train_probe *probe, const struct mlp *net, const struct kernels *kernels,
                            const struct pixel_batch *last)
{
    const struct layer *first = &probe->view.layer[0];
    const struct layer_pass pass = {kernels, net->team, net->workspace, last->rows, true};
    for (size_t b = 0; b < last->rows; b++)
        kernels->scale_pixels(probe->x + b * first->in_stride, last->row[b], first->in);
    layer_linear_weight_gradient(first, &pass, probe->x, net->first_dy);
}

void train_probe_look(struct train_probe *probe, const struct mlp *net, const struct kernels *kernels,
                      const struct dataset *data, const struct pixel_batch *last)
{
    const struct layer *linear = NULL;
    double *cells = probe->cells;
    if (last)
        remake_gradient(probe, net, kernels, last);
    for (size_t b = 0; b < probe->rows; b++)
        kernels->scale_pixels(probe->x + b * probe->view.layer[0].in_stride, data->test.images + b * data->pixels,
                              data->pixels);
    mlp_forward(&probe->view, kernels, (struct layer_input){.dense = probe->x}, probe->rows, false);
    for (size_t l = 0; l < probe->view.layers; l++) {
        const struct layer *layer = &probe->view.layer[l];
        if (layer->type->tensor[LAYER_WEIGHT].matrix)
            linear = layer;
        if (!layer->type->activation)
            continue;
        const struct train_layer seen = {
            .rows = probe->rows,
            .units = layer->out,
            .stride = layer->stride,
            .input = layer[-1].y,
            .output = layer->y,
            .makes_zeros = layer->type->makes_zeros,
            .inputs = linear->in,
            .weight = linear->value[LAYER_WEIGHT],
            .gradient = linear->gradient[LAYER_WEIGHT],
        };
        for (size_t i = 0; i < MEASURES; i++)
            *cells++ = measures[i].of(&seen);
    }
}

size_t train_probe_cells(const struct train_probe *probe)
{
    return probe->view.shape.hidden * MEASURES;
}

void train_probe_note(const struct train_probe *probe, size_t segment, size_t epoch, struct record *record,
                      struct record_table *layers)
{
    for (size_t h = 0; h < probe->view.shape.hidden; h++) {
        double cells[TRAIN_LAYERS_KEYS + MEASURES] = {(double)segment, (double)epoch, (double)(h + 1)};
        for (size_t i = 0; i < MEASURES; i++)
            cells[TRAIN_LAYERS_KEYS + i] = probe->cells[h * MEASURES + i];
        record_table_row(record, layers, cells);
    }
}
