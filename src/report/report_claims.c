/* Which folder answers a claim, and its sentences; see report.h. */
#include <cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/statistics/claim.h"
#include "report.h"

const struct report_asked report_asked[] = {
    {"1 (a) BatchNorm converges faster: ratio of steps", "batchnorm", "faster", .effect = REPORT_ESTIMATE},
    {"1 (b) BatchNorm permits larger rates: ratio of rates", "batchnorm", "rates", .finest = true},
    {"1 (c) BatchNorm ends better: points of test accuracy", "batchnorm", "better", .effect = REPORT_ESTIMATE},
    {"2 The larger rate is faster at first: ratio of squared errors", "sgd-mean", "faster",
     .effect = REPORT_SECOND_TO_FIRST, .any_length = true},
    {"2 The larger rate ends in a wider range: ratio of squared errors", "sgd-mean", "wider",
     .effect = REPORT_FIRST_TO_SECOND, .any_length = true},
    {0}};

static const struct report_asked *find_asked(const char *experiment, const char *id)
{
    for (const struct report_asked *asked = report_asked; asked->question; asked++)
        if (strcmp(asked->experiment, experiment) == 0 && strcmp(asked->id, id) == 0)
            return asked;
    return NULL;
}

/* ---- claims.csv ---- */

const char *report_cell(const struct csv *csv, size_t row, const char *name)
{
    const int column = csv_column(csv, name);
    return column < 0 ? "" : csv_cell(csv, row, (size_t)column);
}

static double number_of(const char *text)
{
    double value;
    const char *why;
    return number_parse_real(text, strlen(text), &value, &why) == 0 ? value : (double)NAN;
}

/* Three digits of a number, or the text as it is. */
static void format_short(char *buffer, size_t size, const char *text)
{
    const double value = number_of(text);
    if (!isnan(value))
        snprintf(buffer, size, "%.3g", value);
    else
        snprintf(buffer, size, "%.*s", (int)size - 1, text);
}

/* "2.4 (2 to 3)"; where theory speaks of means, "10.8 of the means; median 12.8 (12.6 to 13)". */
static void format_effect(struct report_claim *claim, const struct csv *csv, size_t row, enum report_effect effect)
{
    char estimate[20], low[20], high[20], means[32] = "";
    const double first = number_of(report_cell(csv, row, "first_estimate"));
    const double second = number_of(report_cell(csv, row, "second_estimate"));
    const double ratio = effect == REPORT_FIRST_TO_SECOND ? first / second : second / first;
    format_short(estimate, sizeof estimate, report_cell(csv, row, "estimate"));
    format_short(low, sizeof low, report_cell(csv, row, "low"));
    format_short(high, sizeof high, report_cell(csv, row, "high"));
    if (effect != REPORT_ESTIMATE && isfinite(ratio))
        snprintf(means, sizeof means, *low ? "%.3g of the means; median " : "%.3g", ratio);
    if (*means && !*low)
        *estimate = '\0'; /* of one trial, the same */
    snprintf(claim->number, sizeof claim->number, *low ? "%s%s (%s to %s)" : "%s%s", means, estimate, low, high);
}

/* The claim's own row, and not those of single rates. */
static bool next_claim(const struct csv *csv, const struct report_asked *asked, const char *id, size_t *from,
                       struct report_claim *claim)
{
    for (size_t row = *from; row < csv->rows; row++) {
        if (strcmp(report_cell(csv, row, "id"), id) != 0 || *report_cell(csv, row, "lr") != '\0')
            continue;
        snprintf(claim->verdict, sizeof claim->verdict, "%s", report_cell(csv, row, "verdict"));
        snprintf(claim->n, sizeof claim->n, "%s", report_cell(csv, row, "n"));
        format_effect(claim, csv, row, asked ? asked->effect : REPORT_ESTIMATE);
        *from = row + 1;
        return true;
    }
    return false;
}

/* ---- which folder ---- */

bool report_claim_decides(const struct report_claim *claim)
{
    return claim->folder && strcmp(claim->verdict, verdict_name(VERDICT_UNDECIDED)) != 0 &&
           strcmp(claim->verdict, verdict_name(VERDICT_NOT_COMPARABLE)) != 0;
}

enum { REASONS = 5 };

/* Why a folder says more of the claim than another one: the first of these in which they differ; more is better. */
static void weigh(double reasons[REASONS], const struct report_claim *claim, bool decided, bool finest)
{
    const double pairs = number_of(claim->n);
    reasons[0] = decided && report_claim_decides(claim);
    reasons[1] = finest ? cJSON_GetArraySize(report_config(claim->folder, "lr")) : 0;
    reasons[2] = -report_distance(claim->folder);
    reasons[3] = isnan(pairs) ? 0 : pairs;
    reasons[4] = -(double)strlen(claim->folder->command);
}

