/* bench_report.c - see bench_report.h. */
#include "bench_report.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/version.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"

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

/* Only what is above 0 was measured. */
static void fill_measured(struct frame *frame, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        frame_real(frame, values[i] > 0 && isfinite(values[i]) ? values[i] : (double)NAN);
}

/* ---- kernels; bench.csv, which has rows of everything ---- */

static const struct frame_column rows_columns[] = {
    {.name = "group", .type = FRAME_TEXT},
    {.name = "name", .type = FRAME_TEXT, .title = "kernel"},
    {.name = "shape", .type = FRAME_TEXT, .title = "size"},
    {.name = "seconds", .type = FRAME_REAL, .title = "us", .scale = 1e6, .shown = SHOWN_THREE},
    {.name = "least_s", .type = FRAME_REAL},
    {.name = "samples", .type = FRAME_REAL},
    {.name = "gflop_s", .type = FRAME_REAL, .title = "GFLOP/s", .shown = SHOWN_THREE},
    {.name = "peak_share", .type = FRAME_REAL, .title = "% of peak", .scale = 100, .shown = SHOWN_THREE},
    {.name = "gb_s", .type = FRAME_REAL, .title = "GB/s", .shown = SHOWN_THREE},
    {.name = NULL},
};
enum { ROW_NUMBERS = 6 }; /* from seconds on */

static void fill_row(struct frame *frame, const char *group, const char *name, const char *shape,
                     const double values[ROW_NUMBERS])
{
    frame_text(frame, group);
    frame_text(frame, name);
    frame_text(frame, shape);
    fill_measured(frame, values, ROW_NUMBERS);
}

static void fill_kernel(struct frame *frame, const struct bench *bench, const struct bench_row *row)
{
    fill_row(frame, row->group, row->name, row->shape,
             (double[]){row->seconds, row->least_s, (double)row->samples, bench_flops_s(row) / 1e9,
                        bench_share(bench, row), bench_bytes_s(row) / 1e9});
}

/* Of one group, or of all but the peak. */
struct kernel_rows {
    const struct bench *bench;
    const char *group;
};

static void fill_kernels(const void *kernel_rows, struct frame *frame)
{
    const struct kernel_rows *rows = kernel_rows;
    for (size_t i = 1; i < rows->bench->count; i++)
        if (!rows->group || strcmp(rows->bench->rows[i].group, rows->group) == 0)
            fill_kernel(frame, rows->bench, &rows->bench->rows[i]);
}

static void fill_everything(const void *measurements, struct frame *frame)
{
    const struct measurements *m = measurements;
    for (size_t i = 0; i < m->bench.count; i++)
        fill_kernel(frame, &m->bench, &m->bench.rows[i]);
    for (size_t i = 0; i < m->count; i++) {
        const struct bench_training *t = &m->trainings[i];
        const char *norm = norm_name(t->norm);
        for (size_t phase = 0; m->bench.count > 0 && phase < TRAIN_PHASES; phase++)
            fill_row(frame, "step", phase_name(phase), norm,
                     (double[ROW_NUMBERS]){t->profile.phase_s[phase], 0, (double)t->profile.steps});
        const double flops_s = t->dense_flops / t->epoch_s;
        fill_row(frame, "epoch", "training", norm,
                 (double[ROW_NUMBERS]){t->epoch_s, t->least_s, (double)t->epochs, flops_s / 1e9,
                                       m->bench.count > 0 ? flops_s / bench_flops_s(&m->bench.rows[0]) : 0});
    }
    fill_row(frame, "start", "data", "", (double[ROW_NUMBERS]){m->load_s, 0, 1});
    if (m->bench.count > 0)
        fill_row(frame, "start", "network", "", (double[ROW_NUMBERS]){m->trainings[0].profile.start_s, 0, 1});
}

int bench_report_write(const struct measurements *m, const char *directory, struct error *err)
{
    if (directory_create(directory, err) < 0)
        return -1;
    directory_clean(directory);
    return frame_file_csv(directory, "bench.csv", rows_columns, fill_everything, m, err);
}

/* ---- training, a row each norm: steps by phase, whole epochs ---- */

