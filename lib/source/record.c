/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers are little-endian.
 *
 *	01                       version
 *	02                       mode: 0 none, 1 testing, 2 enforce
 *	0b                       length of the domain, without its NUL
 *	01                       of the id
 *	80 3a 09 00              max_age
 *	00 f1 53 65 00 00 00 00  fetched
 *	80 2b 5d 65 00 00 00 00  expires
 *	00 f1 53 65 00 00 00 00  used
 *	4c 00 00 00              length of the text
 *	"example.com" 00  "1" 00  "version: STSv1\n..." 00
 *	xx xx xx xx              CRC-32C of all before
 *
 * No string holds a NUL, but every head does. So a stranger's text can never look
 * like a record to somebody who searches a damaged file for the next whole one.
 */
#include "source/record.h"

#include <string.h>

#include "base/crc.h"
#include "base/text.h"
#include "danests.h"

#define RECORD_VERSION 1
#define RECORD_TIME_MAX ((INT64_C(1) << 48) - 1)

static bool domain_char(char c)
{
	return (text_is_alnum(c) && !text_is_upper(c)) || c == '.' || c == '-' || c == '_';
}

static bool domain_fits(const char *domain, size_t len)
{
	if (len < 1 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!domain_char(domain[i]))
			return false;
	}
	return true;
}

size_t record_domain(const char *domain)
{
	size_t len = strnlen(domain, DOMAIN_MAX + 1);

	return domain_fits(domain, len) ? len : 0;
}

static bool id_fits(const char *id, size_t len)
{
	if (len > RECORD_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (id[i] <= ' ' || id[i] > '~')
			return false;
	}
	return true;
}

static bool time_fits(int64_t t)
{
	return t >= 0 && t <= RECORD_TIME_MAX;
}

/* What writer and reader agree on. */
static bool fits(const struct record *r, size_t domain_len, size_t id_len)
{
	return domain_fits(r->domain, domain_len) && id_fits(r->id, id_len) &&
	    r->text_len <= STSBODY_MAX && memchr(r->text, '\0', r->text_len) == NULL &&
	    (unsigned)r->mode <= STSBODY_ENFORCE && r->max_age <= STSBODY_MAX_AGE &&
	    time_fits(r->fetched) && time_fits(r->expires) && time_fits(r->used);
}

int record_write(struct buf *out, const struct record *r)
{
	size_t domain_len = strnlen(r->domain, DOMAIN_MAX + 1);
	size_t id_len = strnlen(r->id, RECORD_ID_MAX + 1), start = out->len;
	uint8_t head[RECORD_HEAD] = { RECORD_VERSION }, sum[4];

	if (!fits(r, domain_len, id_len))
		return DANESTS_EINVAL;
	head[1] = (uint8_t)r->mode;
	head[2] = (uint8_t)domain_len;
	head[3] = (uint8_t)id_len;
	le_set32(head + 4, r->max_age);
	le_set64(head + 8, (uint64_t)r->fetched);
	le_set64(head + 16, (uint64_t)r->expires);
	le_set64(head + 24, (uint64_t)r->used);
	le_set32(head + 32, (uint32_t)r->text_len);
	buf_add(out, head, sizeof(head));
	buf_add(out, r->domain, domain_len + 1);
	buf_add(out, r->id, id_len + 1);
	buf_add(out, r->text, r->text_len);
	buf_char(out, '\0');
	if (!out->bad)
		le_set32(sum, crc32c(0, out->data + start, out->len - start));
	buf_add(out, sum, sizeof(sum));
	return out->bad ? DANESTS_ENOMEM : DANESTS_OK;
}

/* Each of the three strings ends where it should. */
static bool ended(const struct record *r, size_t domain_len, size_t id_len)
{
	return r->domain[domain_len] == '\0' && r->id[id_len] == '\0' &&
	    r->text[r->text_len] == '\0';
}

int record_view(struct record *out, const void *bytes, size_t len)
{
	const uint8_t *head = bytes;
	size_t domain_len, id_len;
	struct record r;

	if (len < RECORD_HEAD || len > RECORD_MAX || head[0] != RECORD_VERSION)
		return DANESTS_EINVAL;
	domain_len = head[2];
	id_len = head[3];
	r.text_len = le_get32(head + 32);
	if (r.text_len > STSBODY_MAX ||
	    len != RECORD_HEAD + domain_len + 1 + id_len + 1 + r.text_len + 1 + 4)
		return DANESTS_EINVAL;
	r.mode = (enum stsbody_mode)head[1];
	r.max_age = le_get32(head + 4);
	r.fetched = (time_t)le_get64(head + 8);
	r.expires = (time_t)le_get64(head + 16);
	r.used = (time_t)le_get64(head + 24);
	r.domain = (const char *)head + RECORD_HEAD;
	r.id = r.domain + domain_len + 1;
	r.text = r.id + id_len + 1;
	if (!ended(&r, domain_len, id_len) || !fits(&r, domain_len, id_len))
		return DANESTS_EINVAL;
	*out = r;
	return DANESTS_OK;
}

int record_read(struct record *out, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	if (len < RECORD_HEAD + 4 || crc32c(0, p, len - 4) != le_get32(p + len - 4))
		return DANESTS_EINVAL;
	return record_view(out, bytes, len);
}
