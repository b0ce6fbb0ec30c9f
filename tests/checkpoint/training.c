/* One run of training that can be told to stop, the files it leaves, and the configurations it has (training.h). */
#include "training.h"

#include "../train_data.h"
#include "dlexp/base/file.h"
#include "dlexp/train/train_checkpoint.h"
#include "dlexp/train/train_record.h"

static double rates[] = {0.05, 0.3}, huge[] = {1e30}, both[] = {1e30, 0.05};
static int64_t widths[] = {9, 7};
static size_t none[] = {0}, batchnorm[] = {1}, layernorm[] = {2}, two[] = {0, 1};

const char spec[] = "experiment=test\nepochs=3\nseed=1\n", stem[] = "experiment=test\nseed=1\n";

struct moments moments;

static double count_loss(real *dz, const real *z, const uint8_t *labels, size_t rows, size_t classes, size_t stride,
                         size_t *correct, uint8_t *right)
{
    moments.calls++;
    if (moments.calls == moments.stop_at)
        atomic_store(&moments.stop, true);
    if (moments.calls == moments.due_at)
        atomic_fetch_add(&moments.clock_ms, CHECKPOINT_INTERVAL_S * 1000);
    return moments.real->softmax_cross_entropy(dz, z, labels, rows, classes, stride, correct, right);
}

static int save_model(void *outcome_, size_t segment, const unsigned char *data, size_t size, struct error *err)
{
    struct outcome *outcome = outcome_;
    (void)err;
    assert_true(segment < MODELS);
    sha256_hex(data, size, outcome->models[segment]);
    return 0;
}

static void note(void *outcome_, const char *text)
{
    struct outcome *outcome = outcome_;
    const size_t used = strlen(outcome->notes);
    snprintf(outcome->notes + used, sizeof outcome->notes - used, "%s\n", text);
}

void run(struct outcome *outcome, const struct fixture *f, const struct call *call)
{
    struct error err = {0};
    char id[STORE_ID_SIZE], stem_id[STORE_ID_SIZE];
    struct record record;
    store_id(spec, id);
    store_id(stem, stem_id);
    outcome->notes[0] = '\0';
    outcome->text = NULL;
    outcome->checkpoint = (struct checkpoint){
        .store = &f->store,
        .id = id,
        .spec = spec,
        .stem_id = stem_id,
        .stem_spec = stem,
        .units = train_steps(&call->config, &f->data),
        .rules = call->rules,
        .taken_up = true,
        .written = true,
        .clock_ms = &moments.clock_ms,
        .note = note,
        .note_to = outcome,
        .told = call->told,
    };
    moments.real = kernels_find(call->kernels, &err);
    if (!moments.real) /* this processor lacks them */
        moments.real = kernels_find(NULL, &err);
    moments.counting = *moments.real;
    moments.counting.softmax_cross_entropy = count_loss;
    moments.calls = 0;
    moments.stop_at = call->stop_at;
    moments.due_at = call->due_at;
    atomic_store(&moments.stop, false);
    checkpoint_start(&outcome->checkpoint);
    if (!call->keeps_no_time)
        outcome->checkpoint.start_s -= 2 * CHECKPOINT_WORTH_S;
    const struct run_hooks hooks = {.stop = &moments.stop, .checkpoint = &outcome->checkpoint};
    record_init(&record, spec);
    if (train_run(&call->config, &f->data, &moments.counting, &hooks, call->models ? save_model : NULL, outcome,
                  &record, &err) < 0)
        fail_msg("%s", err.message);
    if (!atomic_load(&moments.stop)) {
        size_t size;
        if (train_check_record(&call->config, &f->data, &record, &err) < 0 ||
            record_text(&record, &outcome->text, &size, &err) < 0)
            fail_msg("%s", err.message);
        checkpoint_remove(&f->store, id);
    }
    record_free(&record);
}

