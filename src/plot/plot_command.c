/* dlexp plot: draws the figures of results folders. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "plot_job.h"

struct plot_config {
    const char *directory, *out, *width, *font;
    size_t figure, format;
    bool list, no_title, force, quiet, json;
};

#define FIELD(name) offsetof(struct plot_config, name)

static const struct option options[] = {
    {.name = "figure",
     .letter = 'f',
     .type = OPTION_NAME,
     .flags = OPTION_AXIS,
     .offset = FIELD(figure),
     .value = "LIST",
     .choice = figure_name,
     .help = "draw these figures; without it all that DIR has the tables of",
     .group = "Figures"},
    {.name = "list", .type = OPTION_FLAG, .offset = FIELD(list), .help = "say which figures there are, and draw none"},
    {.name = "out",
     .letter = 'o',
     .type = OPTION_TEXT,
     .flags = OPTION_FOLDER,
     .offset = FIELD(out),
     .value = "FOLDER",
     .initial = "results/figures",
     .help = "where to put the pictures, and index.html that shows them all",
     .group = "Output"},
    {.name = "format",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS,
     .offset = FIELD(format),
     .value = "LIST",
     .initial = "svg",
     .choice = figure_format_name,
     .help = "kinds of pictures"},
    {.name = "force", .type = OPTION_FLAG, .offset = FIELD(force), .help = "draw also what has not changed"},
    {SILENT_OPTION(FIELD(quiet))},
    {.name = "json", .type = OPTION_FLAG, .offset = FIELD(json), .help = "print what was drawn as JSON"},
    {.name = "width",
     .type = OPTION_TEXT,
     .offset = FIELD(width),
     .value = "SIZE",
     .help = "width of the picture: 85mm, 8.5cm, 6in, 400pt or 800px; a narrow one is laid out narrowly, so that its "
             "text stays readable",
     .group = "Style"},
    {.name = "no-title",
     .type = OPTION_FLAG,
     .offset = FIELD(no_title),
     .help = "without the title, for a page with a caption"},
    {.name = "font",
     .type = OPTION_TEXT,
     .offset = FIELD(font),
     .value = "NAME",
     .help = "font of all text, as Helvetica or Times; by default DejaVu Sans"},
    {.name = NULL},
};

/* ---- options ---- */

static int parse_width(const char *text, struct figure_style *style, struct error *err)
{
    static const struct {
        const char *name;
        double pixels;
    } units[] = {{"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"in", 96}, {"pt", 96 / 72.0}, {"px", 1}};
    const size_t length = strcspn(text, "cimp"); /* what units begin with */
    const char *why;
    double number;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + length, text[length] ? units[i].name : "px") != 0 ||
            (!text[length] && strcmp(units[i].name, "px") != 0))
            continue;
        if (number_parse_real(text, length, &number, &why) < 0)
            break;
        style->width = number * units[i].pixels;
        if (!(style->width >= 150 && style->width <= 10000))
            return error_set(err, ERROR_USAGE, "--width: expected 40mm to 2600mm (150px to 10000px), got '%.80s'",
                             text);
        style->unit = strcmp(units[i].name, "px") == 0 ? NULL : units[i].name;
        style->unit_pixels = units[i].pixels;
        return 0;
    }
    return error_set(err, ERROR_USAGE,
                     "--width: expected a number with a unit, as 85mm, 8.5cm, 6in, 400pt or 800px, got '%.80s'", text);
}

