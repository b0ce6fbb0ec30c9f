/* What dlexp batchnorm is going to do. */
#include "batchnorm_plan.h"

#include <stdlib.h>
#include <string.h>

#include "batchnorm_rounds.h"
#include "dlexp/base/counted.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/experiment.h"
#include "dlexp/run/setting.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_checkpoint.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_timing.h"

static const char *chain(const void *config)
{
    const struct train_protocol *protocol =
        train_protocol_row(((const struct batchnorm_config *)config)->train.protocol);
    return protocol->chained ? protocol->name : NULL;
}

static int complete(void *config, const void *context, struct error *err)
{
    const struct train_config *train = &((const struct batchnorm_config *)config)->train;
    const struct batchnorm *batchnorm = context;
    const bool keep_last = ((const struct batchnorm_config *)config)->checkpoints.keep_last;
    for (size_t i = 0; i < train->lrs.count; i++)
        if (optimizer_options_check_single(train->optimizer, train->lrs.values[i], &train->hyper, err) < 0)
            return -1;
    if (train_check(train, &batchnorm->data, err) < 0)
        return -1;
    return keep_last ? train_check_prolongs(train, err) : 0;
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

/* What a net reaches that names one class for all images shows no training. */
static int check_percent(const char *option, double percent, const struct batchnorm *batchnorm, struct error *err)
{
    const size_t validation = batchnorm->config->train.selection.validation;
    const double chance = batchnorm_chance(&batchnorm->data, validation);
    char number[NUMBER_TEXT_SIZE], remedy[64] = "give a larger one";
    if (percent == 0 || percent > chance)
        return 0;
    if (percent <= 1 && 100 * percent > chance)
        snprintf(remedy, sizeof remedy, "give percent: %.6g", 100 * percent);
    return error_set(err, ERROR_USAGE,
                     "--%s: expected more than chance, the %.2f %% of the %s images that are of the largest class, got "
                     "%s; %s, or leave it out",
                     option, chance, validation > 0 ? "validation" : "test", number_format_real(number, percent),
                     remedy);
}

static int check_thresholds(const struct batchnorm *batchnorm, struct error *err)
{
    const struct batchnorm_config *config = batchnorm->config;
    return check_percent("trained", config->trained, batchnorm, err) < 0
               ? -1
               : check_percent("target", config->target, batchnorm, err);
}

/* The runs in the order of the tables: by norm, lr, seed.  In the notebook protocol one run goes through all norms and
 * rates in the order given. */
int batchnorm_plan_make(struct plan *plan, struct batchnorm *batchnorm, const struct invocation *invocation,
                        struct error *err)
{
    struct grid *grid = &batchnorm->grid;
    if (grid_init(grid, &subject, invocation, batchnorm->config, err) < 0)
        return -1;
    const struct axis *lrs = grid_axis(grid, "lr");
    if ((!grid->chain && optimizer_options_check_rates(lrs->values, lrs->count, err) < 0) ||
        check_seeds(grid_axis(grid, "seeds"), err) < 0 || rounds_check(batchnorm, invocation, err) < 0)
        return -1;
    if (grid_plan(grid, plan, batchnorm->config, batchnorm->data.sha256, err) < 0)
        return -1;
    return invocation->task ? 0 : check_thresholds(batchnorm, err); /* status and verify judge nothing */
}

/* Room for a run's files: its record, at most 16 bytes a batch loss, 11 a word of bits or a count and 25 another
 * number, and its models. */
static size_t bytes_a_run(const struct batchnorm *batchnorm, const struct train_config *train)
{
    uint64_t bytes =
        8192 + train_steps(train, &batchnorm->data) * 16 +
        (train_layers_numbers(train) + train_evals_numbers(train, &batchnorm->data)) * 25 +
        train_segments(train) * 11 *
            (train_bits_words(batchnorm->data.test.count) + batchnorm->data.classes * batchnorm->data.classes);
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
void batchnorm_plan_measure(struct plan *plan, const struct batchnorm *batchnorm)
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

/* The mean time of the block's and norm's runs that were computed in this call; 0: there are none. */
static double measured_s(const struct plan *plan, size_t block, size_t norm)
{
    double sum_s = 0;
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct run *run = &plan->runs[i];
        const struct indices norms = batchnorm_train(run)->norms;
        if (run->computed && run->block == block && norms.count == 1 && norms.values[0] == norm) {
            sum_s += run->seconds;
            count++;
        }
    }
    return count > 0 ? sum_s / (double)count : 0;
}

/* One estimate serves all pending runs of a block and norm. */
int batchnorm_plan_seconds(const void *batchnorm_, struct plan *plan, double *rest_s, struct error *err)
{
    const struct batchnorm *batchnorm = batchnorm_;
    size_t block = 0, norm = SIZE_MAX;
    double each_s = 0;
    *rest_s = 0;
    for (size_t i = 0; i < plan->count; i++) {
        struct run *run = &plan->runs[i];
        struct train_config train = *batchnorm_train(run);
        const bool known = run->block == block && (train.norms.count > 1 || train.norms.values[0] == norm);
        if (run->done || run->expected_s > 0)
            continue;
        if (!known || norm == SIZE_MAX) {
            const struct indices norms = train.norms;
            const double known_s = norms.count == 1 ? measured_s(plan, run->block, norms.values[0]) : 0;
            each_s = known_s;
            for (size_t n = 0; n < norms.count && known_s == 0; n++) {
                double seconds;
                struct dataset *data = &((struct batchnorm *)plan->context)->data;
                train.norms = (struct indices){norms.values + n, 1};
                if (dataset_fetch(&data->train, err) < 0 || dataset_fetch(&data->test, err) < 0 ||
                    train_seconds(&train, data, batchnorm->kernels, &seconds, err) < 0)
                    return -1;
                each_s += seconds;
            }
            block = run->block;
            norm = norms.values[0];
        }
        run->expected_s = each_s * (1 - (double)run->begun / (double)run->units); /* the rest of one that was begun */
    }
    return 0;
}

/* "net: 784-128-64-10, momentum, ...", of the first block of the grid, and how others differ. */
static int print_nets(const struct batchnorm *batchnorm, const struct plan *plan, FILE *out, struct error *err)
{
    const struct dataset *data = &batchnorm->data;
    const struct train_config *train = batchnorm_train(&plan->runs[0]);
    struct output text;
    if (output_open(&text, err) < 0)
        return -1;
    fprintf(text.stream, "%zu", data->pixels);
    for (size_t h = 0; h < train->hidden.count; h++)
        fprintf(text.stream, "-%lld", (long long)train->hidden.values[h]);
    fprintf(text.stream, "-%zu, %s, batch %zu, %s of %s, %s protocol", data->classes,
            optimizer_row(train->optimizer)->name, train->batching.batch, counted(train->epochs, "epoch").text,
            counted(train_epoch_steps(train, data), "step").text, train_protocol_row(train->protocol)->name);
    settings_print_set(text.stream, batchnorm->grid.invocation->command->options, plan->runs[0].config);
    for (size_t i = 1, shown = 0; i < plan->count && shown <= 5; i++) {
        if (plan->runs[i].block == plan->runs[i - 1].block)
            continue;
        fputs("; also", text.stream);
        if (shown++ < 5)
            grid_print_block(&batchnorm->grid, plan->runs[i].config, text.stream);
        else
            fprintf(text.stream, " %s", counted(batchnorm->grid.blocks - shown, "other").text);
    }
    char *nets = output_take(&text, err);
    if (!nets)
        return -1;
    flow_print(out, "net:", PLAN_COLUMN, nets);
    free(nets);
    return 0;
}

/* What a stored run may lack, by the options that ask for it. */
static void print_lacking(const struct batchnorm_config *config, size_t lacking, FILE *out)
{
    const struct {
        bool asked;
        const char *what, *option;
    } rows[] = {{config->save_best, "models", "--save-best"},
                {config->train.layers, "layers' numbers", "--layers"},
                {config->bits, "bits per test image", "--bits"},
                {config->checkpoints.keep_last, "last states", "--keep-last"}};
    const char *between = "";
    size_t asked = 0;
    struct flow flow = flow_begin(out, " ", PLAN_COLUMN);
    char count[32];
    snprintf(count, sizeof count, "%zu", lacking);
    flow_text(&flow, count);
    flow_text(&flow, " of them again: the store has their results but not the ");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].asked) {
            flow_text(&flow, between);
            flow_text(&flow, rows[i].what);
            between = " or ";
            asked++;
        }
    between = " that ";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].asked) {
            flow_text(&flow, between);
            flow_text(&flow, rows[i].option);
            between = " and ";
        }
    flow_text(&flow, asked == 1 ? " asks for" : " ask for");
    flow_end(&flow);
}

