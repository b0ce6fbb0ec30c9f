/* dlexp batchnorm: does BatchNorm train faster, at larger rates, to better nets?  Options to plan, plan to tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_report.h"
#include "batchnorm_result.h"
#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/net/safetensors.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_record.h"
#include "dlexp/train/train_timing.h"

#define FIELD(name) offsetof(struct batchnorm_config, name)

static bool uses(const void *config, const struct option *row)
{
    const struct train_config *train = &((const struct batchnorm_config *)config)->train;
    return optimizer_options_used(train->optimizer, row) || schedule_uses(train->schedule.type, row->name);
}

static bool layered(const void *config, const struct option *row)
{
    (void)row;
    return ((const struct batchnorm_config *)config)->train.hidden.count > 0;
}

static double decay(const void *config, const struct option *row)
{
    (void)row;
    return optimizer_row(((const struct batchnorm_config *)config)->train.optimizer)->weight_decay;
}

static const struct option options[] = {
    TRAIN_SETTINGS(struct batchnorm_config, train, uses, decay, layered),
    DATA_OPTIONS(struct batchnorm_config, data, "Network"),
    {.name = "log-every",
     .type = OPTION_COUNT,
     .offset = FIELD(log_every),
     .value = "N",
     .initial = "0",
     .low = 0,
     .high = 1e9,
     .help = "write the loss of the first and every N-th batch into steps.csv; 0 writes none",
     .group = "Output"},
    {.name = "save-best",
     .type = OPTION_FLAG,
     .offset = FIELD(save_best),
     .help = "write each run's parameters of best accuracy, chosen on the test set itself, as safetensors for torch's "
             "load_state_dict"},
    {.name = "layers",
     .type = OPTION_FLAG,
     .offset = FIELD(train.layers),
     .help = "write what goes in and out of each hidden layer's activation after each epoch, dead units and norms of "
             "weights "
             "and gradients into layers.csv; the runs' other numbers stay what they are without"},
    {.name = "describe",
     .type = OPTION_FLAG,
     .offset = FIELD(describe),
     .help = "print the networks layer by layer, as torch prints them, and train nothing"},
    RUN_OPTIONS(struct batchnorm_config, run, "results/batchnorm"),
    {.name = "threads",
     .type = OPTION_COUNT,
     .offset = FIELD(train.threads),
     .value = "N",
     .initial = "1",
     .low = 1,
     .high = 256,
     .help = "threads that share one run: pays for a single run of a large net; with --jobs 0, jobs x threads is one "
             "for each CPU that may be used"},
    {.name = "kernels",
     .type = OPTION_NAME,
     .offset = FIELD(kernels),
     .value = "NAME",
     .initial = "auto",
     .choice = kernels_name,
     .help = "instruction set of the hot loops; all give the same bytes"},
    {.name = NULL},
};

static const char description[] =
    "Trains a dense network on MNIST with and without BatchNorm, at every learning rate and seed, and reports whether "
    "BatchNorm "
    "converges faster, permits larger learning rates, and ends better.\n"
    "\n"
    "Every run is kept in DIR/runs under a name made from all that decides its numbers. The same command again trains "
    "nothing; more "
    "seeds or rates train only what is new; after Ctrl-C or a crash the same command trains the runs that were not "
    "done, each from its beginning. The tables are the same "
    "bytes on any "
    "machine and for any --jobs.\n"
    "\n"
    "A claim is decided by the 95 % interval (Student's t) of the test accuracies' differences, taken seed by seed; it "
    "takes 6 seeds, and 10 are usual. \"Best\" accuracies and models are chosen on the test set itself, so they are "
    "optimistic.\n"
    "\n"
    "Files: epochs.csv (one row per epoch; with a --schedule also its learning rate), summary.csv (one row per run; "
    "its best epoch is best on test), "
    "groups.csv (means over seeds, one row per norm and rate), curves.csv (the same for each epoch, for the figures), "
    "claims.csv (verdicts), published.csv "
    "(the homework's numbers beside these, where every setting but the seed is the homework's; with fewer epochs, "
    "those "
    "that are here), steps.csv (with --log-every), layers.csv (with --layers: one row per epoch and hidden layer, from "
    "the first 1,000 "
    "test images in eval mode; input: of the activation, so with a norm that one's output; gradient: of the epoch's "
    "last "
    "step), layer_curves.csv (its means over seeds), models/*.safetensors (with --save-best: the epoch that is best on "
    "test), run.json (program, configuration, host, times). With --protocol notebook the accuracies in all tables are "
    "averages over epochs 1..k.";

static const char examples[] =
    "dlexp batchnorm                                the homework: two nets, two rates, 15 epochs\n"
    "dlexp batchnorm --lr 0.5                       the large rate alone\n"
    "dlexp batchnorm --seeds 1..10                  ten seeds: means with 95 % intervals\n"
    "dlexp batchnorm --protocol notebook            what the homework's notebook really did\n"
    "dlexp batchnorm --optimizer adam --lr 0.001    another optimizer\n"
    "dlexp batchnorm --data /usr/share/datasets/fashion-mnist --out results/fashion";

/* The model file of a segment, whose norm and rate are those of the configuration (train.h says in which order). */
static char *model_path(const struct batchnorm *batchnorm, const struct train_config *train, const char *id,
                        size_t segment)
{
    const char *norm = "";
    char name[256], lr[NUMBER_TEXT_SIZE];
    layer_norm_name(train->norms.values[segment % train->norms.count], &norm);
    number_format_real(lr, train->lrs.values[segment / train->norms.count]);
    snprintf(name, sizeof name, "%s_lr%s_seed%lld_%.8s.safetensors", norm, lr, (long long)train->seed, id);
    return path_join(batchnorm->models, name);
}

