/* A checkpoint that is not what was written is told and ignored; where none can be written the run goes on. */
#include "training.h"

#include <sys/stat.h>

#include "dlexp/base/sha256.h"

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

/* A checkpoint of a run that was stopped, and what the run leaves where nobody stops it. */
struct kept {
    const struct fixture *f;
    struct call call;
    struct outcome whole;
    char *path;
    unsigned char *good;
    size_t size, line; /* of the file, and of its first line */
};

static void keep(struct kept *kept, const struct fixture *f)
{
    struct outcome stopped = {0};
    *kept = (struct kept){.f = f, .path = path_of(f, spec, STORE_CHECKPOINT)};
    /* 5 steps, 3 batches of a test, 3 steps */
    kept->call = (struct call){.config = base(4), .stop_at = 11, .models = true};
    run(&stopped, f, &kept->call);
    kept->good = read_file(kept->path, &kept->size);
    while (kept->good[kept->line++] != '\n')
        continue;
    drop(f, spec, STORE_CHECKPOINT);
    kept->call.stop_at = 0;
    run(&kept->whole, f, &kept->call);
}

/* What is at the path is told with this text and ignored; the run that begins anew leaves its bytes. */
static void ignored(const struct kept *kept, const char *text)
{
    struct outcome again = {0};
    run(&again, kept->f, &kept->call);
    if (!strstr(again.notes, kept->path) || !strstr(again.notes, text) || !strstr(again.notes, "; it is ignored"))
        fail_msg("expected a note with '%s' of '%s', got '%s'", text, kept->path, again.notes);
    assert_int_equal(again.checkpoint.begun.done, 0);
    same(&kept->whole, &again);
    free(again.text);
}

static void cut_or_with_another_bit(struct kept *kept)
{
    static const char damaged[] = "its checksum is not as written; it was damaged";
    uint64_t draw = 4;
    for (size_t cut = 0; cut < kept->size; cut += test_is_long() ? 1 + kept->size / 500 : 1 + kept->size / 4) {
        write_file(kept->path, kept->good, cut);
        ignored(kept, damaged);
    }
    write_file(kept->path, kept->good, kept->size - 1);
    ignored(kept, damaged);
    for (size_t n = 0; n < (test_is_long() ? 500 : 4); n++) {
        const size_t at = test_u64(&draw) % kept->size;
        const unsigned char bit = (unsigned char)(1u << test_u64(&draw) % 8);
        kept->good[at] ^= bit;
        write_file(kept->path, kept->good, kept->size);
        ignored(kept, damaged);
        kept->good[at] ^= bit;
    }
}

static void sound_and_of_something_else(struct kept *kept)
{
    static const char of_spec[] = "[spec]\n", first[] = "dlexp checkpoint 1 8 15 1.000\n";
    unsigned char *const behind = kept->good + kept->line;
    const size_t rest = kept->size - kept->line - 71; /* "[end ]\n" and 64 digits */
    write_sealed(kept->path, "dlexp checkpoint 2 8 15 1.000\n", behind, rest);
    ignored(kept, "its format is not 1, the one that is known here");
    write_sealed(kept->path, "dlexp checkpoint 1 8 15 1.0\n", behind, rest);
    ignored(kept, "its format is not 1, the one that is known here");
    const size_t spec_size = strlen(of_spec) + strlen(spec);
    write_sealed(kept->path, "dlexp checkpoint 1 8 15 1.000\n[spec]\nexperiment=test\nepochs=3\nseed=2\n",
                 behind + spec_size, rest - spec_size);
    ignored(kept, "it is of another run than its name says");
    write_sealed(kept->path, "dlexp checkpoint 1 8 15 1.000\n[spec]\n", kept->good, 0);
    ignored(kept, "it is of another run than its name says");
    /* The state's first fact is the order of the machine's bytes. */
    const size_t state_at = spec_size + strlen("[state]\n");
    behind[state_at] ^= 1;
    write_sealed(kept->path, first, behind, rest);
    ignored(kept, "it does not fit this run");
    behind[state_at] ^= 1;
    /* A version that keeps less of a state, or more. */
    unsigned char *changed = calloc(rest + 8, 1);
    assert_non_null(changed);
    memcpy(changed, behind, rest);
    const size_t sizes[] = {state_at, state_at + 1, state_at + 60, rest - 3000, rest - 1, rest + 1, rest + 8};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_sealed(kept->path, first, changed, sizes[i]);
        ignored(kept, "it does not fit this run");
    }
    free(changed);
}

static void what_is_damaged_is_told_and_ignored(void **state)
{
    struct kept kept;
    struct outcome other = {0};
    keep(&kept, *state);
    cut_or_with_another_bit(&kept);
    sound_and_of_something_else(&kept);
    /* Of a call that wanted other tables of the same run. */
    write_file(kept.path, kept.good, kept.size);
    kept.call.config.layers = true;
    run(&other, kept.f, &kept.call);
    assert_non_null(strstr(other.notes, "it does not fit this run"));
    assert_non_null(other.text);
    assert_memory_equal(other.models, kept.whole.models, sizeof other.models);
    /* As it was written it is taken. */
    kept.call.config.layers = false;
    write_file(kept.path, kept.good, kept.size);
    free(other.text);
    run(&other, kept.f, &kept.call);
    assert_int_equal(other.checkpoint.begun.done, 8);
    same(&kept.whole, &other);
    free(other.text);
    free(kept.whole.text);
    free(kept.good);
    free(kept.path);
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

int checkpoint_damage_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(what_is_damaged_is_told_and_ignored),
        WITH_DATA(a_directory_in_its_place_gives_way),
        WITH_DATA(without_room_the_run_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
