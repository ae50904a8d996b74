/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a log: each record has some of them, what is said of it stands there or in the
 * reader's own memory, and in which pieces the octets come makes no difference. What jansson
 * takes for an entry of the journal is a line, with the same message.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/report/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool law)
{
	if (!law)
		abort();
}

static bool inside(struct slice s, const char *p, size_t len)
{
	return s.len == 0 || (p != NULL && s.p >= p && s.len <= len &&
	    (size_t)(s.p - p) <= len - s.len);
}

/* Octets that come in pieces; each call gets them in memory of just that size. */
struct feed {
	struct line_reader reader;
	const char *data;
	size_t size, at, have, piece;
	char *copy;
	struct line line;
};

static void feed_begin(struct feed *f, const char *data, size_t size, size_t piece)
{
	*f = (struct feed){ .data = data, .size = size, .piece = piece };
	line_reader_init(&f->reader, &(struct line_zone){ .now = 1795348800 });
	f->have = piece < size ? piece : size;
}

static void feed_end(struct feed *f)
{
	free(f->copy);
	line_reader_free(&f->reader);
}

static void check_line(const struct feed *f, size_t len)
{
	const struct slice parts[] = { f->line.host, f->line.instance, f->line.program,
		f->line.text };
	static const char danestsd[] = "danestsd";

	for (size_t i = 0; i < 4; i++) {
		check(inside(parts[i], f->copy, len) ||
		    inside(parts[i], f->reader.own.data, f->reader.own.len) ||
		    (i == 2 && slice_equal(parts[i], SLICE(danestsd))));
	}
	check(f->line.text.len == 0 || memchr(f->line.text.p, '\n', f->line.text.len) == NULL);
	check(f->line.us != LINE_NO_TIME || slice_equal(f->line.program, SLICE(danestsd)));
}

/* The next record that is not empty; LINE_MORE: that was all. */
static enum line_got feed_next(struct feed *f)
{
	while (f->at < f->size) {
		size_t len = f->have - f->at, used;
		enum line_got got;

		free(f->copy);
		f->copy = malloc(len > 0 ? len : 1);
		check(f->copy != NULL);
		memcpy(f->copy, f->data + f->at, len);
		f->line = (struct line){0};
		got = line_next(&f->reader, f->copy, len, f->have == f->size, &f->line, &used);
		check(used <= len && (used == 0) == (got == LINE_MORE));
		f->at += used;
		if (got == LINE_GOOD)
			check_line(f, len);
		if (got == LINE_GOOD || got == LINE_STRANGE)
			return got;
		if (got == LINE_MORE) {
			check(f->have < f->size);
			f->have += f->size - f->have < f->piece ? f->size - f->have : f->piece;
		}
	}
	return LINE_MORE;
}

static void check_pieces(const char *data, size_t size, size_t piece)
{
	struct feed whole, pieces;
	enum line_got got;

	feed_begin(&whole, data, size, size);
	feed_begin(&pieces, data, size, piece);
	do {
		got = feed_next(&whole);
		check(feed_next(&pieces) == got);
		if (got == LINE_GOOD) {
			const struct line *a = &whole.line, *b = &pieces.line;

			check(a->us == b->us && a->pid == b->pid);
			check(slice_equal(a->host, b->host) && slice_equal(a->text, b->text));
			check(slice_equal(a->instance, b->instance));
			check(slice_equal(a->program, b->program));
		}
	} while (got != LINE_MORE);
	check(whole.reader.guessed == pieces.reader.guessed);
	feed_end(&whole);
	feed_end(&pieces);
}

/* Keys that are written with escapes are none of the journal's. */
static bool has_plain_keys(json_t *entry, struct slice line)
{
	const char *key;
	json_t *value;

	json_object_foreach(entry, key, value) {
		size_t len = strlen(key);

		if (len == 0 || line.len < len + 2 || memchr(key, '\\', len) != NULL ||
		    memmem(line.p, line.len, key, len) == NULL)
			return false;
	}
	return memmem(line.p, line.len, "\\u00", 4) == NULL;
}

static bool has_time(json_t *entry)
{
	const char *text = json_string_value(json_object_get(entry, "__REALTIME_TIMESTAMP"));

	return text != NULL && strlen(text) < 16 && text[0] >= '1' && text[0] <= '9' &&
	    strspn(text, "0123456789") == strlen(text);
}

static void check_journal(const char *data, size_t size)
{
	const char *end = size == 0 ? NULL : memchr(data, '\n', size);
	struct slice line = { data, end == NULL ? size : (size_t)(end - data) };
	json_t *entry = json_loadb(line.p, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	json_t *message = json_object_get(entry, "MESSAGE");
	struct feed f;

	if (size > 0 && *data == '{' && json_is_object(entry) && has_time(entry) &&
	    has_plain_keys(entry, line)) {
		feed_begin(&f, line.p, line.len, line.len);
		check(feed_next(&f) == LINE_GOOD);
		if (json_is_string(message)) {
			const char *text = json_string_value(message);
			size_t n = json_string_length(message), len = f.line.text.len;

			check(len <= n && (len == 0 || memcmp(text, f.line.text.p, len) == 0));
			check(len == n || text[len] == '\n' || text[len] == '\r');
		}
		feed_end(&f);
	}
	json_decref(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char zone[] = "CET-1CEST,M3.5.0,M10.5.0/3";
	const char *text = (const char *)data;

	if (setenv("TZ", zone, 1) != 0)
		return 0;
	tzset();
	check_pieces(text, size, 1);
	check_pieces(text, size, 17);
	check_journal(text, size);
	(void)line_begins(text, size);
	return 0;
}
