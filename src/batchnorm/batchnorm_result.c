/* The result of dlexp batchnorm on the screen and as JSON. */
#include "batchnorm_result.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "batchnorm_claims.h"
#include "batchnorm_groups.h"
#include "batchnorm_published.h"
#include "dlexp/base/number.h"
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

static void add_protocol_notes(struct batchnorm *report)
{
    const struct train_config *train = &report->config->train;
    const size_t batches = train_epoch_steps(train, &report->data);
    if (batchnorm_validates(report)) {
        add_note(report,
                 "best on validation: the test accuracy of each run's epoch of highest accuracy on the %zu "
                 "images held out; end: after the last epoch, nothing is chosen",
                 train->validation);
        return;
    }
    if (!train_protocol_row(train->protocol)->averages) {
        add_note(report, "best on test: each run's epoch of highest accuracy, chosen on the test set itself, so it is "
                         "optimistic; end: after the last epoch, nothing is chosen");
        return;
    }
    add_note(
        report,
        "mean of epochs 1..k: what the homework's notebook took for the accuracy of epoch k; the claims are judged "
        "on the epochs' own accuracies, k A_k - (k-1) A_(k-1) of these means A");
    add_note(report, "best mean: the highest of them, chosen on the test set itself, so it is optimistic");
    add_note(
        report,
        "loss sum / 1000: the sum of an epoch's batch losses over 1000, as the notebook has it; of the %zu batches "
        "of an epoch here this is %s",
        batches, batches == 1000 ? "the mean" : "not the mean");
    if (train->lrs.count > 1)
        add_note(report, "at each rate after the first of --lr the nets go on from the weights of the rate before");
}

static void add_published_notes(struct batchnorm *report)
{
    if (published_best_shown(report))
        add_note(report, "published: the homework's best test accuracy, which averages over the epochs so far "
                         "(data/README.md)");
    else if (report->published)
        add_note(report, "published.csv: the homework's epochs beside those that are here; its best accuracy is of 15 "
                         "epochs and therefore not shown");
    if (report->published_missing)
        add_note(report, "the homework's own numbers are not installed with this program: there is no comparison");
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
        add_note(report,
                 "\302\261: half width of the 95 %% interval of the mean over seeds (Student's t, n = runs%s); "
                 "differences between the nets are taken seed by seed (paired)",
                 diverged > 0 ? " that are not left out" : "");
    add_protocol_notes(report);
    if (report->config->save_best)
        add_note(report, "models/*.safetensors: the parameters of that best epoch%s",
                 batchnorm_validates(report) ? "" : ", chosen on the test set as well");
    if (diverged > 0)
        add_note(report,
                 "%zu of %zu runs diverged: the means above leave them out from there on, the claims count them as "
                 "chance (%.2f %%)",
                 diverged, report->count, report->chance_percent);
    add_published_notes(report);
}

void report_add_notes(struct cJSON *object, const struct batchnorm *report)
{
    cJSON *notes = report->note_count > 0 ? json_add_array(object, "notes") : NULL;
    for (size_t i = 0; i < report->note_count; i++)
        json_append(notes, cJSON_CreateString(report->notes[i]));
}

/* ---- for a person ---- */

enum { INTERVAL_SIZE = 2 * NUMBER_TEXT_SIZE + 8 };

/* "97.92", or "97.92 ± 0.11" where there is an interval; "-" where there is nothing. */
static const char *format_interval(char buffer[INTERVAL_SIZE], const struct statistics *s, int decimals)
{
    char mean[NUMBER_TEXT_SIZE], half_width[NUMBER_TEXT_SIZE];
    if (s->count == 0)
        snprintf(buffer, INTERVAL_SIZE, "-");
    else if (s->count == 1)
        snprintf(buffer, INTERVAL_SIZE, "%s", number_format_fixed(mean, s->mean, decimals));
    else
        snprintf(buffer, INTERVAL_SIZE, "%s \302\261 %s", number_format_fixed(mean, s->mean, decimals),
                 number_format_fixed(half_width, s->half_width, decimals));
    return buffer;
}

/* What is compared: "  94.60 against 92.33 after epoch 1, difference 2.27". */
static void print_comparison(const struct batchnorm *report, const struct report_answer *answer, FILE *out)
{
    char buffer[INTERVAL_SIZE];
    fprintf(out, "at lr %-6s ", number_format_real(buffer, answer->claim.lr));
    fprintf(out, "%s against ", format_interval(buffer, &answer->batchnorm, 2));
    fprintf(out, "%s ", format_interval(buffer, &answer->none, 2));
    fprintf(out, "%s, difference ", answer->about == CLAIM_FASTER ? "after epoch 1" : "at the end");
    fprintf(out, "%s", format_interval(buffer, &answer->difference, 2));
    if (answer->about == CLAIM_RATES)
        fprintf(out, " (chance %.2f)", report->chance_percent);
    if (answer->batchnorm_diverged + answer->none_diverged > 0)
        fprintf(out, " (diverged: %zu against %zu of %zu)", answer->batchnorm_diverged, answer->none_diverged,
                answer->difference.count);
    fputs(": ", out);
}

int report_print(const void *batchnorm, FILE *out, struct error *err)
{
    const struct batchnorm *report = batchnorm;
    const struct grid_keys keys = REPORT_GROUP_KEYS;
    if (grid_print(&report->grid, out, report->group_columns, keys, report_fill_groups, report, err) < 0)
        return -1;
    for (size_t i = 0; i < report->note_count; i++)
        fprintf(out, "%s\n", report->notes[i]);
    fprintf(out,
            "\nDoes BatchNorm do what is said of it?  (test accuracy in %%%s, batchnorm against none; learnt: above "
            "%.2f)\n",
            train_protocol_row(report->config->train.protocol)->averages ? " of the epoch alone" : "",
            report_learnt_percent(report));
    for (size_t i = 0; i < report->answer_count; i++) {
        const struct report_answer *answer = &report->answers[i];
        if (report->grid.blocks > 1 && (i == 0 || answer->run->block != answer[-1].run->block)) {
            grid_print_block(&report->grid, answer->run->config, out);
            fputs(":\n", out);
        }
        fprintf(out, "  %-21s ", answer->claim.text);
        if (answer->difference.count > 0)
            print_comparison(report, answer, out);
        fprintf(out, "%s%s%s\n", verdict_name(answer->claim.verdict), *answer->claim.reason ? ": " : "",
                answer->claim.reason);
    }
    return 0;
}

/* ---- for a program ---- */

struct cJSON *report_to_json(const void *batchnorm)
{
    const struct batchnorm *report = batchnorm;
    const char *protocol = "";
    cJSON *root = cJSON_CreateObject();
    train_protocol_name((size_t)report->config->train.protocol, &protocol);
    json_add_string(root, "experiment", "batchnorm");
    json_add_string(root, "data", report->data.name);
    json_add_string(root, "protocol", protocol);
    json_add_number(root, "chance_percent", report->chance_percent);
    json_add_number(root, "learnt_above_percent", report_learnt_percent(report));
    report_add_notes(root, report);
    return root;
}
