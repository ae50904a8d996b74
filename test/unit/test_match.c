/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify/match.h"
#include "verify_help.h"

static bool matches(struct match_subject *s, const char *record)
{
	struct records records;
	bool match = false;

	records_read(&records, record);
	assert_int_equal(match_record(s, &records.list[0], &match), DANESTS_OK);
	records_free(&records);
	return match;
}

static void subject_of(struct match_subject *s, gnutls_datum_t *der, const char *name)
{
	struct danests_der cert;

	*der = tls_der(name);
	cert = (struct danests_der){ der->data, der->size };
	assert_true(match_certificate(s, &cert));
}

static void U5_each_selector_and_matching_type_is_compared(void **state)
{
	static const char *const certs[] = { "leaf", "rsa-leaf", "ed-leaf", "pss-leaf", "root",
		"dns-many", "inter-huge", "self-ca", "cn-none" };
	char record[64], other[64];
	struct match_subject s;
	gnutls_datum_t der;

	(void)state;
	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++) {
		subject_of(&s, &der, certs[i]);
		for (unsigned kind = 0; kind < 6; kind++) {
			snprintf(record, sizeof(record), "2 %u %u %s", kind / 3, kind % 3, certs[i]);
			snprintf(other, sizeof(other), "2 %u %u inter", kind / 3, kind % 3);
			assert_true(matches(&s, record));
			assert_true(matches(&s, record)); /* from the digest that is kept */
			assert_false(matches(&s, other));
		}
		gnutls_free(der.data);
	}
}

static void U2_one_octet_makes_the_difference(void **state)
{
	struct match_subject s;
	gnutls_datum_t der, data;
	struct danests_tlsa rec;
	bool match;

	(void)state;
	subject_of(&s, &der, "leaf");
	for (unsigned kind = 0; kind < 6; kind++) {
		data = association(kind / 3, kind % 3, "leaf");
		rec = (struct danests_tlsa){ 3, (uint8_t)(kind / 3), (uint8_t)(kind % 3), data.size,
			data.data };
		for (unsigned i = 0; i < data.size; i += 7) {
			data.data[i] ^= 1;
			assert_int_equal(match_record(&s, &rec, &match), DANESTS_OK);
			assert_false(match);
			data.data[i] ^= 1;
		}
		assert_int_equal(match_record(&s, &rec, &match), DANESTS_OK);
		assert_true(match);
		gnutls_free(data.data);
	}
	gnutls_free(der.data);
}

static void a_full_record_of_another_length_does_not_match(void **state)
{
	struct match_subject s;
	struct danests_tlsa rec;
	gnutls_datum_t der;
	bool match;

	(void)state;
	subject_of(&s, &der, "leaf");
	rec = (struct danests_tlsa){ 3, 0, 0, der.size - 1, der.data };
	assert_int_equal(match_record(&s, &rec, &match), DANESTS_OK);
	assert_false(match);
	gnutls_free(der.data);
}

static void U13_a_key_alone_matches_selector_1_only(void **state)
{
	gnutls_datum_t key = part_of("leaf", 1);
	struct danests_der der = { key.data, key.size };
	struct match_subject s;

	(void)state;
	assert_true(match_key(&s, &der));
	assert_true(matches(&s, "3 1 0 leaf"));
	assert_true(matches(&s, "3 1 1 leaf"));
	assert_true(matches(&s, "3 1 2 leaf"));
	assert_false(matches(&s, "3 0 0 leaf"));
	assert_false(matches(&s, "3 0 1 leaf"));
	assert_null(match_digest(&s, 0, 1));
	assert_non_null(match_digest(&s, 1, 1));
	gnutls_free(key.data);
}

static void what_is_no_certificate_matches_nothing(void **state)
{
	struct match_subject s = {0};
	struct danests_der der = { (const uint8_t *)"x", 1 };

	(void)state;
	assert_false(matches(&s, "3 1 1 leaf"));
	assert_false(match_certificate(&s, &der));
	assert_false(matches(&s, "3 0 0 leaf"));
	assert_false(match_key(&s, &der));
	assert_false(matches(&s, "3 1 0 leaf"));
}

static void a_record_has_a_name(void **state)
{
	const struct danests_tlsa rec = { 255, 255, 255, 0, NULL };
	char name[MATCH_NAME];

	(void)state;
	match_name(name, &rec);
	assert_string_equal(name, "255 255 255");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U5_each_selector_and_matching_type_is_compared),
		cmocka_unit_test(U2_one_octet_makes_the_difference),
		cmocka_unit_test(a_full_record_of_another_length_does_not_match),
		cmocka_unit_test(U13_a_key_alone_matches_selector_1_only),
		cmocka_unit_test(what_is_no_certificate_matches_nothing),
		cmocka_unit_test(a_record_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
