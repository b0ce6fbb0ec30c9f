/* A run of training as bytes, and back. */
#include "dlexp/train/train_checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/run/checkpoint.h"
#include "dlexp/train/train_bits.h"

/* What the bytes below mean; raised when they mean something else. */
enum { STATE_FORMAT = 1 };

/* ---- which runs are beginnings of others ---- */

static bool prolongs(const struct train_config *config)
{
    return !schedule_by_epochs(&config->schedule) && train_segments(config) == 1;
}

int train_check_prolongs(const struct train_config *config, struct error *err)
{
    const char *schedule = "";
    if (prolongs(config))
        return 0;
    if (train_segments(config) > 1)
        return error_set(err, ERROR_USAGE,
                         "--keep-last: expected a run of one net and rate, got --protocol %s with %zu, of which each "
                         "begins where --epochs of the one before end; leave it out, or give one --norm and --lr",
                         train_protocol_row(config->protocol)->name, train_segments(config));
    schedule_name(config->schedule.type, &schedule);
    return error_set(err, ERROR_USAGE,
                     "--keep-last: expected rates that do not depend on --epochs, got --schedule %s, whose first "
                     "epochs are others in a longer run; leave it out, or choose another schedule",
                     schedule);
}

/* ---- the state, written and read alike ---- */

#define MEMBER(stream, member) checkpoint_bytes(stream, &(member), sizeof(member))

/* What the run must have in common with the one that takes it up, beside its spec. */
static void facts(const struct train_state *run, struct checkpoint_stream *stream)
{
    const struct trainer *t = run->trainer;
    const size_t segments = train_segments(t->config);
    /* The order of bytes and the sizes of numbers are those of the machine. */
    const uint64_t common[] = {0x0102030405060708, sizeof(size_t), sizeof(real), STATE_FORMAT,
                               /* Models of segments that have ended are there, or nobody asked for them. */
                               segments > 1 && run->saves_models};
    checkpoint_same(stream, common, sizeof common);
    for (size_t n = 0; n < t->config->norms.count; n++)
        checkpoint_same(stream, &(uint64_t){mlp_state_count(&t->net[n])}, sizeof(uint64_t));
}

/* Whether such a place is one of this run: what is read is used as an index. */
static bool is_place(const struct trainer *t, const struct segment *s, const struct random *random)
{
    return s->at.epoch <= t->config->epochs + 1 && s->at.first <= train_images(t->config, t->data) &&
           (unsigned)s->end < TRAIN_ENDS && s->best_epoch <= t->config->epochs &&
           random->next <= sizeof random->state / sizeof *random->state;
}

/* Where the run is. */
static void place(const struct trainer *t, struct segment *s, struct random *random, struct checkpoint_stream *stream)
{
    const size_t segments = train_segments(t->config);
    MEMBER(stream, s->number);
    stream->other |= s->number > segments;
    if (stream->reading && checkpoint_goes_on(stream))
        *s = s->number < segments ? trainer_segment(t, s->number) : (struct segment){.number = segments};
    MEMBER(stream, *random);
    MEMBER(stream, s->steps);
    MEMBER(stream, s->at.epoch);
    MEMBER(stream, s->at.begun);
    MEMBER(stream, s->at.sampler);
    MEMBER(stream, s->at.first);
    MEMBER(stream, s->at.sums);
    MEMBER(stream, s->rate);
    MEMBER(stream, s->train_so_far);
    MEMBER(stream, s->test_so_far);
    MEMBER(stream, s->step);
    MEMBER(stream, s->end);
    MEMBER(stream, s->tested);
    MEMBER(stream, s->best_epoch);
    MEMBER(stream, s->best_accuracy);
    MEMBER(stream, s->best_batches);
    stream->other |= !is_place(t, s, random);
}

static void numbers(struct checkpoint_stream *stream, real *numbers_, size_t count)
{
    checkpoint_bytes(stream, numbers_, count * sizeof *numbers_);
}

/* What the nets and the optimizer have come to where the run is. */
static void nets(struct trainer *t, const struct segment *s, struct checkpoint_stream *stream)
{
    for (size_t n = 0; n < t->config->norms.count; n++) {
        numbers(stream, t->net[n].params, mlp_state_count(&t->net[n]));
        MEMBER(stream, t->net[n].batches_tracked);
    }
    checkpoint_bytes(stream, t->bits, train_bits_words(t->data->test.count) * sizeof *t->bits);
    checkpoint_bytes(stream, t->confusion, t->data->classes * t->data->classes * sizeof *t->confusion);
    if (!s->net)
        return;
    for (size_t i = 0; i < optimizer_row(t->config->optimizer)->states; i++)
        numbers(stream, t->state[i], s->net->count);
    if (s->best_epoch > 0)
        numbers(stream, t->best, mlp_state_count(s->net));
    if (s->probe && s->at.first == train_images(t->config, t->data)) /* it has looked, behind the epoch's last step */
        checkpoint_bytes(stream, s->probe->cells, train_probe_cells(s->probe) * sizeof *s->probe->cells);
}

