/* Rewrites gnuplot's SVG: titles, identifiers, fonts, size; see svg.h. */
#include "dlexp/formats/svg.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/escape.h"

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void put_size(const char *attribute, double pixels, const struct svg_facts *facts, FILE *out)
{
    if (facts->unit)
        fprintf(out, " %s=\"%.6g%s\"", attribute, pixels / facts->unit_pixels, facts->unit);
    else
        fprintf(out, " %s=\"%.6g\"", attribute, pixels);
}

static void put_head(double width, double height, const struct svg_facts *facts, FILE *out)
{
    const double scale = facts->width > 0 ? facts->width / width : 1;
    fputs("<svg", out);
    put_size("width", scale * width, facts, out);
    put_size("height", scale * height, facts, out);
    fprintf(
        out,
        " viewBox=\"0 0 %.6g %.6g\" xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\""
        " role=\"img\" id=\"%s-figure\" aria-labelledby=\"%s-title %s-desc\">\n<title id=\"%s-title\">",
        width, height, facts->name, facts->name, facts->name, facts->name);
    escape_html(out, facts->title, strlen(facts->title));
    fprintf(out, "</title>\n<desc id=\"%s-desc\">", facts->name);
    escape_html(out, facts->text, strlen(facts->text));
    fputs("</desc>\n", out);
    /* Light becomes dark and hues stay: what is legible on white is so on the dark page, text, grid and data alike.
     * On the root, as not all browsers filter a part of a picture; what knows no style sheets draws it on white. */
    fprintf(out,
            "<style>@media screen and (prefers-color-scheme: dark) { [id=\"%s-figure\"] "
            "{ filter: invert(0.92) hue-rotate(180deg); } }</style>\n",
            facts->name);
}

/* A place where something is to be written otherwise: how many characters of the text that takes, 0 for none. */
static size_t put_otherwise(const char *at, const struct svg_facts *facts, FILE *out)
{
    if (begins(at, "<title>")) {
        const char *end = strstr(at, "</title>");
        return end ? (size_t)(end - at) + strlen("</title>") : 0;
    }
    /* Of groups, which nothing refers to. */
    if (begins(at, " id=\"gnuplot_"))
        return strlen(" id=\"") + strcspn(at + strlen(" id=\""), "\"") + 1;
    if (begins(at, " id='")) {
        fprintf(out, " id='%s-", facts->name);
        return strlen(" id='");
    }
    if (begins(at, "href='#") || begins(at, "url(#")) {
        const size_t length = strcspn(at, "#") + 1;
        fprintf(out, "%.*s%s-", (int)length, at, facts->name);
        return length;
    }
    if (begins(at, "font-family=\"")) {
        const size_t length = strlen("font-family=\"") + strcspn(at + strlen("font-family=\""), "\"");
        fprintf(out, "%.*s, sans-serif", (int)length, at);
        return length;
    }
    return 0;
}

int svg_finish(const char *text, const struct svg_facts *facts, FILE *out)
{
    const char *width = strstr(text, " width=\""), *height = strstr(text, " height=\"");
    const char *body = strstr(text, "<g id=\"gnuplot_canvas\"");
    if (!width || !height || !body || width > body || height > body)
        return -1;
    put_head(strtod(width + strlen(" width=\""), NULL), strtod(height + strlen(" height=\""), NULL), facts, out);
    bool tag = false; /* what stands in the picture as text is left alone */
    while (*body) {
        tag = *body == '<' || (tag && *body != '>');
        const size_t length = tag ? put_otherwise(body, facts, out) : 0;
        if (length > 0) {
            body += length;
            tag = body[-1] != '>';
        } else {
            putc(*body++, out);
        }
    }
    return 0;
}
