/* SPDX-License-Identifier: BSD-2-Clause */
#include "keys.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void keys_pattern(struct keys *k, const char *pattern, uint64_t first, uint64_t count)
{
	const char *mark = strchr(pattern, '%');

	if (strlen(pattern) + KEYS_DIGITS > KEYS_MAX)
		errx(EX_USAGE, "-k: longer than %d octets", KEYS_MAX);
	k->head = pattern;
	k->head_len = mark == NULL ? strlen(pattern) : (size_t)(mark - pattern);
	k->tail = mark == NULL ? NULL : mark + 1;
	k->tail_len = mark == NULL ? 0 : strlen(mark + 1);
	k->first = first;
	k->count = count;
}

void keys_file(struct keys *k, const char *path)
{
	FILE *in = fopen(path, "r");
	size_t room = 0, lines = 0;
	ssize_t n;

	if (in == NULL)
		err(EX_NOINPUT, "%s", path);
	while ((n = getline(&k->text, &room, in)) > 0) {
		if (k->text[n - 1] == '\n')
			k->text[--n] = '\0';
		if (n == 0 || n > KEYS_MAX)
			errx(EX_DATAERR, "%s:%zu: empty, or longer than %d octets", path,
			    (size_t)k->count + 1, KEYS_MAX);
		if (k->count == lines) {
			lines = lines == 0 ? 1024 : lines * 2;
			k->line = realloc(k->line, lines * sizeof(*k->line));
			if (k->line == NULL)
				err(EX_OSERR, "realloc");
		}
		k->line[k->count] = strdup(k->text);
		if (k->line[k->count++] == NULL)
			err(EX_OSERR, "strdup");
	}
	fclose(in);
	if (k->count == 0)
		errx(EX_DATAERR, "%s: no keys", path);
}

size_t keys_next(struct keys *k, char out[KEYS_MAX])
{
	uint64_t number = k->first + k->at;
	size_t len;
	int i;

	if (k->line != NULL) {
		len = strlen(k->line[k->at]);
		memcpy(out, k->line[k->at], len);
	} else {
		memcpy(out, k->head, k->head_len);
		len = k->head_len;
		if (k->tail != NULL) {
			for (i = KEYS_DIGITS; i > 0; i--, number /= 10)
				out[len + (size_t)i - 1] = (char)('0' + number % 10);
			len += KEYS_DIGITS;
			memcpy(out + len, k->tail, k->tail_len);
			len += k->tail_len;
		}
	}
	if (++k->at == k->count)
		k->at = 0;
	return len;
}

void keys_free(struct keys *k)
{
	uint64_t i;

	for (i = 0; k->line != NULL && i < k->count; i++)
		free(k->line[i]);
	free(k->line);
	free(k->text);
	memset(k, 0, sizeof(*k));
}
