/* dlexp batchnorm: does BatchNorm train faster, at larger rates, to better nets?  Options to plan, plan to tables. */
#include <stdlib.h>
#include <string.h>

#include "batchnorm_describe.h"
#include "batchnorm_endings.h"
#include "batchnorm_events.h"
#include "batchnorm_holding.h"
#include "batchnorm_plan.h"
#include "batchnorm_report.h"
#include "batchnorm_result.h"
#include "batchnorm_rounds.h"
#include "batchnorm_run.h"
#include "batchnorm_screen.h"
#include "dlexp/base/file.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/json.h"

#define FIELD(name) offsetof(struct batchnorm_config, name)

static const struct option options[] = {
    TRAIN_SETTINGS(FIELD(train)) DATA_OPTIONS(struct batchnorm_config, data, "Network"),
    {.name = "trained",
     .type = OPTION_REAL,
     .offset = FIELD(trained),
     .value = "PERCENT",
     .initial = "0",
     .low = 0,
     .high = 100,
     .help = "a run has trained with this final accuracy or more; 0: chance + 0.9 (best median - chance)",
     .group = "Judgement"},
    {.name = "target",
     .type = OPTION_REAL,
     .offset = FIELD(target),
     .value = "PERCENT",
     .initial = "0",
     .low = 0,
     .high = 100,
     .help = "the accuracy to which the first claim counts steps; 0: that of --trained"},
    {.name = "margin",
     .type = OPTION_REAL,
     .offset = FIELD(margin),
     .value = "POINTS",
     .initial = "0.2",
     .low = 0,
     .high = 100,
     .low_open = true,
     .help = "a smaller difference of final accuracies makes no difference"},
    {.name = "ratio-margin",
     .type = OPTION_REAL,
     .offset = FIELD(ratio_margin),
     .value = "RATIO",
     .initial = "1.25",
     .low = 1,
     .high = 1e6,
     .low_open = true,
     .help = "a smaller ratio of steps or of rates makes no difference"},
    {LEVEL_OPTION(FIELD(level)), .help = "confidence level of intervals, and of the three verdicts together"},
    {.name = "refine",
     .type = OPTION_COUNT,
     .flags = OPTION_RUNS,
     .offset = FIELD(rounds.refine),
     .value = "K",
     .initial = "0",
     .low = 0,
     .high = MORE_REFINE_MAX,
     .help =
         "bisect, for each net and seed, what lies between the largest rate at which it trained and the next one, K "
         "times; these runs count for the second claim only",
     .group = "Runs that are added once there are results"},
    {.name = "until-width",
     .type = OPTION_REAL,
     .flags = OPTION_RUNS,
     .offset = FIELD(rounds.until_width),
     .value = "H",
     .initial = "0",
     .low = 0,
     .high = 100,
     .help = "add seeds until the interval of the third claim reaches H points to each side: how many follows from the "
             "spread of the first ones alone; 0 adds none"},
    {.name = "until-decided",
     .type = OPTION_FLAG,
     .flags = OPTION_RUNS,
     .offset = FIELD(rounds.until_decided),
     .help = "add seeds, judged one by one, until the three claims are decided by evidence that holds whenever one "
             "looks"},
    {.name = "max-seeds",
     .type = OPTION_COUNT,
     .flags = OPTION_RUNS,
     .offset = FIELD(rounds.max_seeds),
     .value = "M",
     .initial = "100",
     .low = 1,
     .high = MORE_SEEDS_MAX,
     .help = "--until-width and --until-decided: no more seeds than these, the first ones among them"},
    {LOG_EVERY_OPTION(FIELD(log_every)), .initial = "0", .low = 0,
     .help = "write the loss of the first and every N-th batch into steps.csv; 0 writes none", .group = "Output"},
    {.name = "tensorboard",
     .type = OPTION_TEXT,
     .flags = OPTION_FOLDER,
     .offset = FIELD(tensorboard),
     .value = "DIR",
     .help = "write the columns of epochs.csv as event files for TensorBoard, a folder per run in DIR"},
    {.name = "save-best",
     .type = OPTION_FLAG,
     .offset = FIELD(save_best),
     .help = "write each run's parameters of best accuracy, chosen on validation (without --validation on the test set "
             "itself), as safetensors for torch's load_state_dict"},
    {.name = "layers",
     .type = OPTION_FLAG,
     .offset = FIELD(train.layers),
     .help = "write what goes in and out of each hidden layer's activation after each epoch, dead units and norms of "
             "weights "
             "and gradients into layers.csv; the runs' other numbers stay what they are without"},
    {.name = "bits",
     .type = OPTION_FLAG,
     .offset = FIELD(bits),
     .help = "train again the runs that an earlier version stored without noting which test images they get right and "
             "what they take each class for"},
    {.name = "describe",
     .type = OPTION_FLAG,
     .offset = FIELD(describe),
     .help = "print the networks layer by layer, as torch prints them, and train nothing"},
    RUN_OPTIONS(struct batchnorm_config, run, "results/batchnorm"),
    CHECKPOINT_OPTIONS(FIELD(checkpoints)),
    {.name = "threads",
     .type = OPTION_COUNT,
     .flags = OPTION_CALL,
     .offset = FIELD(train.threads),
     .value = "N",
     .initial = "1",
     .low = 1,
     .high = 256,
     .help = "threads that share one run: pays for a single run of a large net; with --jobs 0, jobs x threads is one "
             "for each CPU that may be used"},
    {.name = "kernels",
     .type = OPTION_NAME,
     .flags = OPTION_CALL,
     .offset = FIELD(kernels),
     .value = "NAME",
     .initial = "auto",
     .choice = kernels_name,
     .help = "instruction set of the hot loops; all give the same bytes"},
    {.name = NULL},
};

