/* The files of states of runs: written, read back, checked; when it is time for one. */
#include "dlexp/run/checkpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/sha256.h"
#include "dlexp/run/seal.h"

enum {
    LINE_SIZE = 128,
    INTRO_SIZE = sizeof "[spec]\n[state]\n" - 1 /* and the spec */
};

static const char *const endings[] = {[CHECKPOINT_BEGUN] = STORE_CHECKPOINT, [CHECKPOINT_LAST] = STORE_LAST};

/* ---- the first line ---- */

static int print_line(char line[LINE_SIZE], const struct checkpoint_head *head)
{
    return snprintf(line, LINE_SIZE, "dlexp checkpoint 1 %" PRIu64 " %" PRIu64 " %.3f\n", head->done, head->units,
                    head->seconds);
}

/* The length of the first line of text, a string; 0 if it is none that print_line writes. */
static size_t read_line(const char *text, struct checkpoint_head *head)
{
    char again[LINE_SIZE];
    struct checkpoint_head read = {0};
    *head = read;
    if (sscanf(text, "dlexp checkpoint 1 %" SCNu64 " %" SCNu64 " %lf", &read.done, &read.units, &read.seconds) != 3 ||
        !(read.seconds >= 0 && read.seconds < 1e12))
        return 0;
    const size_t length = (size_t)print_line(again, &read);
    if (strncmp(text, again, length) != 0)
        return 0;
    *head = read;
    return length;
}

/* ---- states on their way ---- */

void checkpoint_bytes(struct checkpoint_stream *stream, void *data, size_t size)
{
    if (stream->reading && size > stream->size - stream->passed)
        stream->other = true;
    if (!checkpoint_goes_on(stream))
        return;
    stream->passed += size;
    if (stream->reading) {
        stream->failed = file_reader_take(stream->from, data, size, stream->err) < 0;
    } else if (stream->to) {
        sha256_update(stream->sha, data, size);
        file_writer_add(stream->to, data, size);
    }
}

void checkpoint_same(struct checkpoint_stream *stream, const void *data, size_t size)
{
    unsigned char there[256];
    assert(size <= sizeof there);
    memcpy(there, data, size);
    checkpoint_bytes(stream, there, size);
    stream->other |= memcmp(there, data, size) != 0;
}

/* ---- reading ---- */

/* Whether the file ends in a line with the hash of all before; *sound is not set where it cannot be read. */
static int check_seal(struct file_reader *reader, bool *sound, struct error *err)
{
    unsigned char part[65536];
    char digest[SHA256_HEX_SIZE], expected[SEAL_SIZE + 1], end[SEAL_SIZE];
    struct sha256 sha;
    *sound = false;
    if (reader->identity.size < SEAL_SIZE)
        return 0;
    sha256_init(&sha);
    for (uintmax_t left = reader->identity.size - SEAL_SIZE; left > 0;) {
        const size_t size = left < sizeof part ? (size_t)left : sizeof part;
        if (file_reader_take(reader, part, size, err) < 0)
            return -1;
        sha256_update(&sha, part, size);
        left -= size;
    }
    sha256_final(&sha, digest);
    seal_line(expected, digest);
    if (file_reader_take(reader, end, sizeof end, err) < 0)
        return -1;
    *sound = memcmp(end, expected, sizeof end) == 0;
    return file_reader_seek(reader, 0, err);
}

/* text[0..size) and a NUL begin with all up to the state of the run of this id, which is *length: what is wrong, or
 * NULL. */
static const char *check_intro(const char *text, const char *id, struct checkpoint_head *head, size_t *length)
{
    static const char before[] = "[spec]\n", behind[] = "\n[state]\n";
    static const char other[] = "it is of another run than its name says; was it renamed?";
    char named[STORE_ID_SIZE];
    const size_t line = read_line(text, head);
    if (line == 0)
        return "its format is not 1, the one that is known here; was it written by a newer dlexp?";
    const char *spec = text + line + sizeof before - 1;
    const char *end = strncmp(text + line, before, sizeof before - 1) == 0 ? strstr(spec, behind) : NULL;
    if (!end)
        return other;
    store_id_of(spec, (size_t)(end + 1 - spec), named);
    *length = (size_t)(end - text) + sizeof behind - 1;
    return strcmp(named, id) == 0 ? NULL : other;
}

static const char unsound[] = "its checksum is not as written; it was damaged";

const char *checkpoint_check(const char *text, size_t size, const char *id, struct checkpoint_head *head)
{
    struct checkpoint_head read;
    size_t length;
    *head = (struct checkpoint_head){0};
    const char *wrong = seal_holds(text, size) ? check_intro(text, id, &read, &length) : unsound;
    if (!wrong)
        *head = read;
    return wrong;
}

/* A file that is open, and was found to be one of its run. */
struct sound {
    char *path; /* NULL: there is none */
    struct file_reader reader;
    struct checkpoint_head head;
    size_t state_at;
};

