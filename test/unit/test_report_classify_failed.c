/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a message was held, for every version of Postfix; and what was no block. */
#include "classify_help.h"

struct row {
	const char *what;
	struct delivery d;
	enum security want;
	const char *error; /* code and token */
	enum evidence evidence;
	bool doubt;
};

struct pass {
	const char *what;
	struct delivery d;
	enum verdict_kind want;
};

static const struct classify_options options;

static void check_blocked(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct delivery d = rows[i].d;
		struct verdict v;
		char error[64];

		d.status = i % 2 == 0 ? STATUS_DEFERRED : STATUS_BOUNCED;
		classify(&options, &d, &v);
		if (v.kind != VERDICT_BLOCKED)
			fail_msg("%s: kind %d", rows[i].what, (int)v.kind);
		assert_non_null(v.fault);
		(void)snprintf(error, sizeof(error), "%s%s%s", v.fault->code,
		    v.fault->code[0] != '\0' ? " " : "", v.fault->token);
		if (v.security != rows[i].want || strcmp(error, rows[i].error) != 0 ||
		    v.evidence != rows[i].evidence || (v.doubt != NULL) != rows[i].doubt)
			fail_msg("%s: security %d, %s, evidence %d, doubt %s", rows[i].what,
			    (int)v.security, error, (int)v.evidence,
			    v.doubt != NULL ? v.doubt : "-");
	}
}
#define CHECK(rows) check_blocked(rows, COUNT_OF(rows))

static void check_passed(const struct pass *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct delivery d = rows[i].d;
		struct verdict v;

		d.status = STATUS_DEFERRED;
		classify(&options, &d, &v);
		if (v.kind != rows[i].want || v.fault != NULL)
			fail_msg("%s: kind %d", rows[i].what, (int)v.kind);
	}
}
#define CHECK_PASSED(rows) check_passed(rows, COUNT_OF(rows))

#define SAID(s) .statement = STATEMENT_##s
#define FOR(c) SAID(NOT_VERIFIED), .cause = CAUSE_##c
#define F EVIDENCE_FEATURE
#define J EVIDENCE_JOIN
#define C EVIDENCE_CAUSE
#define R EVIDENCE_TLSRPT
#define T EVIDENCE_TEXT
#define DANE SECURITY_DANE
#define STS SECURITY_STS
#define UNKNOWN SECURITY_UNKNOWN
#define REQUIRED SECURITY_REQUIRED

