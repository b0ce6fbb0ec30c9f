/* document_html.c - a page of its own in HTML: no script, nothing from elsewhere; see document.h. */
#include <string.h>

#include "dlexp/base/version.h"
#include "dlexp/formats/escape.h"
#include "document.h"
#include "document_style.h"
#include "mathml.h"

static void print(FILE *out, const char *text)
{
    escape_html(out, text, strlen(text));
}

/* In the list, parts stand in a list of their chapter. */
static void print_contents(const struct document *document, FILE *out)
{
    int level = 1;
    fputs("<nav aria-label=\"Contents\" class=\"contents\">\n<p class=\"contents-title\">Contents</p>\n", out);
    for (size_t i = 0; i < document->heading_count; i++) {
        const struct document_heading *heading = &document->headings[i];
        if (heading->level > level)
            fputs("<ol>\n", out);
        else
            fputs("</li>\n", out);
        if (heading->level < level)
            fputs("</ol>\n</li>\n", out);
        level = heading->level;
        fprintf(out, "<li><a href=\"#%s\">", heading->id);
        print(out, heading->text);
        fputs("</a>", out);
    }
    for (; level > 1; level--)
        fputs("</li>\n</ol>\n", out);
    fputs("</nav>\n", out);
}

static void page_begin(const struct document *document, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n"
          "<title>",
          out);
    print(out, document->title);
    fprintf(out, "</title>\n<meta name=\"generator\" content=\"dlexp %s\">\n<style>\n", version_number);
    for (size_t i = 0; document_style[i]; i++)
        fputs(document_style[i], out);
    fputs("</style>\n</head>\n<body>\n<header>\n<h1>", out);
    print(out, document->title);
    fputs("</h1>\n<p class=\"subtitle\">", out);
    print(out, document->subtitle);
    fputs("</p>\n</header>\n", out);
    print_contents(document, out);
    fputs("<main>\n", out);
}

static void page_end(const struct document *document, FILE *out)
{
    (void)document;
    fprintf(out, "</main>\n<footer><p>Made by dlexp %s.</p></footer>\n</body>\n</html>\n", version_number);
}

static void print_heading(FILE *out, const struct document_heading *heading)
{
    fprintf(out, "<h%d id=\"%s\">", heading->level, heading->id);
    print(out, heading->text);
    fprintf(out, "</h%d>\n", heading->level);
}

static void block_begin(FILE *out, enum document_block block)
{
    fputs(block == DOCUMENT_NOTE ? "<p class=\"note\">" : "<p>", out);
}

static void block_end(FILE *out, enum document_block block)
{
    (void)block;
    fputs("</p>\n", out);
}

static void print_text(FILE *out, enum document_text kind, const char *text, size_t length)
{
    static const char *const tags[] = {[DOCUMENT_CODE] = "code", [DOCUMENT_STRONG] = "strong"};
    if (kind == DOCUMENT_MATH) {
        mathml_print(out, text, length, false);
    } else if (kind == DOCUMENT_PLAIN) {
        escape_html(out, text, length);
    } else {
        fprintf(out, "<%s>", tags[kind]);
        escape_html(out, text, length);
        fprintf(out, "</%s>", tags[kind]);
    }
}

static void print_link(FILE *out, const char *id, const char *text)
{
    fprintf(out, "<a href=\"#%s\">", id);
    print(out, text);
    fputs("</a>", out);
}

static void print_formula(FILE *out, const char *tex)
{
    fputs("<div class=\"formula\" tabindex=\"0\" role=\"group\" aria-label=\"Formula\">", out);
    mathml_print(out, tex, strlen(tex), true);
    fputs("</div>\n", out);
}

/* Whatever may be wider than a narrow screen has a box of its own that scrolls, also by the keys. */
static void print_listing(FILE *out, const char *label, const char *text)
{
    fputs("<pre tabindex=\"0\" role=\"group\" aria-label=\"", out);
    print(out, label);
    fputs("\"><code>", out);
    print(out, text);
    fputs("</code></pre>\n", out);
}

static void table_begin(FILE *out, const char *caption, bool records)
{
    fprintf(out, "<figure class=\"table%s\">\n<figcaption>", records ? " records" : "");
    print(out, caption);
    fputs("</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"", out);
    print(out, caption);
    fputs("\">\n", out);
}

static void table_end(FILE *out)
{
    fputs("</div>\n</figure>\n", out);
}

static void print_figure(FILE *out, const struct document_figure *figure)
{
    const char *svg = figure->svg;
    fputs("<figure class=\"picture\">\n", out);
    if (svg) {
        fputs("<div class=\"svg\">", out); /* the picture has its title and description in it */
        fputs(svg, out);
        fputs("</div>\n", out);
    }
    fputs("<figcaption><strong>", out);
    print(out, figure->title);
    fputs(".</strong> ", out);
    print(out, svg ? figure->caption : figure->description);
    if (!svg) {
        fputs(" <code>", out);
        print(out, figure->command);
        fputs("</code>", out);
    }
    fputs("</figcaption>\n</figure>\n", out);
}

static void print_answer(FILE *out, const struct document_answer *answer)
{
    char class[32];
    snprintf(class, sizeof class, "%s", answer->verdict ? answer->verdict : "plain");
    for (char *p = class; *p; p++)
        *p = *p == ' ' ? '-' : *p;
    fprintf(out, "<div class=\"answer %s\">\n<p class=\"claim\"><strong>", class);
    print(out, answer->claim);
    fputs("</strong>", out);
    if (answer->verdict) {
        fputs(" <span class=\"verdict\">", out);
        print(out, answer->verdict);
        fputs("</span>", out);
    }
    fputs("</p>\n<p class=\"sentence\">", out);
    print(out, answer->sentence);
    fputs("</p>\n<p class=\"source\">", out);
    print(out, answer->source);
    fputs("</p>\n</div>\n", out);
}

static void print_room(FILE *out)
{
    fputs("<div class=\"room\" role=\"note\" aria-label=\"Room for your answer\"><p>Your answer:</p></div>\n", out);
}

const struct document_writer document_html = {.name = "html",
                                              .ending = "html",
                                              .pictures = true,
                                              .tables = &frame_html,
                                              .page_begin = page_begin,
                                              .page_end = page_end,
                                              .heading = print_heading,
                                              .block_begin = block_begin,
                                              .block_end = block_end,
                                              .text = print_text,
                                              .link = print_link,
                                              .formula = print_formula,
                                              .listing = print_listing,
                                              .table_begin = table_begin,
                                              .table_end = table_end,
                                              .figure = print_figure,
                                              .answer = print_answer,
                                              .room = print_room};
