/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/report/write.h"

#define MADE "Name\r\nx\r\n"

static const struct sheet_column columns[] = { { "Name", false } };
static struct sheet small, large; /* of 6 and of some 200 000 octets */
static char folder[] = "/tmp/test_report_write.XXXXXX";

static int begin_all(void **state)
{
	(void)state;
	sheet_init(&small, "T", columns, 1);
	sheet_text(&small, SLICE("x"));
	sheet_init(&large, "T", columns, 1);
	for (unsigned i = 0; i < 20000; i++)
		sheet_text(&large, SLICE("12345678"));
	signal(SIGXFSZ, SIG_IGN);
	return small.bad || large.bad || mkdtemp(folder) == NULL ? -1 : 0;
}

static int end_all(void **state)
{
	(void)state;
	sheet_free(&small);
	sheet_free(&large);
	return chdir("/") != 0 || rmdir(folder) != 0 ? -1 : 0;
}

/* Every test has an empty folder of its own. */
static int begin(void **state)
{
	(void)state;
	return chdir(folder) != 0 || mkdir("t", 0700) != 0 || chdir("t") != 0 ? -1 : 0;
}

/* Names that stand there, and whether `remove` them. */
static size_t count_files(const char *dir, bool remove)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n++;
		if (remove && unlinkat(dirfd(d), entry->d_name, 0) != 0) {
			count_files(entry->d_name, true);
			rmdir(entry->d_name);
		}
	}
	closedir(d);
	return n;
}

static int end(void **state)
{
	(void)state;
	count_files(".", true);
	return chdir(folder) != 0 || rmdir("t") != 0 ? -1 : 0;
}

static void put(const char *name, const char *text)
{
	FILE *to = fopen(name, "w");

	assert_non_null(to);
	fputs(text, to);
	assert_int_equal(fclose(to), 0);
}

static void expect(const char *name, const char *text)
{
	char got[64] = "";
	FILE *from = fopen(name, "r");

	assert_non_null(from);
	got[fread(got, 1, sizeof(got) - 1, from)] = '\0';
	fclose(from);
	assert_string_equal(got, text);
}

static int write_one(const char *name, const struct sheet *sheet, bool commit)
{
	struct write *w;
	int code = write_open(&w, NULL);

	if (code == EX_OK)
		code = write_sheet(w, name, sheet, FORMAT_CSV);
	if (code == EX_OK && commit)
		code = write_commit(w);
	write_free(w);
	return code;
}

static void the_old_file_stays_until_the_new_one_is_whole(void **state)
{
	struct write *w;

	(void)state;
	put("r.csv", "old");
	assert_int_equal(write_open(&w, NULL), EX_OK);
	assert_int_equal(write_sheet(w, "r.csv", &small, FORMAT_CSV), EX_OK);
	expect("r.csv", "old");
	assert_int_equal(count_files(".", false), 2);
	assert_int_equal(write_commit(w), EX_OK);
	expect("r.csv", MADE);
	assert_int_equal(count_files(".", false), 1);
	write_free(w);
	expect("r.csv", MADE);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
	(void)state;
	put("r.csv", "old");
	assert_int_equal(write_one("r.csv", &small, false), EX_OK);
	assert_int_equal(write_one("s.csv", &small, false), EX_OK);
	assert_int_equal(count_files(".", false), 1);
	expect("r.csv", "old");
	write_free(NULL);
}

static void links_are_replaced_and_not_followed(void **state)
{
	static const char *const targets[] = { "victim", "nowhere", "r.csv" };
	struct stat st;

	(void)state;
	put("victim", "mine");
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		(void)unlink("r.csv");
		assert_int_equal(symlink(targets[i], "r.csv"), 0);
		assert_int_equal(write_one("r.csv", &small, true), EX_OK);
		assert_int_equal(lstat("r.csv", &st), 0);
		assert_true(S_ISREG(st.st_mode));
		expect("r.csv", MADE);
		expect("victim", "mine");
		assert_int_equal(count_files(".", false), 2);
	}
}

static void a_link_to_a_device_or_a_folder_is_refused(void **state)
{
	static const char *const targets[] = { "/dev/null", "/" };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		assert_int_equal(symlink(targets[i], "r.csv"), 0);
		assert_int_equal(write_one("r.csv", &small, true), EX_IOERR);
		assert_int_equal(lstat("r.csv", &st), 0);
		assert_true(S_ISLNK(st.st_mode));
		assert_int_equal(unlink("r.csv"), 0);
	}
}

/* Somebody else may have guessed it. */
static void a_name_aside_that_is_taken_is_left_alone(void **state)
{
	char name[64];

	(void)state;
	put("victim", "mine");
	snprintf(name, sizeof(name), "r.csv.%ld-0.tmp", (long)getpid());
	assert_int_equal(symlink("victim", name), 0);
	assert_int_equal(write_one("r.csv", &small, true), EX_OK);
	expect("r.csv", MADE);
	expect("victim", "mine");
	assert_int_equal(count_files(".", false), 3);
}

