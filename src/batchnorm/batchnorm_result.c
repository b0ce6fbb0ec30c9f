/* How the result of dlexp batchnorm is to be read, and the result as JSON. */
#include "batchnorm_result.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_disagreement.h"
#include "batchnorm_groups.h"
#include "batchnorm_holding.h"
#include "batchnorm_published.h"
#include "dlexp/formats/json.h"

/* ---- notes ---- */

__attribute__((format(printf, 2, 3))) static void add_note(struct batchnorm *report, const char *format, ...)
{
    va_list args;
    assert(report->note_count < REPORT_NOTES);
    va_start(args, format);
    int length = vsnprintf(report->notes[report->note_count++], REPORT_NOTE_SIZE, format, args);
    va_end(args);
    assert(length >= 0 && length < REPORT_NOTE_SIZE);
    (void)length;
}

/* What the notebook's numbers are. */
static void add_notebook_notes(struct batchnorm *report)
{
    const struct train_config *train = &report->config->train;
    const size_t batches = train_epoch_steps(train, &report->data);
    add_note(
        report,
        "mean of epochs 1..k: what the homework's notebook took for the accuracy of epoch k; the claims are judged "
        "on the epochs' own accuracies, k A_k - (k-1) A_(k-1) of these means A");
    add_note(report, "best mean: the highest of them, chosen on the test set itself, so it is optimistic");
    add_note(
        report,
        "loss sum / 1000 in the tables: the sum of an epoch's batch losses over 1000, as the notebook has it; of the "
        "%zu batches of an epoch here this is %s",
        batches, batches == 1000 ? "the mean" : "not the mean");
    if (train->lrs.count > 1)
        add_note(report, "at each rate after the first of --lr the nets go on from the weights of the rate before");
}

static void add_published_notes(struct batchnorm *report)
{
    if (published_best_shown(report) && !train_protocol_row(report->config->train.protocol)->averages)
        add_note(report, "best on test: each run's epoch of highest accuracy, chosen on the test set itself, so it is "
                         "optimistic; end: after the last epoch, nothing is chosen");
    if (published_best_shown(report))
        add_note(report, "published: the homework's best test accuracy, which averages over the epochs so far "
                         "(data/README.md)");
    else if (report->published)
        add_note(report, "published.csv: the homework's epochs beside those that are here; its best accuracy is of 15 "
                         "epochs and therefore not shown");
    if (report->published_missing)
        add_note(report, "the homework's own numbers are not installed with this program: there is no comparison");
}

/* What was chosen on the test set is optimistic. */
static void add_selection_notes(struct batchnorm *report)
{
    if (batchnorm_validates(report))
        return;
    if (report->config->train.lrs.count > 1)
        add_note(report, "rates are chosen on the test set; --validation N chooses on N training images held out");
    if (report->config->save_best)
        add_note(report,
                 "models/*.safetensors: the parameters of each run's best epoch, chosen on the test set itself");
}

static void add_bits_note(struct batchnorm *report)
{
    size_t runs;
    const size_t lacking = disagreement_lacking(report, &runs);
    if (lacking > 0)
        add_note(report,
                 "disagreement.csv is not of every net: %zu of %zu runs lack their bits per test image, the same "
                 "command with --bits trains them again",
                 lacking, runs);
}

void report_make_notes(struct batchnorm *report)
{
    size_t diverged = 0, most = 0;
    for (size_t g = 0; g < report->group_count; g++) {
        const struct report_group *group = &report->groups[g];
        diverged += group->diverged;
        most = group->end - group->first > most ? group->end - group->first : most;
    }
    if (most > 1)
        add_note(report, "\302\261: half width of the interval of the mean over seeds (Student's t); differences are "
                         "taken seed by seed, and their intervals hold at all rates together");
    if (diverged > 0)
        add_note(report,
                 "*: %zu of %zu runs diverged and count as chance, %.2f %%; elsewhere in groups.csv's means and "
                 "in curves.csv they are left out",
                 diverged, report->count, report->chance_percent);
    add_selection_notes(report);
    if (train_protocol_row(report->config->train.protocol)->averages)
        add_notebook_notes(report);
    add_published_notes(report);
    add_bits_note(report);
}

void report_add_notes(struct cJSON *object, const struct batchnorm *report)
{
    cJSON *notes = report->note_count > 0 ? json_add_array(object, "notes") : NULL;
    for (size_t i = 0; i < report->note_count; i++)
        json_append(notes, cJSON_CreateString(report->notes[i]));
}

/* ---- for a program ---- */

/* What the rules came to, where there are runs. */
static void add_thresholds(cJSON *judgement, const struct batchnorm *report)
{
    cJSON *blocks = json_add_array(judgement, "blocks");
    for (size_t i = 0; i < report->evidence_count; i++) {
        const struct evidence *evidence = &report->evidence[i].evidence;
        cJSON *block = json_append(blocks, cJSON_CreateObject());
        json_add_string(block, "run", report->evidence[i].run->id);
        json_add_number(block, "chance_percent", evidence->rules.chance_selection);
        json_add_number(block, "best_median_percent", evidence->best_median);
        json_add_number(block, "trained_percent", evidence->trained);
        json_add_number(block, "target_percent", evidence->target);
    }
}

void report_add_judgement(struct cJSON *object, const struct batchnorm *report)
{
    const struct batchnorm_config *config = report->config;
    cJSON *judgement = json_add_object(object, "judgement");
    json_add_number(judgement, "level", config->level);
    json_add_number(judgement, "margin_points", config->margin);
    json_add_number(judgement, "margin_ratio", config->ratio_margin);
    json_add_string(judgement, "family", "the three claims of a block, by Holm; each rate's line at 1 - alpha / rates");
    json_add_string(judgement, "selected_on", config->train.selection.validation > 0 ? "validation" : "test");
    if (config->trained > 0)
        json_add_number(judgement, "trained_percent", config->trained);
    else
        json_add_string(judgement, "trained_percent", "chance + 0.9 (best median - chance)");
    if (config->target > 0)
        json_add_number(judgement, "target_percent", config->target);
    else
        json_add_string(judgement, "target_percent", "as trained_percent");
    if (report->evidence_count > 0)
        add_thresholds(judgement, report);
}

struct cJSON *report_to_json(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    const char *protocol = "";
    cJSON *root = json_document("result");
    train_protocol_name((size_t)report->config->train.protocol, &protocol);
    json_add_string(root, "experiment", "batchnorm");
    json_add_string(root, "data", report->data.name);
    json_add_string(root, "protocol", protocol);
    json_add_number(root, "chance_percent", report->chance_percent);
    report_add_judgement(root, report);
    holding_add(root, report);
    report_add_notes(root, report);
    return root;
}
