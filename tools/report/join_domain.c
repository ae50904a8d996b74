/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"
#include "danests.h"
#include "tools/report/join_impl.h"

/* What stands behind the last '@', quoted or not. */
static struct slice after_last_at(struct slice address)
{
	struct slice found = { "", 0 };
	const char *at;

	while (address.len > 0 && (at = memchr(address.p, '@', address.len)) != NULL)
		found = address = slice_after(address, (size_t)(at - address.p) + 1);
	return found;
}

/* RFC 5321 section 4.1.2: a quoted local part may hold '@'. Older Postfix logs local parts
 * without their quotes: one that does not end quotes nothing. */
static struct slice find_domain(struct slice address)
{
	struct slice found = { "", 0 };
	bool quoted = false;

	if (address.len == 0 || memchr(address.p, '"', address.len) == NULL)
		return after_last_at(address);
	for (size_t i = 0; i < address.len; i++) {
		if (quoted && address.p[i] == '\\')
			i++;
		else if (address.p[i] == '"')
			quoted = !quoted;
		else if (address.p[i] == '@' && !quoted)
			found = slice_after(address, i + 1);
	}
	return quoted ? after_last_at(address) : found;
}

struct slice join_domain(struct slice recipient, char *buf, size_t size)
{
	struct slice domain = find_domain(recipient);
	unsigned char high = 0;
	int len;

	/* "user@example.com." is the same domain; there is no other sense in the dot. */
	if (domain.len > 1 && domain.p[domain.len - 1] == '.')
		domain.len--;
	if (domain.len > size)
		return domain;
	for (size_t i = 0; i < domain.len; i++) {
		high |= (unsigned char)domain.p[i];
		buf[i] = text_lower(domain.p[i]);
	}
	if ((high & 0x80) == 0 || memchr(domain.p, ':', domain.len) != NULL ||
	    domain.p[0] == '[')
		return (struct slice){ buf, domain.len };
	len = danests_nexthop_key(domain.p, domain.len, buf, size);
	if (len > 0)
		return (struct slice){ buf, (size_t)len };
	for (size_t i = 0; i < domain.len; i++)
		buf[i] = text_lower(domain.p[i]);
	return (struct slice){ buf, domain.len };
}
