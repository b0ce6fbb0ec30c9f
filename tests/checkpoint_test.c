/*
 * Checkpoints: a run of training that was stopped anywhere, once or again and again, or whose process was killed,
 * leaves the bytes of one that was not: record, tables, models.  A file that is not what was written is told and
 * ignored.  The end of a run is the beginning of a longer one.
 *
 * Quick: some moments of each configuration.  With DLEXP_LONG=1: every one.
 */
#include "support.h"
#include "train_data.h"

#include <sys/stat.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "dlexp/run/checkpoint.h"
#include "dlexp/train/train.h"
#include "dlexp/train/train_checkpoint.h"
#include "dlexp/train/train_record.h"

enum { BATCH = 12, MODELS = 4 }; /* 50 images: 4 batches of 12 and one of 2; a normed batch has 2 rows at least */

static double rates[] = {0.05, 0.3}, huge[] = {1e30}, both[] = {1e30, 0.05};
static int64_t widths[] = {9, 7};
static size_t none[] = {0}, batchnorm[] = {1}, layernorm[] = {2}, two[] = {0, 1};

/* ---- one run in this process, as the pool computes it ---- */

struct fixture {
    char directory[512];
    struct store store;
    struct dataset data;
};

static const char spec[] = "experiment=test\nepochs=3\nseed=1\n", stem[] = "experiment=test\nseed=1\n";

/* What a run left, and what it said. */
struct outcome {
    char *text; /* the record's; NULL: it was stopped */
    char models[MODELS][SHA256_HEX_SIZE];
    char notes[4096];
    struct checkpoint checkpoint;
};

/* A loss is asked for in each step and each batch of an evaluation: behind the one with this number the run is told to
 * stop, and it is time for a checkpoint; 0: never. */
static struct {
    struct kernels counting;
    const struct kernels *real;
    size_t calls, stop_at, due_at;
    atomic_bool stop;
    atomic_uint_fast64_t clock_ms;
} moments;

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

struct call {
    struct train_config config;
    size_t stop_at, due_at;
    struct checkpoint_rules rules;
    const char *kernels; /* NULL: the best */
    atomic_bool *told;
    bool models, keeps_no_time; /* stopped within a second it is not worth a checkpoint */
};

/* The models of earlier segments stay in the outcome, as files do. */
static void run(struct outcome *outcome, const struct fixture *f, const struct call *call)
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

static void same(const struct outcome *a, const struct outcome *b)
{
    assert_non_null(a->text);
    assert_non_null(b->text);
    assert_string_equal(a->text, b->text);
    assert_memory_equal(a->models, b->models, sizeof a->models);
}

static char *path_of(const struct fixture *f, const char *of, const char *ending)
{
    struct error err;
    char id[STORE_ID_SIZE];
    store_id(of, id);
    char *path = store_path(&f->store, id, ending, &err);
    assert_non_null(path);
    return path;
}

static bool has(const struct fixture *f, const char *of, const char *ending)
{
    char *path = path_of(f, of, ending);
    const bool there = file_exists(path);
    free(path);
    return there;
}

