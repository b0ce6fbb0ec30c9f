/* Draws the figures of folders into files; see plot_job.h. */
#include "plot_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "plot_drawn.h"

char *plot_job_path(const struct plot_job *job, size_t folder, const struct figure *figure, const char *ending)
{
    const char *name = job->folders.names[folder];
    char file[128], *path = *name ? path_join(job->out, name) : strdup(job->out), *whole;
    if (!path || !figure)
        return path;
    snprintf(file, sizeof file, "%s.%s", figure->name, ending);
    whole = path_join(path, file);
    free(path);
    return whole;
}

/* Where a folder's pictures go, and what is known of those that are there. */
struct destination {
    const char *folder, *path;
    struct drawn drawn;
    const char *scripts;
};

/* One picture. */
static enum figure_end draw_picture(const struct plot_job *job, const struct figure *figure, struct destination *to,
                                    enum figure_format format, bool *unchanged, struct error *err)
{
    struct picture picture = {NULL, 0};
    char file[128], key[SHA256_HEX_SIZE];
    const char *ending = "";
    enum figure_end end = FIGURE_NOT_DRAWN;
    figure_format_name(format, &ending);
    snprintf(file, sizeof file, "%s.%s", figure->name, ending);
    char *path = path_join(to->path, file);
    if (!path) {
        error_out_of_memory(err, file);
        return end;
    }
    bool there = false;
    if (file_look(&there, path, err) == 0 &&
        drawn_key(key, figure, &job->style, to->folder, ending, to->scripts, err) == 0) {
        *unchanged = !job->force && there && drawn_has(&to->drawn, file, key);
        end = *unchanged ? FIGURE_DRAWN : figure_draw(figure, to->folder, &job->style, format, &picture, err);
    }
    if (end == FIGURE_DRAWN && !*unchanged &&
        (file_write_atomic(path, picture.bytes, picture.size, err) < 0 || drawn_set(&to->drawn, file, key, err) < 0))
        end = FIGURE_NOT_DRAWN;
    picture_free(&picture);
    free(path);
    return end;
}

/* All its formats; -1 where no figure can be drawn. */
static int draw_item(const struct plot_job *job, struct plot_item *item, struct destination *to, struct error *err)
{
    char why[FIGURE_WHY];
    struct error failure = {0};
    const enum figure_fit fit = figure_applies(item->figure, to->folder, why, err);
    if (fit == FIGURE_FAILED)
        return -1;
    item->status = fit == FIGURE_LACKS ? PLOT_LEFT_OUT : PLOT_UNCHANGED;
    for (size_t f = 0; f < FIGURE_FORMATS && (item->status == PLOT_UNCHANGED || item->status == PLOT_DRAWN); f++) {
        bool unchanged = false;
        if (!job->formats[f])
            continue;
        switch (draw_picture(job, item->figure, to, (enum figure_format)f, &unchanged, &failure)) {
        case FIGURE_DRAWN:
            item->status = unchanged ? item->status : PLOT_DRAWN;
            break;
        case FIGURE_NO_GNUPLOT:
            *err = failure;
            return -1;
        case FIGURE_NOT_LEGIBLE:
            item->status = PLOT_LEFT_OUT;
            break;
        case FIGURE_NOT_DRAWN:
            item->status = PLOT_FAILED;
            if (failure.code == ERROR_IO) {
                *err = failure;
                return -1;
            }
        }
    }
    if (item->status != PLOT_LEFT_OUT && item->status != PLOT_FAILED)
        return 0;
    item->why = strdup(fit == FIGURE_LACKS ? why : failure.message);
    return item->why ? 0 : error_out_of_memory(err, "the list of figures");
}

static int draw_folder(struct plot_job *job, size_t folder, const char *scripts, struct error *err)
{
    char *path = plot_job_path(job, folder, NULL, NULL);
    struct destination to = {.folder = job->folders.paths[folder], .path = path, .scripts = scripts};
    const struct figure *figure;
    if (!path)
        return error_out_of_memory(err, job->out);
    int result = directory_create(path, err);
    if (result == 0)
        directory_clean(path);
    if (result == 0)
        result = drawn_read(&to.drawn, path, err);
    for (size_t i = 0; result == 0 && (figure = figure_row(i)) != NULL; i++) {
        if (!job->wanted[i])
            continue;
        struct plot_item *item = &job->items[job->count++];
        *item = (struct plot_item){.figure = figure, .folder = folder};
        result = draw_item(job, item, &to, err);
        if (result == 0)
            job->counts[item->status]++;
    }
    if (result == 0 && to.drawn.count > 0)
        result = drawn_write(&to.drawn, path, err);
    drawn_free(&to.drawn);
    free(path);
    return result;
}

int plot_job_run(struct plot_job *job, struct error *err)
{
    char scripts[SHA256_HEX_SIZE];
    job->items = calloc(job->folders.count * PLOT_FIGURES_MAX, sizeof *job->items);
    if (!job->items)
        return error_out_of_memory(err, "the list of figures");
    if (drawn_scripts(scripts, err) < 0)
        return -1;
    for (size_t i = 0; i < job->folders.count; i++)
        if (draw_folder(job, i, scripts, err) < 0)
            return -1;
    return 0;
}

void plot_job_free(struct plot_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        free(job->items[i].why);
    free(job->items);
    folders_free(&job->folders);
    job->items = NULL;
    job->count = 0;
}
