/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a socket listens, as danestsd.conf(5) writes it. */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <stdbool.h>
#include <sys/socket.h>

struct endpoint {
	struct sockaddr_storage addr; /* AF_UNIX, AF_INET or AF_INET6 */
	socklen_t len;
};

/*
 * "unix:/path", "inet:127.0.0.1:8461", "inet:[::1]:8461", "inet:localhost:8461".
 * Numbers only, but for localhost: looking up names here could block. NULL, or
 * what is wrong (a static string); *out is untouched then.
 */
const char *endpoint_parse(struct endpoint *out, const char *text);

/* The same place, wherever the addresses come from. */
bool endpoint_same(const struct endpoint *a, const struct endpoint *b);

#endif
