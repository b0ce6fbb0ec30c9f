/* flow.c - see flow.h. */
#include "dlexp/formats/flow.h"

#include <stdarg.h>
#include <string.h>

static int begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* A colour, ESC [ ... m, whose bytes take no room; 0 where the text begins with none. */
static size_t colour_length(const char *text, size_t length)
{
    size_t end = 2;
    if (length < 3 || text[0] != '\033' || text[1] != '[')
        return 0;
    while (end < length && text[end] != 'm')
        end++;
    return end < length ? end + 1 : 0;
}

size_t flow_width(const char *text, size_t length)
{
    size_t width = 0, colour;
    for (size_t i = 0; i < length; i++)
        if ((colour = colour_length(text + i, length - i)) > 0)
            i += colour - 1;
        else
            width += (size_t)begins_character(text[i]);
    return width;
}

static void print_word(struct flow *flow)
{
    const size_t width = flow_width(flow->word, flow->length);
    if (flow->length == 0)
        return;
    if (flow->blank && flow->column + 1 + width > flow->line) {
        fprintf(flow->out, "\n%*s", (int)flow->indent, "");
        flow->column = flow->indent;
    } else if (flow->blank) {
        putc(' ', flow->out);
        flow->column++;
    }
    fwrite(flow->word, 1, flow->length, flow->out);
    flow->column += width;
    flow->begun = 1;
    flow->length = 0;
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
    }
}

void flow_end(struct flow *flow)
{
    print_word(flow);
    putc('\n', flow->out);
    flow->column = 0;
    flow->blank = flow->begun = 0;
}

void flow_piece(struct flow *flow, const char *text)
{
    flow_text(flow, " ");
    for (; *text != '\0'; text++) {
        if (flow->length == sizeof flow->word)
            print_word(flow);
        flow->word[flow->length++] = *text;
    }
    print_word(flow);
}

struct flow flow_begin(FILE *out, const char *label, size_t indent)
{
    const size_t width = flow_width(label, strlen(label));
    const size_t padding = width == 0       ? 0
                           : indent > width ? indent - width
                                            : width > 0 && label[strlen(label) - 1] != ' ';
    fprintf(out, "%s%*s", label, (int)padding, "");
    return (struct flow){.out = out, .line = screen_text_width(out), .indent = indent, .column = width + padding};
}

void flow_print(FILE *out, const char *label, size_t indent, const char *text)
{
    struct flow flow = flow_begin(out, label, indent);
    flow_text(&flow, text);
    flow_end(&flow);
}

void flow_say(FILE *out, const char *label, size_t indent, const char *format, ...)
{
    char text[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    flow_print(out, label, indent, text);
}
