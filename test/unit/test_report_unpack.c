/* SPDX-License-Identifier: BSD-2-Clause */
/* Octets of files of any kind, several at once. */
#include "test/unit/report_unpack_help.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

static void each_kind_is_known_by_its_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		const char *path = help_file("mail.log", packed[i].data, packed[i].len);
		struct unpack *u = unpack_open(path, why);
		ssize_t result;
		struct buf got;

		assert_non_null(u);
		assert_int_equal(unpack_size(u), packed[i].len);
		got = read_all(u, &result);
		if (result != 0 || !same(&got, text.data, text.len))
			fail_msg("%s: %s", packers[i].name, why);
		assert_int_equal(unpack_done(u), packed[i].len);
		unpack_close(u);
		buf_free(&got);
		help_forget();
	}
}

static void what_is_not_packed_is_given_as_it_is(void **state)
{
	static const struct part rows[] = {
		{ "", 0 }, { "\n", 1 }, { "a", 1 }, { "\x1f\x8b", 2 }, { "\x1f\x8b\x07", 3 },
		{ "BZ", 2 }, { "\xfd""7zXZ", 5 }, { "]\0", 2 }, { "\0\0\0\0\0\0\0\0\0\0", 10 },
		{ "Nov 21 02:00:01 a postfix/smtp[1]: BZh91AY", 42 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		ssize_t result;
		struct buf got = read_parts(&rows[i], 1, &result);

		if (result != 0 || !same(&got, rows[i].data, rows[i].len))
			fail_msg("row %zu: %s", i, why);
		buf_free(&got);
	}
}

static void empty_archives_are_empty(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		const struct part parts[] = { all_of(&nothing[i]) };
		ssize_t result;
		struct buf got = read_parts(parts, 1, &result);

		if (result != 0 || got.len != 0)
			fail_msg("%s: %s", packers[i].name, why);
		buf_free(&got);
	}
}

static void what_cannot_be_opened_says_why(void **state)
{
	const char *file = help_text("secret", "x\n");

	(void)state;
	assert_null(unpack_open("/nonexistent/x", why));
	assert_string_equal(why, strerror(ENOENT));
	assert_null(unpack_open(help_dir, why));
	assert_string_equal(why, "is a directory; name the files in it");
	assert_int_equal(chmod(file, 0), 0);
	if (access(file, R_OK) != 0) { /* root may always */
		assert_null(unpack_open(file, why));
		assert_string_equal(why, strerror(EACCES));
	}
	unpack_close(NULL);
	help_forget();
}

/* Writes the octets of *arg into its descriptor, a few at a time at first. */
struct writing {
	struct part part;
	const char *path;
	int fd;
};

static void *write_slowly(void *arg)
{
	struct writing *w = arg;
	const char *p = w->part.data;
	size_t len = w->part.len, step = 1;

	if (w->path != NULL)
		w->fd = open(w->path, O_WRONLY);
	while (len > 0) {
		ssize_t n = write(w->fd, p, step < len ? step : len);

		if (n <= 0)
			break;
		p += n;
		len -= (size_t)n;
		step += step < 10 ? 1 : 60000;
	}
	close(w->fd);
	return NULL;
}

static void a_fifo_is_read_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++) {
		const char *path = help_path("fifo");
		struct writing w = { all_of(&packed[i]), path, -1 };
		struct unpack *u;
		pthread_t thread;
		struct buf got;
		ssize_t result;

		assert_int_equal(mkfifo(path, 0600), 0);
		assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
		u = unpack_open(path, why);
		assert_non_null(u);
		assert_int_equal(unpack_size(u), -1);
		got = read_all(u, &result);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_int_equal(result, 0);
		assert_true(same(&got, text.data, text.len));
		unpack_close(u);
		buf_free(&got);
		help_forget();
	}
}

/* "-", which somebody made non-blocking; it is still open afterwards. */
static void standard_input_is_read_patiently(void **state)
{
	struct writing w = { all_of(&packed[0]), NULL, -1 };
	int ends[2], before = dup(STDIN_FILENO);
	pthread_t thread;
	struct buf got;
	ssize_t result;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), 0);
	w.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
	got = read_path("-", &result);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(result, 0);
	assert_true(same(&got, text.data, text.len));
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	close(ends[0]);
	if (before >= 0) {
		assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
		close(before);
	}
	buf_free(&got);
}

#define AT_ONCE 24 /* more than there are threads */

static void many_are_unpacked_at_once(void **state)
{
	static struct unpack *u[AT_ONCE];
	static size_t at[AT_ONCE];
	char name[20], part[70000];
	size_t open = AT_ONCE;

	(void)state;
	memset(at, 0, sizeof(at));
	for (size_t i = 0; i < AT_ONCE; i++) {
		const struct buf *b = &packed[i % COUNT_OF(packers)];

		snprintf(name, sizeof(name), "%zu", i);
		u[i] = unpack_open(help_file(name, b->data, b->len), why);
		assert_non_null(u[i]);
	}
	while (open > 0)
		for (size_t i = 0; i < AT_ONCE; i++) {
			ssize_t n = u[i] == NULL ? 0 : unpack_read(u[i], part, sizeof(part), why);

			if (u[i] == NULL)
				continue;
			if (n == 0) {
				assert_int_equal(at[i], text.len);
				assert_true(unpack_done(u[i]) > 0);
				unpack_close(u[i]);
				u[i] = NULL;
				open--;
				continue;
			}
			assert_true(n > 0 && at[i] + (size_t)n <= text.len);
			assert_memory_equal(part, text.data + at[i], n);
			at[i] += (size_t)n;
		}
	help_forget();
}

/* While its thread works, waits for room, or has not been needed yet. */
static void closing_in_the_middle_ends_the_thread(void **state)
{
	static const size_t octets[] = { 0, 1, 262144, 262145, 600000, 1500000 };
	static char part[1500000];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(packers); i++)
		for (size_t n = 0; n < COUNT_OF(octets); n++) {
			struct unpack *u = unpack_open(help_file("x", packed[i].data,
			    packed[i].len), why);
			size_t at = 0;
			ssize_t r;

			assert_non_null(u);
			while (at < octets[n]) {
				r = unpack_read(u, part + at, octets[n] - at, why);
				assert_true(r > 0);
				at += (size_t)r;
			}
			unpack_close(u);
			assert_memory_equal(part, text.data, at);
			help_forget();
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_known_by_its_content),
		cmocka_unit_test(what_is_not_packed_is_given_as_it_is),
		cmocka_unit_test(empty_archives_are_empty),
		cmocka_unit_test(what_cannot_be_opened_says_why),
		cmocka_unit_test(a_fifo_is_read_once),
		cmocka_unit_test(standard_input_is_read_patiently),
		cmocka_unit_test(many_are_unpacked_at_once),
		cmocka_unit_test(closing_in_the_middle_ends_the_thread),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
