/*
 * import_command.c - `dlexp data import`: data of one's own as the four IDX files that every command reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "import_files.h"
#include "import_tables.h"

#define FIELD(name) offsetof(struct import_config, name)

static const struct option import_options[] = {
    {.name = "label",
     .type = OPTION_TEXT,
     .offset = FIELD(source.label),
     .value = "COLUMN",
     .help = "of a CSV: the column of labels, by name or by number from 1; without it the one named label or class, or "
             "the first where there is no header",
     .group = "Input"},
    {.name = "labels",
     .type = OPTION_TEXT,
     .flags = OPTION_FILE,
     .offset = FIELD(source.labels),
     .value = "FILE",
     .help = "of .npy images: the .npy file of their labels"},
    {.name = "rows",
     .type = OPTION_COUNT,
     .offset = FIELD(source.rows),
     .value = "N",
     .low = 1,
     .high = IMPORT_SIDE,
     .help = "rows of an image; without it and --columns a square, or one row"},
    {.name = "columns",
     .type = OPTION_COUNT,
     .offset = FIELD(source.columns),
     .value = "N",
     .low = 1,
     .high = IMPORT_SIDE,
     .help = "columns of an image"},
    {.name = "test",
     .type = OPTION_TEXT,
     .flags = OPTION_FILE,
     .offset = FIELD(test),
     .value = "FILE",
     .help = "the test images, of the same form; INPUT then has the training images",
     .group = "Test images"},
    {.name = "test-labels",
     .type = OPTION_TEXT,
     .flags = OPTION_FILE,
     .offset = FIELD(test_labels),
     .value = "FILE",
     .help = "of .npy images: the labels of --test"},
    {.name = "test-share",
     .type = OPTION_REAL,
     .offset = FIELD(share),
     .value = "SHARE",
     .initial = "0.2",
     .low = 0,
     .low_open = true,
     .high = 1,
     .high_open = true,
     .help = "without --test: this share of each class is drawn for testing (stratified), rounded to whole images"},
    {.name = "seed",
     .type = OPTION_INTEGER,
     .offset = FIELD(seed),
     .value = "S",
     .initial = "1",
     .low = 0,
     .high = 4294967295.0,
     .help = "of that draw"},
    {OUT_OPTION(FIELD(out)), .initial = "results/import",
     .help = "where to write the four IDX files, classes.csv and import.json", .group = "Output"},
    {QUIET_OPTION(FIELD(quiet))},
    {JSON_OPTION(FIELD(json))},
    {0},
};

/* ---- reading ---- */

static int check_options(const struct import_config *config, const struct invocation *invocation, struct error *err)
{
    if (config->test && (options_given(invocation, "test-share") || options_given(invocation, "seed")))
        return error_set(err, ERROR_USAGE,
                         "%s: expected only without --test, which names the test images; leave one of them out",
                         options_given(invocation, "seed") ? "--seed" : "--test-share");
    if (config->test_labels && !config->test)
        return error_set(err, ERROR_USAGE, "--test-labels: expected only beside --test; name the test images by it");
    return 0;
}

/* That both inputs are of one form, and number their classes alike. */
static int check_pair(struct importing *importing, struct error *err)
{
    const struct import_images *train = &importing->train, *test = &importing->test;
    const char *path = importing->config->test, *first = importing->config->source.path;
    if (importing->reader != importing->test_reader)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected %s as '%s', got %s", path,
                         importing->reader->name, first, importing->test_reader->name);
    if (train->rows != test->rows || train->columns != test->columns)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected images of %zu x %zu pixels as in '%s', got %zu x %zu", path,
                         train->rows, train->columns, first, test->rows, test->columns);
    return import_match(&importing->test, train, path, first, err);
}

static int read_inputs(struct importing *importing, struct error *err)
{
    const struct import_config *config = importing->config;
    const struct import_source test = {config->test, config->test_labels, config->source.label, config->source.rows,
                                       config->source.columns};
    if (import_read(&importing->train, &importing->reader, &config->source, err) < 0)
        return -1;
    if (!config->test)
        return import_split(&importing->in_test, &importing->train, config->share, (uint64_t)config->seed, err);
    if (import_read(&importing->test, &importing->test_reader, &test, err) < 0)
        return -1;
    return check_pair(importing, err);
}

/* ---- telling ---- */

static struct imported imported_of(const struct importing *importing)
{
    return (struct imported){&importing->data, &importing->train_statistics, &importing->test_statistics,
                             importing->train.names};
}

static cJSON *make_json(const struct importing *importing)
{
    const struct import_config *config = importing->config;
    const struct imported imported = imported_of(importing);
    cJSON *root = json_document("import"), *list;
    json_add_string(root, "form", importing->reader->name);
    json_add_string(root, "input", config->source.path);
    if (config->source.labels)
        json_add_string(root, "input_labels", config->source.labels);
    if (config->test) {
        json_add_string(root, "test", config->test);
        if (config->test_labels)
            json_add_string(root, "test_labels", config->test_labels);
    } else {
        json_add_number(root, "test_share", config->share);
        json_add_number(root, "seed", (double)config->seed);
    }
    json_add_number(root, "rows", (double)importing->data.rows);
    json_add_number(root, "columns", (double)importing->data.columns);
    json_add_string(root, "sha256", importing->data.sha256);
    frame_add_json(root, "parts", import_parts_columns, import_fill_parts, &imported);
    frame_add_json(root, "classes", import_classes_columns, import_fill_classes, &imported);
    list = json_add_array(root, "written");
    for (size_t i = 0; i < OUTPUTS; i++)
        json_append(list, cJSON_CreateString(importing->paths[i]));
    return root;
}

