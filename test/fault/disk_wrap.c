/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fault/disk_impl.h"

int __real_openat(int dir, const char *name, int flags, ...);
int __real_close(int fd);
ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t offset);
int __real_ftruncate(int fd, off_t len);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_renameat(int a, const char *from, int b, const char *to);
int __real_unlinkat(int dir, const char *name, int flags);
int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_openat(int dir, const char *name, int flags, unsigned mode);
int __wrap_close(int fd);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);
int __wrap_ftruncate(int fd, off_t len);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_renameat(int a, const char *from, int b, const char *to);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);

/* ---- The calls ---- */

enum verdict { GOES_ON, REFUSED, DEAD };

static enum verdict next_call(void)
{
	disk.calls++;
	if (disk.dead || (disk.die_at != 0 && disk.calls >= disk.die_at)) {
		disk.dead = true;
		errno = EIO;
		return DEAD;
	}
	if (disk.refuse_at == 0 || disk.calls < disk.refuse_at ||
	    (disk.refuse_count != 0 && disk.calls >= disk.refuse_at + disk.refuse_count))
		return GOES_ON;
	errno = disk.error;
	return REFUSED;
}

static int node_of(int fd)
{
	return disk.on && fd >= 0 && fd < FDS ? disk.fd[fd] - 1 : -1;
}

static bool is_ours(int dir)
{
	struct stat a, b;

	return disk.on && fstat(dir, &a) == 0 && stat(disk.dir, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev;
}

int __wrap_openat(int dir, const char *name, int flags, unsigned mode)
{
	bool ours = strcmp(name, ".") != 0 && is_ours(dir);
	int fd, node = ours ? disk_lookup(disk.now, disk.now_count, name) : -1;

	if (ours && (flags & O_CREAT) != 0 && node < 0 && next_call() != GOES_ON)
		return -1;
	fd = __real_openat(dir, name, flags, mode);
	if (!ours || fd < 0)
		return fd;
	disk_must(fd < FDS, "too many descriptors");
	if (node < 0) {
		node = disk_new_node();
		disk_add_change(name, node, NULL, 0);
	}
	disk.fd[fd] = node + 1;
	return fd;
}

int __wrap_close(int fd)
{
	if (node_of(fd) >= 0)
		disk.fd[fd] = 0;
	return __real_close(fd);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	int node = node_of(fd);
	enum verdict verdict;
	int saved;

	if (node < 0)
		return __real_pwrite(fd, data, len, offset);
	verdict = next_call();
	saved = errno;
	/* Power that fails while it is being written leaves some of it, too. */
	if (verdict == DEAD && disk.calls == disk.die_at)
		disk_add_write(node, data, len, (uint64_t)offset);
	if (verdict == REFUSED && disk.half && len > 1) {
		disk_add_write(node, data, len / 2, (uint64_t)offset);
		return __real_pwrite(fd, data, len / 2, offset);
	}
	errno = saved;
	if (verdict != GOES_ON)
		return -1;
	disk_add_write(node, data, len, (uint64_t)offset);
	return __real_pwrite(fd, data, len, offset);
}

int __wrap_ftruncate(int fd, off_t len)
{
	int node = node_of(fd);

	if (node >= 0 && next_call() != GOES_ON)
		return -1;
	if (node >= 0)
		disk_add_write(node, NULL, 0, (uint64_t)len);
	return __real_ftruncate(fd, len);
}

static int sync_node(int node)
{
	if (next_call() != GOES_ON)
		return -1;
	disk_make_durable(&disk.node[node]);
	return 0;
}

int __wrap_fdatasync(int fd)
{
	int node = node_of(fd);

	return node < 0 ? __real_fdatasync(fd) : sync_node(node);
}

int __wrap_fsync(int fd)
{
	int node = node_of(fd);

	if (node >= 0)
		return sync_node(node);
	if (!is_ours(fd))
		return __real_fsync(fd);
	if (next_call() != GOES_ON)
		return -1;
	for (int i = 0; i < disk.changes; i++)
		disk_apply(disk.durable, &disk.durable_count, &disk.change[i]);
	disk.changes = 0;
	return 0;
}

int __wrap_renameat(int a, const char *from, int b, const char *to)
{
	int node = is_ours(a) ? disk_lookup(disk.now, disk.now_count, from) : -1;

	if (node < 0)
		return __real_renameat(a, from, b, to);
	if (next_call() != GOES_ON)
		return -1;
	disk_add_change(to, node, from, -1);
	return __real_renameat(a, from, b, to);
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	if (!is_ours(dir) || disk_lookup(disk.now, disk.now_count, name) < 0)
		return __real_unlinkat(dir, name, flags);
	if (next_call() != GOES_ON)
		return -1;
	disk_add_change(name, -1, NULL, 0);
	return __real_unlinkat(dir, name, flags);
}

int __wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	int node = is_ours(a) ? disk_lookup(disk.now, disk.now_count, from) : -1;

	if (node < 0)
		return __real_linkat(a, from, b, to, flags);
	if (next_call() != GOES_ON)
		return -1;
	disk_add_change(to, node, NULL, 0);
	return __real_linkat(a, from, b, to, flags);
}
