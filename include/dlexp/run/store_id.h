/*
 * store_id.h - the name of a run in the store.
 */
#ifndef DLEXP_STORE_ID_H
#define DLEXP_STORE_ID_H

#include <stddef.h>

enum { STORE_ID_SIZE = 33 }; /* 32 hexadecimal digits and the NUL */

/* store_id - the first half of its spec's SHA-256.  store_id_of - of a spec that is spec[0..size). */
void store_id(const char *spec, char id[STORE_ID_SIZE]);
void store_id_of(const char *spec, size_t size, char id[STORE_ID_SIZE]);

#endif
