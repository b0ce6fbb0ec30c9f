/*
 * temporary.h - names for files that are being written, from which others can tell whether the writer is gone.
 *
 *     NAME.tmp-HOST-NAMESPACE-PID-START-NUMBER
 *
 * HOST is the host's name with '_' for whatever is no letter, digit, '.' or '-'; NAMESPACE the pid namespace's inode,
 * because containers may share a host name and each have a process 17; START the process's start time in /proc, because
 * process numbers are used again.  NAMESPACE and START are 0 where the system does not tell them.
 */
#ifndef DLEXP_TEMPORARY_H
#define DLEXP_TEMPORARY_H

#include <stdbool.h>

enum { TEMPORARY_SUFFIX_SIZE = 192, TEMPORARY_HOST_SIZE = 65 };

/* temporary_suffix - what to append to a name; another one at each call.  Any thread may call it. */
void temporary_suffix(char suffix[TEMPORARY_SUFFIX_SIZE]);

/*
 * temporary_abandoned - whether a file's name is a temporary one of this host whose process is gone: no process has its
 * number, or one that started at another time.  False for every other name, and for other hosts' files: nobody here
 * can tell about their processes.
 */
bool temporary_abandoned(const char *name);

/*
 * temporary_host - whether a file's name is a temporary one, of whichever host; then that host's name.  *here: it is of
 * this host, so that temporary_abandoned can tell whether its process is gone.
 */
bool temporary_host(const char *name, char host[TEMPORARY_HOST_SIZE], bool *here);

#endif