static void sound_close(struct sound *sound)
{
    if (sound->path)
        file_reader_close(&sound->reader);
    free(sound->path);
    *sound = (struct sound){0};
}

static int check_file(struct sound *sound, const char *spec, const char *id, const char **wrong, struct error *err)
{
    const size_t most = LINE_SIZE + INTRO_SIZE + strlen(spec);
    const uintmax_t there = sound->reader.identity.size;
    const size_t size = there < most ? (size_t)there : most;
    bool holds;
    if (check_seal(&sound->reader, &holds, err) < 0)
        return -1;
    *wrong = unsound;
    if (!holds)
        return 0;
    char *text = malloc(size + 1);
    if (!text)
        return error_out_of_memory(err, sound->path);
    int result = file_reader_take(&sound->reader, text, size, err);
    if (result == 0) {
        text[size] = '\0';
        *wrong = check_intro(text, id, &sound->head, &sound->state_at);
    }
    free(text);
    return result == 0 && !*wrong ? file_reader_seek(&sound->reader, sound->state_at, err) : result;
}

/* As checkpoint_look; one that is found is to be closed. */
static enum store_found sound_open(struct sound *sound, const struct store *store, const char *spec,
                                   enum checkpoint_kind kind, struct error *err)
{
    char id[STORE_ID_SIZE];
    const char *wrong = NULL;
    store_id(spec, id);
    *sound = (struct sound){.path = store_path(store, id, endings[kind], err)};
    if (!sound->path)
        return STORE_FAILED;
    if (file_reader_open(&sound->reader, sound->path, err) < 0) {
        const bool there = sound->reader.identity.exists;
        free(sound->path);
        *sound = (struct sound){0};
        return err->code != ERROR_DATA ? STORE_FAILED : there ? STORE_DAMAGED : STORE_MISSING;
    }
    const int result = check_file(sound, spec, id, &wrong, err);
    if (result == 0 && !wrong)
        return STORE_FOUND;
    if (result == 0)
        error_set(err, ERROR_DATA, "cannot use the checkpoint '%s': %s", sound->path, wrong);
    sound_close(sound);
    return result == 0 ? STORE_DAMAGED : STORE_FAILED;
}

enum store_found checkpoint_look(const struct store *store, const char *spec, enum checkpoint_kind kind,
                                 struct checkpoint_head *head, struct error *err)
{
    struct sound sound;
    const enum store_found found = sound_open(&sound, store, spec, kind, err);
    *head = sound.head;
    sound_close(&sound);
    return found;
}

static const char *spec_of(const struct checkpoint *c, enum checkpoint_kind kind)
{
    return kind == CHECKPOINT_LAST ? c->stem_spec : c->spec;
}

static void tell_ignored(const struct checkpoint *c, struct error *what)
{
    error_add(what, "; it is ignored");
    if (c->note)
        c->note(c->note_to, what->message);
}

/* One to take up, if there is any. */
static int look_for(struct sound *sound, const struct checkpoint *c, enum checkpoint_kind kind, struct error *err)
{
    struct error what;
    const enum store_found found = sound_open(sound, c->store, spec_of(c, kind), kind, &what);
    if (found == STORE_DAMAGED)
        tell_ignored(c, &what);
    if (found == STORE_FAILED)
        *err = what;
    return found == STORE_FAILED ? -1 : 0;
}

/* Take up the state of a file; c->begun says where it stands if it was read. */
static int take_up(struct checkpoint *c, struct sound *sound, checkpoint_state_fn *state, void *context,
                   struct error *err)
{
    struct error what;
    struct checkpoint_stream stream = {.reading = true,
                                       .from = &sound->reader,
                                       .size = sound->reader.identity.size - sound->state_at - SEAL_SIZE,
                                       .err = err};
    state(context, &stream);
    assert(!checkpoint_goes_on(&stream) || stream.passed == stream.size);
    if (stream.failed)
        return -1;
    if (!stream.other) {
        c->begun = sound->head;
        return 0;
    }
    error_set(&what, ERROR_DATA,
              "cannot use the checkpoint '%s': it does not fit this run: was it written with other options, or by "
              "another version?",
              sound->path);
    tell_ignored(c, &what);
    return 0;
}

int checkpoint_resume(struct checkpoint *c, bool prolongs, checkpoint_state_fn *state, void *context, struct error *err)
{
    struct sound begun = {0}, last = {0};
    if (!c->taken_up)
        return 0;
    int result = look_for(&begun, c, CHECKPOINT_BEGUN, err);
    if (result == 0 && prolongs && c->stem_id)
        result = look_for(&last, c, CHECKPOINT_LAST, err);
    if (last.head.done > c->units) /* of a longer run it is no beginning */
        sound_close(&last);
    struct sound *const turns[] = {last.head.done > begun.head.done ? &last : &begun,
                                   last.head.done > begun.head.done ? &begun : &last};
    for (int turn = 0; turn < 2 && result == 0 && c->begun.done == 0; turn++)
        if (turns[turn]->path)
            result = take_up(c, turns[turn], state, context, err);
    sound_close(&begun);
    sound_close(&last);
    c->kept = c->begun.done;
    return result;
}

