/* SPDX-License-Identifier: BSD-2-Clause */
/* By which security a message went, for every version of Postfix. */
#include "classify_help.h"

struct row {
	const char *what;
	struct delivery d;
	enum security want;
	enum evidence evidence;
	bool doubt;
};

static const struct classify_options plain, half = { .halfdane_is_dane = true },
    assume = { .assume_tls_logged = true };

static void check_sent(const struct row *rows, size_t count, const struct classify_options *options)
{
	for (size_t i = 0; i < count; i++) {
		struct delivery d = rows[i].d;
		struct verdict v;

		d.status = STATUS_SENT;
		classify(options, &d, &v);
		if (v.kind != VERDICT_SENT || v.security != rows[i].want ||
		    v.evidence != rows[i].evidence || (v.doubt != NULL) != rows[i].doubt ||
		    v.fault != NULL)
			fail_msg("%s: kind %d, security %d, evidence %d, doubt %s", rows[i].what,
			    (int)v.kind, (int)v.security, (int)v.evidence,
			    v.doubt != NULL ? v.doubt : "-");
	}
}
#define CHECK(rows, options) check_sent(rows, COUNT_OF(rows), options)

#define F EVIDENCE_FEATURE
#define P EVIDENCE_PROOF
#define J EVIDENCE_JOIN
#define L EVIDENCE_SUMMARY
#define S EVIDENCE_SILENCE

static void types_have_the_names_of_the_reports(void **state)
{
	static const char *const names[] = { "SMTP DANE with DNSSEC", "MTA-STS",
		"SMTP DANE with DNSSEC and MTA-STS", "TLS-only", "No TLS", "DANE or MTA-STS",
		"Unknown", "TLS required" };

	(void)state;
	assert_int_equal(COUNT_OF(names), SECURITY_NAMED);
	for (int i = 0; i < SECURITY_NAMED; i++)
		assert_string_equal(security_name((enum security)i), names[i]);
	assert_string_equal(security_name(SECURITY_UNLOGGED), "Unknown");
}

static void from_3_11_on_tls_tells_the_level(void **state)
{
	static const struct row rows[] = {
		{ "dane", { MET(DANE) }, SECURITY_DANE, F, false },
		{ "dane-only", { MET(DANE_ONLY) }, SECURITY_DANE, F, false },
		{ "halfdane", { MET(HALFDANE) }, SECURITY_TLS, F, false },
		{ "dane:halfdane", { DOWN(DANE, HALFDANE) }, SECURITY_TLS, F, false },
		{ "dane:encrypt", { DOWN(DANE, ENCRYPT) }, SECURITY_TLS, F, false },
		{ "secure", { MET(SECURE) }, SECURITY_STS, F, true },
		{ "verify", { MET(VERIFY) }, SECURITY_TLS, F, false },
		{ "fingerprint", { MET(FINGERPRINT) }, SECURITY_TLS, F, false },
		{ "encrypt", { MET(ENCRYPT) }, SECURITY_TLS, F, false },
		{ "may", { MET(MAY) }, SECURITY_TLS, F, false },
		{ "none", { MET(NONE) }, SECURITY_NO_TLS, F, false },
		{ "may:none", { DOWN(MAY, NONE) }, SECURITY_NO_TLS, F, false },
		{ "may:none?", { .tls = { .level = LEVEL_MAY, .downgrade = LEVEL_NONE,
		    .open = true } }, SECURITY_NO_TLS, F, false },
		{ "a word of a later version", { MET(OTHER) }, SECURITY_UNKNOWN, F, true },
		{ "dane:word", { DOWN(DANE, OTHER) }, SECURITY_UNKNOWN, F, true },
		{ "!dane", { BROKEN(DANE) }, SECURITY_UNKNOWN, F, true },
		{ "!unknown", { BROKEN(UNKNOWN) }, SECURITY_UNKNOWN, F, true },
		/* It says more than the session line, which it may have beside it. */
		{ "may, trusted", { MET(MAY), SEEN(TRUSTED) }, SECURITY_TLS, F, false },
		{ "may:none after a session", { DOWN(MAY, NONE), SEEN(UNTRUSTED) },
		    SECURITY_NO_TLS, F, false },
	};

	(void)state;
	CHECK(rows, &plain);
	CHECK(rows, &assume);
}

