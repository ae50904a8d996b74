/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>


#include "danests.h"
#include "parse/dnsname.h"

static void text_becomes_labels_and_back(void **state)
{
	struct dnsname name, other;
	struct domain domain;

	(void)state;
	assert_true(dnsname_from_text(&name, "Mx.Example"));
	assert_int_equal(name.len, 12);
	assert_memory_equal(name.wire, "\2mx\7example", 12);
	assert_int_equal(dnsname_to_domain(&name, &domain), DANESTS_OK);
	assert_string_equal(domain.name, "mx.example");
	assert_true(dnsname_from_text(&other, "mX.eXample"));
	assert_true(dnsname_equal(&name, &other));
	assert_true(dnsname_from_text(&other, "mx.exampl"));
	assert_false(dnsname_equal(&name, &other));
	assert_true(dnsname_from_text(&name, "."));
	assert_int_equal(name.len, 1);
	assert_int_equal(dnsname_to_domain(&name, &domain), DANESTS_ENAME);
	assert_false(dnsname_from_text(&name, ""));
	assert_false(dnsname_from_text(&name, "a..b"));
	assert_false(dnsname_from_text(&name, "a."));
}

static void pointers_lead_only_backwards_and_end(void **state)
{
	/* 12: a, root; 15: b -> 12; 19: c -> 15; 23: to itself; 25, 27: to each other */
	static const uint8_t packet[] = "............"
	    "\1a\0\1b\300\14\1c\300\17\300\27\300\33\300\31\300";
	static const struct {
		size_t at, next;
		const char *want;
	} rows[] = {
		{ 12, 15, "a" }, { 15, 19, "b.a" }, { 19, 23, "c.b.a" }, { 17, 19, "a" },
		{ 23, 0, NULL }, { 25, 0, NULL }, { 27, 0, NULL }, { 29, 0, NULL },
	};
	struct dnsname name, want;
	struct span s;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		s = span_of(packet, sizeof(packet) - 1);
		(void)span_take(&s, rows[i].at);
		assert_int_equal(dnsname_read(packet, &s, &name), rows[i].want != NULL);
		if (rows[i].want == NULL)
			continue;
		assert_ptr_equal(s.p, packet + rows[i].next);
		assert_true(dnsname_from_text(&want, rows[i].want));
		assert_true(dnsname_equal(&name, &want));
	}
}

static void names_longer_than_255_octets_are_damaged(void **state)
{
	uint8_t packet[400] = {0};
	struct dnsname name;
	struct span s;
	size_t at = 12, i;

	(void)state;
	for (i = 0; i < 127; i++, at += 2) { /* 127 labels of one octet and the root: 255 */
		packet[at] = 1;
		packet[at + 1] = 'A';
	}
	s = span_of(packet, sizeof(packet));
	(void)span_take(&s, 12);
	assert_true(dnsname_read(packet, &s, &name));
	assert_int_equal(name.len, 255);
	assert_int_equal(name.wire[1], 'a');
	memcpy(packet + 270, "\1b\300\14", 4); /* one label more, then that name */
	s = span_of(packet, sizeof(packet));
	(void)span_take(&s, 270);
	assert_false(dnsname_read(packet, &s, &name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_labels_and_back),
		cmocka_unit_test(pointers_lead_only_backwards_and_end),
		cmocka_unit_test(names_longer_than_255_octets_are_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
