/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines about TLS without a queue id, of every version. */
#include "report_event_help.h"

#define PEER "mx.a.example[192.0.2.1]:25"
#define SIX "mx.a.example[2001:db8::1]:587"
#define FAILED "certificate verification failed for " PEER ": "

static const struct row {
	const char *program, *text;
	enum event_kind kind;
	int what;           /* trust, proof, cause, word or statement */
	const char *peer;   /* or the first of two names */
	const char *second; /* of two names; or "reused" */
} rows[] = {
	/* Sessions: 2.11, 3.0, 3.4 on, 3.9 on. */
	{ "smtp", "Verified TLS connection established to " PEER ": TLSv1 with cipher AES256-SHA "
	  "(256/256 bits)", EVENT_SESSION, TRUST_VERIFIED, PEER, "" },
	{ "smtp", "Trusted TLS connection established to " SIX ": TLSv1.2 with cipher ECDHE",
	  EVENT_SESSION, TRUST_TRUSTED, SIX, "" },
	{ "lmtp", "Untrusted TLS connection reused to " PEER ": TLSv1.3 with cipher "
	  "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS "
	  "(raw public key) server-digest SHA256", EVENT_SESSION, TRUST_UNTRUSTED, PEER, "reused" },
	{ "smtp", "Anonymous TLS connection established to " PEER ": TLSv1.2 with", EVENT_SESSION,
	  TRUST_ANONYMOUS, PEER, "" },
	{ "smtp", "Verified TLS connection established from " PEER ": TLSv1.3 with cipher X to "
	  "mx.a.example", EVENT_NONE, 0, NULL, NULL },
	{ "tlsproxy", "Verified TLS connection established to " PEER ": TLSv1.3 with", EVENT_NONE,
	  0,
	  NULL, NULL },
	{ "tlsproxy", "Anonymous TLS connection established from " PEER ": TLSv1.3 with",
	  EVENT_NONE,
	  0, NULL, NULL },
	{ "smtp", "Verified TLS connection established to " PEER, EVENT_STRANGE, 0, NULL, NULL },
	{ "smtp", "Verified TLS connection established to mx.a.example: TLSv1.3", EVENT_STRANGE, 0,
	  NULL, NULL },
	{ "smtp", "Verified TLS connection established to mx.a.example[192.0.2.1]:65536: TLSv1.3",
	  EVENT_STRANGE, 0, NULL, NULL },
	{ "smtp", "Verified TLS connection lost", EVENT_NONE, 0, NULL, NULL },
	/* Proofs: 3.6 on, 3.9 on; 2.11 to 3.5. */
	{ "smtp", PEER ": Matched DANE EE certificate at depth 0: 3 1 1 abcdef", EVENT_PROOF,
	  PROOF_DANE, PEER, NULL },
	{ "tlsproxy", PEER ": Matched DANE TA certificate at depth 1: 2 0 1 abcdef", EVENT_PROOF,
	  PROOF_DANE, PEER, NULL },
	{ "smtp", PEER ": Matched DANE TA public key verified certificate at depth 1: 2 1 0 ab",
	  EVENT_PROOF, PROOF_DANE, PEER, NULL },
	{ "smtp", PEER ": Matched DANE raw public key at depth 0: 3 1 1 ab", EVENT_PROOF,
	  PROOF_DANE,
	  PEER, NULL },
	{ "smtp", SIX ": matched peername: mx.a.example", EVENT_PROOF, PROOF_NAME, SIX, NULL },
	{ "smtp", PEER ": Matched fingerprint: AB:CD", EVENT_PROOF, PROOF_FINGERPRINT, PEER, NULL },
	{ "smtp", PEER ": depth=0 matched end entity public-key sha256 digest=AB", EVENT_PROOF,
	  PROOF_DANE, PEER, NULL },
	{ "smtp", PEER ": depth=1 matched trust anchor certificate sha256 digest AB", EVENT_PROOF,
	  PROOF_DANE, PEER, NULL },
	{ "smtp", PEER ": Matched subjectAltName: mx.a.example", EVENT_PROOF, PROOF_NAME, PEER,
	  NULL },
	{ "smtp", PEER ": Matched CommonName mx.a.example", EVENT_PROOF, PROOF_NAME, PEER, NULL },
	{ "smtp", PEER ": subjectAltName: Matched DANE EE certificate", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", PEER ": subject_CN=x, issuer_CN=" PEER ": Matched DANE EE", EVENT_NONE, 0, NULL,
	  NULL },
	{ "smtp", "mx.a.example: Matched DANE EE certificate at depth 0: 3 1 1 ab", EVENT_NONE, 0,
	  NULL, NULL },
	/* Why not. */
	{ "smtp", "server " FAILED "num=65:no matching DANE TLSA records", EVENT_CAUSE,
	  CAUSE_NO_MATCH, PEER, NULL },
	{ "tlsproxy", "server " FAILED "num=62:hostname mismatch", EVENT_CAUSE, CAUSE_HOSTNAME,
	  PEER, NULL },
	{ "smtp", "server " FAILED "num=62:Hostname mismatch", EVENT_CAUSE, CAUSE_HOSTNAME, PEER,
	  NULL },
	{ "smtp", "server " FAILED "num=10:certificate has expired", EVENT_CAUSE, CAUSE_EXPIRED,
	  PEER, NULL },
	{ "smtp", "server " FAILED "num=19:self-signed certificate in certificate chain",
	  EVENT_CAUSE, CAUSE_UNTRUSTED, PEER, NULL },
	{ "smtp", "server " FAILED "num=17:out of memory", EVENT_CAUSE, CAUSE_OTHER, PEER, NULL },
	{ "smtp", "server " FAILED "num=x", EVENT_CAUSE, CAUSE_OTHER, PEER, NULL },
	{ "smtp", FAILED "self-signed certificate", EVENT_CAUSE, CAUSE_UNTRUSTED, PEER, NULL },
	{ "smtp", "client " FAILED "self signed certificate", EVENT_CAUSE, CAUSE_UNTRUSTED, PEER,
	  NULL },
	{ "smtp", FAILED "untrusted issuer /CN=certificate has expired", EVENT_CAUSE,
	  CAUSE_UNTRUSTED, PEER, NULL },
	{ "smtp", "CA " FAILED "certificate has expired", EVENT_CAUSE, CAUSE_EXPIRED, PEER, NULL },
	{ "smtp", FAILED "certificate not yet valid", EVENT_CAUSE, CAUSE_UNTRUSTED, PEER, NULL },
	{ "smtp", FAILED "not designated for use as a server certificate", EVENT_CAUSE,
	  CAUSE_UNTRUSTED, PEER, NULL },
	{ "smtp", FAILED "certificate chain longer than limit(9)", EVENT_CAUSE, CAUSE_UNTRUSTED,
	  PEER, NULL },
	{ "smtp", FAILED "not trusted by local or TLSA policy", EVENT_CAUSE, CAUSE_UNTRUSTED, PEER,
	  NULL },
	{ "smtp", FAILED "external policy failure (sts-policy-fetch-error)", EVENT_CAUSE,
	  CAUSE_STS_FETCH, PEER, NULL },
	{ "smtp", FAILED "external policy failure (sts-policy-invalid)", EVENT_CAUSE,
	  CAUSE_STS_INVALID, PEER, NULL },
	{ "smtp", FAILED "external policy failure (sts-webpki-invalid)", EVENT_CAUSE,
	  CAUSE_STS_WEBPKI, PEER, NULL },
	{ "smtp", FAILED "something of tomorrow", EVENT_CAUSE, CAUSE_OTHER, PEER, NULL },
	{ "smtp", "server certificate verification failed for mx: self-signed certificate",
	  EVENT_STRANGE, 0, NULL, NULL },
	/* Policies. */
	{ "smtp", "warning: TLS policy lookup for a.example/mx.a.example: no TLSA records found",
	  EVENT_POLICY, STATEMENT_NO_TLSA, "a.example", "mx.a.example" },
	{ "smtp", "TLS policy lookup for [a.example]:587/mx.a.example: non DNSSEC destination",
	  EVENT_POLICY, STATEMENT_NO_DNSSEC, "[a.example]:587", "mx.a.example" },
	{ "smtp", "warning: TLS policy lookup error for a.example/mx.a.example: client TLS "
	  "configuration problem", EVENT_POLICY, STATEMENT_LOCAL, "a.example", "mx.a.example" },
	{ "smtp", "warning: TLS policy lookup for a.example: no", EVENT_STRANGE, 0, NULL, NULL },
	{ "smtp", "warning: MX name 'mx.b.example' does not match STS MX pattern for 'a.example'",
	  EVENT_STS_MX, 0, "mx.b.example", "a.example" },
	{ "smtp", "warning: MX name 'mx.b.example' does not match STS MX pattern for 'a.exa",
	  EVENT_STRANGE, 0, NULL, NULL },
	{ "smtp", "warning: " PEER ": all TLSA records unusable, fallback to unauthenticated TLS",
	  EVENT_UNUSABLE, 0, PEER, NULL },
	{ "smtp", "warning: DNSSEC validation may be unavailable", EVENT_NO_DNSSEC, 0, NULL, NULL },
	{ "smtp", "warning: reason: dnssec_probe 'ns:.' received a response that is not DNSSEC "
	  "validated", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", "warning: DANE TLSA lookup problem: Host or domain name not found. Name service "
	  "error for name=_25._tcp.mx type=TLSA: Host not found, try again", EVENT_NONE, 0, NULL,
	  NULL },
	/* This side. */
	{ "smtp", "warning: smtp_tls_policy_maps, next-hop destination \"a.example\": policy table "
	  "lookup error", EVENT_LOCAL, 0, NULL, NULL },
	{ "lmtp", "warning: lmtp_tls_policy_maps, next-hop destination \"a\": invalid attribute "
	  "name: \"x\"", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: socketmap:inet:127.0.0.1:8461:query lookup error for \"a.example\"",
	  EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: table socketmap:inet:127.0.0.1:8461:query lookup error: Connection "
	  "refused", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: socketmap:inet:127.0.0.1:8461:query socketmap server temporary error: "
	  "x",
	  EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: smtp_tls_per_site: next-hop destination \"a\": per-site table lookup "
	  "error", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: nexthop domain a.example: configured at fingerprint security level, "
	  "but "
	  "with no fingerprints to match.", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: table lookup error: x", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", PEER ": Matched trust anchor at depth 1", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", "error: hash:/etc/postfix/tls is unavailable. open database /etc/postfix/tls.db: "
	  "No such file or directory", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: connect to private/tlsproxy service: No such file or directory",
	  EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: error receiving private/tlsproxy service initial response", EVENT_LOCAL,
	  0, NULL, NULL },
	{ "smtp", "warning: problem talking to server private/tlsmgr: Connection refused",
	  EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: cannot load Certification Authority data, CAfile=\"/x\": disabling TLS "
	  "support", EVENT_LOCAL, 0, NULL, NULL },
	{ "smtp", "warning: a.example: dane configured with dnssec lookups disabled", EVENT_LOCAL,
	  0,
	  NULL, NULL },
	{ "smtp", "connect to mx.a.example[192.0.2.1]:25: Connection timed out", EVENT_NONE, 0,
	  NULL,
	  NULL },
	{ "smtp", "warning: problem talking to server private/scache: Connection refused",
	  EVENT_NONE, 0, NULL, NULL },
	{ "smtp", "warning: x lookup error for \"a.example\"", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", "SSL_connect error to " PEER ": -1", EVENT_NONE, 0, NULL, NULL },
	{ "smtp", "warning: TLS library problem: error:0A000410:SSL routines::x", EVENT_NONE, 0,
	  NULL,
	  NULL },
	{ "tlsproxy", "CONNECT to [192.0.2.1]:25", EVENT_NONE, 0, NULL, NULL },
	{ "tlsproxy", "TLS handshake failed for service=smtp peer=[192.0.2.1]:25", EVENT_NONE, 0,
	  NULL, NULL },
	/* TLSRPT: 3.10 on. */
#define RPT(word) "TLSRPT: status=failure, domain=a.example, " \
	"receiving_mx=mx.a.example[192.0.2.1], failure_type=" word
#define MX "mx.a.example[192.0.2.1]"
	{ "smtp", "TLSRPT: status=success, domain=a.example, receiving_mx=" MX, EVENT_TLSRPT,
	  TLSRPT_SUCCESS, "a.example", MX },
	{ "smtp", RPT("starttls_not_supported"), EVENT_TLSRPT, TLSRPT_STARTTLS, "a.example", MX },
	{ "tlsproxy", RPT("certificate_host_mismatch"), EVENT_TLSRPT, TLSRPT_HOSTNAME, "a.example",
	  MX },
	{ "smtp", RPT("certificate_not_trusted"), EVENT_TLSRPT, TLSRPT_UNTRUSTED, "a.example", MX },
	{ "smtp", RPT("certificate_expired"), EVENT_TLSRPT, TLSRPT_EXPIRED, "a.example", MX },
	{ "smtp", RPT("tlsa_invalid, failure_reason=all-TLSA-records-unusable"), EVENT_TLSRPT,
	  TLSRPT_TLSA, "a.example", MX },
	{ "smtp", RPT("validation_failure, failure_reason=tls-handshake-failure"), EVENT_TLSRPT,
	  TLSRPT_HANDSHAKE, "a.example", MX },
	{ "smtp", RPT("validation_failure, failure_reason=self-signed_certificate"), EVENT_TLSRPT,
	  TLSRPT_UNTRUSTED, "a.example", MX },
	{ "smtp", RPT("validation_failure, failure_reason=x tls-handshake-failure"), EVENT_TLSRPT,
	  TLSRPT_OTHER, "a.example", MX },
	{ "smtp", RPT("unfinished_policY"), EVENT_TLSRPT, TLSRPT_OTHER, "a.example", MX },
	{ "smtp", RPT("sts_policy_invalid"), EVENT_TLSRPT, TLSRPT_OTHER, "a.example", MX },
	{ "smtp", "TLSRPT: status=success, domain=a.example, receiving_mx=mx.a.example[192.0",
	  EVENT_STRANGE, 0, NULL, NULL },
	{ "smtp", "TLSRPT: status=maybe, domain=a.example", EVENT_STRANGE, 0, NULL, NULL },
};

static int what_of(const struct event *e, struct slice *first, struct slice *second)
{
	switch (e->kind) {
	case EVENT_SESSION:
		*first = e->session.peer;
		*second = e->session.reused ? SLICE("reused") : SLICE("");
		return (int)e->session.trust;
	case EVENT_PROOF:
		*first = e->proof.peer;
		return (int)e->proof.proof;
	case EVENT_CAUSE:
		*first = e->cause.peer;
		return (int)e->cause.cause;
	case EVENT_POLICY:
		*first = e->policy.destination;
		*second = e->policy.host;
		return (int)e->policy.statement;
	case EVENT_STS_MX:
		*first = e->sts_mx.mx;
		*second = e->sts_mx.domain;
		return 0;
	case EVENT_UNUSABLE:
		*first = e->unusable.peer;
		return 0;
	case EVENT_TLSRPT:
		*first = e->tlsrpt.domain;
		*second = e->tlsrpt.mx;
		return (int)e->tlsrpt.word;
	default:
		return 0;
	}
}

static void every_line_is_read(void **state)
{
	struct slice first = { NULL, 0 }, second = { NULL, 0 };
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *r = &rows[i];

		if (read_line(r->program, r->text, &e) != r->kind ||
		    what_of(&e, &first, &second) != r->what)
			fail_msg("%s: kind %d, %d", r->text, (int)e.kind,
			    what_of(&e, &first, &second));
		assert_int_equal(e.qid.len, 0);
		if (r->peer != NULL)
			assert_slice(first, r->peer);
		if (r->second != NULL)
			assert_slice(second, r->second);
	}
}

