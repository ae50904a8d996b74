/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in any order to lines in the order of time. */
#include "test/unit/report_input_help.h"

#include <sys/resource.h>

#define AT(hour, second) "Nov 21 " hour ":00:" second " "

static void lines_of_two_hosts_interleave_by_time(void **state)
{
	const char *files[] = {
		help_text("b.log", AT("02", "01") "b postfix/smtp[1]: one\n"
		    AT("02", "03") "b postfix/smtp[1]: three\n"),
		help_text("a.log", AT("02", "02") "a postfix/smtp[2]: two\n"
		    AT("02", "03") "a postfix/smtp[2]: three, too\n"
		    AT("02", "04") "a postfix/smtp[2]: four\n"),
	};

	(void)state;
	assert_string_equal(help_run(files, 2),
	    "1795226401000000 b smtp: one\n"
	    "1795226402000000 a smtp: two\n"
	    "1795226403000000 b smtp: three\n"
	    "1795226403000000 a smtp: three, too\n"
	    "1795226404000000 a smtp: four\n");
	assert_int_equal(help_counts.lines, 5);
	assert_int_equal(help_counts.strange, 0);
	assert_int_equal(help_counts.guessed, 5);
	assert_string_equal(help_complaints.data, "");
	help_forget();
}

static void times_that_go_back_are_taken_as_they_stand(void **state)
{
	const char *files[] = {
		help_text("a", AT("02", "05") "a postfix/smtp[1]: five\n"
		    AT("02", "01") "a postfix/smtp[1]: one\n"
		    AT("02", "09") "a postfix/smtp[1]: nine\n"),
		help_text("b", AT("02", "04") "b postfix/smtp[1]: four\n"
		    AT("02", "06") "b postfix/smtp[1]: six\n"),
	};

	(void)state;
	assert_string_equal(help_run(files, 2),
	    "1795226404000000 b smtp: four\n"
	    "1795226405000000 a smtp: five\n"
	    "1795226401000000 a smtp: one\n"
	    "1795226406000000 b smtp: six\n"
	    "1795226409000000 a smtp: nine\n");
	help_forget();
}

/* All within one second: only the names tell. */
static void names_order_what_times_do_not(void **state)
{
	static const struct {
		const char *why, *names[4]; /* in the order of time */
	} rows[] = {
		{ "rotated: higher is older", { "mail.log.10", "mail.log.2", "mail.log.1",
		    "mail.log" } },
		{ "compressed, too", { "maillog.3.gz", "maillog.2.gz", "maillog.1", "maillog" } },
		{ "dates", { "mail.log-20260731", "mail.log-20260801", "mail.log-20260802.xz",
		    "mail.log" } },
		{ "pieces", { "part.1", "part.2", "part.9", "part.10" } },
		{ "split(1)", { "xaa", "xab", "xac", "xba" } },
		{ "padded", { "p008", "p009", "p010", "p011" } },
	};
	static const unsigned shuffles[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 } };

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++)
		for (size_t s = 0; s < COUNT_OF(shuffles); s++) {
			const char *files[4];

			for (size_t i = 0; i < 4; i++) {
				unsigned n = shuffles[s][i];
				char text[100];

				snprintf(text, sizeof(text), AT("02", "00")
				    "m postfix/smtp[1]: %u\n", n);
				files[i] = help_text(rows[r].names[n], text);
			}
			if (strcmp(help_run(files, 4), "1795226400000000 m smtp: 0\n"
			    "1795226400000000 m smtp: 1\n1795226400000000 m smtp: 2\n"
			    "1795226400000000 m smtp: 3\n") != 0)
				fail_msg("%s: %s", rows[r].why, help_lines.data);
			help_forget();
		}
}

static void a_file_named_twice_comes_twice(void **state)
{
	const char *a = help_text("a", AT("02", "01") "a postfix/smtp[1]: one\n"
	    AT("02", "02") "a postfix/smtp[1]: tw"); /* and no line end */
	const char *files[] = { a, a };

	(void)state;
	assert_string_equal(help_run(files, 2),
	    "1795226401000000 a smtp: one\n1795226401000000 a smtp: one\n"
	    "1795226402000000 a smtp: tw\n1795226402000000 a smtp: tw\n");
	help_forget();
}