static void drop(const struct fixture *f, const char *of, const char *ending)
{
    char *path = path_of(f, of, ending);
    remove(path);
    free(path);
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

/* ---- which runs ---- */

static struct train_config base(size_t optimizer)
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

/* The i-th configuration; false past the last. */
static bool configuration(size_t i, struct train_config *config)
{
    const char *name;
    size_t optimizers = 0;
    while (optimizer_name(optimizers, &name))
        optimizers++;
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
        config->protocol = TRAIN_NOTEBOOK;
        config->norms = (struct indices){two, 2};
        config->lrs.count = 2;
        config->epochs = 2;
        break;
    case 3:
        config->protocol = TRAIN_NOTEBOOK;
        config->norms = (struct indices){two, 2};
        config->selection.eval_every = 2;
        config->layers = true;
        config->epochs = 2;
        break;
    case 4: /* segments that diverge, and whose nets go on diverged */
        config->protocol = TRAIN_NOTEBOOK;
        config->norms = (struct indices){two, 2};
        config->lrs = (struct reals){both, 2};
        config->epochs = 2;
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

/* ---- stopped, and taken up ---- */

static void a_stopped_run_is_taken_up(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 1;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        call.stop_at = 0;
        run(&whole, f, &call);
        assert_string_equal(whole.notes, "");
        const size_t count = moments.calls, step = test_is_long() ? 1 : 1 + count / 2;
        for (size_t at = 1 + test_u64(&draw) % step; at <= count; at += step) {
            call.stop_at = at;
            run(&again, f, &call);
            assert_null(again.text);
            /* Behind its first step there is something to keep. */
            assert_int_equal(has(f, spec, STORE_CHECKPOINT), again.checkpoint.reached > 0);
            assert_int_equal(again.checkpoint.kept, again.checkpoint.reached);
            call.stop_at = 0;
            run(&again, f, &call);
            assert_int_equal(again.checkpoint.begun.done, again.checkpoint.kept);
            assert_string_equal(again.notes, "");
            same(&whole, &again);
            assert_false(has(f, spec, STORE_CHECKPOINT));
            free(again.text);
        }
        free(whole.text);
    }
}

/* A call that gets no further than some steps, again and again, comes to the end; each time with other kernels. */
static void a_run_stopped_again_and_again_ends(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 2;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        size_t calls = 0;
        call.stop_at = 0;
        run(&whole, f, &call);
        do {
            if (!kernels_name(calls, &call.kernels))
                call.kernels = NULL;
            /* An evaluation is passed in one go, or begun anew. */
            call.stop_at = test_is_long() ? 4 + test_u64(&draw) % 9 : 8 + test_u64(&draw) % 12;
            run(&again, f, &call);
            assert_true(++calls < 200);
        } while (!again.text);
        same(&whole, &again);
        free(again.text);
        free(whole.text);
    }
}

/* By the clock; what comes behind is lost with the process, which leaves no more than a call that is stopped and writes
 * nothing. */
static void a_killed_run_is_taken_up_where_its_clock_left_it(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 3;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        call.stop_at = call.due_at = 0;
        call.keeps_no_time = false;
        run(&whole, f, &call);
        const size_t count = moments.calls, tries = test_is_long() ? 20 : 1;
        for (size_t n = 0; n < tries; n++) {
            call.due_at = 1 + test_u64(&draw) % count;
            call.stop_at = call.due_at + test_u64(&draw) % (count - call.due_at + 1);
            call.keeps_no_time = true;
            run(&again, f, &call);
            const uint64_t kept = again.checkpoint.kept;
            assert_int_equal(has(f, spec, STORE_CHECKPOINT), kept > 0);
            free(again.text);
            call.due_at = call.stop_at = 0;
            run(&again, f, &call);
            assert_int_equal(again.checkpoint.begun.done, kept);
            same(&whole, &again);
            free(again.text);
        }
        free(whole.text);
    }
}

static void checkpoints_come_when_they_are_due(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1), .rules.every = 2, .stop_at = 3};
    struct outcome outcome = {0};
    call.config.epochs = 5;
    /* With a number of epochs a stop is always worth one... */
    call.keeps_no_time = true;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 3);
    drop(f, spec, STORE_CHECKPOINT);
    /* ... without one only after a second, or of a run that was taken up. */
    call.rules.every = 0;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 0);
    assert_int_equal(outcome.checkpoint.reached, 3);
    call.keeps_no_time = false;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 3);
    call.keeps_no_time = true;
    call.stop_at = 2;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 3);
    assert_int_equal(outcome.checkpoint.kept, 5);
    /* The clock is asked where no number of epochs is given, and starts again from each. */
    struct checkpoint c = {.clock_ms = &moments.clock_ms};
    checkpoint_start(&c);
    assert_false(checkpoint_due(&c));
    atomic_fetch_add(&moments.clock_ms, CHECKPOINT_INTERVAL_S * 1000 - 1);
    assert_false(checkpoint_due(&c));
    atomic_fetch_add(&moments.clock_ms, 1);
    assert_true(checkpoint_due(&c));
    assert_false(checkpoint_due_epoch(&c, 1));
    checkpoint_keep(&c, 1, NULL, NULL); /* writes nothing, as c.written is false */
    assert_false(checkpoint_due(&c));
    c.rules.every = 2;
    atomic_fetch_add(&moments.clock_ms, CHECKPOINT_INTERVAL_S * 1000);
    assert_false(checkpoint_due(&c));
    /* By epochs: not while as much time has passed as the last one took. */
    c.last_s = clock_now_s() - 100;
    c.cost_s = 99;
    assert_false(checkpoint_due_epoch(&c, 3));
    assert_true(checkpoint_due_epoch(&c, 4));
    c.cost_s = 200;
    assert_false(checkpoint_due_epoch(&c, 4));
    assert_false(checkpoint_due(NULL));
    drop(f, spec, STORE_CHECKPOINT);
}