static void a_trouble_is_told_without_its_severity(void **state)
{
	struct event e;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rows[i].kind != EVENT_LOCAL)
			continue;
		assert_int_equal(read_line(rows[i].program, rows[i].text, &e), EVENT_LOCAL);
		assert_slice(e.local.text, strstr(rows[i].text, ": ") + 2);
	}
}

/* What is left of a line may be less exact; its peer or name is whole, or it is not read. */
static void a_cut_line_names_no_other_peer(void **state)
{
	struct slice first, second, whole, whole_second;
	struct event e, all;
	char *copy;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *r = &rows[i];

		if (r->kind == EVENT_NONE || r->kind == EVENT_STRANGE || r->kind == EVENT_LOCAL)
			continue;
		(void)read_line(r->program, r->text, &all);
		(void)what_of(&all, &whole, &whole_second);
		for (size_t len = 0; len < strlen(r->text); len++) {
			const enum event_kind kind = read_n(r->program, r->text, len, &copy, &e);

			if (kind == r->kind && r->peer != NULL) {
				(void)what_of(&e, &first, &second);
				assert_true(slice_equal(first, whole));
				assert_true(r->second == NULL || slice_equal(second, whole_second));
			} else if (kind != r->kind && kind != EVENT_NONE &&
			    kind != EVENT_STRANGE) {
				fail_msg("%.*s: kind %d", (int)len, r->text, (int)kind);
			}
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_read),
		cmocka_unit_test(a_trouble_is_told_without_its_severity),
		cmocka_unit_test(a_cut_line_names_no_other_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
