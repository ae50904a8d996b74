/* SPDX-License-Identifier: BSD-2-Clause */
/* What needs no server; servers of all kinds are in test/tools/probe.py, probe_real.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "tools/probe_impl.h"

static void stages_have_names(void **state)
{
	(void)state;
	assert_string_equal(probe_stage_name(PROBE_CONNECT), "connect");
	assert_string_equal(probe_stage_name(PROBE_STARTTLS), "STARTTLS");
	assert_string_equal(probe_stage_name(PROBE_DONE), "done");
	assert_string_equal(probe_stage_name((enum probe_stage)99), "unknown");
	assert_string_equal(probe_stage_name((enum probe_stage)-1), "unknown");
}

static void a_chain_is_copied_into_one_block(void **state)
{
	uint8_t first[] = "leaf", second[] = "issuer";
	const struct danests_der certs[] = { { first, 4 }, { NULL, 0 }, { second, 6 } };
	struct probe probe = {0};

	(void)state;
	assert_true(probe_keep(&probe, certs, 3));
	memset(first, 0, sizeof(first));
	memset(second, 0, sizeof(second));
	assert_int_equal(probe.count, 3);
	assert_int_equal(probe.sent, 3);
	assert_memory_equal(probe.chain[0].data, "leaf", 4);
	assert_int_equal(probe.chain[1].len, 0);
	assert_memory_equal(probe.chain[2].data, "issuer", 6);
	probe_free(&probe);
	assert_int_equal(probe.count, 0);
	assert_null(probe.chain[0].data);
	probe_free(&probe);
	probe_free(NULL);
}

static void a_chain_is_bounded_by_number(void **state)
{
	struct danests_der certs[PROBE_CHAIN + 5];
	struct probe probe = {0};

	(void)state;
	for (size_t i = 0; i < PROBE_CHAIN + 5; i++)
		certs[i] = (struct danests_der){ (const uint8_t *)"x", 1 };
	assert_true(probe_keep(&probe, certs, PROBE_CHAIN + 5));
	assert_int_equal(probe.count, PROBE_CHAIN);
	assert_int_equal(probe.sent, PROBE_CHAIN + 5);
	probe_free(&probe);
}

static void a_chain_is_bounded_by_octets(void **state)
{
	uint8_t *large = calloc(1, PROBE_CHAIN_BYTES + 1);
	const struct danests_der fit[] = { { large, PROBE_CHAIN_BYTES }, { large, 1 } };
	const struct danests_der gap[] = {
		{ large, 1 }, { large, PROBE_CHAIN_BYTES }, { large, 1 },
	};
	const struct danests_der wrap[] = { { large, 1 }, { large, SIZE_MAX } };
	struct probe probe = {0};

	(void)state;
	assert_non_null(large);
	assert_true(probe_keep(&probe, fit, 2));
	assert_int_equal(probe.count, 1);
	probe_free(&probe);
	assert_true(probe_keep(&probe, gap, 3));
	/* No gaps: what is behind one that is left out is left out, too. */
	assert_int_equal(probe.count, 1);
	assert_int_equal(probe.chain[0].len, 1);
	probe_free(&probe);
	assert_true(probe_keep(&probe, wrap, 2));
	assert_int_equal(probe.count, 1);
	probe_free(&probe);
	free(large);
}

static void words_are_printable_and_fit(void **state)
{
	struct probe probe = {0};
	char text[1000], room[32];

	(void)state;
	memset(text, '\033', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	probe_ends(&probe, PROBE_REPLY, "%s", text);
	assert_int_equal(probe.end, PROBE_REPLY);
	assert_int_equal(strlen(probe.said), PROBE_SAID - 1);
	assert_int_equal(strspn(probe.said, "?"), PROBE_SAID - 1);
	assert_string_equal(probe_errno(12345, room), "system error 12345");
}

/* A kind of address that no system has, and a probe that is used again. */
static void nothing_of_the_last_run_is_left(void **state)
{
	const struct danests_der cert = { (const uint8_t *)"x", 1 };
	struct probe probe = { .helo = "client.example", .timeout_ms = 1000 };

	(void)state;
	assert_true(probe_keep(&probe, &cert, 1));
	probe.addr.ss_family = AF_UNSPEC;
	probe.addr_len = sizeof(probe.addr);
	probe.stage = PROBE_DONE;
	probe.starttls = probe.mixed = probe.got_raw_key = true;
	probe.greeting[0] = probe.unasked[0] = probe.tls[0] = 'x';
	probe_run(&probe);
	assert_int_equal(probe.stage, PROBE_CONNECT);
	assert_int_equal(probe.end, PROBE_LOCAL);
	assert_true(strlen(probe.said) > 0);
	assert_string_equal(probe.greeting, "");
	assert_string_equal(probe.tls, "");
	assert_string_equal(probe.unasked, "");
	assert_false(probe.starttls || probe.mixed || probe.got_raw_key);
	assert_int_equal(probe.count, 0);
	assert_int_equal(probe.sent, 0);
	assert_null(probe.block);
	probe_free(&probe);
}

/* It is too long for the extension. */
static void a_name_that_is_none_for_sni_is_our_own_fault(void **state)
{
	static char name[70000];
	struct probe probe = { .sni = name, .plain_tls = true, .timeout_ms = 60000 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len), 0);
	memcpy(&probe.addr, &in, sizeof(in));
	probe.addr_len = sizeof(in);
	probe_run(&probe);
	assert_int_equal(probe.stage, PROBE_TLS);
	assert_int_equal(probe.end, PROBE_LOCAL);
	assert_non_null(strstr(probe.said, "SNI"));
	probe_free(&probe);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_have_names),
		cmocka_unit_test(a_chain_is_copied_into_one_block),
		cmocka_unit_test(a_chain_is_bounded_by_number),
		cmocka_unit_test(a_chain_is_bounded_by_octets),
		cmocka_unit_test(words_are_printable_and_fit),
		cmocka_unit_test(nothing_of_the_last_run_is_left),
		cmocka_unit_test(a_name_that_is_none_for_sni_is_our_own_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
