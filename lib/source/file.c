/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* O_NONBLOCK: a FIFO in our way must not hold us up. */
#define FLAGS_ALWAYS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

/* Its mode is right whatever the umask is, which another thread may change any time. */
static int make(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CREAT | O_EXCL | FLAGS_ALWAYS, 0600);

	/* Where that is refused, modes are the file system's to choose. */
	if (fd >= 0 && fchmod(fd, 0600) != 0)
		errno = 0;
	return fd;
}

static int make_or_open(int dir, const char *name, int flags)
{
	int fd = (flags & O_CREAT) != 0 ? make(dir, name, flags) : -1;

	if (fd >= 0 || (flags & O_EXCL) != 0 || ((flags & O_CREAT) != 0 && errno != EEXIST))
		return fd;
	return openat(dir, name, (flags & ~O_CREAT) | FLAGS_ALWAYS);
}

int file_open(int dir, const char *name, int flags)
{
	int fd = make_or_open(dir, name, flags);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

int file_open_any(int dir, const char *name, bool *readonly)
{
	int fd = file_open(dir, name, O_RDWR);

	*readonly = false;
	if (fd >= 0 || (errno != EACCES && errno != EROFS && errno != EPERM))
		return fd;
	*readonly = true;
	return file_open(dir, name, O_RDONLY);
}

bool file_write(int fd, const void *data, size_t len, uint64_t offset)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			return false;
		}
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

ssize_t file_read(int fd, void *data, size_t len, uint64_t offset)
{
	char *p = data;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, p + done, len - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

void file_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}
