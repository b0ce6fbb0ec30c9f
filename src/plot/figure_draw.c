/* Draws a figure: settings for gnuplot, its picture, and what it does not know of it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlexp/base/file.h"
#include "dlexp/base/locate.h"
#include "dlexp/formats/gnuplot.h"
#include "dlexp/formats/output.h"
#include "dlexp/formats/svg.h"
#include "dlexp/plot/figure.h"

enum { SETTINGS_SIZE = 1024 };

void picture_free(struct picture *picture)
{
    free(picture->bytes);
    *picture = (struct picture){NULL, 0};
}

/* A text as gnuplot reads it within single quotes. */
static void put_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            putc('\'', out);
        putc(*text, out);
    }
    putc('\'', out);
}

/* What style.gp reads; malloc'ed. */
static char *make_settings(const struct figure_style *style, enum figure_format format, struct error *err)
{
    struct output output;
    const char *name = "";
    if (output_open(&output, err) < 0)
        return NULL;
    figure_format_name(format, &name);
    fprintf(output.stream, "to_standard_output = 1; formats = '%s'", name);
    if (style->width > 0)
        fprintf(output.stream, "; picture_width = %.9g", style->width);
    if (style->no_title)
        fputs("; no_title = 1", output.stream);
    if (style->font) {
        fputs("; figure_font = ", output.stream);
        put_quoted(output.stream, style->font);
    }
    return output_take(&output, err);
}

/* ---- what gnuplot does not know ---- */

static int finish_svg(const struct figure *figure, const struct figure_style *style, struct picture *picture,
                      struct error *err)
{
    const struct svg_facts facts = {style->id ? style->id : figure->name,
                                    figure->title,
                                    figure->description,
                                    style->width,
                                    style->unit,
                                    style->unit_pixels};
    struct output output;
    if (output_open(&output, err) < 0)
        return -1;
    const int finished = svg_finish(picture->bytes, &facts, output.stream);
    char *text = output_take(&output, err);
    if (!text)
        return -1;
    if (finished < 0) {
        free(text);
        return error_set(err, ERROR_RUN, "%s: gnuplot's SVG is not as expected: it has no canvas with a size",
                         figure->name);
    }
    free(picture->bytes);
    *picture = (struct picture){text, output.size};
    return 0;
}

/* Cairo writes the time into a PDF, "/CreationDate (D:20210203040506+01'00)"; reproducible builds give one of their own
 * (reproducible-builds.org).  The same length, as a PDF names places by their bytes. */
static void date_pdf(struct picture *picture)
{
    static const char mark[] = "/CreationDate (D:";
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end, date[32];
    struct tm utc;
    if (!epoch || !*epoch)
        return;
    const time_t when = (time_t)strtoll(epoch, &end, 10);
    if (*end || !gmtime_r(&when, &utc) || strftime(date, sizeof date, "%Y%m%d%H%M%SZ00'00", &utc) == 0)
        return;
    for (size_t i = 0; i + sizeof mark < picture->size; i++) {
        char *at = picture->bytes + i;
        if (memcmp(at, mark, sizeof mark - 1) != 0)
            continue;
        at += sizeof mark - 1;
        for (size_t k = 0; date[k] && (size_t)(at - picture->bytes) + k < picture->size && at[k] != ')'; k++)
            at[k] = date[k];
        return;
    }
}

enum figure_end figure_draw(const struct figure *figure, const char *folder, const struct figure_style *style,
                            enum figure_format format, struct picture *picture, struct error *err)
{
    static const enum figure_end ends[] = {FIGURE_DRAWN, FIGURE_NO_GNUPLOT, FIGURE_NOT_LEGIBLE};
    char script[128], *settings = NULL, *path = NULL, *input = NULL;
    struct gnuplot_output output = {NULL, 0};
    enum gnuplot_end end = GNUPLOT_FAILED;
    *picture = (struct picture){NULL, 0};
    snprintf(script, sizeof script, "plots/%s", figure->script);
    if (locate_script(&path, script, err) < 0)
        return FIGURE_NOT_DRAWN;
    input = path_join(folder, figure->table);
    if (!input)
        error_out_of_memory(err, folder);
    else
        settings = make_settings(style, format, err);
    if (settings) {
        const char *const arguments[] = {input, figure->name, figure->setting, NULL};
        end = gnuplot_run(settings, path, arguments, &output, err);
    }
    if (end == GNUPLOT_ENDED_WELL && output.size == 0) {
        error_set(err, ERROR_IO, "gnuplot -c '%s' '%s' ended well but drew nothing", path, input);
        end = GNUPLOT_FAILED;
    }
    free(settings);
    free(path);
    free(input);
    *picture = (struct picture){output.bytes, output.size};
    if (end == GNUPLOT_ENDED_WELL && format == FIGURE_SVG && finish_svg(figure, style, picture, err) < 0)
        end = GNUPLOT_FAILED;
    if (end == GNUPLOT_ENDED_WELL && format == FIGURE_PDF)
        date_pdf(picture);
    return end == GNUPLOT_FAILED ? FIGURE_NOT_DRAWN : ends[end];
}
