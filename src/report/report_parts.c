/* What the chapters of a report have in common; see report.h. */
#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/plot/figure.h"
#include "dlexp/statistics/claim.h"
#include "report.h"

/* ---- claims ---- */

static const char *cell(const struct csv *csv, size_t row, const char *name)
{
    const int column = csv_column(csv, name);
    return column < 0 ? "" : csv_cell(csv, row, (size_t)column);
}

/* Four digits of a number, or the text as it is. */
static void format_short(char *buffer, size_t size, const char *text)
{
    double value;
    const char *why;
    if (number_parse_real(text, strlen(text), &value, &why) == 0)
        snprintf(buffer, size, "%.3g", value);
    else
        snprintf(buffer, size, "%.*s", (int)size - 1, text);
}

bool report_claim_next(const struct csv *csv, const char *id, const char *threshold, size_t *from,
                       struct report_claim *claim)
{
    for (size_t row = *from; row < csv->rows; row++) {
        char estimate[20], low[20], high[20];
        /* Without a threshold: the claim's own row, and not those of single rates. */
        if (strcmp(cell(csv, row, "id"), id) != 0 ||
            (*threshold ? strcmp(cell(csv, row, "threshold"), threshold) != 0 : *cell(csv, row, "lr") != '\0'))
            continue;
        snprintf(claim->text, sizeof claim->text, "%s", cell(csv, row, "claim"));
        snprintf(claim->verdict, sizeof claim->verdict, "%s", cell(csv, row, "verdict"));
        snprintf(claim->at, sizeof claim->at, "%s", cell(csv, row, "at"));
        snprintf(claim->n, sizeof claim->n, "%s", cell(csv, row, "n"));
        format_short(estimate, sizeof estimate, cell(csv, row, "estimate"));
        format_short(low, sizeof low, cell(csv, row, "low"));
        format_short(high, sizeof high, cell(csv, row, "high"));
        snprintf(claim->number, sizeof claim->number, *low ? "%s (%s to %s)" : "%s", estimate, low, high);
        *from = row + 1;
        return true;
    }
    return false;
}

/* How much a claim in some folder says: what is decided before what is not, then many pairs before few. */
static double weight_of(const char *verdict, const char *n)
{
    double pairs;
    const char *why;
    const bool open = strcmp(verdict, verdict_name(VERDICT_UNDECIDED)) == 0 ||
                      strcmp(verdict, verdict_name(VERDICT_NOT_COMPARABLE)) == 0;
    if (number_parse_real(n, strlen(n), &pairs, &why) < 0)
        pairs = 0;
    return pairs + (open ? 0 : 1e12);
}

/* ---- answers ---- */

struct sentence {
    const struct report_folder *folder;
    const char *claim, *text, *verdict;
    double weight;
};

static int heavier(const void *a_, const void *b_)
{
    const struct sentence *a = a_, *b = b_;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return a->folder != b->folder ? (a->folder < b->folder ? -1 : 1) : a < b ? -1 : a > b;
}

/* The verdict that a sentence begins with, or NULL. */
static const char *verdict_of(const char *sentence)
{
    for (int v = VERDICT_NOT_COMPARABLE; v <= VERDICT_UNDECIDED; v++) {
        const char *name = verdict_name((enum verdict)v);
        if (strncmp(sentence, name, strlen(name)) == 0)
            return name;
    }
    return NULL;
}

static double weight_in(struct report *report, const struct report_folder *folder, const char *id, const char *verdict)
{
    struct csv csv;
    struct report_claim claim;
    size_t from = 0;
    double weight = 0;
    if (report_read(report, folder, "claims.csv", &csv) && report_claim_next(&csv, id, "", &from, &claim))
        weight = weight_of(verdict, claim.n);
    csv_free(&csv);
    return weight;
}

/* Adds those of a folder; returns how many there are. */
static size_t find_sentences(struct report *report, const struct report_folder *folder, const char *id,
                             struct sentence *sentences, size_t count)
{
    const cJSON *answer, *answers = cJSON_GetObjectItemCaseSensitive(folder->run, "answers");
    cJSON_ArrayForEach(answer, answers)
    {
        const char *of = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "id"));
        struct sentence s = {
            .folder = folder,
            .claim = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "claim")),
            .text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "sentence")),
        };
        if (!of || strcmp(of, id) != 0 || !s.claim || !s.text)
            continue;
        if (sentences) {
            s.verdict = verdict_of(s.text);
            s.weight = s.verdict ? weight_in(report, folder, id, s.verdict) : 0;
            sentences[count] = s;
        }
        count++;
    }
    return count;
}

