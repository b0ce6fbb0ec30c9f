/* Draws the figures of a page before the page is written; see report.h. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const struct figure_style style = {.no_title = true};

static void wish(struct report *report, const struct report_folder *folder, const struct figure *figure)
{
    struct report_pictures *pictures = report->pictures;
    struct error err;
    struct drawing *grown = realloc(pictures->drawings, (pictures->count + 1) * sizeof *grown);
    if (!grown) {
        error_out_of_memory(&err, "the list of figures");
        document_fail(&report->document, &err);
        return;
    }
    pictures->drawings = grown;
    grown[pictures->count++] =
        (struct drawing){.figure = figure, .folder = folder->path, .style = &style, .formats = {[FIGURE_SVG] = true}};
}

static int keep(struct drawing *drawing, void *pictures_, struct error *err)
{
    struct report_pictures *pictures = pictures_;
    if (drawing->end == FIGURE_NOT_DRAWN) {
        *err = drawing->err;
        return -1;
    }
    pictures->kept[drawing - pictures->drawings] = drawing->pictures.of[FIGURE_SVG];
    drawing->pictures.of[FIGURE_SVG] = (struct picture){NULL, 0};
    return 0;
}

int report_draw(struct report *report, void (*write)(struct report *report), struct error *err)
{
    struct report_pictures *pictures = report->pictures;
    struct report draft = *report;
    const struct document *document = &report->document;
    if (!document->writer->pictures)
        return 0;
    if (document_begin(&draft.document, document->writer, document->title, document->subtitle, err) < 0)
        return -1;
    pictures->collecting = true;
    write(&draft);
    pictures->collecting = false;
    int result = 0;
    if (draft.document.failure.code != 0) {
        *err = draft.document.failure;
        result = -1;
    }
    document_free(&draft.document);
    if (result == 0 && pictures->count > 0) {
        pictures->kept = calloc(pictures->count, sizeof *pictures->kept);
        result = pictures->kept ? drawings_draw(pictures->drawings, pictures->count, keep, pictures, err)
                                : error_out_of_memory(err, "the figures");
    }
    return result;
}

enum figure_end report_picture(struct report *report, const struct report_folder *folder, const struct figure *figure,
                               const char **svg)
{
    const struct report_pictures *pictures = report->pictures;
    *svg = NULL;
    if (!report->document.writer->pictures)
        return FIGURE_NO_GNUPLOT;
    if (pictures->collecting) {
        wish(report, folder, figure);
        return FIGURE_NOT_LEGIBLE;
    }
    for (size_t i = 0; i < pictures->count; i++) {
        const struct drawing *drawing = &pictures->drawings[i];
        if (drawing->figure != figure || strcmp(drawing->folder, folder->path) != 0)
            continue;
        if (drawing->end == FIGURE_DRAWN)
            *svg = strstr(pictures->kept[i].bytes, "<svg");
        return drawing->end;
    }
    return FIGURE_NO_GNUPLOT;
}

void report_pictures_free(struct report_pictures *pictures)
{
    for (size_t i = 0; pictures->kept && i < pictures->count; i++)
        picture_free(&pictures->kept[i]);
    free(pictures->kept);
    free(pictures->drawings);
    *pictures = (struct report_pictures){0};
}
