/* SPDX-License-Identifier: BSD-2-Clause */
/* A file's own octets, and who is asked for what is in them. */
#include "tools/report/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tools/report/unpack_impl.h"

/* Descriptors of all files together that could be given back. */
static atomic_size_t held;

static void let_go(struct unpack *u)
{
	if (u->fd >= 0 && !u->standard) {
		close(u->fd);
		if (u->regular)
			atomic_fetch_sub(&held, 1);
	}
	u->fd = -1;
}

static bool look(struct unpack *u, struct stat *st)
{
	if (fstat(u->fd, st) != 0) {
		text_format(u->why, sizeof(u->why), "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(st->st_mode)) {
		text_format(u->why, sizeof(u->why), "is a directory; name the files in it");
		return false;
	}
	return true;
}

static bool open_first(struct unpack *u)
{
	struct stat st;

	u->fd = u->standard ? STDIN_FILENO : open(u->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (u->fd < 0) {
		text_format(u->why, sizeof(u->why), "%s", strerror(errno));
		return false;
	}
	if (!look(u, &st))
		return false;
	u->regular = !u->standard && S_ISREG(st.st_mode);
	if (u->regular)
		atomic_fetch_add(&held, 1);
	u->size = u->regular ? (int64_t)st.st_size : -1;
	u->device = (uint64_t)st.st_dev;
	u->inode = (uint64_t)st.st_ino;
	return true;
}

/* The same file, where we left it. */
static bool open_again(struct unpack *u)
{
	struct stat st;

	u->fd = open(u->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (u->fd < 0) {
		text_format(u->why, sizeof(u->why), "%s", strerror(errno));
		return false;
	}
	atomic_fetch_add(&held, 1);
	if (!look(u, &st))
		return false;
	if ((uint64_t)st.st_dev != u->device || (uint64_t)st.st_ino != u->inode) {
		text_format(u->why, sizeof(u->why), "another file took its place; try again");
		return false;
	}
	if (lseek(u->fd, (off_t)u->at, SEEK_SET) != (off_t)u->at) {
		text_format(u->why, sizeof(u->why), "%s", strerror(errno));
		return false;
	}
	return true;
}

/* read(2), also from a descriptor that somebody made non-blocking. */
static ssize_t read_patiently(int fd, void *to, size_t cap)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(fd, to, cap);
		if (n >= 0)
			return n;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(&p, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
}

ssize_t unpack_raw(struct unpack *u, void *to, size_t cap)
{
	ssize_t n;

	if (u->head_at < u->head_len) {
		n = (ssize_t)(u->head_len - u->head_at < cap ? u->head_len - u->head_at : cap);
		memcpy(to, u->head + u->head_at, (size_t)n);
		u->head_at += (size_t)n;
		return n;
	}
	if (u->fd < 0 && !open_again(u))
		return -1;
	n = read_patiently(u->fd, to, cap);
	if (n < 0) {
		text_format(u->why, sizeof(u->why), "%s", strerror(errno));
		return -1;
	}
	u->at += n;
	atomic_fetch_add(&u->done, (uint64_t)n);
	if (u->regular && atomic_load(&held) > UNPACK_HELD)
		let_go(u);
	return n;
}

void unpack_raw_close(struct unpack *u)
{
	let_go(u);
}

/* A pipe may give its first octets one at a time. */
static bool read_head(struct unpack *u)
{
	uint8_t head[sizeof(u->head)];
	size_t len = 0;
	ssize_t n;

	do {
		n = unpack_raw(u, head + len, sizeof(head) - len);
		if (n < 0)
			return false;
		len += (size_t)n;
	} while (n > 0 && len < sizeof(head));
	memcpy(u->head, head, len);
	u->head_len = len;
	u->kind = unpack_recognise(head, len);
	return true;
}

struct unpack *unpack_open(const char *path, char why[UNPACK_WHY])
{
	struct unpack *u = calloc(1, sizeof(*u));

	if (u != NULL)
		u->path = strdup(path);
	if (u == NULL || u->path == NULL) {
		free(u);
		text_format(why, UNPACK_WHY, "out of memory");
		return NULL;
	}
	u->fd = -1;
	u->standard = strcmp(path, "-") == 0;
	atomic_init(&u->done, 0);
	if (!open_first(u) || !read_head(u)) {
		text_format(why, UNPACK_WHY, "%s", u->why);
		unpack_close(u);
		return NULL;
	}
	return u;
}

static ssize_t read_any(struct unpack *u, void *to, size_t cap)
{
	if (u->kind == NULL)
		return unpack_raw(u, to, cap);
	if (u->ring == NULL && u->given >= UNPACK_ALONE)
		unpack_ring_start(u);
	if (u->ring != NULL)
		return unpack_ring_read(u, to, cap);
	return unpack_decode(u, to, cap);
}

ssize_t unpack_read(struct unpack *u, void *to, size_t cap, char why[UNPACK_WHY])
{
	ssize_t n;

	if (!u->ended && !u->failed) {
		n = read_any(u, to, cap);
		if (n > 0) {
			u->given += (uint64_t)n;
			return n;
		}
		u->ended = n == 0;
		u->failed = n < 0;
	}
	if (u->ended)
		return 0;
	text_format(why, UNPACK_WHY, "%s", u->why);
	return -1;
}

uint64_t unpack_done(const struct unpack *u)
{
	return atomic_load(&u->done);
}

int64_t unpack_size(const struct unpack *u)
{
	return u->size;
}

void unpack_close(struct unpack *u)
{
	if (u == NULL)
		return;
	unpack_ring_close(u);
	unpack_decode_close(u);
	unpack_raw_close(u);
	free(u->path);
	free(u);
}
