/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https_addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"

struct prefix {
	uint8_t bytes[16];
	unsigned bits;
};

/* RFC 6890 and what was registered since; multicast; the reserved quarter. */
static const struct prefix not_global4[] = {
	{ { 0 }, 8 },            /* this network */
	{ { 10 }, 8 },           /* RFC 1918 */
	{ { 100, 64 }, 10 },     /* behind a carrier's NAT: RFC 6598 */
	{ { 127 }, 8 },          /* loopback */
	{ { 169, 254 }, 16 },    /* link-local, and where clouds keep their secrets */
	{ { 172, 16 }, 12 },     /* RFC 1918 */
	{ { 192, 0, 0 }, 24 },   /* protocol assignments */
	{ { 192, 0, 2 }, 24 },   /* documentation */
	{ { 192, 88, 99 }, 24 }, /* relays of 6to4, gone */
	{ { 192, 168 }, 16 },    /* RFC 1918 */
	{ { 198, 18 }, 15 },     /* benchmarks */
	{ { 198, 51, 100 }, 24 },/* documentation */
	{ { 203, 0, 113 }, 24 }, /* documentation */
	{ { 224 }, 3 },          /* multicast, reserved, broadcast */
};

/* Global unicast is 2000::/3 and no more (RFC 4291 2.4), without these. */
static const struct prefix unicast6 = { { 0x20 }, 3 };
static const struct prefix not_global6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },       /* Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff, 0x00 }, 20 },       /* documentation: RFC 9637 */
};

/* An IPv4 address inside; where it begins. */
static const struct {
	struct prefix prefix;
	size_t at;
} wrapped[] = {
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64: RFC 6052 */
	{ { { 0x20, 0x02 }, 16 }, 2 },              /* 6to4: RFC 3056 */
};

static bool within(const uint8_t *bytes, const struct prefix *p)
{
	unsigned whole = p->bits / 8, part = p->bits % 8;

	if (memcmp(bytes, p->bytes, whole) != 0)
		return false;
	return part == 0 || ((bytes[whole] ^ p->bytes[whole]) >> (8 - part)) == 0;
}

static bool within_any(const uint8_t *bytes, const struct prefix *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (within(bytes, &table[i]))
			return true;
	}
	return false;
}

static bool global4(const uint8_t *bytes)
{
	return !within_any(bytes, not_global4, COUNT_OF(not_global4));
}

/* NULL: it carries none. */
static const uint8_t *carried4(const uint8_t *bytes)
{
	for (size_t i = 0; i < COUNT_OF(wrapped); i++) {
		if (within(bytes, &wrapped[i].prefix))
			return bytes + wrapped[i].at;
	}
	return NULL;
}

static bool global6(const uint8_t *bytes)
{
	const uint8_t *carried = carried4(bytes);

	if (carried != NULL)
		return global4(carried);
	return within(bytes, &unicast6) &&
	    !within_any(bytes, not_global6, COUNT_OF(not_global6));
}

bool https_addr_global(int family, const uint8_t *bytes)
{
	switch (family) {
	case 4:
		return global4(bytes);
	case 6:
		return global6(bytes);
	default:
		return false;
	}
}

bool https_addr_sockaddr_global(const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	uint8_t bytes[16];

	if (sa->sa_family == AF_INET && len >= sizeof(in)) {
		memcpy(&in, sa, sizeof(in));
		memcpy(bytes, &in.sin_addr, 4);
		return global4(bytes);
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, 16);
		return global6(bytes);
	}
	return false;
}

/* The n-th address of that family that may be used; NULL: there are fewer. */
static const struct answer_addr *nth(const struct answer *addr, int family, size_t n,
    bool allow_private)
{
	for (size_t i = 0; i < addr->count; i++) {
		const struct answer_addr *a = &addr->addr[i];

		if (a->family == family &&
		    (allow_private || https_addr_global(family, a->bytes)) && n-- == 0)
			return a;
	}
	return NULL;
}

static void add(char out[HTTPS_ADDR_LIST], const struct answer_addr *a)
{
	char text[INET6_ADDRSTRLEN];
	size_t used = strlen(out);

	inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->bytes, text, sizeof(text));
	text_format(out + used, HTTPS_ADDR_LIST - used, a->family == 6 ? "%s[%s]" : "%s%s",
	    used > 0 ? "," : "", text);
}

size_t https_addr_list(char out[HTTPS_ADDR_LIST], const struct answer *addr,
    bool allow_private)
{
	static const int families[] = { 6, 4 };
	size_t count = 0;
	bool more = true;

	out[0] = '\0';
	for (size_t n = 0; more; n++) {
		more = false;
		for (size_t f = 0; f < COUNT_OF(families) && count < HTTPS_ADDR_MAX; f++) {
			const struct answer_addr *a = nth(addr, families[f], n, allow_private);

			if (a == NULL)
				continue;
			add(out, a);
			count++;
			more = true;
		}
	}
	return count;
}

void https_addr_network(uint8_t out[HTTPS_ADDR_NETWORK], const struct answer *addr,
    bool allow_private)
{
	const struct answer_addr *a = nth(addr, 6, 0, allow_private);
	const uint8_t *carried = a != NULL ? carried4(a->bytes) : NULL;

	memset(out, 0, HTTPS_ADDR_NETWORK);
	if (a == NULL) {
		a = nth(addr, 4, 0, allow_private);
		carried = a != NULL ? a->bytes : NULL;
	}
	if (a == NULL)
		return;
	out[0] = carried != NULL ? 4 : 6;
	memcpy(out + 1, carried != NULL ? carried : a->bytes, carried != NULL ? 3 : 6);
}
