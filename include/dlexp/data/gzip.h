/*
 * gzip.h - read a file front to back, gzipped or plain alike (told apart by the gzip magic 1f 8b), and notice every
 * damage.
 *
 * A loop around zlib's inflate().  A file is one gzip member or several, one behind the other (RFC 1952, 2.2: what
 * cat, pigz and bgzip make); its content is that of its members, joined.  A member may be empty.  Every member must end
 * with Z_STREAM_END, so that its CRC-32 and length are checked, and the file must end with the last one: bytes behind
 * it are refused, zeros too.  (gzip(1) passes over zeros, with which tapes are padded; the format knows no padding, and
 * zeros are also what a damaged disk gives.)  Memory: one buffer and zlib's window, whatever the size of the file.
 */
#ifndef DLEXP_GZIP_H
#define DLEXP_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "dlexp/base/error.h"

struct gzip {
    const char *path; /* for messages; the caller keeps it alive until gzip_close */
    int fd;
    bool compressed;
    bool input_ended;   /* all bytes of the file are in the buffer or consumed */
    bool ended;         /* all content was delivered; for gzip: and every trailer was right */
    uint64_t file_size; /* on disk */
    uint64_t file_read; /* bytes taken from the file so far */
    z_stream stream;    /* next_in, avail_in: what is left in buffer; also for a plain file */
    unsigned char *buffer;
};

/*
 * gzip_open - open a regular file and look at its first bytes.
 *
 * ERROR_DATA for a missing file and for what is not a regular file, ERROR_IO where the system refuses.  gzip_close must
 * follow, also after a failure.
 */
int gzip_open(struct gzip *gzip, const char *path, struct error *err);
void gzip_close(struct gzip *gzip);

/*
 * gzip_read - the next *got <= size bytes of content; *got < size only at the proper end of the content.
 *
 * The end is checked when it is reached: a caller that wants exactly N bytes asks for one more after them and must get
 * none. ERROR_DATA, with what is wrong: cut off, damaged, wrong checksum or length, bytes after the last member.
 */
int gzip_read(struct gzip *gzip, void *out, size_t size, size_t *got, struct error *err);

/*
 * gzip_capacity - a bound on the bytes of content: the file's size where it is plain, else 1032 times that, which is
 * the limit of the deflate format (258 bytes from 2 bits).  For checking a claimed size before allocating it.
 */
uint64_t gzip_capacity(const struct gzip *gzip);

#endif
