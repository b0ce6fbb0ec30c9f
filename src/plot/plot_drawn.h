/*
 * plot_drawn.h - which pictures a folder holds of what, so that a repeated call draws only what changed.
 *
 * FOLDER/.drawn has a line "NAME.svg KEY SOURCE" for each picture; the key is a hash of all that decides its bytes:
 * tables, scripts, style, the figure's row; SOURCE is the absolute path of the tables' folder.  A picture whose source
 * has lost its tables goes; those of other folders stay.  The file may be removed at any time.
 */
#ifndef DLEXP_PLOT_DRAWN_H
#define DLEXP_PLOT_DRAWN_H

#include <stdbool.h>

#include "dlexp/base/sha256.h"
#include "dlexp/plot/figure.h"

struct drawn {
    struct drawn_line {
        char *name, *source;
        char key[SHA256_HEX_SIZE];
    } * lines;
    size_t count;
};

/* drawn_read - a file that is missing or damaged has no lines.  drawn_write - puts it in place; of none, removes it. */
int drawn_read(struct drawn *drawn, const char *folder, struct error *err);
int drawn_write(const struct drawn *drawn, const char *folder, struct error *err);
void drawn_free(struct drawn *drawn);

bool drawn_has(const struct drawn *drawn, const char *name, const char *key);
bool drawn_is_from(const struct drawn *drawn, const char *name, const char *source);
int drawn_set(struct drawn *drawn, const char *name, const char *key, const char *source, struct error *err);
void drawn_forget(struct drawn *drawn, const char *name);

/* drawn_scripts - the hash of all scripts, which load each other.  drawn_key - that of a picture. */
int drawn_scripts(char key[SHA256_HEX_SIZE], struct error *err);
int drawn_key(char key[SHA256_HEX_SIZE], const struct figure *figure, const struct figure_style *style,
              const char *folder, const char *format, const char *scripts, struct error *err);

#endif