enum training_shown { SHOW_STEPS, SHOW_EPOCHS };
enum { TRAINING_COLUMNS = 1 + TRAIN_PHASES + 2 + 7 + 1 };

/* Those that one of the two tables on the screen shows; all are in JSON. */
static void make_training_columns(struct frame_column columns[TRAINING_COLUMNS], enum training_shown shown)
{
    static const struct frame_column epochs[] = {
        {.name = "epoch_s", .type = FRAME_REAL, .title = "seconds", .shown = SHOWN_DECIMALS, .places = 4},
        {.name = "least_s", .type = FRAME_REAL, .title = "least", .shown = SHOWN_DECIMALS, .places = 4},
        {.name = "epochs", .type = FRAME_INTEGER, .title = "epochs"},
        {.name = "dense_gflop", .type = FRAME_REAL},
        {.name = "dense_limit_s", .type = FRAME_REAL, .title = "dense limit s", .shown = SHOWN_DECIMALS, .places = 4},
        {.name = "of_dense_limit", .type = FRAME_REAL, .title = "of the limit", .shown = SHOWN_THREE},
        {.name = "test_accuracy_percent", .type = FRAME_REAL, .title = "test %", .shown = SHOWN_THREE},
    };
    struct frame_column *column = columns;
    *column++ = (struct frame_column){.name = "norm", .type = FRAME_TEXT, .title = "network"};
    for (size_t phase = 0; phase <= TRAIN_PHASES; phase++) {
        const bool all = phase == TRAIN_PHASES;
        *column++ = (struct frame_column){.of = "step",
                                          .name = all ? "seconds" : phase_name(phase),
                                          .type = FRAME_REAL,
                                          .title = all ? "step" : phase_name(phase),
                                          .scale = 1e6,
                                          .shown = SHOWN_THREE};
    }
    *column++ = (struct frame_column){.of = "step", .name = "steps", .type = FRAME_INTEGER};
    memcpy(column, epochs, sizeof epochs);
    const struct frame_column *const first_epochs = column;
    columns[TRAINING_COLUMNS - 1] = (struct frame_column){.name = NULL};
    for (column = columns + 1; column->name; column++)
        if ((column >= first_epochs) != (shown == SHOW_EPOCHS))
            column->title = NULL;
}

static void fill_trainings(const void *measurements, struct frame *frame)
{
    const struct measurements *m = measurements;
    for (size_t i = 0; i < m->count; i++) {
        const struct bench_training *t = &m->trainings[i];
        const bool profiled = m->bench.count > 0;
        const double limit_s = profiled ? t->dense_flops / bench_flops_s(&m->bench.rows[0]) : (double)NAN;
        frame_text(frame, norm_name(t->norm));
        for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
            fill_measured(frame, &(double){profiled ? t->profile.phase_s[phase] : 0}, 1);
        fill_measured(frame, &(double){profiled ? t->profile.step_s : 0}, 1);
        frame_integer(frame, (int64_t)t->profile.steps);
        frame_reals(frame, (const double[]){t->epoch_s, t->least_s}, 2);
        frame_integer(frame, (int64_t)t->epochs);
        frame_reals(frame, (const double[]){t->dense_flops / 1e9, limit_s, t->epoch_s / limit_s, t->accuracy_percent},
                    4);
    }
}

/* ---- for a person ---- */

static int print_trainings(const struct measurements *m, enum training_shown shown, struct error *err)
{
    struct frame_column columns[TRAINING_COLUMNS];
    make_training_columns(columns, shown);
    return frame_print(&frame_terminal, stdout, columns, fill_trainings, m, err);
}

