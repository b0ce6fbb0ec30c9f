/* What the chapters of a report have in common; see report.h. */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/plot/figure.h"
#include "report.h"

static void note_older(struct report *report, const struct report_folder *folder)
{
    struct document *document = &report->document;
    document_block_begin(document, DOCUMENT_NOTE);
    document_text(document, DOCUMENT_CODE, folder->path);
    document_markup(document, " has tables but no sentences: its run.json is of an older dlexp. The same command adds "
                              "them, and computes nothing that is done: ");
    document_text(document, DOCUMENT_CODE, folder->command);
    document_block_end(document, DOCUMENT_NOTE);
}

bool report_question(struct report *report, const char *id, const char *title, const char *question,
                     const char *reading)
{
    document_heading(&report->document, 3, id, title);
    document_paragraph(&report->document, question);
    if (!report->answers)
        document_room(&report->document);
    else if (reading)
        document_paragraph(&report->document, reading);
    return report->answers;
}

/* ---- figures ---- */

static void show_figure(struct report *report, const struct report_folder *folder, const struct figure *figure)
{
    char command[512], caption[600], other[REPORT_OTHER];
    const char *svg;
    const enum figure_end end = report_picture(report, folder, figure, &svg);
    if (end != FIGURE_DRAWN && end != FIGURE_NO_GNUPLOT)
        return;
    report->no_gnuplot |= report->document.writer->pictures && end == FIGURE_NO_GNUPLOT;
    snprintf(command, sizeof command, "dlexp plot %s --figure %s", folder->path, figure->name);
    snprintf(caption, sizeof caption, "From %.200s%s.", folder->name, report_other(other, folder));
    document_figure(&report->document, &(struct document_figure){.title = figure->title,
                                                                 .caption = caption,
                                                                 .description = figure->description,
                                                                 .svg = svg,
                                                                 .command = command});
}

/* Whether the folder has what the figure needs; then it was drawn. */
static bool try_figure(struct report *report, const struct report_folder *folder, const struct figure *figure)
{
    char why[FIGURE_WHY];
    struct error err;
    const enum figure_fit fit = figure_applies(figure, folder->path, why, &err);
    if (fit == FIGURE_FAILED)
        document_fail(&report->document, &err);
    if (fit == FIGURE_APPLIES)
        show_figure(report, folder, figure);
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
        bool shown = first && first != report->drawn_of[i] && try_figure(report, first, figure);
        while ((!shown || chapter->figures_of_each) &&
               (folder = report_next(report, chapter->experiment, folder)) != NULL)
            shown = (folder != first && folder != report->drawn_of[i] && try_figure(report, folder, figure)) || shown;
        report->shown[i] = shown;
    }
}

void report_figure_of(struct report *report, const struct report_chapter *chapter, const char *prefix,
                      const struct report_folder *folder)
{
    const struct figure *figure;
    for (size_t i = 0; i < REPORT_FIGURES && report->answers && (figure = figure_row(i)) != NULL; i++)
        if (strcmp(figure->command, chapter->experiment) == 0 && strncmp(figure->name, prefix, strlen(prefix)) == 0 &&
            try_figure(report, folder, figure))
            report->drawn_of[i] = folder;
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
    if (!report_homework(report, chapter->experiment, NULL)) {
        document_block_begin(document, DOCUMENT_NOTE);
        document_markup(document, folder ? "**The homework's results are missing**: those that follow are of other "
                                           "experiments, and do not answer its question. It is answered by "
                                         : "**These results are missing.** They are made by ");
        document_text(document, DOCUMENT_CODE, chapter->command);
        document_block_end(document, DOCUMENT_NOTE);
    }
    if (!folder)
        return;
    document_block_begin(document, DOCUMENT_PARAGRAPH);
    document_markup(document, "The commands that made what follows. Given again, a command reads the finished runs and "
                              "computes nothing. Below, a folder goes by its last name; terms are explained under ");
    document_link(document, "words", "Words");
    document_markup(document, ".");
    document_block_end(document, DOCUMENT_PARAGRAPH);
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
