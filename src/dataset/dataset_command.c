/*
 * dataset_command.c - `dlexp data`: what a data set is (counts, classes, statistics, hashes), and a sheet of samples
 * from it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_list.h"
#include "dataset_tables.h"
#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"
#include "dlexp/plot/figure.h"
#include "dlexp/train/data_options.h"

enum {
    SHEET_LINES = 4000000 /* of samples.csv, one a pixel: gnuplot holds them all in memory */
};

struct data_config {
    struct dataset_source source;
    const char *out;
    int64_t samples;
    bool list, quiet, json;
};

static const struct option data_options[] = {
    READ_OPTIONS(struct data_config, source),
    {.name = "list",
     .type = OPTION_FLAG,
     .offset = offsetof(struct data_config, list),
     .help = "say which known data sets are where, and where they were looked for; nothing is written"},
    {.name = "samples",
     .type = OPTION_INTEGER,
     .offset = offsetof(struct data_config, samples),
     .value = "N",
     .initial = "60",
     .low = 1,
     .high = 10000,
     .help = "samples on the sheet",
     .group = "Output"},
    {OUT_OPTION(offsetof(struct data_config, out)), .initial = "results/data",
     .help = "where to write classes.csv, samples.csv, samples.svg and samples.png"},
    {QUIET_OPTION(offsetof(struct data_config, quiet))},
    {JSON_OPTION(offsetof(struct data_config, json))},
    {0},
};

/* ---- for a person ---- */

/* A path may be of any length, and is to be copied: it stands alone. */
static void print_file(const char *path, const char *sha256)
{
    printf("%s\n  %s\n", path, sha256);
}

static int print_text(const struct sheet *sheet, struct error *err)
{
    const struct dataset *data = sheet->data;
    flow_say(stdout, "", 2, "%s: %zu training and %zu test images of %zu x %zu pixels, %s", data->name,
             data->train.count, data->test.count, data->rows, data->columns, counted(data->classes, "class").text);
    printf("\n");
    if (frame_print(&frame_terminal, stdout, sheet_parts_columns, sheet_fill_parts, sheet, err) < 0)
        return -1;
    printf("(pixels / 255; density: share of pixels that are not 0)\n\n");
    if (frame_print(&frame_terminal, stdout, sheet_classes_columns, sheet_fill_classes, sheet, err) < 0)
        return -1;
    printf("\n");
    printf("SHA-256 of the content\n");
    print_file(data->train.images_path, data->train.images_sha256);
    print_file(data->train.labels_path, data->train.labels_sha256);
    print_file(data->test.images_path, data->test.images_sha256);
    print_file(data->test.labels_path, data->test.labels_sha256);
    char together[64];
    snprintf(together, sizeof together, "all four together, %s", data->name);
    print_file(together, data->sha256);
    return 0;
}

/* ---- for a program ---- */

static void add_file(cJSON *part, const char *key, const char *path, const char *sha256)
{
    cJSON *file = json_add_object(part, key);
    json_add_string(file, "path", path);
    json_add_string(file, "sha256", sha256);
}

static void add_part(cJSON *root, const char *key, const struct dataset_part *part, size_t classes,
                     const struct part_statistics *statistics)
{
    cJSON *object = json_add_object(root, key), *counts;
    json_add_number(object, "count", (double)part->count);
    json_add_number(object, "mean", statistics->mean);
    json_add_number(object, "deviation", statistics->deviation);
    json_add_number(object, "density", statistics->density);
    counts = json_add_array(object, "classes");
    for (size_t c = 0; c < classes; c++)
        json_append(counts, cJSON_CreateNumber((double)statistics->classes[c]));
    add_file(object, "images", part->images_path, part->images_sha256);
    add_file(object, "labels", part->labels_path, part->labels_sha256);
}

