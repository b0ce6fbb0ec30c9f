/* Pictures of folders that are no more; see plot_job.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "plot_drawn.h"
#include "plot_job.h"

static bool is_drawn(const struct plot_job *job, const char *name)
{
    for (size_t i = 0; i < job->folders.count; i++)
        if (strcmp(job->folders.names[i], name) == 0)
            return true;
    return false;
}

/* Takes path over. */
static int note_gone(struct plot_job *job, char *path, struct error *err)
{
    char **gone = realloc(job->gone, (job->gone_count + 1) * sizeof *gone);
    if (!gone) {
        free(path);
        return error_out_of_memory(err, "the list of pictures");
    }
    job->gone = gone;
    gone[job->gone_count++] = path;
    return 0;
}

/* Of the pictures in out/NAME those that were drawn from the folder `source`, which is gone. */
static int remove_pictures(struct plot_job *job, const char *pictures, const char *source, struct error *err)
{
    struct drawn drawn;
    int result = drawn_read(&drawn, pictures, err);
    const size_t had = drawn.count;
    for (size_t i = 0; result == 0 && i < drawn.count;) {
        const struct drawn_line *line = &drawn.lines[i];
        if (strcmp(line->source, source) != 0) {
            i++;
            continue;
        }
        char *path = path_join(pictures, line->name);
        result = path ? file_remove(path, err) : error_out_of_memory(err, pictures);
        if (result == 0)
            result = note_gone(job, path, err);
        else
            free(path);
        if (result == 0)
            drawn_forget(&drawn, line->name);
    }
    if (result == 0 && drawn.count < had)
        result = drawn_write(&drawn, pictures, err);
    drawn_free(&drawn);
    if (result == 0)
        rmdir(pictures); /* if nothing else is in it */
    return result;
}

static int look_at(struct plot_job *job, const char *root, const char *name, struct error *err)
{
    bool there;
    char *pictures = path_join(job->out, name), *source = path_join(root, name);
    int result = pictures && source ? file_look(&there, source, err) : error_out_of_memory(err, name);
    if (result == 0 && !there)
        result = remove_pictures(job, pictures, source, err);
    free(pictures);
    free(source);
    return result;
}

int plot_gone_remove(struct plot_job *job, const char *directory, struct error *err)
{
    const struct dirent *entry;
    int result = 0;
    char *root = realpath(directory, NULL);
    DIR *listing = root && !is_drawn(job, "") ? opendir(job->out) : NULL;
    while (listing && result == 0 && (entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.' && !is_drawn(job, entry->d_name))
            result = look_at(job, root, entry->d_name, err);
    if (listing)
        closedir(listing);
    free(root);
    return result;
}
