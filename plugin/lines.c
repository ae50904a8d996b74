/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

#define LINES_READ 65536

struct reading {
	const char *file;
	lines_fn *fn;
	void *arg;
	struct buf logical;  /* the line so far */
	size_t start;        /* where that began */
};

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

static bool finish_line(struct reading *r, char problem[LINES_PROBLEM])
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

static bool read_line(struct reading *r, size_t number, const char *line, size_t len,
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

bool lines_each(const char *file, const char *text, size_t len, lines_fn *fn, void *arg,
    char problem[LINES_PROBLEM])
{
	struct reading r = { .file = file, .fn = fn, .arg = arg };
	size_t number = 0;
	bool ok = true;

	while (ok && len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end != NULL ? (size_t)(end - text) : len;

		ok = read_line(&r, ++number, text, line, problem);
		line += end != NULL;
		text += line;
		len -= line;
	}
	ok = ok && finish_line(&r, problem);
	buf_free(&r.logical);
	return ok;
}

bool lines_load(struct buf *out, const char *path, size_t max, bool may_be_missing,
    char problem[LINES_PROBLEM])
{
	FILE *file = fopen(path, "re");
	struct stat st;
	bool ok = false;
	size_t n = 0;
	char *room;

	if (file == NULL) {
		if (errno == ENOENT && may_be_missing)
			return true;
		text_format(problem, LINES_PROBLEM, "%s: %s", path, strerror(errno));
		return false;
	}
	if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) {
		text_format(problem, LINES_PROBLEM, "%s: is a directory", path);
		goto out;
	}
	while (out->len <= max && (room = buf_room(out, LINES_READ)) != NULL &&
	    (n = fread(room, 1, LINES_READ, file)) > 0)
		out->len += n;
	ok = !ferror(file) && !out->bad && out->len <= max;
	if (!ok)
		text_format(problem, LINES_PROBLEM, "%s: %s", path, out->bad ? "out of memory" :
		    ferror(file) ? "cannot be read" : "too large");
out:
	fclose(file);
	return ok;
}