/* gnuplot parts a font's name from its size by a comma, and an SVG's attribute ends at a quote. */
static int check_font(const char *name, struct error *err)
{
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        if (*c < 0x80 && !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -_.", *c))
            return error_set(err, ERROR_USAGE,
                             "--font: expected a font's name of letters, digits, blanks, '-', '_' and '.', got '%.80s'",
                             name);
    return 0;
}

static int make_job(struct plot_job *job, const struct plot_config *config, const struct invocation *invocation,
                    struct error *err)
{
    const struct axis *chosen = options_axis(invocation, "figure"), *formats = options_axis(invocation, "format");
    const bool all = !options_given(invocation, "figure");
    *job = (struct plot_job){
        .out = config->out, .force = config->force, .style = {.no_title = config->no_title, .font = config->font}};
    for (size_t i = 0; figure_row(i); i++)
        job->wanted[i] = all;
    for (size_t i = 0; !all && i < chosen->count; i++)
        job->wanted[((const size_t *)chosen->values)[i]] = true;
    for (size_t i = 0; i < formats->count; i++)
        job->formats[((const size_t *)formats->values)[i]] = true;
    if (config->width && parse_width(config->width, &job->style, err) < 0)
        return -1;
    return config->font ? check_font(config->font, err) : 0;
}

/* ---- what is said ---- */

static int print_list(bool json, struct error *err)
{
    const struct figure *figure;
    if (json) {
        cJSON *root = json_document("figures"), *list = json_add_array(root, "figures");
        for (size_t i = 0; (figure = figure_row(i)) != NULL; i++) {
            cJSON *entry = json_append(list, cJSON_CreateObject());
            json_add_string(entry, "name", figure->name);
            json_add_string(entry, "title", figure->title);
            json_add_string(entry, "description", figure->description);
            json_add_string(entry, "made_by", figure->made_by);
        }
        return json_print(root, stdout, "the list of figures", err);
    }
    for (size_t i = 0; (figure = figure_row(i)) != NULL; i++) {
        struct flow flow = {.out = stdout, .line = screen_text_width(stdout), .indent = 4};
        flow_text(&flow, figure->name);
        flow_text(&flow, ": ");
        flow_text(&flow, figure->title);
        flow_end(&flow);
        printf("    of: %s\n", figure->made_by);
    }
    printf("\nA figure is drawn where the tables of such a call are: dlexp plot DIR --figure NAME\n");
    return 0;
}

/* Whether the folder has a figure of this command: then what is missing of the others is worth saying. */
static bool folder_is_of(const struct plot_job *job, size_t folder, const char *command)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->items[i].folder == folder && job->items[i].status != PLOT_LEFT_OUT &&
            strcmp(job->items[i].figure->command, command) == 0)
            return true;
    return false;
}

static bool drawn_somewhere(const struct plot_job *job, const struct figure *figure)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->items[i].figure == figure && job->items[i].status != PLOT_LEFT_OUT)
            return true;
    return false;
}

/* Of a figure that no folder has it is said once, by the last folder that could. */
static bool worth_saying(const struct plot_job *job, size_t index)
{
    const struct plot_item *item = &job->items[index];
    if (item->status != PLOT_LEFT_OUT || drawn_somewhere(job, item->figure) ||
        !folder_is_of(job, item->folder, item->figure->command))
        return false;
    for (size_t i = index + 1; i < job->count; i++)
        if (job->items[i].figure == item->figure && folder_is_of(job, job->items[i].folder, item->figure->command))
            return false;
    return true;
}

static void print_failures(const struct plot_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct plot_item *item = &job->items[i];
        if (item->status == PLOT_FAILED)
            fprintf(stderr, "dlexp: %s of %s: %s\n", item->figure->name, job->folders.paths[item->folder], item->why);
    }
}

static void print_lines(const struct plot_job *job, const char *directory)
{
    bool headed = false;
    for (size_t i = 0; i < job->count; i++) {
        if (!worth_saying(job, i))
            continue;
        struct flow flow = {.out = stdout, .line = screen_text_width(stdout), .indent = 4};
        if (!headed)
            printf("\nLeft out:\n");
        headed = true;
        printf("  ");
        flow.column = 2;
        flow_text(&flow, job->items[i].figure->name);
        flow_text(&flow, ": ");
        flow_text(&flow, job->items[i].why);
        flow_end(&flow);
    }
    printf("%s%zu figures of %s: %zu drawn, %zu unchanged\n", headed ? "\n" : "",
           job->counts[PLOT_DRAWN] + job->counts[PLOT_UNCHANGED], directory, job->counts[PLOT_DRAWN],
           job->counts[PLOT_UNCHANGED]);
    printf("wrote %s/index.html\n", job->out);
}

static void print_file(const char *what, const struct plot_job *job, const struct plot_item *item, size_t format)
{
    const char *ending = "", *name = job->folders.names[item->folder];
    figure_format_name(format, &ending);
    printf("%s %s/%s%s%s.%s\n", what, job->out, name, *name ? "/" : "", item->figure->name, ending);
}

/* The pictures that were made, and those that went. */
static void print_files(const struct plot_job *job)
{
    for (const struct plot_item *item = job->items; item < job->items + job->count; item++)
        for (size_t f = 0; f < FIGURE_FORMATS; f++) {
            if (item->status == PLOT_DRAWN && job->formats[f])
                print_file("wrote", job, item, f);
            if (item->removed[f]) {
                print_file("removed", job, item, f);
                flow_say(stdout, "    ", 4, "%s", item->why);
            }
        }
    for (size_t i = 0; i < job->gone_count; i++)
        printf("removed %s\n    its folder is gone\n", job->gone[i]);
}