/* ---- what is not as written ---- */

static unsigned char *read_file(const char *path, size_t *size)
{
    unsigned char *data;
    struct error err;
    if (file_read(path, &data, size, &err) < 0)
        fail_msg("%s", err.message);
    return data;
}

static void write_file(const char *path, const void *data, size_t size)
{
    struct error err;
    if (file_write_atomic(path, data, size, &err) < 0)
        fail_msg("%s", err.message);
}

/* The file's text with another beginning, and sealed. */
static void write_sealed(const char *path, const char *beginning, const unsigned char *rest, size_t rest_size)
{
    const size_t length = strlen(beginning), size = length + rest_size;
    char *text = malloc(size + 128), digest[SHA256_HEX_SIZE];
    assert_non_null(text);
    memcpy(text, beginning, length);
    memcpy(text + length, rest, rest_size);
    sha256_hex(text, size, digest);
    write_file(path, text, size + (size_t)sprintf(text + size, "[end %s]\n", digest));
    free(text);
}

/* What is at the path is told with this text and ignored; the run that begins anew leaves its bytes. */
static void ignored(const struct fixture *f, const struct call *call, const struct outcome *whole, const char *path,
                    const char *text)
{
    struct outcome again = {0};
    run(&again, f, call);
    if (!strstr(again.notes, path) || !strstr(again.notes, text) || !strstr(again.notes, "; it is ignored"))
        fail_msg("expected a note with '%s' of '%s', got '%s'", text, path, again.notes);
    assert_int_equal(again.checkpoint.begun.done, 0);
    same(whole, &again);
    free(again.text);
}

static void what_is_damaged_is_told_and_ignored(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(4), .stop_at = 11, .models = true}; /* 5 steps, 3 batches of a test, 3 steps */
    struct outcome whole = {0}, stopped = {0};
    size_t size;
    uint64_t draw = 4;
    char *path = path_of(f, spec, STORE_CHECKPOINT);
    run(&stopped, f, &call);
    unsigned char *good = read_file(path, &size);
    drop(f, spec, STORE_CHECKPOINT);
    call.stop_at = 0;
    run(&whole, f, &call);
    for (size_t cut = 0; cut < size; cut += test_is_long() ? 1 + size / 500 : 1 + size / 4) {
        write_file(path, good, cut);
        ignored(f, &call, &whole, path, "its checksum is not as written; it was damaged");
    }
    write_file(path, good, size - 1);
    ignored(f, &call, &whole, path, "its checksum is not as written; it was damaged");
    for (size_t n = 0; n < (test_is_long() ? 500 : 4); n++) {
        const size_t at = test_u64(&draw) % size;
        const unsigned char bit = (unsigned char)(1u << test_u64(&draw) % 8);
        good[at] ^= bit;
        write_file(path, good, size);
        ignored(f, &call, &whole, path, "its checksum is not as written; it was damaged");
        good[at] ^= bit;
    }
    /* Sound, and of something else. */
    size_t line = 1;
    while (good[line - 1] != '\n')
        line++;
    const size_t rest = size - line - 71; /* "[end ]\n" and 64 digits */
    write_sealed(path, "dlexp checkpoint 2 8 15 1.000\n", good + line, rest);
    ignored(f, &call, &whole, path, "its format is not 1, the one that is known here");
    write_sealed(path, "dlexp checkpoint 1 8 15 1.0\n", good + line, rest);
    ignored(f, &call, &whole, path, "its format is not 1, the one that is known here");
    char other[] = "dlexp checkpoint 1 8 15 1.000\n[spec]\nexperiment=test\nepochs=3\nseed=2\n";
    write_sealed(path, other, good + line + strlen("[spec]\n") + strlen(spec),
                 rest - strlen("[spec]\n") - strlen(spec));
    ignored(f, &call, &whole, path, "it is of another run than its name says");
    write_sealed(path, "dlexp checkpoint 1 8 15 1.000\n[spec]\n", good, 0);
    ignored(f, &call, &whole, path, "it is of another run than its name says");
    /* The state's first fact is the order of the machine's bytes. */
    const size_t state_at = line + strlen("[spec]\n") + strlen(spec) + strlen("[state]\n");
    good[state_at] ^= 1;
    write_sealed(path, "dlexp checkpoint 1 8 15 1.000\n", good + line, rest);
    ignored(f, &call, &whole, path, "it does not fit this run");
    good[state_at] ^= 1;
    /* A version that keeps less of a state, or more. */
    unsigned char *changed = calloc(rest + 8, 1);
    assert_non_null(changed);
    memcpy(changed, good + line, rest);
    const size_t sizes[] = {state_at - line, state_at - line + 1, state_at - line + 60, rest - 3000, rest - 1, rest + 1,
                            rest + 8};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_sealed(path, "dlexp checkpoint 1 8 15 1.000\n", changed, sizes[i]);
        ignored(f, &call, &whole, path, "it does not fit this run");
    }
    free(changed);
    /* Of a call that wanted other tables of the same run. */
    write_file(path, good, size);
    call.config.layers = true;
    run(&stopped, f, &call);
    assert_non_null(strstr(stopped.notes, "it does not fit this run"));
    assert_non_null(stopped.text);
    assert_memory_equal(stopped.models, whole.models, sizeof whole.models);
    /* As it was written it is taken. */
    call.config.layers = false;
    write_file(path, good, size);
    free(stopped.text);
    run(&stopped, f, &call);
    assert_int_equal(stopped.checkpoint.begun.done, 8);
    same(&whole, &stopped);
    free(stopped.text);
    free(whole.text);
    free(good);
    free(path);
}

