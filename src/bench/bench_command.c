/* dlexp bench: how fast this machine trains, and what bounds it.  Options to measurements, measurements to tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/memory_limit.h"
#include "dlexp/base/number.h"
#include "dlexp/base/version.h"
#include "dlexp/bench/bench.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/progress.h"
#include "dlexp/cli/table.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"
#include "dlexp/train/data_options.h"
#include "dlexp/train/train_settings.h"

struct bench_config {
    struct train_config train; /* norms, activation, hidden, batch, seed */
    struct dataset_source data;
    size_t epochs, kernels;
    double seconds;
    const char *out;
    bool json;
};

#define FIELD(name) offsetof(struct bench_config, name)

static const struct option options[] = {
    {.name = "seconds",
     .type = OPTION_REAL,
     .offset = FIELD(seconds),
     .value = "S",
     .initial = "10",
     .low = 0,
     .low_open = true,
     .high = 3600,
     .help = "about how long to measure; every number is measured once at least",
     .group = "Measurement"},
    {.name = "epochs",
     .type = OPTION_COUNT,
     .offset = FIELD(epochs),
     .value = "N",
     .initial = "0",
     .low = 0,
     .high = 10000,
     .help = "measure N whole epochs of training and nothing else, whatever they take; 0 measures everything"},
    {.name = "kernels",
     .type = OPTION_NAME,
     .offset = FIELD(kernels),
     .value = "NAME",
     .initial = "auto",
     .choice = kernels_name,
     .help = "instruction set of the hot loops"},
    TRAIN_SETTING_NORM(struct bench_config, train),
    TRAIN_SETTING_ACTIVATION(struct bench_config, train, 0),
    TRAIN_SETTING_NET(struct bench_config, train, 0),
    DATA_OPTIONS(struct bench_config, data, "Network"),
    {.name = "seed",
     .type = OPTION_SEED,
     .offset = FIELD(train.seed),
     .value = "N",
     .initial = "1234",
     .help = "of the initial weights and the shuffles, as in dlexp batchnorm"},
    {.name = "out",
     .letter = 'o',
     .type = OPTION_TEXT,
     .offset = FIELD(out),
     .value = "DIR",
     .help = "write bench.csv there; without it nothing is written",
     .group = "Output"},
    {.name = "json",
     .type = OPTION_FLAG,
     .offset = FIELD(json),
     .help = "print the measurements as JSON instead of tables"},
    {.name = NULL},
};

static const char description[] =
    "Measures this machine, one thread: the FMA peak of a core with the kernel set's vectors; every kernel at the "
    "network's sizes, "
    "and dense products of larger ones, beside that peak; a training step by phase; whole epochs, beside the time that "
    "all "
    "arithmetic of the dense network would take at the peak; and what comes before the first step.\n"
    "\n"
    "The training is that of dlexp batchnorm --optimizer momentum --lr 0.01: same updates, same batches, same numbers. "
    "An epoch is "
    "its shuffle and its steps, without the evaluation.\n"
    "\n"
    "GFLOP/s counts arithmetic that is done: a sparse kernel's is that of the numbers that are not zero. GB/s counts "
    "every array "
    "once; most of "
    "them come from the caches. All times are medians: of kernels in the thread's own time, of steps and epochs by the "
    "clock on the "
    "wall, so that a busy machine shows in these.\n"
    "\n"
    "With --out DIR the numbers go to DIR/bench.csv, which scripts/plots/bench.gp draws: "
    "gnuplot -d -c scripts/plots/bench.gp DIR/bench.csv DIR/bench";

static const char examples[] = "dlexp bench                                    everything, in about 10 seconds\n"
                               "dlexp bench --kernels portable                 another kernel set\n"
                               "dlexp bench --hidden 1024,1024 --batch 256     a larger network\n"
                               "dlexp bench --epochs 5 --norm none --json      five epochs of one network, as JSON";

/* All that was measured. */
struct measurements {
    const struct kernels *kernels;
    const struct dataset *data;
    double load_s;
    struct bench bench;               /* empty with --epochs */
    struct bench_training *trainings; /* one a norm */
    size_t count;
    double *each; /* (count, epochs) with --epochs */
};

static const char *norm_name(size_t norm)
{
    const char *name = NULL;
    layer_norm_name(norm, &name);
    return name;
}

static const char *phase_name(size_t phase)
{
    const char *name = NULL;
    trainer_phase_name(phase, &name);
    return name;
}

static void print_network(FILE *out, const struct bench_config *config, const struct measurements *m)
{
    fprintf(out, "%zu", m->data->pixels);
    for (size_t i = 0; i < config->train.hidden.count; i++)
        fprintf(out, "-%lld", (long long)config->train.hidden.values[i]);
    fprintf(out, "-%zu, batch %zu", m->data->classes, config->train.batch);
}

