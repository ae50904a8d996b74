/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of the file finds the old one or the new one, also after a crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "tools/cache.h"

int aside_open(struct aside *aside, const char *path)
{
	struct buf name = {0};

	*aside = (struct aside){ .path = path, .fd = -1 };
	buf_printf(&name, "%s.%ld.tmp", path, (long)getpid());
	aside->temporary = buf_steal(&name);
	if (aside->temporary == NULL) {
		errno = ENOMEM;
		return EX_CANTCREAT;
	}
	/* Left by one of the same number that was killed. */
	if (unlink(aside->temporary) == 0 || errno == ENOENT)
		aside->fd = open(aside->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (aside->fd >= 0)
		return EX_OK;
	free(aside->temporary);
	aside->temporary = NULL;
	return EX_CANTCREAT;
}

/* The folder, so that the new name lasts as well. Not all file systems can do it. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? strdup(".") :
	    strndup(path, slash == path ? 1 : (size_t)(slash - path));
	int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

int aside_commit(struct aside *aside)
{
	if (fsync(aside->fd) != 0 || rename(aside->temporary, aside->path) != 0)
		return EX_IOERR;
	free(aside->temporary);
	aside->temporary = NULL;
	sync_folder(aside->path);
	return EX_OK;
}

void aside_abort(struct aside *aside)
{
	if (aside->temporary != NULL)
		unlink(aside->temporary);
	free(aside->temporary);
	aside->temporary = NULL;
	if (aside->fd >= 0)
		close(aside->fd);
	aside->fd = -1;
}
