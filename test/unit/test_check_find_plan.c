/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of the future: is a host ready for the next certificate and the next key? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"

/* The second of them is neither good nor bad: no sender looks at it. */
static void expect_state(const char *tlsa)
{
	const struct said said[] = { SECURE_MX, { TLSA_MX, tlsa } };
	struct world w;

	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", "leaf inter");
	assert_int_equal(check_record_state(&w.d, &w.d.hosts[0], 0), 1);
	assert_true(check_record_weak(danests_policy_host(w.d.policy, 0), 1));
	assert_int_equal(check_record_state(&w.d, &w.d.hosts[0], 1), -1);
	world_free(&w);
}

static void one_key_is_not_ready_for_the_next_one(void **state)
{
	(void)state;
	expect_look("secure 3 1 1 leaf", "leaf inter", 0, CHECK_NOTE, NULL, "not ready for a new key");
}

static void a_second_key_or_an_anchor_beside_it_is(void **state)
{
	(void)state;
	expect_look("secure 3 1 1 leaf; 3 1 1 self", "leaf inter", 0, CHECK_GOOD, NULL,
	    "a second record, 3 1 1, is published, and for no key in use");
	expect_look("secure 3 1 1 leaf; 2 1 1 inter", "leaf inter", 0, CHECK_GOOD, NULL,
	    "a DANE-TA record matches as well");
}

static void no_second_key_is_claimed_that_is_not_there(void **state)
{
	(void)state;
	/* One key twice; digests of all kinds. */
	expect_look("secure 3 1 0 leaf; 3 1 2 leaf", "leaf inter", 0, CHECK_NOTE, NULL, "not ready");
	expect_look("secure 3 1 0 leaf; 3 1 2 self", "leaf inter", 0, CHECK_GOOD, NULL,
	    "a second record, 3 1 2, ");
	/* So many are of the past. */
	expect_look("secure 3 1 1 leaf; 3 1 1 self; 3 1 1 inter; 3 1 1 root; 3 1 1 rsa-root",
	    "leaf inter", 0, CHECK_NOTE, NULL, "of old keys");
	expect_look("secure 3 1 1 leaf; 3 1 1 self; 3 1 1 inter; 3 1 1 root; 3 1 1 rsa-root",
	    "leaf inter", 0, CHECK_NOTE, NULL, "4 of 5 TLSA records would not let the server");
}

static void with_anchors_alone_the_anchor_s_life_is_told(void **state)
{
	(void)state;
	expect_look("secure 2 0 1 inter", "leaf inter", 2, CHECK_NOTE, NULL,
	    "the lifetime of the anchor decides, which expires in");
}

/* U6: what is not looked at is no second key */
static void a_weaker_digest_beside_a_stronger_one_is_there_in_vain(void **state)
{
	(void)state;
	expect_look("secure 3 1 2 leaf; 3 1 1 self", "leaf inter", 0, CHECK_NOTE, NULL, "not ready");
	expect_look("secure 3 1 2 leaf; 3 1 1 self", "leaf inter", 0, CHECK_NOTE, NULL, "not looked at");
	expect_state("secure 3 1 2 leaf; 3 1 1 leaf");
	expect_look("secure 3 1 2 leaf; 3 1 2 self", "leaf inter", 0, CHECK_GOOD, NULL,
	    "a second record, 3 1 2, ");
}

static void a_record_of_one_certificate_breaks_with_the_next(void **state)
{
	(void)state;
	expect_look("secure 3 0 1 leaf", "leaf inter", 2, CHECK_WARNING, "tlsa-invalid",
	    "from the next renewal on");
	expect_look("secure 3 0 1 leaf; 3 0 1 self", "leaf inter", 0, CHECK_NOTE, NULL,
	    "perhaps for the next one");
}

static void and_soon_when_the_next_one_is_due(void **state)
{
	static const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 3 0 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", said);
	w.d.now = 1798761600 - 20 * 86400;
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 2);
	expect_finding(&w, CHECK_SOON, "tlsa-invalid", "mx.example.com",
	    "which expires in 20 days: mail");
	world_free(&w);
}

static void an_anchor_of_a_public_authority_may_change_at_any_time(void **state)
{
	const struct said said[] = { SECURE_MX, { TLSA_MX, "secure 2 1 1 inter" } };
	struct world w;

	(void)state;
	expect_look("secure 2 1 1 inter", "leaf inter", 2, CHECK_WARNING, NULL, "public authority");
	WORLD(&w, "example.com", said);
	danests_trust_unref(w.trust);
	w.trust = trust_of("rsa-root"); /* and one of one's own does not */
	see_chain(&w, "192.0.2.1", "leaf inter");
	find(&w, 0);
	expect_nothing(&w, "public authority");
	world_free(&w);
}

static void records_that_match_nothing_beside_one_that_does_are_told(void **state)
{
	(void)state;
	expect_look("secure 3 1 1 leaf; 3 0 1 self; 2 0 1 self", "leaf inter", 0, CHECK_NOTE, NULL,
	    "2 of 3 TLSA records would not let the server pass");
}

/* RFC 7672 3.2.2: also for the name of the domain, when the MX records are secure */
static void a_record_alone_is_judged_with_all_names(void **state)
{
	const struct said said[] = { { "MX example.com", "secure 10 other.example.net" },
	    { "ADDR other.example.net", "secure 192.0.2.1" },
	    { "TLSA _25._tcp.other.example.net", "secure 2 1 1 inter; 3 1 1 self" } };
	struct world w;

	(void)state;
	/* The certificate is for mx.example.com only, which is the domain here. */
	world_make(&w, "mx.example.com", (const struct said[]){
	    { "MX mx.example.com", said[0].answer }, said[1], said[2] }, 3);
	see_chain(&w, "192.0.2.1", "leaf inter");
	assert_int_equal(w.d.hosts[0].addresses[0].verdict.dane.state, DANESTS_PASS);
	assert_true(check_record_passes(&w.d, &w.d.hosts[0], 0));
	assert_false(check_record_passes(&w.d, &w.d.hosts[0], 1));
	world_free(&w);
}

static void without_connections_the_number_of_records_counts(void **state)
{
	static const struct said key[] = { SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" } };
	static const struct said cert[] = { SECURE_MX, { TLSA_MX, "secure 3 0 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", key);
	see_nothing(&w);
	find(&w, 0);
	expect_finding(&w, CHECK_NOTE, NULL, "mx.example.com", "not ready for a new key");
	world_free(&w);
	WORLD(&w, "example.com", cert);
	see_nothing(&w);
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, NULL, "mx.example.com", "from the next renewal on");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_key_is_not_ready_for_the_next_one),
		cmocka_unit_test(a_second_key_or_an_anchor_beside_it_is),
		cmocka_unit_test(no_second_key_is_claimed_that_is_not_there),
		cmocka_unit_test(with_anchors_alone_the_anchor_s_life_is_told),
		cmocka_unit_test(a_weaker_digest_beside_a_stronger_one_is_there_in_vain),
		cmocka_unit_test(a_record_of_one_certificate_breaks_with_the_next),
		cmocka_unit_test(and_soon_when_the_next_one_is_due),
		cmocka_unit_test(an_anchor_of_a_public_authority_may_change_at_any_time),
		cmocka_unit_test(records_that_match_nothing_beside_one_that_does_are_told),
		cmocka_unit_test(a_record_alone_is_judged_with_all_names),
		cmocka_unit_test(without_connections_the_number_of_records_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
