/* SPDX-License-Identifier: BSD-2-Clause */

#include "packet.h"

#include "danests.h"

static void records_of_the_type_asked_are_given_in_order(void **state)
{
	const struct rr rrs[] = {
		{ AT(QNAME), DNS_A, 300, DATA("\300\0\2\1"), 0 },
		{ AT(QNAME), 46, 10, DATA("signature"), 0 },
		{ OWNER("\5other"), DNS_A, 5, DATA("\300\0\2\7"), 0 },
		{ AT(QNAME), DNS_A, 5, DATA("\300\0\2\10"), 3 },     /* class CHAOS */
		{ OWNER("\2MX\7EXAMPLE"), DNS_A, 200, DATA("\300\0\2\2"), 0 },
		{ AT(QNAME), DNS_A, 250, DATA("\300\0\2\1"), 0 },    /* repeated: kept */
	};
	struct buf b = {0};
	struct dnsmsg msg;
	struct dnsrr rr;
	size_t cursor = 0;

	(void)state;
	build(&b, "mx.example", DNS_A, REPLY, rrs, 6, 0);
	assert_int_equal(parse(&msg, &b, "mx.example", DNS_A), DANESTS_OK);
	assert_true(msg.ad && !msg.tc && !msg.aliased && msg.rcode == 0);
	assert_int_equal(msg.count, 3);
	assert_int_equal(msg.ttl, 200);
	assert_true(dnsmsg_next(&msg, &cursor, &rr) && rr.rdata[3] == 1 && rr.ttl == 300);
	assert_true(dnsmsg_next(&msg, &cursor, &rr) && rr.rdata[3] == 2 && rr.len == 4);
	assert_true(dnsmsg_next(&msg, &cursor, &rr) && rr.rdata[3] == 1 && rr.ttl == 250);
	assert_false(dnsmsg_next(&msg, &cursor, &rr));
	assert_false(dnsmsg_next(&msg, &cursor, &rr));
	buf_free(&b);
}

static void header_bits_are_told(void **state)
{
	struct buf b = {0};
	struct dnsmsg msg;

	(void)state;
	build(&b, "no.example", DNS_A, 0x8203, &soa, 0, 1);
	assert_int_equal(parse(&msg, &b, "no.example", DNS_A), DANESTS_OK);
	assert_true(!msg.ad && msg.tc && msg.rcode == 3 && msg.count == 0);
	build(&b, "no.example", DNS_A, 0x8002, &soa, 0, 0);
	assert_int_equal(parse(&msg, &b, "no.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.rcode, 2);
	buf_free(&b);
}

static void n3_what_is_no_reply_to_the_question_is_refused(void **state)
{
	static const unsigned not_replies[] = { 0x0120, 0x8900, 0xa180, 0x9180 };
	struct buf b = {0};
	struct dnsmsg msg;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(not_replies); i++) {
		build(&b, "a.example", DNS_A, not_replies[i], NULL, 0, 0);
		assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	}
	build(&b, "a.example", DNS_A, REPLY, NULL, 0, 0);
	assert_int_equal(parse(&msg, &b, "A.EXAMPLE", DNS_A), DANESTS_OK);
	assert_int_equal(parse(&msg, &b, "b.example", DNS_A), DANESTS_EINVAL);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_AAAA), DANESTS_EINVAL);
	assert_int_equal(parse(&msg, &b, "example", DNS_A), DANESTS_EINVAL);
	assert_int_equal(parse(&msg, &b, "a..example", DNS_A), DANESTS_EINVAL);
	b.data[b.len - 1] = 3; /* another class */
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	b.data[b.len - 1] = 1;
	b.data[5] = 0; /* no question at all */
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	b.data[5] = 2;
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_EINVAL);
	assert_int_equal(dnsmsg_parse(&msg, NULL, 0, "a.example", DNS_A), DANESTS_EINVAL);
	buf_free(&b);
}

/* RFC 2181 8 */
static void a_ttl_with_the_top_bit_is_zero(void **state)
{
	struct rr rr = { AT(QNAME), DNS_A, 0x80000000u, DATA("\1\2\3\4"), 0 };
	struct buf b = {0};
	struct dnsmsg msg;

	(void)state;
	build(&b, "a.example", DNS_A, REPLY, &rr, 1, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 0);
	rr.ttl = 0x7fffffff;
	build(&b, "a.example", DNS_A, REPLY, &rr, 1, 0);
	assert_int_equal(parse(&msg, &b, "a.example", DNS_A), DANESTS_OK);
	assert_int_equal(msg.ttl, 0x7fffffff);
	buf_free(&b);
}

