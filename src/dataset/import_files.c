/* import_files.c - see import_files.h. */
#include "import_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/data/idx.h"
#include "dlexp/data/known.h"

/* The training images last: until they are there, no command takes a set that is written in part. */
const char *const import_file_names[OUTPUTS] = {"train-images-idx3-ubyte",
                                                "train-labels-idx1-ubyte",
                                                "t10k-images-idx3-ubyte",
                                                "t10k-labels-idx1-ubyte",
                                                "classes.csv",
                                                "import.json"};
static const size_t writing_order[IDX_FILES] = {TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES};

static unsigned char *put_number(unsigned char *at, size_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (unsigned char)(number >> shift);
    return at;
}

/* Image i of the part, or its label. */
static bool is_in(const struct importing *importing, bool test, size_t i)
{
    return !importing->in_test || importing->in_test[i] == test;
}

static int write_idx(const struct importing *importing, size_t file, struct error *err)
{
    const bool test = file == TEST_IMAGES || file == TEST_LABELS, labels = file == TRAIN_LABELS || file == TEST_LABELS;
    const struct import_images *from = test && !importing->in_test ? &importing->test : &importing->train;
    const size_t pixels = from->rows * from->columns, head = 16, size = labels ? 1 : pixels;
    const uint8_t *source = labels ? from->labels : from->images;
    size_t count = 0;
    unsigned char *data = malloc(head + from->count * size), *at = data;
    if (!data)
        return error_out_of_memory(err, importing->paths[file]);
    for (size_t i = 0; i < from->count; i++)
        count += is_in(importing, test, i);
    at = put_number(at, labels ? IDX_LABELS : IDX_IMAGES);
    at = put_number(at, count);
    if (!labels)
        at = put_number(put_number(at, from->rows), from->columns);
    for (size_t i = 0; i < from->count; i++)
        if (is_in(importing, test, i)) {
            memcpy(at, source + i * size, size);
            at += size;
        }
    const int status = file_write_atomic(importing->paths[file], data, (size_t)(at - data), err);
    free(data);
    return status;
}

static int is_there(const char *path, bool *there, struct error *err)
{
    errno = 0;
    *there = file_exists(path);
    return *there || errno == ENOENT || errno == ENOTDIR ? 0 : error_set_errno(err, "cannot look for '%s'", path);
}

/* Where the files go.  Files that no import wrote are somebody's data. */
int import_files_find(struct importing *importing, struct error *err)
{
    const char *out = importing->config->out;
    bool data, json;
    const struct file_identity input = file_identity(importing->config->source.path), folder = file_identity(out);
    if (file_identity_same(&input, &folder))
        return error_set(err, ERROR_USAGE,
                         "--out: expected another folder than the input, got '%s'; name another folder", out);
    for (size_t i = 0; i < OUTPUTS; i++)
        if (!(importing->paths[i] = path_join(out, import_file_names[i])))
            return error_out_of_memory(err, out);
    if (known_is_there(&data, out, err) < 0 || is_there(importing->paths[IMPORT_JSON], &json, err) < 0)
        return -1;
    if (data && !json)
        return error_set(err, ERROR_USAGE,
                         "--out: expected a folder without a data set, or one that an import wrote, got '%s' with four "
                         "IDX files and no import.json; name another folder",
                         out);
    for (size_t i = 0; i < OUTPUTS; i++)
        importing->ours[i] = json;
    return 0;
}

int import_files_write(struct importing *importing, struct error *err)
{
    const struct import_config *config = importing->config;
    const struct dataset_source written = {.directory = config->out};
    const size_t size =
        (importing->train.count + importing->test.count) * (importing->train.rows * importing->train.columns + 1);
    directory_clean(config->out);
    if (directory_create(config->out, err) < 0 || directory_check(config->out, size, err) < 0)
        return -1;
    importing->begun = true;
    if (file_remove(importing->paths[TRAIN_IMAGES], err) < 0)
        return -1;
    for (size_t i = 0; i < IDX_FILES; i++) {
        importing->ours[writing_order[i]] = true;
        if (write_idx(importing, writing_order[i], err) < 0)
            return -1;
    }
    if (dataset_load(&importing->data, &written, err) < 0)
        return -1;
    importing->train_statistics = part_statistics_of(&importing->data.train, importing->data.pixels);
    importing->test_statistics = part_statistics_of(&importing->data.test, importing->data.pixels);
    return 0;
}

void import_files_undo(const struct importing *importing)
{
    struct error ignored;
    for (size_t i = 0; importing->begun && i < OUTPUTS; i++)
        if (importing->ours[i])
            file_remove(importing->paths[i], &ignored);
}
