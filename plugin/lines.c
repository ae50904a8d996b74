/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/lines.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

#define LINES_READ 65536

/* Blank, or a comment: neither ends a logical line. */
static bool is_comment(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && (text_is_blank(line[i]) || line[i] == '\r'))
		i++;
	return i == len || line[i] == '#';
}

/* One line without its end, added to what is there. False: a control character. */
static bool take_line(struct buf *logical, const char *line, size_t len)
{
	while (len > 0 && (text_is_blank(line[len - 1]) || line[len - 1] == '\r'))
		len--;
	while (len > 0 && text_is_blank(line[0])) {
		line++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == '\177')
			return false;
	if (logical->len > 0)
		buf_char(logical, ' ');
	buf_add(logical, line, len);
	return true;
}

static bool finish_line(struct lines *r, char problem[LINES_PROBLEM])
{
	bool ok = true;

	if (r->logical.bad) {
		text_format(problem, LINES_PROBLEM, "%s:%zu: out of memory", r->file, r->start);
		return false;
	}
	if (r->logical.len > 0)
		ok = r->fn(r->arg, r->start, r->logical.data, r->logical.len, problem);
	buf_reset(&r->logical);
	return ok;
}

static bool read_line(struct lines *r, size_t number, const char *line, size_t len,
    char problem[LINES_PROBLEM])
{
	if (is_comment(line, len))
		return true;
	if (!text_is_blank(line[0])) {
		if (!finish_line(r, problem))
			return false;
		r->start = number;
	} else if (r->logical.len == 0) {
		text_format(problem, LINES_PROBLEM,
		    "%s:%zu: a line that begins with a blank continues the one before,"
		    " and there is none", r->file, number);
		return false;
	}
	if (take_line(&r->logical, line, len))
		return true;
	text_format(problem, LINES_PROBLEM, "%s:%zu: a control character", r->file, number);
	return false;
}

void lines_begin(struct lines *r, const char *file, const char *text, size_t len,
    lines_fn *fn, void *arg)
{
	*r = (struct lines){ .file = file, .fn = fn, .arg = arg, .at = text, .left = len };
}

bool lines_some(struct lines *r, size_t count, bool *more, char problem[LINES_PROBLEM])
{
	for (; count > 0 && r->left > 0; count--) {
		const char *line = r->at, *end = memchr(line, '\n', r->left);
		size_t len = end != NULL ? (size_t)(end - line) : r->left;

		r->at += len + (end != NULL);
		r->left -= len + (end != NULL);
		if (!read_line(r, ++r->number, line, len, problem))
			return false;
	}
	*more = r->left > 0;
	return *more || finish_line(r, problem);
}

void lines_end(struct lines *r)
{
	buf_free(&r->logical);
}

bool lines_each(const char *file, const char *text, size_t len, lines_fn *fn, void *arg,
    char problem[LINES_PROBLEM])
{
	struct lines r;
	bool more, ok;

	lines_begin(&r, file, text, len, fn, arg);
	ok = lines_some(&r, SIZE_MAX, &more, problem);
	lines_end(&r);
	return ok;
}

bool lines_open(FILE **out, const char *path, char problem[LINES_PROBLEM])
{
	FILE *file = fopen(path, "re");
	int error = errno;
	struct stat st;

	if (file == NULL) {
		text_format(problem, LINES_PROBLEM, "%s: %s", path, strerror(error));
		errno = error;
		return false;
	}
	if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) {
		text_format(problem, LINES_PROBLEM, "%s: is a directory", path);
		fclose(file);
		errno = EISDIR;
		return false;
	}
	*out = file;
	return true;
}

bool lines_load_some(struct buf *out, FILE *file, const char *path, size_t max, bool *more,
    char problem[LINES_PROBLEM])
{
	char *room = buf_room(out, LINES_READ);
	size_t n = room != NULL ? fread(room, 1, LINES_READ, file) : 0;

	out->len += n;
	*more = n > 0;
	if (!ferror(file) && !out->bad && out->len <= max)
		return true;
	text_format(problem, LINES_PROBLEM, "%s: %s", path, out->bad ? "out of memory" :
	    ferror(file) ? "cannot be read" : "too large");
	return false;
}

bool lines_load(struct buf *out, const char *path, size_t max, bool may_be_missing,
    char problem[LINES_PROBLEM])
{
	bool more = true, ok = true;
	FILE *file;

	if (!lines_open(&file, path, problem))
		return errno == ENOENT && may_be_missing;
	while (ok && more)
		ok = lines_load_some(out, file, path, max, &more, problem);
	fclose(file);
	return ok;
}
