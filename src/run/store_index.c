/* The index of a store: the heads of many records in one file. */
#include "store_index.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/run/store_id.h"

enum {
    DIGITS = 16, /* of a number, in hexadecimal */
    NUMBERS = 5,
    ID_AT = sizeof "[run " - 1,
    NUMBERS_AT = ID_AT + STORE_ID_SIZE - 1,
    LINE_SIZE = NUMBERS_AT + NUMBERS * (1 + DIGITS) + 2,
    BUFFER_SIZE = 1 << 20,
    SETTLED_S = 3 /* a file that has not changed for so long gets another time when it does */
};

struct entry {
    char id[STORE_ID_SIZE];
    struct file_identity file; /* without the device, which has another number after a restart */
    off_t at;                  /* of the head */
    size_t size;
};

struct store_index {
    char *path;
    int in, out;           /* -1: not open; out is opened with the first entry */
    bool add;              /* entries may be added */
    struct entry *entries; /* by id, one each */
    size_t count, capacity;
    pthread_mutex_t lock; /* of what follows */
    char *buffer;         /* entries to be written */
    size_t filled;
};

/* ---- reading ---- */

static bool read_at(int fd, void *data, size_t size, off_t at)
{
    return pread(fd, data, size, at) == (ssize_t)size;
}

static bool parse_line(struct entry *entry, const char line[LINE_SIZE])
{
    unsigned long long numbers[NUMBERS];
    if (memcmp(line, "[run ", ID_AT) != 0 || memcmp(line + LINE_SIZE - 2, "]\n", 2) != 0)
        return false;
    memcpy(entry->id, line + ID_AT, STORE_ID_SIZE - 1);
    entry->id[STORE_ID_SIZE - 1] = '\0';
    for (size_t i = 0; i < NUMBERS; i++) {
        char digits[DIGITS + 1], *end;
        memcpy(digits, line + NUMBERS_AT + i * (1 + DIGITS) + 1, DIGITS);
        digits[DIGITS] = '\0';
        numbers[i] = strtoull(digits, &end, 16);
        if (end != digits + DIGITS)
            return false;
    }
    entry->file = (struct file_identity){
        true, 0, (uintmax_t)numbers[0], (uintmax_t)numbers[1], (intmax_t)numbers[2], (intmax_t)numbers[3]};
    entry->size = (size_t)numbers[4];
    return true;
}

static bool add_entry(struct store_index *index, const struct entry *entry)
{
    if (index->count == index->capacity) {
        const size_t capacity = index->capacity ? 2 * index->capacity : 1024;
        struct entry *grown = realloc(index->entries, capacity * sizeof *grown);
        if (!grown)
            return false;
        index->entries = grown;
        index->capacity = capacity;
    }
    index->entries[index->count++] = *entry;
    return true;
}