static void a_connection_used_again_is_of_its_level(void **state)
{
	static const struct row rows[] = {
		{ "dane?", { OPEN(DANE) }, SECURITY_DANE, F, false },
		{ "dane?, reused", { OPEN(DANE), SEEN(VERIFIED) }, SECURITY_DANE, F, false },
		{ "secure?", { OPEN(SECURE) }, SECURITY_STS, F, true },
		{ "encrypt?", { OPEN(ENCRYPT) }, SECURITY_TLS, F, false },
		{ "halfdane?", { OPEN(HALFDANE) }, SECURITY_TLS, F, false },
		{ "none?", { OPEN(NONE) }, SECURITY_NO_TLS, F, false },
		{ "may?, reused", { OPEN(MAY), SEEN(UNTRUSTED) }, SECURITY_TLS, F, false },
		{ "may? alone", { OPEN(MAY) }, SECURITY_NO_TLS, S, false },
		{ "may? alone, cut", { OPEN(MAY), .cut = true }, SECURITY_UNLOGGED, S, true },
		{ "cut", { .cut = true }, SECURITY_UNLOGGED, S, true },
		{ "cut, none", { MET(NONE), .cut = true }, SECURITY_NO_TLS, F, false },
		{ "unknown?, reused", { OPEN(UNKNOWN), SEEN(TRUSTED) }, SECURITY_TLS, L, false },
		{ "unknown? alone", { OPEN(UNKNOWN) }, SECURITY_UNLOGGED, S, true },
	};

	(void)state;
	CHECK(rows, &plain);
}

static void halfdane_is_what_the_option_says(void **state)
{
	static const struct row rows[] = {
		{ "halfdane", { MET(HALFDANE) }, SECURITY_DANE, F, false },
		{ "halfdane?", { OPEN(HALFDANE) }, SECURITY_DANE, F, false },
		{ "proved", { SEEN(TRUSTED), BY(DANE) }, SECURITY_DANE, P, false },
		{ "trusted may be it", { SEEN(TRUSTED) }, SECURITY_TLS, L, true },
		{ "2.11", { SEEN(VERIFIED), KNOWN("dane", HALF, ABSENT) }, SECURITY_DANE, J,
		    false },
	};

	(void)state;
	CHECK(rows, &half);
}

static void certmatch_proves_it_up_to_3_10(void **state)
{
	static const struct row rows[] = {
		{ "TLSA, verified", { SEEN(VERIFIED), BY(DANE) }, SECURITY_DANE, P, false },
		{ "TLSA, trusted", { SEEN(TRUSTED), BY(DANE) }, SECURITY_TLS, P, false },
		{ "name", { SEEN(VERIFIED), BY(NAME) }, SECURITY_STS, P, true },
		{ "name by a CA, level may", { SEEN(TRUSTED), BY(NAME) }, SECURITY_TLS, L, false },
		{ "fingerprint", { SEEN(VERIFIED), BY(FINGERPRINT) }, SECURITY_TLS, P, false },
		{ "name, TLSA known", { SEEN(VERIFIED), BY(NAME), KNOWN("dane-only", FULL, ABSENT) },
		    SECURITY_DANE, J, false },
		{ "name, STS known", { SEEN(VERIFIED), BY(NAME), KNOWN("secure", NONE, ENFORCE) },
		    SECURITY_STS, P, false },
		{ "name, none known", { SEEN(VERIFIED), BY(NAME), KNOWN("NOTFOUND", NONE, ABSENT) },
		    SECURITY_TLS, J, false },
		{ "name at a smarthost", { SEEN(VERIFIED), BY(NAME), .smarthost = true },
		    SECURITY_TLS, P, false },
	};

	(void)state;
	CHECK(rows, &plain);
}

static void the_session_line_alone_tells_what_it_can(void **state)
{
	static const struct row rows[] = {
		{ "verified", { SEEN(VERIFIED) }, SECURITY_EITHER, L, true },
		{ "trusted", { SEEN(TRUSTED) }, SECURITY_TLS, L, false },
		{ "untrusted", { SEEN(UNTRUSTED) }, SECURITY_TLS, L, false },
		{ "anonymous", { SEEN(ANONYMOUS) }, SECURITY_TLS, L, false },
		{ "none", { .place = 1 }, SECURITY_UNLOGGED, S, true },
		{ "TLSRPT tells no type", { SEEN(VERIFIED), RPT(SUCCESS) }, SECURITY_EITHER, L,
		    true },
	};
	static const struct row assumed[] = {
		{ "none", { .place = 1 }, SECURITY_NO_TLS, S, false },
		{ "demanded", { KNOWN("dane-only", FULL, ABSENT) }, SECURITY_UNKNOWN,
		    EVIDENCE_CUT, true },
	};

	(void)state;
	CHECK(rows, &plain);
	CHECK(assumed, &assume);
}