/* --policies: at equal times before the rest, without a time before everything. */
static void policies_come_before_what_they_explain(void **state)
{
	const char *files[] = {
		help_text("a", AT("02", "01") "a postfix/smtp[1]: one\n"
		    AT("02", "02") "a postfix/smtp[1]: two\n"),
		help_text("z", AT("02", "02") "a danestsd[2]: policy nexthop=x.example\n"),
		help_text("y", "policy nexthop=y.example\npolicy nexthop=z.example\n"),
	};

	(void)state;
	assert_string_equal(help_read((struct input_options){ .files = files, .count = 3,
	    .policies = 2 }),
	    "-  danestsd: policy nexthop=y.example\n"
	    "-  danestsd: policy nexthop=z.example\n"
	    "1795226401000000 a smtp: one\n"
	    "1795226402000000 a danestsd: policy nexthop=x.example\n"
	    "1795226402000000 a smtp: two\n");
	help_forget();
}

static void what_cannot_be_read_is_said_and_the_rest_goes_on(void **state)
{
	const char *files[] = {
		"/nonexistent/mail.log",
		help_text("a", AT("02", "01") "a postfix/smtp[1]: one\n"),
		help_dir,
	};

	(void)state;
	assert_string_equal(help_run(files, 3), "1795226401000000 a smtp: one\n");
	assert_int_equal(help_counts.missing, 2);
	assert_int_equal(help_counts.damaged, 0);
	assert_non_null(strstr(help_complaints.data, "/nonexistent/mail.log: No such file"));
	assert_non_null(strstr(help_complaints.data, "is a directory"));
	help_forget();
}

static void a_damaged_file_gives_what_is_good_of_it(void **state)
{
	struct buf text = {0}, packed;
	const char *files[1];

	(void)state;
	for (unsigned i = 0; i < 60000; i++)
		buf_printf(&text, AT("02", "01") "a postfix/smtp[1]: %u %u\n", i, i * 7919 % 65521);
	packed = help_octets(help_packed("a.gz", archive_write_add_filter_gzip, text.data,
	    text.len));
	files[0] = help_file("b.gz", packed.data, packed.len / 2);
	(void)help_run(files, 1);
	assert_int_equal(help_counts.damaged, 1);
	assert_int_equal(help_counts.missing, 0);
	assert_in_range(help_counts.lines, 25000, 35000);
	assert_in_range(help_counts.strange, 0, 1);
	assert_int_equal(help_counts.octets, packed.len / 2);
	assert_non_null(strstr(help_complaints.data, "b.gz: gzip: "));
	buf_free(&text);
	buf_free(&packed);
	help_forget();
}

static void files_without_lines_are_fine(void **state)
{
	static const char binary[] = "\0\1\2\377\376 \n\n\0\0 Nov \200\n{\"\n<\n";
	const char *files[] = {
		help_text("empty", ""),
		help_packed("empty.gz", archive_write_add_filter_gzip, "", 0),
		help_packed("empty.xz", archive_write_add_filter_xz, "", 0),
		help_text("blank", "\n\n\n\n"),
		help_file("binary", binary, sizeof(binary) - 1),
		help_text("a", AT("02", "01") "a postfix/smtp[1]: one\n"),
	};

	(void)state;
	assert_string_equal(help_run(files, COUNT_OF(files)), "1795226401000000 a smtp: one\n");
	assert_int_equal(help_counts.missing, 0);
	assert_int_equal(help_counts.damaged, 0);
	assert_int_equal(help_counts.lines, 5);
	assert_int_equal(help_counts.strange, 4);
	assert_string_equal(help_complaints.data, "");
	help_forget();
}

/* Somewhere in a long life a log gets a record of a megabyte. */
static void endless_records_are_bounded(void **state)
{
	struct buf text = {0};
	const char *files[1];
	char *end;

	(void)state;
	buf_str(&text, AT("02", "01") "a postfix/smtp[1]: ");
	for (size_t i = 0; i < 1 << 20; i++)
		buf_char(&text, 'x');
	buf_str(&text, "\n" AT("02", "02") "a postfix/smtp[1]: two\n");
	files[0] = help_file("a", text.data, text.len);
	(void)help_run(files, 1);
	assert_int_equal(help_counts.lines, 2);
	end = strstr(help_lines.data, "\n1795226402000000 a smtp: two\n");
	assert_non_null(end);
	assert_in_range(end - help_lines.data, 60000, LINE_MAX_OCTETS);
	buf_free(&text);
	help_forget();
}