static const char description[] =
    "Trains a dense network on MNIST with and without BatchNorm, at every learning rate and seed, and reports whether "
    "BatchNorm converges faster, permits larger learning rates, and ends better.\n"
    "\n"
    "Every run is kept in DIR/runs under a name made from all that decides its numbers. The same command again trains "
    "nothing; more seeds or rates train only what is new; after Ctrl-C or a crash the same command trains the runs "
    "that were not done, from where they were stopped, or up to a minute before they were killed. The tables are the "
    "same bytes on any machine and for any --jobs.\n"
    "\n"
    "Three claims are judged, one number each, batchnorm against none with the same seed: steps to a target accuracy, "
    "each net at its own fastest rate; the largest rate up to which a net trains; the final test accuracy, each at its "
    "own best rate. A rate is chosen by the other seeds, on the images that --validation holds out, and without it on "
    "the test set itself; so are the \"best\" accuracies and models, which are then optimistic. A run that diverged "
    "counts as chance, and as one that never gets to the target. A verdict is supported, contradicted, equivalent "
    "(surely smaller than the margin), undecided, or not comparable, with what to do; it takes 6 seeds, of the first "
    "two claims 7 that are not tied; 10 are usual. The three are judged together at --level (Holm).\n"
    "\n"
    "Who looks at a verdict, adds seeds and looks again has more than one chance to be wrong. So a call whose seeds "
    "were added since an earlier one in DIR showed verdicts is judged by the interval that holds at any number of "
    "looks "
    "(anytime); the result says which one holds and why, and claims.csv has both. run.json keeps these looks: without "
    "it, or in another DIR, nobody knows of them, and who removes it to look afresh has to answer for the level. "
    "--until-decided looks after each seed by the anytime interval and stops when the three claims are decided; "
    "--until-width takes from the spread of the first seeds, of which there are 10 or more, how many there will be. "
    "Both go on with the next integers, and give the same runs and tables whatever was interrupted or stored before.\n"
    "\n"
    "Files in DIR:\n"
    "  epochs.csv        one row per epoch\n"
    "  evals.csv         one row per evaluation of the split that selects, those\n"
    "                    after epochs among them (--eval-every)\n"
    "  steps.csv         the loss of every N-th batch (--log-every); step_curves.csv\n"
    "  summary.csv       one row per run: how it ended, the best epoch, the outcome,\n"
    "                    steps to the target\n"
    "  refined.csv       the same of the runs between the grid's rates, which are\n"
    "                    in no other table (--refine)\n"
    "  groups.csv        one row per norm and rate: means over seeds, outcomes,\n"
    "                    the difference to none\n"
    "  curves.csv        means for each epoch, for the figures\n"
    "  claims.csv        the three claims' verdicts, and the same at each rate\n"
    "  pairs.csv         the pairs that they are judged by\n"
    "  tuning.csv        what the best of b random rates and seeds is worth\n"
    "  disagreement.csv  test images that all trained runs of a net at its best\n"
    "                    rate get wrong (--bits: also of runs stored without them)\n"
    "  hardest.csv       the 25 that most of them get wrong; hardest_pixels.csv\n"
    "  confusion.csv     what they take each class for (--bits)\n"
    "  published.csv     the homework's numbers beside these, where all settings\n"
    "                    but the seed are the homework's, or only epochs fewer\n"
    "  layers.csv        one row per epoch and hidden layer, from the first 1,000\n"
    "                    test images in eval mode (--layers); input: of the\n"
    "                    activation, so with a norm that one's output; gradient:\n"
    "                    of the epoch's last step\n"
    "  layer_curves.csv  its means over seeds\n"
    "  models/           parameters of the best epoch, as safetensors (--save-best)\n"
    "  run.json          program, configuration, host, times\n"
    "\n"
    "With --protocol notebook the accuracies of epochs are averages over epochs 1..k in all tables; those of final_ "
    "columns of groups.csv, of claims, pairs and tuning are of the last epoch alone.";

