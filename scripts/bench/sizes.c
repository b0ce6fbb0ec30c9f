/* Sizes on the command line. */
#include "sizes.h"

#include <stdint.h>
#include <string.h>

#include "dlexp/base/number.h"

int sizes_read(const char **text, const char *end, size_t most, size_t *size, struct error *err)
{
    const char *why;
    uint64_t value;
    const size_t length = strcspn(*text, end);
    if (number_parse_unsigned(*text, length, &value, &why) < 0 || value < 1 || value > most)
        return error_set(err, ERROR_USAGE, "expected a number of 1 to %zu, got '%.*s'", most, (int)length, *text);
    *size = (size_t)value;
    *text += length;
    return 0;
}
