/*
 * document.h - a page of headings, paragraphs, formulas, tables, figures and commands, written once for every format.
 *
 * Who knows what is to be said calls the functions below in the order of the page and says nothing of formats; a format
 * is a document_writer, one file each (document_html.c ...), as frame_writer is for tables.  Nothing can fail visibly:
 * what goes wrong is remembered, and document_print tells.
 *
 * Two kinds of text: `markup` is the program's own, with `code`, **strong** and $mathematics$ (mathml.h) in it; `text`
 * is anyone's, from files, and stands as it is.
 */
#ifndef DLEXP_REPORT_DOCUMENT_H
#define DLEXP_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/formats/frame.h"
#include "dlexp/formats/output.h"

enum { DOCUMENT_HEADINGS = 64, DOCUMENT_ID = 48, DOCUMENT_HEADING = 160 };

struct document_heading {
    int level; /* 2: a chapter, 3: a part of it; the title is the only one of level 1 */
    char id[DOCUMENT_ID], text[DOCUMENT_HEADING];
};

enum document_block { DOCUMENT_PARAGRAPH, DOCUMENT_NOTE }; /* a note: what is missing, what to do */
enum document_text { DOCUMENT_PLAIN, DOCUMENT_CODE, DOCUMENT_STRONG, DOCUMENT_MATH };

/* The answer to a question, with where it comes from. */
struct document_answer {
    const char *claim, *sentence, *source;
    const char *verdict; /* one of verdict_name, several, or NULL */
};

struct document_figure {
    const char *title, *caption; /* texts */
    const char *description;     /* what the picture shows, for whoever cannot see it */
    const char *svg;             /* from "<svg" on; NULL: it could not be drawn */
    const char *command;         /* that draws it as a file; said where there is no picture */
};

struct document;

/* A format.  `out` is where the body goes, but for page_begin and page_end, which surround it. */
struct document_writer {
    const char *name, *ending; /* of files: "html" */
    bool pictures;             /* it shows figures; the others name the command that draws them */
    const struct frame_writer *tables;
    void (*page_begin)(const struct document *document, FILE *out);
    void (*page_end)(const struct document *document, FILE *out);
    void (*heading)(FILE *out, const struct document_heading *heading);
    void (*block_begin)(FILE *out, enum document_block block);
    void (*block_end)(FILE *out, enum document_block block);
    void (*text)(FILE *out, enum document_text kind, const char *text, size_t length);
    void (*link)(FILE *out, const char *id, const char *text); /* to a heading of the page */
    void (*formula)(FILE *out, const char *tex);
    void (*listing)(FILE *out, const char *label, const char *text); /* a command, a model */
    /* records: each row is to be read by itself, and may stand as a block of its own where there is no room */
    void (*table_begin)(FILE *out, const char *caption, bool records);
    void (*table_end)(FILE *out);
    void (*figure)(FILE *out, const struct document_figure *figure);
    void (*answer)(FILE *out, const struct document_answer *answer);
    void (*room)(FILE *out); /* to write an answer into */
};

extern const struct document_writer document_html, document_markdown, document_latex;

struct document {
    const struct document_writer *writer;
    const char *title, *subtitle;
    struct document_heading headings[DOCUMENT_HEADINGS];
    size_t heading_count, figure_count;
    struct output body;
    struct error failure; /* code 0: none */
};

/* document_begin - an empty one.  document_free after success and failure alike. */
int document_begin(struct document *document, const struct document_writer *writer, const char *title,
                   const char *subtitle, struct error *err);
void document_free(struct document *document);

/* document_print - the whole page. */
int document_print(struct document *document, FILE *out, struct error *err);

/* document_fail - the page is not to be used, for this reason.  The first one is kept. */
void document_fail(struct document *document, const struct error *failure);

/* id: unique, of letters, digits and dashes. */
void document_heading(struct document *document, int level, const char *id, const char *text);

void document_paragraph(struct document *document, const char *markup);
void document_note(struct document *document, const char *markup);
/* A block in pieces, for texts among markup. */
void document_block_begin(struct document *document, enum document_block block);
void document_markup(struct document *document, const char *markup);
void document_text(struct document *document, enum document_text kind, const char *text);
void document_link(struct document *document, const char *id, const char *text);
void document_block_end(struct document *document, enum document_block block);

/* tex: what mathml.h reads. */
void document_formula(struct document *document, const char *tex);
void document_listing(struct document *document, const char *label, const char *text);
void document_table(struct document *document, const char *caption, const struct frame_column *columns,
                    frame_fill_fn *fill, const void *context);
/* document_records - the same of rows of sentences, each to be read by itself. */
void document_records(struct document *document, const char *caption, const struct frame_column *columns,
                      frame_fill_fn *fill, const void *context);
/* An SVG's identifiers get a number, so that the same figure can stand there twice. */
void document_figure(struct document *document, const struct document_figure *figure);
void document_answer(struct document *document, const struct document_answer *answer);
void document_room(struct document *document);

#endif
