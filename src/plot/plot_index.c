/* index.html beside the pictures: each with its title, its words, and links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/escape.h"
#include "dlexp/formats/output.h"
#include "plot_job.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>dlexp: figures</title>\n<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font-family: sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }\n"
    "figure { margin: 0 0 2.5rem; }\nimg { max-width: 100%; height: auto; }\n</style>\n</head>\n<body>\n"
    "<h1>Figures</h1>\n";

static void put_text(const char *text, FILE *out)
{
    escape_html(out, text, strlen(text));
}

/* A folder's name in an address: bytes that have a meaning there as %XX. */
static void put_address(const char *folder, FILE *out)
{
    static const char plain[] = "-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (const char *c = folder; *c; c++) {
        const char *known = plain;
        while (*known && *known != *c)
            known++;
        if (*known)
            putc(*c, out);
        else
            fprintf(out, "%%%02X", (unsigned char)*c);
    }
    if (*folder)
        putc('/', out);
}

static void put_item(const struct plot_job *job, const struct plot_item *item, FILE *out)
{
    const char *folder = job->folders.names[item->folder], *ending = "";
    size_t shown = FIGURE_FORMATS;
    for (size_t f = FIGURE_FORMATS; f-- > 0;)
        shown = job->formats[f] && f != FIGURE_PDF ? f : shown;
    fprintf(out, "<figure id=\"%s%s%s\">\n", folder, *folder ? "-" : "", item->figure->name);
    if (shown < FIGURE_FORMATS) {
        figure_format_name(shown, &ending);
        fputs("<img src=\"", out);
        put_address(folder, out);
        fprintf(out, "%s.%s\" alt=\"", item->figure->name, ending);
        put_text(item->figure->description, out);
        fputs("\">\n", out);
    }
    fputs("<figcaption>", out);
    put_text(item->figure->title, out);
    fputs(":", out);
    for (size_t f = 0; f < FIGURE_FORMATS; f++)
        if (job->formats[f]) {
            figure_format_name(f, &ending);
            fputs(" <a href=\"", out);
            put_address(folder, out);
            fprintf(out, "%s.%s\">%s</a>", item->figure->name, ending, ending);
        }
    fputs(". Drawn from <code>", out);
    put_text(job->folders.paths[item->folder], out);
    fputs("</code>.</figcaption>\n</figure>\n", out);
}

int plot_index_write(const struct plot_job *job, struct error *err)
{
    struct output output;
    if (output_open(&output, err) < 0)
        return -1;
    fputs(head, output.stream);
    for (size_t i = 0; i < job->count; i++) {
        const struct plot_item *item = &job->items[i];
        if (i == 0 || item->folder != job->items[i - 1].folder) {
            fputs("<h2>", output.stream);
            put_text(job->folders.paths[item->folder], output.stream);
            fputs("</h2>\n", output.stream);
        }
        if (item->status == PLOT_DRAWN || item->status == PLOT_UNCHANGED)
            put_item(job, item, output.stream);
    }
    fputs("</body>\n</html>\n", output.stream);
    return output_close_in(&output, job->out, "index.html", err);
}
