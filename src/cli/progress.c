/* progress.c - see progress.h. */
#include "dlexp/cli/progress.h"
#include "dlexp/base/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 512 };

static const double redraw_s = 0.1;

const char *progress_time(char buffer[32], double seconds)
{
    if (!(seconds < 1e12)) { /* also nan */
        snprintf(buffer, 32, "?");
    } else if (seconds < 9.95) {
        snprintf(buffer, 32, "%.1f s", seconds > 0 ? seconds : 0.0);
    } else if (seconds < 59.5) {
        snprintf(buffer, 32, "%.0f s", floor(seconds + 0.5));
    } else if (seconds < 3599.5) {
        int whole = (int)floor(seconds + 0.5);
        snprintf(buffer, 32, "%d min %d s", whole / 60, whole % 60);
    } else {
        int64_t minutes = (int64_t)floor(seconds / 60 + 0.5);
        snprintf(buffer, 32, "%" PRId64 " h %d min", minutes / 60, (int)(minutes % 60));
    }
    return buffer;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/*
 * Copy text as one line: at most size - 1 bytes and `columns` UTF-8 characters, blanks for control characters.
 * Returns the columns used.
 */
static int copy_line(char *to, size_t size, int columns, const char *text)
{
    size_t used = 0;
    int width = 0;
    while (*text != '\0') {
        size_t bytes = 1;
        while (is_continuation(text[bytes]))
            bytes++;
        if (used + bytes >= size || width == columns)
            break;
        for (size_t i = 0; i < bytes; i++) {
            unsigned char byte = (unsigned char)text[i];
            to[used++] = byte < 0x20 || byte == 0x7F ? ' ' : text[i];
        }
        text += bytes;
        width++;
    }
    to[used] = '\0';
    return width;
}

/* The last column stays free: many terminals wrap as soon as it is written. */
static int usable_columns(void)
{
    struct winsize size;
    int columns = 80;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    return columns - 1;
}

void progress_start(struct progress *progress, size_t runs, uint_fast64_t units, bool quiet)
{
    const char *terminal = getenv("TERM");
    progress->quiet = quiet;
    progress->terminal =
        isatty(STDERR_FILENO) && terminal != NULL && *terminal != '\0' && strcmp(terminal, "dumb") != 0;
    progress->runs = runs;
    progress->finished = 0;
    progress->units = units;
    atomic_init(&progress->done, 0);
    progress->start_s = clock_now_s();
    progress->drawn_s = -INFINITY;
    progress->last[0] = '\0';
    progress->width = 0;
}

/* Compose the line: bar, percent, time left, last metrics. */
static void compose(const struct progress *progress, double now_s, int columns, char *line, size_t size)
{
    uint_fast64_t done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    double share = progress->units == 0 || done >= progress->units ? 1.0 : (double)done / (double)progress->units;
    double elapsed_s = now_s - progress->start_s;
    int length = columns >= 90 ? 20 : columns >= 40 ? 10 : 0; /* of the bar: the metrics need 40 */
    int filled = (int)(share * length);
    char bar[32] = "", left[64] = "", duration[32];

    for (int i = 0; i < length; i++)
        bar[i] = i < filled ? '#' : '-';
    if (done > 0 && share < 1 && elapsed_s > 0.5) /* earlier the estimate would jump */
        snprintf(left, sizeof left, "  %s left", progress_time(duration, elapsed_s * (1 - share) / share));
    snprintf(line, size, "%s%s%s%3d %%%s%s%s", length > 0 ? "[" : "", bar, length > 0 ? "] " : "", (int)(share * 100),
             left, progress->last[0] != '\0' ? "   " : "", progress->last);
}

static void redraw(struct progress *progress, double now_s)
{
    char text[LINE_SIZE], line[LINE_SIZE];
    int columns = usable_columns();
    compose(progress, now_s, columns, text, sizeof text);
    int width = copy_line(line, sizeof line, columns, text);
    int rest = (progress->width < columns ? progress->width : columns) - width; /* of the line drawn last */
    fprintf(stderr, "\r%s%*s", line, rest > 0 ? rest : 0, "");
    fflush(stderr);
    progress->width = width;
    progress->drawn_s = now_s;
}

void progress_draw(struct progress *progress, const char *last)
{
    if (last != NULL)
        copy_line(progress->last, sizeof progress->last, (int)sizeof progress->last, last);
    if (progress->quiet || !progress->terminal)
        return;
    double now_s = clock_now_s();
    if (now_s - progress->drawn_s >= redraw_s)
        redraw(progress, now_s);
}

static void erase(struct progress *progress)
{
    if (progress->width > 0) {
        int columns = usable_columns();
        fprintf(stderr, "\r%*s\r", progress->width < columns ? progress->width : columns, "");
        fflush(stderr);
    }
    progress->width = 0;
}

void progress_finished(struct progress *progress, const char *line)
{
    progress->finished++;
    if (progress->quiet)
        return;
    erase(progress);
    fprintf(stderr, "[%zu/%zu] %s\n", progress->finished, progress->runs, line);
    if (progress->terminal && progress->finished < progress->runs)
        redraw(progress, clock_now_s());
}

void progress_stop(struct progress *progress)
{
    erase(progress);
}