static void danestsd_tells_which_one_verified_it(void **state)
{
	static const struct row rows[] = {
		{ "full", { SEEN(VERIFIED), KNOWN("dane-only", FULL, ABSENT) }, SECURITY_DANE, J,
		    false },
		{ "partial", { SEEN(VERIFIED), KNOWN("dane", PARTIAL, TESTING) }, SECURITY_DANE, J,
		    false },
		{ "sts", { SEEN(VERIFIED), KNOWN("secure", NONE, ENFORCE) }, SECURITY_STS, J, false },
		{ "sts, half", { SEEN(VERIFIED), KNOWN("secure", HALF, ENFORCE) }, SECURITY_STS, J,
		    false },
		{ "both", { SEEN(VERIFIED), KNOWN("dane-only", FULL, ENFORCE) }, SECURITY_BOTH, J,
		    false },
		{ "both, mixed", { SEEN(VERIFIED), KNOWN("dane-only", PARTIAL, ENFORCE) },
		    SECURITY_BOTH, J, false },
		{ "neither", { SEEN(VERIFIED), KNOWN("NOTFOUND", NONE, ABSENT) }, SECURITY_TLS, J,
		    false },
		{ "half", { SEEN(VERIFIED), KNOWN("dane", HALF, ABSENT) }, SECURITY_EITHER, L, true },
		{ "held before", { SEEN(VERIFIED), TEMP("dns-query-failed", ERROR, UNKNOWN) },
		    SECURITY_EITHER, L, true },
		{ "not verified", { SEEN(TRUSTED), KNOWN("dane-only", FULL, ENFORCE) },
		    SECURITY_TLS, L, false },
		{ "own policy", { SEEN(VERIFIED), OWN("secure", NONE, ABSENT) }, SECURITY_TLS, J,
		    false },
		{ "own dane-only", { SEEN(VERIFIED), OWN("dane-only", NONE, ABSENT) },
		    SECURITY_DANE, J, false },
		{ "own fingerprint", { SEEN(VERIFIED), OWN("fingerprint", NONE, ABSENT) },
		    SECURITY_TLS, J, false },
		{ "no-dane", { SEEN(VERIFIED), OWN("secure", FULL, ENFORCE) }, SECURITY_STS, J,
		    false },
		{ "smarthost", { SEEN(VERIFIED), .smarthost = true,
		    KNOWN("dane-only", FULL, ABSENT) }, SECURITY_EITHER, L, true },
		{ "a lost line", { KNOWN("secure", NONE, ENFORCE) }, SECURITY_UNKNOWN,
		    EVIDENCE_CUT, true },
		{ "dane may be in the clear", { KNOWN("dane", PARTIAL, ABSENT) }, SECURITY_UNLOGGED,
		    S, true },
	};

	(void)state;
	CHECK(rows, &plain);
}

static void both_takes_danestsd_also_with_tls(void **state)
{
	static const struct row rows[] = {
		{ "dane", { MET(DANE), KNOWN("dane-only", FULL, ENFORCE) }, SECURITY_BOTH, J, false },
		{ "dane?", { OPEN(DANE_ONLY), KNOWN("dane-only", PARTIAL, ENFORCE) }, SECURITY_BOTH,
		    J, false },
		{ "testing", { MET(DANE), KNOWN("dane-only", FULL, TESTING) }, SECURITY_DANE, F,
		    false },
		{ "secure", { MET(SECURE), KNOWN("secure", FULL, ENFORCE) }, SECURITY_BOTH, J,
		    false },
		/* This MX host perhaps has no TLSA records. */
		{ "secure, partial", { MET(SECURE), KNOWN("secure", PARTIAL, ENFORCE) },
		    SECURITY_STS, F, false },
		{ "secure, half", { MET(SECURE), KNOWN("secure", HALF, ENFORCE) }, SECURITY_STS, F,
		    false },
		{ "own secure", { MET(SECURE), OWN("secure", NONE, ABSENT) }, SECURITY_TLS, J,
		    false },
		{ "no-dane", { MET(SECURE), OWN("secure", FULL, ENFORCE) }, SECURITY_STS, F, false },
		{ "secure of no policy", { MET(SECURE), KNOWN("NOTFOUND", NONE, TESTING) },
		    SECURITY_TLS, J, false },
		{ "secure at a smarthost", { MET(SECURE), .smarthost = true }, SECURITY_TLS, F,
		    false },
		{ "halfdane", { MET(HALFDANE), KNOWN("dane", HALF, ABSENT) }, SECURITY_TLS, F,
		    false },
		{ "may", { MET(MAY), KNOWN("dane-only", FULL, ENFORCE) }, SECURITY_TLS, F, false },
	};

	(void)state;
	CHECK(rows, &plain);
}

static void probes_are_no_mail(void **state)
{
	struct delivery d = { .status = STATUS_PROBE, MET(DANE),
		.statement = STATEMENT_NOT_OFFERED };
	struct verdict v;

	(void)state;
	classify(&plain, &d, &v);
	assert_int_equal(v.kind, VERDICT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_have_the_names_of_the_reports),
		cmocka_unit_test(from_3_11_on_tls_tells_the_level),
		cmocka_unit_test(a_connection_used_again_is_of_its_level),
		cmocka_unit_test(halfdane_is_what_the_option_says),
		cmocka_unit_test(certmatch_proves_it_up_to_3_10),
		cmocka_unit_test(the_session_line_alone_tells_what_it_can),
		cmocka_unit_test(danestsd_tells_which_one_verified_it),
		cmocka_unit_test(both_takes_danestsd_also_with_tls),
		cmocka_unit_test(probes_are_no_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