/* Where none can be written that is told once, and the run goes on. */
static void without_room_the_run_goes_on(void **state)
{
    struct fixture *f = *state;
    atomic_bool told = false;
    struct call call = {.config = base(1), .rules.every = 1, .told = &told};
    struct outcome whole = {0}, again = {0};
    char *path = path_of(f, spec, STORE_CHECKPOINT), *slash = strrchr(path, '/');
    call.config.epochs = 4;
    run(&whole, f, &call);
    *slash = '\0';
    remove(path);
    write_file(path, "", 0); /* a file in the place of its folder */
    run(&again, f, &call);
    const char *first = strstr(again.notes, "no checkpoint: cannot write '");
    assert_non_null(first);
    assert_null(strstr(first + 1, "no checkpoint: "));
    same(&whole, &again);
    remove(path);
    free(path);
    free(again.text);
    free(whole.text);
}

/* A directory of its name is told, and gives way to the next one. */
static void a_directory_in_its_place_gives_way(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1), .stop_at = 2};
    struct outcome outcome = {0};
    struct error err;
    char *path = path_of(f, spec, STORE_CHECKPOINT), id[STORE_ID_SIZE];
    store_id(spec, id);
    assert_int_equal(store_create_folder(&f->store, id, true, &err), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    run(&outcome, f, &call);
    assert_non_null(strstr(outcome.notes, ".checkpoint': expected a file, got a directory; it is ignored"));
    assert_null(strstr(outcome.notes, "no checkpoint"));
    assert_int_equal(outcome.checkpoint.kept, 2);
    call.stop_at = 0;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 2);
    assert_string_equal(outcome.notes, "");
    free(outcome.text);
    free(path);
}

/* ---- the end of a run ---- */

static void a_longer_run_goes_on_from_the_end_of_a_shorter(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true, .rules.keep_last = true};
    size_t prolonged = 0;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, shorter = {0}, longer = {0}, again = {0};
        struct error err;
        const bool prolongs = train_check_prolongs(&call.config, &err) == 0;
        const size_t epochs = call.config.epochs;
        assert_true(prolongs || strstr(err.message, "--keep-last: expected "));
        call.rules.keep_last = false;
        run(&whole, f, &call);
        call.rules.keep_last = true;
        call.config.epochs = epochs - 1;
        run(&shorter, f, &call);
        const bool kept = has(f, stem, STORE_LAST);
        assert_int_equal(kept, prolongs && strstr(shorter.text, "status=completed"));
        /* The same run once more: what is noted at its end is made of the state. */
        run(&again, f, &call);
        assert_int_equal(again.checkpoint.begun.done, kept ? again.checkpoint.units : 0);
        same(&shorter, &again);
        free(again.text);
        call.config.epochs = epochs;
        run(&longer, f, &call);
        const uint64_t steps = kept ? (epochs - 1) * train_epoch_steps(&call.config, &f->data) : 0;
        assert_int_equal(longer.checkpoint.begun.done, steps);
        same(&whole, &longer);
        prolonged += kept;
        /* Of a longer run it is no beginning, nor does a shorter one's take its place. */
        call.config.epochs = epochs - 1;
        run(&again, f, &call);
        assert_int_equal(again.checkpoint.begun.done, 0);
        assert_string_equal(again.text, shorter.text);
        struct checkpoint_head head;
        assert_int_equal(checkpoint_look(&f->store, stem, CHECKPOINT_LAST, &head, &err),
                         kept ? STORE_FOUND : STORE_MISSING);
        assert_int_equal(head.done, kept ? epochs * train_epoch_steps(&call.config, &f->data) : 0);
        drop(f, stem, STORE_LAST);
        free(whole.text);
        free(shorter.text);
        free(longer.text);
        free(again.text);
    }
    assert_true(prolonged >= 10);
}

