/* flow.c - see flow.h. */
#include "dlexp/formats/flow.h"

#include <string.h>

static int begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

size_t flow_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += (size_t)begins_character(text[i]);
    return width;
}

static void print_word(struct flow *flow)
{
    if (flow->length == 0)
        return;
    if (flow->blank && flow->column + 1 + flow->width > flow->line) {
        fprintf(flow->out, "\n%*s", (int)flow->indent, "");
        flow->column = flow->indent;
    } else if (flow->blank) {
        putc(' ', flow->out);
        flow->column++;
    }
    fwrite(flow->word, 1, flow->length, flow->out);
    flow->column += flow->width;
    flow->begun = 1;
    flow->length = flow->width = 0;
    flow->blank = 0;
}

void flow_text(struct flow *flow, const char *text)
{
    for (; *text != '\0'; text++) {
        if ((*text == ' ' && text[1] != '%') || *text == '\n') {
            print_word(flow);
            flow->blank = flow->begun;
            continue;
        }
        if (flow->length == sizeof flow->word)
            print_word(flow);
        flow->word[flow->length++] = *text;
        flow->width += (size_t)begins_character(*text);
    }
}

void flow_end(struct flow *flow)
{
    print_word(flow);
    putc('\n', flow->out);
    flow->column = 0;
    flow->blank = flow->begun = 0;
}

void flow_print(FILE *out, const char *text, size_t line, size_t indent)
{
    struct flow flow = {.out = out, .line = line, .indent = indent};
    flow_text(&flow, text);
    flow_end(&flow);
}
