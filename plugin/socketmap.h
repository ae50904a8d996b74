/* SPDX-License-Identifier: BSD-2-Clause */
/* What a socketmap request asks for: "MAP KEY" (Postfix, socketmap_table(5)). */
#ifndef PLUGIN_SOCKETMAP_H
#define PLUGIN_SOCKETMAP_H

#include <stdbool.h>
#include <stddef.h>

enum socketmap_form {
	SOCKETMAP_UNKNOWN, /* no such map, or no request at all */
	SOCKETMAP_QUERY,   /* plain, or as "tlsrpt" in danestsd.conf(5) says */
	SOCKETMAP_PLAIN,
	SOCKETMAP_TLSRPT   /* with the TLSRPT attributes */
};

struct socketmap_request {
	enum socketmap_form form;
	const char *map, *key; /* in the payload; whatever the client sent */
	size_t map_len, key_len;
};

/* Total: every payload is some request. A payload without a blank is a map name
 * without a key, and its form SOCKETMAP_UNKNOWN. */
struct socketmap_request socketmap_parse(const char *payload, size_t len);

/* "PERM unknown map ..." for a request that is one. Nothing of the name goes back
 * but printable ASCII, and little of that. Returns the length written, < size. */
size_t socketmap_refuse(const struct socketmap_request *request, char *out, size_t size);

#endif
