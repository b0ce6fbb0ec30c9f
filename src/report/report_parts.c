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
static double weight_of(const struct report_claim *claim)
{
    double pairs;
    const char *why;
    const bool open = strcmp(claim->verdict, verdict_name(VERDICT_UNDECIDED)) == 0 ||
                      strcmp(claim->verdict, verdict_name(VERDICT_NOT_COMPARABLE)) == 0;
    if (number_parse_real(claim->n, strlen(claim->n), &pairs, &why) < 0)
        pairs = 0;
    return pairs + (open ? 0 : 1e12);
}

static bool is_better(const struct report_claim *claim, const struct report_claim *best)
{
    const double weight = weight_of(claim), other = best->folder ? weight_of(best) : -1;
    return weight > other || (weight == other && strlen(claim->folder->command) < strlen(best->folder->command));
}

/* The claim in the folder that says most of it; its folder is NULL where there is none. */
static struct report_claim find_best(struct report *report, const char *experiment, const char *id)
{
    struct report_claim best = {.folder = NULL}, claim;
    const struct report_folder *folder = NULL;
    while ((folder = report_next(report, experiment, folder)) != NULL) {
        struct csv csv;
        size_t from = 0;
        if (report_read(report, folder, "claims.csv", &csv))
            while (report_claim_next(&csv, id, "", &from, &claim)) {
                claim.folder = folder;
                if (is_better(&claim, &best))
                    best = claim;
            }
        csv_free(&csv);
    }
    return best;
}

