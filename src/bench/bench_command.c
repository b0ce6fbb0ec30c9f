/* dlexp bench: how fast this machine trains, and what bounds it.  Options to measurements, measurements to tables. */
#include <stdlib.h>

#include "bench_report.h"
#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/memory_limit.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/progress.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/run/setting.h"
#include "dlexp/train/train_config.h"

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
    TRAIN_SETTING_NORM(FIELD(train)),
    TRAIN_SETTING_ACTIVATION(FIELD(train), 0),
    TRAIN_SETTING_HIDDEN(FIELD(train), 0),
    BATCHING_BATCH(FIELD(train.batching), 0),
    TRAIN_SETTING_OPTIMIZER(FIELD(train), 0),
    TRAIN_SETTING_HYPER(FIELD(train), 0),
    DATA_OPTIONS(struct bench_config, data, "Network"),
    {.name = "seed",
     .type = OPTION_SEED,
     .offset = FIELD(train.seed),
     .value = "N",
     .initial = "1234",
     .help = "of the initial weights and the shuffles, as in dlexp batchnorm"},
    {OUT_OPTION(FIELD(out)), .help = "write bench.csv there; without it nothing is written", .group = "Output"},
    {QUIET_OPTION(FIELD(quiet))},
    {JSON_OPTION(FIELD(json))},
    {.name = NULL},
};

static const char description[] =
    "Measures this machine, one thread: the FMA peak of a core with the kernel set's vectors; every kernel at the "
    "network's sizes, "
    "and dense products of larger ones, beside that peak; a training step by phase; whole epochs, beside the time that "
    "all "
    "arithmetic of the dense network would take at the peak; and what comes before the first step.\n"
    "\n"
    "The training is that of dlexp batchnorm --lr 0.01: same updates, same batches, same numbers. "
    "An epoch is its shuffle and its steps, without the evaluation.\n"
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

/* What a person sees while it measures: by the clock, or with --epochs by these. */
struct watch {
    struct progress progress;
    const char *part; /* that is measured now */
    double start_s, part_s;
    bool epochs;
};

static void report(void *watch_, const char *text)
{
    struct watch *watch = watch_;
    const double ms = 1000 * (clock_now_s() - watch->start_s);
    if (watch->epochs)
        atomic_fetch_add(&watch->progress.done, 1);
    else
        atomic_store(&watch->progress.done, (uint_fast64_t)ms);
    progress_draw(&watch->progress, watch->part, text);
}

static void begin_part(struct watch *watch, const char *part)
{
    watch->part = part;
    watch->part_s = clock_now_s();
    progress_draw(&watch->progress, part, "");
}

static void end_part(struct watch *watch)
{
    progress_passed(&watch->progress, watch->part, clock_now_s() - watch->part_s);
}

/* Half of the time for the kernels, half for the training; with --epochs the training alone. */
static int measure_parts(struct measurements *m, const struct bench_config *config, struct train_config *train,
                         struct watch *watch, struct error *err)
{
    const size_t epochs = config->epochs;
    const struct run_hooks hooks = {.report = report, .report_to = watch};
    if (epochs == 0) {
        begin_part(watch, "kernels");
        if (bench_kernels(&m->bench, train, m->data, m->kernels, config->seconds / 2, &hooks, err) < 0)
            return -1;
        end_part(watch);
    }
    for (size_t i = 0; i < m->count; i++) {
        const char *name = "";
        layer_norm_name(config->train.norms.values[i], &name);
        train->norms = (struct indices){config->train.norms.values + i, 1};
        begin_part(watch, name);
        if (bench_training(&m->trainings[i], train, m->data, m->kernels, config->seconds / 2 / (double)m->count, epochs,
                           m->each ? m->each + i * epochs : NULL, &hooks, err) < 0)
            return -1;
        end_part(watch);
    }
    return 0;
}

static int measure(struct measurements *m, const struct bench_config *config, struct train_config *train,
                   struct error *err)
{
    const size_t epochs = config->epochs;
    struct watch watch = {.start_s = clock_now_s(), .epochs = epochs > 0};
    const double ms = 1000 * config->seconds;
    progress_start(&watch.progress, m->count + (epochs == 0), epochs > 0 ? epochs * m->count : (uint_fast64_t)ms,
                   config->quiet);
    const int result = measure_parts(m, config, train, &watch, err);
    progress_stop(&watch.progress);
    return result;
}

/* The defaults that hang on the optimizer; refused is what it does not use. */
static int complete(struct bench_config *config, const struct invocation *invocation, struct error *err)
{
    bool used[sizeof options / sizeof *options] = {false};
    for (size_t i = 0; options[i].name; i++)
        used[i] = setting_applies(&options[i], config);
    settings_set_initials(options, invocation->given, config);
    return settings_check_used(options, invocation->given, used, err);
}

static int run_bench(const void *configuration, const struct invocation *invocation, struct error *err)
{
    struct bench_config completed = *(const struct bench_config *)configuration;
    const struct bench_config *config = &completed;
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
    if (complete(&completed, invocation, err) < 0)
        return -1;
    kernels_name(config->kernels, &name);
    if (!(m.kernels = kernels_find(name, err)))
        return -1;

    struct train_config train = config->train;
    train.lrs = (struct reals){&rate, 1};
    train.epochs = 1;
    if (dataset_open(&data, &config->data, err) < 0 || dataset_fetch(&data.train, err) < 0 ||
        dataset_fetch(&data.test, err) < 0) /* as dlexp batchnorm starts: by the cache of images */
        goto done;
    if (dataset_hint(&data, hint) && !config->quiet)
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
    if (measure(&m, config, &train, err) < 0)
        goto done;
    if (config->out && bench_report_write(&m, config->out, err) < 0)
        goto done;
    if (config->json) {
        result = bench_report_json(config, invocation, &m, err);
        goto done;
    }
    if (config->out)
        printf("wrote %s/bench.csv\n\n", config->out);
    result = bench_report_print(config, &m, err);
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
