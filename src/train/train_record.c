#include "dlexp/train/train_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/record_audit.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_measure.h"

/* Columns of the table `epochs`. */
enum { SEGMENT, EPOCH, TRAIN_ACCURACY = 3, TEST_ACCURACY = 5 };

const char *train_end_name(enum train_end end)
{
    switch (end) {
    case TRAIN_COMPLETED:
        break;
    case TRAIN_DIVERGED:
        return "diverged";
    case TRAIN_DIVERGED_IN_TEST:
        return "diverged_in_test";
    }
    return "completed";
}

/* The name of a segment's value or table. */
static const char *segment_name(char name[64], size_t segment, const char *key)
{
    snprintf(name, 64, "segment.%zu.%s", segment, key);
    return name;
}

static const char *steps_name(char name[64], size_t segment)
{
    snprintf(name, 64, "steps.%zu", segment);
    return name;
}

/* Rows of the table `epochs` that are the segment's. */
static size_t epochs_of(const struct record_table *epochs, size_t segment)
{
    size_t count = 0;
    for (size_t i = 0; i < epochs->rows; i++)
        count += epochs->cells[i * epochs->columns + SEGMENT] == (double)segment;
    return count;
}

struct train_ending train_ending_of(const struct record *record, size_t segment)
{
    char name[64];
    const char *status = record_get(record, segment_name(name, segment, "status"));
    const char *step = record_get(record, segment_name(name, segment, "diverged_step"));
    const struct record_table *epochs = record_table_find(record, "epochs");
    struct train_ending ending = {TRAIN_COMPLETED, 0, 0};
    if (status && step && strcmp(status, train_end_name(TRAIN_DIVERGED)) == 0) {
        ending.end = TRAIN_DIVERGED;
        ending.step = strtoull(step, NULL, 10);
    } else if (status && epochs && strcmp(status, train_end_name(TRAIN_DIVERGED_IN_TEST)) == 0) {
        ending.end = TRAIN_DIVERGED_IN_TEST;
        ending.epoch = epochs_of(epochs, segment) + 1;
    }
    return ending;
}

const char *train_ending_text(struct train_ending ending, char text[48])
{
    *text = '\0';
    if (ending.end == TRAIN_DIVERGED)
        snprintf(text, 48, "step %llu", (unsigned long long)ending.step);
    else if (ending.end == TRAIN_DIVERGED_IN_TEST)
        snprintf(text, 48, "test of epoch %zu", ending.epoch);
    return text;
}

/* What the check of one run goes through. */
struct check {
    struct record_audit audit;
    const struct train_config *config;
    const struct dataset *data;
    const struct record_table *epochs;
    uint64_t steps_an_epoch;
    size_t row; /* of epochs, that comes next */
};

/* The segment's rows of the table `epochs`, which follow those of the segments before. */
static void check_epochs(struct check *c, size_t segment, uint64_t count)
{
    char name[64];
    double best = -1;
    size_t best_epoch = 0;
    for (size_t k = 1; c->epochs && k <= count && c->row < c->epochs->rows; k++, c->row++) {
        const double *cells = c->epochs->cells + c->row * c->epochs->columns;
        if (cells[SEGMENT] != (double)segment || cells[EPOCH] != (double)k)
            record_audit_fail(&c->audit,
                              "expected epoch %zu of segment %zu in row %zu of its table 'epochs', got others", k,
                              segment, c->row + 1);
        if (!(cells[TRAIN_ACCURACY] >= 0 && cells[TRAIN_ACCURACY] <= 100 && cells[TEST_ACCURACY] >= 0 &&
              cells[TEST_ACCURACY] <= 100))
            record_audit_fail(&c->audit, "expected accuracies of 0 to 100 %% in its table 'epochs', got others");
        if (cells[TEST_ACCURACY] > best) {
            best = cells[TEST_ACCURACY];
            best_epoch = k;
        }
    }
    if (count > 0) {
        record_audit_integer(&c->audit, segment_name(name, segment, "best_epoch"), best_epoch, best_epoch);
        record_audit_sha256(&c->audit, segment_name(name, segment, "best_model_sha256"), false);
    }
}