static struct report_claim find_claim(struct report *report, const char *experiment, const char *id, bool decided)
{
    const struct report_asked *asked = find_asked(experiment, id);
    struct report_claim best = {.folder = NULL}, claim = {.folder = NULL};
    const struct report_folder *folder = NULL;
    double most[REASONS], reasons[REASONS];
    while ((folder = report_homework(report, experiment, folder)) != NULL) {
        struct csv csv;
        size_t from = 0;
        claim.folder = folder;
        if (report_read(report, folder, "claims.csv", &csv))
            while (next_claim(&csv, asked, id, &from, &claim)) {
                size_t i = 0;
                weigh(reasons, &claim, decided, decided && asked && asked->finest);
                while (best.folder && i < REASONS && reasons[i] == most[i])
                    i++;
                if (best.folder && (i == REASONS || reasons[i] < most[i]))
                    continue;
                best = claim;
                memcpy(most, reasons, sizeof most);
            }
        csv_free(&csv);
    }
    return best;
}

struct report_claim report_claim_best(struct report *report, const char *experiment, const char *id)
{
    return find_claim(report, experiment, id, true);
}

struct report_claim report_claim_nearest(struct report *report, const char *experiment, const char *id)
{
    return find_claim(report, experiment, id, false);
}

const struct report_folder *report_best(struct report *report, const char *experiment, const char *id)
{
    return report_claim_best(report, experiment, id).folder;
}

/* ---- answers ---- */

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* The verdict that a sentence begins with, or NULL; *rest is what follows. */
static const char *verdict_of(const char *sentence, const char **rest)
{
    for (int v = VERDICT_NOT_COMPARABLE; v <= VERDICT_UNDECIDED; v++) {
        const char *name = verdict_name((enum verdict)v);
        const size_t length = strlen(name);
        if (strncmp(sentence, name, length) == 0) {
            *rest = sentence + length + strspn(sentence + length, ".:; ");
            return name;
        }
    }
    *rest = sentence;
    return NULL;
}

/* The sentence's own verdict; of one that speaks of several thresholds, what they have in common. */
static const char *verdict_in(const cJSON *answer, const char **rest)
{
    const char *verdict = verdict_of(text_of(answer, "sentence"), rest);
    return verdict ? verdict : text_of(answer, "verdicts");
}

/* "Momentum is the fastest, on f1" */
static void format_claim(char *buffer, size_t size, const cJSON *answer)
{
    const char *claim = text_of(answer, "claim"), *at = text_of(answer, "at");
    snprintf(buffer, size, "%c%s%s%s", toupper((unsigned char)*claim), *claim ? claim + 1 : "", at ? ", on " : "",
             at ? at : "");
}

/* "15 epochs", or "" */
static void format_length(char *buffer, size_t size, const struct report_folder *folder)
{
    const struct report_chapter *chapter = report_chapter_of(folder->experiment);
    const double length = report_length(folder);
    *buffer = '\0';
    if (!isnan(length))
        snprintf(buffer, size, "%.0f %.*s", length, (int)strlen(chapter->length) - (length == 1), chapter->length);
}

struct answers {
    const struct report *report;
    const char *experiment, *id;
    const struct report_folder *shown[2]; /* whose answers stand in boxes */
};

static bool is_answer(const cJSON *answer)
{
    return text_of(answer, "id") && text_of(answer, "claim") && text_of(answer, "sentence");
}

/* Calls for each answer about the claim in the folder. */
static size_t each_answer(const struct report_folder *folder, const char *id,
                          void (*see)(const cJSON *answer, const struct report_folder *folder, void *context),
                          void *context)
{
    const cJSON *answer, *answers = cJSON_GetObjectItemCaseSensitive(folder->run, "answers");
    size_t count = 0;
    cJSON_ArrayForEach(answer, answers)
    {
        if (!is_answer(answer) || strcmp(text_of(answer, "id"), id) != 0)
            continue;
        count++;
        if (see)
            see(answer, folder, context);
    }
    return count;
}

