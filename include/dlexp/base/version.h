/*
 * version.h - which program this is.
 */
#ifndef DLEXP_VERSION_H
#define DLEXP_VERSION_H

extern const char version_number[];   /* "0.1.0" */
extern const char version_revision[]; /* git describe at build time, e.g. "1a2b3c4-dirty"; "unknown" outside a clone */
extern const char version_compiler[]; /* "gcc 12.2.0", "clang 14.0.6" */

#endif
