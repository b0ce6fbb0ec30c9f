/* foreign.c - see foreign.h. */
#include "foreign.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Whether the text holds the lower-case word, in any case. */
static bool holds_word(const unsigned char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        size_t same = 0;
        while (same < length && tolower(text[i + same]) == word[same])
            same++;
        if (same == length)
            return true;
    }
    return false;
}

const char *foreign_name(const unsigned char *text, size_t size)
{
    static const struct {
        const char *start, *name;
    } known[] = {
        {"PK\3\4", "a zip archive: unpack it"},
        {"BZh", "a bzip2 file: unpack it"},
        {"\xfd"
         "7zXZ",
         "an xz file: unpack it"},
        {"\x1f\x8b", "gzip inside gzip: unpack it once"},
        {"\x89PNG", "a PNG picture"},
        {"\xff\xd8\xff", "a JPEG picture"},
        {"\x93NUMPY", "a NumPy array: 'dlexp data import' converts it"},
        {"version https://git-lfs", "a Git LFS pointer: run git lfs pull"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].start);
        if (size >= length && memcmp(text, known[i].start, length) == 0)
            return known[i].name;
    }
    static const char *const page[] = {"<!doctype html", "<html", "<head", "<body", "<title"};
    for (size_t i = 0; i < sizeof page / sizeof *page; i++)
        if (holds_word(text, size, page[i]))
            return "an HTML page: a download that failed?";
    bool printable = size >= 4;
    for (size_t i = 0; i < size; i++)
        printable = printable && (text[i] >= 0x80 || isprint(text[i]) || isspace(text[i]));
    return printable ? "a text file; 'dlexp data import' converts CSV" : NULL;
}