/* A number with three digits that count, or "-" where there is none. */
static void cell_number(struct table *table, double value)
{
    if (value > 0 && isfinite(value))
        table_cell(table, "%.*f", value >= 100 ? 0 : value >= 10 ? 1 : 2, value);
    else
        table_cell(table, "-");
}

static int print_kernels(const struct bench *bench, struct error *err)
{
    static const struct {
        const char *group, *title;
    } groups[] = {
        {"net", "Kernels at this network's sizes"},
        {"wide", "Dense products of 784-1024-1024, batch 256"},
        {"square", "Square products"},
    };
    printf("FMA peak of a core: %.1f GFLOP/s\n", bench_flops_s(&bench->rows[0]) / 1e9);
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        struct table table;
        printf("\n%s\n\n", groups[g].title);
        table_begin(&table, 6, "kernel", "size", "us", "GFLOP/s", "% of peak", "GB/s");
        for (size_t i = 0; i < bench->count; i++) {
            const struct bench_row *row = &bench->rows[i];
            if (strcmp(row->group, groups[g].group) != 0)
                continue;
            table_cell(&table, "%s", row->name);
            table_cell(&table, "%s", row->shape);
            cell_number(&table, row->seconds * 1e6);
            cell_number(&table, bench_flops_s(row) / 1e9);
            cell_number(&table, 100 * bench_share(bench, row));
            cell_number(&table, bench_bytes_s(row) / 1e9);
        }
        if (table_end(&table, stdout, err) < 0)
            return -1;
    }
    printf("\n(medians of %zu samples each)\n", bench->rows[0].samples);
    return 0;
}

static int print_phases(const struct measurements *m, struct error *err)
{
    struct table table;
    printf("\nMicroseconds a training step\n\n");
    table_begin(&table, 2 + TRAIN_PHASES, "network", phase_name(0), phase_name(1), phase_name(2), phase_name(3),
                phase_name(4), "step");
    for (size_t i = 0; i < m->count; i++) {
        const struct train_profile *profile = &m->trainings[i].profile;
        table_cell(&table, "%s", norm_name(m->trainings[i].norm));
        for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
            cell_number(&table, profile->phase_s[phase] * 1e6);
        cell_number(&table, profile->step_s * 1e6);
    }
    if (table_end(&table, stdout, err) < 0)
        return -1;
    printf("\n(medians of %zu steps)\n", m->trainings[0].profile.steps);
    return 0;
}

static int print_epochs(const struct measurements *m, struct error *err)
{
    const bool peak = m->bench.count > 0;
    struct table table;
    printf("%sA training epoch of %zu images\n\n", peak ? "\n" : "", m->data->train.count);
    table_begin(&table, 7, "network", "seconds", "least", "epochs", "dense limit s", "of the limit", "test %");
    for (size_t i = 0; i < m->count; i++) {
        const struct bench_training *t = &m->trainings[i];
        const double limit_s = peak ? t->dense_flops / bench_flops_s(&m->bench.rows[0]) : NAN;
        table_cell(&table, "%s", norm_name(t->norm));
        table_cell(&table, "%.4f", t->epoch_s);
        table_cell(&table, "%.4f", t->least_s);
        table_cell(&table, "%zu", t->epochs);
        if (peak)
            table_cell(&table, "%.4f", limit_s);
        else
            table_cell(&table, "-");
        cell_number(&table, t->epoch_s / limit_s);
        cell_number(&table, t->accuracy_percent);
    }
    if (table_end(&table, stdout, err) < 0)
        return -1;
    printf("\n(");
    for (size_t i = 0; i < m->count; i++)
        if (m->trainings[i].epochs == 0) {
            printf("epochs 0: too long for the time given, so the median step times the number of steps; ");
            break;
        }
    printf("dense limit: %.1f GFLOP at the FMA peak)\n", m->trainings[0].dense_flops / 1e9);
    return 0;
}

static int print_text(const struct bench_config *config, const struct measurements *m, struct error *err)
{
    printf("Kernels %s (%s), network ", m->kernels->name, m->kernels->description);
    print_network(stdout, config, m);
    printf(", %s with %.1f %% non-zero pixels, %s first layer\n\n", m->data->name, 100 * m->data->density,
           m->data->sparse ? "sparse" : "dense");
    if (m->bench.count > 0 && (print_kernels(&m->bench, err) < 0 || print_phases(m, err) < 0))
        return -1;
    if (print_epochs(m, err) < 0)
        return -1;
    if (m->bench.count > 0)
        printf("\nBefore the first step: %.3f s (data %.3f s, network %.4f s)\n",
               m->load_s + m->trainings[0].profile.start_s, m->load_s, m->trainings[0].profile.start_s);
    return 0;
}

