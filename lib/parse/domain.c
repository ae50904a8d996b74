/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/domain.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "danests.h"

#define LABEL_MAX 63
#define UTF8_MAX 1024 /* no UTF-8 spelling of 253 octets of A-labels is sensibly longer */

static bool label_octet(char c)
{
	return text_is_alnum(c) || c == '-' || c == '_';
}

/* The length of the label at text, or 0 when there is none that can stand. */
static size_t label_length(const char *text, size_t len, bool *digits)
{
	size_t n;

	*digits = true;
	for (n = 0; n < len && text[n] != '.'; n++) {
		if (n == LABEL_MAX || !label_octet(text[n]))
			return 0;
		if (!text_is_digit(text[n]))
			*digits = false;
	}
	if (n == 0 || text[0] == '-' || text[n - 1] == '-')
		return 0;
	return n;
}

static int parse_ascii(struct domain *out, const char *text, size_t len)
{
	struct domain d = {0};
	size_t at = 0, n, i;
	bool digits = true;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > DOMAIN_MAX)
		return DANESTS_ENAME;
	for (;;) {
		n = label_length(text + at, len - at, &digits);
		if (n == 0)
			return DANESTS_ENAME;
		at += n;
		if (at == len)
			break;
		at++; /* the dot; what follows it must be a label again */
	}
	if (digits) /* an IPv4 address, or nothing that exists (RFC 3696 2) */
		return DANESTS_ENAME;
	for (i = 0; i < len; i++)
		d.name[i] = text_lower(text[i]);
	*out = d;
	return DANESTS_OK;
}

/* N13: what is asked are A-labels. */
static int parse_utf8(struct domain *out, const char *text, size_t len)
{
	uint8_t *ascii = NULL;
	uint8_t utf8[UTF8_MAX + 1];
	int r;

	if (len > UTF8_MAX)
		return DANESTS_ENAME;
	memcpy(utf8, text, len);
	utf8[len] = '\0';
	r = idn2_lookup_u8(utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (r == IDN2_MALLOC)
		return DANESTS_ENOMEM;
	if (r != IDN2_OK)
		return DANESTS_ENAME;
	/* The mapping can bring forth any ASCII: look at every octet again. */
	r = parse_ascii(out, (const char *)ascii, strlen((const char *)ascii));
	idn2_free(ascii);
	return r;
}

int domain_parse(struct domain *out, const char *text, size_t len)
{
	bool ascii = true;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\0')
			return DANESTS_ENAME;
		if ((unsigned char)text[i] >= 0x80)
			ascii = false;
	}
	return ascii ? parse_ascii(out, text, len) : parse_utf8(out, text, len);
}

static bool parse_port(uint16_t *out, const char *text, size_t len)
{
	static const struct {
		const char *name;
		uint16_t port;
	} services[] = {
		{ "smtp", 25 }, { "submission", 587 }, { "submissions", 465 }, { "smtps", 465 },
	};
	uint64_t port;
	size_t i;

	for (i = 0; i < COUNT_OF(services); i++) {
		if (text_equal_nocase_n(text, len, services[i].name)) {
			*out = services[i].port;
			return true;
		}
	}
	if (!text_number(text, len, 1, UINT16_MAX, &port))
		return false;
	*out = (uint16_t)port;
	return true;
}

bool domain_copy(struct domain *out, const char *name)
{
	size_t len = strlen(name);

	if (len > DOMAIN_MAX)
		return false;
	memcpy(out->name, name, len + 1);
	return true;
}

int nexthop_parse(struct nexthop *out, const char *text, size_t len)
{
	struct nexthop nh = { .port = 25 };
	const char *host = text, *rest;
	size_t hostlen, restlen;
	int r;

	nh.bracketed = len > 0 && text[0] == '[';
	if (nh.bracketed) {
		host = text + 1;
		rest = memchr(host, ']', len - 1);
		if (rest == NULL)
			return DANESTS_ENAME;
		hostlen = (size_t)(rest - host);
		rest++;
	} else {
		rest = len == 0 ? NULL : memchr(text, ':', len);
		hostlen = rest == NULL ? len : (size_t)(rest - text);
		if (rest == NULL)
			rest = text + len;
	}
	restlen = len - (size_t)(rest - text);
	if (restlen > 0 && (rest[0] != ':' || !parse_port(&nh.port, rest + 1, restlen - 1)))
		return DANESTS_ENAME;
	r = domain_parse(&nh.domain, host, hostlen);
	if (r != DANESTS_OK)
		return r;
	*out = nh;
	return DANESTS_OK;
}

size_t nexthop_key(const struct nexthop *nh, char out[NEXTHOP_KEY_MAX + 1])
{
	const char *open = nh->bracketed ? "[" : "", *close = nh->bracketed ? "]" : "";
	int n;

	if (nh->port == 25)
		n = snprintf(out, NEXTHOP_KEY_MAX + 1, "%s%s%s", open, nh->domain.name, close);
	else
		n = snprintf(out, NEXTHOP_KEY_MAX + 1, "%s%s%s:%u", open, nh->domain.name,
		    close, (unsigned)nh->port);
	return n < 0 ? 0 : (size_t)n;
}
