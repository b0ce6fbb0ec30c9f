/* document_latex.c - the page for LaTeX, whose tables can be taken out one by one; see document.h. */
#include <string.h>

#include "dlexp/base/version.h"
#include "dlexp/formats/escape.h"
#include "document.h"

static void print(FILE *out, const char *text)
{
    escape_latex(out, text, strlen(text));
}

static void page_begin(const struct document *document, FILE *out)
{
    fputs("\\documentclass[11pt]{article}\n"
          "\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\\usepackage{textcomp}\n"
          "\\usepackage[margin=25mm]{geometry}\n\\usepackage{amsmath,booktabs,graphicx}\n"
          "\\setlength{\\parindent}{0pt}\\setlength{\\parskip}{0.6em}\n"
          "% A table wider than the text is made smaller.\n"
          "\\newsavebox{\\widetable}\n"
          "\\newenvironment{fitted}{\\begin{lrbox}{\\widetable}}{\\end{lrbox}%\n"
          "  \\ifdim\\wd\\widetable>\\linewidth\\resizebox{\\linewidth}{!}{\\usebox{\\widetable}}%\n"
          "  \\else\\usebox{\\widetable}\\fi}\n"
          "\\title{",
          out);
    print(out, document->title);
    fputs("}\n\\author{}\n\\date{", out);
    print(out, document->subtitle);
    fputs("}\n\\begin{document}\n\\maketitle\n\\tableofcontents\n\n", out);
}

static void page_end(const struct document *document, FILE *out)
{
    (void)document;
    fprintf(out, "Made by dlexp %s.\n\\end{document}\n", version_number);
}

static void print_heading(FILE *out, const struct document_heading *heading)
{
    fputs(heading->level == 2 ? "\\section{" : "\\subsection{", out);
    print(out, heading->text);
    fputs("}\n\n", out);
}

static void block_begin(FILE *out, enum document_block block)
{
    fputs(block == DOCUMENT_NOTE ? "\\emph{Note.} " : "", out);
}

static void block_end(FILE *out, enum document_block block)
{
    (void)block;
    fputs("\n\n", out);
}

static void print_text(FILE *out, enum document_text kind, const char *text, size_t length)
{
    static const char *const commands[] = {[DOCUMENT_CODE] = "\\texttt{", [DOCUMENT_STRONG] = "\\textbf{"};
    if (kind == DOCUMENT_MATH) {
        fprintf(out, "$%.*s$", (int)length, text);
    } else if (kind == DOCUMENT_PLAIN) {
        escape_latex(out, text, length);
    } else {
        fputs(commands[kind], out);
        escape_latex(out, text, length);
        fputs("}", out);
    }
}

static void print_link(FILE *out, const char *id, const char *text)
{
    (void)id;
    print(out, text);
}

static void print_formula(FILE *out, const char *tex)
{
    fprintf(out, "\\[\n%s\n\\]\n\n", tex);
}

/* Line by line, as verbatim text may hold what ends it. */
static void print_listing(FILE *out, const char *label, const char *text)
{
    (void)label;
    fputs("{\\footnotesize\\ttfamily\\obeylines\\obeyspaces\\raggedright%\n", out);
    for (const char *p = text; *p;) {
        const size_t length = strcspn(p, "\n");
        escape_latex(out, p, length);
        p += length + (p[length] == '\n');
        fputs("\n", out);
    }
    fputs("}\n\n", out);
}

static void table_begin(FILE *out, const char *caption, bool records)
{
    (void)records;
    fputs("\\begin{center}\n\\small ", out);
    print(out, caption);
    fputs("\\\\[0.4em]\n\\begin{fitted}\n", out);
}

static void table_end(FILE *out)
{
    fputs("\\end{fitted}\n\\end{center}\n\n", out);
}

static void print_figure(FILE *out, const struct document_figure *figure)
{
    fputs("\\textbf{Figure: ", out);
    print(out, figure->title);
    fputs(".} ", out);
    print(out, figure->description);
    fputs(" Drawn by \\texttt{", out);
    print(out, figure->command);
    fputs("}\n\n", out);
}

static void print_answer(FILE *out, const struct document_answer *answer)
{
    fputs("\\textbf{", out);
    print(out, answer->claim);
    fputs("}", out);
    if (answer->verdict) {
        fputs(": \\emph{", out);
        print(out, answer->verdict);
        fputs("}", out);
    }
    fputs("\\\\\n", out);
    print(out, answer->sentence);
    fputs("\\\\\n{\\footnotesize ", out);
    print(out, answer->source);
    fputs("}\n\n", out);
}

static void print_room(FILE *out)
{
    fputs("\\emph{Your answer:}\\par\\vspace{6cm}\n\n", out);
}

const struct document_writer document_latex = {.name = "latex",
                                               .ending = "tex",
                                               .tables = &frame_latex,
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
