/*
 * cosine.h - the cosine of an angle between 0 and pi, the same double on every machine: cos() may differ from one C
 * library to the next.
 */
#ifndef DLEXP_COSINE_H
#define DLEXP_COSINE_H

#define COSINE_PI 3.14159265358979323846

/*
 * cosine - cos(x), 0 <= x <= 3.5 (asserted; pi t / T may be rounded to more than pi where t is T).  Correctly rounded,
 * but where it lies within about 2^-48 ulp of the middle between two doubles.
 */
double cosine(double x);

#endif
