/* SPDX-License-Identifier: BSD-2-Clause */

#include "packet.h"

#include "danests.h"

/* N11: a DNAME needs no code, its CNAME is there. */
static void n11_aliases_are_followed_in_any_order(void **state)
{
	const struct rr rrs[] = {
		{ OWNER("\1c\7example"), DNS_A, 300, DATA("\1\2\3\4"), 0 },
		{ OWNER("\1b\7example"), DNS_CNAME, 50, DATA("\1C\7eXample\0"), 0 },
		{ AT(QNAME), DNS_A, 1, DATA("\6\6\6\6"), 0 }, /* not at the chain's end */
		{ OWNER("\7example"), 39, 5, DATA("\3net\0"), 0 },
		{ AT(QNAME), DNS_CNAME, 100, DATA("\1b\300\16"), 0 },
		{ AT(QNAME), DNS_CNAME, 90, DATA("\1b\300\16"), 0 }, /* the same again */
	};
	struct buf b = {0};
	struct dnsmsg msg;
	struct dnsrr rr;
	size_t cursor = 0;

	(void)state;
	build(&b, "a.example", DNS_A, REPLY, rrs, 6, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_true(msg.aliased && !msg.target_odd);
	assert_string_equal(msg.target.name, "c.example");
	assert_int_equal(msg.count, 1);
	assert_int_equal(msg.ttl, 50);
	assert_true(dnsmsg_next(&msg, &cursor, &rr));
	assert_memory_equal(rr.rdata, "\1\2\3\4", 4);
	assert_false(dnsmsg_next(&msg, &cursor, &rr));
	buf_free(&b);
}

static void a_question_for_cname_follows_none(void **state)
{
	const struct rr rrs[] = {
		{ AT(QNAME), DNS_CNAME, 100, DATA("\1b\300\16"), 0 },
		{ OWNER("\1b\7example"), DNS_CNAME, 50, DATA("\1c\300\16"), 0 },
	};
	struct buf b = {0};
	struct domain name;
	struct dnsmsg msg;
	struct dnsrr rr;
	size_t cursor = 0;
	bool root;

	(void)state;
	build(&b, "a.example", DNS_CNAME, REPLY, rrs, 2, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_CNAME), DANESTS_OK);
	assert_true(!msg.aliased && msg.count == 1 && msg.ttl == 100);
	assert_true(dnsmsg_next(&msg, &cursor, &rr));
	assert_int_equal(dnsmsg_name(&msg, rr.rdata, &name, &root), DANESTS_OK);
	assert_string_equal(name.name, "b.example");
	buf_free(&b);
}

static void loops_and_contradictions_among_aliases_are_refused(void **state)
{
	const struct rr loop[] = {
		{ AT(QNAME), DNS_CNAME, 100, DATA("\1b\300\16"), 0 },
		{ OWNER("\1b\7example"), DNS_CNAME, 50, DATA(QNAME), 0 },
	};
	const struct rr self = { AT(QNAME), DNS_CNAME, 100, DATA(QNAME), 0 };
	const struct rr two[] = {
		{ AT(QNAME), DNS_CNAME, 100, DATA("\1b\300\16"), 0 },
		{ AT(QNAME), DNS_CNAME, 100, DATA("\1c\300\16"), 0 },
	};
	struct buf b = {0};
	struct dnsmsg msg;

	(void)state;
	build(&b, "a.example", DNS_A, REPLY, loop, 2, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	build(&b, "a.example", DNS_A, REPLY, &self, 1, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	build(&b, "a.example", DNS_A, REPLY, two, 2, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	buf_free(&b);
}

static void a_chain_has_at_most_its_length(void **state)
{
	char owners[DNSMSG_MAX_CHAIN + 1][6], targets[DNSMSG_MAX_CHAIN + 1][6];
	struct rr rrs[DNSMSG_MAX_CHAIN + 1];
	struct buf b = {0};
	struct dnsmsg msg;
	size_t i;

	(void)state;
	for (i = 0; i <= DNSMSG_MAX_CHAIN; i++) {
		(void)snprintf(owners[i], 6, "\3n%02zu", i);
		(void)snprintf(targets[i], 6, "\3n%02zu", i + 1);
		rrs[i] = (struct rr){ owners[i], 5, DNS_CNAME, 9, targets[i], 5, 0 };
	}
	build(&b, "n00", DNS_A, REPLY, rrs, DNSMSG_MAX_CHAIN, 0);
	assert_int_equal(parse(&msg, &b, "n00", DNS_A), DANESTS_OK);
	assert_string_equal(msg.target.name, "n32");
	build(&b, "n00", DNS_A, REPLY, rrs, DNSMSG_MAX_CHAIN + 1, 0);
	assert_int_equal(parse(&msg, &b, "n00", DNS_A), DANESTS_EINVAL);
	buf_free(&b);
}

static void an_alias_that_is_no_host_name_is_odd(void **state)
{
	static const struct {
		const char *rdata;
		size_t len;
	} odd[] = {
		{ DATA("\0") }, { DATA("\3a.b\7example\0") }, { DATA("\2\0a\7example\0") },
		{ DATA("\3" "192\1" "0\1" "2\1" "1\0") }, { DATA("\2-a\0") },
		{ DATA("\2\303\274\0") },
	};
	struct rr rr = { AT(QNAME), DNS_CNAME, 100, NULL, 0, 0 };
	struct buf b = {0};
	struct dnsmsg msg;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(odd); i++) {
		rr.rdata = odd[i].rdata;
		rr.len = odd[i].len;
		build(&b, "a.example", DNS_A, REPLY, &rr, 1, 0);
		assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
		assert_true(msg.aliased && msg.target_odd);
	}
	buf_free(&b);
}

/* RFC 2308 5 */
static void a_denial_holds_as_long_as_the_soa_says(void **state)
{
	const struct rr chain[] = {
		{ AT(QNAME), DNS_CNAME, 70, DATA("\1b\300\16"), 0 }, soa,
	};
	struct rr rr = soa;
	struct buf b = {0};
	struct dnsmsg msg;

	(void)state;
	build(&b, "a.example", DNS_A, REPLY, &rr, 0, 1);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 300); /* MINIMUM */
	rr.ttl = 20;
	build(&b, "a.example", DNS_A, REPLY, &rr, 0, 1);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 20); /* its TTL */
	build(&b, "a.example", DNS_A, REPLY, chain, 1, 1);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 70); /* the chain's */
	build(&b, "a.example", DNS_A, REPLY, chain, 1, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 0); /* no SOA: not to be kept */
	rr.ttl = 20;
	rr.len--;
	build(&b, "a.example", DNS_A, REPLY, &rr, 0, 1);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 0); /* a damaged one is none */
	b.len -= 5;
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 0);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n11_aliases_are_followed_in_any_order),
		cmocka_unit_test(a_question_for_cname_follows_none),
		cmocka_unit_test(loops_and_contradictions_among_aliases_are_refused),
		cmocka_unit_test(a_chain_has_at_most_its_length),
		cmocka_unit_test(an_alias_that_is_no_host_name_is_odd),
		cmocka_unit_test(a_denial_holds_as_long_as_the_soa_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
