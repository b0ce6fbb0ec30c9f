/* mathml.c - see mathml.h. */
#include "mathml.h"

#include <ctype.h>
#include <string.h>

#include "dlexp/formats/escape.h"

/* A span of TeX. */
struct span {
    const char *at, *end;
};

struct printer {
    FILE *out;
    bool known; /* all that was met */
};

static const struct symbol {
    const char *name, *element, *text;
    bool limits; /* scripts stand above and below */
} symbols[] = {
    {"alpha", "mi", "α", false},      {"beta", "mi", "β", false},        {"gamma", "mi", "γ", false},
    {"epsilon", "mi", "ε", false},    {"kappa", "mi", "κ", false},       {"lambda", "mi", "λ", false},
    {"mu", "mi", "μ", false},         {"pi", "mi", "π", false},          {"sigma", "mi", "σ", false},
    {"nabla", "mo", "∇", false},      {"sum", "mo", "∑", true},          {"cdot", "mo", "⋅", false},
    {"times", "mo", "×", false},      {"le", "mo", "≤", false},          {"ge", "mo", "≥", false},
    {"ne", "mo", "≠", false},         {"approx", "mo", "≈", false},      {"sim", "mo", "∼", false},
    {"leftarrow", "mo", "←", false},  {"to", "mo", "→", false},          {"in", "mo", "∈", false},
    {"infty", "mi", "∞", false},      {"min", "mi", "min", true},        {"max", "mi", "max", true},
    {"dots", "mo", "…", false},       {"pm", "mo", "±", false},          {"top", "mi", "⊤", false},
    {"odot", "mo", "⊙", false},       {"partial", "mi", "∂", false},     {"Leftrightarrow", "mo", "⇔", false},
    {"quad", "mspace", "1em", false}, {"qquad", "mspace", "2em", false},
};

/* Commands with arguments in braces. */
static const struct {
    const char *name;
    int arguments;
} commands[] = {{"frac", 2}, {"sqrt", 1}, {"hat", 1}, {"bar", 1}, {"text", 1}, {"mathrm", 1}};

static void print_row(struct printer *printer, struct span span);

static bool is_name(struct span name, const char *text)
{
    const size_t length = strlen(text);
    return (size_t)(name.end - name.at) == length && memcmp(name.at, text, length) == 0;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n'))
        p++;
    return p;
}

/* The letters behind a backslash. */
static struct span name_at(const char *p, const char *end)
{
    struct span name = {p + 1, p + 1};
    while (name.end < end && isalpha((unsigned char)*name.end))
        name.end++;
    return name;
}

/* Behind the brace that closes the one at p. */
static const char *group_end(const char *p, const char *end)
{
    int depth = 0;
    for (; p < end; p++) {
        depth += (*p == '{') - (*p == '}');
        if (depth == 0)
            return p + 1;
    }
    return end;
}

/* Behind the \end{...} that belongs to the \begin at p. */
static const char *environment_end(const char *p, const char *end)
{
    static const char opening[] = "\\begin{", closing[] = "\\end{";
    int depth = 0;
    for (; p < end; p++) {
        const bool closes = strncmp(p, closing, sizeof closing - 1) == 0;
        depth += (strncmp(p, opening, sizeof opening - 1) == 0) - closes;
        if (closes && depth == 0)
            return group_end(p + sizeof closing - 2, end);
    }
    return end;
}

static const char *atom_end(const char *p, const char *end)
{
    if (*p == '{')
        return group_end(p, end);
    if (isdigit((unsigned char)*p)) {
        while (p < end && (isdigit((unsigned char)*p) || (*p == '.' && p + 1 < end && isdigit((unsigned char)p[1]))))
            p++;
        return p;
    }
    if (*p == '\\') {
        const struct span name = name_at(p, end);
        if (name.at == name.end)
            return p + 2 < end ? p + 2 : end;
        if (is_name(name, "begin"))
            return environment_end(p, end);
        p = name.end;
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            for (int a = 0; is_name(name, commands[i].name) && a < commands[i].arguments; a++)
                p = group_end(skip_blanks(p, end), end);
        return p;
    }
    for (p++; p < end && ((unsigned char)*p & 0xC0) == 0x80;)
        p++;
    return p;
}

static void print_element(FILE *out, const char *element, struct span span)
{
    fprintf(out, "<%s>", element);
    escape_html(out, span.at, (size_t)(span.end - span.at));
    fprintf(out, "</%s>", element);
}

/* The inside of a group in braces, which is moved past. */
static struct span take_argument(const char **p, const char *end)
{
    const char *from = skip_blanks(*p, end);
    *p = group_end(from, end);
    return (struct span){from + 1, *p - 1};
}

static void print_argument(struct printer *printer, const char **p, const char *end)
{
    fputs("<mrow>", printer->out);
    print_row(printer, take_argument(p, end));
    fputs("</mrow>", printer->out);
}

/* Rows of cells: & parts these, \\ those. */
static void print_cells(struct printer *printer, struct span span)
{
    const char *cell = span.at;
    fputs("<mtr><mtd>", printer->out);
    for (const char *p = span.at; p < span.end;) {
        const bool row = p[0] == '\\' && p + 1 < span.end && p[1] == '\\';
        if (*p != '&' && !row) {
            p = atom_end(p, span.end);
            continue;
        }
        print_row(printer, (struct span){cell, p});
        fputs(row ? "</mtd></mtr><mtr><mtd>" : "</mtd><mtd>", printer->out);
        p += row ? 2 : 1;
        cell = p;
    }
    print_row(printer, (struct span){cell, span.end});
    fputs("</mtd></mtr>", printer->out);
}

