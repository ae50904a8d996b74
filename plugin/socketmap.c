/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/socketmap.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

/* The names of postfix-tlspol and of postfix-mta-sts-resolver, so that either can
 * be replaced and main.cf stays as it is. */
static const struct {
	const char *name;
	enum socketmap_form form;
} maps[] = {
	{ "QUERY",           SOCKETMAP_QUERY },
	{ "postfix",         SOCKETMAP_PLAIN },
	{ "QUERYwithTLSRPT", SOCKETMAP_TLSRPT },
	{ "tlsrpt",          SOCKETMAP_TLSRPT },
};

struct socketmap_request socketmap_parse(const char *payload, size_t len)
{
	struct socketmap_request r = { .map = payload, .map_len = len };
	const char *blank = memchr(payload, ' ', len);
	size_t i;

	r.key = payload + len;
	if (blank == NULL) {
		r.form = SOCKETMAP_NO_KEY;
		return r;
	}
	r.map_len = (size_t)(blank - payload);
	r.key = blank + 1;
	r.key_len = len - r.map_len - 1;
	for (i = 0; i < COUNT_OF(maps); i++) {
		if (text_equal_nocase_n(r.map, r.map_len, maps[i].name)) {
			r.form = maps[i].form;
			break;
		}
	}
	return r;
}

size_t socketmap_refuse(const struct socketmap_request *request, char *out, size_t size)
{
	char name[41];

	text_printable(name, sizeof(name), request->map, request->map_len);
	if (request->form == SOCKETMAP_NO_KEY)
		text_format(out, size, "PERM request without a key");
	else
		text_format(out, size, "PERM unknown map \"%s\"", name);
	return strlen(out);
}
