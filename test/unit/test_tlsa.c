/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "parse/tlsa.h"

/* An Ed25519 certificate for CN=a, and its SubjectPublicKeyInfo. */
static const char cert_hex[] =
	"3082012c3081dfa00302010202142efd22df12f88a1b6fe92767c0d77fe12cd1115b30050603"
	"2b6570300c310a300806035504030c0161301e170d3236313132323035353930385a170d3336"
	"313131393035353930385a300c310a300806035504030c0161302a300506032b6570032100e8"
	"dce9e243d9befd1c87a76efba6e0ca7f48dd0b5613e34265ac05995aaaaf50a3533051301d06"
	"03551d0e04160414404b0ff414ba28ee760cb886c1c24bbe509f5feb301f0603551d23041830"
	"168014404b0ff414ba28ee760cb886c1c24bbe509f5feb300f0603551d130101ff0405300301"
	"01ff300506032b6570034100e764de5e7b82eb8cbf9c045e4c4e7b172854c3fde0200c78a50c"
	"931aa2a59b791190935b438c80475132ad2d99593c81548bdc83a220c7f412a15dc15433c609";
static const char key_hex[] =
	"302a300506032b6570032100e8dce9e243d9befd1c87a76efba6e0ca7f48dd0b5613e34265ac"
	"05995aaaaf50";

static const uint8_t digest[64] = "a digest that no certificate has";

static struct danests_tlsa record(unsigned usage, unsigned selector, unsigned mtype,
    const void *data, size_t len)
{
	struct danests_tlsa rec = { (uint8_t)usage, (uint8_t)selector, (uint8_t)mtype, len, data };

	return rec;
}

static bool usable(unsigned usage, unsigned selector, unsigned mtype, const void *data, size_t len)
{
	struct danests_tlsa rec = record(usage, selector, mtype, data, len);

	return tlsa_unusable(&rec) == NULL;
}

static void rdata_is_three_octets_and_the_data(void **state)
{
	static const uint8_t rdata[] = { 3, 1, 2, 0xab, 0xcd };
	struct danests_tlsa rec = {0};

	(void)state;
	assert_int_equal(tlsa_parse(&rec, rdata, 5), DANESTS_OK);
	assert_true(rec.usage == 3 && rec.selector == 1 && rec.mtype == 2 && rec.len == 2);
	assert_ptr_equal(rec.data, rdata + 3);
}

/* L16, U2: a record without data is one, though unusable; a shorter one is none. */
static void l16_an_empty_record_counts_but_a_short_one_is_damaged(void **state)
{
	static const uint8_t rdata[] = { 3, 1, 1 };
	struct danests_tlsa rec = {0};
	size_t len;

	(void)state;
	for (len = 0; len < 3; len++)
		assert_int_equal(tlsa_parse(&rec, rdata, len), DANESTS_EINVAL);
	assert_int_equal(tlsa_parse(&rec, rdata, 3), DANESTS_OK);
	assert_int_equal(rec.len, 0);
	assert_non_null(tlsa_unusable(&rec));
	rec.mtype = 0;
	assert_non_null(tlsa_unusable(&rec));
}

/* U1, U4: over all that three octets can say. */
static void u1_u4_only_known_usages_selectors_and_types_are_usable(void **state)
{
	unsigned u, s, m;
	bool want;

	(void)state;
	for (u = 0; u < 256; u++) {
		for (s = 0; s < 256; s++) {
			for (m = 1; m < 256; m++) {
				want = (u == 2 || u == 3) && s <= 1 && m == 1;
				if (usable(u, s, m, digest, 32) != want)
					fail_msg("%u %u %u with 32 octets", u, s, m);
				want = (u == 2 || u == 3) && s <= 1 && m == 2;
				if (usable(u, s, m, digest, 64) != want)
					fail_msg("%u %u %u with 64 octets", u, s, m);
			}
		}
	}
}

/* U2, U5 */
static void u2_u5_a_digest_has_exactly_its_length(void **state)
{
	uint8_t data[256] = {0};
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(data); len++) {
		assert_int_equal(usable(3, 1, 1, data, len), len == 32);
		assert_int_equal(usable(2, 0, 2, data, len), len == 64);
	}
}

static size_t unhex(uint8_t *out, size_t room, const char *text)
{
	size_t len = strlen(text) / 2;

	assert_true(len <= room);
	assert_true(hex_decode(out, len, text, strlen(text)));
	return len;
}

static void u2_full_data_is_a_whole_certificate_or_key(void **state)
{
	uint8_t cert[400], key[100];
	size_t certlen = unhex(cert, sizeof(cert), cert_hex);
	size_t keylen = unhex(key, sizeof(key), key_hex), i;

	(void)state;
	assert_true(usable(3, 0, 0, cert, certlen));
	assert_true(usable(2, 0, 0, cert, certlen));
	assert_true(usable(3, 1, 0, key, keylen));
	assert_false(usable(3, 1, 0, cert, certlen));
	assert_false(usable(3, 0, 0, key, keylen));
	for (i = 0; i < certlen; i++)
		assert_false(usable(3, 0, 0, cert, i));
	for (i = 0; i < keylen; i++)
		assert_false(usable(3, 1, 0, key, i));
	cert[certlen] = key[keylen] = 0;
	assert_false(usable(3, 0, 0, cert, certlen + 1));
	assert_false(usable(3, 1, 0, key, keylen + 1));
}