static void print_heading(const struct bench_config *config, const struct measurements *m)
{
    char text[128];
    struct flow flow = flow_begin(stdout, "", 2);
    flow_text(&flow, "Kernels ");
    flow_text(&flow, m->kernels->name);
    flow_text(&flow, " (");
    flow_text(&flow, m->kernels->description);
    snprintf(text, sizeof text, "), network %zu", m->data->pixels);
    flow_text(&flow, text);
    for (size_t i = 0; i < config->train.hidden.count; i++) {
        snprintf(text, sizeof text, "-%lld", (long long)config->train.hidden.values[i]);
        flow_text(&flow, text);
    }
    snprintf(text, sizeof text, "-%zu, batch %zu, ", m->data->classes, config->train.batching.batch);
    flow_text(&flow, text);
    flow_text(&flow, m->data->name);
    snprintf(text, sizeof text, " with %.1f %% non-zero pixels, %s first layer", 100 * m->data->density,
             train_sparse(&config->train, m->data) ? "sparse" : "dense");
    flow_text(&flow, text);
    flow_end(&flow);
    printf("\n");
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
        printf("\n%s\n\n", groups[g].title);
        if (frame_print(&frame_terminal, stdout, rows_columns, fill_kernels,
                        &(struct kernel_rows){bench, groups[g].group}, err) < 0)
            return -1;
    }
    printf("\n(medians of %s each)\n", counted(bench->rows[0].samples, "sample").text);
    return 0;
}

static int print_steps(const struct measurements *m, struct error *err)
{
    printf("\nMicroseconds a training step\n\n");
    if (print_trainings(m, SHOW_STEPS, err) < 0)
        return -1;
    printf("\n(medians of %s)\n", counted(m->trainings[0].profile.steps, "step").text);
    return 0;
}

static int print_epochs(const struct measurements *m, struct error *err)
{
    printf("%sA training epoch of %zu images\n\n", m->bench.count > 0 ? "\n" : "", m->data->train.count);
    if (print_trainings(m, SHOW_EPOCHS, err) < 0)
        return -1;
    bool extrapolated = false;
    for (size_t i = 0; i < m->count; i++)
        extrapolated |= m->trainings[i].epochs == 0;
    printf("\n");
    flow_say(stdout, "", 0, "(%sdense limit: %.1f GFLOP at the FMA peak)",
             extrapolated ? "epochs 0: too long for the time given, so the median step times the number of steps; "
                          : "",
             m->trainings[0].dense_flops / 1e9);
    return 0;
}

int bench_report_print(const struct bench_config *config, const struct measurements *m, struct error *err)
{
    print_heading(config, m);
    if (m->bench.count > 0 && (print_kernels(&m->bench, err) < 0 || print_steps(m, err) < 0))
        return -1;
    if (print_epochs(m, err) < 0)
        return -1;
    if (m->bench.count > 0)
        printf("\nBefore the first step: %.3f s (data %.3f s, network %.4f s)\n",
               m->load_s + m->trainings[0].profile.start_s, m->load_s, m->trainings[0].profile.start_s);
    return 0;
}

/* ---- for a program ---- */

int bench_report_json(const struct bench_config *config, const struct invocation *invocation,
                      const struct measurements *m, struct error *err)
{
    struct frame_column columns[TRAINING_COLUMNS];
    const size_t epochs = config->epochs;
    cJSON *root = json_document("bench");
    json_add_string(root, "version", version_number);
    json_add_string(root, "revision", version_revision);
    json_add_string(root, "compiler", version_compiler);
    options_add_json(root, invocation, config);
    json_add_string(root, "kernel_set", m->kernels->name);
    json_add_string(root, "data", m->data->name);
    json_add_number(root, "density", m->data->density);
    json_add_bool(root, "sparse_first_layer", train_sparse(&config->train, m->data));
    json_add_number(root, "data_s", m->load_s);
    if (m->bench.count > 0) {
        json_add_number(root, "network_s", m->trainings[0].profile.start_s);
        json_add_number(root, "first_step_s", m->load_s + m->trainings[0].profile.start_s);
        json_add_number(root, "peak_gflop_s", bench_flops_s(&m->bench.rows[0]) / 1e9);
        frame_add_json(root, "kernels", rows_columns, fill_kernels, &(struct kernel_rows){.bench = &m->bench});
    }
    make_training_columns(columns, SHOW_EPOCHS);
    frame_add_json(root, "training", columns, fill_trainings, m);
    /* Each epoch by itself: a list beside the row. */
    cJSON *row = m->each ? cJSON_GetArrayItem(cJSON_GetObjectItem(root, "training"), 0) : NULL;
    for (size_t i = 0; row; row = row->next, i++)
        json_add(row, "epochs_s", cJSON_CreateDoubleArray(m->each + i * epochs, (int)epochs));
    return json_print(root, stdout, "the JSON text", err);
}
