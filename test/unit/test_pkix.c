/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cert/pkix.h"
#include "tls_help.h"

#define DAY 86400

struct expect {
	const char *anchors, *chain;
	enum pkix_fault fault;
	const char *why;
};

static void one(const struct expect *e, time_t now)
{
	gnutls_x509_trust_list_t anchors = tls_anchors(e->anchors);
	char why[CERT_WHY] = "";
	enum pkix_fault fault;
	struct chain chain;

	tls_chain(&chain, e->chain);
	fault = pkix_path(anchors, &chain, now, why);
	if (fault != e->fault || strcmp(why, e->why) != 0)
		fail_msg("%s | %s: %u \"%s\", not %u \"%s\"", e->chain, e->anchors, fault, why,
		    e->fault, e->why);
	chain_free(&chain);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

#define ALL(table) \
	for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) \
		one(&(table)[i], TLS_NOW)

static void U8_good_chains_are_good(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf inter", PKIX_GOOD, "" },
		{ "root", "leaf inter root", PKIX_GOOD, "" },
		{ "inter", "leaf inter", PKIX_GOOD, "" },
		{ "inter", "leaf inter root", PKIX_GOOD, "" },
		{ "inter", "leaf", PKIX_GOOD, "" },      /* U10: the anchor is not sent */
		{ "root", "leaf-root", PKIX_GOOD, "" },
		{ "stranger root", "leaf inter", PKIX_GOOD, "" },
		{ "rsa-root", "rsa-leaf", PKIX_GOOD, "" },
		{ "ed-root", "ed-leaf", PKIX_GOOD, "" },
		{ "pss-root", "pss-leaf", PKIX_GOOD, "" },
		{ "pss-long-root", "pss-long-leaf", PKIX_GOOD, "" },
	};

	(void)state;
	ALL(table);
}

static void order_and_what_else_is_sent_do_not_matter(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf root inter", PKIX_GOOD, "" },
		{ "root", "leaf stranger rsa-root inter self", PKIX_GOOD, "" },
		{ "root", "leaf inter inter leaf leaf", PKIX_GOOD, "" },
		{ "root", "leaf inter-forged leaf-over inter", PKIX_GOOD, "" },
		/* Over, but not on the way. */
		{ "root", "leaf inter-cross old-root inter", PKIX_GOOD, "" },
		{ "root old-root", "leaf inter-cross inter", PKIX_GOOD, "" },
		{ "root", "leaf inter root-cross old-root", PKIX_GOOD, "" },
		{ "root old-root", "leaf inter root-cross", PKIX_GOOD, "" },
		/* The first way that looks right leads astray. */
		{ "root", "leaf inter-stranger stranger inter root", PKIX_GOOD, "" },
		{ "root-expired root-renewed", "leaf inter", PKIX_GOOD, "" },
		{ "root-renewed root-expired", "leaf inter", PKIX_GOOD, "" },
	};

	(void)state;
	ALL(table);
}

static void what_expired_on_the_way_is_told(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-over inter", PKIX_EXPIRED, "certificate expired on 2026-02-03" },
		{ "root", "leaf-of-over inter-over", PKIX_EXPIRED,
		  "a certificate of the chain expired on 2026-02-03" },
		/* rules.md 5.12: an anchor, too, be it a root or not */
		{ "root-over", "leaf-root-over", PKIX_EXPIRED,
		  "the trust anchor expired on 2026-02-03" },
		{ "root-over", "leaf-root-over root-over", PKIX_EXPIRED,
		  "the trust anchor expired on 2026-02-03" },
		{ "inter-over", "leaf-of-over inter-over root", PKIX_EXPIRED,
		  "the trust anchor expired on 2026-02-03" },
		{ "old-root", "leaf inter-cross", PKIX_EXPIRED,
		  "a certificate of the chain expired on 2026-02-03" },
	};

	(void)state;
	ALL(table);
}

/* spec.md section 8: expired, then untrusted. */
static void expired_comes_before_everything_else(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-over-stranger stranger", PKIX_EXPIRED,
		  "certificate expired on 2026-02-03" },
		{ "root", "leaf-over", PKIX_EXPIRED, "certificate expired on 2026-02-03" },
		{ "root", "leaf-over-client inter", PKIX_EXPIRED,
		  "certificate expired on 2026-02-03" },
		{ "stranger", "leaf-of-over inter-over", PKIX_EXPIRED,
		  "a certificate of the chain expired on 2026-02-03" },
	};

	(void)state;
	ALL(table);
}

static void a_way_that_is_trusted_says_more_than_one_that_is_not(void **state)
{
	static const struct expect table[] = {
		/* By the forged one it would be untrusted, first of all. */
		{ "root", "leaf-of-early inter-early inter-forged", PKIX_UNTRUSTED,
		  "a certificate of the chain becomes valid on 2026-07-08" },
		{ "root old-root", "leaf-inter-forged inter-forged", PKIX_UNTRUSTED,
		  "certificate's signature is wrong" },
	};

	(void)state;
	ALL(table);
}

