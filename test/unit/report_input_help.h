/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in a directory of their own, plain and packed, and what comes out of them as text. */
#ifndef REPORT_INPUT_HELP_H
#define REPORT_INPUT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/buf.h"
#include "tools/report/input.h"

#define HELP_FILES 4096
#define HELP_NOW INT64_C(1795316400) /* 22 November 2026, 03:00 UTC */

static char help_dir[64];
static char *help_paths[HELP_FILES];
static size_t help_count;

static int help_begin(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	snprintf(help_dir, sizeof(help_dir), "/tmp/report-input-XXXXXX");
	return mkdtemp(help_dir) == NULL;
}

static void help_forget(void)
{
	while (help_count > 0) {
		help_count--;
		(void)unlink(help_paths[help_count]);
		free(help_paths[help_count]);
	}
}

static int help_end(void **state)
{
	(void)state;
	help_forget();
	return rmdir(help_dir);
}

/* The path of this name, which is removed by help_forget(). */
static const char *help_path(const char *name)
{
	size_t len = strlen(help_dir) + strlen(name) + 2;
	char *path = malloc(len);

	assert_non_null(path);
	assert_true(help_count < HELP_FILES);
	snprintf(path, len, "%s/%s", help_dir, name);
	help_paths[help_count++] = path;
	return path;
}

static const char *help_file(const char *name, const void *data, size_t len)
{
	const char *path = help_path(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline const char *help_text(const char *name, const char *text)
{
	return help_file(name, text, strlen(text));
}

/* By the writer that libarchive has for it. */
static inline const char *help_packed(const char *name, int (*filter)(struct archive *a),
    const void *data, size_t len)
{
	const char *path = help_path(name);
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	assert_int_equal(filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "data");
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(a);
	return path;
}

/* The octets of a file of this directory. */
static inline struct buf help_octets(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b = {0};
	char part[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, n);
	fclose(f);
	assert_false(b.bad);
	return b;
}

static struct buf help_lines, help_complaints;
static struct input_counts help_counts;

static inline void help_take(void *arg, const struct line *line)
{
	(void)arg;
	if (line->us == LINE_NO_TIME)
		buf_str(&help_lines, "-");
	else
		buf_printf(&help_lines, "%lld", (long long)line->us);
	buf_printf(&help_lines, " %.*s %.*s: %.*s\n", (int)line->host.len, line->host.p,
	    (int)line->program.len, line->program.p, (int)line->text.len, line->text.p);
}

static inline void help_complain(void *arg, const char *file, const char *why)
{
	(void)arg;
	buf_printf(&help_complaints, "%s: %s\n", file, why);
}

/* All of it as text; the counts are in help_counts. */
static inline const char *help_read(struct input_options options)
{
	options.now = HELP_NOW;
	options.complain = help_complain;
	buf_reset(&help_lines);
	buf_reset(&help_complaints);
	buf_str(&help_lines, "");
	buf_str(&help_complaints, "");
	input_run(&options, &help_counts, help_take, NULL);
	assert_false(help_lines.bad);
	assert_false(help_counts.out_of_memory);
	return help_lines.data;
}

static inline const char *help_run(const char *const *files, size_t count)
{
	return help_read((struct input_options){ .files = files, .count = count });
}

/* What help_run() keeps, after the last test. */
static inline void help_free(void)
{
	buf_free(&help_lines);
	buf_free(&help_complaints);
}

#endif
