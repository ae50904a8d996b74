/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"

static const char *endpoint_unix(struct endpoint *out, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (path[0] != '/')
		return "the path of a unix socket must begin with /";
	if (len >= sizeof(un.sun_path))
		return "the path is too long for a unix socket";
	memcpy(un.sun_path, path, len + 1);
	memset(out, 0, sizeof(*out));
	memcpy(&out->addr, &un, sizeof(un));
	out->len = sizeof(un);
	return NULL;
}

static const char *endpoint_inet(struct endpoint *out, const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	const char *colon = strrchr(text, ':');
	char host[64];
	uint64_t port;
	size_t len;

	if (colon == NULL || !text_number(colon + 1, strlen(colon + 1), 1, 65535, &port))
		return "must end in :PORT, a number from 1 to 65535";
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return "must be inet:HOST:PORT";
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "localhost") == 0)
		memcpy(host, "127.0.0.1", sizeof("127.0.0.1"));
	in4.sin_port = in6.sin6_port = htons((uint16_t)port);
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &in4.sin_addr) == 1) {
		memcpy(&out->addr, &in4, sizeof(in4));
		out->len = sizeof(in4);
	} else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
		memcpy(&out->addr, &in6, sizeof(in6));
		out->len = sizeof(in6);
	} else {
		return "HOST must be an address (an IPv6 one in brackets) or localhost";
	}
	return NULL;
}

const char *endpoint_parse(struct endpoint *out, const char *text)
{
	struct endpoint ep;
	const char *why;

	if (strncmp(text, "unix:", 5) == 0)
		why = endpoint_unix(&ep, text + 5);
	else if (strncmp(text, "inet:", 5) == 0)
		why = endpoint_inet(&ep, text + 5);
	else
		why = "must begin with unix: or inet:";
	if (why == NULL)
		*out = ep;
	return why;
}

/* What a kernel gives out has another length and padding than what was written. */
bool endpoint_same(const struct endpoint *a, const struct endpoint *b)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_un un;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} x = { .any = a->addr }, y = { .any = b->addr };

	if (x.any.ss_family != y.any.ss_family)
		return false;
	switch (x.any.ss_family) {
	case AF_UNIX:
		return strncmp(x.un.sun_path, y.un.sun_path, sizeof(x.un.sun_path)) == 0;
	case AF_INET:
		return x.in4.sin_port == y.in4.sin_port &&
		    x.in4.sin_addr.s_addr == y.in4.sin_addr.s_addr;
	case AF_INET6:
		return x.in6.sin6_port == y.in6.sin6_port && memcmp(&x.in6.sin6_addr,
		    &y.in6.sin6_addr, sizeof(x.in6.sin6_addr)) == 0;
	default:
		return false;
	}
}