/* Where train_run's model files go. */
struct saving {
    const struct batchnorm *batchnorm;
    const struct train_config *train;
    const struct run *run;
};

static int save_model(void *context, size_t segment, const unsigned char *data, size_t size, struct error *err)
{
    const struct saving *saving = context;
    char *path = model_path(saving->batchnorm, saving->train, saving->run->id, segment);
    int result = path ? directory_create(saving->batchnorm->models, err) : error_out_of_memory(err, "a path");
    if (result == 0)
        result = file_write_atomic(path, data, size, err);
    free(path);
    return result;
}

static int compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct train_config *train = batchnorm_train(run);
    struct saving saving = {batchnorm, train, run};
    return train_run(train, &batchnorm->data, batchnorm->kernels, hooks,
                     batchnorm->config->save_best ? save_model : NULL, &saving, record, err);
}

static int check_record(const struct plan *plan, const struct run *run, struct record *record, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    return train_check_record(batchnorm_train(run), &batchnorm->data, record, err);
}

/* Whether the model file of a segment is there, byte for byte, and laid out as it is today. */
static int has_model(bool *has, const struct batchnorm *batchnorm, const struct run *run,
                     const struct train_config *train, size_t segment, struct error *err)
{
    char key[64], sha256[SHA256_HEX_SIZE];
    unsigned char *data = NULL;
    size_t size = 0;
    snprintf(key, sizeof key, "segment.%zu.best_model_sha256", segment);
    const char *expected = record_get(&run->record, key);
    *has = true;
    if (!expected)
        return 0; /* it diverged in its first epoch */
    char *path = model_path(batchnorm, train, run->id, segment);
    int result = path ? file_read(path, &data, &size, err) : error_out_of_memory(err, "a path");
    if (result < 0 && err->code == ERROR_DATA) { /* there is none */
        *has = false;
        result = 0;
    } else if (result == 0) {
        sha256_hex(data, size, sha256);
        *has = strcmp(sha256, expected) == 0;
        if (*has)
            result = safetensors_aligned(has, data, size, err);
    }
    free(data);
    free(path);
    return result;
}