void same(const struct outcome *a, const struct outcome *b)
{
    assert_non_null(a->text);
    assert_non_null(b->text);
    assert_string_equal(a->text, b->text);
    assert_memory_equal(a->models, b->models, sizeof a->models);
}

char *path_of(const struct fixture *f, const char *of, const char *ending)
{
    struct error err;
    char id[STORE_ID_SIZE];
    store_id(of, id);
    char *path = store_path(&f->store, id, ending, &err);
    assert_non_null(path);
    return path;
}

bool has(const struct fixture *f, const char *of, const char *ending)
{
    char *path = path_of(f, of, ending);
    const bool there = file_exists(path);
    free(path);
    return there;
}

void drop(const struct fixture *f, const char *of, const char *ending)
{
    char *path = path_of(f, of, ending);
    remove(path);
    free(path);
}

unsigned char *read_file(const char *path, size_t *size)
{
    unsigned char *data;
    struct error err;
    if (file_read(path, &data, size, &err) < 0)
        fail_msg("%s", err.message);
    return data;
}

void write_file(const char *path, const void *data, size_t size)
{
    struct error err;
    if (file_write_atomic(path, data, size, &err) < 0)
        fail_msg("%s", err.message);
}

int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct error err;
    assert_non_null(f);
    scratch_create(f->directory);
    assert_int_equal(store_init(&f->store, f->directory, &err), 0);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    f->data = make_data();
    *state = f;
    return 0;
}

int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[600];
    snprintf(command, sizeof command, "rm -r '%s'", f->directory);
    assert_int_equal(system(command), 0);
    store_free(&f->store);
    dataset_free(&f->data);
    free(f);
    return 0;
}

struct train_config base(size_t optimizer)
{
    return (struct train_config){.norms = {batchnorm, 1},
                                 .lrs = {rates, 1},
                                 .optimizer = optimizer,
                                 .hyper = hyperparameters_initial(),
                                 .hidden = {widths, 2},
                                 .batching.batch = BATCH,
                                 .epochs = 3,
                                 .seed = 3};
}

static size_t count_optimizers(void)
{
    const char *name;
    size_t count = 0;
    while (optimizer_name(count, &name))
        count++;
    return count;
}

static void make_notebook(struct train_config *config)
{
    config->protocol = TRAIN_NOTEBOOK;
    config->norms = (struct indices){two, 2};
    config->epochs = 2;
}

bool configuration(size_t i, struct train_config *config)
{
    const size_t optimizers = count_optimizers();
    *config = base(i < optimizers ? i : 1);
    if (i < optimizers)
        return true;
    switch (i - optimizers) {
    case 0:
        config->norms.values = none;
        config->threads = 2;
        break;
    case 1:
        config->norms.values = layernorm;
        config->layers = true;
        break;
    case 2: /* the chain of the notebook: nets that stay alive, and running statistics that tests move */
        *config = base(3);
        make_notebook(config);
        config->lrs.count = 2;
        break;
    case 3:
        make_notebook(config);
        config->selection.eval_every = 2;
        config->layers = true;
        break;
    case 4: /* segments that diverge, and whose nets go on diverged */
        make_notebook(config);
        config->lrs = (struct reals){both, 2};
        break;
    case 5:
        config->selection.validation = 14;
        config->selection.eval_every = 2;
        config->layers = true;
        break;
    case 6:
        config->schedule = (struct schedule){.type = 2, .lr_min = 0.001};
        config->selection.validation = 14;
        config->batching.drop_last = true;
        break;
    case 7:
        config->schedule = (struct schedule){.type = 1, .step_size = 2, .gamma = 0.1};
        config->selection.eval_every = 5; /* as many steps as an epoch has */
        break;
    case 8:
        config->hidden.count = 0;
        config->norms.values = none;
        break;
    case 9:
        config->lrs.values = huge;
        config->norms.values = none;
        break;
    default:
        return false;
    }
    return true;
}
