/*
 * counted.h - a number with its noun: "1 run", "2 runs", "0 classes".
 */
#ifndef DLEXP_COUNTED_H
#define DLEXP_COUNTED_H

#include <stddef.h>

struct counted {
    char text[64];
};

/*
 * counted - the noun is given as of one: "run", "failed run", "class".  As an argument, counted(n, "run").text lives
 * until the call that it is given to returns.
 *
 * plural_end - what the noun ends in where there are so many: "", "s" or "es".
 */
struct counted counted(size_t count, const char *noun);
const char *plural_end(size_t count, const char *noun);

#endif
