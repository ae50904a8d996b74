/* SPDX-License-Identifier: BSD-2-Clause */
/* The domains that are to be checked: of the command line, and of files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "tools/check.h"
#include "tools/tool.h"

#define MAX_LINE 4096

int check_list_add(struct check_list *list, const char *name, size_t len)
{
	if (list->count == list->room) {
		size_t room = list->room * 2 + 16;
		char **names = realloc(list->names, room * sizeof(*names));

		if (names == NULL)
			goto none;
		list->names = names;
		list->room = room;
	}
	list->names[list->count] = strndup(name, len);
	if (list->names[list->count] == NULL)
		goto none;
	list->count++;
	return EX_OK;
none:
	tool_complain("check", "out of memory");
	return EX_OSERR;
}

/* One name a line; blanks around it and what follows a # do not count. */
static int add_line(struct check_list *list, const char *path, size_t number, const char *line,
    size_t len)
{
	const char *hash = memchr(line, '#', len);
	struct check_domain domain;
	int r;

	if (hash != NULL)
		len = (size_t)(hash - line);
	while (len > 0 && (text_is_blank(line[len - 1]) || line[len - 1] == '\r' ||
	    line[len - 1] == '\n'))
		len--;
	while (len > 0 && text_is_blank(*line)) {
		line++;
		len--;
	}
	if (len == 0)
		return EX_OK;
	r = check_list_add(list, line, len);
	if (r == EX_OK && (memchr(line, '\0', len) != NULL ||
	    check_domain_name(&domain, list->names[list->count - 1], 0) != DANESTS_OK)) {
		tool_complain("check", "%s:%zu: not a domain: \"%.*s\"", path, number,
		    len < 200 ? (int)len : 200, line);
		r = EX_DATAERR;
	}
	return r;
}

static int read_lines(struct check_list *list, FILE *in, const char *path)
{
	size_t number = 0, room = 0;
	char *line = NULL;
	int r = EX_OK;
	ssize_t len;

	while (r == EX_OK && (len = getline(&line, &room, in)) >= 0) {
		number++;
		if (len > MAX_LINE) {
			tool_complain("check", "%s:%zu: longer than %d octets", path, number,
			    MAX_LINE);
			r = EX_DATAERR;
		} else {
			r = add_line(list, path, number, line, (size_t)len);
		}
	}
	if (r == EX_OK && ferror(in)) {
		tool_complain("check", "%s: %s", path, strerror(errno));
		r = EX_NOINPUT;
	}
	free(line);
	return r;
}

int check_list_file(struct check_list *list, const char *path)
{
	FILE *in;
	int r;

	if (strcmp(path, "-") == 0)
		return read_lines(list, stdin, "standard input");
	in = fopen(path, "re");
	if (in == NULL) {
		tool_complain("check", "%s: %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	r = read_lines(list, in, path);
	fclose(in);
	return r;
}

void check_list_free(struct check_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct check_list){0};
}
