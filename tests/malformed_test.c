/*
 * `dlexp data` on damaged data: each row of the table makes one damage to a small valid data set, and says what the
 * message must hold.  Each must end with exit status 3, name the file, and write nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "idx_files.h"

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

#define BYTES(text) text, sizeof text - 1
#define GZIP_HEADER "\x1f\x8b\x08\0\0\0\0\0\0\3"
#define EMPTY_MEMBER GZIP_HEADER "\3\0\0\0\0\0\0\0\0\0"
/* "x", stored: python3 -c "import zlib; print(hex(zlib.crc32(b'x')))" */
#define MEMBER_X GZIP_HEADER "\1\1\0\xfe\xffx\x83\x16\xdc\x8c\1\0\0\0"
#define HTML "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>\n"

static const struct {
    int file;
    enum form form;
    enum damage damage;
    int at;
    const char *bytes;
    size_t size;
    const char *words[2]; /* beside "expected" and "got" */
} cases[] = {
    /* Files that are not there, or not files. */
    {TRAIN_IMAGES, PLAIN, REMOVE, 0, NULL, 0, {"cannot find 'train-images-idx3-ubyte'", "'train-images.idx3-ubyte'"}},
    {TRAIN_LABELS, PLAIN, REMOVE, 0, NULL, 0, {"cannot find 'train-labels-idx1-ubyte'", "with or without .gz"}},
    {TEST_IMAGES, PLAIN, REMOVE, 0, NULL, 0, {"cannot find 't10k-images-idx3-ubyte'", "four files"}},
    {TEST_LABELS, PLAIN, REMOVE, 0, NULL, 0, {"cannot find 't10k-labels-idx1-ubyte'", "four files"}},
    {TRAIN_IMAGES, PLAIN, DIRECTORY, 0, NULL, 0, {"expected a file", "got a directory"}},
    {TEST_LABELS, GZ, DIRECTORY, 0, NULL, 0, {"expected a file", "got a directory"}},

    /* Other kinds of file. */
    {TRAIN_IMAGES, PLAIN, REPLACE, 0, BYTES(HTML), {"HTML page", "download that failed"}},
    {TRAIN_LABELS, PLAIN, REPLACE, 0, BYTES(HTML), {"HTML page", "download that failed"}},
    {TEST_IMAGES, GZ, REPLACE_PACKED, 0, BYTES(HTML), {"HTML page", "download that failed"}},
    {TEST_LABELS, GZ, REPLACE_PACKED, 0, BYTES("\n\n  <HTML>\n<BODY>sorry</BODY>"), {"HTML page", NULL}},
    {TRAIN_LABELS, GZ, REPLACE, 0, BYTES(HTML), {"HTML page", "0x801"}},
    {TEST_IMAGES, PLAIN, REPLACE, 0, BYTES("<?xml version=\"1.0\"?>\n<html>"), {"HTML page", "0x803"}},
    {TRAIN_IMAGES, PLAIN, REPLACE, 0, BYTES("not found, said the server\n"), {"a text file", NULL}},
    {TRAIN_IMAGES, PLAIN, REPLACE, 0, BYTES("PK\3\4\24\0\0\0"), {"a zip archive", "unpack"}},
    {TRAIN_IMAGES, GZ, REPLACE_PACKED, 0, BYTES("BZh91AY&SY"), {"a bzip2 file", "unpack"}},
    {TRAIN_LABELS,
     PLAIN,
     REPLACE,
     0,
     BYTES("\xfd"
           "7zXZ\0\0\4"),
     {"an xz file", "unpack"}},
    {TRAIN_LABELS, PLAIN, REPLACE, 0, BYTES("\x89PNG\r\n\x1a\n"), {"a PNG picture", NULL}},
    {TEST_LABELS, PLAIN, REPLACE, 0, BYTES("\x93NUMPY\1\0"), {"a NumPy array", NULL}},
    {TEST_LABELS, PLAIN, REPLACE, 0, BYTES("version https://git-lfs.github.com/spec/v1\n"), {"git lfs pull", NULL}},
    {TEST_LABELS, GZ, REPLACE, 0, BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3"), {"gzip inside gzip", NULL}},

    /* Empty and truncated. */
    {TRAIN_IMAGES, PLAIN, CUT, 0, NULL, 0, {"an empty file", NULL}},
    {TEST_LABELS, PLAIN, CUT, 0, NULL, 0, {"an empty file", NULL}},
    {TRAIN_LABELS, GZ, CUT, 0, NULL, 0, {"an empty file", NULL}},
    {TEST_IMAGES, GZ, CUT_PACKED, 0, NULL, 0, {"an empty file", NULL}},
    {TRAIN_IMAGES, PLAIN, CUT, 3, NULL, 0, {"header of 16 bytes", "truncated to 3 bytes"}},
    {TRAIN_IMAGES, PLAIN, CUT, 4, NULL, 0, {"header of 16 bytes", "truncated to 4 bytes"}},
    {TRAIN_IMAGES, GZ, CUT, 15, NULL, 0, {"header of 16 bytes", "truncated to 15 bytes"}},
    {TRAIN_LABELS, PLAIN, CUT, 7, NULL, 0, {"header of 8 bytes", "truncated to 7 bytes"}},
    {TRAIN_IMAGES, PLAIN, CUT, 16, NULL, 0, {"expected 52 bytes", "got 16"}},
    {TRAIN_IMAGES, PLAIN, CUT, -1, NULL, 0, {"expected 52 bytes", "got 51"}},
    {TRAIN_IMAGES, GZ, CUT, -1, NULL, 0, {"expected 52 bytes", "got 51"}},
    {TEST_LABELS, PLAIN, CUT, -1, NULL, 0, {"expected 12 bytes", "got 11"}},
    {TEST_LABELS, GZ, CUT, -1, NULL, 0, {"expected 12 bytes", "got 11"}},
    {TRAIN_IMAGES, GZ, CUT_PACKED, 2, NULL, 0, {"truncated after 2 bytes", NULL}},
    {TRAIN_IMAGES, GZ, CUT_PACKED, 10, NULL, 0, {"truncated after 10 bytes", NULL}},
    {TRAIN_IMAGES, GZ, CUT_PACKED, -1, NULL, 0, {"complete gzip stream", "truncated"}},
    {TRAIN_LABELS, GZ, CUT_PACKED, -4, NULL, 0, {"complete gzip stream", "truncated"}},
    {TEST_IMAGES, GZ, CUT_PACKED, -8, NULL, 0, {"complete gzip stream", "truncated"}},
    {TEST_LABELS, GZ, CUT_PACKED, -9, NULL, 0, {"complete gzip stream", "truncated"}},

    /* Too long. */
    {TRAIN_IMAGES, PLAIN, APPEND, 0, BYTES("\0"), {"expected 52 bytes", "got 53 (trailing bytes)"}},
    {TRAIN_LABELS, PLAIN, APPEND, 0, BYTES("\0\0\0"), {"expected 14 bytes", "got 17 (trailing bytes)"}},
    {TRAIN_IMAGES, GZ, APPEND, 0, BYTES("\0"), {"expected 52 bytes", "trailing bytes"}},
    {TEST_LABELS, GZ, APPEND, 0, BYTES("\1"), {"expected 12 bytes", "trailing bytes"}},
    {TRAIN_IMAGES, GZ, APPEND_PACKED, 0, BYTES("\0"), {"end of the file", "got 1 trailing bytes"}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES("\0\0\0\0"), {"end of the file", "got 4 trailing bytes"}},
    {TEST_IMAGES, GZ, APPEND_PACKED, 0, BYTES("\0\0"), {"got 2 trailing bytes, all 0", "padding?"}},
    {TEST_IMAGES, GZ, APPEND_PACKED, 0, BYTES("\x1f"), {"end of the file", "got 1 trailing bytes"}},
    {TEST_IMAGES, GZ, APPEND_PACKED, 0, BYTES("junk" EMPTY_MEMBER), {"end of the file", "trailing bytes"}},

    /* More gzip members: what is behind the content, cut off, or damaged. */
    {TEST_IMAGES, GZ, APPEND_PACKED, 0, BYTES(MEMBER_X), {"expected 40 bytes", "trailing bytes"}},
    {TEST_IMAGES, GZ, APPEND_PACKED, 0, BYTES("\x1f\x8b"), {"complete gzip stream", "truncated after"}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES(GZIP_HEADER), {"complete gzip stream", "truncated after"}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES(GZIP_HEADER "\3\0\0\0\0\0\0\0\0"), {"complete gzip stream", "truncated"}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES(GZIP_HEADER "\3\0\1\0\0\0\0\0\0\0"), {"incorrect data check", NULL}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES(GZIP_HEADER "\3\0\0\0\0\0\1\0\0\0"), {"incorrect length check", NULL}},
    {TEST_LABELS,
     GZ,
     APPEND_PACKED,
     0,
     BYTES("\x1f\x8b\7\0\0\0\0\0\0\3"),
     {"undamaged gzip", "unknown compression method"}},
    {TEST_LABELS, GZ, APPEND_PACKED, 0, BYTES(EMPTY_MEMBER "\1"), {"end of the file", "got 1 trailing bytes"}},

    /* Damaged gzip. */
    {TRAIN_IMAGES, GZ, SET_PACKED, 0, BYTES("\x1e"), {"expected magic 0x803", "gzip file with a damaged header"}},
    {TRAIN_IMAGES, GZ, SET_PACKED, 1, BYTES("\x8c"), {"expected magic 0x803", "gzip file with a damaged header"}},
    {TRAIN_IMAGES, GZ, SET_PACKED, 2, BYTES("\7"), {"undamaged gzip stream", "unknown compression method"}},
    {TRAIN_IMAGES, GZ, SET_PACKED, 3, BYTES("\xe0"), {"undamaged gzip stream", "unknown header flags"}},
    {TRAIN_IMAGES, GZ, SET_PACKED, 10, BYTES("\7"), {"undamaged gzip stream", "invalid block type"}},
    {TRAIN_IMAGES, GZ, SET_PACKED, -8, BYTES("\0\0\0\0"), {"undamaged gzip stream", "incorrect data check"}},
    {TRAIN_LABELS, GZ, SET_PACKED, -4, BYTES("\xff\xff\xff\xff"), {"undamaged gzip stream", "incorrect length check"}},
    {TEST_LABELS, GZ, SET_PACKED, -1, BYTES("\1"), {"undamaged gzip stream", "incorrect length check"}},

    /* Magic. */
    {TRAIN_IMAGES, PLAIN, FROM, TRAIN_LABELS, NULL, 0, {"expected magic 0x803 (images), got 0x801 (labels", "swapped"}},
    {TRAIN_LABELS, PLAIN, FROM, TRAIN_IMAGES, NULL, 0, {"expected magic 0x801 (labels), got 0x803 (images", "swapped"}},
    {TEST_IMAGES, GZ, FROM, TEST_LABELS, NULL, 0, {"expected magic 0x803 (images), got 0x801 (labels", "swapped"}},
    {TEST_LABELS, GZ, FROM, TEST_IMAGES, NULL, 0, {"expected magic 0x801 (labels), got 0x803 (images", "swapped"}},
    {TRAIN_IMAGES, PLAIN, SET, 0, BYTES("\0\0\0\0"), {"expected magic 0x803", "got 0x0"}},
    {TRAIN_IMAGES, PLAIN, SET, 0, BYTES("\1"), {"expected magic 0x803", "got 0x1000803"}},
    {TRAIN_IMAGES, PLAIN, SET, 0, BYTES("\3\x08\0\0"), {"expected magic 0x803", "little-endian"}},
    {TRAIN_LABELS, PLAIN, SET, 0, BYTES("\1\x08\0\0"), {"expected magic 0x801", "little-endian"}},
    {TRAIN_IMAGES, PLAIN, SET, 3, BYTES("\2"), {"magic 0x802", "unsigned bytes in 2 dimensions"}},
    {TRAIN_IMAGES, GZ, SET, 3, BYTES("\4"), {"got 0x804", "unsigned bytes in 4 dimensions"}},
    {TRAIN_LABELS, PLAIN, SET, 3, BYTES("\0"), {"got 0x800", "unsigned bytes in 0 dimensions"}},
    {TRAIN_LABELS, PLAIN, SET, 2, BYTES("\x0c"), {"magic 0xc01", "32-bit integers in 1 dimension"}},
    {TEST_IMAGES, PLAIN, SET, 2, BYTES("\x0d"), {"magic 0xd03", "32-bit floats in 3 dimensions"}},
    {TEST_IMAGES, PLAIN, SET, 2, BYTES("\x0e"), {"magic 0xe03", "64-bit floats in 3 dimensions"}},
    {TEST_IMAGES, PLAIN, SET, 2, BYTES("\x09"), {"magic 0x903", "signed bytes in 3 dimensions"}},
    {TEST_IMAGES, PLAIN, SET, 2, BYTES("\x0b"), {"magic 0xb03", "16-bit integers in 3 dimensions"}},
    {TEST_IMAGES, PLAIN, SET, 2, BYTES("\x0a"), {"got 0xa03", "not an IDX file"}},

    /* Forms that are read, with numbers that are no bytes; the remedy is told. */
    {TRAIN_LABELS,
     PLAIN,
     REPLACE,
     0,
     BYTES("\0\0\x0c\1\0\0\0\1\0\0\1\0"),
     {"whole numbers of 0..255, got label 256 at index 0", "astype('u1')"}},
    {TRAIN_LABELS, PLAIN, REPLACE, 0, BYTES("\0\0\x0c\1\0\0\0\1\xff\xff\xff\xff"), {"got label -1 at index 0", NULL}},
    {TRAIN_LABELS,
     GZ,
     REPLACE,
     0,
     BYTES("\0\0\x08\2\0\0\0\2\0\0\0\3\1\0\0\0\1\0"),
     {"got 3 columns of unsigned bytes", "argmax(1)"}},
    {TRAIN_IMAGES,
     PLAIN,
     REPLACE,
     0,
     BYTES("\0\0\x0d\2\0\0\0\1\0\0\0\2\x3f\0\0\0\0\0\0\0"),
     {"1/255, ..., 255/255, got 0.5 in image 0 at pixel 0", "astype('u1')"}},

    /* Sizes. */
    {TRAIN_IMAGES, PLAIN, SET, 4, BYTES("\0\0\0\0"), {"1 or more images", "an empty set"}},
    {TRAIN_LABELS, PLAIN, SET, 4, BYTES("\0\0\0\0"), {"1 or more labels", "an empty set"}},
    {TEST_IMAGES, PLAIN, REPLACE, 0, BYTES("\0\0\x08\3\0\0\0\0\0\0\0\3\0\0\0\2"), {"1 or more images", "an empty set"}},
    {TEST_LABELS, GZ, REPLACE, 0, BYTES("\0\0\x08\1\0\0\0\0"), {"1 or more labels", "an empty set"}},
    {TRAIN_IMAGES, PLAIN, SET, 8, BYTES("\0\0\0\0"), {"1 x 1 pixels or more", "got 0 x 2"}},
    {TRAIN_IMAGES, GZ, SET, 12, BYTES("\0\0\0\0"), {"1 x 1 pixels or more", "got 3 x 0"}},
    {TRAIN_IMAGES,
     PLAIN,
     SET,
     4,
     BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
     {"4294967295 images of 4294967295 x 4294967295", "overflows"}},
    {TRAIN_IMAGES,
     GZ,
     SET,
     4,
     BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
     {"4294967295 images of 4294967295 x 4294967295", "overflows"}},
    {TEST_IMAGES,
     PLAIN,
     SET,
     4,
     BYTES("\x80\0\0\0\x80\0\0\0\0\0\0\4"),
     {"2147483648 images of 2147483648 x 4", "overflows"}},
    {TEST_IMAGES,
     GZ,
     SET,
     4,
     BYTES("\0\1\0\0\0\1\0\0\0\1\0\0"),
     {"65536 images of 65536 x 65536", "cannot hold more than"}},
    {TEST_IMAGES, PLAIN, SET, 4, BYTES("\0\1\0\0\0\1\0\0\0\1\0\0"), {"expected 281474976710672 bytes", "got 40"}},
    {TRAIN_IMAGES, PLAIN, SET, 4, BYTES("\0\0\0\7"), {"expected 58 bytes", "7 images of 3 x 2 pixels"}},
    {TRAIN_IMAGES, GZ, SET, 4, BYTES("\0\0\0\7"), {"expected 58 bytes", "got 52"}},
    {TRAIN_IMAGES, PLAIN, SET, 4, BYTES("\0\0\0\5"), {"expected 46 bytes", "got 52"}},
    {TRAIN_IMAGES, GZ, SET, 4, BYTES("\0\0\0\5"), {"expected 46 bytes", "got more"}},
    {TRAIN_LABELS, PLAIN, SET, 4, BYTES("\xff\xff\xff\xff"), {"expected 4294967303 bytes", "got 14"}},
    {TRAIN_LABELS, GZ, SET, 4, BYTES("\xff\xff\xff\xff"), {"expected 4294967303 bytes", "cannot hold more than"}},
    {TEST_LABELS, GZ, SET, 4, BYTES("\0\0\0\5"), {"expected 13 bytes", "got 12"}},
    {TEST_IMAGES, PLAIN, SET, 8, BYTES("\0\0\0\4"), {"expected 48 bytes", "4 images of 4 x 2 pixels"}},
    {TRAIN_IMAGES, PLAIN, SET, 4, BYTES("\6\0\0\0\3\0\0\0\2\0\0\0"), {"100663296 images", NULL}}, /* little-endian */

    /* Files that are right by themselves but not together. */
    {TRAIN_LABELS, PLAIN, FROM, TEST_LABELS, NULL, 0, {"has images, 6, got 4", "same set"}},
    {TEST_LABELS, GZ, FROM, TRAIN_LABELS, NULL, 0, {"has images, 4, got 6", "same set"}},
    {TRAIN_LABELS, PLAIN, REPLACE, 0, BYTES("\0\0\x08\1\0\0\0\7\0\1\2\0\1\2\0"), {"has images, 6, got 7", "same set"}},
    {TEST_LABELS, PLAIN, REPLACE, 0, BYTES("\0\0\x08\1\0\0\0\3\0\1\2"), {"has images, 4, got 3", "same set"}},
    {TEST_IMAGES, PLAIN, SET, 8, BYTES("\0\0\0\2\0\0\0\3"), {"images of 3 x 2 pixels", "got 2 x 3"}},
    {TEST_IMAGES, GZ, SET, 8, BYTES("\0\0\0\1\0\0\0\6"), {"images of 3 x 2 pixels", "got 1 x 6"}},

    /* Labels out of range. */
    {TEST_LABELS, PLAIN, SET, 9, BYTES("\3"), {"expected labels 0..2", "got label 3 at index 1"}},
    {TEST_LABELS, GZ, SET, -1, BYTES("\xff"), {"expected labels 0..2", "got label 255 at index 3"}},
    {TRAIN_LABELS, PLAIN, SET, 8, BYTES("\xff"), {"got label 255 at index 0", "out of range"}},
    {TRAIN_LABELS, GZ, SET, -1, BYTES("\x64"), {"got label 100 at index 5", "out of range"}},
    {TRAIN_LABELS, PLAIN, SET, 8, BYTES("\0\0\0\0\0\0"), {"labels of 2 or more classes", "got only label 0"}},
};
enum { CASES = sizeof cases / sizeof *cases };
_Static_assert(CASES >= 60, "so many kinds of damage are promised");

static char directory[PATH_SIZE], out[PATH_SIZE + 8], message[1 << 14];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    snprintf(out, sizeof out, "%s/out", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static void remove_files(void)
{
    remove_directory(directory);
    assert_int_equal(mkdir(directory, 0777), 0);
}

/* Runs `dlexp data DATA --out OUT` without a gnuplot in reach; returns its exit status, and stderr in `message`. */
static int run_program(const char *data)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("PATH", "/nonexistent", 1);
        execl(DLEXP_BINARY, "dlexp", "data", data, "--out", out, (char *)NULL);
        _exit(126);
    }
    close(ends[1]);
    size_t filled = 0;
    ssize_t got;
    while ((got = read(ends[0], message + filled, sizeof message - 1 - filled)) > 0 || (got < 0 && errno == EINTR))
        filled += got > 0 ? (size_t)got : 0;
    message[filled] = '\0';
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
        fail_msg("cannot run %s", DLEXP_BINARY);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct bytes damaged(struct bytes content, size_t i)
{
    struct bytes result = bytes_copy(content.data, content.size);
    size_t at = (size_t)(cases[i].at < 0 ? (int)content.size + cases[i].at : cases[i].at);
    switch (cases[i].damage) {
    case SET:
    case SET_PACKED:
        assert_true(at + cases[i].size <= content.size);
        memcpy(result.data + at, cases[i].bytes, cases[i].size);
        break;
    case CUT:
    case CUT_PACKED:
        assert_true(at < content.size);
        result.size = at;
        break;
    case REPLACE:
    case REPLACE_PACKED:
        result.size = 0;
        bytes_append(&result, cases[i].bytes, cases[i].size);
        break;
    default:
        bytes_append(&result, cases[i].bytes, cases[i].size);
    }
    return result;
}

static void write_case(const struct quadruple *quadruple, size_t i)
{
    for (int which = 0; which < FILE_COUNT; which++)
        if (which != cases[i].file)
            write_idx(directory, which, FORM_PLAIN, quadruple->files[which]);
    char name[64];
    char *path = path_join(directory, idx_name(name, cases[i].file, cases[i].form == GZ ? FORM_GZ : FORM_PLAIN));
    struct bytes content = quadruple->files[cases[i].file], file = {0};
    assert_non_null(path);
    if (cases[i].damage == REMOVE) {
        free(path);
        return;
    }
    if (cases[i].damage == DIRECTORY) {
        assert_int_equal(mkdir(path, 0777), 0);
        free(path);
        return;
    }
    const bool after = cases[i].damage >= SET_PACKED && cases[i].damage <= REPLACE_PACKED;
    if (cases[i].damage == FROM)
        content = quadruple->files[cases[i].at];
    struct bytes changed =
        after || cases[i].damage == FROM ? bytes_copy(content.data, content.size) : damaged(content, i);
    if (cases[i].form == GZ) {
        struct bytes packed = bytes_gzip(changed, false);
        file = after ? damaged(packed, i) : bytes_copy(packed.data, packed.size);
        bytes_free(&packed);
    } else {
        assert_false(after);
        file = bytes_copy(changed.data, changed.size);
    }
    write_bytes(path, file);
    bytes_free(&file);
    bytes_free(&changed);
    free(path);
}

static void test_malformed(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(TRAIN, TEST, ROWS, COLUMNS, CLASSES);
    int failures = 0;
    for (size_t i = 0; i < CASES; i++) {
        char name[64];
        write_case(&quadruple, i);
        int status = run_program(directory);
        /* A file that is not there is named without .gz. */
        idx_name(name, cases[i].file, cases[i].form == GZ ? FORM_GZ : FORM_PLAIN);
        const char *const words[] = {name, directory, "expected", "got", cases[i].words[0], cases[i].words[1]};
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (words[w] && !strstr(message, words[w])) {
                print_error("case %zu: the message does not hold \"%s\": %s\n", i, words[w], message);
                failures++;
            }
        if (status != 3) {
            print_error("case %zu: exit status %d instead of 3: %s\n", i, status, message);
            failures++;
        }
        if (strncmp(message, "dlexp: ", 7) != 0 || strchr(message, '\n') != message + strlen(message) - 1) {
            print_error("case %zu: not one line of \"dlexp: ...\": %s\n", i, message);
            failures++;
        }
        if (access(out, F_OK) == 0) {
            print_error("case %zu: made '%s'\n", i, out);
            failures++;
        }
        remove_files();
    }
    assert_int_equal(failures, 0);
    quadruple_free(&quadruple);
}

static void test_no_directory(void **state)
{
    (void)state;
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/none", directory);
    assert_int_equal(run_program(path), 3);
    assert_non_null(strstr(message, path));
    assert_non_null(strstr(message, "expected a directory"));
    write_bytes(path, (struct bytes){(unsigned char *)"some", 4, 0});
    assert_int_equal(run_program(path), 3);
    assert_non_null(strstr(message, "got a file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(run_program(directory), 3); /* an empty directory */
    assert_non_null(strstr(message, "cannot find 'train-images-idx3-ubyte'"));
}

static struct bytes read_bytes(const char *name)
{
    char *path = path_join(out, name);
    struct bytes bytes = {0};
    struct error err = {0};
    assert_non_null(path);
    if (file_read(path, &bytes.data, &bytes.size, &err) < 0)
        fail_msg("%s", err.message);
    free(path);
    return bytes;
}

/* The undamaged set passes, or the cases above would prove nothing; the tables hold what is in it. */
static void test_valid(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        struct quadruple quadruple = quadruple_make(TRAIN, TEST, ROWS, COLUMNS, CLASSES);
        for (int which = 0; which < FILE_COUNT; which++)
            write_idx(directory, which, form, quadruple.files[which]);
        if (run_program(directory) != 0)
            fail_msg("%s", message);
        assert_non_null(strstr(message, "gnuplot is missing"));
        struct bytes classes = read_bytes("classes.csv"), samples = read_bytes("samples.csv");
        assert_string_equal((char *)classes.data, "class,train,test\n0,2,2\n1,2,1\n2,2,1\n");
        /* Labels go 0, 1, 2, 0, 1, 2: so the order of classes in turn is that of the file. */
        char expected[2048] = "sample,label,row,column,value\n";
        for (size_t i = 0; i < TRAIN * ROWS * COLUMNS; i++)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%zu,%zu,%zu,%zu,%zu\n", i / 6,
                     i / 6 % CLASSES, i % 6 / COLUMNS, i % COLUMNS, 7 * i % 256);
        assert_string_equal((char *)samples.data, expected);
        bytes_free(&classes);
        bytes_free(&samples);
        quadruple_free(&quadruple);
        remove_files();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests_name("malformed", tests, set_up, tear_down);
}
