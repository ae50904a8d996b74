/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server showed, to the verdict of the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check_help.h"
#define DANE_MX SECURE_MX, { TLSA_MX, "secure 3 1 1 leaf" }
static const struct said dane[] = { DANE_MX };

static const struct danests_verdict *verdict(struct world *w)
{
	const struct check_address *a = &w->d.hosts[0].addresses[0];

	return a->judged ? &a->verdict : NULL;
}

static void how_far_it_came_tells_what_there_was_of_TLS(void **state)
{
	static const struct {
		enum probe_stage stage;
		enum probe_end end;
		bool starttls;
		const char *token; /* NULL: not judged */
	} table[] = {
		{ PROBE_CONNECT, PROBE_TIMEOUT, false, NULL },
		{ PROBE_GREETING, PROBE_GARBAGE, false, NULL },
		{ PROBE_EHLO, PROBE_REFUSED, false, NULL },
		{ PROBE_STARTTLS, PROBE_REPLY, false, "starttls-not-supported" },
		{ PROBE_STARTTLS, PROBE_REPLY, true, "starttls-not-supported" },
		{ PROBE_STARTTLS, PROBE_TIMEOUT, true, "starttls-not-supported" },
		{ PROBE_TLS, PROBE_FAILED, true, "tls-handshake-failure" },
		{ PROBE_TLS, PROBE_LOCAL, true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct world w;

		WORLD(&w, "example.com", dane);
		see_end(&w, "192.0.2.1", table[i].stage, table[i].end, table[i].starttls, "said");
		if (table[i].token == NULL) {
			assert_null(verdict(&w));
		} else {
			assert_non_null(verdict(&w));
			assert_false(verdict(&w)->deliver);
			assert_string_equal(verdict(&w)->fault->token, table[i].token);
		}
		world_free(&w);
	}
}

static void TLS_at_once_that_fails_is_a_handshake(void **state)
{
	static const struct said said[] = { { "MX example.com", "secure 10 mx.example.com" },
	    { "ADDR mx.example.com", "secure 192.0.2.1" },
	    { "TLSA _465._tcp.mx.example.com", "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com:465", said);
	see_end(&w, "192.0.2.1", PROBE_TLS, PROBE_FAILED, false, "alert");
	assert_string_equal(verdict(&w)->fault->token, "tls-handshake-failure");
	world_free(&w);
}

static void a_chain_is_judged_and_also_as_the_web_would(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_chain(&w, "192.0.2.1", "leaf inter");
	assert_true(verdict(&w)->deliver);
	assert_int_equal(verdict(&w)->by, DANESTS_NEED_DANE);
	assert_int_equal(w.d.hosts[0].addresses[0].web.state, DANESTS_PASS);
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_chain(&w, "192.0.2.1", "self");
	assert_false(verdict(&w)->deliver);
	assert_int_equal(w.d.hosts[0].addresses[0].web.state, DANESTS_FAIL);
	world_free(&w);
}

/* U13 */
static void a_raw_key_is_judged_as_one(void **state)
{
	gnutls_datum_t key = part_of("leaf", 1);
	struct check_address *a;
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	a = &w.d.hosts[0].addresses[0];
	a->probe.stage = PROBE_DONE;
	a->probe.got_raw_key = true;
	a->probe.chain[0] = (struct danests_der){ key.data, key.size };
	a->probe.count = 1;
	assert_int_equal(check_judge(&w.d, &w.d.hosts[0], a, w.trust), DANESTS_OK);
	assert_true(verdict(&w)->deliver);
	assert_int_equal(a->web.state, DANESTS_NOT_JUDGED);
	find(&w, 0);
	world_free(&w);
	gnutls_free(key.data);
}

static void garbage_instead_of_a_certificate_is_a_verdict(void **state)
{
	static const uint8_t garbage[] = "no certificate";
	struct check_address *a;
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	a = &w.d.hosts[0].addresses[0];
	a->probe.stage = PROBE_DONE;
	a->probe.chain[0] = (struct danests_der){ garbage, sizeof(garbage) };
	a->probe.count = 1;
	assert_int_equal(check_judge(&w.d, &w.d.hosts[0], a, w.trust), DANESTS_OK);
	assert_false(verdict(&w)->deliver);
	find(&w, 1);
	world_free(&w);
}

/* insecure_mx = may: the reply is NOTFOUND, and a sender who is told that asks for nothing. */
static void what_a_sender_is_told_not_to_look_at_holds_no_mail(void **state)
{
	static const struct said half[] = { { "MX example.com", "insecure 10 mx.example.com" },
	    { "ADDR mx.example.com", "secure 192.0.2.1" }, { TLSA_MX, "secure 3 1 1 leaf" } };
	struct world w;

	(void)state;
	WORLD(&w, "example.com", half);
	see_chain(&w, "192.0.2.1", "self");
	assert_false(verdict(&w)->deliver);
	assert_int_equal(check_need(&w.d, 0), DANESTS_NEED_DANE);
	find(&w, 1);
	w.d.postfix.insecure_mx_may = true;
	see_chain(&w, "192.0.2.1", "self");
	assert_int_equal(check_need(&w.d, 0), DANESTS_NEED_NOTHING);
	assert_true(verdict(&w)->deliver);
	assert_int_equal(verdict(&w)->by, DANESTS_NEED_NOTHING);
	assert_int_equal(verdict(&w)->dane.state, DANESTS_FAIL);
	find(&w, 2);
	expect_finding(&w, CHECK_WARNING, "tlsa-invalid", "[192.0.2.1]", "not enforced here");
	world_free(&w);
}

/* What the library says already is not said again. */
static void STARTTLS_that_is_not_offered_is_said_once(void **state)
{
	struct world w;

	(void)state;
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, false, "STARTTLS is not offered");
	assert_string_equal(verdict(&w)->reason, "STARTTLS was not offered");
	world_free(&w);
	WORLD(&w, "example.com", dane);
	see_end(&w, "192.0.2.1", PROBE_STARTTLS, PROBE_REPLY, false,
	    "STARTTLS is not offered: the reply to EHLO is \"502\"");
	assert_string_equal(verdict(&w)->reason,
	    "STARTTLS was not offered: the reply to EHLO is \"502\"");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_far_it_came_tells_what_there_was_of_TLS),
		cmocka_unit_test(TLS_at_once_that_fails_is_a_handshake),
		cmocka_unit_test(a_chain_is_judged_and_also_as_the_web_would),
		cmocka_unit_test(a_raw_key_is_judged_as_one),
		cmocka_unit_test(what_a_sender_is_told_not_to_look_at_holds_no_mail),
		cmocka_unit_test(STARTTLS_that_is_not_offered_is_said_once),
		cmocka_unit_test(garbage_instead_of_a_certificate_is_a_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
