/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/decision.h"
#include "danests.h"

static const struct decision sample = {
	.nexthop = "[mx.example.com]:587", .domain = "mx.example.com", .reply = "TEMP",
	.dane = "bogus", .sts = "enforce", .sts_id = "20260101", .source = "lookup",
	.error = "dnssec-invalid", .reason = "TLSA _587._tcp.mx.example.com: \"\\ x",
	.hosts = 1, .expires = 15, .ms = 12,
};

static const char line[] = "policy nexthop=[mx.example.com]:587 domain=mx.example.com reply=TEMP "
    "dane=bogus sts=enforce sts_id=20260101 hosts=1 expires=15 source=lookup ms=12 "
    "error=dnssec-invalid reason=\"TLSA _587._tcp.mx.example.com: \\\"\\\\ x\"";

static int parse(struct decision *d, struct buf *store, const char *text)
{
	return decision_parse(d, store, text, strlen(text));
}

static void written_in_fixed_order(void **state)
{
	struct buf out = {0};

	(void)state;
	decision_write(&out, &sample);
	assert_string_equal(out.data, line);
	buf_free(&out);
}

static void nothing_is_written_as_a_dash(void **state)
{
	struct decision d = sample;
	struct buf out = {0};

	(void)state;
	d.sts_id = "";
	d.error = NULL;
	d.reason = "";
	decision_write(&out, &d);
	assert_non_null(strstr(out.data, " sts_id=- "));
	assert_non_null(strstr(out.data, " error=- reason=\"\""));
	buf_free(&out);
}

static void what_is_written_is_read(void **state)
{
	struct buf out = {0}, store = {0};
	struct decision d;

	(void)state;
	decision_write(&out, &sample);
	assert_int_equal(parse(&d, &store, out.data + strlen(DECISION_MARK)), DANESTS_OK);
	assert_string_equal(d.nexthop, sample.nexthop);
	assert_string_equal(d.domain, sample.domain);
	assert_string_equal(d.reply, sample.reply);
	assert_string_equal(d.dane, sample.dane);
	assert_string_equal(d.sts, sample.sts);
	assert_string_equal(d.sts_id, sample.sts_id);
	assert_string_equal(d.source, sample.source);
	assert_string_equal(d.error, sample.error);
	assert_string_equal(d.reason, sample.reason);
	assert_int_equal(d.hosts, 1);
	assert_int_equal(d.expires, 15);
	assert_int_equal(d.ms, 12);
	buf_free(&out);
	buf_free(&store);
}

static void reader_is_lenient_where_it_may_be(void **state)
{
	struct buf store = {0};
	struct decision d;

	(void)state;
	assert_int_equal(parse(&d, &store, "nexthop=a domain=a reply=dane dane=full sts=absent "
	    "sts_id=- later=\"x y\" reply=may"), DANESTS_OK);
	assert_string_equal(d.reply, "dane"); /* the first counts */
	assert_string_equal(d.sts_id, "");
	assert_string_equal(d.reason, "");
	assert_int_equal(d.ms, 0);
	buf_free(&store);
}

static void damaged_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "nexthop=a", "nexthop=a domain=a reply=dane dane=full",
		"nexthop=\"\" domain=a reply=dane dane=full sts=absent",
		"nexthop=a domain=a reply=dane dane=full sts=absent hosts=x",
		"nexthop=a domain=a reply=dane dane=full sts=absent ms=-1",
		"nexthop=a domain=a reply=dane dane=full sts=absent reason=\"cut off",
		"nexthop=a domain=a reply=dane dane=full sts=absent garbage",
		"nexthop=a domain=a reply=dane dane=full sts=absent ms=99999999999999999999",
	};
	struct decision d = { .ms = 77 };
	struct buf store = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&d, &store, bad[i]), DANESTS_EINVAL);
	assert_int_equal(d.ms, 77); /* untouched */
	buf_free(&store);
}

/* A reason made of remote words can neither end the line nor begin a pair. */
static void remote_words_stay_in_their_value(void **state)
{
	struct decision d = sample, got;
	struct buf out = {0}, store = {0};

	(void)state;
	d.reason = "x\" error=- reply=\"may\npolicy nexthop=b";
	decision_write(&out, &d);
	assert_null(strchr(out.data, '\n'));
	assert_int_equal(parse(&got, &store, out.data + strlen(DECISION_MARK)), DANESTS_OK);
	assert_string_equal(got.error, "dnssec-invalid");
	assert_string_equal(got.reason, "x\" error=- reply=\"may?policy nexthop=b");
	buf_free(&out);
	buf_free(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_in_fixed_order),
		cmocka_unit_test(nothing_is_written_as_a_dash),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(reader_is_lenient_where_it_may_be),
		cmocka_unit_test(damaged_lines_are_refused),
		cmocka_unit_test(remote_words_stay_in_their_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