static void write_record(const struct record *record, struct checkpoint_stream *stream)
{
    char *text;
    size_t size;
    if (record_text(record, &text, &size, stream->err) < 0) {
        stream->failed = true;
        return;
    }
    MEMBER(stream, size);
    checkpoint_bytes(stream, text, size);
    free(text);
}

/* Whether all tables that the run begins with are there, with the same columns. */
static bool has_tables(const struct record *record, const struct record *of)
{
    if (record->table_count < of->table_count)
        return false;
    for (size_t i = 0; i < of->table_count; i++) {
        const struct record_table *a = &record->tables[i], *b = &of->tables[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->header, b->header) != 0 || a->flags != b->flags)
            return false;
    }
    return true;
}

/* The record so far takes the place of the one that the run begins with.  steps: place of a table that it has; behind
 * it stand `rest` bytes, and no more. */
static void read_record(struct record *record, size_t steps, uintmax_t rest, struct checkpoint_stream *stream)
{
    struct record read;
    size_t size = 0;
    MEMBER(stream, size);
    const uintmax_t left = stream->size - stream->passed;
    stream->other |= left < rest || left - rest != size;
    if (!checkpoint_goes_on(stream))
        return;
    char *text = malloc(size + 1);
    if (!text) {
        error_out_of_memory(stream->err, "a run's record");
        stream->failed = true;
        return;
    }
    checkpoint_bytes(stream, text, size);
    if (!stream->failed && record_parse(&read, text, size, stream->from->path, stream->err) < 0) {
        stream->failed = stream->err->code != ERROR_DATA;
        stream->other = !stream->failed;
    }
    free(text);
    if (!checkpoint_goes_on(stream))
        return;
    stream->other = !has_tables(&read, record) || steps >= read.table_count;
    if (stream->other)
        record_free(&read);
    else
        record_take(record, &read);
}

/* All of it.  Reading, the run is touched only once nothing can be found that does not fit it. */
static void describe(void *run_, struct checkpoint_stream *stream)
{
    const struct train_state *run = run_;
    struct segment s = *run->segment;
    struct random random = run->trainer->random;
    struct checkpoint_stream count = {0};
    facts(run, stream);
    place(run->trainer, &s, &random, stream);
    if (checkpoint_goes_on(stream))
        nets(run->trainer, &s, &count);
    if (stream->reading)
        read_record(run->record, s.steps, count.passed, stream);
    else
        write_record(run->record, stream);
    if (!checkpoint_goes_on(stream))
        return;
    *run->segment = s;
    run->trainer->random = random;
    nets(run->trainer, &s, stream);
}

/* ---- when ---- */

static struct checkpoint *checkpoint_of(const struct train_state *run)
{
    return run->trainer->hooks ? run->trainer->hooks->checkpoint : NULL;
}

/* Steps of the run that are done, or will not be as a segment diverged. */
static uint64_t steps_done(const struct train_state *run)
{
    const struct train_config *config = run->trainer->config;
    return run->segment->number * config->epochs * (uint64_t)train_epoch_steps(config, run->trainer->data) +
           run->segment->step;
}

int train_checkpoint_resume(struct train_state *run, struct error *err)
{
    const struct trainer *t = run->trainer;
    struct checkpoint *checkpoint = checkpoint_of(run);
    if (!checkpoint)
        return 0;
    if (checkpoint_resume(checkpoint, prolongs(t->config), describe, run, err) < 0)
        return -1;
    if (run->segment->net)
        record_table_reserve(run->record, &run->record->tables[run->segment->steps],
                             t->config->epochs * train_epoch_steps(t->config, t->data));
    return run->record->failed ? error_out_of_memory(err, "a run's record") : 0;
}

void train_checkpoint_keep(struct train_state *run)
{
    if (checkpoint_of(run))
        checkpoint_keep(checkpoint_of(run), steps_done(run), describe, run);
}

void train_checkpoint_stop(struct train_state *run)
{
    if (checkpoint_of(run))
        checkpoint_stop(checkpoint_of(run), steps_done(run), describe, run);
}

int train_checkpoint_keep_last(struct train_state *run, struct error *err)
{
    if (!checkpoint_of(run) || run->segment->end != TRAIN_COMPLETED || !prolongs(run->trainer->config))
        return 0;
    return checkpoint_keep_last(checkpoint_of(run), describe, run, err);
}