static const struct frame_column csv_columns[] = {
    {.name = "group", .type = FRAME_TEXT},   {.name = "name", .type = FRAME_TEXT},
    {.name = "shape", .type = FRAME_TEXT},   {.name = "seconds", .type = FRAME_REAL},
    {.name = "least_s", .type = FRAME_REAL}, {.name = "samples", .type = FRAME_REAL},
    {.name = "gflop_s", .type = FRAME_REAL}, {.name = "peak_share", .type = FRAME_REAL},
    {.name = "gb_s", .type = FRAME_REAL},    {.name = NULL},
};

/* values: from seconds to gb_s; what a row does not have is 0. */
static void fill_row(struct frame *frame, const char *group, const char *name, const char *shape,
                     const double values[6])
{
    frame_text(frame, group);
    frame_text(frame, name);
    frame_text(frame, shape);
    for (size_t i = 0; i < 6; i++)
        frame_real(frame, values[i] > 0 && isfinite(values[i]) ? values[i] : (double)NAN);
}

/* One table of everything; what a row does not have is empty. */
static void fill_csv(const void *measurements, struct frame *frame)
{
    const struct measurements *m = measurements;
    for (size_t i = 0; i < m->bench.count; i++) {
        const struct bench_row *row = &m->bench.rows[i];
        const double values[] = {row->seconds,
                                 row->least_s,
                                 (double)row->samples,
                                 bench_flops_s(row) / 1e9,
                                 bench_share(&m->bench, row),
                                 bench_bytes_s(row) / 1e9};
        fill_row(frame, row->group, row->name, row->shape, values);
    }
    for (size_t i = 0; i < m->count; i++) {
        const struct bench_training *t = &m->trainings[i];
        const char *norm = norm_name(t->norm);
        for (size_t phase = 0; m->bench.count > 0 && phase < TRAIN_PHASES; phase++)
            fill_row(frame, "step", phase_name(phase), norm,
                     (double[]){t->profile.phase_s[phase], 0, (double)t->profile.steps, 0, 0, 0});
        const double flops_s = t->dense_flops / t->epoch_s;
        fill_row(frame, "epoch", "training", norm,
                 (double[]){t->epoch_s, t->least_s, (double)t->epochs, flops_s / 1e9,
                            m->bench.count > 0 ? flops_s / bench_flops_s(&m->bench.rows[0]) : 0, 0});
    }
    fill_row(frame, "start", "data", "", (double[]){m->load_s, 0, 1, 0, 0, 0});
    if (m->bench.count > 0)
        fill_row(frame, "start", "network", "", (double[]){m->trainings[0].profile.start_s, 0, 1, 0, 0, 0});
}

static int write_csv(const struct measurements *m, const char *directory, struct error *err)
{
    if (directory_create(directory, err) < 0)
        return -1;
    directory_clean(directory);
    return frame_file_csv(directory, "bench.csv", csv_columns, fill_csv, m, err);
}

static void add_kernels(cJSON *root, const struct bench *bench)
{
    json_add_number(root, "peak_gflop_s", bench_flops_s(&bench->rows[0]) / 1e9);
    cJSON *rows = json_add_array(root, "kernels");
    for (size_t i = 1; i < bench->count; i++) {
        const struct bench_row *row = &bench->rows[i];
        cJSON *object = json_append(rows, cJSON_CreateObject());
        json_add_string(object, "group", row->group);
        json_add_string(object, "name", row->name);
        json_add_string(object, "shape", row->shape);
        json_add_number(object, "seconds", row->seconds);
        json_add_number(object, "least_s", row->least_s);
        json_add_number(object, "samples", (double)row->samples);
        if (row->flops > 0) {
            json_add_number(object, "gflop_s", bench_flops_s(row) / 1e9);
            json_add_number(object, "peak_share", bench_share(bench, row));
        }
        if (row->bytes > 0)
            json_add_number(object, "gb_s", bench_bytes_s(row) / 1e9);
    }
}

static void add_training(cJSON *array, const struct measurements *m, size_t index, size_t epochs)
{
    const struct bench_training *t = &m->trainings[index];
    cJSON *object = json_append(array, cJSON_CreateObject());
    json_add_string(object, "norm", norm_name(t->norm));
    json_add_number(object, "epoch_s", t->epoch_s);
    json_add_number(object, "least_s", t->least_s);
    json_add_number(object, "epochs", (double)t->epochs);
    json_add_number(object, "test_accuracy_percent", t->accuracy_percent);
    json_add_number(object, "dense_gflop", t->dense_flops / 1e9);
    if (m->each) {
        json_add(object, "epochs_s", cJSON_CreateDoubleArray(m->each + index * epochs, (int)epochs));
        return;
    }
    json_add_number(object, "of_dense_limit", t->epoch_s / (t->dense_flops / bench_flops_s(&m->bench.rows[0])));
    cJSON *step = json_add_object(object, "step");
    for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
        json_add_number(step, phase_name(phase), t->profile.phase_s[phase]);
    json_add_number(step, "seconds", t->profile.step_s);
    json_add_number(step, "steps", (double)t->profile.steps);
}