static void note_older(struct report *report, const struct report_folder *folder)
{
    struct document *document = &report->document;
    document_block_begin(document, DOCUMENT_NOTE);
    document_text(document, DOCUMENT_CODE, folder->path);
    document_markup(document, " has tables but no sentences: its run.json is of an older dlexp, or of a call that was "
                              "stopped. The same command adds them, and computes nothing that is done: ");
    document_text(document, DOCUMENT_CODE, folder->command);
    document_block_end(document, DOCUMENT_NOTE);
}

void report_answers(struct report *report, const char *experiment, const char *id)
{
    const struct report_folder *folder;
    size_t count = 0, filled = 0;
    struct error err;
    for (folder = NULL; (folder = report_next(report, experiment, folder)) != NULL;)
        count = find_sentences(report, folder, id, NULL, count);
    struct sentence *sentences = calloc(count + 1, sizeof *sentences);
    if (!sentences) {
        error_out_of_memory(&err, "the answers");
        document_fail(&report->document, &err);
        return;
    }
    for (folder = NULL; (folder = report_next(report, experiment, folder)) != NULL;)
        filled = find_sentences(report, folder, id, sentences, filled);
    qsort(sentences, count, sizeof *sentences, heavier);
    for (size_t i = 0; i < count; i++)
        document_answer(&report->document, &(struct document_answer){.claim = sentences[i].claim,
                                                                     .sentence = sentences[i].text,
                                                                     .verdict = sentences[i].verdict,
                                                                     .source = sentences[i].folder->command});
    free(sentences);
}

bool report_question(struct report *report, const char *id, const char *title, const char *markup)
{
    document_heading(&report->document, 3, id, title);
    document_paragraph(&report->document, markup);
    if (!report->answers)
        document_room(&report->document);
    return report->answers;
}

/* ---- figures ---- */

static void show_figure(struct report *report, const struct report_folder *folder, const struct figure *figure)
{
    struct picture picture = {0};
    struct error err;
    char command[512], caption[600];
    const struct figure_style style = {.no_title = true};
    enum figure_end end = FIGURE_NO_GNUPLOT;
    if (!report->no_gnuplot)
        end = figure_draw(figure, folder->path, &style, FIGURE_SVG, &picture, &err);
    if (end == FIGURE_NOT_DRAWN)
        document_fail(&report->document, &err);
    if (end == FIGURE_DRAWN || end == FIGURE_NO_GNUPLOT) {
        const char *svg = end == FIGURE_DRAWN ? strstr(picture.bytes, "<svg") : NULL;
        report->no_gnuplot |= end == FIGURE_NO_GNUPLOT;
        snprintf(command, sizeof command, "dlexp plot %s --figure %s", folder->path, figure->name);
        snprintf(caption, sizeof caption, "From %s.", folder->path);
        document_figure(&report->document, &(struct document_figure){.title = figure->title,
                                                                     .caption = caption,
                                                                     .description = figure->description,
                                                                     .svg = svg,
                                                                     .command = command});
    }
    picture_free(&picture);
}

void report_figures(struct report *report, const struct report_chapter *chapter, const char *prefix)
{
    const struct figure *figure;
    char why[FIGURE_WHY];
    struct error err;
    for (size_t i = 0; i < REPORT_FIGURES && report->answers && (figure = figure_row(i)) != NULL; i++) {
        const struct report_folder *folder = NULL;
        if (report->shown[i] || strcmp(figure->command, chapter->experiment) != 0 ||
            strncmp(figure->name, prefix, strlen(prefix)) != 0)
            continue;
        while ((folder = report_next(report, chapter->experiment, folder)) != NULL) {
            const enum figure_fit fit = figure_applies(figure, folder->path, why, &err);
            if (fit == FIGURE_FAILED)
                document_fail(&report->document, &err);
            if (fit != FIGURE_APPLIES)
                continue;
            report->shown[i] = true;
            show_figure(report, folder, figure);
            if (!chapter->figures_of_each)
                break;
        }
    }
}

/* ---- commands ---- */

