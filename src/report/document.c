/* document.c - what all formats share; see document.h. */
#include "document.h"

#include <stdlib.h>
#include <string.h>

int document_begin(struct document *document, const struct document_writer *writer, const char *title,
                   const char *subtitle, struct error *err)
{
    *document = (struct document){.writer = writer, .title = title, .subtitle = subtitle};
    return output_open(&document->body, err);
}

void document_free(struct document *document)
{
    struct error ignored;
    if (document->body.stream)
        free(output_take(&document->body, &ignored));
    else
        free(document->body.text);
    document->body.text = NULL;
}

void document_fail(struct document *document, const struct error *failure)
{
    if (document->failure.code == 0)
        document->failure = *failure;
}

int document_print(struct document *document, FILE *out, struct error *err)
{
    if (!output_take(&document->body, err))
        return -1;
    if (document->failure.code != 0) {
        *err = document->failure;
        return -1;
    }
    document->writer->page_begin(document, out);
    fwrite(document->body.text, 1, document->body.size, out);
    document->writer->page_end(document, out);
    return 0;
}

void document_heading(struct document *document, int level, const char *id, const char *text)
{
    struct error full;
    if (document->heading_count == DOCUMENT_HEADINGS) {
        error_set(&full, ERROR_DATA, "the report: expected at most %d headings, got more; give fewer folders",
                  DOCUMENT_HEADINGS);
        document_fail(document, &full);
        return;
    }
    struct document_heading *heading = &document->headings[document->heading_count++];
    heading->level = level;
    snprintf(heading->id, sizeof heading->id, "%s", id);
    snprintf(heading->text, sizeof heading->text, "%s", text);
    document->writer->heading(document->body.stream, heading);
}

void document_block_begin(struct document *document, enum document_block block)
{
    document->writer->block_begin(document->body.stream, block);
}

void document_block_end(struct document *document, enum document_block block)
{
    document->writer->block_end(document->body.stream, block);
}

void document_text(struct document *document, enum document_text kind, const char *text)
{
    document->writer->text(document->body.stream, kind, text, strlen(text));
}

void document_link(struct document *document, const char *id, const char *text)
{
    document->writer->link(document->body.stream, id, text);
}

void document_markup(struct document *document, const char *markup)
{
    static const struct {
        const char *mark;
        enum document_text kind;
    } marks[] = {{"`", DOCUMENT_CODE}, {"**", DOCUMENT_STRONG}, {"$", DOCUMENT_MATH}};
    FILE *out = document->body.stream;
    for (const char *p = markup; *p;) {
        const size_t plain = strcspn(p, "`*$");
        if (plain > 0)
            document->writer->text(out, DOCUMENT_PLAIN, p, plain);
        p += plain;
        for (size_t m = 0; *p && m < sizeof marks / sizeof *marks; m++) {
            const size_t length = strlen(marks[m].mark);
            const char *end = strncmp(p, marks[m].mark, length) == 0 ? strstr(p + length, marks[m].mark) : NULL;
            if (!end)
                continue;
            document->writer->text(out, marks[m].kind, p + length, (size_t)(end - p) - length);
            p = end + length;
            break;
        }
        if (*p == '*' && p[1] != '*') /* a star by itself */
            document->writer->text(out, DOCUMENT_PLAIN, p++, 1);
    }
}

static void print_block(struct document *document, enum document_block block, const char *markup)
{
    document_block_begin(document, block);
    document_markup(document, markup);
    document_block_end(document, block);
}

void document_paragraph(struct document *document, const char *markup)
{
    print_block(document, DOCUMENT_PARAGRAPH, markup);
}

void document_note(struct document *document, const char *markup)
{
    print_block(document, DOCUMENT_NOTE, markup);
}

void document_formula(struct document *document, const char *tex)
{
    document->writer->formula(document->body.stream, tex);
}

void document_listing(struct document *document, const char *label, const char *text)
{
    document->writer->listing(document->body.stream, label, text);
}

static void print_table(struct document *document, const char *caption, bool records,
                        const struct frame_column *columns, frame_fill_fn *fill, const void *context)
{
    struct error err;
    FILE *out = document->body.stream;
    document->writer->table_begin(out, caption, records);
    if (frame_print(document->writer->tables, out, columns, fill, context, &err) < 0)
        document_fail(document, &err);
    document->writer->table_end(out);
}

void document_table(struct document *document, const char *caption, const struct frame_column *columns,
                    frame_fill_fn *fill, const void *context)
{
    print_table(document, caption, false, columns, fill, context);
}

void document_records(struct document *document, const char *caption, const struct frame_column *columns,
                      frame_fill_fn *fill, const void *context)
{
    print_table(document, caption, true, columns, fill, context);
}

/* What in an SVG stands before an identifier. */
static size_t reference_at(const char *p)
{
    static const char *const before[] = {" id=\"", "[id=\"",        "href=\"#", "href='#",
                                         "url(#",  "labelledby=\"", " id='",    "describedby=\""};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (strncmp(p, before[i], strlen(before[i])) == 0)
            return strlen(before[i]);
    return 0;
}

/* The SVG with "f3-" before each of its identifiers; NULL without memory. */
static char *number_svg(const char *svg, size_t number)
{
    struct output text;
    struct error ignored;
    if (output_open(&text, &ignored) < 0)
        return NULL;
    for (const char *p = svg; *p;) {
        const size_t length = reference_at(p);
        if (length == 0) {
            putc(*p++, text.stream);
            continue;
        }
        const bool several = strncmp(p, "labelledby", 10) == 0 || strncmp(p, "describedby", 11) == 0;
        fprintf(text.stream, "%.*sf%zu-", (int)length, p, number);
        for (p += length; several && *p && *p != '"'; p++)
            if (*p == ' ')
                fprintf(text.stream, " f%zu-", number);
            else
                putc(*p, text.stream);
    }
    return output_take(&text, &ignored);
}

void document_figure(struct document *document, const struct document_figure *figure)
{
    struct document_figure numbered = *figure;
    struct error err;
    char *svg = NULL;
    if (figure->svg) {
        svg = number_svg(figure->svg, ++document->figure_count);
        if (!svg) {
            error_out_of_memory(&err, "a figure");
            document_fail(document, &err);
            return;
        }
    }
    numbered.svg = svg;
    document->writer->figure(document->body.stream, &numbered);
    free(svg);
}

void document_answer(struct document *document, const struct document_answer *answer)
{
    document->writer->answer(document->body.stream, answer);
}

void document_room(struct document *document)
{
    document->writer->room(document->body.stream);
}
