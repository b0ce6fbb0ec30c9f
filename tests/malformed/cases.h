/* cases.h - damages to a small valid data set, and what the message about each must hold (malformed_test.c). */
#ifndef DLEXP_TESTS_MALFORMED_CASES_H
#define DLEXP_TESTS_MALFORMED_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../idx_files.h"

/* The valid set: 6 training and 4 test images of 3 x 2 pixels, labels 0..2. */
enum { TRAIN = 6, TEST = 4, ROWS = 3, COLUMNS = 2, CLASSES = 3 };

enum form { PLAIN, GZ };

enum damage {
    SET,     /* bytes at offset `at` (from the end where negative) of the content */
    CUT,     /* the content cut to `at` bytes (that many fewer where negative) */
    APPEND,  /* bytes behind the content */
    REPLACE, /* the content */
    SET_PACKED,
    CUT_PACKED,
    APPEND_PACKED,
    REPLACE_PACKED, /* the same of the file itself, after gzip; all need GZ */
    REMOVE,         /* no such file */
    DIRECTORY,      /* a directory of that name */
    FROM            /* the content of the file number `at` */
};

struct damaged_file {
    int file;
    enum form form;
    enum damage damage;
    int at;
    const char *bytes;
    size_t size;
    const char *words[2]; /* beside "expected" and "got" */
};

extern const struct damaged_file cases[];
extern const size_t case_count;

#endif