void report_commands(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    const struct report_folder *folder = report_next(report, chapter->experiment, NULL);
    if (!report->answers) {
        document_listing(document, "Command", chapter->command);
        return;
    }
    if (!folder) {
        document_block_begin(document, DOCUMENT_NOTE);
        document_markup(document, "**These results are missing.** They are made by ");
        document_text(document, DOCUMENT_CODE, chapter->command);
        document_block_end(document, DOCUMENT_NOTE);
        return;
    }
    document_paragraph(document, "The commands that made what follows; each, given again, computes nothing anew:");
    struct output text;
    struct error err;
    if (output_open(&text, &err) < 0) {
        document_fail(document, &err);
        return;
    }
    for (; folder; folder = report_next(report, chapter->experiment, folder))
        fprintf(text.stream, "%s\n", folder->command);
    char *commands = output_take(&text, &err);
    if (commands)
        document_listing(document, "Commands", commands);
    else
        document_fail(document, &err);
    free(commands);
    for (folder = NULL; (folder = report_next(report, chapter->experiment, folder)) != NULL;)
        if (folder->run && !cJSON_GetObjectItemCaseSensitive(folder->run, "answers") && !chapter->table)
            note_older(report, folder);
}

/* ---- at a glance ---- */

static const struct glance {
    const char *question, *experiment, *id, *threshold;
} glances[] = {
    {"1 (a) BatchNorm converges faster: ratio of steps", "batchnorm", "faster", ""},
    {"1 (b) BatchNorm permits larger rates: ratio of rates", "batchnorm", "rates", ""},
    {"1 (c) BatchNorm ends better: points of accuracy", "batchnorm", "better", ""},
    {"2 The larger rate is faster at first: ratio of errors", "sgd-mean", "faster", ""},
    {"2 The larger rate ends wider: ratio of errors", "sgd-mean", "wider", ""},
    {"3 Momentum is the fastest, to 1e-2: iterations less", "optim", "momentum-all", "1e-2"},
    {"3 Momentum is the fastest, to 1e-3: iterations less", "optim", "momentum-all", "1e-3"},
    {"3 (c) GD is as fast on f1 as on f2, to 1e-1", "optim", "gd-f1-f2", "1e-1"},
    {"3 (c) Momentum is as fast on f1 as on f2, to 1e-3", "optim", "momentum-f1-f2", "1e-3"},
    {"3 (c) RMSProp is faster on f1 than on f2, to 1e-3", "optim", "rmsprop-f1-f2", "1e-3"},
    {"3 (c) Adam is as fast on f1 as on f2, to 1e-1", "optim", "adam-f1-f2", "1e-1"},
};

static const struct frame_column glance_columns[] = {
    {.name = "question", .type = FRAME_TEXT, .title = "question and claim"},
    {.name = "at", .type = FRAME_TEXT, .title = "on", .optional = true},
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict"},
    {.name = "number", .type = FRAME_NUMBER, .title = "number (interval)"},
    {.name = "n", .type = FRAME_NUMBER, .title = "pairs"},
    {.name = "folder", .type = FRAME_TEXT, .title = "from"},
    {.name = NULL},
};

static void fill_glance(struct frame *frame, const struct glance *glance, const struct report_claim *claim)
{
    frame_text(frame, glance->question);
    frame_text(frame, *glance->threshold ? claim->at : "");
    frame_text(frame, claim->verdict);
    frame_text(frame, claim->number);
    frame_text(frame, claim->n);
    frame_text(frame, claim->folder->path);
}

/* Of a claim the folder that says most. */
static void fill_glances(const void *context, struct frame *frame)
{
    struct report *report = (struct report *)context;
    for (const struct glance *glance = glances; glance < glances + sizeof glances / sizeof *glances; glance++) {
        struct report_claim best = {.folder = NULL}, claim;
        const struct report_folder *folder = NULL;
        while ((folder = report_next(report, glance->experiment, folder)) != NULL) {
            struct csv csv;
            size_t from = 0;
            report_read(report, folder, "claims.csv", &csv);
            while (report_claim_next(&csv, glance->id, glance->threshold, &from, &claim)) {
                claim.folder = folder;
                if (*glance->threshold)
                    fill_glance(frame, glance, &claim);
                else if (!best.folder || weight_of(claim.verdict, claim.n) > weight_of(best.verdict, best.n))
                    best = claim;
            }
            csv_free(&csv);
        }
        if (best.folder)
            fill_glance(frame, glance, &best);
    }
}

void report_at_a_glance(struct report *report)
{
    struct document *document = &report->document;
    document_heading(document, 2, "at-a-glance", "At a glance");
    document_table(document,
                   "The verdict on each claim. Where several folders answer, the one that decides it with the most "
                   "pairs of runs; the chapters have them all.",
                   glance_columns, fill_glances, report);
    document_paragraph(document,
                       "**supported** and **contradicted**: the effect is surely on the claim's side, or on the other; "
                       "**equivalent**: it is surely smaller than the margin that matters; **undecided**: the runs do "
                       "not tell; **not comparable**: these runs cannot answer the question, and the sentence says "
                       "what would.");
}
