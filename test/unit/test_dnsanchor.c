/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_anchor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"

#define DS256 "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d"
#define DS1 "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
#define KEY "AwEAAaz/tAm8yTn4Mfeh5eyI"

struct row {
	const char *text, *want; /* want: first record, or part of the problem */
	size_t count;            /* 0: refused */
};

static const struct row rows[] = {
	{ ". IN DS 20326 8 2 " DS256 "\n", ". IN DS 20326 8 2 " DS256, 1 },
	{ ".\t3600\tIN\tDS\t20326 8 2 " DS256, ". IN DS 20326 8 2 " DS256, 1 },
	{ ". IN 3600 ds 20326 8 2 " DS256, ". IN DS 20326 8 2 " DS256, 1 },
	{ "; comment\n\n$TTL 300\nExample.ORG. DS 1 13 2 " DS256 " ; tag\n",
	    "example.org IN DS 1 13 2 " DS256, 1 },
	{ ". IN DNSKEY 257 3 8 " KEY "\n", ". IN DNSKEY 257 3 8 " KEY, 1 },
	{ ". IN DNSKEY 257 3 8 (\n AwEAAaz/ ; one\n tAm8yTn4 Mfeh5eyI\n)\n",
	    ". IN DNSKEY 257 3 8 " KEY, 1 },
	{ ". DNSKEY 257 3 8 " KEY "\n  DS 20326 8 2 " DS256 "\n", ". IN DNSKEY 257 3 8 " KEY, 2 },
	/* RFC 5011 states, as unbound-anchor writes them: pending is not in force. */
	{ ". 1 IN DNSKEY 257 3 8 " KEY " ;{id = 1 (ksk)} ;;state=1 [ ADDPEND ] ;;count=1\n"
	  ". 1 IN DNSKEY 257 3 13 " KEY " ;{id = 2 (ksk)} ;;state=2 [  VALID  ] ;;count=0\n",
	    ". IN DNSKEY 257 3 13 " KEY, 1 },
	/* Revoked, or of a kind that could make everything insecure: passed over. */
	{ ". DNSKEY 385 3 8 " KEY "\n. DNSKEY 257 3 250 " KEY "\n. DS 1 8 9 00\n. DS 1 8 2 " DS256,
	    ". IN DS 1 8 2 " DS256, 1 },
	{ ". DNSKEY 385 3 8 " KEY, "no usable DS or DNSKEY record", 0 },
	{ "", "no usable DS or DNSKEY record", 0 },
	{ ". IN DS 20326 8 2 " DS1,
	    "anchor:1: the digest of the DS record has the wrong length", 0 },
	{ "\n\n. IN DS 20326 8 2 xyz\n", "anchor:3: the digest of the DS record is damaged", 0 },
	{ ". IN DS 20326 8\n", "anchor:1: not a DS record", 0 },
	{ ". IN DS 99999 8 2 " DS256, "anchor:1: not a DS record", 0 },
	{ ". IN DNSKEY 0 3 8 " KEY, "anchor:1: not the key of a zone", 0 },
	{ ". IN DNSKEY 257 4 8 " KEY, "anchor:1: not the key of a zone", 0 },
	{ ". IN DNSKEY 257 3 8 AwE=AAaz", "anchor:1: the key is damaged", 0 },
	{ ". IN NS a.example.\n", "anchor:1: neither a DS nor a DNSKEY record", 0 },
	{ "DS 1 8 2 " DS256 "\n", "anchor:1: neither a DS nor a DNSKEY record", 0 },
	{ " IN DS 1 8 2 " DS256 "\n", "anchor:1: no owner name", 0 },
	{ "a..b IN DS 1 8 2 " DS256 "\n", "anchor:1: not a domain name", 0 },
	{ ". IN DNSKEY 257 3 8 ( " KEY "\n", "anchor:1: missing )", 0 },
	{ ". IN DNSKEY 257 3 8 ) " KEY "\n", "anchor:1: unexpected )", 0 },
	{ "managed-keys { };\n", "anchor:1:", 0 },
	{ "\x01\n", "anchor:1: odd character", 0 },
};

static void files_are_read_or_refused_by_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct dns_anchors anchors;
		char problem[256] = "";
		int r = dns_anchors_parse(&anchors, "anchor", rows[i].text, strlen(rows[i].text),
		    problem, sizeof(problem));

		if (rows[i].count == 0) {
			assert_int_equal(r, DANESTS_ERESOLVER);
			if (strstr(problem, rows[i].want) == NULL)
				fail_msg("row %zu: \"%s\"", i, problem);
			continue;
		}
		if (r != DANESTS_OK)
			fail_msg("row %zu: \"%s\"", i, problem);
		assert_int_equal(anchors.count, rows[i].count);
		assert_string_equal(anchors.at[0].record, rows[i].want);
		dns_anchors_free(&anchors);
	}
}

static void too_many_records_are_refused(void **state)
{
	static char text[(DNS_ANCHOR_RECORDS + 1) * 96];
	struct dns_anchors anchors;
	char problem[256] = "";
	size_t len = 0;

	(void)state;
	for (int i = 0; i <= DNS_ANCHOR_RECORDS; i++) {
		memcpy(text + len, ". DS 1 8 2 " DS256 "\n", sizeof(". DS 1 8 2 " DS256));
		len += strlen(". DS 1 8 2 " DS256 "\n");
	}
	assert_int_equal(dns_anchors_parse(&anchors, "anchor", text, len, problem,
	    sizeof(problem)), DANESTS_ERESOLVER);
	assert_string_equal(problem, "trust anchor anchor:65: too many records");
}

static void a_missing_file_is_named(void **state)
{
	struct dns_anchors anchors;
	char problem[256] = "";

	(void)state;
	assert_int_equal(dns_anchors_load(&anchors, "/nonexistent/key", problem,
	    sizeof(problem)), DANESTS_ERESOLVER);
	assert_string_equal(problem, "trust anchor /nonexistent/key: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_or_refused_by_line),
		cmocka_unit_test(too_many_records_are_refused),
		cmocka_unit_test(a_missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
