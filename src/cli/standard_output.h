/*
 * standard_output.h - stdout, such that a write that fails is told with its reason however long ago it was.
 */
#ifndef DLEXP_STANDARD_OUTPUT_H
#define DLEXP_STANDARD_OUTPUT_H

/* standard_output_begin - before anything is printed. */
void standard_output_begin(void);

/*
 * standard_output_end - flush.  Returns 0, or the errno of the first write that failed since the beginning; -1 when one
 * failed and the C library does not let us know why.
 */
int standard_output_end(void);

#endif