/* ---- writing ---- */

static int write_file(const char *path, const char *spec, const struct checkpoint_head *head,
                      checkpoint_state_fn *state, void *context, struct error *err)
{
    struct sha256 sha;
    struct file_writer writer;
    char line[LINE_SIZE], digest[SHA256_HEX_SIZE], end[SEAL_SIZE + 1];
    struct checkpoint_stream stream = {.to = &writer, .sha = &sha, .err = err};
    const int length = print_line(line, head);
    char *intro = malloc(strlen(spec) + INTRO_SIZE + 1);
    if (!intro)
        return error_out_of_memory(err, path);
    const int intro_size = sprintf(intro, "[spec]\n%s[state]\n", spec);
    if (file_writer_open(&writer, path, err) < 0) {
        free(intro);
        return -1;
    }
    sha256_init(&sha);
    checkpoint_bytes(&stream, line, (size_t)length);
    checkpoint_bytes(&stream, intro, (size_t)intro_size);
    free(intro);
    state(context, &stream);
    if (stream.failed) {
        file_writer_drop(&writer);
        return -1;
    }
    sha256_final(&sha, digest);
    seal_line(end, digest);
    file_writer_add(&writer, end, SEAL_SIZE);
    return file_writer_close(&writer, err);
}

static int keep(const struct checkpoint *c, enum checkpoint_kind kind, uint64_t done, checkpoint_state_fn *state,
                void *context, struct error *err)
{
    const struct checkpoint_head head = {done, c->units, checkpoint_seconds(c)};
    const char *id = kind == CHECKPOINT_LAST ? c->stem_id : c->id;
    char *path = store_path(c->store, id, endings[kind], err);
    int result = path ? store_create_folder(c->store, id, true, err) : -1;
    if (result == 0)
        result = store_clear(c->store, id, endings[kind], err);
    if (result == 0)
        result = write_file(path, spec_of(c, kind), &head, state, context, err);
    free(path);
    return result;
}

/* Told once for all runs. */
static void tell_failure(const struct checkpoint *c, const struct error *err)
{
    char text[sizeof err->message + 128];
    if (!c->note || (c->told && atomic_exchange(c->told, true)))
        return;
    snprintf(text, sizeof text, "no checkpoint: %s; the runs go on without", err->message);
    c->note(c->note_to, text);
}

static uint64_t now_ms(const struct checkpoint *c)
{
    return c->clock_ms ? atomic_load_explicit(c->clock_ms, memory_order_relaxed) : 0;
}

void checkpoint_start(struct checkpoint *c)
{
    c->start_s = clock_now_s();
    c->last_ms = now_ms(c);
    c->interval_ms = CHECKPOINT_INTERVAL_S * 1000;
}

void checkpoint_keep(struct checkpoint *c, uint64_t done, checkpoint_state_fn *state, void *context)
{
    struct error err;
    const double start = clock_now_s();
    if (c->written && keep(c, CHECKPOINT_BEGUN, done, state, context, &err) == 0)
        c->kept = done;
    else if (c->written)
        tell_failure(c, &err);
    c->last_s = clock_now_s();
    c->cost_s = c->last_s - start;
    const double cost_ms = c->cost_s * 1000 * CHECKPOINT_INTERVAL_COST;
    c->last_ms = now_ms(c);
    c->interval_ms = CHECKPOINT_INTERVAL_S * 1000;
    if (cost_ms > (double)c->interval_ms)
        c->interval_ms = (uint64_t)cost_ms;
}

void checkpoint_stop(struct checkpoint *c, uint64_t done, checkpoint_state_fn *state, void *context)
{
    /* One that was taken up before is written however short the time was: else a run that is stopped again and again
     * would never end. */
    const bool worth =
        c->rules.every > 0 || c->begun.done > 0 || clock_now_s() - c->start_s >= (double)CHECKPOINT_WORTH_S;
    c->reached = done;
    if (worth && done > c->kept)
        checkpoint_keep(c, done, state, context);
}

int checkpoint_keep_last(struct checkpoint *c, checkpoint_state_fn *state, void *context, struct error *err)
{
    struct checkpoint_head head;
    if (!c->rules.keep_last || !c->stem_id)
        return 0;
    if (checkpoint_look(c->store, c->stem_spec, CHECKPOINT_LAST, &head, err) == STORE_FAILED)
        return -1;
    return head.done >= c->units ? 0 : keep(c, CHECKPOINT_LAST, c->units, state, context, err);
}

double checkpoint_seconds(const struct checkpoint *c)
{
    return c->begun.seconds + clock_now_s() - c->start_s;
}

void checkpoint_remove(const struct store *store, const char *id)
{
    struct error ignored; /* it is removed by the next call (store_create) */
    char *path = store_path(store, id, STORE_CHECKPOINT, &ignored);
    if (path)
        file_remove(path, &ignored);
    free(path);
}
