/* optim_line.c - see optim_line.h. */
#include "optim_line.h"

#include <string.h>

struct optim_line optim_line_begin(FILE *out, size_t indent, const char *text)
{
    fputs(text, out);
    return (struct optim_line){.out = out, .indent = indent, .column = strlen(text)};
}

void optim_line_add(struct optim_line *line, const char *piece)
{
    const size_t length = strlen(piece);
    if (!line->one && line->column + 1 + length > OPTIM_LINE_WIDTH) {
        fprintf(line->out, "\n%*s%s", (int)line->indent, "", piece);
        line->column = line->indent + length;
    } else {
        fprintf(line->out, " %s", piece);
        line->column += 1 + length;
    }
}

void optim_line_end(struct optim_line *line)
{
    fputc('\n', line->out);
}
