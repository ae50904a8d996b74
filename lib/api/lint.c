/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

danests_lint *lint_new(void)
{
	return calloc(1, sizeof(danests_lint));
}

static void add_line(danests_lint *lint, const char *fmt, va_list ap)
{
	size_t begin = lint->text.len, i;
	char *room;
	va_list twice;
	int n;

	va_copy(twice, ap);
	n = vsnprintf(NULL, 0, fmt, twice);
	va_end(twice);
	room = n < 0 ? NULL : buf_room(&lint->text, (size_t)n + 1);
	if (room == NULL) {
		lint->text.bad = true;
		return;
	}
	(void)vsnprintf(room, (size_t)n + 1, fmt, ap);
	lint->text.len += (size_t)n + 1;
	for (i = begin; i < lint->text.len - 1; i++) {
		if (lint->text.data[i] < ' ' || lint->text.data[i] > '~')
			lint->text.data[i] = '?';
	}
	lint->count++;
}

void lint_line(danests_lint *lint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_line(lint, fmt, ap);
	va_end(ap);
}

void lint_verdict(danests_lint *lint, bool good, const char *fmt, ...)
{
	va_list ap;

	lint->good = good;
	va_start(ap, fmt);
	add_line(lint, fmt, ap);
	va_end(ap);
}

void lint_warnings(danests_lint *lint, struct notes *notes)
{
	const char *at = notes->text.data, *feed;

	if (notes->text.bad)
		lint->text.bad = true;
	for (; at != NULL && (feed = strchr(at, '\n')) != NULL; at = feed + 1)
		lint_line(lint, "warning: %.*s", (int)(feed - at), at);
	if (notes->more > 0)
		lint_line(lint, "warning: %zu more warnings are left out", notes->more);
	notes_free(notes);
}

int lint_done(danests_lint **out, danests_lint *lint)
{
	const char *at;
	size_t i;

	if (lint == NULL)
		return DANESTS_ENOMEM;
	if (!lint->text.bad)
		lint->lines = calloc(lint->count, sizeof(*lint->lines));
	if (lint->lines == NULL) {
		danests_lint_free(lint);
		return DANESTS_ENOMEM;
	}
	for (i = 0, at = lint->text.data; i < lint->count; i++, at += strlen(at) + 1)
		lint->lines[i] = at;
	*out = lint;
	return DANESTS_OK;
}

ATTR_PUBLIC void danests_lint_free(danests_lint *lint)
{
	if (lint == NULL)
		return;
	buf_free(&lint->text);
	free(lint->lines);
	free(lint);
}

ATTR_PUBLIC bool danests_lint_good(const danests_lint *lint)
{
	return lint->good;
}

ATTR_PUBLIC size_t danests_lint_lines(const danests_lint *lint)
{
	return lint->count;
}

ATTR_PUBLIC const char *danests_lint_line(const danests_lint *lint, size_t i)
{
	return i < lint->count ? lint->lines[i] : NULL;
}