static int compare(const void *a_, const void *b_)
{
    const struct entry *a = a_, *b = b_;
    const int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* Sorted, and of two entries of a run the later one; false if more than half are such earlier ones. */
static bool sort(struct store_index *index)
{
    const size_t all = index->count;
    if (all > 0)
        qsort(index->entries, all, sizeof *index->entries, compare);
    index->count = 0;
    for (size_t i = 0; i < all; i++)
        if (i + 1 == all || strcmp(index->entries[i].id, index->entries[i + 1].id) != 0)
            index->entries[index->count++] = index->entries[i];
    return all <= 2 * index->count;
}

/* All lines of the file; false if it is not worth keeping.  A last entry that is cut is still being written. */
static bool read_lines(struct store_index *index)
{
    struct stat info;
    struct entry entry;
    char line[LINE_SIZE];
    if (fstat(index->in, &info) < 0)
        return true;
    for (off_t at = 0; info.st_size - at >= LINE_SIZE; at = entry.at + (off_t)entry.size) {
        if (!read_at(index->in, line, LINE_SIZE, at) || !parse_line(&entry, line))
            return false;
        entry.at = at + LINE_SIZE;
        if (entry.size > (uintmax_t)(info.st_size - entry.at))
            break;
        if (!add_entry(index, &entry))
            return true; /* without memory: what there is, is good */
    }
    return sort(index);
}

struct store_index *store_index_read(const char *directory, bool add)
{
    struct store_index *index = calloc(1, sizeof *index);
    char *path = path_join(directory, ".index");
    if (!index || !path) {
        free(index);
        free(path);
        return NULL;
    }
    *index = (struct store_index){.path = path, .out = -1, .add = add};
    pthread_mutex_init(&index->lock, NULL);
    index->in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (index->in >= 0 && !read_lines(index)) {
        index->count = 0;
        if (add)
            unlink(path);
    }
    return index;
}

/* The entry that counts for the run's file as it is now, or NULL. */
static const struct entry *find(const struct store_index *index, const char *id, const struct file_identity *now)
{
    size_t first = 0, end = index->count;
    struct file_identity file = *now;
    file.device = 0;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (strcmp(index->entries[middle].id, id) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    const struct entry *entry = &index->entries[first];
    return first < index->count && strcmp(entry->id, id) == 0 && file_identity_same(&file, &entry->file) ? entry : NULL;
}

bool store_index_find(const struct store_index *index, const char *id, const char *path, struct record *record,
                      struct file_identity *seen)
{
    struct error ignored;
    size_t promised;
    *seen = index->count > 0 ? file_identity(path) : (struct file_identity){0};
    const struct entry *entry = find(index, id, seen);
    if (!entry)
        return false;
    char *text = malloc(entry->size + 1);
    bool found = text && read_at(index->in, text, entry->size, entry->at);
    if (found) {
        text[entry->size] = '\0';
        found = record_head_size(text, entry->size, &promised) == entry->size &&
                record_parse_head(record, text, entry->size, promised, path, &ignored) == 0;
    }
    free(text);
    return found;
}

/* ---- adding ---- */

/* Whole entries by one call: so they stay whole beside those of other processes. */
static void flush(struct store_index *index)
{
    if (index->out < 0 && index->filled > 0)
        index->out = open(index->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (index->filled > 0 && (index->out < 0 || write(index->out, index->buffer, index->filled) < 0))
        index->add = false;
    index->filled = 0;
}

static bool is_settled(const struct file_identity *seen)
{
    const intmax_t now = (intmax_t)time(NULL);
    return seen->exists && seen->seconds <= now - SETTLED_S;
}

void store_index_append(struct store_index *index, const char *id, const struct record *record,
                        const struct file_identity *seen)
{
    struct error ignored;
    char *head, line[LINE_SIZE + 1];
    size_t size;
    if (!index->add || !is_settled(seen) || find(index, id, seen) ||
        record_head_text(record, &head, &size, &ignored) < 0)
        return;
    snprintf(line, sizeof line, "[run %s %016jx %016jx %016jx %016jx %016jx]\n", id, seen->inode, seen->size,
             (uintmax_t)seen->seconds, (uintmax_t)seen->nanoseconds, (uintmax_t)size);
    pthread_mutex_lock(&index->lock);
    if (!index->buffer)
        index->buffer = malloc(BUFFER_SIZE);
    if (index->filled + LINE_SIZE + size > BUFFER_SIZE)
        flush(index);
    if (index->buffer && LINE_SIZE + size <= BUFFER_SIZE) {
        memcpy(index->buffer + index->filled, line, LINE_SIZE);
        memcpy(index->buffer + index->filled + LINE_SIZE, head, size);
        index->filled += LINE_SIZE + size;
    }
    pthread_mutex_unlock(&index->lock);
    free(head);
}

void store_index_close(struct store_index *index)
{
    if (!index)
        return;
    flush(index);
    if (index->in >= 0)
        close(index->in);
    if (index->out >= 0)
        close(index->out);
    pthread_mutex_destroy(&index->lock);
    free(index->buffer);
    free(index->entries);
    free(index->path);
    free(index);
}
