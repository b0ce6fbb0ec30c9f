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

void pictures_free(struct pictures *pictures)
{
    for (size_t f = 0; f < FIGURE_FORMATS; f++)
        picture_free(&pictures->of[f]);
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
static char *make_settings(const struct figure_style *style, const bool formats[FIGURE_FORMATS], struct error *err)
{
    struct output output;
    const char *name = "";
    if (output_open(&output, err) < 0)
        return NULL;
    fputs("to_standard_output = 1; formats = '", output.stream);
    for (size_t f = 0, count = 0; figure_format_name(f, &name); f++)
        if (formats[f])
            fprintf(output.stream, "%s%s", count++ > 0 ? " " : "", name);
    putc('\'', output.stream);
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

/* ---- what gnuplot printed, picture after picture ---- */

/* Where the SVG ends that stands first in the bytes, which end with a NUL; 0: there is none. */
static size_t svg_size(const char *bytes)
{
    static const char close[] = "</svg>";
    const char *end = strstr(bytes, close);
    if (!end)
        return 0;
    for (end += sizeof close - 1; *end == '\n'; end++)
        ;
    return (size_t)(end - bytes);
}

/* The same of a PNG: chunks of a length, big-endian, a type of 4 bytes, so much data and a checksum, up to IEND. */
static size_t png_size(const char *bytes, size_t size)
{
    enum { SIGNATURE = 8, AROUND = 12 };
    const unsigned char *byte = (const unsigned char *)bytes;
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        const size_t length =
            (size_t)byte[at] << 24 | (size_t)byte[at + 1] << 16 | (size_t)byte[at + 2] << 8 | byte[at + 3];
        const bool ends = memcmp(bytes + at + 4, "IEND", 4) == 0;
        at += AROUND + length;
        if (ends)
            return at <= size ? at : 0;
    }
    return 0;
}

/* The pictures in the order of their formats, of which the last takes what is left. */
static int take_apart(struct pictures *pictures, const struct gnuplot_output *output,
                      const bool formats[FIGURE_FORMATS], const struct figure *figure, struct error *err)
{
    const char *from = output->bytes;
    size_t left = output->size, last = 0;
    for (size_t f = 0; f < FIGURE_FORMATS; f++)
        last = formats[f] ? f : last;
    for (size_t f = 0; f < FIGURE_FORMATS; f++) {
        if (!formats[f])
            continue;
        const size_t size = f == last ? left : f == FIGURE_SVG ? svg_size(from) : png_size(from, left);
        if (size == 0)
            return error_set(err, ERROR_IO, "%s: gnuplot ended well but drew nothing, or not as expected",
                             figure->name);
        struct picture *picture = &pictures->of[f];
        picture->bytes = malloc(size + 1);
        if (!picture->bytes)
            return error_out_of_memory(err, figure->name);
        memcpy(picture->bytes, from, size);
        picture->bytes[size] = '\0';
        picture->size = size;
        from += size;
        left -= size;
    }
    return 0;
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

static int finish(const struct figure *figure, const struct figure_style *style, const bool formats[FIGURE_FORMATS],
                  const struct gnuplot_output *output, struct pictures *pictures, struct error *err)
{
    if (take_apart(pictures, output, formats, figure, err) < 0)
        return -1;
    if (formats[FIGURE_PDF])
        date_pdf(&pictures->of[FIGURE_PDF]);
    return formats[FIGURE_SVG] ? finish_svg(figure, style, &pictures->of[FIGURE_SVG], err) : 0;
}

enum figure_end figure_draw(const struct figure *figure, const char *folder, const struct figure_style *style,
                            const bool formats[FIGURE_FORMATS], struct pictures *pictures, struct error *err)
{
    static const enum figure_end ends[] = {FIGURE_DRAWN, FIGURE_NO_GNUPLOT, FIGURE_NOT_LEGIBLE};
    char script[128], *settings = NULL, *path = NULL, *input = NULL;
    struct gnuplot_output output = {NULL, 0};
    enum gnuplot_end end = GNUPLOT_FAILED;
    *pictures = (struct pictures){0};
    snprintf(script, sizeof script, "plots/%s", figure->script);
    if (locate_script(&path, script, err) < 0)
        return FIGURE_NOT_DRAWN;
    input = path_join(folder, figure->table);
    if (!input)
        error_out_of_memory(err, folder);
    else
        settings = make_settings(style, formats, err);
    if (settings) {
        const char *const arguments[] = {input, figure->name, figure->setting, NULL};
        end = gnuplot_run(settings, path, arguments, &output, err);
    }
    if (end == GNUPLOT_ENDED_WELL && finish(figure, style, formats, &output, pictures, err) < 0)
        end = GNUPLOT_FAILED;
    free(output.bytes);
    free(settings);
    free(path);
    free(input);
    return end == GNUPLOT_FAILED ? FIGURE_NOT_DRAWN : ends[end];
}
