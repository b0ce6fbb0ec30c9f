/*
 * options_element.h - one value of an option, or one element of a list, as it was typed.
 */
#ifndef DLEXP_OPTIONS_ELEMENT_H
#define DLEXP_OPTIONS_ELEMENT_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

/* Where a value comes from, for the messages. */
struct options_origin {
    const struct command *command;
    const struct option *option;
    const char *label; /* the option as it was typed: "--jobs", "-j" */
    struct error *err;
};

/* options_element_bounds - of a row; infinite where there is none. */
void options_element_bounds(const struct option *option, double *low, double *high);

/* options_element_is_list - whether one value is a list. */
bool options_element_is_list(const struct option *option);

/* One value, or one element of a list. */
struct element {
    const char *text;
    size_t length;
    size_t position; /* from 1; 0 for a value that stands alone */
};

/* options_element_trimmed - text[0..length) without the blanks around it. */
struct element options_element_trimmed(const char *text, size_t length, size_t position);

/* options_element_dots - the first ".." in the element, or NULL. */
const char *options_element_dots(const struct element *element);

/* options_element_refuse - ERROR_USAGE: what was expected and what was got.  why may be NULL: the value can be read but
 * is not what is expected.  options_element_fits - whether a number lies between the option's bounds. */
int options_element_refuse(const struct options_origin *origin, const struct element *element, const char *why);
bool options_element_fits(const struct option *option, double value);

/* The values.  part: the text to read, the element itself or one end of the range that it is. */
int options_element_real(const struct options_origin *origin, const struct element *element, double *value);
int options_element_integer(const struct options_origin *origin, const struct element *element,
                            const struct element *part, int64_t *value);
int options_element_name(const struct options_origin *origin, const struct element *element, size_t *value);

/* A seed as it was typed: 65 bits, which no integer of C has.  bits: the value mod 2^64, which is what it means. */
struct seed {
    bool negative;
    uint64_t bits;
};

int options_element_seed(const struct options_origin *origin, const struct element *element, const struct element *part,
                         struct seed *seed);

/* options_element_count_others - how many seeds come after `first` up to `last`, at most UINT64_MAX; false where the
 * range runs downwards. */
bool options_element_count_others(struct seed first, struct seed last, uint64_t *others);

#endif
