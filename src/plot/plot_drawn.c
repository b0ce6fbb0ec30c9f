/* The list of what is drawn, and the keys in it; see plot_drawn.h. */
#include "plot_drawn.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/locate.h"
#include "dlexp/base/version.h"
#include "dlexp/formats/output.h"

static const char list_name[] = ".drawn";

/* ---- the list ---- */

static struct drawn_line *find(const struct drawn *drawn, const char *name)
{
    for (size_t i = 0; i < drawn->count; i++)
        if (strcmp(drawn->lines[i].name, name) == 0)
            return &drawn->lines[i];
    return NULL;
}

static void free_line(struct drawn_line *line)
{
    free(line->name);
    free(line->source);
}

int drawn_set(struct drawn *drawn, const char *name, const char *key, const char *source, struct error *err)
{
    struct drawn_line *line = find(drawn, name), made = {.name = strdup(name), .source = strdup(source)};
    snprintf(made.key, sizeof made.key, "%s", key);
    if (!line && made.name && made.source) {
        struct drawn_line *grown = realloc(drawn->lines, (drawn->count + 1) * sizeof *grown);
        if (grown) {
            drawn->lines = grown;
            line = &grown[drawn->count++];
            *line = (struct drawn_line){0};
        }
    }
    if (!line || !made.name || !made.source) {
        free_line(&made);
        return error_out_of_memory(err, "the list of pictures");
    }
    free_line(line);
    *line = made;
    return 0;
}

void drawn_forget(struct drawn *drawn, const char *name)
{
    struct drawn_line *line = find(drawn, name);
    if (!line)
        return;
    free_line(line);
    drawn->count--;
    memmove(line, line + 1, (size_t)(drawn->lines + drawn->count - line) * sizeof *line);
}

int drawn_read(struct drawn *drawn, const char *folder, struct error *err)
{
    unsigned char *text = NULL;
    size_t size;
    char *path = path_join(folder, list_name);
    *drawn = (struct drawn){NULL, 0};
    if (!path)
        return error_out_of_memory(err, list_name);
    bool there;
    int result = file_look(&there, path, err);
    if (result == 0 && there)
        result = file_read(path, &text, &size, err);
    free(path);
    for (char *line = result == 0 ? (char *)text : NULL; line && *line && result == 0;) {
        char *end = line + strcspn(line, "\n"), name[128], key[SHA256_HEX_SIZE];
        int before = 0;
        if (*end)
            *end++ = '\0';
        if (sscanf(line, "%127s %64s %n", name, key, &before) == 2)
            result = drawn_set(drawn, name, key, line + before, err);
        line = end;
    }
    free(text);
    return result;
}

int drawn_write(const struct drawn *drawn, const char *folder, struct error *err)
{
    struct output output;
    if (drawn->count == 0) {
        char *path = path_join(folder, list_name);
        const int result = path ? file_remove(path, err) : error_out_of_memory(err, list_name);
        free(path);
        return result;
    }
    if (output_open(&output, err) < 0)
        return -1;
    for (const struct drawn_line *line = drawn->lines; line < drawn->lines + drawn->count; line++)
        fprintf(output.stream, "%s %s %s\n", line->name, line->key, line->source);
    return output_close_in(&output, folder, list_name, err);
}

void drawn_free(struct drawn *drawn)
{
    for (size_t i = 0; i < drawn->count; i++)
        free_line(&drawn->lines[i]);
    free(drawn->lines);
    *drawn = (struct drawn){NULL, 0};
}

bool drawn_has(const struct drawn *drawn, const char *name, const char *key)
{
    const struct drawn_line *line = find(drawn, name);
    return line && strcmp(line->key, key) == 0;
}

bool drawn_is_from(const struct drawn *drawn, const char *name, const char *source)
{
    const struct drawn_line *line = find(drawn, name);
    return line && strcmp(line->source, source) == 0;
}

/* ---- keys ---- */

static void add_text(struct sha256 *sha, const char *text)
{
    sha256_update(sha, text ? text : "", text ? strlen(text) : 0);
    sha256_update(sha, "\n", 1);
}

/* A file's content, or that it is not there. */
static int add_file(struct sha256 *sha, const char *folder, const char *name, struct error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    char *path = path_join(folder, name);
    if (!path)
        return error_out_of_memory(err, name);
    bool there;
    int result = file_look(&there, path, err);
    if (result == 0 && there)
        result = file_read(path, &data, &size, err);
    if (result == 0) {
        add_text(sha, data ? name : "");
        sha256_update(sha, data ? data : (const unsigned char *)"", size);
    }
    free(data);
    free(path);
    return result;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder's names that end in .gp, ascending. */
static int list_scripts(const char *folder, char *names[], size_t most, size_t *count, struct error *err)
{
    const struct dirent *entry;
    int result = 0;
    DIR *directory = opendir(folder);
    *count = 0;
    if (!directory)
        return error_set_errno(err, "cannot read the folder '%s'", folder);
    while (result == 0 && *count < most && (errno = 0, entry = readdir(directory)) != NULL) {
        const size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 3, ".gp") != 0)
            continue;
        if ((names[*count] = strdup(entry->d_name)) == NULL)
            result = error_out_of_memory(err, folder);
        else
            ++*count;
    }
    if (result == 0 && *count < most && errno != 0)
        result = error_set_errno(err, "cannot read the folder '%s'", folder);
    closedir(directory);
    qsort(names, *count, sizeof *names, compare_names);
    return result;
}

int drawn_scripts(char key[SHA256_HEX_SIZE], struct error *err)
{
    enum { MOST = 256 };
    char *folder = NULL, *names[MOST];
    size_t count = 0;
    struct sha256 sha;
    if (locate_script(&folder, "plots", err) < 0)
        return -1;
    sha256_init(&sha);
    int result = list_scripts(folder, names, MOST, &count, err);
    for (size_t i = 0; i < count; i++) {
        if (result == 0)
            result = add_file(&sha, folder, names[i], err);
        free(names[i]);
    }
    sha256_final(&sha, key);
    free(folder);
    return result;
}

/* The protocol in run.json, which figures tell; its times would change at each call. */
static int add_protocol(struct sha256 *sha, const char *folder, struct error *err)
{
    unsigned char *text = NULL;
    size_t size;
    char *path = path_join(folder, "run.json");
    if (!path)
        return error_out_of_memory(err, "run.json");
    bool there;
    int result = file_look(&there, path, err);
    if (result == 0 && there)
        result = file_read(path, &text, &size, err);
    const char *line = text ? strstr((char *)text, "\"protocol\":") : NULL;
    if (line)
        sha256_update(sha, line, strcspn(line, "\n"));
    free(path);
    free(text);
    return result;
}

int drawn_key(char key[SHA256_HEX_SIZE], const struct figure *figure, const struct figure_style *style,
              const char *folder, const char *format, const char *scripts, struct error *err)
{
    struct sha256 sha;
    char text[256];
    const char *table;
    int result;
    sha256_init(&sha);
    snprintf(text, sizeof text, "%s %.17g %s %.17g %d %.100s", format, style->width, style->unit ? style->unit : "px",
             style->unit_pixels, style->no_title, style->font ? style->font : "");
    const char *const texts[] = {version_revision,   scripts, text, figure->name, figure->setting, figure->title,
                                 figure->description};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(&sha, texts[i]);
    result = add_protocol(&sha, folder, err);
    for (size_t i = 0; result == 0 && (table = figure_table(figure, i)) != NULL; i++)
        result = add_file(&sha, folder, table, err);
    sha256_final(&sha, key);
    return result;
}
