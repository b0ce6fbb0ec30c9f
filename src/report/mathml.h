/*
 * mathml.h - formulas in a part of TeX's notation as MathML, so that a page needs no script to show them, and so that
 * each formula is written once for all formats.
 *
 * Read: letters, numbers, operators, groups { }, ^ and _, \frac{}{}, \sqrt{}, \hat{}, \bar{}, \text{}, \mathrm{},
 * \begin{pmatrix} and \begin{aligned} with & and \\, spaces (\, \quad), and the symbols of the table in mathml.c.
 */
#ifndef DLEXP_REPORT_MATHML_H
#define DLEXP_REPORT_MATHML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* mathml_print - a <math> element; display: in lines of its own.  False where tex has what is not read (which then
 * stands there as text). */
bool mathml_print(FILE *out, const char *tex, size_t length, bool display);

#endif
