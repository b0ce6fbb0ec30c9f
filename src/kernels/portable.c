/* The body with one lane of plain C: runs everywhere, and is what every other set is compared with. */
#include "sets.h"

#include "vector_portable.h"

static bool supported(void)
{
    return true;
}

#define KERNELS kernels_portable
#define KERNELS_NAME "portable"
#define KERNELS_DESCRIPTION "plain C, one lane"
#include "body.h"
