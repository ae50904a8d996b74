/* SPDX-License-Identifier: BSD-2-Clause */
/* danestsd's decisions, domains, places, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define POLICY(domain, reply, more) "danestsd[5]: policy nexthop=" domain " domain=x reply=" \
	reply " " more "\n"
#define D(t, to) t " " S(7) "AAAAAA" t ": " TO(to, A) SENT
#define DAY "86400"

static void the_last_decision_before_counts(void **state)
{
	static const struct row rows[] = {
		{ "1 " POLICY("a", "dane-only", "dane=full sts=enforce") D("2", "x@A"),
		  "1 x@A sent known=full/enforce/dane-only\n" },
		{ "1 " POLICY("a", "dane-only", "dane=full sts=absent")
		  "3 " POLICY("a", "TEMP", "dane=bogus sts=error error=dnssec-invalid")
		  D("2", "x@a") D("4", "x@a") D("5", "x@b"),
		  "1 x@a sent\n2 x@a sent known=bogus/error/TEMP token=dnssec-invalid\n"
		  "3 x@b sent\n" },
		/* One that is read again does not come after the one that followed. */
		{ "1 " POLICY("a", "may", "dane=none sts=none")
		  "3 " POLICY("a", "secure", "dane=half sts=testing source=override")
		  "1 " POLICY("a", "may", "dane=none sts=none") D("4", "x@a"),
		  "1 x@a sent known=half/testing/secure override\n" },
		/* A day, or as long as it says. */
		{ "1 " POLICY("a", "may", "dane=none sts=absent expires=60") D(DAY, "x@a")
		  D("86402", "x@a"), "1 x@a sent known=none/absent/may\n2 x@a sent\n" },
		{ "1 " POLICY("a", "may", "dane=partial sts=none expires=100000") D("100001", "x@a")
		  D("100002", "x@a"), "1 x@a sent known=partial/none/may\n2 x@a sent\n" },
		/* Without a time, always. */
		{ "- " POLICY("a", "may", "dane=unusable sts=none") D("2", "x@a")
		  D("86400000", "x@a"),
		  "1 x@a sent known=unusable/none/may\n2 x@a sent known=unusable/none/may\n" },
		/* In one second, whatever fraction one of both has. */
		{ "1.9 " POLICY("a", "may", "dane=error sts=none") D("1", "x@a"),
		  "1 x@a sent known=error/none/may\n" },
		/* A word of times to come. */
		{ "1 " POLICY("a", "may", "dane=quantum sts=none") D("1", "x@a"),
		  "1 x@a sent known=?/none/may\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

#define LOOKUP(dest) "warning: TLS policy lookup for " dest "/mx: TLSA lookup error for mx:25\n"

static void where_postfix_names_the_destination_its_decision_counts(void **state)
{
	static const struct row rows[] = {
		{ "1 " POLICY("hub", "TEMP", "dane=bogus sts=absent")
		  "1 " POLICY("a", "may", "dane=none sts=absent")
		  "1 " S(7) LOOKUP("HUB.") "1 " S(7) "AAAAAA1: " TO("x@a", "none")
		  FAILED("TLSA lookup error for mx:25") "1 " S(7) "AAAAAA1: " TO("y@a", "none")
		  FAILED("TLSA lookup error for mx:25") D("2", "x@a"),
		  "1 x@a deferred known=bogus/absent/TEMP\n1 y@a deferred known=bogus/absent/TEMP\n"
		  "2 x@a sent known=none/absent/may\n" },
		{ "1 " POLICY("[hub]:587", "TEMP", "dane=bogus sts=absent")
		  "1 " S(7) LOOKUP("[hub]:587") "1 " S(7) "AAAAAA1: " TO("x@a", "none")
		  FAILED("x"), "1 x@a deferred known=bogus/absent/TEMP\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

static void a_domain_is_what_follows_the_last_at_sign_outside_quotes(void **state)
{
	static const struct { const char *address, *domain; } rows[] = {
		{ "a@Example.COM", "example.com" },
		{ "a@example.com.", "example.com" },
		{ "a@b@c.example", "c.example" },
		{ "\"a@b\"@c.example", "c.example" },
		{ "\"a\\\"@b\"@c.example", "c.example" },
		{ "\"a@b\"", "" },
		{ "john \"the\" x@c.example", "c.example" },
		{ "john\" x@c.example", "c.example" },
		{ "nobody", "" },
		{ "", "" },
		{ "a@", "" },
		{ "a@[192.0.2.1]", "[192.0.2.1]" },
		{ "a@[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]" },
		{ "a@b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
		{ "a@B\xc3\x9c" "CHER.example", "xn--bcher-kva.example" },
		{ "a@\xff\xfe.Example", "\xff\xfe.example" },
		{ "a@[\xc3\xbc]", "[\xc3\xbc]" },
		{ "a@under_score.example", "under_score.example" },
	};
	char buf[DOMAIN_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice domain = join_domain((struct slice){ rows[i].address,
		    strlen(rows[i].address) }, buf, sizeof(buf));

		if (!slice_equal(domain, (struct slice){ rows[i].domain,
		    strlen(rows[i].domain) }))
			fail_msg("%s: %.*s", rows[i].address, (int)domain.len, domain.p);
	}
}

static void a_domain_that_is_too_long_stays_as_it_is(void **state)
{
	char address[3 * DOMAIN_TEXT], buf[DOMAIN_TEXT];
	struct slice domain;

	(void)state;
	memset(address, 'A', sizeof(address));
	address[0] = '@';
	domain = join_domain((struct slice){ address, DOMAIN_TEXT + 1 }, buf, sizeof(buf));
	assert_ptr_equal(domain.p, buf);
	assert_int_equal(domain.len, DOMAIN_TEXT);
	assert_int_equal(domain.p[0], 'a');
	domain = join_domain((struct slice){ address, DOMAIN_TEXT + 2 }, buf, sizeof(buf));
	assert_ptr_equal(domain.p, address + 1);
	assert_int_equal(domain.len, DOMAIN_TEXT + 1);
}

static void hops_of_our_own_and_probes_are_counted_and_left_out(void **state)
{
	static const char lines[] =
	    "1 " S(7) "AAAAAA1: " TO("x@a", "127.0.0.1[127.0.0.1]:10024") SENT
	    "1 postfix/lmtp[7]: AAAAAA2: " TO("x@a", "localhost[private/dovecot]") SENT
	    "1 postfix/local[7]: AAAAAA3: " TO("x@a", "local") SENT
	    "1 postfix/pipe[7]: AAAAAA3: " TO("x@a", "spam") SENT
	    "1 " S(7) "AAAAAA4: " TO("x@a", "relay.inner[10.1.2.3]:25") SENT
	    "1 " S(7) "AAAAAA4: " TO("x@a", "relay.inner[10.1.2.3]:25") SENT
	    "1 " S(7) "AAAAAA5: " TO("x@a", A) "status=deliverable (ok)\n"
	    "1 " S(7) "AAAAAA6: " TO("x@a", A) "status=undeliverable (no)\n"
	    "1 postfix/lmtp[7]: AAAAAA7: " TO("x@a", A) SENT
	    "1 " S(7) "AAAAAA8: " TO("x@a", "a.example[192.0.2.1]:587") SENT
	    "1 postfix/qmgr[7]: AAAAAA9: " TO("x@a", "none") FAILED("no transport");
	struct internal *internal = internal_new();
	struct buf out = {0};
	struct join_next next = help_next(&out);
	struct join *j;

	(void)state;
	assert_int_equal(internal_add(internal, "10.0.0.0/8"), 0);
	j = join_new(internal, &next);
	help_push(j, lines);
	assert_string_equal(out.data, "1 x@a sent\n2 x@a sent smarthost\n3 x@a deferred\n");
	assert_int_equal(join_counts(j)->internal, 3);
	assert_int_equal(join_counts(j)->probes, 2);
	assert_int_equal(join_counts(j)->twice, 1);
	assert_int_equal(join_counts(j)->deliveries, 3);
	join_free(j);
	internal_free(internal);
	buf_free(&out);
}

#define START(i) i "/master[1]: daemon started -- version 3.7\n"
#define RELOAD "postfix/master[1]: reload -- version 3.7\n"
#define T(t, p) t " " S(p) TLS("Untrusted", A)

static void a_place_logs_tls_that_has_a_session_line_or_stands_between_two(void **state)
{
	static const struct row rows[] = {
		{ D("1", "x@a"), "1 x@a sent\nplace 0 unknown\n" },
		{ D("1", "x@a") T("2", 8), "1 x@a sent\nplace 0 yes\n" },
		/* Not what others say. */
		{ D("1", "x@a") "2 " X(9) TLS("Trusted", A) "2 other " S(7) TLS("Trusted", A),
		  "1 x@a sent\nplace 0 unknown\nplace 1 yes\n" },
		{ T("1", 8) "2 " START("postfix") D("3", "x@a") "4 " RELOAD T("5", 8),
		  "1 x@a sent place=1\nplace 0 yes\nplace 1 yes\nplace 2 yes\n" },
		{ T("1", 8) "2 " START("postfix") D("3", "x@a") "4 " RELOAD D("5", "x@a"),
		  "1 x@a sent place=1\n2 x@a sent place=2\n"
		  "place 0 yes\nplace 1 unknown\nplace 2 unknown\n" },
		/* Starts with nothing between them are one, copies of them are none. */
		{ T("1", 8) "2 " START("postfix") "3 " RELOAD D("4", "x@a") "2 " START("postfix")
		  "3 " RELOAD T("4", 8), "1 x@a sent place=1\nplace 0 yes\nplace 1 yes\n" },
		/* A copy of a line from before proves nothing of now. */
		{ T("1", 8) "2 " START("postfix") D("3", "x@a") T("1", 8),
		  "1 x@a sent place=1\nplace 0 yes\nplace 1 unknown\n" },
		/* postfix/relay is a part of postfix, postfix-out is another one. */
		{ "1 postfix/relay/smtp[8]: " TLS("Trusted", A) "1 postfix-out/smtp[8]: "
		  TLS("Trusted", A) "2 " START("postfix")
		  "3 postfix/relay/smtp[9]: AAAAAA1: " TO("x@a", A) SENT
		  "3 postfix-out/smtp[9]: AAAAAA1: " TO("x@a", A) SENT,
		  "1 x@a sent place=2\n2 x@a sent place=1\nplace 0 yes\nplace 1 yes\n"
		  "place 2 unknown\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect(rows[i].lines, rows[i].expected, true);
}

static void a_start_ends_what_was_known_of_processes(void **state)
{
	static const struct row rows[] = {
		{ T("1", 7) "2 " RELOAD D("3", "x@a"), "1 x@a sent place=1\n" },
		{ T("1", 7) "2 postfix-out/master[1]: reload\n" D("3", "x@a"),
		  "1 x@a sent Untrusted\n" },
		{ T("1", 7) "2 other " RELOAD D("3", "x@a"), "1 x@a sent Untrusted\n" },
	};

	(void)state;
	expect_rows(rows, COUNT_OF(rows));
}

/* Of several hosts with that first label, the first one is meant by it. */
static void a_host_is_the_same_with_and_without_its_domain(void **state)
{
	static const struct row rows[] = {
		{ "1 h.a " S(7) TLS("Trusted", A) "2 h " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "3 h.b " S(7) "AAAAAA2: " TO("x@a", A) SENT,
		  "1 x@a sent Trusted\n2 x@a sent place=1\nplace 0 yes\nplace 1 unknown\n" },
		{ "1 h " S(7) TLS("Trusted", A) "2 h.a " S(7) "AAAAAA1: " TO("x@a", A) SENT
		  "3 h.b " S(7) "AAAAAA2: " TO("x@a", A) SENT
		  "4 h.a " S(7) "AAAAAA3: " TO("x@a", A) SENT
		  "5 h.b " S(8) TLS("Trusted", A),
		  "1 x@a sent Trusted\n2 x@a sent place=1\n3 x@a sent\nplace 0 yes\n"
		  "place 1 yes\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect(rows[i].lines, rows[i].expected, true);
}

static struct where *find(struct places *p, const char *host, const char *instance)
{
	return places_find(p, (struct slice){ host, strlen(host) },
	    (struct slice){ instance, strlen(instance) });
}

#define HOSTS 200000

/* As many as there may be, they take so much time each; what is past the bound is one, and
 * nothing is known of it. */
static void of_any_number_of_hosts_so_many_are_told_apart(void **state)
{
	static const struct { const char *before, *after; } forms[] = {
		{ "h", "" }, { "h", ".example" }, { "same.h", ".example" },
	};
	const uint64_t seed[2] = { 1, 2 };
	uint64_t forgotten = 0;
	struct where *where = NULL, *last;
	struct places p;
	char host[32];
	unsigned place;

	(void)state;
	for (size_t form = 0; form < COUNT_OF(forms); form++) {
		forgotten = 0;
		places_init(&p, seed, 4096, 8192, &forgotten);
		for (unsigned i = 0; i < HOSTS; i++) {
			(void)snprintf(host, sizeof(host), "%s%u%s", forms[form].before, i,
			    forms[form].after);
			where = find(&p, host, "postfix");
			assert_non_null(where);
			assert_true(places_prove(&p, where));
			assert_true(i >= 4095 || where->id == i);
			assert_true(i < 4095 || where->id == 4095);
		}
		assert_int_equal(p.host_count, 4095);
		assert_int_equal(forgotten, HOSTS - 4095);
		places_started(&p, where, 9);
		assert_true(places_now(&p, where, &place));
		assert_false(places_logged(&p, place));
		(void)snprintf(host, sizeof(host), "%s4094%s", forms[form].before,
		    forms[form].after);
		last = find(&p, host, "postfix");
		assert_int_equal(last->id, 4094);
		assert_true(places_now(&p, last, &place) && places_logged(&p, place));
		assert_ptr_equal(find(&p, host, "postfix-out"), where);
		places_free(&p);
	}
}

static void times_are_of_all_lines_but_those_of_danestsd(void **state)
{
	struct buf out = {0};
	struct join_next next = help_next(&out);
	struct join *j = join_new(NULL, &next);

	(void)state;
	assert_true(join_counts(j)->first_us == LINE_NO_TIME);
	help_push(j, "- postfix/smtp[1]: hello\n");
	assert_true(join_counts(j)->last_us == LINE_NO_TIME);
	/* A delivery that has no day is on none. */
	help_push(j, "- " S(7) "AAAAAA1: " TO("x@a", A) SENT);
	assert_int_equal(join_counts(j)->strange, 1);
	help_push(j, "5.25 other/thing: hello\n2 x: y\n3 z: \n");
	assert_true(join_counts(j)->first_us == 2000000 && join_counts(j)->last_us == 5250000);
	/* The service may log for longer. */
	help_push(j, "1 danestsd[1]: policy nexthop=a\n9 danestsd[1]: policy nexthop=a\n");
	assert_true(join_counts(j)->first_us == 2000000 && join_counts(j)->last_us == 5250000);
	assert_int_equal(join_counts(j)->strange, 3);
	assert_null(out.data);
	join_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_decision_before_counts),
		cmocka_unit_test(where_postfix_names_the_destination_its_decision_counts),
		cmocka_unit_test(a_domain_is_what_follows_the_last_at_sign_outside_quotes),
		cmocka_unit_test(a_domain_that_is_too_long_stays_as_it_is),
		cmocka_unit_test(hops_of_our_own_and_probes_are_counted_and_left_out),
		cmocka_unit_test(a_place_logs_tls_that_has_a_session_line_or_stands_between_two),
		cmocka_unit_test(a_start_ends_what_was_known_of_processes),
		cmocka_unit_test(a_host_is_the_same_with_and_without_its_domain),
		cmocka_unit_test(of_any_number_of_hosts_so_many_are_told_apart),
		cmocka_unit_test(times_are_of_all_lines_but_those_of_danestsd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