static void years_follow_from_the_whole_set(void **state)
{
	static const struct {
		const char *first[3];
		int64_t us[3]; /* of each, in the order of time */
	} rows[] = {
		/* December, January and February: a winter. */
		{ { "Jan  2 00:00:00", "Dec 20 00:00:00", "Feb  3 00:00:00" },
		    { 1608422400, 1609545600, 1612310400 } },
		/* A spring. */
		{ { "Apr  1 00:00:00", "Mar  1 00:00:00", "Feb  1 00:00:00" },
		    { 1580515200, 1583020800, 1585699200 } },
	};

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		const char *files[3];
		char want[300], text[100], name[] = "a";

		for (size_t i = 0; i < 3; i++) {
			snprintf(text, sizeof(text), "%s a postfix/smtp[1]: x\n",
			    rows[r].first[i]);
			name[0] = (char)('a' + i);
			files[i] = help_text(name, text);
		}
		snprintf(want, sizeof(want), "%lld000000 a smtp: x\n%lld000000 a smtp: x\n"
		    "%lld000000 a smtp: x\n", (long long)rows[r].us[0],
		    (long long)rows[r].us[1], (long long)rows[r].us[2]);
		assert_string_equal(help_read((struct input_options){ .files = files,
		    .count = 3, .year = 2020 }), want);
		assert_int_equal(help_counts.guessed, 0);
		help_forget();
	}
}

/* Each is open all the time: none of them ends before the last one begins. */
static void more_files_than_descriptors(void **state)
{
	static const char *files[3000];
	const struct rlimit few = { 256, 256 };
	struct rlimit before;
	struct buf text = {0};
	int64_t last = 0, us;
	const char *at;
	char name[30];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE,
	    &(struct rlimit){ few.rlim_cur, before.rlim_max }), 0);
	for (unsigned i = 0; i < COUNT_OF(files); i++) {
		buf_reset(&text);
		for (unsigned n = 0; n < 20; n++)
			buf_printf(&text, "2026-11-21T%02u:%02u:%02u.%06uZ h%u postfix/smtp[1]: %0*u\n",
			    n, i / 60 % 60, i % 60, i, i, 1500, n);
		snprintf(name, sizeof(name), "%u.log%s", i, i % 3 == 0 ? ".gz" : "");
		files[i] = i % 3 != 0 ? help_file(name, text.data, text.len) :
		    help_packed(name, archive_write_add_filter_gzip, text.data, text.len);
	}
	at = help_run(files, COUNT_OF(files));
	assert_string_equal(help_complaints.data, "");
	assert_int_equal(help_counts.lines, 20 * COUNT_OF(files));
	assert_int_equal(help_counts.strange, 0);
	for (; *at != '\0'; at = strchr(at, '\n') + 1) {
		us = strtoll(at, NULL, 10);
		assert_true(us >= last);
		last = us;
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	buf_free(&text);
	help_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_two_hosts_interleave_by_time),
		cmocka_unit_test(times_that_go_back_are_taken_as_they_stand),
		cmocka_unit_test(names_order_what_times_do_not),
		cmocka_unit_test(a_file_named_twice_comes_twice),
		cmocka_unit_test(policies_come_before_what_they_explain),
		cmocka_unit_test(what_cannot_be_read_is_said_and_the_rest_goes_on),
		cmocka_unit_test(a_damaged_file_gives_what_is_good_of_it),
		cmocka_unit_test(files_without_lines_are_fine),
		cmocka_unit_test(endless_records_are_bounded),
		cmocka_unit_test(years_follow_from_the_whole_set),
		cmocka_unit_test(more_files_than_descriptors),
	};

	atexit(help_free);
	return cmocka_run_group_tests(tests, help_begin, help_end);
}