static int print_json(const struct plot_job *job, struct error *err)
{
    static const char *const statuses[] = {"drawn", "unchanged", "left out", "failed"};
    cJSON *root = json_document("plot"), *list = json_add_array(root, "figures");
    json_add_string(root, "out", job->out);
    for (size_t i = 0; i < job->count; i++) {
        const struct plot_item *item = &job->items[i];
        cJSON *entry = json_append(list, cJSON_CreateObject());
        json_add_string(entry, "name", item->figure->name);
        json_add_string(entry, "title", item->figure->title);
        json_add_string(entry, "folder", job->folders.paths[item->folder]);
        json_add_string(entry, "status", statuses[item->status]);
        if (item->why)
            json_add_string(entry, "why", item->why);
        cJSON *removed = NULL;
        for (size_t f = 0; f < FIGURE_FORMATS; f++) {
            const char *ending = "";
            figure_format_name(f, &ending);
            if (item->removed[f] && !removed)
                removed = json_add_array(entry, "removed");
            if (item->removed[f])
                json_append(removed, cJSON_CreateString(ending));
        }
    }
    list = job->gone_count > 0 ? json_add_array(root, "removed") : NULL;
    for (size_t i = 0; i < job->gone_count; i++)
        json_append(list, cJSON_CreateString(job->gone[i]));
    return json_print(root, stdout, "the JSON text", err);
}

/* ---- the command ---- */

/* None of the figures that were asked for has its tables. */
static int nothing_drawn(const struct plot_job *job, const char *directory, struct error *err)
{
    size_t asked = 0;
    for (size_t i = 0; figure_row(i); i++)
        asked += job->wanted[i];
    if (asked == 1 && job->folders.count == 1)
        return error_set(err, ERROR_DATA, "cannot draw %s of '%s': %s", job->items[0].figure->name, directory,
                         job->items[0].why);
    return error_set(err, ERROR_DATA,
                     "'%s' has no tables of %s; 'dlexp plot --list' says which call writes those of each figure",
                     directory, asked == 1 ? job->items[0].figure->name : "these figures");
}

static int run_plot(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct plot_config *config = configuration;
    const char *directory = config->directory ? config->directory : "results";
    struct plot_job job;
    if (make_job(&job, config, invocation, err) < 0)
        return -1;
    if (config->list)
        return print_list(config->json, err);
    int status = folders_find(&job.folders, directory, err);
    if (status == 0)
        folders_tell_left(&job.folders);
    if (status == 0)
        status = plot_job_run(&job, err);
    if (status == 0)
        status = plot_gone_remove(&job, directory, err);
    if (status == 0 && job.counts[PLOT_LEFT_OUT] == job.count) {
        if (!config->json && !config->quiet)
            print_files(&job);
        status = nothing_drawn(&job, directory, err);
    }
    if (status == 0)
        status = plot_index_write(&job, err);
    if (status == 0 && config->json)
        status = print_json(&job, err);
    else if (status == 0) {
        if (!config->quiet)
            print_files(&job);
        print_failures(&job);
        if (!config->quiet)
            print_lines(&job, directory);
    }
    if (status == 0 && job.counts[PLOT_FAILED] > 0)
        status = error_set(err, ERROR_RUN, "%zu figure%s could not be drawn", job.counts[PLOT_FAILED],
                           plural_end(job.counts[PLOT_FAILED], "figure"));
    plot_job_free(&job);
    return status;
}

const struct command command_plot = {
    .name = "plot",
    .summary = "draw the figures of results, as SVG, PNG or PDF",
    .operand = "[DIR]",
    .operand_offset = FIELD(directory),
    .operand_flags = OPTION_FOLDER,
    .description =
        "Draws the figures that DIR has the tables of. DIR is what another command wrote to with --out, or a folder of "
        "such folders; without it, results. The pictures of a folder DIR/NAME go to FOLDER/NAME, those of DIR itself "
        "to "
        "FOLDER, with index.html that shows them all.\n"
        "\n"
        "A repeated call draws only what has changed since, by its tables, scripts and style, and removes a picture "
        "that "
        "it drew from DIR when DIR has lost the tables, or DIR/NAME is gone. The same tables give the "
        "same bytes; a PDF holds its date, which is that of SOURCE_DATE_EPOCH where the environment has it. gnuplot "
        "draws: it must be installed.\n"
        "\n"
        "With more than four learning rates, the figures of losses and accuracies have the rate as their horizontal "
        "axis instead of the epoch.",
    .examples = "dlexp plot                                      all figures of all folders in results\n"
                "dlexp plot results/optim --out figures          those of one folder\n"
                "dlexp plot --figure figure05_test_accuracy --format pdf --width 85mm --no-title\n"
                "                                                one figure, for a column of a paper\n"
                "dlexp plot --list                               what there is, and which call writes its tables",
    .options = options,
    .config_size = sizeof(struct plot_config),
    .run = run_plot,
};
