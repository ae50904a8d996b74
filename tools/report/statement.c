/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/statement.h"

#include "base/attr.h"

struct row {
	struct slice text;
	enum statement statement;
};

/* What the text begins with. */
static const struct row rows[] = {
	{ SLICE("Server certificate not verified"), STATEMENT_NOT_VERIFIED },
	{ SLICE("Server certificate not trusted"), STATEMENT_NOT_TRUSTED },
	{ SLICE("Cannot start TLS: handshake failure"), STATEMENT_HANDSHAKE },
	{ SLICE("TLS is required, but was not offered by host "), STATEMENT_NOT_OFFERED },
	{ SLICE("TLS is required, but our TLS engine is unavailable"), STATEMENT_LOCAL },
	{ SLICE("TLS is required, but unavailable"), STATEMENT_LOCAL },
	{ SLICE("TLSA lookup error for "), STATEMENT_TLSA_LOOKUP },
	{ SLICE("TLSA records unusable"), STATEMENT_UNUSABLE },
	{ SLICE("non DNSSEC destination"), STATEMENT_NO_DNSSEC },
	{ SLICE("no TLSA records found"), STATEMENT_NO_TLSA },
	{ SLICE("Verification not possible, MX RRset is insecure"), STATEMENT_MX_INSECURE },
	{ SLICE("server unavailable or unable to receive mail"), STATEMENT_NO_SERVER },
	{ SLICE("client TLS configuration problem"), STATEMENT_LOCAL },
	{ SLICE("Temporary lookup error"), STATEMENT_LOCAL },
	{ SLICE("Sender requires verified TLS, "), STATEMENT_REQUIRETLS },
	{ SLICE("Sender requested REQUIRETLS"), STATEMENT_REQUIRETLS },
	{ SLICE("REQUIRETLS policy configuration error"), STATEMENT_REQUIRETLS },
};

/* The next word, without the blank that ends it. False: there is no blank. */
static bool take_word(struct slice *s, struct slice *word)
{
	const char *at = s->len == 0 ? NULL : memchr(s->p, ' ', s->len);

	if (at == NULL)
		return false;
	*word = (struct slice){ s->p, (size_t)(at - s->p) };
	*s = slice_after(*s, word->len + 1);
	return true;
}

/* The name of the host is Postfix's own, what stands behind the colon is the server's. */
static bool is_refused(struct slice text)
{
	struct slice host;

	return slice_take(&text, SLICE("TLS is required, but host ")) &&
	    take_word(&text, &host) && slice_begins(text, SLICE("refused to start TLS: "));
}

/* A name that could not be looked up now; one that does not exist is no matter of TLS. */
static bool is_dns(struct slice text)
{
	static const struct slice end = SLICE(": Host not found, try again");

	return slice_take(&text, SLICE("Host or domain name not found. Name service error for ")) &&
	    text.len >= end.len && slice_equal(slice_after(text, text.len - end.len), end);
}

/* "DESTINATION: dane configured, but ...": DANE was asked for, and is not to be had here. */
static bool is_incompatible(struct slice text)
{
	static const struct slice what[] = {
		SLICE("configured, but no requisite library support"),
		SLICE("configured with dnssec lookups disabled"),
		SLICE("configured with MX lookup errors ignored"),
	};
	static const struct slice options = SLICE("dns resolver options incompatible with ");
	struct slice word;

	if (slice_begins(text, options))
		return true;
	if (!take_word(&text, &word) || word.len < 2 || word.p[word.len - 1] != ':')
		return false;
	if (slice_begins(text, options) ||
	    slice_begins(text, SLICE("the \"dane\" security level ")))
		return true;
	if (!take_word(&text, &word))
		return false;
	for (size_t i = 0; i < COUNT_OF(what); i++)
		if (slice_begins(text, what[i]))
			return true;
	return false;
}

enum statement statement_of(struct slice text)
{
	if (text.len == 0)
		return STATEMENT_OTHER;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].text.p[0] == text.p[0] && slice_begins(text, rows[i].text))
			return rows[i].statement;
	if (is_refused(text))
		return STATEMENT_REFUSED;
	if (is_dns(text))
		return STATEMENT_DNS;
	if (is_incompatible(text))
		return STATEMENT_LOCAL;
	return STATEMENT_OTHER;
}
