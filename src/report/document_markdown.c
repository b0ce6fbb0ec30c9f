/* document_markdown.c - the page in GitHub's Markdown, with mathematics between $; see document.h. */
#include <string.h>

#include "dlexp/base/version.h"
#include "dlexp/formats/escape.h"
#include "document.h"

static void print(FILE *out, const char *text)
{
    escape_markdown(out, text, strlen(text));
}

static void page_begin(const struct document *document, FILE *out)
{
    fputs("# ", out);
    print(out, document->title);
    fputs("\n\n", out);
    print(out, document->subtitle);
    fputs("\n\n", out);
    for (size_t i = 0; i < document->heading_count; i++) {
        const struct document_heading *heading = &document->headings[i];
        fprintf(out, "%*s- [", 2 * (heading->level - 2), "");
        print(out, heading->text);
        fprintf(out, "](#%s)\n", heading->id);
    }
    fputs("\n", out);
}

static void page_end(const struct document *document, FILE *out)
{
    (void)document;
    fprintf(out, "Made by dlexp %s.\n", version_number);
}

/* The anchor is the page's own: what a site makes of a heading differs from site to site. */
static void print_heading(FILE *out, const struct document_heading *heading)
{
    fprintf(out, "<a id=\"%s\"></a>\n\n%.*s ", heading->id, heading->level, "######");
    print(out, heading->text);
    fputs("\n\n", out);
}

static void block_begin(FILE *out, enum document_block block)
{
    fputs(block == DOCUMENT_NOTE ? "> " : "", out);
}

static void block_end(FILE *out, enum document_block block)
{
    (void)block;
    fputs("\n\n", out);
}

/* As long a fence as none inside. */
static size_t fence_of(const char *text, size_t length)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < length; i++) {
        run = text[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest + 1;
}

static void print_fence(FILE *out, size_t length)
{
    while (length-- > 0)
        putc('`', out);
}

static void print_code(FILE *out, const char *text, size_t length)
{
    const size_t fence = fence_of(text, length);
    print_fence(out, fence);
    fputs(fence > 1 ? " " : "", out);
    for (size_t i = 0; i < length; i++)
        putc(text[i] == '\n' ? ' ' : text[i], out);
    fputs(fence > 1 ? " " : "", out);
    print_fence(out, fence);
}

static void print_text(FILE *out, enum document_text kind, const char *text, size_t length)
{
    if (kind == DOCUMENT_CODE) {
        print_code(out, text, length);
    } else if (kind == DOCUMENT_MATH) {
        fprintf(out, "$%.*s$", (int)length, text);
    } else {
        fputs(kind == DOCUMENT_STRONG ? "**" : "", out);
        escape_markdown(out, text, length);
        fputs(kind == DOCUMENT_STRONG ? "**" : "", out);
    }
}

static void print_link(FILE *out, const char *id, const char *text)
{
    putc('[', out);
    print(out, text);
    fprintf(out, "](#%s)", id);
}

static void print_formula(FILE *out, const char *tex)
{
    fprintf(out, "$$\n%s\n$$\n\n", tex);
}

static void print_listing(FILE *out, const char *label, const char *text)
{
    const size_t length = strlen(text), fence = fence_of(text, length) < 3 ? 3 : fence_of(text, length);
    (void)label;
    print_fence(out, fence);
    fprintf(out, "\n%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    print_fence(out, fence);
    fputs("\n\n", out);
}

static void table_begin(FILE *out, const char *caption, bool records)
{
    (void)records;
    print(out, caption);
    fputs("\n\n", out);
}

static void table_end(FILE *out)
{
    fputs("\n", out);
}

/* A page of text shows no picture: what is in it, and what draws it. */
static void print_figure(FILE *out, const struct document_figure *figure)
{
    fputs("**Figure: ", out);
    print(out, figure->title);
    fputs(".** ", out);
    print(out, figure->description);
    fputs(" Drawn by ", out);
    print_code(out, figure->command, strlen(figure->command));
    fputs("\n\n", out);
}

static void print_answer(FILE *out, const struct document_answer *answer)
{
    fputs("> **", out);
    print(out, answer->claim);
    fputs(answer->verdict ? "**: *" : "**", out);
    print(out, answer->verdict ? answer->verdict : "");
    fputs(answer->verdict ? "*\n>\n> " : "\n>\n> ", out);
    print(out, answer->sentence);
    fputs("\n>\n> ", out);
    print(out, answer->source);
    fputs("\n\n", out);
}

static void print_room(FILE *out)
{
    fputs("*Your answer:*\n\n&nbsp;\n\n&nbsp;\n\n&nbsp;\n\n", out);
}

const struct document_writer document_markdown = {.name = "markdown",
                                                  .ending = "md",
                                                  .tables = &frame_markdown,
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