static void print_environment(struct printer *printer, struct span span)
{
    const char *p = span.at + strlen("\\begin");
    const struct span name = take_argument(&p, span.end);
    const struct span inside = {p, span.end - (name.end - name.at) - (ptrdiff_t)strlen("\\end{}")};
    const bool matrix = is_name(name, "pmatrix");
    fputs(matrix ? "<mrow><mo>(</mo><mtable>" : "<mtable class=\"aligned\" displaystyle=\"true\">", printer->out);
    print_cells(printer, inside);
    fputs(matrix ? "</mtable><mo>)</mo></mrow>" : "</mtable>", printer->out);
    printer->known &= matrix || is_name(name, "aligned");
}

static const struct symbol *find_symbol(struct span name)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (is_name(name, symbols[i].name))
            return &symbols[i];
    return NULL;
}

static void print_command(struct printer *printer, struct span span)
{
    FILE *out = printer->out;
    const struct span name = name_at(span.at, span.end);
    const struct symbol *symbol = find_symbol(name);
    const char *p = name.end;
    if (name.at == name.end && span.at[1] == ',') {
        fputs("<mspace width=\"0.17em\"/>", out);
    } else if (symbol && strcmp(symbol->element, "mspace") == 0) {
        fprintf(out, "<mspace width=\"%s\"/>", symbol->text);
    } else if (symbol) {
        fprintf(out, "<%s>%s</%s>", symbol->element, symbol->text, symbol->element);
    } else if (is_name(name, "begin")) {
        print_environment(printer, span);
    } else if (is_name(name, "frac")) {
        fputs("<mfrac>", out);
        print_argument(printer, &p, span.end);
        print_argument(printer, &p, span.end);
        fputs("</mfrac>", out);
    } else if (is_name(name, "sqrt")) {
        fputs("<msqrt>", out);
        print_argument(printer, &p, span.end);
        fputs("</msqrt>", out);
    } else if (is_name(name, "hat") || is_name(name, "bar")) {
        fputs("<mover accent=\"true\">", out);
        print_argument(printer, &p, span.end);
        fprintf(out, "<mo stretchy=\"false\">%s</mo></mover>", is_name(name, "hat") ? "^" : "¯");
    } else if (is_name(name, "text") || is_name(name, "mathrm")) {
        print_element(out, is_name(name, "text") ? "mtext" : "mi", take_argument(&p, span.end));
    } else {
        print_element(out, "mtext", span);
        printer->known = false;
    }
}

static void print_atom(struct printer *printer, struct span span)
{
    if (span.at == span.end) { /* a script without anything */
        fputs("<mrow></mrow>", printer->out);
        printer->known = false;
        return;
    }
    const unsigned char first = (unsigned char)*span.at;
    if (first == '{') {
        fputs("<mrow>", printer->out);
        print_row(printer, (struct span){span.at + 1, span.end - 1});
        fputs("</mrow>", printer->out);
    } else if (first == '\\') {
        print_command(printer, span);
    } else if (isdigit(first)) {
        print_element(printer->out, "mn", span);
    } else if (isalpha(first) || first >= 0x80) {
        print_element(printer->out, "mi", span);
    } else if (first == '-') {
        fputs("<mo>−</mo>", printer->out);
    } else if (strchr("()[]|", first)) {
        fprintf(printer->out, "<mo stretchy=\"false\">%c</mo>", first);
    } else {
        print_element(printer->out, "mo", span);
    }
}

/* An atom with what stands above and below it; returns where they end. */
static const char *print_scripted(struct printer *printer, const char *p, const char *end)
{
    const struct span base = {p, atom_end(p, end)};
    struct span above = {NULL, NULL}, below = {NULL, NULL};
    const struct symbol *symbol = *p == '\\' ? find_symbol(name_at(p, end)) : NULL;
    const bool limits = symbol && symbol->limits;
    for (p = base.end; p < end && (*p == '^' || *p == '_');) {
        struct span *script = *p == '^' ? &above : &below;
        script->at = skip_blanks(p + 1, end);
        p = script->end = script->at < end ? atom_end(script->at, end) : end;
    }
    const char *element = above.at && below.at ? (limits ? "munderover" : "msubsup")
                          : above.at           ? (limits ? "mover" : "msup")
                          : below.at           ? (limits ? "munder" : "msub")
                                               : NULL;
    if (element)
        fprintf(printer->out, "<%s>", element);
    print_atom(printer, base);
    if (below.at)
        print_atom(printer, below);
    if (above.at)
        print_atom(printer, above);
    if (element)
        fprintf(printer->out, "</%s>", element);
    return p;
}

static void print_row(struct printer *printer, struct span span)
{
    for (const char *p = span.at; (p = skip_blanks(p, span.end)) < span.end;)
        p = print_scripted(printer, p, span.end);
}

bool mathml_print(FILE *out, const char *tex, size_t length, bool display)
{
    struct printer printer = {out, true};
    fputs(display ? "<math display=\"block\"><mrow>" : "<math><mrow>", out);
    print_row(&printer, (struct span){tex, tex + length});
    fputs("</mrow></math>", out);
    return printer.known;
}
