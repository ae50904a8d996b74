/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of overrides, a piece at a time: it may have a million lines. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "plugin/lines.h"
#include "plugin/overrides_impl.h"
#include "plugin/tlsreply.h"

#define OVERRIDES_MAX_FILE ((size_t)1 << 28) /* millions of lines; not /dev/zero */
#define OVERRIDES_MAX_REPLY 100000           /* what Postfix will read */

/* One piece: so long, or so many lines. */
#define OVERRIDES_PIECE_US 1000
#define OVERRIDES_PIECE_LINES 64

/* Words that Postfix has not. */
enum { NO_DANE = 1, NO_STS = 2, NOT_FOUND = 4 };

struct overrides_reader {
	FILE *file;           /* NULL: it is read, and its lines are looked at */
	struct buf text;      /* of it */
	struct lines lines;
	struct overrides *to;
	struct override what; /* of the line at hand */
	struct buf reply;     /* its payload */
};

/* Up to a blank; *at moves behind it and the blanks. */
static size_t next_word(const char **at, const char **word)
{
	size_t len = strcspn(*at, " \t");

	*word = *at;
	*at += len + strspn(*at + len, " \t");
	return len;
}

/* The left side as it is looked for; on false problem[] has words about it. */
static bool read_key(char key[DANESTS_NEXTHOP_MAX + 4], const char *text, size_t len,
    char problem[LINES_PROBLEM])
{
	bool below = len > 0 && text[0] == '.';
	const char *colon = memchr(text, ':', len);
	char shown[80];
	int r = danests_nexthop_key(text + below, len - below, key + below,
	    DANESTS_NEXTHOP_MAX + 1);

	if (r == DANESTS_ENOMEM) {
		text_format(problem, LINES_PROBLEM, "out of memory");
		return false;
	}
	if (r < 0 || (below && (key[1] == '[' || colon != NULL))) {
		text_printable(shown, sizeof(shown), text, len);
		text_format(problem, LINES_PROBLEM, "\"%s\" is no domain, .domain, domain:port,"
		    " [host] or [host]:port", shown);
		return false;
	}
	if (below)
		key[0] = '.';
	else if (colon != NULL && key[0] != '[' && strchr(key, ':') == NULL)
		memcpy(key + r, ":25", sizeof(":25"));
	return true;
}

static bool read_switches(struct overrides_reader *r, unsigned words)
{
	bool none = (words & NOT_FOUND) != 0 || words == (NO_DANE | NO_STS);

	if (none) {
		r->what.level = "NOTFOUND";
		buf_str(&r->reply, "NOTFOUND ");
		return true;
	}
	r->what.kind = OVERRIDE_SWITCH;
	r->what.no_dane = words == NO_DANE;
	r->what.no_sts = words == NO_STS;
	return true;
}

/* Our own words, or none of them: then 0, and *at has not moved. On false one of
 * them stands where it cannot. */
static bool own_words(const char *at, unsigned *words)
{
	static const char *const ours[] = { "no-dane", "no-sts", "NOTFOUND" };
	bool others = false;
	const char *word;
	size_t len;

	*words = 0;
	while ((len = next_word(&at, &word)) > 0) {
		size_t i = 0;

		while (i < COUNT_OF(ours) && !text_equal_nocase_n(word, len, ours[i]))
			i++;
		if (i == COUNT_OF(ours))
			others = true;
		else if ((*words & 1u << i) != 0)
			return false;
		else
			*words |= 1u << i;
	}
	return *words == 0 || (!others && (*words == NOT_FOUND || *words < NOT_FOUND));
}

static bool read_reply(struct overrides_reader *r, const char *at, char problem[LINES_PROBLEM])
{
	unsigned words;

	if (!own_words(at, &words)) {
		text_format(problem, LINES_PROBLEM, "NOTFOUND, no-dane and no-sts go with no"
		    " other word, but for \"no-dane no-sts\"");
		return false;
	}
	if (words != 0)
		return read_switches(r, words);
	buf_str(&r->reply, "OK ");
	if (!tlsreply_check(at, strlen(at), &r->what.level, &r->reply, problem))
		return false;
	if (r->reply.len <= OVERRIDES_MAX_REPLY)
		return true;
	text_format(problem, LINES_PROBLEM, "longer than the %d octets that Postfix reads",
	    OVERRIDES_MAX_REPLY);
	return false;
}

static bool add(struct overrides_reader *r, const char *key, char problem[LINES_PROBLEM])
{
	size_t key_len = strlen(key);
	struct map_node *node = map_get(&r->to->map, key, key_len);
	struct override_entry *e;

	if (node != NULL) {
		text_format(problem, LINES_PROBLEM, "%s has an entry already, in line %u", key,
		    (unsigned)override_entry(node)->what.line);
		return false;
	}
	e = r->reply.bad ? NULL : malloc(sizeof(*e) + key_len + 1 + r->reply.len);
	if (e == NULL)
		goto nomem;
	*e = (struct override_entry){ .what = r->what, .key_len = (uint16_t)key_len };
	memcpy(e->text, key, key_len + 1);
	if (r->reply.len > 0)
		memcpy(e->text + key_len + 1, r->reply.data, r->reply.len);
	e->what.reply = e->text + key_len + 1;
	e->what.reply_len = r->reply.len;
	if (map_put(&r->to->map, &e->node) != DANESTS_OK)
		goto nomem;
	r->to->has_below |= key[0] == '.';
	r->to->has_port_25 |= key_len > 3 && strcmp(key + key_len - 3, ":25") == 0;
	return true;
nomem:
	free(e);
	text_format(problem, LINES_PROBLEM, "out of memory");
	return false;
}