/* With --layers a run is done when its record has the table, with --save-best when all its model files are there. */
static int lacks_something(bool *lacks, const struct plan *plan, const struct run *run, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct train_config *train = batchnorm_train(run);
    bool has = !train->layers || train_layers_noted(&run->record);
    for (size_t s = 0; s < train_segments(train) && batchnorm->config->save_best && has; s++)
        if (has_model(&has, batchnorm, run, train, s, err) < 0)
            return -1;
    *lacks = !has;
    return 0;
}

static void describe_run(const struct plan *plan, const struct run *run, char *line, size_t size)
{
    (void)plan;
    const struct train_config *train = batchnorm_train(run);
    const size_t segments = train_segments(train);
    const struct record_table *epochs = record_table_find(&run->record, "epochs");
    const double *last = epochs->rows > 0 ? epochs->cells + (epochs->rows - 1) * epochs->columns : NULL;
    char end[96] = "", where[48] = "", loss[NUMBER_TEXT_SIZE];
    size_t diverged = 0;
    for (size_t s = 0; s < segments; s++) {
        const struct train_ending ending = train_ending_of(&run->record, s);
        diverged += ending.end != TRAIN_COMPLETED;
        train_ending_text(ending, where);
    }
    if (diverged > 0 && segments > 1)
        snprintf(end, sizeof end, "; %zu of its %zu nets and rates diverged", diverged, segments);
    else if (diverged > 0)
        snprintf(end, sizeof end, ", then diverged at %s", where);
    if (last && train->protocol == TRAIN_NOTEBOOK)
        snprintf(line, size, "%s: epoch %.0f, loss sum / 1000 %s, mean test %.2f %% of epochs 1..%.0f%s (%.1f s)",
                 run->label, last[1], number_format_fixed(loss, last[2], 4), last[5], last[1], end, run->seconds);
    else if (last)
        snprintf(line, size, "%s: epoch %.0f, loss %s, test %.2f %%%s (%.1f s)", run->label, last[1],
                 number_format_fixed(loss, last[2], 4), last[5], end, run->seconds);
    else
        snprintf(line, size, "%s: diverged at %s", run->label, where);
}

/* ---- the plan ---- */

static const char *chain(const void *config)
{
    return ((const struct batchnorm_config *)config)->train.protocol == TRAIN_NOTEBOOK ? "notebook" : NULL;
}

static int complete(void *config, const void *context, struct error *err)
{
    const struct train_config *train = &((const struct batchnorm_config *)config)->train;
    const struct batchnorm *batchnorm = context;
    for (size_t i = 0; i < train->lrs.count; i++)
        if (optimizer_options_check_single(train->optimizer, train->lrs.values[i], &train->hyper, err) < 0)
            return -1;
    return train_check(train, &batchnorm->data, err);
}

static uint64_t units(const void *config, const void *context)
{
    return train_steps(&((const struct batchnorm_config *)config)->train, &((const struct batchnorm *)context)->data);
}

static const struct subject subject = {
    .name = "batchnorm", .format = 3, .source = "data", .chain = chain, .complete = complete, .units = units};

static int compare_low_bits(const void *a_, const void *b_)
{
    const uint32_t a = (uint32_t) * (const int64_t *)a_, b = (uint32_t) * (const int64_t *)b_;
    return (a > b) - (a < b);
}

/* Refuse seeds that torch's generator, which takes their low 32 bits, cannot tell apart. */
static int check_seeds(const struct axis *seeds, struct error *err)
{
    int64_t *sorted = malloc(seeds->count * sizeof *sorted);
    int result = 0;
    if (!sorted)
        return error_out_of_memory(err, "the plan");
    memcpy(sorted, seeds->values, seeds->count * sizeof *sorted);
    qsort(sorted, seeds->count, sizeof *sorted, compare_low_bits);
    for (size_t i = 1; i < seeds->count && result == 0; i++)
        if ((uint32_t)sorted[i] == (uint32_t)sorted[i - 1]) {
            const bool up = sorted[i - 1] < sorted[i];
            result = error_set(err, ERROR_USAGE,
                               "--seeds: %lld and %lld are the same seed: torch's generator takes the low 32 bits only",
                               (long long)sorted[up ? i - 1 : i], (long long)sorted[up ? i : i - 1]);
        }
    free(sorted);
    return result;
}

