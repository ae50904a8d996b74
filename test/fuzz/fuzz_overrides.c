/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of overrides: what is refused has a printable reason that names the file; what
 * is taken answers with a reply that is taken again, word for word.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "plugin/overrides.h"
#include "plugin/tlsreply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_reply(const struct override *found)
{
	char problem[TLSREPLY_PROBLEM];
	struct buf out = {0};
	const char *level;

	check(found->reply_len <= 100000 && found->line > 0);
	for (size_t i = 0; i < found->reply_len; i++)
		check(found->reply[i] >= ' ' && found->reply[i] <= '~');
	if (found->reply_len == 9 && memcmp(found->reply, "NOTFOUND ", 9) == 0)
		return;
	check(found->reply_len > 3 && memcmp(found->reply, "OK ", 3) == 0);
	check(tlsreply_check(found->reply + 3, found->reply_len - 3, &level, &out, problem));
	check(level == found->level && out.len == found->reply_len - 3 &&
	    memcmp(out.data, found->reply + 3, out.len) == 0);
	buf_free(&out);
}

static void check_found(const struct override *found)
{
	if (found == NULL)
		return;
	if (found->kind == OVERRIDE_REPLY)
		check_reply(found);
	else
		check(found->no_dane != found->no_sts);
}

/* Each word of the file as a question. */
static void ask_all(const struct overrides *o, const char *text, size_t size)
{
	for (size_t i = 0; i < size; ) {
		size_t len = 0;

		while (i + len < size && strchr(" \t\r\n", text[i + len]) == NULL)
			len++;
		if (len > 0)
			check_found(overrides_find(o, text + i, len));
		i += len + 1;
	}
	check_found(overrides_find(o, "a.example", 9));
	check_found(overrides_find(o, "[b.a.example]:587", 17));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char problem[OVERRIDES_PROBLEM] = "";
	struct overrides *o = NULL;

	if (overrides_parse(&o, "fuzz", text, size, problem)) {
		ask_all(o, text, size);
	} else {
		check(o == NULL && strncmp(problem, "fuzz:", 5) == 0);
		for (size_t i = 0; problem[i] != '\0'; i++)
			check(problem[i] >= ' ' && problem[i] <= '~');
	}
	overrides_free(o);
	return 0;
}
