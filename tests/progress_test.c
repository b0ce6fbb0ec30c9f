/* progress_test.c - durations, the plain lines of a log, and the redrawn line of a pseudo terminal. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "dlexp/cli/progress.h"

#define NINE_UMLAUTS "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"

static void test_time(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0.0 s"},
                 {0.44, "0.4 s"},
                 {9.94, "9.9 s"},
                 {9.96, "10 s"},
                 {12.4, "12 s"},
                 {59.4, "59 s"},
                 {59.6, "1 min 0 s"},
                 {200, "3 min 20 s"},
                 {3599.4, "59 min 59 s"},
                 {3599.6, "1 h 0 min"},
                 {7500, "2 h 5 min"},
                 {7199.9, "2 h 0 min"},
                 {360000, "100 h 0 min"},
                 {-1, "0.0 s"},
                 {INFINITY, "?"},
                 {NAN, "?"}};
    char buffer[32];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(progress_time(buffer, cases[i].seconds), cases[i].text);
}

/* What `report` writes to standard error while that is the file `to`. */
static int saved;

static void redirect(int to)
{
    fflush(stderr);
    saved = dup(STDERR_FILENO);
    assert_true(saved >= 0 && dup2(to, STDERR_FILENO) == STDERR_FILENO);
}

static void restore(void)
{
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

static void report(bool quiet)
{
    struct progress progress;
    progress_start(&progress, 2, 100, quiet);
    progress_draw(&progress, NULL, NULL);
    atomic_fetch_add(&progress.done, 45);
    progress_draw(&progress, "net lr 0.5", "too soon, to be drawn");
    progress_finished(&progress, "first: test 97.1 %");
    atomic_fetch_add(&progress.done, 55);
    progress.drawn_s = -INFINITY; /* as if a tenth of a second had passed */
    progress_draw(&progress, "net\nlr 0.25", "loss 0.5, " NINE_UMLAUTS ", test 97.25 %");
    progress_finished(&progress, "second: diverged");
    progress_stop(&progress);
    progress_stop(&progress);
}

static void test_log(void **state)
{
    char text[512] = "";
    (void)state;
    for (int quiet = 0; quiet <= 1; quiet++) {
        FILE *file = tmpfile();
        assert_non_null(file);
        redirect(fileno(file));
        report(quiet == 1);
        restore();
        rewind(file);
        size_t length = fread(text, 1, sizeof text - 1, file);
        text[length] = '\0';
        fclose(file);
        assert_string_equal(text, quiet ? "" : "[1/2] first: test 97.1 %\n[2/2] second: diverged\n");
    }
}

/* All that a pseudo terminal of `columns` columns is sent; false where the system has none. */
static bool on_terminal(unsigned short columns, const char *type, char *text, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return false;
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct winsize shape = {.ws_row = 24, .ws_col = columns};
    struct termios mode;
    assert_true(terminal >= 0 && tcgetattr(terminal, &mode) == 0);
    mode.c_oflag &= ~(tcflag_t)OPOST; /* "\n" stays as it is */
    assert_true(tcsetattr(terminal, TCSANOW, &mode) == 0 && ioctl(terminal, TIOCSWINSZ, &shape) == 0);
    assert_int_equal(setenv("TERM", type, 1), 0);
    redirect(terminal);
    report(false);
    fputs("\f", stderr); /* the end: a pseudo terminal has no end of file while it is open */
    restore();
    size_t length = 0;
    while (length + 1 < size && (length == 0 || text[length - 1] != '\f')) {
        ssize_t got = read(master, text + length, size - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    text[length - 1] = '\0';
    close(terminal);
    close(master);
    return true;
}

static void test_terminal(void **state)
{
    char text[4096];
    (void)state;
    if (!on_terminal(100, "xterm", text, sizeof text))
        skip();
    /* Each line covers what is left of the one before. */
    assert_string_equal(text, "\r  0 %  [--------------------]"
                              "\r                             \r[1/2] first: test 97.1 %\n"
                              "\rnet lr 0.5  45 %  too soon, to be drawn  [#########-----------]"
                              "\rnet lr 0.25 100 %  loss 0.5, " NINE_UMLAUTS ", test 97.25 %  [####################]"
                              "\r                                                                            "
                              "\r[2/2] second: diverged\n");

    /* What does not fit into one column less than there are is left out whole: the bar, then metrics from the last. */
    assert_true(on_terminal(56, "xterm", text, sizeof text));
    assert_non_null(strstr(text, "\rnet lr 0.25 100 %  loss 0.5, " NINE_UMLAUTS ", test 97.25 %"));
    assert_null(strstr(text, "97.25 %  ["));
    assert_true(on_terminal(40, "xterm", text, sizeof text));
    assert_non_null(strstr(text, "\rnet lr 0.5  45 %  too soon, to be drawn\r"));
    assert_non_null(strstr(text, "\rnet lr 0.25 100 %  loss 0.5, " NINE_UMLAUTS));
    assert_null(strstr(text, "97.25"));
    assert_true(on_terminal(30, "xterm", text, sizeof text));
    assert_non_null(strstr(text, "\rnet lr 0.5  45 %  too soon"));
    assert_null(strstr(text, "to be"));
    assert_true(on_terminal(17, "xterm", text, sizeof text));
    assert_non_null(strstr(text, "\rnet lr 100 %"));
    assert_null(strstr(text, "0.2"));

    assert_true(on_terminal(100, "dumb", text, sizeof text));
    assert_string_equal(text, "[1/2] first: test 97.1 %\n[2/2] second: diverged\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_time), cmocka_unit_test(test_log),
                                       cmocka_unit_test(test_terminal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