static void not_yet_valid_is_untrusted(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-early inter", PKIX_UNTRUSTED,
		  "certificate becomes valid on 2026-07-08" },
		{ "root", "leaf-of-early inter-early", PKIX_UNTRUSTED,
		  "a certificate of the chain becomes valid on 2026-07-08" },
		{ "inter-early", "leaf-of-early", PKIX_UNTRUSTED,
		  "the trust anchor becomes valid on 2026-07-08" },
	};

	(void)state;
	ALL(table);
}

static void the_time_is_the_callers(void **state)
{
	static const struct expect good = { "root", "leaf inter", PKIX_GOOD, "" };
	static const struct expect early = { "root", "leaf inter", PKIX_UNTRUSTED,
		"certificate becomes valid on 2026-01-01" };
	static const struct expect late = { "root", "leaf inter", PKIX_EXPIRED,
		"certificate expired on 2027-01-01" };
	static const struct expect ended = { "root", "leaf-forever inter", PKIX_EXPIRED,
		"a certificate of the chain expired on 2027-01-01" };
	const time_t begin = 1767225600, end = 1798761600;

	(void)state;
	one(&early, 0);
	one(&early, begin - 1);
	one(&good, begin);
	one(&good, end);
	one(&late, end + 1);
	one(&late, end + (time_t)100 * 366 * DAY);
	one(&ended, end + (time_t)100 * 366 * DAY); /* 9999-12-31: without end */
}

static void what_an_issuer_may_not_is_refused(void **state)
{
	static const char constraints[] = "certificate breaks the constraints of its issuer";
	static const char no_ca[] = "certificate was issued by one that may not";
	static const struct expect table[] = {
		{ "root-path0", "leaf-path0 inter-path0", PKIX_UNTRUSTED, constraints }, /* U9 */
		{ "root-path0", "leaf-path0-direct", PKIX_GOOD, "" },
		{ "root-path0", "leaf-path0 inter-path0 root-path0", PKIX_UNTRUSTED, constraints },
		{ "root-org", "leaf-org-com", PKIX_UNTRUSTED, constraints },
		{ "root-org", "leaf-org-com root-org", PKIX_UNTRUSTED, constraints },
		{ "root-org", "leaf-org-org", PKIX_GOOD, "" },
		{ "root", "leaf-not-com inter-not-com", PKIX_UNTRUSTED, constraints },
		{ "inter-not-com", "leaf-not-com inter-not-com", PKIX_UNTRUSTED, constraints },
		{ "root", "leaf-no-sign inter-no-sign", PKIX_UNTRUSTED, constraints },
		{ "inter-no-sign", "leaf-no-sign", PKIX_UNTRUSTED, constraints },
		{ "root", "leaf-not-ca inter-not-ca", PKIX_UNTRUSTED, no_ca },
		{ "root", "leaf-no-basic inter-no-basic", PKIX_UNTRUSTED, no_ca },
		{ "root", "leaf-by-leaf leaf inter", PKIX_UNTRUSTED, no_ca },
		{ "leaf", "leaf-by-leaf leaf inter", PKIX_UNTRUSTED, no_ca },
		{ "anchor-not-ca", "leaf-anchor-not-ca", PKIX_UNTRUSTED, no_ca },
		{ "root-no-basic", "leaf-root-no-basic", PKIX_UNTRUSTED, no_ca },
		{ "root-only-sign", "leaf-root-only-sign", PKIX_UNTRUSTED, no_ca },
		{ "inter-no-basic", "leaf-no-basic", PKIX_UNTRUSTED, no_ca },
		/* One of version 1 cannot say what it is: a root may be one. */
		{ "v1-root", "leaf-v1-root", PKIX_GOOD, "" },
		{ "v1-root", "leaf-v1-inter v1-inter", PKIX_UNTRUSTED, no_ca },
		{ "v1-inter", "leaf-v1-inter", PKIX_UNTRUSTED, no_ca },
	};

	(void)state;
	ALL(table);
}

static void purposes_and_extensions(void **state)
{
	static const char issuer[] =
	    "certificate was issued by one that may not issue for servers";
	static const char critical[] =
	    "certificate has a critical extension that is not known";
	static const struct expect table[] = {
		{ "root", "leaf-client inter", PKIX_UNTRUSTED, "certificate is not for servers" },
		{ "root", "leaf-any inter", PKIX_UNTRUSTED, "certificate is not for servers" },
		{ "root", "inter", PKIX_UNTRUSTED, "certificate is not for servers" },
		{ "root", "leaf-no-purpose inter", PKIX_GOOD, "" },
		{ "root", "leaf-of-client inter-client", PKIX_UNTRUSTED, issuer },
		{ "inter-client", "leaf-of-client", PKIX_UNTRUSTED, issuer },
		{ "root-client", "leaf-root-client", PKIX_UNTRUSTED, issuer },
		{ "root", "leaf-critical inter", PKIX_UNTRUSTED, critical },
		{ "root", "leaf-uncritical inter", PKIX_GOOD, "" },
		{ "root", "leaf-of-critical inter-critical", PKIX_UNTRUSTED, critical },
	};

	(void)state;
	ALL(table);
}