/*
 * The segment's batch losses, as many as its ending says; where they were read, all finite but the last of a run that
 * diverged.  Returns its whole epochs.
 */
static uint64_t check_steps(struct check *c, size_t segment, enum train_end end)
{
    char name[64], key[64];
    const uint64_t all = c->steps_an_epoch * c->config->epochs;
    const struct record_table *steps =
        record_audit_table(&c->audit, steps_name(name, segment), TRAIN_STEPS_HEADER, RECORD_SINGLE | RECORD_BULK);
    const uint64_t count = steps ? steps->rows : 0;
    if (end == TRAIN_DIVERGED) {
        const uint64_t step = record_audit_integer(&c->audit, segment_name(key, segment, "diverged_step"), 1, all);
        record_audit_rows(&c->audit, steps, step);
        if (count == step)
            record_audit_finite(&c->audit, steps, 0, step - 1);
        if (count > 0 && steps->cells && isfinite(steps->cells[count - 1]))
            record_audit_fail(&c->audit, "expected its table '%s' to end where it diverged, got a finite loss", name);
        return (step - 1) / c->steps_an_epoch;
    }
    record_audit_finite(&c->audit, steps, 0, count);
    if (end == TRAIN_COMPLETED) {
        record_audit_rows(&c->audit, steps, all);
        return c->config->epochs;
    }
    if (count == 0 || count > all || count % c->steps_an_epoch != 0)
        record_audit_fail(&c->audit, "expected the losses of whole epochs in its table '%s', got %llu", name,
                          (unsigned long long)count);
    return count == 0 ? 0 : (count - 1) / c->steps_an_epoch;
}

/*
 * The layers of each row of the table `epochs`, where the run was asked for them.  That their numbers are finite is not
 * asked: a unit whose bias became -inf is silent for a ReLU, and the losses go on.
 */
static void check_layers(struct check *c)
{
    const size_t hidden = c->config->hidden.count;
    const struct record_table *layers = record_table_find(c->audit.record, TRAIN_LAYERS_TABLE);
    if (!layers)
        return;
    layers = record_audit_table(&c->audit, TRAIN_LAYERS_TABLE, layers->header, RECORD_BULK);
    if (!train_layers_noted(c->audit.record)) /* nobody reads it */
        return;
    record_audit_rows(&c->audit, layers, c->row * hidden);
    for (size_t i = 0; layers && layers->cells && c->epochs && i < layers->rows && i < c->row * hidden; i++) {
        const double *cells = layers->cells + i * layers->columns;
        const double *epoch = c->epochs->cells + i / hidden * c->epochs->columns;
        if (cells[0] != epoch[SEGMENT] || cells[1] != epoch[EPOCH] || cells[2] != (double)(i % hidden + 1))
            record_audit_fail(&c->audit, "expected layer %zu of an epoch in row %zu of its table '%s', got others",
                              i % hidden + 1, i + 1, layers->name);
    }
}

/* Test images that the segment's last epoch got right, from the last of its rows. */
static size_t last_correct(const struct check *c, size_t epochs)
{
    const double *last = c->epochs->cells + (c->row - 1) * c->epochs->columns;
    const double share = (double)c->data->test.count / 100, k = (double)epochs;
    if (!train_protocol_row(c->config->protocol)->averages)
        return (size_t)llround(last[TEST_ACCURACY] * share);
    const long long all = llround(last[TEST_ACCURACY] * share * k);
    const double *before = last - c->epochs->columns;
    return (size_t)(all - (epochs > 1 ? llround(before[TEST_ACCURACY] * share * (k - 1)) : 0));
}

static void check_text(struct check *c, size_t segment, const char *key, const char *expected)
{
    char name[64];
    const char *text = record_audit_value(&c->audit, segment_name(name, segment, key), false);
    if (strcmp(text, expected) != 0)
        record_audit_fail(&c->audit, "expected the value '%s' to be %s, got '%.40s'", name, expected, text);
}

