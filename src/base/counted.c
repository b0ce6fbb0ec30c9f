/* counted.c - see counted.h. */
#include "dlexp/base/counted.h"

#include <stdio.h>
#include <string.h>

const char *plural_end(size_t count, const char *noun)
{
    const size_t length = strlen(noun);
    if (count == 1)
        return "";
    return length > 0 && noun[length - 1] == 's' ? "es" : "s"; /* a class, a pass */
}

struct counted counted(size_t count, const char *noun)
{
    struct counted result;
    snprintf(result.text, sizeof result.text, "%zu %s%s", count, noun, plural_end(count, noun));
    return result;
}
