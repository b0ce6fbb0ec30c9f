#include "usage_error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *usage_error_quote(char buffer[QUOTE_SIZE], const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool boundary = (byte & 0xC0) != 0x80;
        if ((used > 64 && boundary) || used + 8 > QUOTE_SIZE) {
            used += (size_t)snprintf(buffer + used, QUOTE_SIZE - used, "...");
            break;
        }
        if (byte < 0x20 || byte == 0x7F)
            used += (size_t)snprintf(buffer + used, QUOTE_SIZE - used, "\\x%02x", byte);
        else
            buffer[used++] = (char)byte;
    }
    buffer[used] = '\0';
    return buffer;
}

int usage_error(const struct command *command, struct error *err, const char *format, ...)
{
    char text[sizeof err->message - 128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    bool question = text[strlen(text) - 1] == '?';
    return error_set(err, ERROR_USAGE, "%s%s 'dlexp help %s'", text, question ? " See" : "; see",
                     command_typed(command));
}
