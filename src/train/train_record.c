#include "dlexp/train/train_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/run/record_audit.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_confusion.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_measure.h"

static const char *const end_names[TRAIN_ENDS] = {
    [TRAIN_COMPLETED] = "completed",
    [TRAIN_DIVERGED] = "diverged",
    [TRAIN_DIVERGED_IN_TEST] = "diverged_in_test",
    [TRAIN_DIVERGED_IN_VALIDATION] = "diverged_in_validation",
};

const char *train_end_name(enum train_end end)
{
    return end_names[end];
}

/* The end of this name; TRAIN_ENDS if there is none. */
static enum train_end find_end(const char *name)
{
    enum train_end end = TRAIN_COMPLETED;
    while (end < TRAIN_ENDS && strcmp(name, end_names[end]) != 0)
        end++;
    return end;
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
        count += epochs->cells[i * epochs->columns + EPOCH_SEGMENT] == (double)segment;
    return count;
}

struct train_ending train_ending_of(const struct record *record, size_t segment)
{
    char name[64];
    const char *status = record_get(record, segment_name(name, segment, "status"));
    const struct record_table *epochs = record_table_find(record, "epochs");
    struct train_ending ending = {find_end(status), 0, 0};
    if (ending.end == TRAIN_DIVERGED)
        ending.step = strtoull(record_get(record, segment_name(name, segment, "diverged_step")), NULL, 10);
    else if (ending.end != TRAIN_COMPLETED)
        ending.epoch = epochs_of(epochs, segment) + 1;
    return ending;
}

struct train_score train_test_score(const struct record *record, size_t segment, const char *key)
{
    char name[64], loss[64];
    snprintf(name, sizeof name, "segment.%zu.%s_accuracy_percent", segment, key);
    snprintf(loss, sizeof loss, "segment.%zu.%s_loss", segment, key);
    return (struct train_score){record_get_real(record, loss), record_get_real(record, name)};
}

const char *train_ending_text(struct train_ending ending, char text[48])
{
    *text = '\0';
    if (ending.end == TRAIN_DIVERGED)
        snprintf(text, 48, "step %llu", (unsigned long long)ending.step);
    else if (ending.end != TRAIN_COMPLETED)
        snprintf(text, 48, "%s of epoch %zu", ending.end == TRAIN_DIVERGED_IN_TEST ? "test" : "validation",
                 ending.epoch);
    return text;
}

/* What the check of one run goes through. */
struct check {
    struct record_audit audit;
    const struct train_config *config;
    const struct dataset *data;
    const struct record_table *epochs;
    uint64_t steps_an_epoch;
    size_t row;      /* of epochs, that comes next */
    size_t eval_row; /* of evals */
};

/* Accuracy of the split that selects, in a row of epochs; another column where it is a validation split. */
static double selection_percent(const struct check *c, size_t row)
{
    double values[TRAIN_MEASURES];
    train_measure_values(c->config, c->epochs->cells + row * c->epochs->columns, 0, values);
    return values[c->config->selection.validation > 0 ? EPOCH_VALIDATION_ACCURACY : EPOCH_TEST_ACCURACY];
}

static bool is_percent(double value)
{
    return value >= 0 && value <= 100;
}

/* The segment's rows of the table `epochs`, which follow those of the segments before.  Returns its best epoch. */
static size_t check_epochs(struct check *c, size_t segment, uint64_t count)
{
    double best = -1;
    size_t best_epoch = 0;
    for (size_t k = 1; c->epochs && k <= count && c->row < c->epochs->rows; k++, c->row++) {
        const double *cells = c->epochs->cells + c->row * c->epochs->columns;
        const double accuracy = selection_percent(c, c->row);
        if (cells[EPOCH_SEGMENT] != (double)segment || cells[EPOCH_NUMBER] != (double)k)
            record_audit_fail(&c->audit,
                              "expected epoch %zu of segment %zu in row %zu of its table 'epochs', got others", k,
                              segment, c->row + 1);
        if (!is_percent(cells[EPOCH_TRAIN_ACCURACY]) || !is_percent(accuracy))
            record_audit_fail(&c->audit, "expected accuracies of 0 to 100 %% in its table 'epochs', got others");
        if (accuracy > best) {
            best = accuracy;
            best_epoch = k;
        }
    }
    return best_epoch;
}

