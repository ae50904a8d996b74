/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void note_add(struct notes *notes, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	size_t len;

	if (notes == NULL)
		return;
	if (notes->count == NOTE_MAX) {
		notes->more++;
		return;
	}
	notes->count++;
	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	len = text_printable(line, sizeof(line), line, strlen(line));
	buf_add(&notes->text, line, len);
	buf_char(&notes->text, '\n');
}

void notes_free(struct notes *notes)
{
	if (notes == NULL)
		return;
	buf_free(&notes->text);
	notes->count = notes->more = 0;
}

const char *note_shown(char out[NOTE_SHOWN], const char *text, size_t len)
{
	size_t n = text_printable(out, NOTE_SHOWN, text, len);

	if (n < len)
		memcpy(out + n - 3, "...", 3);
	return out;
}