static void show_answer(const cJSON *answer, const struct report_folder *folder, void *report_)
{
    struct report *report = report_;
    char claim[512], source[512], length[64], other[REPORT_OTHER];
    struct document_answer shown = {.claim = claim, .source = source};
    format_claim(claim, sizeof claim, answer);
    format_length(length, sizeof length, folder);
    const size_t used = strlen(claim);
    if (*length)
        snprintf(claim + used, sizeof claim - used, ", after %s", length);
    snprintf(source, sizeof source, "From %s%s", folder->name, report_other(other, folder));
    shown.verdict = verdict_in(answer, &shown.sentence);
    document_answer(&report->document, &shown);
}

static const struct frame_column other_columns[] = {
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict", .optional = true},
    {.name = "length", .type = FRAME_TEXT, .title = "after", .optional = true},
    {.name = "folder", .type = FRAME_TEXT, .title = "from"},
    {.name = "differs", .type = FRAME_TEXT, .title = "not the homework's", .optional = true},
    {.name = "claim", .type = FRAME_TEXT, .title = "claim", .optional = true},
    {.name = "sentence", .type = FRAME_TEXT, .title = "why"},
    {.name = NULL},
};

static void fill_other(const cJSON *answer, const struct report_folder *folder, struct frame *frame, const char *claim)
{
    char length[64];
    const char *rest;
    format_length(length, sizeof length, folder);
    frame_text(frame, verdict_in(answer, &rest));
    frame_text(frame, length);
    frame_text(frame, folder->name);
    frame_text(frame, folder->differs);
    frame_text(frame, claim);
    frame_text(frame, rest);
}

static void fill_same(const cJSON *answer, const struct report_folder *folder, void *frame)
{
    fill_other(answer, folder, frame, "");
}

static void fill_others(const void *context, struct frame *frame)
{
    const struct answers *answers = context;
    const struct report_folder *folder = NULL;
    while ((folder = report_next(answers->report, answers->experiment, folder)) != NULL)
        if (folder != answers->shown[0] && folder != answers->shown[1])
            each_answer(folder, answers->id, fill_same, frame);
}

static void note_told(struct report *report, const char *experiment, const char *id)
{
    if (report->told_count < REPORT_TOLD) {
        report->told[report->told_count].experiment = experiment;
        report->told[report->told_count++].id = id;
    }
}

void report_answers(struct report *report, const char *experiment, const char *id)
{
    struct answers answers = {.report = report, .experiment = experiment, .id = id};
    const struct report_folder *folder = NULL;
    size_t others = 0;
    note_told(report, experiment, id);
    answers.shown[0] = report_best(report, experiment, id);
    answers.shown[1] = report_claim_nearest(report, experiment, id).folder;
    while ((folder = report_next(report, experiment, folder)) != NULL) {
        if (!answers.shown[0] && !*folder->differs && each_answer(folder, id, NULL, NULL) > 0)
            answers.shown[0] = folder; /* the first, of claims that are judged at thresholds only */
        if (folder != answers.shown[0] && folder != answers.shown[1])
            others += each_answer(folder, id, NULL, NULL);
    }
    for (size_t i = 0; i < 2; i++)
        if (answers.shown[i] && (i == 0 || answers.shown[i] != answers.shown[0]))
            each_answer(answers.shown[i], id, show_answer, report);
    if (others > 0)
        document_records(&report->document,
                         answers.shown[0] ? "The same claim, by the other results:"
                                          : "The same claim, by other experiments than the homework's:",
                         other_columns, fill_others, &answers);
}

/* ---- answers that no question asked for ---- */

static bool is_told(const struct report *report, const struct report_folder *folder, const cJSON *answer)
{
    for (size_t i = 0; i < report->told_count; i++)
        if (folder->experiment && strcmp(report->told[i].experiment, folder->experiment) == 0 &&
            strcmp(report->told[i].id, text_of(answer, "id")) == 0)
            return true;
    return false;
}

static size_t each_untold(const struct report *report, struct frame *frame)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct report_folder *folder = &report->folders[i];
        const cJSON *answer, *answers = cJSON_GetObjectItemCaseSensitive(folder->run, "answers");
        cJSON_ArrayForEach(answer, answers)
        {
            char claim[512];
            if (!is_answer(answer) || is_told(report, folder, answer))
                continue;
            count++;
            format_claim(claim, sizeof claim, answer);
            if (frame)
                fill_other(answer, folder, frame, claim);
        }
    }
    return count;
}

static void fill_untold(const void *report, struct frame *frame)
{
    each_untold(report, frame);
}

void report_write_untold(struct report *report)
{
    if (each_untold(report, NULL) == 0)
        return;
    document_heading(&report->document, 2, "other-claims", "Other claims");
    document_records(&report->document, "Claims that the folders judge besides those above.", other_columns,
                     fill_untold, report);
}
