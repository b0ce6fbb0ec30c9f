#include "dlexp/locate.h"

#include <stdlib.h>

#include "dlexp/file.h"

/* CMake says where: DLEXP_SOURCE_DATA_DIR, DLEXP_INSTALL_DATA_DIR, DLEXP_SOURCE_SCRIPTS_DIR, DLEXP_INSTALL_SCRIPTS_DIR. */

static int locate(char **path, const char *name, const char *source, const char *installed, const char *what,
                  const char *remedy, struct error *err)
{
    const char *const places[] = {source, installed};
    for (size_t i = 0; i < 2; i++) {
        *path = path_join(places[i], name);
        if (!*path)
            return error_out_of_memory(err, name);
        if (file_exists(*path))
            return 0;
        free(*path);
        *path = NULL;
    }
    return error_set(err, ERROR_DATA, "cannot find the %s '%s': expected it in '%s' or '%s' (%s)", what, name, source,
                     installed, remedy);
}

int locate_data(char **path, const char *name, struct error *err)
{
    return locate(path, name, DLEXP_SOURCE_DATA_DIR, DLEXP_INSTALL_DATA_DIR, "data",
                  "name another directory on the command line, or run cmake --install", err);
}

int locate_script(char **path, const char *name, struct error *err)
{
    return locate(path, name, DLEXP_SOURCE_SCRIPTS_DIR, DLEXP_INSTALL_SCRIPTS_DIR, "script", "run cmake --install",
                  err);
}