/* files: what was written; a NULL ends the list. */
static int print_json(const struct sheet *sheet, char *const *written, struct error *err)
{
    const struct dataset *data = sheet->data;
    cJSON *root = json_document("data"), *list;
    json_add_string(root, "name", data->name);
    json_add_number(root, "rows", (double)data->rows);
    json_add_number(root, "columns", (double)data->columns);
    json_add_number(root, "classes", (double)data->classes);
    json_add_string(root, "sha256", data->sha256);
    add_part(root, "train", &data->train, data->classes, sheet->train);
    add_part(root, "test", &data->test, data->classes, sheet->test);
    frame_add_json(root, "labels", sheet_classes_columns, sheet_fill_classes, sheet);
    list = json_add_array(root, "written");
    for (; *written; written++)
        json_append(list, cJSON_CreateString(*written));
    return json_print(root, stdout, "the JSON text", err);
}

/* How many samples go on the sheet: as many as asked for, or as there are, or as it can hold; says so where fewer. */
static size_t count_samples(const struct dataset *data, size_t wanted)
{
    const size_t room = data->pixels < SHEET_LINES ? SHEET_LINES / data->pixels : 1;
    if (wanted > data->train.count) {
        fprintf(stderr, "dlexp: the sheet has %zu samples instead of %zu: there are no more training images\n",
                data->train.count, wanted);
        wanted = data->train.count;
    }
    if (wanted > room) {
        fprintf(stderr, "dlexp: the sheet has %zu samples instead of %zu: images of %zu x %zu pixels are large\n", room,
                wanted, data->rows, data->columns);
        wanted = room;
    }
    return wanted;
}

enum { CLASSES_CSV, SAMPLES_CSV, SAMPLES_SVG, SAMPLES_PNG, OUTPUT_COUNT };

static int make_paths(char *paths[OUTPUT_COUNT], const char *directory, struct error *err)
{
    static const char *const names[OUTPUT_COUNT] = {"classes.csv", "samples.csv", "samples.svg", "samples.png"};
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        if ((paths[i] = path_join(directory, names[i])) == NULL)
            return error_out_of_memory(err, directory);
    return 0;
}

/* The sheet as SVG and PNG; *missing: there is no gnuplot, and the pictures are none of what was written. */
static int draw_sheet(char *paths[OUTPUT_COUNT], const char *directory, bool *missing, struct error *err)
{
    static const bool formats[FIGURE_FORMATS] = {[FIGURE_SVG] = true, [FIGURE_PNG] = true};
    const struct figure_style style = {0};
    struct pictures pictures;
    const enum figure_end end = figure_draw(figure_find("samples"), directory, &style, formats, &pictures, err);
    const struct picture *svg = &pictures.of[FIGURE_SVG], *png = &pictures.of[FIGURE_PNG];
    int result = end == FIGURE_DRAWN || end == FIGURE_NO_GNUPLOT ? 0 : -1;
    *missing = end == FIGURE_NO_GNUPLOT;
    if (end == FIGURE_DRAWN && (file_write_atomic(paths[SAMPLES_SVG], svg->bytes, svg->size, err) < 0 ||
                                file_write_atomic(paths[SAMPLES_PNG], png->bytes, png->size, err) < 0))
        result = -1;
    pictures_free(&pictures);
    for (size_t i = SAMPLES_SVG; *missing && i <= SAMPLES_PNG; i++) {
        free(paths[i]);
        paths[i] = NULL;
    }
    return result;
}