/* The runs in the order of the tables: by norm, lr, seed.  In the notebook protocol one run goes through all norms and
 * rates in the order given. */
static int make_plan(struct plan *plan, struct batchnorm *batchnorm, const struct invocation *invocation,
                     struct error *err)
{
    struct grid *grid = &batchnorm->grid;
    if (grid_init(grid, &subject, invocation, batchnorm->config, err) < 0)
        return -1;
    const struct axis *lrs = grid_axis(grid, "lr");
    if ((!grid->chain && optimizer_options_check_rates(lrs->values, lrs->count, err) < 0) ||
        check_seeds(grid_axis(grid, "seeds"), err) < 0)
        return -1;
    return grid_plan(grid, plan, batchnorm->config, batchnorm->data.sha256, err);
}

/* Room for a run's files: its record, at most 16 bytes a batch loss and 25 another number, and its models. */
static size_t bytes_a_run(const struct batchnorm *batchnorm, const struct train_config *train)
{
    uint64_t bytes = 8192 + train_steps(train, &batchnorm->data) * 16 + train_layers_numbers(train) * 25;
    if (batchnorm->config->save_best)
        for (size_t n = 0; n < train->norms.count; n++) {
            struct mlp net;
            struct memory measure = {0};
            struct mlp_shape shape = train_shape(train, train_largest_norm(train, &batchnorm->data), &batchnorm->data);
            mlp_layout(&net, &shape, 1, 1, &measure);
            bytes += (mlp_state_count(&net) * sizeof(float) + 8192) * train->lrs.count;
        }
    return (size_t)bytes;
}

/* What a run needs at most: runs of a block differ in nothing that matters here. */
static void measure_runs(struct plan *plan, const struct batchnorm *batchnorm)
{
    for (size_t i = 0; i < plan->count; i++) {
        double running, kept;
        const struct train_config *train = batchnorm_train(&plan->runs[i]);
        if (i > 0 && plan->runs[i].block == plan->runs[i - 1].block)
            continue;
        const size_t bytes = bytes_a_run(batchnorm, train);
        train_memory(train, &batchnorm->data, &running, &kept);
        plan->bytes_a_run = bytes > plan->bytes_a_run ? bytes : plan->bytes_a_run;
        plan->memory_a_run = running > plan->memory_a_run ? running : plan->memory_a_run;
        plan->memory_a_record = kept > plan->memory_a_record ? kept : plan->memory_a_record;
    }
}

/* One estimate serves all pending runs of a block and norm. */
static int estimate_time(double *total_s, const struct plan *plan, const struct batchnorm *batchnorm, struct error *err)
{
    size_t block = 0, norm = SIZE_MAX;
    double each_s = 0;
    *total_s = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct run *run = &plan->runs[i];
        struct train_config train = *batchnorm_train(run);
        const bool known = run->block == block && (train.norms.count > 1 || train.norms.values[0] == norm);
        if (run->done)
            continue;
        if (!known || norm == SIZE_MAX) {
            const struct indices norms = train.norms;
            each_s = 0;
            for (size_t n = 0; n < norms.count; n++) {
                double seconds;
                train.norms = (struct indices){norms.values + n, 1};
                if (train_seconds(&train, &batchnorm->data, batchnorm->kernels, &seconds, err) < 0)
                    return -1;
                each_s += seconds;
            }
            block = run->block;
            norm = norms.values[0];
        }
        *total_s += each_s;
    }
    return 0;
}

