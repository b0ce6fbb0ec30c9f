/* frame_json.c - a frame as an array of JSON objects; see frame.h.  json.h remembers what memory could not hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/json.h"
#include "frame_exact.h"

/* The whole numbers up to here are numbers of JSON's readers too, which take them for doubles. */
#define DOUBLE_WHOLE (INT64_C(1) << 53)

/* The number that the table's text reads back to. */
static cJSON *make_number(const char *text)
{
    const double value = strtod(text, NULL);
    if (!isfinite(value))
        return cJSON_CreateNull();
    return fabs(value) > (double)DOUBLE_WHOLE && strspn(text, "-0123456789") == strlen(text)
               ? cJSON_CreateRaw(text)
               : cJSON_CreateNumber(value);
}

static cJSON *make_item(const struct frame_column *column, const struct frame_cell *cell)
{
    char number[NUMBER_TEXT_SIZE];
    if (cell->none)
        return cJSON_CreateNull();
    if (column->type == FRAME_BOOL)
        return cJSON_CreateBool(cell->integer != 0);
    const char *text = frame_exact(number, column, cell);
    return column->type == FRAME_TEXT ? cJSON_CreateString(text) : make_number(text);
}

/* state: the row. */
static void write_cell(struct frame *frame, const struct frame_column *column, const struct frame_cell *cell)
{
    if (frame->column == 0)
        frame->state = json_append(frame->array, cJSON_CreateObject());
    if (column->not_json)
        return;
    cJSON *object = frame->state;
    if (column->of) {
        object = cJSON_GetObjectItemCaseSensitive(frame->state, column->of);
        if (!object)
            object = json_add_object(frame->state, column->of);
    }
    json_add(object, column->name, make_item(column, cell));
}

const struct frame_writer frame_json = {.name = "json", .cell = write_cell};
