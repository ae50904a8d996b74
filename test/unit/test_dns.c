/* SPDX-License-Identifier: BSD-2-Clause */
/* dns.c and dns_convert.c over a back end that is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "dns_play.h"
#include "parse/dnsmsg.h"
#include "source/dns_convert.h"

/* ---- Claims ---- */

static void N10_an_unfinished_alias_is_asked_on(void **state)
{
	struct world *w = *state;
	const struct answer *a;

	play_cname(play_script("a.example", DNS_TLSA, 0, true), "a.example", "b.example");
	play_cname(play_script("b.example", DNS_TLSA, 0, true), "b.example", "c.example");
	play_bytes(play_script("c.example", DNS_TLSA, 0, true), "c.example", DNS_TLSA, 300,
	    "\3\1\1xyz", 6);
	a = play_ask(w, "TLSA a.example");
	assert_int_equal(a->state, ANSWER_SECURE);
	assert_string_equal(a->alias, "c.example");
	assert_int_equal(a->count, 1);
	assert_string_equal(play.asked[2], "c.example");
}

static void N9_one_insecure_stage_makes_it_all_insecure(void **state)
{
	struct world *w = *state;

	play_cname(play_script("a.example", DNS_TLSA, 0, false), "a.example", "b.example");
	play_bytes(play_script("b.example", DNS_TLSA, 0, true), "b.example", DNS_TLSA, 300,
	    "\3\1\1xyz", 6);
	assert_int_equal(play_ask(w, "TLSA a.example")->state, ANSWER_INSECURE);
}

