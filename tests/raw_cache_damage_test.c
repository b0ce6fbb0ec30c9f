/* Whatever happens to what is kept of image files, the data are those of the files. */
#include "raw_cache_scratch.h"

#include "children.h"

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

/* Processes open and fetch while another one damages and removes what is kept. */
static void processes_and_damage_at_once(void **state)
{
    enum { PROCESSES = 3, ROUNDS = 60 };
    char images[1024], source[1024], own[1024];
    pid_t children[PROCESSES];
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
    for (unsigned turn = 0; children_running(children, PROCESSES) > 0; turn++) {
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
    }
    open_and_compare();
    assert_int_equal(open_and_compare(), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(another_files_source_is_not_taken), IN_DIRECTORY(a_damaged_source_is_not_taken),
        IN_DIRECTORY(damaged_images_are_not_taken),      IN_DIRECTORY(what_is_no_file_is_not_taken),
        IN_DIRECTORY(processes_and_damage_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
