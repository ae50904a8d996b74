/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "danests.h"
#include "plan/question.h"

static int parse(struct question *q, const char *text)
{
	return question_parse(q, text, strlen(text));
}

static const char *const texts[] = {
	"MX example.com", "ADDR mx1.example.com", "CNAME mx1.example.com",
	"TLSA _25._tcp.mx1.example.com", "STSTXT example.com", "STSHELD example.com",
	"STS example.com id=20260101", "STS xn--bcher-kva.example id=aZ9",
	"TXT _smtp._tls.example.com", "TXT example.com", "DS example.com", "DS com",
};

static void text_is_read_as_it_is_written(void **state)
{
	char out[QUESTION_TEXT_MAX + 1];
	struct question q;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(parse(&q, texts[i]), DANESTS_OK);
		assert_int_equal(question_text(&q, out), strlen(texts[i]));
		assert_string_equal(out, texts[i]);
	}
}

/* The text is the cache key: one spelling only. */
static void other_spellings_are_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "MX", "MX ", "mx example.com", "MX Example.com", "MX example.com.",
		"MX  example.com", " MX example.com", "MX example.com ", "NS example.com",
		"MX example.com id=1", "STS example.com", "STS example.com id=",
		"STS example.com id=a b", "STS example.com id=a-b", "STS example.com  id=a",
		"STS example.com ID=a", "STS example.com id=123456789012345678901234567890123",
		"MX 192.0.2.1", "MX b\xc3\xbc" "cher.example", "MX a..b",
	};
	struct question q = { .kind = QUESTION_TLSA };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&q, bad[i]), DANESTS_EINVAL);
	assert_int_equal(q.kind, QUESTION_TLSA); /* untouched */
}

static void longest_question_fits(void **state)
{
	struct question q = { .kind = QUESTION_STS };
	char out[QUESTION_TEXT_MAX + 1];

	(void)state;
	memset(q.name.name, 'a', DOMAIN_MAX);
	memset(q.id, 'b', STSTXT_ID_MAX);
	assert_true(question_text(&q, out) <= QUESTION_TEXT_MAX);
	q.kind = QUESTION_STSHELD;
	assert_true(question_text(&q, out) <= QUESTION_TEXT_MAX);
}

static void equal_in_kind_name_and_id(void **state)
{
	struct question a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			assert_int_equal(parse(&a, texts[i]), DANESTS_OK);
			assert_int_equal(parse(&b, texts[k]), DANESTS_OK);
			assert_int_equal(question_equal(&a, &b), i == k);
		}
	}
	assert_int_equal(parse(&a, "STS example.com id=a"), DANESTS_OK);
	assert_int_equal(parse(&b, "STS example.com id=A"), DANESTS_OK); /* S4 */
	assert_false(question_equal(&a, &b));
}

/* Where the policy host is does not change what is asked. */
static void address_is_no_part_of_the_question(void **state)
{
	struct question a, b;
	const char *anything = "";

	(void)state;
	assert_int_equal(parse(&a, "STS example.com id=1"), DANESTS_OK);
	b = a;
	b.addr = (const struct answer *)(const void *)anything;
	assert_true(question_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_read_as_it_is_written),
		cmocka_unit_test(other_spellings_are_refused),
		cmocka_unit_test(longest_question_fits),
		cmocka_unit_test(equal_in_kind_name_and_id),
		cmocka_unit_test(address_is_no_part_of_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
