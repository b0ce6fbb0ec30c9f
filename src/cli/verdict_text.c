/* verdict_text.c - see verdict_text.h. */
#include "dlexp/cli/verdict_text.h"

#include "dlexp/formats/screen.h"

const char *verdict_text(char buffer[VERDICT_TEXT_SIZE], enum verdict verdict, FILE *out)
{
    /* "Select Graphic Rendition" of ECMA-48: bold green, bold red, yellow, cyan. */
    static const char *const codes[] = {[VERDICT_NOT_COMPARABLE] = "33",
                                        [VERDICT_SUPPORTED] = "1;32",
                                        [VERDICT_CONTRADICTED] = "1;31",
                                        [VERDICT_EQUIVALENT] = "36",
                                        [VERDICT_UNDECIDED] = "33"};
    const char *name = verdict_name(verdict);
    if (!screen_colors(out))
        return name;
    snprintf(buffer, VERDICT_TEXT_SIZE, "\033[%sm%s\033[0m", codes[verdict], name);
    return buffer;
}