static void a_pipe_is_written_to(void **state)
{
	char got[64] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("p", 0600), 0);
	fd = open("p", O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(write_one("p", &small, true), EX_OK);
	assert_int_equal(read(fd, got, sizeof(got)), strlen(MADE));
	assert_string_equal(got, MADE);
	close(fd);
	assert_int_equal(lstat("p", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

static void a_pipe_in_a_folder_or_of_a_stranger_is_not(void **state)
{
	struct write *w;

	(void)state;
	assert_int_equal(mkdir("f", 0700), 0);
	assert_int_equal(mkfifo("f/r.csv", 0600), 0);
	assert_int_equal(write_open(&w, "f"), EX_OK);
	assert_int_equal(write_sheet(w, "r.csv", &small, FORMAT_CSV), EX_IOERR);
	write_free(w);
	assert_int_equal(mkfifo("q", 0666), 0);
	if (geteuid() == 0 && chown("q", 65534, 65534) == 0)
		assert_int_equal(write_one("q", &small, true), EX_IOERR);
}

static void others_may_read_as_the_umask_says(void **state)
{
	mode_t former = umask(027);
	struct stat st;

	(void)state;
	assert_int_equal(write_one("r.csv", &small, true), EX_OK);
	umask(former);
	assert_int_equal(stat("r.csv", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void set_limit(rlim_t octets)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_disk_that_is_full_leaves_the_old_file(void **state)
{
	struct rlimit limit;
	int code;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	put("r.csv", "old");
	set_limit(100000);
	code = write_one("r.csv", &large, true);
	set_limit(limit.rlim_cur);
	assert_int_equal(code, EX_IOERR);
	expect("r.csv", "old");
	assert_int_equal(count_files(".", false), 1);
	if (access("/dev/full", W_OK) == 0)
		assert_int_equal(write_one("/dev/full", &small, true), EX_IOERR);
}

static void files_that_belong_together_come_together_or_not_at_all(void **state)
{
	struct rlimit limit;
	struct write *w;
	int code;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(mkdir("d", 0700), 0);
	put("d/a.csv", "old");
	assert_int_equal(write_open(&w, "d"), EX_OK);
	assert_int_equal(write_sheet(w, "a.csv", &small, FORMAT_CSV), EX_OK);
	set_limit(100000);
	code = write_sheet(w, "b.csv", &large, FORMAT_CSV);
	set_limit(limit.rlim_cur);
	assert_int_equal(code, EX_IOERR);
	expect("d/a.csv", "old");
	write_free(w);
	expect("d/a.csv", "old");
	assert_int_equal(count_files("d", false), 1);
	assert_int_equal(write_open(&w, "d"), EX_OK);
	assert_int_equal(write_sheet(w, "a.csv", &small, FORMAT_CSV), EX_OK);
	assert_int_equal(write_sheet(w, "b.csv", &small, FORMAT_CSV), EX_OK);
	expect("d/a.csv", "old");
	assert_int_equal(write_commit(w), EX_OK);
	write_free(w);
	expect("d/a.csv", MADE);
	expect("d/b.csv", MADE);
	assert_int_equal(count_files("d", false), 2);
}

static void a_folder_is_made_and_what_is_none_is_refused(void **state)
{
	static const struct { const char *dir; int code; } rows[] = {
		{ "new", EX_OK }, { "new", EX_OK }, { "file", EX_IOERR }, { "no/such", EX_IOERR },
		{ "", EX_IOERR },
	};

	(void)state;
	put("file", "x");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct write *w;

		assert_int_equal(write_open(&w, rows[i].dir), rows[i].code);
		write_free(w);
	}
	assert_int_equal(write_one("new", &small, true), EX_IOERR);
	assert_int_equal(write_one("no/such", &small, true), EX_IOERR);
	assert_int_equal(count_files(".", false), 2);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(the_old_file_stays_until_the_new_one_is_whole),
		IN_A_FOLDER(what_is_not_committed_leaves_nothing),
		IN_A_FOLDER(links_are_replaced_and_not_followed),
		IN_A_FOLDER(a_link_to_a_device_or_a_folder_is_refused),
		IN_A_FOLDER(a_name_aside_that_is_taken_is_left_alone),
		IN_A_FOLDER(a_pipe_is_written_to),
		IN_A_FOLDER(a_pipe_in_a_folder_or_of_a_stranger_is_not),
		IN_A_FOLDER(others_may_read_as_the_umask_says),
		IN_A_FOLDER(a_disk_that_is_full_leaves_the_old_file),
		IN_A_FOLDER(files_that_belong_together_come_together_or_not_at_all),
		IN_A_FOLDER(a_folder_is_made_and_what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