static int write_json(const struct importing *importing, struct error *err)
{
    struct output output;
    if (output_open(&output, err) < 0)
        return -1;
    const int status = json_print(make_json(importing), output.stream, importing->paths[IMPORT_JSON], err);
    if (status == 0)
        return output_close(&output, importing->paths[IMPORT_JSON], err);
    struct error ignored;
    free(output_take(&output, &ignored));
    return -1;
}

static int print_text(const struct importing *importing, struct error *err)
{
    const struct dataset *data = &importing->data;
    const struct imported imported = imported_of(importing);
    for (size_t i = 0; i < OUTPUTS; i++)
        printf("wrote %s\n", importing->paths[i]);
    printf("\n");
    if (frame_print(&frame_terminal, stdout, import_parts_columns, import_fill_parts, &imported, err) < 0)
        return -1;
    printf("\n");
    if (frame_print(&frame_terminal, stdout, import_classes_columns, import_fill_classes, &imported, err) < 0)
        return -1;
    printf("\n");
    flow_say(stdout, "", 2, "Read as %s: %zu training and %zu test images of %zu x %zu pixels, %s.",
             importing->reader->name, data->train.count, data->test.count, data->rows, data->columns,
             counted(data->classes, "class").text);
    flow_say(stdout, "", 2, "Train on them: dlexp batchnorm --data %s", importing->config->out);
    return 0;
}

/* What looks like a mistake. */
static void print_hints(const struct importing *importing)
{
    char hint[DATASET_HINT_SIZE];
    if (dataset_hint(&importing->data, hint))
        fprintf(stderr, "dlexp: hint: %s\n", hint);
    if (importing->train_statistics.highest <= 1)
        fprintf(stderr, "dlexp: hint: no pixel is above 1; they are bytes, so white is 255: multiply 0 and 1 by 255\n");
}

/* All files.  A set that is not whole, or that the loader refuses (one class, gaps in the labels), is no set. */
static int write_all(struct importing *importing, struct error *err)
{
    const char *out = importing->config->out;
    int status = import_files_write(importing, err);
    const struct imported imported = imported_of(importing);
    importing->ours[CLASSES_CSV] = importing->ours[CLASSES_CSV] || status == 0;
    if (status == 0)
        status = frame_file_csv(out, import_file_names[CLASSES_CSV], import_classes_columns, import_fill_classes,
                                &imported, err);
    importing->ours[IMPORT_JSON] = importing->ours[IMPORT_JSON] || status == 0;
    if (status == 0)
        status = write_json(importing, err);
    if (status < 0)
        import_files_undo(importing);
    return status;
}

static int run_import(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct import_config *config = configuration;
    struct importing *importing = calloc(1, sizeof *importing); /* two tables of 256 names: large for a stack */
    int status = -1;
    if (!importing)
        return error_out_of_memory(err, "the import");
    importing->config = config;
    if (check_options(config, invocation, err) == 0 && import_files_find(importing, err) == 0 &&
        read_inputs(importing, err) == 0 && write_all(importing, err) == 0) {
        if (!config->quiet)
            print_hints(importing);
        status =
            config->json ? json_print(make_json(importing), stdout, "the JSON text", err) : print_text(importing, err);
    }
    for (size_t i = 0; i < OUTPUTS; i++)
        free(importing->paths[i]);
    dataset_free(&importing->data);
    import_free(&importing->train);
    import_free(&importing->test);
    free(importing->in_test);
    free(importing);
    return status;
}

const struct command command_data_import = {
    .name = "data-import",
    .words = "data import",
    .summary = "make a data set of a CSV, .npy files or PGM images",
    .operand = "INPUT",
    .operand_offset = FIELD(source.path),
    .operand_flags = OPTION_FILE,
    .description =
        "Reads images and labels, writes them as the four IDX files that --data takes, reads those again, and prints "
        "what is in\n"
        "them: images and their range, and how many there are of each class.\n"
        "\n"
        "INPUT is one of these; its content says which:\n"
        "  CSV     one image per line: its label in one column, its pixels or features\n"
        "          in the others; with a header or without; may be gzipped; parted by\n"
        "          commas, semicolons or tabs. Labels are numbers, or words: the classes\n"
        "          are then numbered in the order of their names\n"
        "  .npy    images as numpy.save writes them: unsigned bytes, (N, rows, columns)\n"
        "          or (N, pixels); --labels names their labels, of any type of integers\n"
        "  folder  one folder per class with its PGM images (P5 or P2); the folders'\n"
        "          names are the labels where all are numbers, otherwise the classes are\n"
        "          numbered in the order of their names\n"
        "\n"
        "A data set holds a byte per pixel. Only what is one exactly is taken: whole numbers of 0..255, and in a CSV "
        "k / 255\n"
        "throughout. Nothing is rounded, scaled or left out: whatever is not a byte is refused, with its line and "
        "column.\n"
        "\n"
        "Without --test a share of each class is drawn for testing, by --seed: the same input gives the same files "
        "everywhere.\n"
        "Both parts keep the order of the input. A folder named import is described by: dlexp data ./import",
    .examples = "dlexp data import digits.csv --label digit --out digits    one image per line\n"
                "dlexp data import train.csv --test test.csv               with its own test images\n"
                "dlexp data import x.npy --labels y.npy --test-share 0.1    arrays of NumPy\n"
                "dlexp data import photos --out photos-idx                 a folder of PGM images per class",
    .options = import_options,
    .config_size = sizeof(struct import_config),
    .run = run_import,
};
