/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of TLS lines: why a certificate did not do, TLSRPT results, faults of this side. */
#include "base/attr.h"
#include "base/text.h"
#include "tools/report/event_impl.h"

/* "62:hostname mismatch": the number of OpenSSL's X509_V_ERR_. */
static enum cause number_cause(struct slice s)
{
	static const struct { uint64_t number; enum cause cause; } causes[] = {
		{ 65, CAUSE_NO_MATCH }, { 62, CAUSE_HOSTNAME }, { 64, CAUSE_HOSTNAME },
		{ 10, CAUSE_EXPIRED },
		/* Not of the certificate: unspecified, memory, the application, the store. */
		{ 1, CAUSE_OTHER }, { 17, CAUSE_OTHER }, { 50, CAUSE_OTHER }, { 70, CAUSE_OTHER },
	};
	struct slice digits;
	uint64_t number;

	if (!event_take_until(&s, ':', &digits) ||
	    !text_number(digits.p, digits.len, 0, UINT32_MAX, &number))
		return CAUSE_OTHER;
	for (size_t i = 0; i < COUNT_OF(causes); i++)
		if (causes[i].number == number)
			return causes[i].cause;
	return CAUSE_UNTRUSTED;
}

enum cause event_cause_of(struct slice s)
{
	static const struct { struct slice text; enum cause cause; } causes[] = {
		{ SLICE("self-signed certificate"), CAUSE_UNTRUSTED },
		{ SLICE("self signed certificate"), CAUSE_UNTRUSTED },
		{ SLICE("untrusted issuer "), CAUSE_UNTRUSTED },
		{ SLICE("certificate has expired"), CAUSE_EXPIRED },
		{ SLICE("certificate not yet valid"), CAUSE_UNTRUSTED },
		{ SLICE("not designated for use as a"), CAUSE_UNTRUSTED },
		{ SLICE("certificate chain longer than limit"), CAUSE_UNTRUSTED },
		{ SLICE("not trusted by local or TLSA policy"), CAUSE_UNTRUSTED },
		{ SLICE("external policy failure (sts-policy-fetch-error)"), CAUSE_STS_FETCH },
		{ SLICE("external policy failure (sts-policy-invalid)"), CAUSE_STS_INVALID },
		{ SLICE("external policy failure (sts-webpki-invalid)"), CAUSE_STS_WEBPKI },
		{ SLICE("external policy failure (sts_policy_fetch_error)"), CAUSE_STS_FETCH },
		{ SLICE("external policy failure (sts_policy_invalid)"), CAUSE_STS_INVALID },
		{ SLICE("external policy failure (sts_webpki_invalid)"), CAUSE_STS_WEBPKI },
	};

	if (slice_take(&s, SLICE("num=")))
		return number_cause(s);
	for (size_t i = 0; i < COUNT_OF(causes); i++)
		if (slice_begins(s, causes[i].text))
			return causes[i].cause;
	return CAUSE_OTHER;
}

/* TYPE[, failure_reason=REASON]; REASON is the more exact one of a validation_failure. */
static enum tlsrpt_word tlsrpt_word_of(struct slice s)
{
	static const struct { struct slice word; enum tlsrpt_word is; } words[] = {
		{ SLICE("starttls_not_supported"), TLSRPT_STARTTLS },
		{ SLICE("certificate_host_mismatch"), TLSRPT_HOSTNAME },
		{ SLICE("certificate_not_trusted"), TLSRPT_UNTRUSTED },
		{ SLICE("certificate_expired"), TLSRPT_EXPIRED },
		{ SLICE("tlsa_invalid"), TLSRPT_TLSA },
	};
	struct slice type = s;

	if (event_take_until(&s, ',', &type) &&
	    slice_equal(type, SLICE("validation_failure")) &&
	    slice_take(&s, SLICE(" failure_reason="))) {
		if (slice_equal(s, SLICE("tls-handshake-failure")))
			return TLSRPT_HANDSHAKE;
		if (slice_begins(s, SLICE("self-signed_certificate")))
			return TLSRPT_UNTRUSTED;
	}
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (slice_equal(type, words[i].word))
			return words[i].is;
	return TLSRPT_OTHER;
}

/* s: what follows "TLSRPT: status=". */
void event_read_tlsrpt(struct slice s, struct event *out)
{
	const bool success = slice_take(&s, SLICE("success, "));
	struct slice mx;

	out->kind = EVENT_STRANGE;
	if ((!success && !slice_take(&s, SLICE("failure, "))) ||
	    !slice_take(&s, SLICE("domain=")) ||
	    !event_take_until(&s, ',', &out->tlsrpt.domain) ||
	    !slice_take(&s, SLICE(" receiving_mx=")))
		return;
	if (!event_take_until(&s, ']', &mx))
		return;
	mx.len++;
	if (!success && !slice_take(&s, SLICE(", failure_type=")))
		return;
	out->tlsrpt.mx = mx;
	out->tlsrpt.word = success ? TLSRPT_SUCCESS : tlsrpt_word_of(s);
	out->kind = EVENT_TLSRPT;
}

static bool holds(struct slice s, struct slice what)
{
	for (; s.len >= what.len; s = slice_after(s, 1))
		if (slice_begins(s, what))
			return true;
	return false;
}

/* "socketmap:inet:127.0.0.1:8461:query lookup error for "KEY"", "table TYPE:NAME lookup
 * error: WHY", and what tables say else. */
static bool is_table(struct slice text)
{
	struct slice table;

	(void)slice_take(&text, SLICE("table "));
	if (!event_take_until(&text, ' ', &table) || memchr(table.p, ':', table.len) == NULL)
		return false;
	return slice_begins(text, SLICE("lookup error for \"")) ||
	    slice_begins(text, SLICE("lookup error: ")) ||
	    slice_begins(text, SLICE("is unavailable. ")) ||
	    slice_begins(text, SLICE("socketmap server "));
}

/* tlsproxy(8) keeps sessions, tlsmgr(8) keeps what sessions are made with. */
static bool is_service(struct slice text)
{
	if (!slice_begins(text, SLICE("connect to private/tls")) &&
	    !slice_begins(text, SLICE("problem talking to ")) &&
	    !slice_begins(text, SLICE("error receiving ")) &&
	    !slice_begins(text, SLICE("error sending ")))
		return false;
	if (text.len > 80)
		text.len = 80;
	return holds(text, SLICE("private/tls"));
}

static bool is_engine(struct slice text)
{
	static const struct slice end = SLICE("disabling TLS support");

	return text.len >= end.len && text.p[text.len - 1] == 't' &&
	    slice_equal(slice_after(text, text.len - end.len), end);
}

bool event_is_local(struct slice text)
{
	static const struct slice begins[] = {
		SLICE("smtp_tls_policy_maps"), SLICE("lmtp_tls_policy_maps"),
		SLICE("smtp_tls_per_site"), SLICE("lmtp_tls_per_site"),
		SLICE("nexthop domain "), /* "D: configured at fingerprint security level, but" */
		SLICE("TLS has been selected, but TLS support is not compiled in"),
	};

	for (size_t i = 0; i < COUNT_OF(begins); i++)
		if (slice_begins(text, begins[i]))
			return true;
	return is_service(text) || is_table(text) || is_engine(text) ||
	    statement_of(text) == STATEMENT_LOCAL;
}