static void N10_an_error_at_any_stage_fails_the_whole(void **state)
{
	struct world *w = *state;

	play_cname(play_script("a.example", DNS_TLSA, 0, true), "a.example", "b.example");
	(void)play_script("b.example", DNS_TLSA, 0, true);
	play.script[1].failure = FAILURE_SERVFAIL;
	assert_int_equal(play_ask(w, "TLSA a.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_SERVFAIL);
}

static void N10_an_endless_chain_fails(void **state)
{
	struct world *w = *state;
	char name[2][16];

	for (int i = 0; i < 9; i++) {
		snprintf(name[0], sizeof(name[0]), "n%d.example", i);
		snprintf(name[1], sizeof(name[1]), "n%d.example", i + 1);
		play_cname(play_script(name[0], DNS_MX, 0, true), name[0], name[1]);
	}
	assert_int_equal(play_ask(w, "MX n0.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_MALFORMED);
	assert_int_equal(play.next, 9);
}

static void N3_the_reply_to_another_question_is_none(void **state)
{
	struct world *w = *state;

	play_mx(play_script("other.example", DNS_MX, 0, true), "other.example", 10, "mx.example");
	assert_int_equal(play_ask(w, "MX a.example")->failure, FAILURE_MALFORMED);
}

static void N3_silence_is_a_failure(void **state)
{
	struct world *w = *state;

	play.silent = true;
	assert_int_equal(play_ask(w, "ADDR a.example")->state, ANSWER_FAILED);
	assert_int_equal(w->ask.answer->failure, FAILURE_TIMEOUT);
	assert_int_equal(play.cancelled, 2);
}

static void N3_NXDOMAIN_with_records_is_malformed(void **state)
{
	struct world *w = *state;

	play_mx(play_script("a.example", DNS_MX, 3, true), "a.example", 10, "mx.example");
	assert_int_equal(play_ask(w, "MX a.example")->failure, FAILURE_MALFORMED);
}

static void N5_denials_are_answers(void **state)
{
	struct world *w = *state;

	play_soa(play_script("a.example", DNS_MX, 3, true), "example");
	assert_int_equal(play_ask(w, "MX a.example")->state, ANSWER_ABSENT_SECURE);
	assert_true(w->ask.answer->nxdomain);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	(void)play_script("a.example", DNS_MX, 0, false);
	assert_int_equal(play_ask(w, "MX a.example")->state, ANSWER_ABSENT_INSECURE);
	assert_false(w->ask.answer->nxdomain);
}

/* Once a loopback resolver's empty reply with the AD bit was taken for a proof. */
static void N3_a_secure_denial_needs_a_record_that_denies(void **state)
{
	struct world *w = *state;

	(void)play_script("_25._tcp.a.example", DNS_TLSA, 0, true);
	assert_int_equal(play_ask(w, "TLSA _25._tcp.a.example")->failure, FAILURE_MALFORMED);
}

static void L4_only_the_root_is_null_mx(void **state)
{
	struct world *w = *state;
	struct packet *p;

	play_mx(play_script("a.example", DNS_MX, 0, true), "a.example", 0, ".");
	assert_true(play_ask(w, "MX a.example")->null_mx);
	assert_false(w->ask.answer->null_beside);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	p = play_script("a.example", DNS_MX, 0, true);
	play_mx(p, "a.example", 0, ".");
	play_mx(p, "a.example", 20, "b.example");
	play_mx(p, "a.example", 10, "c.example");
	assert_false(play_ask(w, "MX a.example")->null_mx);
	assert_true(w->ask.answer->null_beside);
	assert_int_equal(w->ask.answer->count, 2);
	assert_string_equal(w->ask.answer->mx[0].host, "c.example");
}

static void L16_a_record_too_short_to_read_is_there(void **state)
{
	struct world *w = *state;

	play_bytes(play_script("a.example", DNS_TLSA, 0, true), "a.example", DNS_TLSA, 300, "\3\1", 2);
	assert_int_equal(play_ask(w, "TLSA a.example")->state, ANSWER_SECURE);
	assert_int_equal(w->ask.answer->count, 1);
	assert_int_equal(w->ask.answer->tlsa[0].len, 0);
}

static void S2_strings_of_one_record_are_joined(void **state)
{
	struct world *w = *state;
	struct packet *p = play_script("_mta-sts.a.example", DNS_TXT, 0, false);

	play_bytes(p, "_mta-sts.a.example", DNS_TXT, 300, "\12v=STSv1; i\5d=77;", 17);
	play_bytes(p, "_mta-sts.a.example", DNS_TXT, 300, "\3foo", 4);
	assert_string_equal(play_ask(w, "STSTXT a.example")->id, "77");
}

static void S3_other_TXT_records_are_no_record(void **state)
{
	struct world *w = *state;

	play_bytes(play_script("_mta-sts.a.example", DNS_TXT, 0, true), "_mta-sts.a.example", DNS_TXT,
	    300, "\3foo", 4);
	assert_int_equal(play_ask(w, "STSTXT a.example")->state, ANSWER_ABSENT_SECURE);
}

static void a_TXT_record_with_damaged_strings_fails(void **state)
{
	struct world *w = *state;

	play_bytes(play_script("_mta-sts.a.example", DNS_TXT, 0, true), "_mta-sts.a.example", DNS_TXT,
	    300, "\11foo", 4);
	assert_int_equal(play_ask(w, "STSTXT a.example")->failure, FAILURE_MALFORMED);
}

/* S2, and nothing is chosen: that is for people. */
static void TXT_records_are_all_there_with_their_octets(void **state)
{
	struct world *w = *state;
	struct packet *p = play_script("_smtp._tls.a.example", DNS_TXT, 0, true);
	const struct answer *a;

	play_bytes(p, "_smtp._tls.a.example", DNS_TXT, 300, "\3v=\377\2x\0", 7);
	play_bytes(p, "_smtp._tls.a.example", DNS_TXT, 300, "\0", 1);
	a = play_ask(w, "TXT _smtp._tls.a.example");
	assert_int_equal(a->state, ANSWER_SECURE);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->raw[0].len, 5);
	assert_memory_equal(a->raw[0].data, "v=\377x\0", 5);
	assert_int_equal(a->raw[1].len, 0);
}

static void TXT_records_are_bounded(void **state)
{
	struct world *w = *state;
	struct packet *p = play_script("a.example", DNS_TXT, 0, false);
	char big[17 * 256];

	for (int i = 0; i < 17; i++)
		memset(big + (ptrdiff_t)i * 256, 255, 256);
	play_bytes(p, "a.example", DNS_TXT, 300, big, sizeof(big));
	for (int i = 0; i < 200; i++)
		play_bytes(p, "a.example", DNS_TXT, 300, "\1x", 2);
	assert_int_equal(play_ask(w, "TXT a.example")->count, 128);
	assert_int_equal(w->ask.answer->raw[0].len, 1);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	play_bytes(play_script("a.example", DNS_TXT, 0, true), "a.example", DNS_TXT, 300, "\5x", 2);
	assert_int_equal(play_ask(w, "TXT a.example")->failure, FAILURE_MALFORMED);
}

static void DS_records_are_as_they_came(void **state)
{
	struct world *w = *state;
	struct packet *p = play_script("example", DNS_DS, 0, true);
	const struct answer *a;

	play_bytes(p, "example", DNS_DS, 300, "\117\146\10\2xyz", 7);
	play_bytes(p, "example", DNS_DS, 300, "\0\1\15\4", 4);
	a = play_ask(w, "DS example");
	assert_int_equal(a->state, ANSWER_SECURE);
	assert_int_equal(a->count, 2);
	assert_memory_equal(a->raw[0].data, "\117\146\10\2xyz", 7);
	assert_int_equal(a->raw[1].len, 4);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	play_soa(play_script("a.example", DNS_DS, 0, true), "example");
	assert_int_equal(play_ask(w, "DS a.example")->state, ANSWER_ABSENT_SECURE);
	answer_unref(w->ask.answer);
	list_remove(&w->ask.arrived);
	p = play_script("example", DNS_DS, 0, true);
	play_bytes(p, "example", DNS_DS, 300, "\0\1\15", 3);
	assert_int_equal(play_ask(w, "DS example")->failure, FAILURE_MALFORMED);
}

static void both_families_become_one_answer(void **state)
{
	struct world *w = *state;

	play_bytes(play_script("a.example", DNS_A, 0, true), "a.example", DNS_A, 1, "\300\0\2\1", 4);
	play_bytes(play_script("a.example", DNS_AAAA, 0, true), "a.example", DNS_AAAA, 999999,
	    "0123456789abcdef", 16);
	assert_int_equal(play_ask(w, "ADDR a.example")->count, 2);
	assert_int_equal(w->ask.answer->addr[0].family, 6);
	assert_in_range(w->ask.answer->expires - clock_now(), ANSWER_TTL_MIN - 2,
	    ANSWER_TTL_MIN);
}

static void times_are_kept_in_bounds(void **state)
{
	struct world *w = *state;
	struct packet *p = play_script("a.example", DNS_TLSA, 0, true);

	play_bytes(p, "a.example", DNS_TLSA, 999999, "\3\1\1x", 4);
	play_ask(w, "TLSA a.example");
	assert_in_range(w->ask.answer->expires - clock_now(), ANSWER_TTL_MAX - 2,
	    ANSWER_TTL_MAX);
}

static void N2_the_way_to_the_resolver_must_be_trusted(void **state)
{
	struct world *w = *state;
	struct dns_conf conf = play_conf(w);
	char problem[DNS_PROBLEM] = "";

	conf.mode = DNS_TRUST_AD;
	conf.resolver = "127.0.0.1 192.0.2.1";
	assert_int_equal(dns_check(&conf, problem), DANESTS_EINVAL);
	assert_non_null(strstr(problem, "N2"));
	conf.resolver = "recursive";
	assert_int_equal(dns_check(&conf, problem), DANESTS_EINVAL);
	conf.resolver = "127.0.0.1";
	conf.stub = "/nonexistent/stub";
	assert_int_equal(dns_check(&conf, problem), DANESTS_ERESOLVER);
	conf.mode = DNS_VALIDATE;
	conf.resolver = "192.0.2.1";
	assert_int_equal(dns_check(&conf, problem), DANESTS_OK);
	conf.trust_anchor = "/nonexistent/anchor";
	assert_int_equal(dns_check(&conf, problem), DANESTS_ERESOLVER);
}

static void why_bogus_is_said_shortly(void **state)
{
	static const struct {
		const char *theirs, *ours;
	} cases[] = {
		{ "validation failure <a. MX IN>: signature expired from 192.0.2.1",
		    "signature expired" },
		{ "validation failure <a. MX IN>: no signatures from 192.0.2.1 for DS a.",
		    "no signatures" },
		{ "validation failure <a. MX IN>: something\x1b new", "something? new" },
		{ "", "" },
	};
	char out[DNS_WHY];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		dns_why_bogus(cases[i].theirs, out);
		assert_string_equal(out, cases[i].ours);
	}
	dns_why_bogus(NULL, out);
	assert_string_equal(out, "");
}

int main(void)
{
#define DNS_TEST(f) cmocka_unit_test_setup_teardown(f, play_setup, play_teardown)
	const struct CMUnitTest tests[] = {
		DNS_TEST(N10_an_unfinished_alias_is_asked_on),
		DNS_TEST(N9_one_insecure_stage_makes_it_all_insecure),
		DNS_TEST(N10_an_error_at_any_stage_fails_the_whole),
		DNS_TEST(N10_an_endless_chain_fails),
		DNS_TEST(N3_the_reply_to_another_question_is_none),
		DNS_TEST(N3_silence_is_a_failure),
		DNS_TEST(N3_NXDOMAIN_with_records_is_malformed),
		DNS_TEST(N5_denials_are_answers),
		DNS_TEST(N3_a_secure_denial_needs_a_record_that_denies),
		DNS_TEST(L4_only_the_root_is_null_mx),
		DNS_TEST(L16_a_record_too_short_to_read_is_there),
		DNS_TEST(S2_strings_of_one_record_are_joined),
		DNS_TEST(S3_other_TXT_records_are_no_record),
		DNS_TEST(a_TXT_record_with_damaged_strings_fails),
		DNS_TEST(TXT_records_are_all_there_with_their_octets),
		DNS_TEST(TXT_records_are_bounded),
		DNS_TEST(DS_records_are_as_they_came),
		DNS_TEST(both_families_become_one_answer),
		DNS_TEST(times_are_kept_in_bounds),
		DNS_TEST(N2_the_way_to_the_resolver_must_be_trusted),
		DNS_TEST(why_bogus_is_said_shortly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
