/* SPDX-License-Identifier: BSD-2-Clause */
/* danests cache export: records that import reads back. Tables are cache_table.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "tools/cache.h"

#define EXPORT_MODE 0600 /* who mails whom is nobody's business */

static int print_record(void *arg, const json_t *line)
{
	char *text = json_dumps(json_object_get(line, "policy"), JSON_COMPACT | JSON_ENSURE_ASCII);
	int code = EX_OK;

	if (text == NULL) {
		tool_complain("cache", "out of memory");
		code = EX_OSERR;
	} else if (fprintf(arg, "%s\n", text) < 0) {
		tool_complain("cache", "cannot write: %s", strerror(errno));
		code = EX_IOERR;
	}
	free(text);
	return code;
}

static int to_file(struct cache *cache)
{
	struct aside aside;
	FILE *to;
	int code = aside_open(&aside, cache->out, EXPORT_MODE);

	if (code != EX_OK) {
		tool_complain("cache", "%s: %s", cache->out, strerror(errno));
		return code;
	}
	to = fdopen(dup(aside.fd), "w");
	if (to == NULL) {
		aside_abort(&aside);
		tool_complain("cache", "%s: %s", cache->out, strerror(errno));
		return EX_OSERR;
	}
	code = cache_lines(cache, cache_request(cache, "export"), print_record, to, NULL);
	if ((fclose(to) != 0 && code == EX_OK) || (code == EX_OK && aside_commit(&aside) != EX_OK)) {
		tool_complain("cache", "%s: %s", cache->out, strerror(errno));
		code = EX_IOERR;
	}
	aside_abort(&aside);
	return code;
}

int cache_export(struct cache *cache)
{
	if (strcmp(cache->format, "json") != 0)
		return cache_table(cache);
	if (cache->out != NULL)
		return to_file(cache);
	return cache_lines(cache, cache_request(cache, "export"), print_record, stdout, NULL);
}
