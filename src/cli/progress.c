/* progress.c - see progress.h. */
#include "dlexp/cli/progress.h"
#include "dlexp/base/clock.h"
#include "dlexp/formats/flow.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* The last column stays free: many terminals wrap as soon as it is written.  Asked for anew: windows change. */
static int usable_columns(void)
{
    return (int)screen_columns(stderr) - 1;
}

void progress_start(struct progress *progress, size_t runs, uint_fast64_t units, bool quiet)
{
    progress->quiet = quiet;
    progress->terminal = screen_redraws(stderr);
    progress->runs = runs;
    progress->finished = 0;
    progress->units = units;
    atomic_init(&progress->done, 0);
    progress->start_s = clock_now_s();
    progress->drawn_s = -INFINITY;
    progress->name[0] = progress->last[0] = '\0';
    progress->width = 0;
}

/* A line of as many columns at most, of parts that are whole or not there. */
struct line {
    char *text;
    size_t size;
    int columns, width;
};

static bool add(struct line *line, const char *before, const char *part, size_t length)
{
    const size_t used = strlen(line->text), room = strlen(before) + length;
    const int width = (int)(flow_width(before, strlen(before)) + flow_width(part, length));
    if (line->width + width > line->columns || used + room >= line->size)
        return false;
    snprintf(line->text + used, line->size - used, "%s%.*s", before, (int)length, part);
    line->width += width;
    return true;
}

/* The words of a name, or the metrics, as many as fit. */
static void add_parts(struct line *line, const char *before, const char *text, const char *parted_by)
{
    while (*text != '\0') {
        const char *end = strstr(text, parted_by);
        const size_t length = end ? (size_t)(end - text) : strlen(text);
        if (!add(line, before, text, length))
            return;
        before = parted_by;
        text += length + (end ? strlen(parted_by) : 0);
    }
}

/* Compose the line: name, percent, time left, metrics, bar. */
static void compose(const struct progress *progress, double now_s, int columns, char *text, size_t size)
{
    const uint_fast64_t done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    const double share = progress->units == 0 || done >= progress->units ? 1.0 : (double)done / (double)progress->units;
    const double elapsed_s = now_s - progress->start_s;
    struct line line = {text, size, columns, 0};
    char part[64], duration[32];
    text[0] = '\0';
    /* The percent is never left out for a name. */
    const int share_width = snprintf(part, sizeof part, "%3d %%", (int)(share * 100));
    line.columns -= share_width + 1;
    add_parts(&line, "", progress->name, " ");
    line.columns = columns;
    add(&line, line.width > 0 ? " " : "", part, (size_t)share_width);
    if (done > 0 && share < 1 && elapsed_s > 0.5) { /* earlier the estimate would jump */
        const int length =
            snprintf(part, sizeof part, "%s left", progress_time(duration, elapsed_s * (1 - share) / share));
        add(&line, "  ", part, (size_t)length);
    }
    add_parts(&line, "  ", progress->last, ", ");
    for (int length = 20; length >= 10; length -= 10) {
        char bar[32] = "[....................]";
        memset(bar + 1, '-', (size_t)length);
        memset(bar + 1, '#', (size_t)(share * length));
        bar[length + 1] = ']';
        if (add(&line, "  ", bar, (size_t)length + 2))
            break;
    }
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

void progress_draw(struct progress *progress, const char *name, const char *last)
{
    if (name != NULL) {
        copy_line(progress->name, sizeof progress->name, (int)sizeof progress->name, name);
        copy_line(progress->last, sizeof progress->last, (int)sizeof progress->last, last);
    }
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
    flow_say(stderr, "", 4, "[%zu/%zu] %s", progress->finished, progress->runs, line);
    if (progress->terminal && progress->finished < progress->runs)
        redraw(progress, clock_now_s());
}

void progress_passed(struct progress *progress, const char *name, double seconds)
{
    char line[256], duration[32];
    if (progress->terminal) {
        progress->finished++;
        return;
    }
    snprintf(line, sizeof line, "%s (%s)", name, progress_time(duration, seconds));
    progress_finished(progress, line);
}

void progress_note(struct progress *progress, const char *text)
{
    erase(progress);
    fprintf(stderr, "dlexp: note: %s\n", text);
}

void progress_stop(struct progress *progress)
{
    erase(progress);
}
