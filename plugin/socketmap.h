/* SPDX-License-Identifier: BSD-2-Clause */
/* What a socketmap request asks for: "MAP KEY" (Postfix, socketmap_table(5)). */
#ifndef PLUGIN_SOCKETMAP_H
#define PLUGIN_SOCKETMAP_H

#include <stdbool.h>
#include <stddef.h>

enum socketmap_form {
	SOCKETMAP_UNKNOWN, /* no such map */
	SOCKETMAP_NO_KEY,  /* no blank, so nothing is asked for */
	SOCKETMAP_QUERY,   /* plain, or as "tlsrpt" in danestsd.conf(5) says */
	SOCKETMAP_PLAIN,
	SOCKETMAP_TLSRPT   /* with the TLSRPT attributes */
};

struct socketmap_request {
	enum socketmap_form form;
	const char *map, *key; /* in the payload; whatever the client sent */
	size_t map_len, key_len;
};

/* Total: every payload is some request. */
struct socketmap_request socketmap_parse(const char *payload, size_t len);

/* "PERM ..." for a request that cannot be answered. Nothing of a map's name goes back
 * but printable ASCII, and little of that. Returns the length written, < size. */
size_t socketmap_refuse(const struct socketmap_request *request, char *out, size_t size);

#endif