static void from_3_11_on_tls_tells_who_asked(void **state)
{
	static const struct row rows[] = {
		{ "not offered", { BROKEN(DANE), SAID(NOT_OFFERED) }, DANE,
		    "4.7.321 starttls-not-supported", F, false },
		{ "refused", { BROKEN(DANE_ONLY), SAID(REFUSED) }, DANE,
		    "4.7.321 starttls-not-supported", F, false },
		{ "num=65", { BROKEN(DANE), FOR(NO_MATCH) }, DANE, "4.7.323 tlsa-invalid", F, false },
		{ "num=62", { BROKEN(DANE), FOR(HOSTNAME) }, DANE,
		    "4.7.325 certificate-host-mismatch", F, false },
		{ "expired", { BROKEN(DANE), FOR(EXPIRED) }, DANE, "4.7.322 certificate-expired", F,
		    false },
		{ "TA missing", { BROKEN(DANE), FOR(UNTRUSTED) }, DANE, "4.7.323 tlsa-invalid", F,
		    false },
		{ "num=24", { BROKEN(DANE), FOR(OTHER) }, DANE, "4.7.323 tlsa-invalid", F, false },
		{ "halfdane", { BROKEN(HALFDANE), FOR(NO_MATCH) }, DANE, "4.7.323 tlsa-invalid", F,
		    false },
		{ "no cause", { BROKEN(DANE), FOR(NONE) }, DANE, "4.7.5 cert-not-verified", F, true },
		{ "handshake", { OPEN(DANE), SAID(HANDSHAKE) }, DANE,
		    "4.7.323 tls-handshake-failure", F, false },
		{ "unusable, no TLS", { .tls = { .level = LEVEL_ENCRYPT, .broken = true },
		    .unusable = true, SAID(NOT_OFFERED) }, DANE, "4.7.323 tlsa-invalid", C, false },
		{ "dane:encrypt", { .tls = { .level = LEVEL_DANE, .downgrade = LEVEL_ENCRYPT,
		    .broken = true }, SAID(NOT_OFFERED) }, DANE, "4.7.323 tlsa-invalid", F, false },
		{ "unusable, known", { BROKEN(ENCRYPT), SAID(REFUSED),
		    KNOWN("dane", UNUSABLE, ABSENT) }, DANE, "4.7.323 tlsa-invalid", J, false },
		{ "secure, not offered", { BROKEN(SECURE), SAID(NOT_OFFERED) }, STS,
		    "4.7.321 starttls-not-supported", F, true },
		{ "secure, refused", { BROKEN(SECURE), SAID(REFUSED), KNOWN("secure", NONE,
		    ENFORCE) }, STS, "4.7.321 starttls-not-supported", F, false },
		{ "secure, issuer", { BROKEN(SECURE), FOR(UNTRUSTED) }, STS,
		    "4.7.5 sts-cert-untrusted", F, true },
		{ "secure, expired", { BROKEN(SECURE), FOR(EXPIRED) }, STS,
		    "4.7.5 sts-cert-expired", F, true },
		{ "secure, name", { BROKEN(SECURE), FOR(HOSTNAME) }, STS,
		    "4.7.5 sts-cert-host-mismatch", F, true },
		{ "secure, handshake", { OPEN(SECURE), SAID(HANDSHAKE) }, STS,
		    "4.7.323 tls-handshake-failure", F, true },
		{ "secure, no MX left", { OPEN(SECURE), SAID(NO_SERVER) }, STS,
		    "4.4.8 sts-mx-not-in-policy", F, true },
		{ "and its line", { OPEN(SECURE), .sts_mx = true, SAID(NO_SERVER) }, STS,
		    "4.4.8 sts-mx-not-in-policy", F, false },
		{ "fetch", { BROKEN(SECURE), FOR(STS_FETCH) }, STS, "sts-policy-fetch-error", C,
		    false },
		{ "invalid", { BROKEN(SECURE), FOR(STS_INVALID) }, STS, "sts-policy-invalid", C,
		    false },
		{ "webpki", { BROKEN(SECURE), FOR(STS_WEBPKI) }, STS, "sts-webpki-invalid", C,
		    false },
		{ "a later word", { BROKEN(OTHER), SAID(NOT_OFFERED) }, REQUIRED,
		    "4.7.321 starttls-not-supported", T, true },
	};

	(void)state;
	CHECK(rows);
}

static void some_statements_are_of_DANE_alone(void **state)
{
	static const struct row rows[] = {
		{ "no DNSSEC", { SAID(NO_DNSSEC) }, DANE, "4.7.324 dane-required", T, false },
		{ "3.11", { OPEN(UNKNOWN), SAID(NO_DNSSEC) }, DANE, "4.7.324 dane-required", F,
		    false },
		{ "no records", { SAID(NO_TLSA) }, DANE, "4.7.323 dane-required", T, false },
		{ "insecure MX", { SAID(MX_INSECURE) }, DANE, "4.7.324 dane-required", T, false },
		{ "unusable", { OPEN(UNKNOWN), SAID(UNUSABLE) }, DANE, "4.7.323 tlsa-invalid", F,
		    false },
		{ "lookup", { OPEN(UNKNOWN), SAID(TLSA_LOOKUP) }, DANE, "4.4.312 dns-query-failed",
		    F, true },
		{ "lookup, 3.7", { SAID(TLSA_LOOKUP) }, DANE, "4.4.312 dns-query-failed", T, true },
		{ "bogus", { SAID(TLSA_LOOKUP), TEMP("dnssec-invalid", BOGUS, ABSENT) }, DANE,
		    "4.7.324 dnssec-invalid", J, false },
		{ "no answer", { SAID(TLSA_LOOKUP), TEMP("dns-query-failed", ERROR, ABSENT) }, DANE,
		    "4.4.312 dns-query-failed", J, false },
		{ "bogus behind a smarthost", { SAID(TLSA_LOOKUP), .smarthost = true,
		    TEMP("dnssec-invalid", BOGUS, ABSENT) }, DANE, "4.4.312 dns-query-failed", T,
		    true },
	};

	(void)state;
	CHECK(rows);
}

