#include "dlexp/cli/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 64 }; /* longer words are not compared */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b, whatever the case of the letters. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1]; /* row i % 3 is the distance of a[0..i) to every b[0..j) */
    assert(a_length <= LONGEST && b_length <= LONGEST);
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        int a_last = tolower((unsigned char)a[i - 1]);
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            int b_last = tolower((unsigned char)b[j - 1]);
            row[j] = smaller(above[j], row[j - 1]) + 1;
            row[j] = smaller(row[j], above[j - 1] + (a_last != b_last));
            if (i > 1 && j > 1 && a_last == tolower((unsigned char)b[j - 2]) &&
                b_last == tolower((unsigned char)a[i - 2]))
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

/* Whether name is made of the first letters of the text's words: "lr" of "learning-rate" or "learning_rate". */
static bool is_initials(const char *name, const char *text, size_t length)
{
    size_t words = 0;
    bool begins = true;
    for (size_t i = 0; i < length; i++) {
        const bool joint = text[i] == '-' || text[i] == '_';
        if (begins && !joint && (name[words] == '\0' || tolower((unsigned char)text[i]) != name[words++]))
            return false;
        begins = joint;
    }
    return words > 1 && name[words] == '\0';
}

/* Whether the name begins with the text, where zeros before a number do not count: figure5 of figure05_test_accuracy.
 */
static bool begins_with(const char *name, const char *text, size_t length)
{
    bool number = false;
    for (size_t i = 0; i < length; i++, name++) {
        while (!number && *name == '0' && text[i] != '0' && isdigit((unsigned char)text[i]))
            name++;
        if (*name == '\0' || tolower((unsigned char)text[i]) != *name)
            return false;
        number = isdigit((unsigned char)text[i]);
    }
    return !number || !isdigit((unsigned char)*name);
}

void nearest_begin(struct nearest *nearest, const char *text, size_t length)
{
    *nearest = (struct nearest){.text = text, .length = length};
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    size_t length = strlen(name);
    if (nearest->length == 0 || nearest->length > LONGEST || length > LONGEST)
        return;
    size_t distance = edit_distance(nearest->text, nearest->length, name, length);
    size_t longest = length > nearest->length ? length : nearest->length;
    size_t limit = longest < 2 ? 0 : longest < 6 ? 1 : longest / 3;
    size_t score = distance;
    if (nearest->length >= 2 && nearest->length < length && strncmp(nearest->text, name, nearest->length) == 0)
        score = nearest->length >= 3 ? 0 : smaller(distance, 1);
    if (nearest->length >= 3 && begins_with(name, nearest->text, nearest->length))
        score = 0;
    /* More than the name: "batch-size", "optimize"; or the name in full: "learning-rate". */
    const char next = length < nearest->length ? nearest->text[length] : ',';
    if ((length >= 3 && length < nearest->length && strncmp(nearest->text, name, length) == 0 &&
         (isalnum((unsigned char)next) || next == '-' || next == '_')) ||
        is_initials(name, nearest->text, nearest->length))
        score = 0;
    if (score > limit)
        return;
    if (nearest->best == NULL || score < nearest->score || (score == nearest->score && distance < nearest->distance)) {
        nearest->best = name;
        nearest->score = score;
        nearest->distance = distance;
    }
}

const char *nearest_name(const char *text, bool (*names)(size_t index, const char **name))
{
    struct nearest nearest;
    const char *name;
    nearest_begin(&nearest, text, strlen(text));
    for (size_t i = 0; names(i, &name); i++)
        nearest_offer(&nearest, name);
    return nearest.best;
}
