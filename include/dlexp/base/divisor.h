/* divisor.h - the greatest common divisor of two numbers, by Euclid; of 0 and a it is a. */
#ifndef DLEXP_DIVISOR_H
#define DLEXP_DIVISOR_H

#include <stdint.h>

static inline uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

#endif