/* Of a checkpoint and the end of a shorter run the further one is taken; a damaged one leaves the other. */
static void the_further_one_is_taken(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1)};
    struct outcome whole = {0}, outcome = {0};
    char *path = path_of(f, spec, STORE_CHECKPOINT);
    size_t size;
    call.config.epochs = 4;
    run(&whole, f, &call);
    call.rules.keep_last = true;
    call.config.epochs = 2;
    run(&outcome, f, &call);
    free(outcome.text);
    call.config.epochs = 4;
    call.stop_at = 3; /* of 5 steps an epoch: 13 in all */
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 10);
    assert_int_equal(outcome.checkpoint.kept, 13);
    unsigned char *further = read_file(path, &size);
    call.stop_at = 0;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 13);
    same(&whole, &outcome);
    free(outcome.text);
    drop(f, stem, STORE_LAST);
    call.config.epochs = 2;
    run(&outcome, f, &call);
    free(outcome.text);
    further[size / 2] ^= 1;
    write_file(path, further, size);
    call.config.epochs = 4;
    run(&outcome, f, &call);
    assert_non_null(strstr(outcome.notes, "its checksum is not as written"));
    assert_int_equal(outcome.checkpoint.begun.done, 10);
    same(&whole, &outcome);
    free(outcome.text);
    free(whole.text);
    free(further);
    free(path);
    drop(f, stem, STORE_LAST);
}

/* ---- the store ---- */

static bool is_needed(const void *needed, const char *id)
{
    return strcmp(needed, id) == 0;
}

static void one_whose_record_is_there_is_removed(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char id[STORE_ID_SIZE];
    char *path = path_of(f, spec, STORE_CHECKPOINT), *record = path_of(f, spec, STORE_RUN);
    store_id(spec, id);
    assert_int_equal(store_create_folder(&f->store, id, true, &err), 0);
    write_file(path, "x", 1);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_true(file_exists(path));
    write_file(record, "x", 1);
    assert_int_equal(store_create(&f->store, is_needed, id, &err), 0);
    assert_true(file_exists(path));
    assert_int_equal(store_create(&f->store, is_needed, "another", &err), 0);
    assert_false(file_exists(path));
    assert_true(file_exists(record));
    remove(record);
    free(record);
    free(path);
}

static void looking_tells_how_far_it_is(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1), .stop_at = 2};
    struct outcome outcome = {0};
    struct checkpoint_head head = {9, 9, 9};
    struct error err;
    size_t size;
    char *path = path_of(f, spec, STORE_CHECKPOINT);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_MISSING);
    assert_int_equal(head.done, 0);
    run(&outcome, f, &call);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_FOUND);
    assert_int_equal(head.done, 2);
    assert_int_equal(head.units, 15);
    assert_true(head.seconds >= 2 * CHECKPOINT_WORTH_S && head.seconds < 60);
    /* In its place: what was changed behind its first line, is empty, no file. */
    unsigned char *good = read_file(path, &size);
    good[size / 2] ^= 1;
    write_file(path, good, size);
    free(good);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    assert_int_equal(head.done, 0);
    assert_non_null(strstr(err.message, "its checksum is not as written"));
    write_file(path, "", 0);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    assert_int_equal(mkfifo(path, 0666), 0); /* and nobody waits for its writer */
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stopped_run_is_taken_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_stopped_again_and_again_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_run_is_taken_up_where_its_clock_left_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoints_come_when_they_are_due, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_told_and_ignored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_directory_in_its_place_gives_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_room_the_run_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_longer_run_goes_on_from_the_end_of_a_shorter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_further_one_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_whose_record_is_there_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looking_tells_how_far_it_is, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
