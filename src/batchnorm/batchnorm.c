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
#include "dlexp/train/train_record.h"

#define FIELD(name) offsetof(struct batchnorm_config, name)

static const struct option options[] = {
    {.name = "lr",
     .type = OPTION_REALS,
     .offset = FIELD(lrs),
     .value = "LIST",
     .initial = "0.01,0.5",
     .low_open = true,
     .help = "learning rates",
     .group = "Experiment"},
    {.name = "seeds",
     .alias = "seed",
     .type = OPTION_SEEDS,
     .offset = FIELD(seeds),
     .value = "LIST",
     .initial = "1234",
     .help = "seeds of the initial weights and the shuffles, as torch.manual_seed takes them (-2^63 to 2^64 - 1; -1 is "
             "2^64 - 1, and tables name it -1); ranges as in 1,2,5..9"},
    {.name = "epochs",
     .type = OPTION_INTEGER,
     .offset = FIELD(epochs),
     .value = "N",
     .initial = "15",
     .low = 1,
     .high = 1e6,
     .help = "passes over the training set"},
    {.name = "protocol",
     .type = OPTION_NAME,
     .offset = FIELD(protocol),
     .value = "NAME",
     .initial = "fair",
     .choice = train_protocol_name,
     .help = "fair: every (norm, lr, seed) is a fresh net, tested in eval mode; notebook: as the homework's notebook "
             "did, going on from lr to lr without eval(), its accuracies averages over epochs 1..k"},
    NET_OPTIONS(struct batchnorm_config, net),
    {.name = "optimizer",
     .type = OPTION_NAME,
     .offset = FIELD(optimizer),
     .value = "NAME",
     .initial = "momentum",
     .choice = optimizer_name,
     .help = "update rule",
     .group = "Optimizer"},
    OPTIMIZER_OPTIONS(struct batchnorm_config, constants),
    {.name = "log-every",
     .type = OPTION_INTEGER,
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
    {.name = "describe",
     .type = OPTION_FLAG,
     .offset = FIELD(describe),
     .help = "print the networks layer by layer, as torch prints them, and train nothing"},
    RUN_OPTIONS(struct batchnorm_config, run, "results/batchnorm"),
    {.name = "threads",
     .type = OPTION_INTEGER,
     .offset = FIELD(threads),
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
    "Files: epochs.csv (one row per epoch), summary.csv (one row per run; its best epoch is best on test), "
    "published.csv "
    "(the homework's numbers beside these, where every setting but the seed is the homework's; with fewer epochs, "
    "those "
    "that are here), steps.csv (with --log-every), models/*.safetensors (with --save-best: the epoch that is best on "
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
    mlp_norm_name((size_t)train->norms.values[segment % train->norms.count], &norm);
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
    const struct train_config *train = &batchnorm->trains[run - plan->runs];
    struct saving saving = {batchnorm, train, run};
    return train_run(train, &batchnorm->data, batchnorm->kernels, hooks,
                     batchnorm->config->save_best ? save_model : NULL, &saving, record, err);
}

static int check_record(const struct plan *plan, const struct run *run, const struct record *record, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    return train_check_record(&batchnorm->trains[run - plan->runs], &batchnorm->data, record, err);
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

/* With --save-best a run is done when all its model files are there. */
static int lacks_model(bool *lacks, const struct plan *plan, const struct run *run, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct train_config *train = &batchnorm->trains[run - plan->runs];
    bool has = true;
    for (size_t s = 0; s < train_segments(train) && batchnorm->config->save_best && has; s++)
        if (has_model(&has, batchnorm, run, train, s, err) < 0)
            return -1;
    *lacks = !has;
    return 0;
}

static void describe_run(const struct plan *plan, const struct run *run, char *line, size_t size)
{
    const struct batchnorm *batchnorm = plan->context;
    const size_t segments = train_segments(&batchnorm->trains[run - plan->runs]);
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
    if (last && batchnorm->config->protocol == TRAIN_NOTEBOOK)
        snprintf(line, size, "%s: epoch %.0f, loss sum / 1000 %s, mean test %.2f %% of epochs 1..%.0f%s (%.1f s)",
                 run->label, last[1], number_format_fixed(loss, last[2], 4), last[5], last[1], end, run->seconds);
    else if (last)
        snprintf(line, size, "%s: epoch %.0f, loss %s, test %.2f %%%s (%.1f s)", run->label, last[1],
                 number_format_fixed(loss, last[2], 4), last[5], end, run->seconds);
    else
        snprintf(line, size, "%s: diverged at %s", run->label, where);
}

/* Refuse what would be trained twice, and what torch's generator cannot tell apart. */
static int check_lists(const struct batchnorm_config *config, const struct hyperparameters *hyper, struct error *err)
{
    if (options_refuse_repeats("lr", &config->lrs, err) < 0 ||
        optimizer_options_check_single((size_t)config->optimizer, &config->lrs, hyper, err) < 0)
        return -1;
    return net_options_check(&config->net, err);
}

static int check_seeds(const struct integers *seeds, struct error *err)
{
    for (size_t i = 1; i < seeds->count; i++)
        if (seeds->values[i] == seeds->values[i - 1])
            return error_set(err, ERROR_USAGE, "--seeds: expected every seed once, got %lld twice%s",
                             (long long)seeds->values[i],
                             seeds->values[i] < 0 ? " (a negative seed s is the same as 2^64 + s)" : "");
    for (size_t i = 0; i < seeds->count; i++)
        for (size_t j = 0; j < i && (uint64_t)seeds->values[i] - (uint64_t)seeds->values[0] >= UINT64_C(1) << 32; j++)
            if ((uint32_t)seeds->values[i] == (uint32_t)seeds->values[j])
                return error_set(
                    err, ERROR_USAGE,
                    "--seeds: %lld and %lld are the same seed: torch's generator takes the low 32 bits only",
                    (long long)seeds->values[j], (long long)seeds->values[i]);
    return 0;
}

static struct integers sorted_integers(const struct integers *list)
{
    struct integers copy = {malloc(list->count * sizeof *copy.values), list->count};
    if (copy.values) {
        memcpy(copy.values, list->values, list->count * sizeof *copy.values);
        options_sort_integers(&copy);
    }
    return copy;
}

/* Append the run of `train` to the plan. */
static int add_run(struct plan *plan, struct batchnorm *batchnorm, const struct train_config *train, const char *label,
                   struct error *err)
{
    struct output spec;
    struct train_config *grown = realloc(batchnorm->trains, (plan->count + 1) * sizeof *grown);
    if (!grown)
        return error_out_of_memory(err, "the plan");
    batchnorm->trains = grown;
    grown[plan->count] = *train;
    if (train_check(train, &batchnorm->data, err) < 0 || output_open(&spec, err) < 0)
        return -1;
    train_print_spec(spec.stream, train, &batchnorm->data);
    return plan_add(plan, &spec, train_steps(train, &batchnorm->data), label, err);
}

/*
 * The runs in the order of the tables: by norm, lr, seed.  The lists of the fair protocol are sets, so their order on
 * the command line is not kept; in the notebook protocol one run goes through all norms and rates in the order given.
 */
static int make_plan(struct plan *plan, struct batchnorm *batchnorm, const struct hyperparameters *hyper,
                     struct error *err)
{
    const struct batchnorm_config *config = batchnorm->config;
    struct train_config train = {
        .protocol = (enum train_protocol)config->protocol,
        .norms = config->net.norms,
        .lrs = config->lrs,
        .optimizer = (size_t)config->optimizer,
        .hyper = *hyper,
        .hidden = config->net.hidden,
        .batch = (size_t)config->net.batch,
        .epochs = (size_t)config->epochs,
        .threads = (size_t)config->threads,
    };
    char label[128];
    int result = 0;
    struct integers seeds = sorted_integers(&config->seeds);
    if (!seeds.values)
        return error_out_of_memory(err, "the plan");
    if (check_lists(config, hyper, err) < 0 || check_seeds(&seeds, err) < 0) {
        result = -1;
    } else if (train.protocol == TRAIN_NOTEBOOK) {
        for (size_t s = 0; s < seeds.count && result == 0; s++) {
            train.seed = seeds.values[s];
            snprintf(label, sizeof label, "notebook, seed %lld", (long long)train.seed);
            result = add_run(plan, batchnorm, &train, label, err);
        }
    } else {
        options_sort_integers(&config->net.norms);
        options_sort_reals(&config->lrs);
        for (size_t n = 0; n < config->net.norms.count; n++)
            for (size_t l = 0; l < config->lrs.count; l++)
                for (size_t s = 0; s < seeds.count && result == 0; s++) {
                    const char *norm;
                    char lr[NUMBER_TEXT_SIZE];
                    mlp_norm_name((size_t)config->net.norms.values[n], &norm);
                    train.norms = (struct integers){config->net.norms.values + n, 1};
                    train.lrs = (struct reals){config->lrs.values + l, 1};
                    train.seed = seeds.values[s];
                    snprintf(label, sizeof label, "%s lr %s seed %lld", norm,
                             number_format_real(lr, config->lrs.values[l]), (long long)train.seed);
                    result = add_run(plan, batchnorm, &train, label, err);
                }
    }
    free(seeds.values);
    return result;
}

/* Room for a run's files: its record, at most 16 bytes a batch loss, and its models. */
static size_t bytes_a_run(const struct batchnorm *batchnorm)
{
    const struct train_config *train = &batchnorm->trains[0];
    uint64_t bytes = 8192 + train_steps(train, &batchnorm->data) * 16;
    if (batchnorm->config->save_best)
        for (size_t n = 0; n < train->norms.count; n++) {
            struct mlp net;
            struct memory measure = {0};
            struct mlp_shape shape = train_shape(train, MLP_NORM_BATCHNORM, &batchnorm->data);
            mlp_layout(&net, &shape, 1, 1, &measure);
            bytes += (mlp_state_count(&net) * sizeof(float) + 8192) * train->lrs.count;
        }
    return (size_t)bytes;
}

static int print_plan(const void *batchnorm_, const struct plan *plan, FILE *out, struct error *err)
{
    const struct batchnorm *batchnorm = batchnorm_;
    const struct batchnorm_config *config = batchnorm->config;
    const struct dataset *data = &batchnorm->data;
    const struct train_config *first = &batchnorm->trains[0];
    size_t pending = plan_pending(plan);
    char buffer[32], jobs[80], hint[DATASET_HINT_SIZE];
    fprintf(out, "data:     %s, %zu training and %zu test images of %zux%zu, %zu classes\n", data->name,
            data->train.count, data->test.count, data->rows, data->columns, data->classes);
    if (dataset_hint(data, hint))
        fprintf(out, "          hint: %s\n", hint);
    fprintf(out, "net:      %zu", data->pixels);
    for (size_t i = 0; i < config->net.hidden.count; i++)
        fprintf(out, "-%lld", (long long)config->net.hidden.values[i]);
    fprintf(out, "-%zu, %s, batch %lld, %lld epoch%s of %zu steps, %s protocol\n", data->classes,
            optimizer_row(first->optimizer)->name, (long long)config->net.batch, (long long)config->epochs,
            config->epochs == 1 ? "" : "s", (data->train.count + first->batch - 1) / first->batch,
            first->protocol == TRAIN_NOTEBOOK ? "notebook" : "fair");
    fprintf(out, "runs:     %zu (", plan->count);
    if (first->protocol == TRAIN_NOTEBOOK)
        fprintf(out, "a chain of %zu norm x %zu lr for each of %zu seed%s", config->net.norms.count, config->lrs.count,
                config->seeds.count, config->seeds.count == 1 ? "" : "s");
    else
        fprintf(out, "%zu norm x %zu lr x %zu seed%s", config->net.norms.count, config->lrs.count, config->seeds.count,
                config->seeds.count == 1 ? "" : "s");
    fprintf(out, "), %zu in the store, %zu to train\n", plan->count - pending, pending);
    size_t lacking = 0;
    for (size_t i = 0; i < plan->count; i++)
        lacking += plan->runs[i].lacking;
    if (lacking > 0)
        fprintf(
            out,
            "          %zu of them again: the store has their results but not the models that --save-best asks for\n",
            lacking);
    if (pending > 0) {
        double total_s = 0;
        for (size_t n = 0; n < config->net.norms.count; n++) {
            /* One estimate a norm serves all its runs. */
            struct train_config train = *first;
            size_t runs = 0;
            double seconds;
            for (size_t i = 0; i < plan->count; i++) {
                const struct train_config *other = &batchnorm->trains[i];
                if (!plan->runs[i].done &&
                    (first->protocol == TRAIN_NOTEBOOK || other->norms.values[0] == config->net.norms.values[n]))
                    runs++;
            }
            train.norms = (struct integers){config->net.norms.values + n, 1};
            if (runs > 0 && train_seconds(&train, data, batchnorm->kernels, &seconds, err) < 0)
                return -1;
            total_s += runs > 0 ? seconds * (double)runs : 0;
        }
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
static void describe(const struct batchnorm *batchnorm, const struct train_config *train, FILE *out)
{
    for (size_t n = 0; n < batchnorm->config->net.norms.count; n++) {
        struct mlp_shape shape =
            train_shape(train, (enum mlp_norm)batchnorm->config->net.norms.values[n], &batchnorm->data);
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
    for (size_t n = 0; n < batchnorm->config->net.norms.count; n++) {
        struct output text;
        const char *name;
        char *summary = NULL;
        struct mlp_shape shape =
            train_shape(&batchnorm->trains[0], (enum mlp_norm)batchnorm->config->net.norms.values[n], &batchnorm->data);
        mlp_norm_name((size_t)batchnorm->config->net.norms.values[n], &name);
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
        .threads_a_run = (size_t)config->threads,
        .compute = compute,
        .check = check_record,
        .incomplete = lacks_model,
        .describe = describe_run,
        .context = &batchnorm,
    };
    struct hyperparameters hyper;
    int64_t optimizer = config->optimizer;
    const char *kernels = NULL;
    int result = -1;

    kernels_name((size_t)config->kernels, &kernels);
    if (optimizer_options_read(&config->constants, invocation, &(struct integers){&optimizer, 1}, &hyper, err) < 0 ||
        !(batchnorm.kernels = kernels_find(kernels, err)) ||
        dataset_load(&batchnorm.data, &config->net.data, err) < 0 || make_plan(&plan, &batchnorm, &hyper, err) < 0)
        goto done;
    if (config->describe) {
        describe(&batchnorm, &batchnorm.trains[0], stdout);
        result = 0;
        goto done;
    }
    plan.bytes_a_run = bytes_a_run(&batchnorm);
    train_memory(&batchnorm.trains[0], &batchnorm.data, &plan.memory_a_run, &plan.memory_a_record);
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
    free(batchnorm.trains);
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
