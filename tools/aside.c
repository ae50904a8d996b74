/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of the file finds the old one or the new one, also after a crash. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "tools/cache.h"

/* As the one that it replaces, which may hold what not everybody may read, or is for a
 * service that must be able to. */
static bool take_over(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;

	/* Bits of a group are for that group. */
	if (fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
		mode &= 0707;
	return fchmod(fd, mode) == 0;
}

/* old: NULL when there is none. */
static int open_temporary(struct aside *aside, mode_t mode, const struct stat *old)
{
	struct buf name = {0};

	buf_printf(&name, "%s.%ld.tmp", aside->path, (long)getpid());
	aside->temporary = buf_steal(&name);
	if (aside->temporary == NULL) {
		errno = ENOMEM;
		return EX_CANTCREAT;
	}
	/* Left by one of the same number that was killed. */
	if (unlink(aside->temporary) == 0 || errno == ENOENT)
		aside->fd = open(aside->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    old != NULL ? 0600 : mode);
	if (aside->fd >= 0 && (old == NULL || take_over(aside->fd, old)))
		return EX_OK;
	return EX_CANTCREAT;
}

/* A link to nothing stays one: where it leads may be a disk that is not mounted. */
static bool is_free(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT;
	errno = ENOENT;
	return false;
}

int aside_open(struct aside *aside, const char *path, mode_t mode)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	int code = EX_CANTCREAT, saved;

	*aside = (struct aside){ .fd = -1 };
	if (exists && !S_ISREG(st.st_mode)) {
		aside->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
		return aside->fd >= 0 ? EX_OK : EX_CANTCREAT;
	}
	if (exists)
		aside->path = realpath(path, NULL);
	else if (errno == ENOENT && is_free(path))
		aside->path = strdup(path);
	if (aside->path != NULL)
		code = open_temporary(aside, mode, exists ? &st : NULL);
	if (code != EX_OK) {
		saved = errno;
		aside_abort(aside);
		errno = saved;
	}
	return code;
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
	if (aside->path == NULL)
		return EX_OK;
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
	free(aside->path);
	aside->path = aside->temporary = NULL;
	if (aside->fd >= 0)
		close(aside->fd);
	aside->fd = -1;
}