static void u2_what_is_not_der_is_unusable(void **state)
{
	static const struct {
		const char *hex;
		bool ok; /* as a key: usage 3, selector 1 */
	} rows[] = {
		{ "30053000030100", true },
		{ "30063000030200" "ff", true },
		{ "3081053000030100", false },       /* long form of a short length */
		{ "308200053000030100", false },     /* leading zero */
		{ "30803000030100" "0000", false },  /* indefinite */
		{ "31053000030100", false },         /* a SET */
		{ "300430000300", false },           /* no octet for unused bits */
		{ "30053000030108", false },         /* eight unused bits */
		{ "30053000040100", false },         /* an OCTET STRING */
		{ "3003030100", false },             /* no algorithm */
		{ "30073000030100" "0500", false },  /* one thing more */
		{ "3084ffffffff3000", false },
		{ "3085010000000030", false },
		{ "30ff", false },
		{ "30", false },
	};
	uint8_t der[64];
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		len = unhex(der, sizeof(der), rows[i].hex);
		if (usable(3, 1, 0, der, len) != rows[i].ok)
			fail_msg("%s", rows[i].hex);
	}
}

static void reasons_are_words_for_a_postmaster(void **state)
{
	struct danests_tlsa rec = record(1, 1, 1, digest, 32);

	(void)state;
	assert_non_null(strstr(tlsa_unusable(&rec), "RFC 7672"));
	rec = record(3, 1, 1, digest, 31);
	assert_non_null(strstr(tlsa_unusable(&rec), "32 octets"));
	rec = record(3, 1, 0, digest, 31);
	assert_non_null(strstr(tlsa_unusable(&rec), "DER"));
}

/* U6 (RFC 7671 9), row by row; '-' marks what must be dropped. */
static void u6_only_the_strongest_digest_of_each_kind_is_left(void **state)
{
	static const struct {
		struct {
			uint8_t usage, selector, mtype, len;
		} rec[4];
		const char *want;
	} rows[] = {
		{ { {3, 1, 1, 32}, {3, 1, 2, 64} }, "-+" },
		{ { {3, 1, 2, 64}, {3, 1, 1, 32}, {3, 1, 1, 32} }, "+--" },
		{ { {3, 1, 1, 32}, {3, 1, 1, 32} }, "++" },
		{ { {3, 1, 1, 32}, {3, 0, 2, 64} }, "++" },          /* other selector */
		{ { {3, 1, 1, 32}, {2, 1, 2, 64} }, "++" },          /* other usage */
		{ { {3, 1, 1, 32}, {3, 1, 2, 63} }, "+-" },          /* unusable goes first */
		{ { {3, 1, 1, 32}, {3, 1, 0, 50}, {3, 1, 2, 64} }, "-++" }, /* Full stays */
		{ { {0, 1, 2, 64}, {1, 1, 2, 64}, {3, 1, 1, 32} }, "--+" },
		{ { {3, 1, 3, 64}, {3, 1, 1, 32} }, "-+" },          /* unknown digest */
		{ { {3, 1, 1, 31} }, "-" },
		{ { {0} }, "" },
	};
	uint8_t key[100];
	struct danests_tlsa recs[4];
	size_t keylen = unhex(key, sizeof(key), key_hex), i, j, n, left;
	bool drop[4];

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		n = strlen(rows[i].want);
		for (j = left = 0; j < n; j++) {
			recs[j] = record(rows[i].rec[j].usage, rows[i].rec[j].selector,
			    rows[i].rec[j].mtype, digest, rows[i].rec[j].len);
			if (recs[j].mtype == 0)
				recs[j] = record(3, 1, 0, key, keylen);
			left += rows[i].want[j] == '+' ? 1 : 0;
		}
		assert_int_equal(tlsa_agility(recs, n, drop), left);
		for (j = 0; j < n; j++)
			assert_int_equal(drop[j], rows[i].want[j] == '-');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_is_three_octets_and_the_data),
		cmocka_unit_test(l16_an_empty_record_counts_but_a_short_one_is_damaged),
		cmocka_unit_test(u1_u4_only_known_usages_selectors_and_types_are_usable),
		cmocka_unit_test(u2_u5_a_digest_has_exactly_its_length),
		cmocka_unit_test(u2_full_data_is_a_whole_certificate_or_key),
		cmocka_unit_test(u2_what_is_not_der_is_unusable),
		cmocka_unit_test(reasons_are_words_for_a_postmaster),
		cmocka_unit_test(u6_only_the_strongest_digest_of_each_kind_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
