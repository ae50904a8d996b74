/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "danests.h"

#define ADDRESS_OCTETS 16
#define ADDRESS_MAPPED 96 /* bits of ::ffff:0:0/96, where IPv4 lives among IPv6 */
#define NAME_MAX_OCTETS 255

struct network {
	struct network *next;
	uint8_t address[ADDRESS_OCTETS];
	unsigned bits;
};

struct name {
	struct name *next;
	bool below; /* ".example" */
	size_t len;
	char text[NAME_MAX_OCTETS];
};

struct internal {
	struct network *networks;
	struct name *names;
};

struct internal *internal_new(void)
{
	return calloc(1, sizeof(struct internal));
}

void internal_free(struct internal *set)
{
	struct network *network;
	struct name *name;

	if (set == NULL)
		return;
	while ((network = set->networks) != NULL) {
		set->networks = network->next;
		free(network);
	}
	while ((name = set->names) != NULL) {
		set->names = name->next;
		free(name);
	}
	free(set);
}

/* ---- Addresses, all as IPv6 ---- */

static bool read_address(struct slice text, uint8_t out[ADDRESS_OCTETS], bool *v4)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[INET6_ADDRSTRLEN];

	if (text.len > 5 && text_equal_nocase_n(text.p, 5, "IPv6:"))
		text = slice_after(text, 5);
	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.p, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	*v4 = memchr(copy, ':', text.len) == NULL;
	if (!*v4)
		return inet_pton(AF_INET6, copy, out) == 1;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, out + sizeof(mapped)) == 1;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0);
}

static bool has_address(const struct internal *set, struct slice text)
{
	static const uint8_t loop4[] = { [10] = 0xff, [11] = 0xff, [12] = 127 };
	static const uint8_t loop6[ADDRESS_OCTETS] = { [15] = 1 };
	const struct network *network = set != NULL ? set->networks : NULL;
	uint8_t address[ADDRESS_OCTETS];
	bool v4;

	/* Nearly always: an IPv4 address, and no networks of our own. */
	if (network == NULL && text.len > 3 && text_is_digit(text.p[0]) &&
	    memchr(text.p, ':', text.len) == NULL && memcmp(text.p, "127", 3) != 0)
		return false;
	if (!read_address(text, address, &v4))
		return false;
	if (memcmp(address, loop4, sizeof(loop4)) == 0 ||
	    memcmp(address, loop6, sizeof(loop6)) == 0)
		return true;
	for (; network != NULL; network = network->next) {
		if (same_bits(address, network->address, network->bits))
			return true;
	}
	return false;
}

/* ---- Names ---- */

static bool same_name(struct slice a, const char *b)
{
	for (size_t i = 0; i < a.len; i++) {
		if (text_lower(a.p[i]) != b[i])
			return false;
	}
	return true;
}

static bool has_name(const struct internal *set, struct slice host)
{
	if (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	for (const struct name *name = set->names; name != NULL; name = name->next) {
		if (name->below ? host.len <= name->len : host.len != name->len)
			continue;
		if (same_name(slice_after(host, host.len - name->len), name->text))
			return true;
	}
	return false;
}

bool internal_has(const struct internal *set, struct slice host, struct slice address)
{
	return has_address(set, address) || (set != NULL && set->names != NULL &&
	    has_name(set, host));
}

/* ---- What is given ---- */

static int add_network(struct internal *set, struct slice text, const char *bits)
{
	struct network *network;
	uint8_t address[ADDRESS_OCTETS];
	uint64_t number;
	bool v4;

	if (!read_address(text, address, &v4))
		return DANESTS_EINVAL;
	number = v4 ? 32 : 128;
	if (bits != NULL && !text_number(bits, strlen(bits), 0, number, &number))
		return DANESTS_EINVAL;
	network = calloc(1, sizeof(*network));
	if (network == NULL)
		return DANESTS_ENOMEM;
	network->bits = (unsigned)number + (v4 ? ADDRESS_MAPPED : 0);
	memcpy(network->address, address, sizeof(address));
	network->next = set->networks;
	set->networks = network;
	return DANESTS_OK;
}

static int add_name(struct internal *set, struct slice text)
{
	struct name *name;
	bool label = false;

	if (text.len > 1 && text.p[text.len - 1] == '.')
		text.len--;
	if (text.len > NAME_MAX_OCTETS)
		return DANESTS_EINVAL;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (!text_is_alnum(c) && c != '-' && c != '_' && (c != '.' || (i > 0 && !label)))
			return DANESTS_EINVAL;
		label = c != '.';
	}
	if (!label)
		return DANESTS_EINVAL;
	name = calloc(1, sizeof(*name));
	if (name == NULL)
		return DANESTS_ENOMEM;
	for (name->len = 0; name->len < text.len; name->len++)
		name->text[name->len] = text_lower(text.p[name->len]);
	name->below = text.p[0] == '.';
	name->next = set->names;
	set->names = name;
	return DANESTS_OK;
}

int internal_add(struct internal *set, const char *text)
{
	const char *slash = strchr(text, '/');
	struct slice all = { text, slash != NULL ? (size_t)(slash - text) : strlen(text) };
	int rc;

	if (all.len > 1 && text[0] == '[' && text[all.len - 1] == ']')
		all = (struct slice){ text + 1, all.len - 2 };
	rc = add_network(set, all, slash != NULL ? slash + 1 : NULL);
	/* "10.0.0.300" is no name of a host either: the last label of one is not a number. */
	if (rc != DANESTS_EINVAL || slash != NULL || all.p != text || all.len == 0 ||
	    text_is_digit(text[all.len - 1]))
		return rc;
	return add_name(set, all);
}
