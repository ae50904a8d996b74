/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/dnsname.h"

#include <string.h>

#include "base/text.h"
#include "danests.h"

#define HEADER_LEN 12 /* no name lies in there */
#define MAX_HOPS 64   /* compression pointers within one name */

static bool name_label(struct dnsname *n, const uint8_t *label, size_t len)
{
	size_t i;

	if (n->len + len + 1 > 255) /* RFC 1035 2.3.4 */
		return false;
	n->wire[n->len++] = (uint8_t)len;
	for (i = 0; i < len; i++)
		n->wire[n->len++] = (uint8_t)text_lower((char)label[i]);
	return true;
}

/* A pointer must lead before the place where the labels being read began: no loop. */
bool dnsname_read(const uint8_t *packet, struct span *s, struct dnsname *out)
{
	const uint8_t *start = s->p, *label;
	struct span at = *s;
	size_t octet, target, hops = 0;
	bool jumped = false;

	out->len = 0;
	for (;;) {
		octet = span_u8(&at);
		if (octet >= 0xc0) {
			target = (octet & 0x3f) << 8 | span_u8(&at);
			if (at.bad || target < HEADER_LEN || target >= (size_t)(start - packet) ||
			    ++hops > MAX_HOPS)
				return false;
			if (!jumped)
				s->p = at.p;
			jumped = true;
			at.p = start = packet + target;
			continue;
		}
		label = octet > 63 ? NULL : span_take(&at, octet);
		if (label == NULL || at.bad || !name_label(out, label, octet))
			return false;
		if (octet == 0)
			break;
	}
	if (!jumped)
		s->p = at.p;
	return true;
}

bool dnsname_equal(const struct dnsname *a, const struct dnsname *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

bool dnsname_from_text(struct dnsname *out, const char *text)
{
	const char *dot;
	size_t len;

	out->len = 0;
	if (strcmp(text, ".") == 0)
		return name_label(out, NULL, 0);
	for (;;) {
		dot = strchr(text, '.');
		len = dot == NULL ? strlen(text) : (size_t)(dot - text);
		if (len < 1 || len > 63 || !name_label(out, (const uint8_t *)text, len))
			return false;
		if (dot == NULL)
			return name_label(out, NULL, 0);
		text = dot + 1;
	}
}

int dnsname_to_domain(const struct dnsname *n, struct domain *out)
{
	char text[256];
	size_t at = 0, len = 0, i;

	while (n->wire[at] != 0) {
		for (i = 1; i <= n->wire[at]; i++) {
			char c = (char)n->wire[at + i];

			if (!text_is_alnum(c) && c != '-' && c != '_')
				return DANESTS_ENAME;
			text[len++] = c;
		}
		text[len++] = '.';
		at += (size_t)n->wire[at] + 1;
	}
	return domain_parse(out, text, len);
}