static void what_is_weak_is_refused(void **state)
{
	static const char words[] = "certificate uses a key or signature that is too weak";
	static const struct expect table[] = {
		{ "rsa-root", "leaf-sha1", PKIX_UNTRUSTED, words },
		{ "rsa-root", "leaf-md5", PKIX_UNTRUSTED, words },
		{ "root", "leaf-rsa1024 inter", PKIX_UNTRUSTED, words },
		{ "root-rsa1024", "leaf-root-rsa1024", PKIX_UNTRUSTED, words },
		{ "root-sha1", "leaf-root-sha1", PKIX_GOOD, "" }, /* nobody relies on it */
		{ "root-sha1", "leaf-root-sha1 root-sha1", PKIX_GOOD, "" },
	};

	(void)state;
	ALL(table);
}

static void keys_that_would_take_an_hour_are_refused(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-huge inter-huge", PKIX_UNTRUSTED, "an issuer's key is too large" },
		{ "inter-huge", "leaf-huge", PKIX_UNTRUSTED, "an issuer's key is too large" },
		{ "root", "leaf-odd inter-odd", PKIX_UNTRUSTED, "an issuer's key is too large" },
	};

	(void)state;
	ALL(table);
}

/* rules.md 5.2 */
static void an_anchor_that_did_not_issue_is_of_no_use(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-stranger stranger root", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=stranger" },
		{ "root", "leaf-stranger stranger inter root", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=stranger" },
		{ "root", "leaf-stranger root", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=stranger" },
		{ "root", "leaf", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=inter" },
		{ "root", "self root", PKIX_UNTRUSTED, "certificate is self-signed" },
		{ "root", "leaf-forged inter", PKIX_UNTRUSTED, "certificate's signature is wrong" },
		{ "inter", "leaf-forged inter", PKIX_UNTRUSTED,
		  "certificate's signature is wrong" },
		{ "root", "leaf-inter-forged inter-forged", PKIX_UNTRUSTED,
		  "certificate's signature is wrong" },
		{ "", "leaf inter root", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=root" },
	};

	(void)state;
	ALL(table);
}

/* rules.md 5.12: an anchor is at depth 1 or above. */
static void the_first_certificate_is_not_its_own_anchor(void **state)
{
	static const struct expect table[] = {
		{ "leaf", "leaf inter", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=root" },
		{ "leaf", "leaf leaf", PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=inter" },
		{ "self", "self", PKIX_UNTRUSTED, "certificate is self-signed" },
		{ "self-ca", "self-ca", PKIX_UNTRUSTED, "certificate is self-signed" },
		{ "self-ca", "self-ca self-ca", PKIX_UNTRUSTED, "certificate is self-signed" },
	};

	(void)state;
	ALL(table);
}

static void knots_come_to_an_end(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf-knot knot-a knot-b knot-a knot-b knot-a knot-b knot-a knot-b "
		  "knot-a knot-b knot-a knot-b knot-a knot-b knot-a knot-b knot-a knot-b",
		  PKIX_UNTRUSTED,
		  "certificate's issuer is not trusted: CN=knot-a" },
		{ "root", "leaf-twin twin0 twin1 twin2 twin3 twin4 twin5 twin6 twin7",
		  PKIX_UNTRUSTED, "certificate's signature is wrong" },
		{ "root", "leaf-twin twin0 twin1 twin2 twin3 twin4 twin5 twin6 twin7 twin",
		  PKIX_UNTRUSTED, "certificate's signature is wrong" },
		{ "twin", "leaf-twin twin0 twin1 twin2 twin3 twin4 twin5 twin6 twin7",
		  PKIX_GOOD, "" },
	};

	(void)state;
	ALL(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U8_good_chains_are_good),
		cmocka_unit_test(order_and_what_else_is_sent_do_not_matter),
		cmocka_unit_test(what_expired_on_the_way_is_told),
		cmocka_unit_test(expired_comes_before_everything_else),
		cmocka_unit_test(a_way_that_is_trusted_says_more_than_one_that_is_not),
		cmocka_unit_test(not_yet_valid_is_untrusted),
		cmocka_unit_test(the_time_is_the_callers),
		cmocka_unit_test(what_an_issuer_may_not_is_refused),
		cmocka_unit_test(purposes_and_extensions),
		cmocka_unit_test(what_is_weak_is_refused),
		cmocka_unit_test(keys_that_would_take_an_hour_are_refused),
		cmocka_unit_test(an_anchor_that_did_not_issue_is_of_no_use),
		cmocka_unit_test(the_first_certificate_is_not_its_own_anchor),
		cmocka_unit_test(knots_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
