/*
 * file_system.h - make sure of everything that was written to a file system at once.
 *
 * An fsync for each of many small files and for each of their directories takes longer than writing them; syncfs(2) is
 * one commit of the file system's journal for all.  It also waits for what others wrote there.
 */
#ifndef DLEXP_FILE_SYSTEM_H
#define DLEXP_FILE_SYSTEM_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/base/file.h"

/*
 * file_system_open - the file system that a directory is on, to be closed by close(); -1: fsync each file.
 *
 * Only where it is known that syncfs makes sure of all: ext2 to ext4, XFS, Btrfs, F2FS and tmpfs.  NFS, FUSE, 9p and
 * overlays pass it on, or do not.
 */
int file_system_open(const char *directory);

/*
 * file_system_sync - what this process wrote there before survives a power cut from now on: content, names and
 * directories.  ERROR_IO if the system could not; from Linux 5.8 on also for what it could not write of its own accord
 * since file_system_open.  `directory`: for the message.
 */
int file_system_sync(int file_system, const char *directory, struct error *err);

/*
 * file_system_settle - make sure of drafts below the directory, and put them in place: of all at once, or, where
 * file_system is -1 and each was synced when it was written, one by one.  Their names and folders survive a power cut,
 * too.  After a failure the first *placed are in place all the same.  The drafts are the caller's to free.
 */
int file_system_settle(int file_system, const char *directory, struct file_draft *drafts, size_t count, size_t *placed,
                       struct error *err);

#endif
