#include "dlexp/data/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 16 };

/* Puts the file's next bytes behind those that are still in the buffer, until it is full or the file ends. */
static int fill(struct gzip *gzip, struct error *err)
{
    z_stream *stream = &gzip->stream;
    if (stream->avail_in > 0)
        memmove(gzip->buffer, stream->next_in, stream->avail_in);
    stream->next_in = gzip->buffer;
    while (stream->avail_in < BUFFER_SIZE && !gzip->input_ended) {
        ssize_t got = read(gzip->fd, gzip->buffer + stream->avail_in, BUFFER_SIZE - stream->avail_in);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, "cannot read '%s'", gzip->path);
        gzip->input_ended = got == 0;
        gzip->file_read += (uint64_t)got;
        stream->avail_in += (uInt)got;
    }
    return 0;
}

int gzip_open(struct gzip *gzip, const char *path, struct error *err)
{
    struct stat info;
    *gzip = (struct gzip){.path = path, .fd = -1};
    /* O_NONBLOCK: a FIFO of that name is refused below and not waited for. */
    gzip->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (gzip->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, ERROR_DATA, "cannot read '%s': expected a file, got none of that name", path);
    if (gzip->fd < 0)
        return error_set_errno(err, "cannot open '%s'", path);
    if (fstat(gzip->fd, &info) < 0)
        return error_set_errno(err, "cannot read '%s'", path);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERROR_DATA, "cannot read '%s': expected a file, got %s", path,
                         S_ISDIR(info.st_mode) ? "a directory" : "something else");
    gzip->file_size = (uint64_t)info.st_size;
    gzip->buffer = malloc(BUFFER_SIZE);
    if (!gzip->buffer)
        return error_out_of_memory(err, path);
    if (fill(gzip, err) < 0)
        return -1;
    if (gzip->stream.avail_in >= 2 && gzip->buffer[0] == 0x1f && gzip->buffer[1] == 0x8b) {
        /* 16: a gzip header and trailer are expected, and checked. */
        if (inflateInit2(&gzip->stream, 16 + MAX_WBITS) != Z_OK)
            return error_out_of_memory(err, path);
        gzip->compressed = true;
    }
    return 0;
}

void gzip_close(struct gzip *gzip)
{
    if (gzip->compressed)
        inflateEnd(&gzip->stream);
    free(gzip->buffer);
    if (gzip->fd >= 0)
        close(gzip->fd);
    *gzip = (struct gzip){.fd = -1};
}

/* A member's trailer was right: the file ends there, or the next member begins (RFC 1952, 2.2). */
static int end_member(struct gzip *gzip, struct error *err)
{
    z_stream *stream = &gzip->stream;
    if (fill(gzip, err) < 0)
        return -1;
    if (stream->avail_in == 0) {
        gzip->ended = true;
        return 0;
    }
    if (stream->avail_in >= 2 && stream->next_in[0] == 0x1f && stream->next_in[1] == 0x8b) {
        if (inflateReset(stream) != Z_OK)
            return error_set(err, ERROR_DATA, "cannot read '%s': zlib cannot go on with its next gzip member",
                             gzip->path);
        return 0;
    }
    const uint64_t end = gzip->file_read - stream->avail_in;
    const uint64_t size = gzip->file_size > gzip->file_read ? gzip->file_size : gzip->file_read;
    bool zeros = gzip->input_ended;
    for (uInt i = 0; i < stream->avail_in && zeros; i++)
        zeros = stream->next_in[i] == 0;
    return error_set(err, ERROR_DATA,
                     "cannot read '%s': expected the end of the file after the gzip stream, at byte %llu, "
                     "got %llu trailing bytes%s",
                     gzip->path, (unsigned long long)end, (unsigned long long)(size - end),
                     zeros ? ", all 0 (padding? make a file without it: gzip -dc < FILE | gzip > NEW)" : "");
}

static int read_compressed(struct gzip *gzip, unsigned char *out, size_t size, size_t *got, struct error *err)
{
    z_stream *stream = &gzip->stream;
    while (*got < size && !gzip->ended) {
        if (stream->avail_in == 0 && fill(gzip, err) < 0)
            return -1;
        size_t want = size - *got < INT_MAX ? size - *got : INT_MAX;
        stream->next_out = out + *got;
        stream->avail_out = (uInt)want;
        int status = inflate(stream, Z_NO_FLUSH);
        *got += want - stream->avail_out;
        switch (status) {
        case Z_OK:
            break;
        case Z_STREAM_END:
            if (end_member(gzip, err) < 0)
                return -1;
            break;
        case Z_BUF_ERROR: /* no progress: there was room for output, so input is what was missing */
            if (stream->avail_in == 0 && gzip->input_ended)
                return error_set(err, ERROR_DATA,
                                 "cannot read '%s': expected a complete gzip stream, got one that is truncated after "
                                 "%llu bytes (copy or download the file again)",
                                 gzip->path, (unsigned long long)gzip->file_read);
            break;
        case Z_MEM_ERROR:
            return error_out_of_memory(err, gzip->path);
        default:
            return error_set(err, ERROR_DATA,
                             "cannot read '%s': expected an undamaged gzip stream, got damage before byte %llu: %s "
                             "(copy or download the file again)",
                             gzip->path, (unsigned long long)(gzip->file_read - stream->avail_in),
                             stream->msg ? stream->msg : "not a gzip stream");
        }
    }
    return 0;
}

static int read_plain(struct gzip *gzip, unsigned char *out, size_t size, size_t *got, struct error *err)
{
    z_stream *stream = &gzip->stream;
    while (*got < size && !gzip->ended) {
        if (stream->avail_in == 0 && fill(gzip, err) < 0)
            return -1;
        size_t take = size - *got < stream->avail_in ? size - *got : stream->avail_in;
        if (take > 0)
            memcpy(out + *got, stream->next_in, take);
        stream->next_in += take;
        stream->avail_in -= (uInt)take;
        *got += take;
        gzip->ended = stream->avail_in == 0 && gzip->input_ended;
    }
    return 0;
}

int gzip_read(struct gzip *gzip, void *out, size_t size, size_t *got, struct error *err)
{
    *got = 0;
    return gzip->compressed ? read_compressed(gzip, out, size, got, err) : read_plain(gzip, out, size, got, err);
}

uint64_t gzip_capacity(const struct gzip *gzip)
{
    if (!gzip->compressed)
        return gzip->file_size;
    return gzip->file_size < UINT64_MAX / 1032 ? gzip->file_size * 1032 : UINT64_MAX;
}
