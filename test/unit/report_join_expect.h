/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of lines and of what they give. After cmocka.h. */
#ifndef TEST_REPORT_JOIN_EXPECT_H
#define TEST_REPORT_JOIN_EXPECT_H

#include "report_join_help.h"

#define S(p) "postfix/smtp[" #p "]: "
#define X(p) "postfix/tlsproxy[" #p "]: "

/* What the lines give; places are shown only where a row asks for them. */
static inline void expect(const char *lines, const char *expected, bool places)
{
	struct buf out = {0};
	struct join_next next = help_next(&out);
	struct join *j = join_new(NULL, &next);

	assert_non_null(j);
	help_push(j, lines);
	if (places)
		join_end(j);
	assert_false(join_counts(j)->out_of_memory);
	assert_int_equal(join_counts(j)->strange, 0);
	assert_string_equal(out.data != NULL ? out.data : "", expected);
	join_free(j);
	buf_free(&out);
}

struct row {
	const char *lines, *expected;
};

static inline void expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(rows[i].lines, rows[i].expected, false);
}

#endif