static int print_json(const struct bench_config *config, const struct invocation *invocation,
                      const struct measurements *m, struct error *err)
{
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "version", version_number);
    json_add_string(root, "revision", version_revision);
    json_add_string(root, "compiler", version_compiler);
    json_add(root, "configuration", options_to_json(invocation, config));
    json_add_string(root, "kernel_set", m->kernels->name);
    json_add_string(root, "data", m->data->name);
    json_add_number(root, "density", m->data->density);
    json_add_bool(root, "sparse_first_layer", m->data->sparse);
    json_add_number(root, "data_s", m->load_s);
    if (m->bench.count > 0) {
        json_add_number(root, "network_s", m->trainings[0].profile.start_s);
        json_add_number(root, "first_step_s", m->load_s + m->trainings[0].profile.start_s);
        add_kernels(root, &m->bench);
    }
    cJSON *trainings = json_add_array(root, "training");
    for (size_t i = 0; i < m->count; i++)
        add_training(trainings, m, i, config->epochs);
    return json_print(root, stdout, "the JSON text", err);
}

static int run_bench(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct bench_config *config = configuration;
    const size_t epochs = config->epochs;
    const char *name = NULL;
    double rate = 0.01;
    struct dataset data;
    char hint[DATASET_HINT_SIZE];
    struct measurements m = {.data = &data, .count = config->train.norms.count};
    int result = -1;
    const double start = clock_now_s();
    if (epochs > 0 && options_given(invocation, "seconds"))
        return error_set(err, ERROR_USAGE,
                         "--seconds with --epochs: expected one of them, got both; the epochs take what "
                         "they take");
    kernels_name(config->kernels, &name);
    if (!(m.kernels = kernels_find(name, err)))
        return -1;

    struct train_config train = config->train;
    train.lrs = (struct reals){&rate, 1};
    train.hyper = hyperparameters_initial();
    train.epochs = 1;
    while (strcmp(optimizer_row(train.optimizer)->name, "momentum") != 0)
        train.optimizer++;
    if (dataset_load(&data, &config->data, err) < 0)
        goto done;
    if (dataset_hint(&data, hint))
        fprintf(stderr, "dlexp: hint: %s\n", hint);
    m.load_s = clock_now_s() - start;
    if (train_check(&train, &data, err) < 0 ||
        memory_limit_check(bench_memory(&train, &data, epochs > 0), "the measured network",
                           "choose a smaller --hidden or --batch", err) < 0 ||
        (config->out && directory_create(config->out, err) < 0))
        goto done;
    m.trainings = calloc(m.count, sizeof *m.trainings);
    m.each = epochs > 0 ? calloc(m.count * epochs, sizeof *m.each) : NULL;
    if (!m.trainings || (epochs > 0 && !m.each)) {
        error_out_of_memory(err, "the measurements");
        goto done;
    }
    if (isatty(STDERR_FILENO) && epochs == 0)
        fprintf(stderr, "measuring for about %g s ...\n", config->seconds);
    /* Half of the time for the kernels, half for the training. */
    if (epochs == 0 && bench_kernels(&m.bench, &train, &data, m.kernels, config->seconds / 2, err) < 0)
        goto done;
    for (size_t i = 0; i < m.count; i++) {
        train.norms = (struct indices){config->train.norms.values + i, 1};
        if (bench_training(&m.trainings[i], &train, &data, m.kernels, config->seconds / 2 / (double)m.count, epochs,
                           m.each ? m.each + i * epochs : NULL, err) < 0)
            goto done;
    }
    if (config->out && write_csv(&m, config->out, err) < 0)
        goto done;
    if (config->json) {
        result = print_json(config, invocation, &m, err);
        goto done;
    }
    if (print_text(config, &m, err) < 0)
        goto done;
    if (config->out)
        printf("wrote %s/bench.csv\n", config->out);
    result = 0;
done:
    free(m.each);
    free(m.trainings);
    dataset_free(&data);
    return result;
}

const struct command command_bench = {
    .name = "bench",
    .summary = "measure how fast this machine trains, and what bounds it",
    .description = description,
    .examples = examples,
    .options = options,
    .config_size = sizeof(struct bench_config),
    .run = run_bench,
};