static size_t parameters_of(const struct check *c, size_t norm)
{
    struct memory measure = {0};
    struct mlp net;
    const struct mlp_shape shape = train_shape(c->config, norm, c->data);
    mlp_layout(&net, &shape, 1, 1, &measure);
    return net.parameters;
}

static void check_segment(struct check *c, size_t segment)
{
    const struct train_config *config = c->config;
    char name[64], lr[NUMBER_TEXT_SIZE];
    const char *norm = "";
    enum train_end end = TRAIN_COMPLETED;
    layer_norm_name(config->norms.values[segment % config->norms.count], &norm);
    check_text(c, segment, "norm", norm);
    check_text(c, segment, "lr", number_format_real(lr, config->lrs.values[segment / config->norms.count]));
    const char *status = record_audit_value(&c->audit, segment_name(name, segment, "status"), false);
    while (strcmp(status, train_end_name(end)) != 0 && end < TRAIN_DIVERGED_IN_TEST)
        end++;
    if (strcmp(status, train_end_name(end)) != 0)
        record_audit_fail(&c->audit, "expected the value '%s' to be a status, got '%.40s'", name, status);
    const size_t parameters = parameters_of(c, config->norms.values[segment % config->norms.count]);
    record_audit_integer(&c->audit, segment_name(name, segment, "parameters"), parameters, parameters);
    record_audit_sha256(&c->audit, segment_name(name, segment, "initial_weights_sha256"), false);
    if (end == TRAIN_COMPLETED) /* the first versions did not note it */
        record_audit_sha256(&c->audit, segment_name(name, segment, "final_weights_sha256"), true);
    check_epochs(c, segment, check_steps(c, segment, end));
    if (end == TRAIN_COMPLETED && !c->audit.wrong[0])
        train_bits_check(&c->audit, segment, c->data->test.count, last_correct(c, config->epochs));
}

/*
 * What format 1 says is said as today: batch losses are bulk, and the first versions' `diverged`, with the last step,
 * was also of losses that were finite until the test.
 */
static void renew(struct record *record, size_t segments)
{
    char name[64], key[64];
    for (size_t s = 0; s < segments; s++)
        for (size_t i = 0; i < record->table_count; i++) {
            struct record_table *table = &record->tables[i];
            if (strcmp(table->name, steps_name(name, s)) != 0)
                continue;
            table->flags |= RECORD_BULK;
            const char *status = record_get(record, segment_name(name, s, "status"));
            const char *step = record_get(record, segment_name(key, s, "diverged_step"));
            if (!status || !step || strcmp(status, train_end_name(TRAIN_DIVERGED)) != 0 || table->columns != 1 ||
                table->rows == 0 || table->rows != strtoull(step, NULL, 10) || !isfinite(table->cells[table->rows - 1]))
                continue;
            record_change(record, name, train_end_name(TRAIN_DIVERGED_IN_TEST));
            record_drop(record, key);
        }
}

int train_check_record(const struct train_config *config, const struct dataset *data, struct record *record,
                       struct error *err)
{
    if (record->format == 1)
        renew(record, train_segments(config));
    if (record->failed)
        return error_out_of_memory(err, "a run's record");
    struct check c = {.audit = {.record = record}, .config = config, .data = data};
    c.steps_an_epoch = train_epoch_steps(config, data);
    char header[TRAIN_MEASURES_HEADER_SIZE];
    c.epochs = record_audit_table(&c.audit, "epochs", train_measure_header(config, header), 0);
    record_audit_finite(&c.audit, c.epochs, 0, c.epochs ? c.epochs->rows : 0);
    for (size_t s = 0; s < train_segments(config); s++)
        check_segment(&c, s);
    record_audit_rows(&c.audit, c.epochs, c.row);
    check_layers(&c);
    return record_audit_end(&c.audit, err);
}
