/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parse/tlsrpt.h"

#define V "v=TLSRPTv1;"
#define A "mailto:a@example.com"
#define B "https://b.example/report?x=1"

static int examine_n(struct tlsrpt *out, const char *const *txt, size_t count,
    char why[TXTREC_WHY], struct notes *notes)
{
	struct danests_text texts[4];
	size_t i;

	for (i = 0; i < count; i++) {
		texts[i].data = txt[i];
		texts[i].len = strlen(txt[i]);
	}
	return tlsrpt_examine(out, texts, count, why, notes);
}

/* What is usable, or NULL; with notes how many. */
static void r1_r2_what_is_valid(void **state)
{
	static const struct {
		const char *txt, *rua;
		size_t notes;
	} rows[] = {
		{ V " rua=" A, A, 0 },
		{ V "rua=" A ";", A, 0 },
		{ V " rua=" A "; ", A, 0 },
		{ V " rua=" A " \t;", A, 0 },
		{ V "\trua=" A "," B, A "," B, 0 },
		{ V " rua=" B " ,\t" A, B "," A, 0 },
		{ V " rua=MAILTO:a@example.com", "MAILTO:a@example.com", 0 },
		{ V " rua=HTTPS://b.example", "HTTPS://b.example", 0 },
		{ V " rua=mailto:a%2Cb%21c%3bd@example.com",
		    "mailto:a%2Cb%21c%3bd@example.com", 0 },
		{ V " rua=mailto:a@example.com?subject=x%20y",
		    "mailto:a@example.com?subject=x%20y", 0 },
		{ V " rua=https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x", 0 },
		{ V " rua=https://u@b.example:8443/", "https://u@b.example:8443/", 0 },
		/* both lists of a record count */
		{ V " rua=" A "; rua=" B ";", A "," B, 1 },
		{ V " rua=" A "; rua=ftp://x", A, 2 },
		{ V " rua=" A "; v=TLSRPTv2", A, 1 },
		{ V " rua=" A "; x=y; x=", A, 2 }, /* 5.7 */
		/* S4: extensions */
		{ V " x_1.a-b=c; rua=" A, A, 1 },
		{ V " rua=" A "; RUA=c", A, 1 },
		/* skipped */
		{ V " rua=ftp://x.example," A, A, 1 },
		{ V " rua=http://x.example," A, A, 1 },
		{ V " rua=mailto:a!10m@example.com," A, A, 1 },
		{ V " rua=" A "," A, A "," A, 1 },
		/* 5.5 */
		{ "v=TLSRPTv1 ; rua=" A, A, 1 },
		{ "v=TLSRPTv1 \t ;rua=" A, A, 1 },
	};
	char why[TXTREC_WHY];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		struct notes notes = {0};
		struct tlsrpt rec = {0};

		if (examine_n(&rec, &rows[i].txt, 1, why, &notes) != DANESTS_OK)
			fail_msg("%s: %s", rows[i].txt, why);
		assert_string_equal(rec.rua.data, rows[i].rua);
		if (notes.count != rows[i].notes)
			fail_msg("%s: %s", rows[i].txt, notes.text.data);
		tlsrpt_free(&rec);
		notes_free(&notes);
	}
}