/* The first block of the grid, and how others differ. */
static void print_nets(const struct batchnorm *batchnorm, const struct plan *plan, FILE *out)
{
    const struct dataset *data = &batchnorm->data;
    const struct train_config *train = batchnorm_train(&plan->runs[0]);
    fprintf(out, "net:      %zu", data->pixels);
    for (size_t h = 0; h < train->hidden.count; h++)
        fprintf(out, "-%lld", (long long)train->hidden.values[h]);
    fprintf(out, "-%zu, %s, batch %zu, %zu epoch%s of %zu steps, %s protocol\n", data->classes,
            optimizer_row(train->optimizer)->name, train->batch, train->epochs, train->epochs == 1 ? "" : "s",
            train_epoch_steps(train, data), train->protocol == TRAIN_NOTEBOOK ? "notebook" : "fair");
    for (size_t i = 1, shown = 0; i < plan->count && shown <= 5; i++) {
        if (plan->runs[i].block == plan->runs[i - 1].block)
            continue;
        if (shown++ < 5) {
            fputs("          also", out);
            grid_print_block(&batchnorm->grid, plan->runs[i].config, out);
            fputc('\n', out);
        } else {
            fprintf(out, "          and %zu others\n", batchnorm->grid.blocks - shown);
        }
    }
}

static void print_runs(const struct batchnorm *batchnorm, const struct plan *plan, FILE *out)
{
    const struct batchnorm_config *config = batchnorm->config;
    const struct grid *grid = &batchnorm->grid;
    const size_t pending = plan_pending(plan), seeds = grid_axis(grid, "seeds")->count;
    fprintf(out, "runs:     %zu (", plan->count);
    if (grid->chain)
        fprintf(out, "a chain of %zu norm x %zu lr for each of %zu seed%s", grid_axis(grid, "norm")->count,
                grid_axis(grid, "lr")->count, seeds, seeds == 1 ? "" : "s");
    else
        grid_print_size(grid, out);
    fprintf(out, "), %zu in the store, %zu to train\n", plan->count - pending, pending);
    size_t lacking = 0;
    for (size_t i = 0; i < plan->count; i++)
        lacking += plan->runs[i].lacking;
    if (lacking > 0)
        fprintf(out, "          %zu of them again: the store has their results but not the %s for\n", lacking,
                !config->train.layers ? "models that --save-best asks"
                : !config->save_best  ? "layers' numbers that --layers asks"
                                      : "models or layers' numbers that --save-best and --layers ask");
}

static int print_plan(const void *batchnorm_, const struct plan *plan, FILE *out, struct error *err)
{
    const struct batchnorm *batchnorm = batchnorm_;
    const struct batchnorm_config *config = batchnorm->config;
    const struct dataset *data = &batchnorm->data;
    const size_t pending = plan_pending(plan);
    char buffer[32], jobs[80], hint[DATASET_HINT_SIZE];
    fprintf(out, "data:     %s, %zu training and %zu test images of %zux%zu, %zu classes\n", data->name,
            data->train.count, data->test.count, data->rows, data->columns, data->classes);
    if (dataset_hint(data, hint))
        fprintf(out, "          hint: %s\n", hint);
    print_nets(batchnorm, plan, out);
    print_runs(batchnorm, plan, out);
    if (pending > 0) {
        double total_s;
        if (estimate_time(&total_s, plan, batchnorm, err) < 0)
            return -1;
        size_t rounds = runner_rounds(plan, &config->run);
        fprintf(out, "time:     about %s with %s, %s kernels\n",
                progress_time(buffer, total_s / (double)pending * (double)rounds),
                runner_jobs_text(jobs, plan, &config->run), batchnorm->kernels->name);
        if (kernels_lack_fma(batchnorm->kernels))
            fprintf(out,
                    "fma:      the CPU lacks FMA, or the C library does not use it: slower, with the same results\n");
    }
    fprintf(out, "results:  %s\n", config->run.out);
    return 0;
}

/* --describe: Figures 1 and 2 of the homework. */
static void describe(const struct batchnorm *batchnorm, FILE *out)
{
    const struct train_config *train = &batchnorm->config->train;
    for (size_t n = 0; n < train->norms.count; n++) {
        struct mlp_shape shape = train_shape(train, train->norms.values[n], &batchnorm->data);
        if (n > 0)
            fputc('\n', out);
        mlp_describe(&shape, out);
    }
}

