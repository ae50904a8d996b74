/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_anchor.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "danests.h"
#include "parse/domain.h"

#define TOKENS_MAX 128
#define DNSKEY_ZONE 0x0100   /* RFC 4034 2.1.1 */
#define DNSKEY_REVOKE 0x0080 /* RFC 5011 2.1 */

struct token {
	const char *text;
	size_t len;
};

/* One record, which parentheses may spread over several lines (RFC 1035 5.1). */
struct entry {
	struct token token[TOKENS_MAX];
	size_t count;
	unsigned line;   /* where it begins */
	bool blank;      /* began with a blank: the owner is that of the one before */
	int state;       /* ";;state=N" of RFC 5011, or -1 */
	const char *bad; /* what is wrong */
};

struct reader {
	const char *at, *end;
	unsigned line;
	char owner[DOMAIN_MAX + 1]; /* of the record before, or "" */
};

/* ---- Text to entries ---- */

static void read_comment(struct reader *r, struct entry *e)
{
	static const char mark[] = "state=";
	size_t n = sizeof(mark) - 1;

	for (; r->at < r->end && *r->at != '\n'; r->at++)
		if ((size_t)(r->end - r->at) > n && memcmp(r->at, mark, n) == 0 &&
		    text_is_digit(r->at[n]) && e->state < 0)
			e->state = r->at[n] - '0';
}

static void read_token(struct reader *r, struct entry *e)
{
	struct token t = { .text = r->at };

	while (r->at < r->end && (unsigned char)*r->at > ' ' && strchr(";()", *r->at) == NULL)
		r->at++;
	t.len = (size_t)(r->at - t.text);
	if (t.len == 0) {
		e->bad = "odd character";
		r->at++;
	} else if (e->count == TOKENS_MAX) {
		e->bad = "too many words";
	} else {
		e->token[e->count++] = t;
	}
}

/* The next entry, perhaps an empty one. False at the end of the text. */
static bool read_entry(struct reader *r, struct entry *e)
{
	unsigned depth = 0;

	if (r->at == r->end)
		return false;
	e->count = 0;
	e->line = r->line;
	e->blank = text_is_blank(*r->at);
	e->state = -1;
	e->bad = NULL;
	while (r->at < r->end) {
		char c = *r->at;

		if (c == '\n') {
			r->at++;
			r->line++;
			if (depth == 0)
				return true;
		} else if (c == ';') {
			read_comment(r, e);
		} else if (c == '(' || c == ')') {
			r->at++;
			if (c == ')' && depth-- == 0) {
				e->bad = "unexpected )";
				depth = 0;
			} else if (c == '(') {
				depth++;
			}
		} else if (text_is_blank(c) || c == '\r') {
			r->at++;
		} else {
			read_token(r, e);
		}
	}
	if (depth > 0)
		e->bad = "missing )";
	return true;
}

/* ---- Entries to records ---- */

static bool token_number(const struct token *t, uint64_t max, uint64_t *out)
{
	return text_number(t->text, t->len, 0, max, out);
}

static bool all_hex(const struct token *t, size_t count, size_t *digits)
{
	*digits = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < t[i].len; j++, (*digits)++)
			if (!text_is_digit(t[i].text[j]) &&
			    !((t[i].text[j] | 32) >= 'a' && (t[i].text[j] | 32) <= 'f'))
				return false;
	return *digits > 0 && *digits % 2 == 0;
}

/* RFC 4648 4: whole groups of four, '=' only at the end. */
static bool all_base64(const struct token *t, size_t count)
{
	size_t digits = 0, pad = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < t[i].len; j++, digits++) {
			char c = t[i].text[j];

			if (c == '=')
				pad++;
			else if (pad > 0 || (!text_is_alnum(c) && c != '+' && c != '/'))
				return false;
		}
	return digits >= 8 && digits % 4 == 0 && pad <= 2;
}

/* Those that every libunbound can check. An anchor of another kind would not
 * make answers bogus but silently insecure. */
static bool algorithm_known(uint64_t algorithm)
{
	return algorithm == 8 || algorithm == 10 || (algorithm >= 13 && algorithm <= 15);
}

static const char *check_ds(const struct token *t, size_t count, bool *skip)
{
	static const size_t digest_len[] = { [1] = 20, [2] = 32, [4] = 48 };
	uint64_t tag, algorithm, digest;
	size_t digits;

	if (count < 4 || !token_number(&t[0], UINT16_MAX, &tag) ||
	    !token_number(&t[1], UINT8_MAX, &algorithm) || !token_number(&t[2], UINT8_MAX, &digest))
		return "not a DS record";
	if (!all_hex(t + 3, count - 3, &digits))
		return "the digest of the DS record is damaged";
	if (!algorithm_known(algorithm) || digest >= COUNT_OF(digest_len) ||
	    digest_len[digest] == 0)
		*skip = true;
	else if (digits != 2 * digest_len[digest])
		return "the digest of the DS record has the wrong length";
	return NULL;
}

