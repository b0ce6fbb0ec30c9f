/* What is known of image files from earlier readings: it is used only while it is true, and whatever happens to the
 * cache, the data are those of the files. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "dlexp/base/cache.h"
#include "dlexp/data/dataset.h"
#include "dlexp/data/raw_cache.h"
#include "idx_files.h"

/* The program's clock goes before by this: files that were just written have not changed for long. */
static time_t ahead_s;

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec + ahead_s;
    return now.tv_sec + ahead_s;
}

static char directory[PATH_SIZE], data_place[PATH_SIZE + 8], cache_place[PATH_SIZE + 8];
static struct quadruple files;

static int set_up(void **state)
{
    (void)state;
    ahead_s = 10;
    make_directory(directory);
    snprintf(data_place, sizeof data_place, "%s/data", directory);
    snprintf(cache_place, sizeof cache_place, "%s/cache", directory);
    assert_int_equal(mkdir(data_place, 0777), 0);
    assert_int_equal(setenv("DLEXP_CACHE", cache_place, 1), 0);
    files = quadruple_make(9, 8, 3, 4, 3);
    for (int i = 0; i < FILE_COUNT; i++)
        write_idx(data_place, i, FORM_GZ, files.files[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quadruple_free(&files);
    remove_directory(directory);
    return 0;
}

/* Opens and fetches; fails unless all is what is in `files`.  Returns how many halves were known before. */
static int open_and_compare(void)
{
    struct dataset data;
    struct error err;
    const struct dataset_source source = {.directory = data_place};
    if (dataset_open(&data, &source, &err) < 0)
        fail_msg("%s", err.message);
    const int known = !data.train.images + !data.test.images;
    struct dataset_part *const parts[] = {&data.train, &data.test};
    for (size_t i = 0; i < 2; i++) {
        const struct bytes *images = &files.files[2 * i], *labels = &files.files[2 * i + 1];
        char sha256[SHA256_HEX_SIZE];
        if (dataset_fetch(parts[i], &err) < 0 || dataset_fetch(parts[i], &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(parts[i]->count * data.pixels, images->size - 16);
        assert_memory_equal(parts[i]->images, images->data + 16, images->size - 16);
        for (size_t slack = 0; slack < IDX_SLACK; slack++)
            assert_int_equal(parts[i]->images[images->size - 16 + slack], 0);
        assert_memory_equal(parts[i]->labels, labels->data + 8, labels->size - 8);
        sha256_hex(images->data, images->size, sha256);
        assert_string_equal(parts[i]->images_sha256, sha256);
    }
    size_t non_zero = 0;
    for (size_t i = 16; i < files.files[TRAIN_IMAGES].size; i++)
        non_zero += files.files[TRAIN_IMAGES].data[i] != 0;
    assert_true(data.density == (double)non_zero / (double)(files.files[TRAIN_IMAGES].size - 16));
    dataset_free(&data);
    return known;
}

static void path_of(char path[1024], const char *folder, const char *name)
{
    snprintf(path, 1024, "%s/%s/%s", cache_place, folder, name);
}

/* Of the training images: the file of the cache's that holds them, that of their source, and their own. */
static void find_paths(char images[1024], char source[1024], char own[1024])
{
    char sha256[SHA256_HEX_SIZE], name[80];
    sha256_hex(files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size, sha256);
    path_of(images, "images", sha256);
    snprintf(own, 1024, "%s/train-images-idx3-ubyte.gz", data_place);
    const struct raw_source at = raw_source_of(own, false);
    snprintf(name, sizeof name, "%jx-%jx", at.device, at.inode);
    path_of(source, "sources", name);
}

static struct bytes read_file(const char *path)
{
    struct bytes bytes = {0};
    struct error err;
    if (file_read(path, &bytes.data, &bytes.size, &err) < 0)
        fail_msg("%s", err.message);
    return bytes;
}

static void write_file(const char *path, const void *data, size_t size)
{
    write_bytes(path, (struct bytes){(unsigned char *)(uintptr_t)data, size, 0});
}

static void what_was_read_is_known_the_next_time(void **state)
{
    char images[1024], source[1024], own[1024];
    (void)state;
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 2);
    find_paths(images, source, own);
    struct bytes kept = read_file(images); /* as a plain IDX file */
    assert_int_equal(kept.size, files.files[TRAIN_IMAGES].size);
    assert_memory_equal(kept.data, files.files[TRAIN_IMAGES].data, kept.size);
    bytes_free(&kept);
    struct stat info;
    assert_int_equal(stat(cache_place, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700); /* nobody else's */
    assert_true(cache_size() > 0);
}

static void a_file_that_just_changed_is_not_entered(void **state)
{
    (void)state;
    ahead_s = 0;
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(cache_size(), 0);
}

static void a_file_that_changed_while_it_was_read_is_not_entered(void **state)
{
    char images[1024], source[1024], own[1024];
    struct idx idx;
    struct raw_facts facts;
    struct error err;
    (void)state;
    find_paths(images, source, own);
    const struct raw_source before = raw_source_of(own, false);
    assert_int_equal(idx_read(&idx, own, IDX_IMAGES, &(struct idx_changes){0}, &err), 0);
    assert_int_equal(utimensat(AT_FDCWD, own, NULL, 0), 0);
    raw_cache_keep(&idx, 1, own, &before);
    const struct raw_source after = raw_source_of(own, false);
    assert_false(raw_cache_find(&facts, &before));
    assert_false(raw_cache_find(&facts, &after));
    raw_cache_keep(&idx, 1, own, &after);
    assert_true(raw_cache_find(&facts, &after));
    idx_free(&idx);
}

static void loading_reads_the_files(void **state)
{
    struct dataset data;
    struct error err;
    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(dataset_load(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
        assert_int_equal(cache_size(), 0); /* and leaves nothing there */
        dataset_free(&data);
    }
    open_and_compare();
    assert_int_equal(dataset_load(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
    assert_non_null(data.train.images);
    assert_null(data.train.later);
    dataset_free(&data);
}

static void transposed_images_are_others(void **state)
{
    struct dataset data;
    struct error err;
    const struct dataset_source turned = {.directory = data_place, .transpose = true};
    (void)state;
    open_and_compare();
    for (int round = 0; round < 2; round++) {
        assert_int_equal(dataset_open(&data, &turned, &err), 0);
        assert_int_equal(!data.train.images, round);
        assert_int_equal(dataset_fetch(&data.train, &err), 0);
        assert_int_equal(data.rows, 4);
        /* Pixel (1, 0) is what was pixel (0, 1). */
        assert_int_equal(data.train.images[data.columns], files.files[TRAIN_IMAGES].data[16 + 1]);
        dataset_free(&data);
    }
    assert_int_equal(open_and_compare(), 2);
}

/* The training images become others, of the same number and, plain, of the same size. */
static void change_images(void)
{
    for (size_t i = 16; i < files.files[TRAIN_IMAGES].size; i++)
        files.files[TRAIN_IMAGES].data[i] ^= 0x55;
}

static void what_was_replaced_is_read_anew(void **state)
{
    char images[1024], source[1024], own[1024], plain[1024], aside[1024];
    struct stat before;
    (void)state;
    find_paths(images, source, own);
    assert_int_equal(unlink(own), 0);
    write_idx(data_place, TRAIN_IMAGES, FORM_PLAIN, files.files[TRAIN_IMAGES]);
    snprintf(plain, sizeof plain, "%s/train-images-idx3-ubyte", data_place);
    snprintf(aside, sizeof aside, "%s/new", directory);
    open_and_compare();
    assert_int_equal(open_and_compare(), 2);

    /* In its place, by others of the same size, with the time set back. */
    assert_int_equal(stat(plain, &before), 0);
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    change_images();
    write_file(plain, files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size);
    assert_int_equal(utimensat(AT_FDCWD, plain, times, 0), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);

    /* By another file of that size and time, which takes its name. */
    change_images();
    files.files[TRAIN_IMAGES].data[16] ^= 1;
    write_file(aside, files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size);
    assert_int_equal(utimensat(AT_FDCWD, aside, times, 0), 0);
    assert_int_equal(rename(aside, plain), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);

    /* Shorter, and touched: the same data at another time. */
    assert_int_equal(utimensat(AT_FDCWD, plain, NULL, 0), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);
}

static void another_files_source_is_not_taken(void **state)
{
    char images[1024], source[1024], own[1024], other[1024], name[80];
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    snprintf(own, sizeof own, "%s/t10k-images-idx3-ubyte.gz", data_place);
    const struct raw_source at = raw_source_of(own, false);
    snprintf(name, sizeof name, "%jx-%jx", at.device, at.inode);
    path_of(other, "sources", name);
    struct bytes text = read_file(other);
    write_file(source, text.data, text.size);
    bytes_free(&text);
    assert_int_equal(open_and_compare(), 1);
}

static void a_damaged_source_is_not_taken(void **state)
{
    char images[1024], source[1024], own[1024];
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    struct bytes text = read_file(source);
    for (size_t i = 0; i < text.size; i++) { /* each byte another one, and the text cut there */
        text.data[i] ^= 1;
        write_file(source, text.data, text.size);
        text.data[i] ^= 1;
        assert_int_equal(open_and_compare(), 1);
        if (i % 8 == 0) {
            write_file(source, text.data, i);
            assert_int_equal(open_and_compare(), 1);
        }
    }
    text.data[text.size] = 'x'; /* in the place of the NUL that file_read puts there */
    write_file(source, text.data, text.size + 1);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2); /* it was written anew */
    bytes_free(&text);
}

static void damaged_images_are_not_taken(void **state)
{
    char images[1024], source[1024], own[1024];
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    struct bytes kept = read_file(images);
    for (size_t i = 16; i < kept.size; i++) {
        kept.data[i] ^= 0x80;
        write_file(images, kept.data, kept.size);
        kept.data[i] ^= 0x80;
        assert_int_equal(open_and_compare(), 2);
        struct bytes mended = read_file(images);
        assert_int_equal(mended.size, kept.size);
        assert_memory_equal(mended.data, kept.data, kept.size);
        bytes_free(&mended);
        write_file(images, kept.data, i);
        assert_int_equal(open_and_compare(), 2);
    }
    for (size_t i = 16; i < kept.size; i++)
        kept.data[i] = 0; /* as after a power cut */
    write_file(images, kept.data, kept.size);
    assert_int_equal(open_and_compare(), 2);
    write_file(images, kept.data, kept.size + 1);
    assert_int_equal(open_and_compare(), 2);
    assert_int_equal(unlink(images), 0);
    assert_int_equal(open_and_compare(), 2);
    bytes_free(&kept);
}

static void what_is_no_file_is_not_taken(void **state)
{
    char images[1024], source[1024], own[1024];
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    char *const paths[] = {images, source};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(unlink(paths[i]), 0);
        assert_int_equal(mkfifo(paths[i], 0600), 0);
        open_and_compare();
        unlink(paths[i]);
        assert_int_equal(symlink(paths[i], paths[i]), 0);
        open_and_compare();
        unlink(paths[i]);
        assert_int_equal(mkdir(paths[i], 0700), 0);
        open_and_compare();
        assert_int_equal(rmdir(paths[i]), 0);
        open_and_compare();
    }
    assert_int_equal(open_and_compare(), 2);
    if (geteuid() != 0)
        return; /* only root can give files away */
    assert_int_equal(chown(source, 12345, 12345), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2); /* replaced by an own one */
    assert_int_equal(chown(images, 12345, 12345), 0);
    assert_int_equal(open_and_compare(), 2);
}

static void without_a_cache_all_is_the_same(void **state)
{
    char path[1024];
    (void)state;
    static const char *const none[] = {"off", "", "/dev/null/cache", "/proc/none"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(setenv("DLEXP_CACHE", none[i], 1), 0);
        assert_int_equal(open_and_compare(), 0);
        assert_int_equal(open_and_compare(), 0);
        assert_int_equal(cache_size(), 0);
    }
    snprintf(path, sizeof path, "%s/file", directory);
    write_file(path, "x", 1);
    assert_int_equal(setenv("DLEXP_CACHE", path, 1), 0);
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 0);
}

static void the_directory_is_the_one_that_is_named(void **state)
{
    static const struct {
        const char *own, *all, *home, *path;
    } cases[] = {
        {"/a", "/b", "/c", "/a/images/x"},
        {"off", "/b", "/c", NULL},
        {"", "/b", "/c", NULL},
        {NULL, "/b", "/c", "/b/dlexp/images/x"},
        {NULL, "relative", "/c", "/c/.cache/dlexp/images/x"},
        {NULL, "", "/c", "/c/.cache/dlexp/images/x"},
        {NULL, NULL, "/c", "/c/.cache/dlexp/images/x"},
        {NULL, NULL, NULL, NULL},
        {NULL, NULL, "", NULL},
    };
    char *home = strdup(getenv("HOME") ? getenv("HOME") : "");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const names[] = {"DLEXP_CACHE", "XDG_CACHE_HOME", "HOME"};
        const char *const values[] = {cases[i].own, cases[i].all, cases[i].home};
        for (size_t n = 0; n < 3; n++)
            assert_int_equal(values[n] ? setenv(names[n], values[n], 1) : unsetenv(names[n]), 0);
        char *path = cache_path("images", "x");
        if (cases[i].path)
            assert_string_equal(path, cases[i].path);
        else
            assert_null(path);
        free(path);
    }
    setenv("HOME", home, 1);
    unsetenv("XDG_CACHE_HOME");
    free(home);
}

static void a_file_replaced_after_it_was_opened_is_noticed(void **state)
{
    char images[1024], source[1024], own[1024];
    struct dataset data;
    struct error err;
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    assert_int_equal(dataset_open(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
    change_images();
    write_idx(data_place, TRAIN_IMAGES, FORM_GZ, files.files[TRAIN_IMAGES]);
    assert_int_equal(unlink(images), 0); /* else it would go on with what was opened */
    assert_int_equal(dataset_fetch(&data.train, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, own));
    assert_non_null(strstr(err.message, "replaced"));
    assert_null(data.train.images);
    dataset_free(&data);
}

/* Processes open and fetch while another one damages and removes what is kept. */
static void processes_and_damage_at_once(void **state)
{
    enum { PROCESSES = 3, ROUNDS = 60 };
    char images[1024], source[1024], own[1024];
    pid_t children[PROCESSES];
    size_t running = PROCESSES;
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            for (int n = 0; n < ROUNDS; n++)
                open_and_compare(); /* a failure leaves by longjmp, to the end of the test and so of the process */
            _exit(0);
        }
    }
    for (unsigned turn = 0; running > 0; turn++) {
        const char *path = turn % 2 ? images : source;
        const int fd = open(path, O_WRONLY);
        if (fd >= 0) {
            if (turn % 3 == 0)
                assert_int_equal(ftruncate(fd, turn % 50), 0);
            else if (turn % 3 == 1)
                assert_int_equal(pwrite(fd, "damage", 6, 20 + turn % 80), 6);
            else
                unlink(path);
            close(fd);
        }
        for (size_t i = 0; i < PROCESSES; i++) {
            int status;
            if (children[i] > 0 && waitpid(children[i], &status, WNOHANG) == children[i]) {
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
                children[i] = 0;
                running--;
            }
        }
    }
    open_and_compare();
    assert_int_equal(open_and_compare(), 2);
}

static void what_was_not_used_for_longest_makes_room(void **state)
{
    const struct cache_limit limit = {1000, 3};
    char data[600] = {0}, path[1024];
    uintmax_t size;
    (void)state;
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), 0};
        cache_write("images", name, "h", 1, data, 99, &limit);
        path_of(path, "images", name);
        const struct timespec times[2] = {{1000 + (i + 2) % 3, 0}, {1000 + (i + 2) % 3, 0}}; /* b, c, a */
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    assert_int_equal(cache_size(), 300);
    cache_write("images", "d", "h", 1, data, 99, &limit); /* the fourth file */
    path_of(path, "images", "b");
    assert_int_equal(access(path, F_OK), -1);
    const int fd = cache_open(&size, "images", "c"); /* used now */
    assert_true(fd >= 0);
    assert_int_equal(size, 100);
    close(fd);
    cache_write("images", "e", NULL, 0, data, 500, &limit);
    path_of(path, "images", "a");
    assert_int_equal(access(path, F_OK), -1);
    path_of(path, "images", "c");
    assert_int_equal(access(path, F_OK), 0);
    cache_write("images", "f", NULL, 0, data, 501, &limit); /* more than half of all */
    path_of(path, "images", "f");
    assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_was_read_is_known_the_next_time),
        IN_DIRECTORY(a_file_that_just_changed_is_not_entered),
        IN_DIRECTORY(a_file_that_changed_while_it_was_read_is_not_entered),
        IN_DIRECTORY(loading_reads_the_files),
        IN_DIRECTORY(transposed_images_are_others),
        IN_DIRECTORY(what_was_replaced_is_read_anew),
        IN_DIRECTORY(another_files_source_is_not_taken),
        IN_DIRECTORY(a_damaged_source_is_not_taken),
        IN_DIRECTORY(damaged_images_are_not_taken),
        IN_DIRECTORY(what_is_no_file_is_not_taken),
        IN_DIRECTORY(without_a_cache_all_is_the_same),
        IN_DIRECTORY(the_directory_is_the_one_that_is_named),
        IN_DIRECTORY(a_file_replaced_after_it_was_opened_is_noticed),
        IN_DIRECTORY(processes_and_damage_at_once),
        IN_DIRECTORY(what_was_not_used_for_longest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