static void before_3_11_the_cause_tells_or_nothing(void **state)
{
	static const struct row rows[] = {
		{ "num=65", { FOR(NO_MATCH) }, DANE, "4.7.323 tlsa-invalid", C, false },
		{ "num=62", { FOR(HOSTNAME) }, UNKNOWN, "4.7.5 cert-not-verified", T, true },
		{ "issuer", { FOR(UNTRUSTED) }, UNKNOWN, "4.7.5 cert-not-verified", T, true },
		{ "no cause", { FOR(NONE) }, UNKNOWN, "4.7.5 cert-not-verified", T, true },
		{ "not trusted", { SAID(NOT_TRUSTED) }, UNKNOWN, "4.7.5 cert-not-verified", T,
		    true },
		{ "policy failure", { FOR(STS_FETCH) }, STS, "sts-policy-fetch-error", C, false },
		{ "TLSRPT tlsa-invalid", { FOR(NONE), RPT(TLSA) }, DANE, "4.7.323 tlsa-invalid", R,
		    false },
		{ "TLSRPT of either", { FOR(NONE), RPT(UNTRUSTED) }, UNKNOWN,
		    "4.7.5 cert-not-verified", T, true },
		{ "not offered", { SAID(NOT_OFFERED) }, REQUIRED, "4.7.321 starttls-not-supported",
		    T, true },
		{ "refused", { SAID(REFUSED) }, REQUIRED, "4.7.321 starttls-not-supported", T,
		    true },
		{ "handshake", { SAID(HANDSHAKE) }, UNKNOWN, "4.7.323 tls-handshake-failure", T,
		    true },
		{ "no MX left", { .sts_mx = true, SAID(NO_SERVER) }, STS,
		    "4.4.8 sts-mx-not-in-policy", T, false },
		{ "unusable, handshake", { .unusable = true, SAID(HANDSHAKE) }, DANE,
		    "4.7.323 tlsa-invalid", C, false },
		{ "num=65 at a smarthost", { .smarthost = true, FOR(NO_MATCH) }, DANE,
		    "4.7.323 tlsa-invalid", C, false },
	};

	(void)state;
	CHECK(rows);
}

#define DANE_KNOWN KNOWN("dane-only", FULL, ABSENT)
#define STS_KNOWN KNOWN("secure", NONE, ENFORCE)

