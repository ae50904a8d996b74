/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that is read whole, as far as it is of interest. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/tool.h"

#define PIECE 16384

static int fail(const char *command, const char *path, int exit_code)
{
	tool_complain(command, "%s: %s", strcmp(path, "-") == 0 ? "standard input" : path,
	    strerror(errno));
	return exit_code;
}

static int read_all(const char *command, const char *path, int fd, size_t max, struct buf *out)
{
	ssize_t n;

	while (out->len <= max) {
		size_t want = max + 1 - out->len < PIECE ? max + 1 - out->len : PIECE;
		char *room = buf_room(out, want);

		if (room == NULL) {
			tool_complain(command, "out of memory");
			return EX_OSERR;
		}
		n = read(fd, room, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) /* a folder can be opened, and is no input either */
			return fail(command, path, errno == EISDIR ? EX_NOINPUT : EX_IOERR);
		if (n == 0)
			break;
		out->len += (size_t)n;
	}
	return EX_OK;
}

int tool_read_file(const char *command, const char *path, size_t max, struct buf *out)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), exit_code;

	if (fd < 0)
		return fail(command, path, EX_NOINPUT);
	exit_code = read_all(command, path, fd, max, out);
	if (!standard)
		close(fd);
	return exit_code;
}