static const char examples[] =
    "dlexp batchnorm                      the homework's four runs, 15 epochs\n"
    "dlexp batchnorm --lr 0.5             the large rate alone\n"
    "dlexp batchnorm --seeds 1..10        ten seeds: means with 95 % intervals\n"
    "dlexp batchnorm --protocol notebook  what its notebook really did\n"
    "dlexp batchnorm --lr 1e-3..10:13 --seeds 1..10 --epochs 5 --validation 10000 --eval-every 100  "
    "the three claims over rates and seeds\n"
    "dlexp batchnorm --seeds 1..10 --until-decided  more seeds until they are decided\n"
    "dlexp batchnorm --optimizer adam --lr 0.001  another optimizer\n"
    "dlexp batchnorm --data /usr/share/datasets/fashion-mnist --out results/fashion";

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
    add_dataset(root, &batchnorm->data);
    report_add_notes(root, batchnorm);
    report_add_judgement(root, batchnorm);
    if (batchnorm->looks.known)
        holding_add(root, batchnorm);
    describe_add(root, batchnorm);
}

static int conclude(void *batchnorm, const struct plan *plan, struct error *err)
{
    return report_make(batchnorm, plan, err) < 0 ? -1 : events_write(batchnorm, err);
}

/* The option for which no part of the runs is enough, or NULL. */
static const char *needs_all(const struct batchnorm_config *config)
{
    return rounds_wanted(config) ? rounds_option(config) : config->tensorboard ? "--tensorboard" : NULL;
}

static int run(const void *config_, const struct invocation *invocation, struct error *err)
{
    const struct batchnorm_config *config = config_;
    struct batchnorm batchnorm = {.config = config};
    struct plan plan = {
        .directory = config->run.out,
        .threads_a_run = config->train.threads,
        .compute = batchnorm_compute,
        .check = batchnorm_check_record,
        .incomplete = batchnorm_lacks,
        .digest = batchnorm_digest,
        .describe = batchnorm_describe_run,
        .wants_bulk = config->log_every > 0 || config->train.layers || config->bits,
        .checkpoints = &config->checkpoints,
        .context = &batchnorm,
    };
    const char *kernels = NULL;
    int result = -1;

    kernels_name(config->kernels, &kernels);
    if (!(batchnorm.kernels = kernels_find(kernels, err)) || dataset_open(&batchnorm.data, &config->data, err) < 0 ||
        batchnorm_plan_make(&plan, &batchnorm, invocation, err) < 0)
        goto done;
    if (config->describe) {
        result = config->run.json ? describe_print_json(&batchnorm, err) : describe_print(&batchnorm, err);
        goto done;
    }
    batchnorm_plan_measure(&plan, &batchnorm);
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
        .needs_all = needs_all(config),
        .print_plan = batchnorm_plan_print,
        .conclude = conclude,
        .more = rounds_wanted(config) ? rounds_more : NULL,
        .seconds = batchnorm_plan_seconds,
        .endings = batchnorm_endings,
        .looks = &batchnorm.looks,
        .look = holding_look,
        .print = screen_print,
        .to_json = report_to_json,
        .add_json = add_json,
    };
    result = experiment_execute(&experiment, &plan, &config->run, invocation, config, err);
done:
    rounds_free(&batchnorm);
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
    .experiment = true,
    .tables = report_tables,
    .config_size = sizeof(struct batchnorm_config),
    .run = run,
};
