/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of smtp, lmtp and tlsproxy about TLS, without a queue id. A peer is a name from the DNS,
 * an address and a port; what a server or its certificate says comes after what decides.
 */
#include "base/attr.h"
#include "base/text.h"
#include "tools/report/event_impl.h"

bool event_take_peer(struct slice *s, struct slice *peer)
{
	struct slice rest = *s, word, host, address;
	uint16_t port;

	if (!event_take_until(&rest, ' ', &word) || word.len < 3 || word.p[word.len - 1] != ':')
		return false;
	word.len--;
	if (!event_split_peer(word, &host, &address, &port) && (word.p[word.len - 1] != ']' ||
	    memchr(word.p, '[', word.len) == NULL))
		return false;
	*peer = word;
	*s = rest;
	return true;
}

/* "Verified TLS connection established to PEER: ..."; " from " is the side of a server. */
static void read_session(struct slice s, enum trust trust, struct event *out)
{
	const bool reused = slice_take(&s, SLICE("reused "));

	if (!reused && !slice_take(&s, SLICE("established ")))
		return;
	if (!slice_take(&s, SLICE("to ")))
		return;
	out->kind = EVENT_STRANGE;
	if (!event_take_peer(&s, &out->session.peer))
		return;
	out->session.trust = trust;
	out->session.reused = reused;
	out->kind = EVENT_SESSION;
}

static bool is_session(struct slice text, bool proxy, struct event *out)
{
	static const struct { struct slice word; enum trust trust; } words[] = {
		{ SLICE("Verified TLS connection "), TRUST_VERIFIED },
		{ SLICE("Trusted TLS connection "), TRUST_TRUSTED },
		{ SLICE("Untrusted TLS connection "), TRUST_UNTRUSTED },
		{ SLICE("Anonymous TLS connection "), TRUST_ANONYMOUS },
	};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (text.p[0] != words[i].word.p[0] || !slice_take(&text, words[i].word))
			continue;
		if (!proxy)
			read_session(text, words[i].trust, out);
		return true;
	}
	return false;
}

/* "TLS policy lookup for DEST/HOST: STATEMENT": only DEST may hold a '/'. */
static bool is_policy(struct slice text, struct event *out)
{
	struct slice both;
	size_t slash;

	if (!slice_take(&text, SLICE("TLS policy lookup for ")) &&
	    !slice_take(&text, SLICE("TLS policy lookup error for ")))
		return false;
	out->kind = EVENT_STRANGE;
	if (!event_take_until(&text, ' ', &both) || both.len < 2 || both.p[both.len - 1] != ':')
		return true;
	both.len--;
	for (slash = both.len; slash > 0 && both.p[slash - 1] != '/'; slash--)
		;
	if (slash == 0)
		return true;
	out->policy.destination = (struct slice){ both.p, slash - 1 };
	out->policy.host = slice_after(both, slash);
	out->policy.statement = statement_of(text);
	out->kind = EVENT_POLICY;
	return true;
}

/* "MX name 'H' does not match STS MX pattern for 'D'" */
static bool is_sts_mx(struct slice text, struct event *out)
{
	struct slice mx, domain;

	if (!slice_take(&text, SLICE("MX name '")))
		return false;
	out->kind = EVENT_STRANGE;
	if (!event_take_until(&text, '\'', &mx) ||
	    !slice_take(&text, SLICE(" does not match STS MX pattern for '")) ||
	    !event_take_until(&text, '\'', &domain))
		return true;
	out->sts_mx.mx = mx;
	out->sts_mx.domain = domain;
	out->kind = EVENT_STS_MX;
	return true;
}

/* "[server |CA |client ]certificate verification failed for PEER: CAUSE" */
static bool is_cause(struct slice text, struct event *out)
{
	static const struct slice whose[] = {
		SLICE("server "), SLICE("CA "), SLICE("client "),
	};

	for (size_t i = 0; i < COUNT_OF(whose); i++)
		if (slice_take(&text, whose[i]))
			break;
	if (!slice_take(&text, SLICE("certificate verification failed for ")))
		return false;
	out->kind = EVENT_STRANGE;
	if (!event_take_peer(&text, &out->cause.peer))
		return true;
	out->cause.cause = event_cause_of(text);
	out->kind = EVENT_CAUSE;
	return true;
}

/* "depth=0 matched end entity public-key sha256 digest=..." of Postfix before 3.6 */
static bool is_old_match(struct slice s)
{
	struct slice depth;

	return slice_take(&s, SLICE("depth=")) && event_take_until(&s, ' ', &depth) &&
	    (slice_begins(s, SLICE("matched end entity ")) ||
	    slice_begins(s, SLICE("matched trust anchor ")));
}

static enum proof proof_of(struct slice s)
{
	static const struct { struct slice text; enum proof proof; } proofs[] = {
		{ SLICE("Matched DANE "), PROOF_DANE },
		{ SLICE("matched peername: "), PROOF_NAME },
		{ SLICE("Matched subjectAltName: "), PROOF_NAME },
		{ SLICE("Matched CommonName "), PROOF_NAME },
		{ SLICE("Matched CommonName: "), PROOF_NAME },
		{ SLICE("Matched fingerprint: "), PROOF_FINGERPRINT },
	};

	for (size_t i = 0; i < COUNT_OF(proofs); i++)
		if (slice_begins(s, proofs[i].text))
			return proofs[i].proof;
	return is_old_match(s) ? PROOF_DANE : PROOF_NONE;
}

static void read_of_peer(struct slice text, struct event *out)
{
	struct slice peer;
	enum proof proof;

	if (!event_take_peer(&text, &peer))
		return;
	proof = proof_of(text);
	if (proof != PROOF_NONE) {
		out->proof.peer = peer;
		out->proof.proof = proof;
		out->proof.anchor = proof == PROOF_DANE &&
		    !slice_begins(text, SLICE("Matched DANE EE "));
		out->kind = EVENT_PROOF;
	} else if (slice_begins(text, SLICE("all TLSA records unusable"))) {
		out->unusable.peer = peer;
		out->kind = EVENT_UNUSABLE;
	}
}

static bool is_named(struct slice text, bool proxy, struct event *out)
{
	switch (text.p[0]) {
	case 'T':
		if (slice_take(&text, SLICE("TLSRPT: status="))) {
			event_read_tlsrpt(text, out);
			return true;
		}
		return is_session(text, proxy, out) || is_policy(text, out);
	case 'V': case 'U': case 'A':
		return is_session(text, proxy, out);
	case 'M':
		return is_sts_mx(text, out);
	case 'D':
		if (!slice_begins(text, SLICE("DNSSEC validation may be unavailable")))
			return false;
		out->kind = EVENT_NO_DNSSEC;
		return true;
	case 's': case 'C': case 'c':
		return is_cause(text, out);
	default:
		return false;
	}
}

void event_read_tls(struct slice text, bool proxy, struct event *out)
{
	if (text.len == 0 || is_named(text, proxy, out))
		return;
	read_of_peer(text, out);
	if (out->kind == EVENT_NONE && event_is_local(text)) {
		out->local.text = text;
		out->local.no_proxy = slice_begins(text, SLICE("connect to private/tlsproxy "));
		out->kind = EVENT_LOCAL;
	}
}
