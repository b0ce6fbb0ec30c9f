/* screen.c - see screen.h. */
#include "dlexp/formats/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum screen_color color = SCREEN_COLOR_AUTO;

/* stdout may be a stream of ours above the file (standard_output.h), so that the C library knows no number of it. */
static int number_of(FILE *out)
{
    return out == stdout ? STDOUT_FILENO : out == stderr ? STDERR_FILENO : -1;
}

static bool is_terminal(FILE *out)
{
    return number_of(out) >= 0 && isatty(number_of(out));
}

size_t screen_columns(FILE *out)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    const long said = columns && number_of(out) >= 0 ? strtol(columns, NULL, 10) : 0;
    if (said > 0)
        return (size_t)said;
    return is_terminal(out) && ioctl(number_of(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                                                : SCREEN_COLUMNS;
}

size_t screen_width(FILE *out)
{
    const size_t columns = screen_columns(out);
    return columns > SCREEN_LEAST ? columns : SCREEN_LEAST;
}

size_t screen_text_width(FILE *out)
{
    const size_t width = screen_width(out);
    return width < SCREEN_TEXT ? width : SCREEN_TEXT;
}

bool screen_redraws(FILE *out)
{
    const char *type = getenv("TERM");
    return is_terminal(out) && type && *type && strcmp(type, "dumb") != 0;
}

bool screen_color_name(size_t index, const char **name)
{
    static const char *const names[] = {
        [SCREEN_COLOR_AUTO] = "auto", [SCREEN_COLOR_ALWAYS] = "always", [SCREEN_COLOR_NEVER] = "never"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

void screen_set_color(enum screen_color when)
{
    color = when;
}

bool screen_colors(FILE *out)
{
    const char *refused = getenv("NO_COLOR");
    if (color != SCREEN_COLOR_AUTO)
        return color == SCREEN_COLOR_ALWAYS && number_of(out) >= 0;
    return screen_redraws(out) && !(refused && *refused);
}