static void r1_r2_s4_what_is_not_and_why(void **state)
{
	static const struct {
		const char *txt, *why; /* why: a part of it */
	} rows[] = {
		{ "", "begin with" }, { "v=TLSRPTv1", "semicolon" },
		{ "v=TLSRPTv1 rua=" A, "semicolon" },
		{ "v=tlsrptv1; rua=" A, "case matter" }, { " " V " rua=" A, "blanks and quotes" },
		{ "\"" V " rua=" A "\"", "blanks and quotes" }, { "\"", "begin" },
		{ "v=TLSRPTv10; rua=" A, "begin" }, { "v=STSv1; id=1", "begin" },
		{ V, "no rua" }, { V " ", "no rua" }, { V " x=y", "no rua" },
		{ V " RUA=c", "no rua" },
		{ V " rua=" A " ", "blank at the end" },
		{ V " rua=" A "," B "\t", "blank at the end" },
		{ V " rua= " A, "blank behind" },
		{ V " rua =" A, "name has" },
		{ V "; rua=" A, "nothing between" }, { V " rua=" A ";;", "nothing between" },
		{ V " rua=" A "; x", "name=value" },
		{ V " rua=" A "; x=", "empty" },
		{ V " rua=" A "; x=a=b", "\"=\"" },
		{ V " rua=" A "; x=a b;", "blanks" },
		{ V " rua=" A "; x=b\xc3\xbc", "ASCII" },
		{ V " rua=mailto:a@example.com?subject=x;y", "name=value" },
		{ V " rua=", "missing" }, { V " rua=,", "missing" }, { V " rua=;", "missing" },
		{ V " rua=" A ",", "a comma too many" }, { V " rua=," A, "a comma too many" },
		{ V " rua=" A ",," B, "a comma too many" }, { V " rua=" A ", ;", "a comma too" },
		{ V " rua=a@example.com", "no scheme" }, { V " rua=:a@b", "no scheme" },
		{ V " rua=ftp://x.example", "neither" }, { V " rua=http://x.example/", "neither" },
		{ V " rua=mailto:a!10m@example.com", "%21" },
		{ V " rua=" A " " B, "blank in it" },
		{ V " rua=mailto:", "mail address" }, { V " rua=mailto:a", "mail address" },
		{ V " rua=mailto:@example.com", "mail address" },
		{ V " rua=mailto:a@", "mail address" },
		{ V " rua=mailto:?to=a@example.com", "mail address" },
		{ V " rua=mailto:a@-example", "valid domain" },
		{ V " rua=https:", "host" }, { V " rua=https://", "host" },
		{ V " rua=https:///x", "host" }, { V " rua=https://:443/", "host" },
		{ V " rua=https://u@/", "host" }, { V " rua=https:/b.example", "host" },
		{ V " rua=mailto:<a@example.com>", "character" },
		{ V " rua=mailto:\xc3\xbc@example.com", "character" },
		{ V " rua=mailto:a%2@example.com", "hexadecimal" },
		{ V " rua=mailto:a@example.com%", "hexadecimal" },
		{ V " rua=mailto:a@example.com%2", "hexadecimal" },
	};
	struct tlsrpt rec, before;
	char why[TXTREC_WHY];
	size_t i;

	(void)state;
	memset(&rec, 0x5a, sizeof(rec));
	before = rec;
	for (i = 0; i < COUNT_OF(rows); i++) {
		if (examine_n(&rec, &rows[i].txt, 1, why, NULL) != DANESTS_EINVAL)
			fail_msg("%s is accepted", rows[i].txt);
		if (strstr(why, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].txt, why);
		assert_memory_equal(&rec, &before, sizeof(rec));
	}
}

static void r1_exactly_one_record(void **state)
{
	static const char *const mixed[] = { "v=spf1 -all", V " rua=" A, "v=TLSRPTv1 ; rua=" B };
	static const char *const twice[] = { V " rua=" A, V " rua=" A };
	struct notes notes = {0};
	struct tlsrpt rec = {0};
	char why[TXTREC_WHY];

	(void)state;
	assert_int_equal(examine_n(&rec, mixed, 3, why, &notes), DANESTS_OK);
	assert_string_equal(rec.rua.data, A);
	assert_int_equal(notes.count, 2);
	assert_non_null(strstr(notes.text.data, "TXT record 1 of 3 is ignored"));
	tlsrpt_free(&rec);
	tlsrpt_free(NULL);
	notes_free(&notes);
	assert_int_equal(examine_n(&rec, twice, 2, why, NULL), DANESTS_EINVAL);
	assert_non_null(strstr(why, "more than one"));
	assert_int_equal(examine_n(&rec, NULL, 0, why, NULL), DANESTS_EINVAL);
}

static void nul_octets_hide_nothing(void **state)
{
	static const char text[] = V " rua=" A "\0!";
	struct danests_text one = { text, sizeof(text) - 1 };
	struct tlsrpt rec = {0};
	char why[TXTREC_WHY];

	(void)state;
	assert_int_equal(tlsrpt_examine(&rec, &one, 1, why, NULL), DANESTS_EINVAL);
	one = (struct danests_text){ V " rua=a\0:x", strlen(V) + 9 };
	assert_int_equal(tlsrpt_examine(&rec, &one, 1, why, NULL), DANESTS_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r1_r2_what_is_valid),
		cmocka_unit_test(r1_r2_s4_what_is_not_and_why),
		cmocka_unit_test(r1_exactly_one_record),
		cmocka_unit_test(nul_octets_hide_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
