/*
 * nearest.h - "did you mean ...?": of the known names the one that a mistyped word most likely stands for.
 *
 * A name is near if about a third of the letters are wrong, or fewer; if the word is the beginning of the name, or the
 * name that of the word ("batch-size" for batch); or if the name is made of the first letters of the word's parts
 * ("learning-rate" for lr).
 */
#ifndef DLEXP_NEAREST_H
#define DLEXP_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

struct nearest {
    const char *text, *best; /* best: of the names offered so far, or NULL if none is near enough to be a likely slip */
    size_t length, score, distance; /* score ranks the candidates, distance decides between equal ones */
};

/* nearest_begin - start with the word text[0..length); nearest_offer - compare a name, which must outlive the search.
 */
void nearest_begin(struct nearest *nearest, const char *text, size_t length);
void nearest_offer(struct nearest *nearest, const char *name);

/* nearest_name - the best of all names, or NULL.  names gives the i-th one; false past the last. */
const char *nearest_name(const char *text, bool (*names)(size_t index, const char **name));

#endif
