/* SPDX-License-Identifier: BSD-2-Clause */
/* However much there is of everything, so much is kept, and what was forgotten is told; and
 * memory that runs out at any place is told, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fault/wrap.h"
#include "report_join_expect.h"

static const struct join_bounds small = {
	.messages = 100, .octets = 1 << 20, .processes = 100, .peers = 100, .domains = 100,
	.wheres = 10, .places = 10,
};

static struct join *begin(struct buf *out, const struct join_bounds *bounds)
{
	struct join_next next = help_next(out);
	struct join *j = join_new_within(NULL, &next, bounds);

	assert_non_null(j);
	return j;
}

/* One line; '#' stands for the number. */
static void push(struct join *j, const char *text, unsigned i)
{
	struct buf line = {0};

	for (; *text != '\0'; text++) {
		if (*text == '#')
			buf_printf(&line, "%u", i);
		else
			buf_char(&line, *text);
	}
	buf_char(&line, '\n');
	help_push(j, line.data);
	buf_free(&line);
}

static void messages_are_so_many_at_most(void **state)
{
	struct buf out = {0};
	struct join *j = begin(&out, &small);

	(void)state;
	for (unsigned i = 1; i <= 1000; i++)
		push(j, "# postfix/cleanup[1]: AAAAAA#: message-id=<m#>", i);
	assert_int_equal(join_counts(j)->forgotten_messages, 900);
	assert_int_equal(j->messages.keep.count, 100);
	/* The newest are known. */
	help_push(j, "1001 " S(7) "AAAAAA1000: " TO("x@a", A) SENT
	    "1001 " S(7) "AAAAAA901: " TO("x@a", A) SENT
	    "1001 " S(7) "AAAAAA900: " TO("x@a", A) SENT);
	assert_string_equal(out.data, "1 x@a sent id=m1000\n2 x@a sent id=m901\n3 x@a sent\n");
	join_free(j);
	buf_free(&out);
}

static void their_texts_take_so_much_at_most(void **state)
{
	struct join_bounds bounds = small;
	struct buf out = {0}, line = {0};
	struct join *j;

	(void)state;
	bounds.messages = 10000;
	bounds.octets = 100000;
	j = begin(&out, &bounds);
	for (unsigned i = 1; i <= 2000; i++) {
		buf_reset(&line);
		buf_printf(&line, "%u postfix/cleanup[1]: AAAA%04u: message-id=<%0*u>\n", i, i,
		    (int)(i * 7 % 2000 + 1), i);
		buf_printf(&line, "%u postfix/qmgr[1]: AAAA%04u: from=<%0*u>, size=1, nrcpt=1"
		    " (queue active)\n", i, i, (int)(i * 11 % 2000 + 1), i);
		help_push(j, line.data);
		assert_true(j->messages.octets <= bounds.octets + 8192);
	}
	assert_true(join_counts(j)->forgotten_messages > 1000);
	while (keep_evict(&j->messages.keep))
		continue;
	assert_int_equal(j->messages.octets, 0);
	join_free(j);
	buf_free(&line);
	buf_free(&out);
}

static void a_text_is_cut_where_it_is_too_long(void **state)
{
	struct buf out = {0}, line = {0};
	struct join *j = begin(&out, &small);

	(void)state;
	buf_printf(&line, "1 postfix/cleanup[1]: AAAAAA1: message-id=<%02000d>\n", 7);
	buf_printf(&line, "1 postfix/qmgr[1]: AAAAAA1: from=<%02000d>, size=1, nrcpt=1"
	    " (queue active)\n1 " S(7) "AAAAAA1: " TO("x@a", A) SENT, 8);
	help_push(j, line.data);
	assert_int_equal(out.len, strlen("1 x@a sent from= id=\n") + 2 * MESSAGE_TEXT_MAX);
	join_free(j);
	buf_free(&line);
	buf_free(&out);
}

static void processes_and_peers_are_so_many_at_most(void **state)
{
	struct buf out = {0};
	struct join *j = begin(&out, &small);

	(void)state;
	for (unsigned i = 1; i <= 1000; i++)
		push(j, "# postfix/smtp[#]: Trusted TLS connection established to "
		    "a#[192.0.2.1]:25: TLSv1.3", i);
	assert_int_equal(join_counts(j)->forgotten_processes, 900);
	for (unsigned i = 1; i <= 1000; i++)
		push(j, "# postfix/tlsproxy[#]: a#[192.0.2.1]:25: matched peername: x", i);
	assert_int_equal(join_counts(j)->forgotten_processes, 1800);
	help_push(j, "1001 " S(1000) "AAAAAA1: " TO("x@a", "a1000[192.0.2.1]:25") SENT
	    "1001 " S(900) "AAAAAA2: " TO("x@a", "a900[192.0.2.1]:25") SENT);
	assert_string_equal(out.data, "1 x@a sent Trusted\n2 x@a sent\n");
	join_free(j);
	buf_free(&out);
}