const struct report_folder *report_best(struct report *report, const char *experiment, const char *id)
{
    return find_best(report, experiment, id).folder;
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

struct answers {
    const struct report *report;
    const char *experiment, *id;
    const struct report_folder *without; /* whose answers stand elsewhere */
};

/* Calls for each answer about the claim in the folder. */
static size_t each_answer(const struct report_folder *folder, const char *id,
                          void (*see)(const cJSON *answer, const struct report_folder *folder, void *context),
                          void *context)
{
    const cJSON *answer, *answers = cJSON_GetObjectItemCaseSensitive(folder->run, "answers");
    size_t count = 0;
    cJSON_ArrayForEach(answer, answers)
    {
        const char *of = text_of(answer, "id");
        if (!of || strcmp(of, id) != 0 || !text_of(answer, "claim") || !text_of(answer, "sentence"))
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
    struct document_answer shown = {.claim = text_of(answer, "claim"), .source = folder->command};
    shown.verdict = verdict_of(text_of(answer, "sentence"), &shown.sentence);
    document_answer(&report->document, &shown);
}

static const struct frame_column other_columns[] = {
    {.name = "verdict", .type = FRAME_TEXT, .title = "verdict", .optional = true},
    {.name = "folder", .type = FRAME_TEXT, .title = "from"},
    {.name = "sentence", .type = FRAME_TEXT, .title = "why"},
    {.name = NULL},
};

static void fill_other(const cJSON *answer, const struct report_folder *folder, void *frame_)
{
    struct frame *frame = frame_;
    const char *rest;
    frame_text(frame, verdict_of(text_of(answer, "sentence"), &rest));
    frame_text(frame, folder->path);
    frame_text(frame, rest);
}

static void fill_others(const void *context, struct frame *frame)
{
    const struct answers *answers = context;
    const struct report_folder *folder = NULL;
    while ((folder = report_next(answers->report, answers->experiment, folder)) != NULL)
        if (folder != answers->without)
            each_answer(folder, answers->id, fill_other, frame);
}

void report_answers(struct report *report, const char *experiment, const char *id)
{
    struct answers answers = {.report = report, .experiment = experiment, .id = id};
    const struct report_folder *folder = NULL;
    size_t others = 0;
    answers.without = report_best(report, experiment, id);
    while ((folder = report_next(report, experiment, folder)) != NULL) {
        if (!answers.without && each_answer(folder, id, NULL, NULL) > 0)
            answers.without = folder; /* the first, of claims that are judged at thresholds only */
        if (folder != answers.without)
            others += each_answer(folder, id, NULL, NULL);
    }
    if (answers.without)
        each_answer(answers.without, id, show_answer, report);
    if (others > 0)
        document_table(&report->document, "The same asked of the other results:", other_columns, fill_others, &answers);
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

bool report_question(struct report *report, const char *id, const char *title, const char *markup)
{
    document_heading(&report->document, 3, id, title);
    document_paragraph(&report->document, markup);
    if (!report->answers)
        document_room(&report->document);
    return report->answers;
}

/* ---- figures ---- */

static void show_figure(struct report *report, const struct report_folder *folder, const struct figure *figure,
                        bool tell_command)
{
    struct picture picture = {0};
    struct error err;
    char command[512], caption[600];
    const struct figure_style style = {.no_title = true};
    enum figure_end end = FIGURE_NO_GNUPLOT;
    if (report->document.writer->pictures && !report->no_gnuplot)
        end = figure_draw(figure, folder->path, &style, FIGURE_SVG, &picture, &err);
    if (end == FIGURE_NOT_DRAWN)
        document_fail(&report->document, &err);
    if (end == FIGURE_DRAWN || end == FIGURE_NO_GNUPLOT) {
        const char *svg = end == FIGURE_DRAWN ? strstr(picture.bytes, "<svg") : NULL;
        report->no_gnuplot |= report->document.writer->pictures && end == FIGURE_NO_GNUPLOT;
        snprintf(command, sizeof command, "dlexp plot %s --figure %s", folder->path, figure->name);
        snprintf(caption, sizeof caption, tell_command ? "Of %s" : "From %s.",
                 tell_command ? folder->command : folder->path);
        document_figure(&report->document, &(struct document_figure){.title = figure->title,
                                                                     .caption = caption,
                                                                     .description = figure->description,
                                                                     .svg = svg,
                                                                     .command = command});
    }
    picture_free(&picture);
}

/* Whether the folder has what the figure needs; then it was drawn. */
static bool try_figure(struct report *report, const struct report_chapter *chapter, const struct report_folder *folder,
                       const struct figure *figure)
{
    char why[FIGURE_WHY];
    struct error err;
    const enum figure_fit fit = figure_applies(figure, folder->path, why, &err);
    if (fit == FIGURE_FAILED)
        document_fail(&report->document, &err);
    if (fit == FIGURE_APPLIES)
        show_figure(report, folder, figure, chapter->figures_of_each);
    return fit == FIGURE_APPLIES;
}

void report_figures(struct report *report, const struct report_chapter *chapter, const char *prefix,
                    const struct report_folder *first)
{
    const struct figure *figure;
    for (size_t i = 0; i < REPORT_FIGURES && report->answers && (figure = figure_row(i)) != NULL; i++) {
        const struct report_folder *folder = NULL;
        if (report->shown[i] || strcmp(figure->command, chapter->experiment) != 0 ||
            strncmp(figure->name, prefix, strlen(prefix)) != 0)
            continue;
        bool shown = first && try_figure(report, chapter, first, figure);
        while ((!shown || chapter->figures_of_each) &&
               (folder = report_next(report, chapter->experiment, folder)) != NULL)
            shown = (folder != first && try_figure(report, chapter, folder, figure)) || shown;
        report->shown[i] = shown;
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
        if (report_has(report, folder, "claims.csv") && !cJSON_GetObjectItemCaseSensitive(folder->run, "answers"))
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
    {"3 (b) Momentum is the fastest, to f < 1e-2: iterations more than the next", "optim", "momentum-all", "1e-2"},
    {"3 (b) Momentum is the fastest, to f < 1e-3: iterations more than the next", "optim", "momentum-all", "1e-3"},
    {"3 (c) GD is as fast on f1 as on f2, to f < 1e-1: difference in iterations", "optim", "gd-f1-f2", "1e-1"},
    {"3 (c) Momentum is as fast on f1 as on f2, to f < 1e-3: difference in iterations", "optim", "momentum-f1-f2",
     "1e-3"},
    {"3 (c) RMSProp is faster on f1 than on f2, to f < 1e-3: difference in iterations", "optim", "rmsprop-f1-f2",
     "1e-3"},
    {"3 (c) Adam is as fast on f1 as on f2, to f < 1e-1: difference in iterations", "optim", "adam-f1-f2", "1e-1"},
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

static void fill_glances(const void *context, struct frame *frame)
{
    struct report *report = (struct report *)context;
    for (const struct glance *glance = glances; glance < glances + sizeof glances / sizeof *glances; glance++) {
        const struct report_folder *folder = NULL;
        struct report_claim claim = {.folder = NULL};
        if (!*glance->threshold)
            claim = find_best(report, glance->experiment, glance->id);
        if (claim.folder)
            fill_glance(frame, glance, &claim);
        while (*glance->threshold && (folder = report_next(report, glance->experiment, folder)) != NULL) {
            struct csv csv;
            size_t from = 0;
            report_read(report, folder, "claims.csv", &csv);
            for (; report_claim_next(&csv, glance->id, glance->threshold, &from, &claim);) {
                claim.folder = folder;
                fill_glance(frame, glance, &claim);
            }
            csv_free(&csv);
        }
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
