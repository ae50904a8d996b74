/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

#define MAX_FILES 8
#define USUAL_WIDTH 80
#define MODE 0666 /* less what umask(2) takes away */

struct write {
	int dir;
	char *path;            /* of it, for complaints; "" is the current one */
	size_t count;
	struct {
		char *name, *temporary; /* temporary NULL: it was written to directly */
	} files[MAX_FILES];
};

static int no_memory(void)
{
	report_complain("out of memory");
	return EX_OSERR;
}

static int failed(const char *path, const char *name, int error)
{
	report_complain("%s%s%s: %s", path, path[0] != '\0' ? "/" : "", name, strerror(error));
	return error == ENOMEM ? EX_OSERR : EX_IOERR;
}

int write_open(struct write **out, const char *dir)
{
	struct write *w = calloc(1, sizeof(*w));
	int code = EX_OK;

	*out = w;
	if (w == NULL || (w->path = strdup(dir != NULL ? dir : "")) == NULL)
		return no_memory();
	w->dir = AT_FDCWD;
	if (dir == NULL)
		return EX_OK;
	if (mkdir(dir, 0777) == 0 || errno == EEXIST)
		w->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->dir == AT_FDCWD || w->dir < 0)
		code = failed("", dir, errno);
	return code;
}

static bool put(const struct sheet *sheet, enum format format, unsigned width, FILE *to)
{
	bool good;

	errno = 0;
	if (format == FORMAT_JSON)
		good = out_json(sheet, to);
	else if (format == FORMAT_TABLE)
		good = out_table(sheet, to, width);
	else
		good = out_csv(sheet, to);
	return fflush(to) == 0 && good && !ferror(to);
}

/* ---- Files ---- */

/* What stands there already. A device or a pipe of one's own that was named is written to;
 * one that stands in a folder, or is a stranger's, or at the end of a link, is not: who put
 * it there may want to read what others may not, or make this wait for ever. */
enum target { TARGET_RENAME, TARGET_DIRECT, TARGET_LINK, TARGET_FOLDER, TARGET_STRANGE };

static bool is_own(const struct write *w, const struct stat *st)
{
	return w->dir == AT_FDCWD && (S_ISCHR(st->st_mode) ||
	    (S_ISFIFO(st->st_mode) && st->st_uid == geteuid()));
}

static enum target find_target(const struct write *w, const char *name)
{
	struct stat st;
	bool link;

	if (fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return TARGET_RENAME;
	link = S_ISLNK(st.st_mode);
	if (link && fstatat(w->dir, name, &st, 0) != 0)
		return TARGET_RENAME;
	if (S_ISREG(st.st_mode))
		return TARGET_RENAME;
	if (link)
		return TARGET_LINK;
	return S_ISDIR(st.st_mode) ? TARGET_FOLDER :
	    is_own(w, &st) ? TARGET_DIRECT : TARGET_STRANGE;
}

/* It may have been replaced since it was looked at. */
static int open_direct(const struct write *w, const char *name)
{
	int fd = openat(w->dir, name, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !is_own(w, &st))) {
		close(fd);
		errno = EEXIST;
		return -1;
	}
	return fd;
}

/* A name in the same folder that nobody has. */
static int open_temporary(const struct write *w, const char *name, char **out)
{
	struct buf temporary = {0};
	int fd;

	for (unsigned i = 0; i < 100; i++) {
		buf_reset(&temporary);
		buf_printf(&temporary, "%s.%ld-%u.tmp", name, (long)getpid(), i);
		if (temporary.bad)
			break;
		fd = openat(w->dir, temporary.data,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd >= 0)
			*out = buf_steal(&temporary);
		buf_free(&temporary);
		return fd;
	}
	errno = temporary.bad ? ENOMEM : EEXIST;
	buf_free(&temporary);
	return -1;
}

static int open_file(struct write *w, const char *name, char **temporary)
{
	switch (find_target(w, name)) {
	case TARGET_LINK:
		errno = ELOOP;
		return -1;
	case TARGET_FOLDER:
		errno = EISDIR;
		return -1;
	case TARGET_DIRECT:
		return open_direct(w, name);
	case TARGET_STRANGE:
		errno = EEXIST;
		return -1;
	case TARGET_RENAME:
		break;
	}
	return open_temporary(w, name, temporary);
}

int write_sheet(struct write *w, const char *name, const struct sheet *sheet,
    enum format format)
{
	char *temporary = NULL;
	bool good = false;
	int fd = -1, error;
	FILE *to = NULL;

	if (w->count == MAX_FILES || (w->files[w->count].name = strdup(name)) == NULL)
		return no_memory();
	fd = open_file(w, name, &temporary);
	w->files[w->count++].temporary = temporary;
	to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (to != NULL)
		good = put(sheet, format, 0, to) && (temporary == NULL || fsync(fd) == 0);
	error = errno;
	if (to != NULL && fclose(to) != 0 && good) {
		error = errno;
		good = false;
	}
	if (to == NULL && fd >= 0)
		close(fd);
	return good ? EX_OK : failed(w->path, name, error);
}

int write_commit(struct write *w)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->files[i].temporary == NULL)
			continue;
		if (renameat(w->dir, w->files[i].temporary, w->dir, w->files[i].name) != 0)
			return failed(w->path, w->files[i].name, errno);
		free(w->files[i].temporary);
		w->files[i].temporary = NULL;
	}
	return EX_OK;
}

void write_free(struct write *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < MAX_FILES; i++) {
		if (w->files[i].temporary != NULL)
			(void)unlinkat(w->dir, w->files[i].temporary, 0);
		free(w->files[i].temporary);
		free(w->files[i].name);
	}
	if (w->dir >= 0)
		close(w->dir);
	free(w->path);
	free(w);
}

/* ---- Standard output ---- */

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t n;

	if (columns != NULL && text_number(columns, strlen(columns), 1, 10000, &n))
		return (unsigned)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return USUAL_WIDTH;
}

int write_stdout(const struct sheet *sheet, enum format format)
{
	bool terminal = isatty(STDOUT_FILENO) != 0;

	if (format == FORMAT_AUTO)
		format = terminal ? FORMAT_TABLE : FORMAT_CSV;
	if (put(sheet, format, terminal ? terminal_width() : 0, stdout))
		return EX_OK;
	return failed("", "standard output", errno);
}
