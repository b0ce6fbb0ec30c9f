/* The name of a run in the store. */
#include "dlexp/run/store_id.h"

#include <string.h>

#include "dlexp/base/sha256.h"

void store_id(const char *spec, char id[STORE_ID_SIZE])
{
    store_id_of(spec, strlen(spec), id);
}

void store_id_of(const char *spec, size_t size, char id[STORE_ID_SIZE])
{
    char hex[SHA256_HEX_SIZE];
    sha256_hex(spec, size, hex);
    memcpy(id, hex, STORE_ID_SIZE - 1);
    id[STORE_ID_SIZE - 1] = '\0';
}