/* What the net does on a test set that chose nothing.  Returns the accuracy. */
static double check_score(struct check *c, size_t segment, const char *key, bool finite)
{
    char name[64], full[32];
    snprintf(full, sizeof full, "%s_accuracy_percent", key);
    const double percent = record_audit_real(&c->audit, segment_name(name, segment, full));
    if (!is_percent(percent))
        record_audit_fail(&c->audit, "expected 0 to 100 %% as its value '%s', got others", name);
    snprintf(full, sizeof full, "%s_loss", key);
    segment_name(name, segment, full);
    if ((finite || record_get(c->audit.record, name)) && !isfinite(record_audit_real(&c->audit, name)))
        record_audit_fail(&c->audit, "expected a finite number as its value '%s', got another", name);
    return percent;
}

/* The best epoch, its model, and where the test set did not choose it what it does there. */
static void check_best(struct check *c, size_t segment, size_t best_epoch)
{
    char name[64];
    record_audit_integer(&c->audit, segment_name(name, segment, "best_epoch"), best_epoch, best_epoch);
    record_audit_sha256(&c->audit, segment_name(name, segment, "best_model_sha256"), false);
    if (c->config->selection.validation > 0)
        check_score(c, segment, TRAIN_BEST_TEST, false);
}

/*
 * The segment's batch losses, as many as its ending says; where they were read, all finite but the last of a run that
 * diverged; and the evaluations between them.  Returns its whole epochs.
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
        train_evals_check(&c->audit, c->config, c->data, segment, step - 1, &c->eval_row);
        if (count > 0 && steps->cells && isfinite(steps->cells[count - 1]))
            record_audit_fail(&c->audit, "expected its table '%s' to end where it diverged, got a finite loss", name);
        return (step - 1) / c->steps_an_epoch;
    }
    record_audit_finite(&c->audit, steps, 0, count);
    train_evals_check(&c->audit, c->config, c->data, segment, count < all ? count : all, &c->eval_row);
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
        if (cells[0] != epoch[EPOCH_SEGMENT] || cells[1] != epoch[EPOCH_NUMBER] || cells[2] != (double)(i % hidden + 1))
            record_audit_fail(&c->audit, "expected layer %zu of an epoch in row %zu of its table '%s', got others",
                              i % hidden + 1, i + 1, layers->name);
    }
}

/* Test images that the segment's net gets right at its end, by its accuracy: the last row's, or of a test set that is
 * looked at once the value's. */
static size_t last_correct(const struct check *c, size_t epochs, double tested_percent)
{
    const double share = (double)c->data->test.count / 100, k = (double)epochs;
    if (c->config->selection.validation > 0)
        return (size_t)llround(tested_percent * share);
    const double last = selection_percent(c, c->row - 1);
    if (!train_protocol_row(c->config->protocol)->averages)
        return (size_t)llround(last * share);
    const long long before = epochs > 1 ? llround(selection_percent(c, c->row - 2) * share * (k - 1)) : 0;
    return (size_t)(llround(last * share * k) - before);
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
    layer_norm_name(config->norms.values[segment % config->norms.count], &norm);
    check_text(c, segment, "norm", norm);
    check_text(c, segment, "lr", number_format_real(lr, config->lrs.values[segment / config->norms.count]));
    const char *status = record_audit_value(&c->audit, segment_name(name, segment, "status"), false);
    const enum train_end end = find_end(status);
    if (end == TRAIN_ENDS || (end == TRAIN_DIVERGED_IN_VALIDATION && config->selection.validation == 0))
        record_audit_fail(&c->audit, "expected the value '%s' to be a status, got '%.40s'", name, status);
    const size_t parameters = parameters_of(c, config->norms.values[segment % config->norms.count]);
    record_audit_integer(&c->audit, segment_name(name, segment, "parameters"), parameters, parameters);
    record_audit_sha256(&c->audit, segment_name(name, segment, "initial_weights_sha256"), false);
    if (end == TRAIN_COMPLETED) /* the first versions did not note it */
        record_audit_sha256(&c->audit, segment_name(name, segment, "final_weights_sha256"), true);
    const uint64_t epochs = check_steps(c, segment, end);
    const size_t best_epoch = check_epochs(c, segment, epochs);
    if (epochs > 0)
        check_best(c, segment, best_epoch);
    if (end == TRAIN_COMPLETED) {
        const double tested = config->selection.validation > 0 ? check_score(c, segment, TRAIN_TEST, true) : 0;
        const size_t correct = c->audit.wrong[0] ? 0 : last_correct(c, config->epochs, tested);
        if (!c->audit.wrong[0])
            train_bits_check(&c->audit, segment, c->data->test.count, correct);
        if (!c->audit.wrong[0])
            train_confusion_check(&c->audit, segment, c->data->classes, c->data->test.count, correct);
    }
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
    train_evals_check_end(&c.audit, config, c.eval_row);
    check_layers(&c);
    return record_audit_end(&c.audit, err);
}
