/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the store: calls that do all of it or say why not (errno). */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

/* A regular file inside dir, never through a link; -1 with errno (EINVAL: it is
 * something else). flags as in open(2); what is made has mode 0600. */
int file_open(int dir, const char *name, int flags) ATTR_MUST_CHECK;

/* For reading and writing, or where that is refused, for reading: *readonly. */
int file_open_any(int dir, const char *name, bool *readonly) ATTR_MUST_CHECK;

/* All len octets. */
bool file_write(int fd, const void *data, size_t len, uint64_t offset) ATTR_MUST_CHECK;

/* As many as there are: less than len only at the end; -1 with errno. */
ssize_t file_read(int fd, void *data, size_t len, uint64_t offset) ATTR_MUST_CHECK;

/* Closes; errno stays as it was. -1 is fine. */
void file_close(int fd);

#endif