static int run_data(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct data_config *config = configuration;
    struct dataset data;
    char hint[DATASET_HINT_SIZE];
    char *paths[OUTPUT_COUNT + 1] = {NULL};
    bool missing = false;
    int status = -1;
    (void)invocation;
    if (config->list)
        return dataset_list(config->json, err);
    if (dataset_load(&data, &config->source, err) < 0)
        goto done;
    if (dataset_hint(&data, hint) && !config->quiet)
        fprintf(stderr, "dlexp: hint: %s\n", hint);
    const size_t samples = count_samples(&data, (size_t)config->samples);
    const size_t line_size = 32; /* bytes of "9999,255,9999,9999,255\n" and some room for the pictures */
    directory_clean(config->out);
    if (directory_create(config->out, err) < 0 ||
        directory_check(config->out, (samples * data.pixels + CLASSES_MAX) * line_size, err) < 0 ||
        make_paths(paths, config->out, err) < 0)
        goto done;

    const struct part_statistics train = part_statistics_of(&data.train, data.pixels);
    const struct part_statistics test = part_statistics_of(&data.test, data.pixels);
    const struct sheet sheet = {&data, &train, &test, samples};
    /* The old pictures go first: where no new ones are made, none may stay beside data they do not show. */
    if (file_remove(paths[SAMPLES_SVG], err) < 0 || file_remove(paths[SAMPLES_PNG], err) < 0 ||
        frame_file_csv(config->out, "classes.csv", sheet_classes_columns, sheet_fill_classes, &sheet, err) < 0 ||
        frame_file_csv(config->out, "samples.csv", sheet_samples_columns, sheet_fill_samples, &sheet, err) < 0)
        goto done;
    if (draw_sheet(paths, config->out, &missing, err) < 0)
        goto done;
    if (config->json) {
        if (print_json(&sheet, paths, err) < 0)
            goto done;
    } else {
        for (size_t i = 0; paths[i]; i++)
            printf("wrote %s\n", paths[i]);
        printf("\n");
        if (print_text(&sheet, err) < 0)
            goto done;
    }
    if (missing) {
        fflush(stdout);
        fprintf(stderr, "dlexp: the sheet was not drawn: gnuplot is missing; install the package gnuplot (Debian: "
                        "gnuplot-nox) and run this again\n");
    }
    status = 0;
done:
    for (size_t i = 0; i < OUTPUT_COUNT; i++)
        free(paths[i]);
    dataset_free(&data);
    return status;
}

const struct command command_data = {
    .name = "data",
    .summary = "describe a data set and draw a sheet of samples",
    .operand = "[DIR]",
    .operand_offset = offsetof(struct data_config, source.directory),
    .operand_flags = OPTION_FOLDER,
    .description =
        "Reads the four IDX files of DIR (the MNIST that comes with dlexp, if no DIR is given), checks them, and "
        "prints\n"
        "counts, image size, the histogram of classes, mean, deviation and density of the pixels, and the SHA-256 of "
        "each\n"
        "file, with \"genuine MNIST\" or \"genuine Fashion-MNIST\" where all four are the published ones.\n"
        "\n"
        "DIR holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte, each\n"
        "plain or gzipped (.gz), also written train-images.idx3-ubyte, or test for t10k, or in a directory of that "
        "name; images of any size, up to 256 classes.\n"
        "All four may begin with a prefix and a dash, as emnist-letters-train-images-idx3-ubyte; where DIR holds "
        "several such sets,\n"
        "DIR/emnist-letters names one. Labels of QMNIST (idx2-int), images in two dimensions and numbers of every IDX "
        "type are read\n"
        "where each is exactly a byte: a whole number of 0..255, or for floats k / 255 (data/README.md). The SHA-256 "
        "is then that of the\n"
        "same data as unsigned bytes, after --label-offset and --transpose.\n"
        "\n"
        "The sheet shows training images of the classes in turn, the first of each class first; with the default\n"
        "number and ten classes a column is a class. gnuplot draws it; without gnuplot the tables are written all\n"
        "the same.",
    .examples = "dlexp data --list                               which known data sets are here\n"
                "dlexp data --dataset emnist-letters             one of them, read as it must be\n"
                "dlexp data                                      the MNIST that comes with dlexp\n"
                "dlexp data /usr/share/datasets/fashion-mnist    Debian's package dataset-fashion-mnist\n"
                "dlexp data emnist/emnist-letters --label-offset 1 --transpose    EMNIST's letters\n"
                "dlexp data my-data --samples 100 --json         facts for another program",
    .options = data_options,
    .config_size = sizeof(struct data_config),
    .run = run_data,
};