static void domains_are_so_many_at_most(void **state)
{
	struct buf out = {0};
	struct join *j = begin(&out, &small);

	(void)state;
	for (unsigned i = 1; i <= 1000; i++)
		push(j, "# danestsd[1]: policy nexthop=d# domain=d# reply=may dane=none"
		    " sts=none", i);
	assert_int_equal(join_counts(j)->forgotten_domains, 900);
	help_push(j, "1001 " S(7) "AAAAAA1: " TO("x@d1000", A) SENT
	    "1001 " S(7) "AAAAAA2: " TO("x@d900", A) SENT);
	assert_string_equal(out.data, "1 x@d1000 sent known=none/none/may place=10\n"
	    "2 x@d900 sent place=10\n");
	join_free(j);
	buf_free(&out);
}

/* Past the bound, hosts are one, and starts as well: nothing is claimed of it. */
static void hosts_and_places_are_so_many_at_most(void **state)
{
	struct buf out = {0};
	struct join *j = begin(&out, &small);

	(void)state;
	for (unsigned i = 1; i <= 100; i++)
		push(j, "# h# postfix/smtp[#]: Trusted TLS connection established to "
		    "a[192.0.2.1]:25: TLSv1.3", i);
	assert_int_equal(j->places.where_count, 10);
	assert_int_equal(j->places.count, 10);
	assert_int_not_equal(join_counts(j)->forgotten_places, 0);
	help_push(j, "200 h1 postfix/master[1]: reload\n200 h1 " S(7) "AAAAAA1: " TO("x@a", A)
	    SENT "200 h77 " S(7) "AAAAAA1: " TO("x@a", A) SENT);
	join_end(j);
	assert_string_equal(out.data, "1 x@a sent place=9\n2 x@a sent place=9\n"
	    "place 0 yes\nplace 1 yes\nplace 2 yes\nplace 3 yes\nplace 4 yes\nplace 5 yes\n"
	    "place 6 yes\nplace 7 yes\nplace 8 yes\nplace 9 unknown\n");
	join_free(j);
	buf_free(&out);
}

/* ---- Memory ---- */

static const char all[] =
    "1 postfix/master[1]: daemon started\n"
    "1 danestsd[1]: policy nexthop=a domain=a reply=may dane=none sts=none\n"
    "1 postfix/smtpd[1]: AAAAAA1: client=c\n"
    "1 postfix/cleanup[1]: AAAAAA1: message-id=<m1>\n"
    "1 postfix/qmgr[1]: AAAAAA1: from=<some.one.with.a.name.that.is.long@some.where.else>,"
    " size=1, nrcpt=1 (queue active)\n"
    "1 " S(7) A ": matched peername: x\n"
    "1 " X(9) B ": matched peername: x\n"
    "1 " S(7) TLS("Verified", A)
    "1 " S(7) "warning: TLS policy lookup for a/mx: TLSA lookup error for mx:25\n"
    "1 " S(7) "AAAAAA1: " TO("x@a", A) SENT
    "1 mail.example " S(7) "AAAAAA1: " TO("y@a", A) SENT
    "1 " S(7) "AAAAAA1: Server certificate not verified\n"
    "1 " S(7) "warning: socketmap:x lookup error for \"a\"\n"
    "2 postfix/pickup[1]: BBBBBB1: uid=0 from=<s> orig_id=AAAAAA1\n"
    "3 postfix/qmgr[1]: BBBBBB1: removed\n";

/* What comes out with the n-th allocation failing; false: nothing was told of it. */
static bool try(struct buf *out, bool *told)
{
	struct join_next next = help_next(out);
	struct join *j = join_new(NULL, &next);

	*told = true;
	if (j == NULL)
		return false;
	help_push(j, all);
	join_end(j);
	*told = join_counts(j)->out_of_memory;
	join_free(j);
	return true;
}

static void memory_that_runs_out_is_told(void **state)
{
	struct buf whole = {0}, out = {0};
	unsigned long needed;
	bool told;

	(void)state;
	/* The buffers are filled before: they are not what is tried here. */
	assert_non_null(buf_room(&whole, 4096));
	assert_non_null(buf_room(&out, 4096));
	wrap_fail_from(0);
	assert_true(try(&whole, &told));
	assert_false(told);
	needed = wrap_counted();
	assert_true(needed > 10);
	for (unsigned long n = 1; n <= needed; n++) {
		buf_reset(&out);
		wrap_fail_only(n);
		try(&out, &told);
		wrap_fail_from(0);
		if (!told)
			assert_string_equal(out.data, whole.data);
		buf_reset(&out);
		wrap_fail_from(n);
		try(&out, &told);
		wrap_fail_from(0);
		assert_true(told);
	}
	buf_free(&whole);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_so_many_at_most),
		cmocka_unit_test(their_texts_take_so_much_at_most),
		cmocka_unit_test(a_text_is_cut_where_it_is_too_long),
		cmocka_unit_test(processes_and_peers_are_so_many_at_most),
		cmocka_unit_test(domains_are_so_many_at_most),
		cmocka_unit_test(hosts_and_places_are_so_many_at_most),
		cmocka_unit_test(memory_that_runs_out_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
