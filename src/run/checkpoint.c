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

/* The beginning of a file that was opened, as a string. */
static int read_beginning(struct file_reader *reader, char text[LINE_SIZE], struct error *err)
{
    const size_t size = reader->identity.size < LINE_SIZE - 1 ? (size_t)reader->identity.size : LINE_SIZE - 1;
    text[size] = '\0';
    return file_reader_take(reader, text, size, err);
}

bool checkpoint_look(const struct store *store, const char *id, enum checkpoint_kind kind, struct checkpoint_head *head)
{
    struct error ignored;
    struct file_reader reader;
    char text[LINE_SIZE];
    char *path = store_path(store, id, endings[kind], &ignored);
    *head = (struct checkpoint_head){0};
    const bool there = path && file_reader_open(&reader, path, &ignored) == 0;
    if (there) {
        if (read_beginning(&reader, text, &ignored) == 0)
            read_line(text, head);
        file_reader_close(&reader);
    }
    free(path);
    return there;
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
    return file_reader_rewind(reader, err);
}

/* Read up to the state, which must be of this spec: what is wrong, or NULL.  *failed: the system refused. */
static const char *read_intro(struct file_reader *reader, const char *spec, struct checkpoint_head *head, bool *failed,
                              struct error *err)
{
    char text[LINE_SIZE];
    const size_t size = strlen(spec) + INTRO_SIZE;
    bool sound;
    *failed = check_seal(reader, &sound, err) < 0 || (sound && read_beginning(reader, text, err) < 0);
    if (*failed)
        return NULL;
    if (!sound)
        return "its checksum is not as written; it was damaged";
    const size_t line = read_line(text, head);
    if (line == 0)
        return "its format is not 1, the one that is known here; was it written by a newer dlexp?";
    if (reader->identity.size < line + size + SEAL_SIZE)
        return "it is of another run than its name says; was it renamed?";
    char *expected = malloc(size + 1), *there = malloc(size);
    *failed = !expected || !there;
    if (*failed)
        error_out_of_memory(err, reader->path);
    else
        *failed = file_reader_rewind(reader, err) < 0 || file_reader_take(reader, text, line, err) < 0 ||
                  file_reader_take(reader, there, size, err) < 0;
    bool same = false;
    if (!*failed) {
        snprintf(expected, size + 1, "[spec]\n%s[state]\n", spec);
        same = memcmp(there, expected, size) == 0;
    }
    free(expected);
    free(there);
    return *failed || same ? NULL : "it is of another run than its name says; was it renamed?";
}

static const char *spec_of(const struct checkpoint *c, enum checkpoint_kind kind)
{
    return kind == CHECKPOINT_LAST ? c->stem_spec : c->spec;
}

static char *path_of(const struct checkpoint *c, enum checkpoint_kind kind, struct error *err)
{
    return store_path(c->store, kind == CHECKPOINT_LAST ? c->stem_id : c->id, endings[kind], err);
}

static void tell(const struct checkpoint *c, const char *what, const char *path, const char *wrong, const char *then)
{
    char text[1024];
    snprintf(text, sizeof text, "%s '%s': %s; %s", what, path, wrong, then);
    if (c->note)
        c->note(c->note_to, text);
}

/* Take up the state in this file; c->begun says where it stands if it was read. */
static int take_up(struct checkpoint *c, enum checkpoint_kind kind, checkpoint_state_fn *state, void *context,
                   struct error *err)
{
    struct file_reader reader;
    struct checkpoint_head head;
    bool failed = false;
    char *path = path_of(c, kind, err);
    if (!path)
        return -1;
    if (file_reader_open(&reader, path, err) < 0) {
        free(path);
        return err->code == ERROR_DATA ? 0 : -1; /* it is gone, or no file */
    }
    const char *wrong = read_intro(&reader, spec_of(c, kind), &head, &failed, err);
    if (!failed && !wrong) {
        char line[LINE_SIZE];
        const size_t before = (size_t)print_line(line, &head) + strlen(spec_of(c, kind)) + INTRO_SIZE;
        struct checkpoint_stream stream = {
            .reading = true, .from = &reader, .size = reader.identity.size - before - SEAL_SIZE, .err = err};
        state(context, &stream);
        assert(!checkpoint_goes_on(&stream) || stream.passed == stream.size);
        failed = stream.failed;
        if (stream.other)
            wrong = "it does not fit this run: was it written with other options, or by another version?";
        else if (!failed)
            c->begun = head;
    }
    if (!failed && wrong)
        tell(c, "cannot use the checkpoint", path, wrong, "it is ignored");
    file_reader_close(&reader);
    free(path);
    return failed ? -1 : 0;
}

int checkpoint_resume(struct checkpoint *c, bool prolongs, checkpoint_state_fn *state, void *context, struct error *err)
{
    struct checkpoint_head begun, last = {0};
    if (!c->taken_up)
        return 0;
    const bool has_begun = checkpoint_look(c->store, c->id, CHECKPOINT_BEGUN, &begun),
               has_last = prolongs && c->stem_id && checkpoint_look(c->store, c->stem_id, CHECKPOINT_LAST, &last) &&
                          last.done <= c->units; /* of a longer run it is no beginning */
    const bool last_first = has_last && last.done > begun.done;
    for (int turn = 0; turn < 2 && c->begun.done == 0; turn++) {
        const enum checkpoint_kind kind = (turn == 0) == last_first ? CHECKPOINT_LAST : CHECKPOINT_BEGUN;
        if ((kind == CHECKPOINT_LAST ? has_last : has_begun) && take_up(c, kind, state, context, err) < 0)
            return -1;
    }
    c->kept = c->begun.done;
    return 0;
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
    char *path = path_of(c, kind, err);
    const char *id = kind == CHECKPOINT_LAST ? c->stem_id : c->id;
    int result = path ? store_create_folder(c->store, id, true, err) : -1;
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
    const double cost_ms = (clock_now_s() - start) * 1000 * CHECKPOINT_INTERVAL_COST;
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

/* *there: a sound one of this run's stem that is as far as this run, or further. */
static int look_for_last(const struct checkpoint *c, bool *there, struct error *err)
{
    struct checkpoint_head head;
    struct file_reader reader;
    bool failed = false;
    *there = false;
    char *path = path_of(c, CHECKPOINT_LAST, err);
    if (!path)
        return -1;
    if (file_reader_open(&reader, path, err) == 0) {
        *there = !read_intro(&reader, c->stem_spec, &head, &failed, err) && !failed && head.done >= c->units;
        file_reader_close(&reader);
    } else {
        failed = err->code != ERROR_DATA; /* there is none */
    }
    free(path);
    return failed ? -1 : 0;
}

int checkpoint_keep_last(struct checkpoint *c, checkpoint_state_fn *state, void *context, struct error *err)
{
    bool there;
    if (!c->rules.keep_last || !c->stem_id)
        return 0;
    if (look_for_last(c, &there, err) < 0)
        return -1;
    return there ? 0 : keep(c, CHECKPOINT_LAST, c->units, state, context, err);
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
