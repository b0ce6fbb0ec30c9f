/* Draws the figures of folders into files; see plot_job.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "plot_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/plot/drawing.h"
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

/* Where a folder's pictures go, what is known of those that are there, and what is to be drawn. */
struct destination {
    const char *folder, *path, *scripts;
    char *source; /* the folder's absolute path */
    struct drawn drawn;
    const struct plot_job *job;

    struct drawing *drawings;
    struct plan {
        struct plot_item *item;
        struct {
            char file[128], key[SHA256_HEX_SIZE];
        } picture[FIGURE_FORMATS];
    } * plans; /* of each drawing */
    size_t count;
};

static void name_file(char file[128], const struct figure *figure, size_t format)
{
    const char *ending = "";
    figure_format_name(format, &ending);
    snprintf(file, 128, "%s.%s", figure->name, ending);
}

/* The figure is none of this folder's any more: its pictures that were drawn from it go. */
static int leave_out(struct plot_item *item, const char *why, struct destination *to, struct error *err)
{
    item->status = PLOT_LEFT_OUT;
    item->why = strdup(why);
    if (!item->why)
        return error_out_of_memory(err, "the list of figures");
    for (size_t f = 0; f < FIGURE_FORMATS; f++) {
        char file[128], *path;
        name_file(file, item->figure, f);
        if (!drawn_is_from(&to->drawn, file, to->source))
            continue;
        path = path_join(to->path, file);
        const int result = path ? file_remove(path, err) : error_out_of_memory(err, file);
        free(path);
        if (result < 0)
            return -1;
        drawn_forget(&to->drawn, file);
        item->removed[f] = true;
    }
    return 0;
}

/* Whether the plan's picture is there as it would be drawn; otherwise it is to be drawn. */
static int plan_picture(struct plan *plan, size_t format, bool *wanted, struct destination *to, struct error *err)
{
    const struct plot_job *job = to->job;
    char *const file = plan->picture[format].file, *const key = plan->picture[format].key;
    const char *ending = "";
    bool there = false;
    name_file(file, plan->item->figure, format);
    figure_format_name(format, &ending);
    char *path = path_join(to->path, file);
    if (!path)
        return error_out_of_memory(err, file);
    const int result = file_look(&there, path, err);
    free(path);
    if (result < 0 || drawn_key(key, plan->item->figure, &job->style, to->folder, ending, to->scripts, err) < 0)
        return -1;
    *wanted = job->force || !there || !drawn_has(&to->drawn, file, key);
    return 0;
}

static int plan_item(struct plot_item *item, struct destination *to, struct error *err)
{
    char why[FIGURE_WHY];
    const enum figure_fit fit = figure_applies(item->figure, to->folder, why, err);
    int result = fit == FIGURE_FAILED ? -1 : 0;
    item->status = PLOT_UNCHANGED;
    if (fit == FIGURE_LACKS)
        return leave_out(item, why, to, err);
    struct plan *plan = &to->plans[to->count];
    struct drawing *drawing = &to->drawings[to->count];
    *plan = (struct plan){.item = item};
    *drawing = (struct drawing){.figure = item->figure, .folder = to->folder, .style = &to->job->style};
    bool any = false;
    for (size_t f = 0; f < FIGURE_FORMATS && result == 0; f++) {
        if (to->job->formats[f])
            result = plan_picture(plan, f, &drawing->formats[f], to, err);
        any |= drawing->formats[f];
    }
    to->count += any;
    return result;
}

static int write_picture(const char *file, const char *key, const struct picture *picture, struct destination *to,
                         struct error *err)
{
    char *path = path_join(to->path, file);
    if (!path)
        return error_out_of_memory(err, file);
    const int result = file_write_atomic(path, picture->bytes, picture->size, err);
    free(path);
    return result < 0 ? -1 : drawn_set(&to->drawn, file, key, to->source, err);
}

/* A figure's pictures into their places; -1 where no figure can be drawn. */
static int take_pictures(struct drawing *drawing, void *to_, struct error *err)
{
    struct destination *to = to_;
    const struct plan *plan = &to->plans[drawing - to->drawings];
    struct plot_item *item = plan->item;
    for (size_t f = 0; f < FIGURE_FORMATS; f++)
        if (drawing->end == FIGURE_DRAWN && drawing->formats[f] &&
            write_picture(plan->picture[f].file, plan->picture[f].key, &drawing->pictures.of[f], to, &drawing->err) < 0)
            drawing->end = FIGURE_NOT_DRAWN;
    switch (drawing->end) {
    case FIGURE_DRAWN:
        item->status = PLOT_DRAWN;
        return 0;
    case FIGURE_NOT_LEGIBLE:
        return leave_out(item, drawing->err.message, to, err);
    case FIGURE_NO_GNUPLOT:
        *err = drawing->err;
        return -1;
    case FIGURE_NOT_DRAWN:
        break;
    }
    item->status = PLOT_FAILED;
    if (drawing->err.code == ERROR_IO) {
        *err = drawing->err;
        return -1;
    }
    item->why = strdup(drawing->err.message);
    return item->why ? 0 : error_out_of_memory(err, "the list of figures");
}

static int draw_items(struct plot_job *job, size_t folder, struct destination *to, struct error *err)
{
    const struct figure *figure;
    const size_t first = job->count;
    const size_t had = to->drawn.count;
    int result = 0;
    for (size_t i = 0; result == 0 && (figure = figure_row(i)) != NULL; i++) {
        if (!job->wanted[i])
            continue;
        struct plot_item *item = &job->items[job->count++];
        *item = (struct plot_item){.figure = figure, .folder = folder};
        result = plan_item(item, to, err);
    }
    if (result == 0)
        result = drawings_draw(to->drawings, to->count, take_pictures, to, err);
    for (size_t i = first; result == 0 && i < job->count; i++)
        job->counts[job->items[i].status]++;
    return result == 0 && (had > 0 || to->drawn.count > 0) ? drawn_write(&to->drawn, to->path, err) : result;
}

static int draw_folder(struct plot_job *job, size_t folder, const char *scripts, struct error *err)
{
    char *path = plot_job_path(job, folder, NULL, NULL);
    struct destination to = {.folder = job->folders.paths[folder], .path = path, .scripts = scripts, .job = job};
    if (!path)
        return error_out_of_memory(err, job->out);
    int result = directory_create(path, err);
    if (result == 0)
        directory_clean(path);
    if (result == 0 && (to.source = realpath(to.folder, NULL)) == NULL)
        result = error_set_errno(err, "cannot follow the path '%s'", to.folder);
    if (to.source && strchr(to.source, '\n'))
        *to.source = '\0'; /* a list of lines cannot name it */
    if (result == 0)
        result = drawn_read(&to.drawn, path, err);
    to.drawings = calloc(PLOT_FIGURES_MAX, sizeof *to.drawings);
    to.plans = calloc(PLOT_FIGURES_MAX, sizeof *to.plans);
    if (result == 0 && (!to.drawings || !to.plans))
        result = error_out_of_memory(err, "the list of pictures");
    if (result == 0)
        result = draw_items(job, folder, &to, err);
    drawn_free(&to.drawn);
    free(to.drawings);
    free(to.plans);
    free(to.source);
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
    for (size_t i = 0; i < job->gone_count; i++)
        free(job->gone[i]);
    free(job->gone);
    folders_free(&job->folders);
    job->items = NULL;
    job->gone = NULL;
    job->count = job->gone_count = 0;
}