static const char *check_dnskey(const struct token *t, size_t count, bool *skip)
{
	uint64_t flags, protocol, algorithm;

	if (count < 4 || !token_number(&t[0], UINT16_MAX, &flags) ||
	    !token_number(&t[1], UINT8_MAX, &protocol) ||
	    !token_number(&t[2], UINT8_MAX, &algorithm))
		return "not a DNSKEY record";
	if ((flags & DNSKEY_ZONE) == 0 || protocol != 3)
		return "not the key of a zone";
	if (!all_base64(t + 3, count - 3))
		return "the key is damaged";
	if ((flags & DNSKEY_REVOKE) != 0 || !algorithm_known(algorithm))
		*skip = true;
	return NULL;
}

static bool token_is(const struct token *t, const char *word)
{
	return text_equal_nocase_n(t->text, t->len, word);
}

static const char *read_owner(struct reader *r, const struct entry *e)
{
	struct domain name;
	const struct token *t = &e->token[0];

	if (e->blank)
		return r->owner[0] != '\0' ? NULL : "no owner name";
	if (t->len == 1 && t->text[0] == '.') {
		memcpy(r->owner, ".", 2);
		return NULL;
	}
	if (domain_parse(&name, t->text, t->len) != DANESTS_OK)
		return "not a domain name";
	memcpy(r->owner, name.name, sizeof(r->owner));
	return NULL;
}

static int add_record(struct dns_anchors *out, const char *owner, const char *type,
    const struct token *rdata, size_t count)
{
	struct dns_anchor *a = &out->at[out->count];
	struct buf b = {0};

	buf_printf(&b, "%s IN %s", owner, type);
	for (size_t i = 0; i < count; i++) {
		/* The key or digest may come in pieces; they are one. */
		if (i < 4)
			buf_char(&b, ' ');
		buf_add(&b, rdata[i].text, rdata[i].len);
	}
	a->record = buf_steal(&b);
	a->owner = strdup(owner);
	out->count++; /* even half a record, for dns_anchors_free() */
	return a->record != NULL && a->owner != NULL ? DANESTS_OK : DANESTS_ENOMEM;
}

/* owner [ttl] [class] type rdata; ttl and class in any order. */
static int take_entry(struct dns_anchors *out, struct reader *r, struct entry *e)
{
	size_t i = e->blank ? 0 : 1;
	bool skip = e->state >= 0 && e->state != 2 && e->state != 3; /* not VALID, MISSING */
	const char *type = NULL;
	uint64_t ttl;

	if (e->bad != NULL || e->count == 0)
		return e->bad != NULL ? DANESTS_EINVAL : DANESTS_OK;
	if (!e->blank && token_is(&e->token[0], "$TTL"))
		return DANESTS_OK;
	e->bad = read_owner(r, e);
	if (e->bad != NULL)
		return DANESTS_EINVAL;
	while (i < e->count &&
	    (token_is(&e->token[i], "IN") || token_number(&e->token[i], UINT32_MAX, &ttl)))
		i++;
	if (i < e->count && token_is(&e->token[i], "DS"))
		type = "DS";
	else if (i < e->count && token_is(&e->token[i], "DNSKEY"))
		type = "DNSKEY";
	else
		e->bad = "neither a DS nor a DNSKEY record";
	if (type != NULL)
		e->bad = type[1] == 'S' ? check_ds(e->token + i + 1, e->count - i - 1, &skip) :
		    check_dnskey(e->token + i + 1, e->count - i - 1, &skip);
	if (e->bad == NULL && !skip && out->count == DNS_ANCHOR_RECORDS)
		e->bad = "too many records";
	if (e->bad != NULL)
		return DANESTS_EINVAL;
	return skip ? DANESTS_OK :
	    add_record(out, r->owner, type, e->token + i + 1, e->count - i - 1);
}

void dns_anchors_free(struct dns_anchors *anchors)
{
	for (size_t i = 0; i < anchors->count; i++) {
		free(anchors->at[i].owner);
		free(anchors->at[i].record);
	}
	free(anchors->path);
	*anchors = (struct dns_anchors){0};
}

bool dns_anchors_equal(const struct dns_anchors *a, const struct dns_anchors *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->at[i].record, b->at[i].record) != 0)
			return false;
	return true;
}

int dns_anchors_parse(struct dns_anchors *out, const char *path, const char *text, size_t len,
    char *problem, size_t size)
{
	struct reader r = { .at = text, .end = text + len, .line = 1 };
	struct entry *e = malloc(sizeof(*e));
	int result = DANESTS_OK;

	*out = (struct dns_anchors){ .path = strdup(path) };
	if (e == NULL || out->path == NULL)
		result = DANESTS_ENOMEM;
	while (result == DANESTS_OK && read_entry(&r, e))
		result = take_entry(out, &r, e);
	if (result == DANESTS_EINVAL)
		text_format(problem, size, "trust anchor %s:%u: %s", path, e->line, e->bad);
	if (result == DANESTS_OK && out->count == 0) {
		text_format(problem, size, "trust anchor %s: no usable DS or DNSKEY record in it",
		    path);
		result = DANESTS_EINVAL;
	}
	free(e);
	if (result != DANESTS_OK)
		dns_anchors_free(out);
	return result == DANESTS_EINVAL ? DANESTS_ERESOLVER : result;
}
