/* compare_report.h - a judged comparison as a table, a sentence, JSON and claims.csv. */
#ifndef DLEXP_COMPARE_REPORT_H
#define DLEXP_COMPARE_REPORT_H

#include "compare.h"

/* compare_print_text, compare_print_json - on standard output; compare_write - claims.csv into an existing directory.
 */
int compare_print_text(const struct comparison *comparison, struct error *err);
int compare_print_json(const struct comparison *comparison, struct error *err);
int compare_write(const struct comparison *comparison, const char *directory, struct error *err);

#endif
