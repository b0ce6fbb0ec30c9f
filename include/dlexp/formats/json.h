/*
 * json.h - JSON documents of which no part can be missing unnoticed.
 *
 * cJSON answers NULL when memory runs out and then builds on without the member.  The functions here remember it in the
 * document: the object or array that lacks a member turns into cJSON_Invalid, which cJSON prints nowhere in a tree.  So
 * what builds a document looks at no result; NULLs are passed on, and json_print alone tells.
 *
 * JSON is UTF-8, but words of the command line and names of files are any bytes: a byte that is no part of a UTF-8
 * character is printed as the four characters \xNN (as Python's backslashreplace does), in strings from any source.
 */
#ifndef DLEXP_JSON_H
#define DLEXP_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include <cJSON.h>

#include "dlexp/base/error.h"

/* The version of the documents' form: data/schema/dlexp-1.schema.json.  A member more leaves it as it is; one that is
 * renamed, removed or given another meaning counts it up. */
#define JSON_FORMAT "dlexp-1"

/* json_document - a new document, which begins {"format": JSON_FORMAT, "kind": kind}; every one that the program writes
 * does.  The kinds are those of the schema. */
cJSON *json_document(const char *kind);

/*
 * json_add, json_append - put an item into an object or an array, which owns it from then on; NULL, which stands for
 * one that could not be made, spoils it.  Return the item, or NULL.
 */
cJSON *json_add(cJSON *object, const char *name, cJSON *item);
cJSON *json_append(cJSON *array, cJSON *item);

/* json_add_... - a new member; a number that is not finite is null. */
void json_add_string(cJSON *object, const char *name, const char *text);
void json_add_number(cJSON *object, const char *name, double value);
void json_add_bool(cJSON *object, const char *name, bool value);
cJSON *json_add_object(cJSON *object, const char *name);
cJSON *json_add_array(cJSON *object, const char *name);

/*
 * json_parse - the document of a text into *root, which the caller deletes; NULL where it is no JSON.  With `end`
 * nothing may follow it, and *end is where reading ended.  -1, and the error of `what`, only where memory ran out.
 */
int json_parse(cJSON **root, const char *text, const char **end, const char *what, struct error *err);

/*
 * json_print - the whole document and a line's end, or, when memory ran out now or while it was built, nothing and the
 * error of `what`.  Frees the document.
 */
int json_print(cJSON *root, FILE *out, const char *what, struct error *err);

#endif