static void before_3_11_danestsd_tells_who_asked(void **state)
{
	static const struct row rows[] = {
		{ "not offered", { SAID(NOT_OFFERED), DANE_KNOWN }, DANE,
		    "4.7.321 starttls-not-supported", J, false },
		{ "not offered, sts", { SAID(NOT_OFFERED), STS_KNOWN }, STS,
		    "4.7.321 starttls-not-supported", J, false },
		{ "all unusable", { SAID(NOT_OFFERED), KNOWN("dane", UNUSABLE, ABSENT) }, DANE,
		    "4.7.323 tlsa-invalid", J, false },
		{ "both", { FOR(HOSTNAME), KNOWN("dane-only", FULL, ENFORCE) }, DANE,
		    "4.7.325 certificate-host-mismatch", J, false },
		{ "name, sts", { FOR(HOSTNAME), STS_KNOWN }, STS, "4.7.5 sts-cert-host-mismatch", J,
		    false },
		{ "expired", { FOR(EXPIRED), DANE_KNOWN }, DANE, "4.7.322 certificate-expired", J,
		    false },
		{ "expired, sts", { FOR(EXPIRED), STS_KNOWN }, STS, "4.7.5 sts-cert-expired", J,
		    false },
		{ "TLSRPT for the cause", { FOR(NONE), RPT(EXPIRED), STS_KNOWN }, STS,
		    "4.7.5 sts-cert-expired", J, false },
		{ "handshake", { SAID(HANDSHAKE), STS_KNOWN }, STS, "4.7.323 tls-handshake-failure",
		    J, false },
		/* Up to 3.5: no line about the name. */
		{ "3.5 name, sts", { FOR(NONE), SEEN(TRUSTED), STS_KNOWN }, STS,
		    "4.7.5 sts-cert-host-mismatch", J, false },
		{ "3.5 issuer, sts", { SAID(NOT_TRUSTED), SEEN(UNTRUSTED), STS_KNOWN }, STS,
		    "4.7.5 sts-cert-untrusted", J, false },
		{ "3.5 issuer", { SAID(NOT_TRUSTED), DANE_KNOWN }, DANE, "4.7.323 tlsa-invalid", J,
		    false },
		{ "3.5 no match, or name", { FOR(NONE), SEEN(TRUSTED), DANE_KNOWN }, DANE,
		    "4.7.5 cert-not-verified", J, true },
		{ "held before, now this", { SAID(NOT_OFFERED), TEMP("dns-query-failed", ERROR,
		    ENFORCE) }, REQUIRED, "4.7.321 starttls-not-supported", T, true },
		{ "num=65 says more", { FOR(NO_MATCH), KNOWN("NOTFOUND", NONE, ABSENT) }, DANE,
		    "4.7.323 tlsa-invalid", C, false },
	};

	(void)state;
	CHECK(rows);
}

static void what_danestsd_held_is_blocked(void **state)
{
	static const struct row rows[] = {
		{ "bogus", { SAID(LOCAL), CONFIGURATION, TEMP("dnssec-invalid", BOGUS, ABSENT) }, DANE,
		    "4.7.324 dnssec-invalid", J, false },
		{ "no answer", { OPEN(UNKNOWN), SAID(LOCAL), CONFIGURATION,
		    TEMP("dns-query-failed", ERROR, UNKNOWN) }, DANE, "4.4.312 dns-query-failed", J,
		    false },
		{ "sts", { SAID(LOCAL), CONFIGURATION, TEMP("sts-webpki-invalid", NONE, ERROR) }, STS,
		    "sts-webpki-invalid", J, false },
		{ "MX bogus", { SAID(DNS), TEMP("dnssec-invalid", BOGUS, ABSENT) }, DANE,
		    "4.7.324 dnssec-invalid", J, false },
	};
	static const struct pass passes[] = {
		{ "not known", { SAID(LOCAL), CONFIGURATION }, VERDICT_LOCAL },
		{ "no token", { SAID(LOCAL), CONFIGURATION, TEMP("", ERROR, ABSENT) },
		    VERDICT_LOCAL },
		{ "a strange token", { SAID(LOCAL), CONFIGURATION, TEMP("sts-", ERROR, ABSENT) },
		    VERDICT_LOCAL },
		{ "of no policy", { SAID(LOCAL), CONFIGURATION, TEMP("starttls-not-supported", NONE,
		    ABSENT) }, VERDICT_LOCAL },
		{ "another answer", { SAID(LOCAL), CONFIGURATION, DANE_KNOWN }, VERDICT_LOCAL },
		{ "TLS engine", { SAID(LOCAL), TEMP("dnssec-invalid", BOGUS, ABSENT),
		    .text = { "TLS is required, but unavailable", 32 } }, VERDICT_LOCAL },
		{ "MX alone", { SAID(DNS) }, VERDICT_NONE },
		{ "MX, no answer", { SAID(DNS), TEMP("dns-query-failed", ERROR, ABSENT) },
		    VERDICT_NONE },
		{ "MX, other news", { SAID(DNS), DANE_KNOWN }, VERDICT_NONE },
		{ "MX of a smarthost", { SAID(DNS), .smarthost = true,
		    TEMP("dnssec-invalid", BOGUS, ABSENT) }, VERDICT_NONE },
	};

	(void)state;
	CHECK(rows);
	CHECK_PASSED(passes);
}

