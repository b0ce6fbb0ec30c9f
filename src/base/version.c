#include "dlexp/base/version.h"

#include "version_generated.h" /* by cmake/revision.cmake at every build: DLEXP_VERSION, DLEXP_REVISION */

const char version_number[] = DLEXP_VERSION;
const char version_revision[] = DLEXP_REVISION;

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#if defined __clang__
const char version_compiler[] = "clang " TEXT(__clang_major__) "." TEXT(__clang_minor__) "." TEXT(__clang_patchlevel__);
#elif defined __GNUC__
const char version_compiler[] = "gcc " TEXT(__GNUC__) "." TEXT(__GNUC_MINOR__) "." TEXT(__GNUC_PATCHLEVEL__);
#else
const char version_compiler[] = "unknown";
#endif