static void add_dataset(cJSON *root, const struct dataset *data)
{
    const struct {
        const char *name, *path, *sha256;
    } files[] = {
        {"train_images", data->train.images_path, data->train.images_sha256},
        {"train_labels", data->train.labels_path, data->train.labels_sha256},
        {"test_images", data->test.images_path, data->test.images_sha256},
        {"test_labels", data->test.labels_path, data->test.labels_sha256},
    };
    cJSON *object = json_add_object(root, "data");
    json_add_string(object, "name", data->name);
    json_add_string(object, "sha256", data->sha256);
    for (size_t i = 0; i < 4; i++) {
        cJSON *file = json_add_object(object, files[i].name);
        json_add_string(file, "path", files[i].path);
        json_add_string(file, "sha256", files[i].sha256);
    }
}

/* What run.json holds beside the common things: the data and the two model summaries. */
static void add_json(const void *batchnorm_, cJSON *root)
{
    const struct batchnorm *batchnorm = batchnorm_;
    struct error ignored;
    add_dataset(root, &batchnorm->data);
    report_add_notes(root, batchnorm);
    cJSON *models = json_add_object(root, "models");
    const struct train_config *train = &batchnorm->config->train;
    for (size_t n = 0; n < train->norms.count; n++) {
        struct output text;
        const char *name;
        char *summary = NULL;
        struct mlp_shape shape = train_shape(train, train->norms.values[n], &batchnorm->data);
        layer_norm_name(train->norms.values[n], &name);
        if (output_open(&text, &ignored) == 0) {
            mlp_describe(&shape, text.stream);
            summary = output_take(&text, &ignored);
        }
        json_add(models, name, summary ? cJSON_CreateString(summary) : NULL);
        free(summary);
    }
}

static int run(const void *config_, const struct invocation *invocation, struct error *err)
{
    const struct batchnorm_config *config = config_;
    struct batchnorm batchnorm = {.config = config};
    struct plan plan = {
        .directory = config->run.out,
        .threads_a_run = config->train.threads,
        .compute = compute,
        .check = check_record,
        .incomplete = lacks_something,
        .describe = describe_run,
        .wants_bulk = config->log_every > 0 || config->train.layers,
        .context = &batchnorm,
    };
    const char *kernels = NULL;
    int result = -1;

    kernels_name(config->kernels, &kernels);
    if (!(batchnorm.kernels = kernels_find(kernels, err)) || dataset_load(&batchnorm.data, &config->data, err) < 0 ||
        make_plan(&plan, &batchnorm, invocation, err) < 0)
        goto done;
    if (config->describe) {
        describe(&batchnorm, stdout);
        result = 0;
        goto done;
    }
    measure_runs(&plan, &batchnorm);
    batchnorm.models = path_join(config->run.out, "models");
    if (!batchnorm.models) {
        error_out_of_memory(err, "a path");
        goto done;
    }
    const struct experiment experiment = {
        .context = &batchnorm,
        .tables = report_tables,
        .kernels = batchnorm.kernels->name,
        .extra_output = config->save_best ? "models" : NULL,
        .print_plan = print_plan,
        .conclude = report_make,
        .print = report_print,
        .to_json = report_to_json,
        .add_json = add_json,
    };
    result = experiment_execute(&experiment, &plan, &config->run, invocation, config, err);
done:
    report_free(&batchnorm);
    plan_free(&plan);
    grid_free(&batchnorm.grid);
    free(batchnorm.models);
    dataset_free(&batchnorm.data);
    return result;
}

const struct command command_batchnorm = {
    .name = "batchnorm",
    .summary = "train networks with and without BatchNorm and compare them",
    .description = description,
    .examples = examples,
    .options = options,
    .config_size = sizeof(struct batchnorm_config),
    .run = run,
};