static void what_nobody_outside_asked_for_is_not_blocked(void **state)
{
	static const struct pass passes[] = {
		{ "a server's words", { MET(DANE) }, VERDICT_NONE },
		{ "encrypt", { BROKEN(ENCRYPT), SAID(NOT_OFFERED) }, VERDICT_POLICY },
		{ "encrypt, handshake", { OPEN(ENCRYPT), SAID(HANDSHAKE) }, VERDICT_POLICY },
		{ "verify", { BROKEN(VERIFY), FOR(HOSTNAME) }, VERDICT_POLICY },
		{ "fingerprint", { BROKEN(FINGERPRINT), FOR(UNTRUSTED) }, VERDICT_POLICY },
		{ "own secure", { BROKEN(SECURE), FOR(HOSTNAME), OWN("secure", NONE, ABSENT) },
		    VERDICT_POLICY },
		{ "own encrypt, 3.7", { SAID(NOT_OFFERED), OWN("encrypt", NONE, ABSENT) },
		    VERDICT_POLICY },
		{ "own encrypt, handshake", { SAID(HANDSHAKE), OWN("encrypt", NONE, ABSENT) },
		    VERDICT_POLICY },
		{ "neither", { SAID(NOT_OFFERED), KNOWN("NOTFOUND", NONE, TESTING) },
		    VERDICT_POLICY },
		{ "neither, certificate", { FOR(HOSTNAME), KNOWN("NOTFOUND", NONE, ABSENT) },
		    VERDICT_POLICY },
		{ "neither, handshake", { SAID(HANDSHAKE), KNOWN("NOTFOUND", NONE, ABSENT) },
		    VERDICT_NONE },
		{ "may?", { OPEN(MAY), SAID(HANDSHAKE) }, VERDICT_NONE },
		{ "no tlsproxy", { SAID(HANDSHAKE), .no_proxy = true }, VERDICT_LOCAL },
		{ "dane, no tlsproxy", { OPEN(DANE), SAID(HANDSHAKE), .no_proxy = true },
		    VERDICT_LOCAL },
		{ "587", { .smarthost = true, SAID(NOT_TRUSTED) }, VERDICT_POLICY },
		{ "587, secure", { .smarthost = true, BROKEN(SECURE), FOR(HOSTNAME) },
		    VERDICT_POLICY },
		{ "587, handshake", { .smarthost = true, SAID(HANDSHAKE) }, VERDICT_NONE },
		{ "no server", { SAID(NO_SERVER) }, VERDICT_NONE },
		{ "no server, may?", { OPEN(MAY), SAID(NO_SERVER) }, VERDICT_NONE },
		{ "no server, 3.7", { SAID(NO_SERVER), STS_KNOWN }, VERDICT_NONE },
		{ "no server, own secure", { OPEN(SECURE), SAID(NO_SERVER), OWN("secure", NONE,
		    ABSENT) }, VERDICT_POLICY },
		{ "REQUIRETLS", { SAID(REQUIRETLS) }, VERDICT_REQUIRETLS },
		{ "may/!requiretls", { .tls = { .level = LEVEL_MAY, .requiretls = true },
		    SAID(NOT_OFFERED) }, VERDICT_REQUIRETLS },
	};

	(void)state;
	CHECK_PASSED(passes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_3_11_on_tls_tells_who_asked),
		cmocka_unit_test(some_statements_are_of_DANE_alone),
		cmocka_unit_test(before_3_11_the_cause_tells_or_nothing),
		cmocka_unit_test(before_3_11_danestsd_tells_who_asked),
		cmocka_unit_test(what_danestsd_held_is_blocked),
		cmocka_unit_test(what_nobody_outside_asked_for_is_not_blocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