static void n3_a_damaged_record_spoils_the_answer(void **state)
{
	static const struct rr bad[] = {
		{ AT("\300\377"), DNS_A, 1, DATA("\1\2\3\4"), 0 },   /* forward */
		{ AT("\300\53"), DNS_A, 1, DATA("\1\2\3\4"), 0 },    /* to itself */
		{ AT("\300\0"), DNS_A, 1, DATA("\1\2\3\4"), 0 },     /* into the header */
		{ AT("\100a"), DNS_A, 1, DATA("\1\2\3\4"), 0 },      /* unknown kind of label */
		{ AT(QNAME), DNS_A, 1, DATA("\1\2\3"), 0 },
		{ AT(QNAME), DNS_AAAA, 1, DATA("\1\2\3\4"), 0 },
		{ AT(QNAME), DNS_MX, 1, DATA("\0"), 0 },
		{ AT(QNAME), DNS_MX, 1, DATA("\0\1\1a"), 0 },        /* name goes on behind */
		{ AT(QNAME), DNS_MX, 1, DATA("\0\1\1a\0x"), 0 },     /* one octet more */
		{ AT(QNAME), DNS_CNAME, 1, DATA(""), 0 },
		{ AT(QNAME), DNS_CNAME, 1, DATA("\1b\0\0"), 0 },
	};
	const struct rr good = { AT(QNAME), DNS_TXT, 1, DATA("\3abc"), 0 };
	struct rr rrs[2] = { good, good };
	struct buf b = {0};
	struct dnsmsg msg;
	size_t i, whole;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++) {
		rrs[1] = bad[i];
		build(&b, "a.example", DNS_TXT, REPLY, rrs, 2, 0);
		if (parse(&msg, &b, "a.example", DNS_TXT) != DANESTS_EINVAL)
			fail_msg("row %zu", i);
	}
	/* Cut anywhere, TC or not, it is not whole. */
	build(&b, "a.example", DNS_TXT, REPLY | 0x0200, rrs, 1, 0);
	whole = b.len;
	assert_int_equal(parse(&msg, &b, "a.example", DNS_TXT), DANESTS_OK);
	for (b.len = 0; b.len < whole; b.len++)
		assert_int_equal(parse(&msg, &b, "a.example", DNS_TXT), DANESTS_EINVAL);
	buf_free(&b);
}

static void mx_exchanges_are_names_or_the_root(void **state)
{
	const struct rr rrs[] = {
		{ AT(QNAME), DNS_MX, 60, DATA("\0\12\2MX\300\14"), 0 },
		{ AT(QNAME), DNS_MX, 60, DATA("\0\0\0"), 0 },
		{ AT(QNAME), DNS_MX, 60, DATA("\0\1\3a b\0"), 0 },
	};
	struct buf b = {0};
	struct domain name;
	struct dnsmsg msg;
	struct dnsrr rr;
	size_t cursor = 0;
	bool root;

	(void)state;
	build(&b, "example.com", DNS_MX, REPLY, rrs, 3, 0);
	assert_int_equal(parse(&msg, &b, "example.com", DNS_MX), DANESTS_OK);
	assert_true(dnsmsg_next(&msg, &cursor, &rr));
	assert_int_equal(dnsmsg_name(&msg, rr.rdata + 2, &name, &root), DANESTS_OK);
	assert_string_equal(name.name, "mx.example.com");
	assert_false(root);
	assert_true(dnsmsg_next(&msg, &cursor, &rr));
	assert_int_equal(dnsmsg_name(&msg, rr.rdata + 2, &name, &root), DANESTS_ENAME);
	assert_true(root);
	assert_true(dnsmsg_next(&msg, &cursor, &rr));
	assert_int_equal(dnsmsg_name(&msg, rr.rdata + 2, &name, &root), DANESTS_ENAME);
	assert_false(root);
	assert_int_equal(dnsmsg_name(&msg, msg.packet + msg.len, &name, &root), DANESTS_EINVAL);
	assert_int_equal(dnsmsg_name(&msg, NULL, &name, &root), DANESTS_EINVAL);
	buf_free(&b);
}

static void our_question_is_what_rfc_1035_says(void **state)
{
	static const uint8_t want[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\3_25\4_tcp\1a\0\0\64\0\1";
	uint8_t out[64];

	(void)state;
	assert_int_equal(dnsmsg_question(out, sizeof(out), 0x1234, "_25._tcp.a", DNS_TLSA),
	    sizeof(want) - 1);
	assert_memory_equal(out, want, sizeof(want) - 1);
	assert_int_equal(dnsmsg_question(out, sizeof(out), 1, ".", DNS_DNSKEY), 17);
	assert_int_equal(dnsmsg_question(out, 16, 1, ".", DNS_DNSKEY), 0);
	assert_int_equal(dnsmsg_question(out, sizeof(out), 1, "a..b", DNS_A), 0);
	assert_int_equal(dnsmsg_question(out, sizeof(out), 1, "", DNS_A), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_the_type_asked_are_given_in_order),
		cmocka_unit_test(header_bits_are_told),
		cmocka_unit_test(n3_what_is_no_reply_to_the_question_is_refused),
		cmocka_unit_test(a_ttl_with_the_top_bit_is_zero),
		cmocka_unit_test(n3_a_damaged_record_spoils_the_answer),
		cmocka_unit_test(mx_exchanges_are_names_or_the_root),
		cmocka_unit_test(our_question_is_what_rfc_1035_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
