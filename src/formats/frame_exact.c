/* frame_exact.c - see frame_exact.h. */
#include "frame_exact.h"

#include <inttypes.h>

const char *frame_exact(char buffer[NUMBER_TEXT_SIZE], const struct frame_column *column, const struct frame_cell *cell)
{
    if (cell->none)
        return "";
    switch (column->type) {
    case FRAME_TEXT:
    case FRAME_NUMBER:
        return cell->text;
    case FRAME_INTEGER:
        snprintf(buffer, NUMBER_TEXT_SIZE, "%" PRId64, cell->integer);
        break;
    case FRAME_BOOL:
        return cell->integer ? "yes" : "no";
    case FRAME_SINGLE:
        return number_format_float(buffer, (float)cell->real);
    case FRAME_REAL:
        if (column->digits == 0)
            return number_format_real(buffer, cell->real);
        snprintf(buffer, NUMBER_TEXT_SIZE, "%.*g", column->digits, cell->real);
        break;
    }
    return buffer;
}
