/* escape.c - see escape.h. */
#include "dlexp/formats/escape.h"

#include <string.h>

struct sign {
    char sign;
    const char *instead;
};

/* signs: up to one that is 0. */
static void escape(FILE *out, const char *text, size_t length, const struct sign *signs)
{
    for (const char *p = text; p < text + length; p++) {
        const struct sign *sign = signs;
        while (sign->sign && sign->sign != *p)
            sign++;
        if (sign->sign)
            fputs(sign->instead, out);
        else if ((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t')
            putc(*p, out);
    }
}

void escape_html(FILE *out, const char *text, size_t length)
{
    static const struct sign signs[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                        {'"', "&quot;"}, {'\'', "&#39;"}, {0}};
    escape(out, text, length, signs);
}

void escape_markdown(FILE *out, const char *text, size_t length)
{
    static const struct sign signs[] = {{'\\', "\\\\"}, {'`', "\\`"}, {'*', "\\*"}, {'_', "\\_"}, {'[', "\\["},
                                        {']', "\\]"},   {'<', "\\<"}, {'>', "\\>"}, {'|', "\\|"}, {'$', "\\$"},
                                        {'~', "\\~"},   {'#', "\\#"}, {'&', "\\&"}, {'!', "\\!"}, {'\n', " "},
                                        {'\t', " "},    {0}};
    escape(out, text, length, signs);
}

void escape_latex(FILE *out, const char *text, size_t length)
{
    static const struct sign signs[] = {{'\\', "\\textbackslash{}"},
                                        {'{', "\\{"},
                                        {'}', "\\}"},
                                        {'$', "\\$"},
                                        {'&', "\\&"},
                                        {'#', "\\#"},
                                        {'%', "\\%"},
                                        {'_', "\\_"},
                                        {'^', "\\textasciicircum{}"},
                                        {'~', "\\textasciitilde{}"},
                                        {'<', "\\textless{}"},
                                        {'>', "\\textgreater{}"},
                                        {'|', "\\textbar{}"},
                                        {'"', "\\textquotedbl{}"},
                                        {'\n', " "},
                                        {'\t', " "},
                                        {0}};
    escape(out, text, length, signs);
}
