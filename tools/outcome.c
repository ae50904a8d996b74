/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reply means to Postfix: socketmap_table(5), smtp_tls_policy_maps. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "tools/tool.h"

#define OUTCOME_MAX_NAMES 8 /* of a secure reply that are spelled out */

static const struct reply_word {
	const char *word;
	enum outcome_kind kind;
	const char *meaning; /* NULL: a security level follows */
} reply_words[] = {
	{ "OK", OUTCOME_GOES, NULL },
	{ "NOTFOUND", OUTCOME_GOES, "no policy; Postfix goes on with smtp_tls_security_level" },
	{ "TEMP", OUTCOME_WAITS, "mail waits; Postfix asks again when it tries the next time" },
	{ "PERM", OUTCOME_WAITS, "the service refuses the question; mail waits until it does not" },
	{ "TIMEOUT", OUTCOME_WAITS, "the service had no answer in time; mail waits" },
};

static const struct level_word {
	const char *word, *meaning;
	bool names; /* followed by those that a certificate may be for */
} level_words[] = {
	{ "dane-only", "deliver only over TLS authenticated by TLSA records", false },
	{ "dane", "deliver to hosts that have TLSA records only over TLS, authenticated by those "
	  "that can be used; to other hosts with TLS when offered", false },
	{ "secure", "deliver only over TLS, with a certificate from a known authority for ", true },
	{ "verify", "deliver only over TLS, with a certificate from a known authority", false },
	{ "fingerprint", "deliver only over TLS, with a certificate of a known fingerprint", false },
	{ "encrypt", "deliver only over TLS, whoever the peer is", false },
	{ "may", "TLS when offered, whoever the peer is", false },
	{ "none", "deliver without TLS", false },
};

void outcome_free(struct outcome *out)
{
	buf_free(&out->reply);
	buf_free(&out->meaning);
	json_decref(out->why);
	out->why = NULL;
}

/* Postfix takes blanks and commas alike. */
static bool between(char c)
{
	return c != '\0' && strchr(" \t\r\n,", c) != NULL;
}

/* The next attribute in *p, which is moved behind it; its length, 0 at the end.
 * What stands in braces is one. */
static size_t next_word(const char **p, const char *end, const char **word)
{
	while (*p < end && between(**p))
		++*p;
	*word = *p;
	if (*p < end && **p == '{')
		while (*p < end && **p != '}')
			++*p;
	while (*p < end && !between(**p))
		++*p;
	return (size_t)(*p - *word);
}

/* "a:.b" as "a, *.b". */
static void add_names(struct buf *to, const char *p, size_t len, size_t *count)
{
	while (len > 0) {
		const char *colon = memchr(p, ':', len);
		size_t n = colon != NULL ? (size_t)(colon - p) : len;

		if (n > 0 && ++*count <= OUTCOME_MAX_NAMES) {
			buf_str(to, *count > 1 ? ", " : "");
			buf_str(to, p[0] == '.' ? "*" : "");
			buf_add(to, p, n);
		}
		n += colon != NULL;
		p += n;
		len -= n;
	}
}

static void add_match(struct buf *to, const char *p, const char *end)
{
	static const char match[] = "match=";
	const size_t match_len = sizeof(match) - 1;
	const char *word;
	size_t len, count = 0;

	while ((len = next_word(&p, end, &word)) > 0)
		if (len > match_len && memcmp(word, match, match_len) == 0)
			add_names(to, word + match_len, len - match_len, &count);
	if (count == 0)
		buf_str(to, "the names in smtp_tls_secure_cert_match");
	else if (count > OUTCOME_MAX_NAMES)
		buf_printf(to, " and %zu more", count - OUTCOME_MAX_NAMES);
}

static enum outcome_kind judge_level(struct buf *to, const char *p, const char *end)
{
	const char *word;
	size_t len = next_word(&p, end, &word);

	for (size_t i = 0; i < COUNT_OF(level_words); i++) {
		if (!text_equal_nocase_n(word, len, level_words[i].word))
			continue;
		buf_printf(to, "%s: %s", level_words[i].word, level_words[i].meaning);
		if (level_words[i].names)
			add_match(to, p, end);
		return OUTCOME_GOES;
	}
	buf_str(to, "OK: followed by no security level that Postfix knows; mail waits");
	return OUTCOME_WAITS;
}

enum outcome_kind outcome_judge(struct outcome *out)
{
	const char *reply = out->reply.len > 0 ? out->reply.data : "";
	const char *end = reply + out->reply.len;
	const char *blank = memchr(reply, ' ', out->reply.len);
	size_t len = blank != NULL ? (size_t)(blank - reply) : out->reply.len;

	for (size_t i = 0; i < COUNT_OF(reply_words); i++) {
		const struct reply_word *r = &reply_words[i];

		if (strlen(r->word) != len || memcmp(reply, r->word, len) != 0)
			continue;
		if (r->meaning == NULL)
			return judge_level(&out->meaning, reply + len, end);
		buf_printf(&out->meaning, "%s: %s", r->word, r->meaning);
		return r->kind;
	}
	return OUTCOME_BROKEN;
}