static void print_runs(const struct batchnorm *batchnorm, const struct plan *plan, FILE *out)
{
    const struct batchnorm_config *config = batchnorm->config;
    const struct grid *grid = &batchnorm->grid;
    const size_t pending = plan_pending(plan), seeds = grid_axis(grid, "seeds")->count;
    char size[GRID_SIZE_TEXT];
    if (grid->chain)
        snprintf(size, sizeof size, "a chain of %zu norm x %zu lr for each of %s", grid_axis(grid, "norm")->count,
                 grid_axis(grid, "lr")->count, counted(seeds, "seed").text);
    else
        grid_size_text(size, grid);
    size_t lacking = 0, begun = 0;
    for (size_t i = 0; i < plan->count; i++) {
        lacking += plan->runs[i].lacking;
        begun += !plan->runs[i].done && plan->runs[i].begun > 0;
    }
    char from[64] = "";
    if (begun > 0)
        snprintf(from, sizeof from, ", %zu of them from a kept state", begun);
    flow_say(out, "runs:", PLAN_COLUMN, "%zu (%s), %zu in the store, %zu to train%s", plan->count, size,
             plan->count - pending, pending, from);
    if (lacking > 0)
        print_lacking(config, lacking, out);
}

int batchnorm_plan_print(const void *batchnorm_, const struct plan *plan, FILE *out, struct error *err)
{
    const struct batchnorm *batchnorm = batchnorm_;
    const struct dataset *data = &batchnorm->data;
    char hint[DATASET_HINT_SIZE];
    flow_say(out, "data:", PLAN_COLUMN, "%s, %zu training and %zu test images of %zux%zu, %s", data->name,
             data->train.count, data->test.count, data->rows, data->columns, counted(data->classes, "class").text);
    if (dataset_hint(data, hint))
        flow_say(out, " ", PLAN_COLUMN, "hint: %s", hint);
    if (print_nets(batchnorm, plan, out, err) < 0)
        return -1;
    print_runs(batchnorm, plan, out);
    if (plan_pending(plan) > 0 && kernels_lack_fma(batchnorm->kernels))
        flow_print(out, "fma:", PLAN_COLUMN,
                   "the CPU lacks FMA, or the C library does not use it: slower, with the same results");
    rounds_print_rules(batchnorm, out);
    return 0;
}