static bool read_line(void *arg, size_t number, char *line, size_t len,
    char problem[LINES_PROBLEM])
{
	struct overrides_reader *r = arg;
	char key[DANESTS_NEXTHOP_MAX + 4], what[LINES_PROBLEM - 100];
	const char *at = line, *word;
	size_t word_len = next_word(&at, &word);

	(void)len;
	buf_reset(&r->reply);
	r->what = (struct override){ .kind = OVERRIDE_REPLY, .line = (uint32_t)number };
	if (read_key(key, word, word_len, problem) && read_reply(r, at, problem) &&
	    add(r, key, problem))
		return true;
	text_format(what, sizeof(what), "%s", problem);
	text_format(problem, LINES_PROBLEM, "%s:%zu: %s", r->to->path, number, what);
	return false;
}

/* ---- A piece at a time ---- */

static struct map_key entry_key(const struct map_node *node)
{
	const struct override_entry *e = CONTAINER_OF(node, const struct override_entry, node);

	return (struct map_key){ e->text, e->key_len };
}

static struct overrides_reader *reader_new(const char *path, char problem[OVERRIDES_PROBLEM])
{
	size_t path_size = strlen(path) + 1;
	struct overrides_reader *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->to = calloc(1, sizeof(*r->to) + path_size);
	if (r == NULL || r->to == NULL) {
		text_format(problem, OVERRIDES_PROBLEM, "%s: out of memory", path);
		free(r);
		return NULL;
	}
	memcpy(r->to->path, path, path_size);
	map_init(&r->to->map, entry_key);
	return r;
}

/* Of the very text that is looked at: what is written to the file meanwhile makes a
 * difference the next time. */
static void add_print(struct overrides *o, const char *text, size_t len)
{
	const uint64_t seed[2] = { o->print, len };

	o->print = map_hash(seed, text, len) | 1; /* 0: there is no file */
}

static void begin_lines(struct overrides_reader *r, const char *text, size_t len)
{
	lines_begin(&r->lines, r->to->path, text, len, read_line, r);
}

static bool load_some(struct overrides_reader *r, char problem[OVERRIDES_PROBLEM])
{
	size_t before = r->text.len;
	bool more;

	if (!lines_load_some(&r->text, r->file, r->to->path, OVERRIDES_MAX_FILE, &more, problem))
		return false;
	add_print(r->to, r->text.len > 0 ? r->text.data + before : "", r->text.len - before);
	if (more)
		return true;
	fclose(r->file);
	r->file = NULL;
	begin_lines(r, r->text.data, r->text.len);
	return true;
}

bool overrides_begin(struct overrides_reader **out, const char *path,
    char problem[OVERRIDES_PROBLEM])
{
	struct overrides_reader *r = reader_new(path, problem);

	if (r == NULL || !lines_open(&r->file, path, problem)) {
		overrides_reader_free(r);
		return false;
	}
	*out = r;
	return true;
}

enum overrides_step overrides_go_on(struct overrides_reader *r, struct overrides **out,
    char problem[OVERRIDES_PROBLEM])
{
	int64_t end = clock_mono_us() + OVERRIDES_PIECE_US;
	bool more = true, ok = true;

	while (ok && more && clock_mono_us() < end)
		ok = r->file != NULL ? load_some(r, problem) :
		    lines_some(&r->lines, OVERRIDES_PIECE_LINES, &more, problem);
	if (!ok)
		return OVERRIDES_BAD;
	if (more)
		return OVERRIDES_MORE;
	*out = r->to;
	r->to = NULL;
	return OVERRIDES_DONE;
}

void overrides_reader_free(struct overrides_reader *r)
{
	if (r == NULL)
		return;
	if (r->file != NULL)
		fclose(r->file);
	lines_end(&r->lines);
	buf_free(&r->text);
	buf_free(&r->reply);
	overrides_free(r->to);
	free(r);
}

/* ---- At once ---- */

static bool read_rest(struct overrides_reader *r, struct overrides **out,
    char problem[OVERRIDES_PROBLEM])
{
	enum overrides_step step;

	do
		step = overrides_go_on(r, out, problem);
	while (step == OVERRIDES_MORE);
	overrides_reader_free(r);
	return step == OVERRIDES_DONE;
}

bool overrides_parse(struct overrides **out, const char *path, const char *text, size_t len,
    char problem[OVERRIDES_PROBLEM])
{
	struct overrides_reader *r = reader_new(path, problem);

	if (r == NULL)
		return false;
	add_print(r->to, text, len);
	begin_lines(r, text, len);
	return read_rest(r, out, problem);
}

bool overrides_read(struct overrides **out, const char *path, char problem[OVERRIDES_PROBLEM])
{
	struct overrides_reader *r;

	return overrides_begin(&r, path, problem) && read_rest(r, out, problem);
}
