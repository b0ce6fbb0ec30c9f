/*
 * spaced.h - numbers spaced evenly on a logarithmic scale, the same doubles on every machine.
 */
#ifndef DLEXP_SPACED_H
#define DLEXP_SPACED_H

#include <stddef.h>

/*
 * spaced_geometric - number i of `count`, a (b/a)^(i / (count - 1)), for 0 < a < b and count >= 2.
 *
 * The first is a and the last b, exactly; the others are rounded to 6 significant digits.  Computed by the four
 * operations alone, as log() and exp() differ in their last bits from one C library to the next, and so would a number
 * that lies in the middle between two of 6 digits.
 */
double spaced_geometric(double a, double b, size_t i, size_t count);

#endif
