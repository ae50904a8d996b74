/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/overrides.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/text.h"
#include "danests.h"
#include "plugin/lines.h"
#include "plugin/tlsreply.h"

#define OVERRIDES_MAX_FILE ((size_t)1 << 28) /* millions of lines; not /dev/zero */
#define OVERRIDES_MAX_REPLY 100000           /* what Postfix will read */

/* What the left side of a line is, and so how it is kept: "example.com",
 * ".example.com", "[mx.example.com]:587", "example.com:25". */
struct entry {
	struct map_node node;
	struct override what;
	uint16_t key_len;
	char text[]; /* the key, and then the reply */
};

struct overrides {
	struct map map;
	bool has_below, has_port_25; /* to be spared look-ups for them */
	char path[];
};

static struct entry *entry_of(struct map_node *node)
{
	return CONTAINER_OF(node, struct entry, node);
}

static struct map_key entry_key(const struct map_node *node)
{
	const struct entry *e = CONTAINER_OF(node, const struct entry, node);

	return (struct map_key){ e->text, e->key_len };
}

void overrides_free(struct overrides *o)
{
	struct map_node *node, *next;
	size_t cursor = 0;

	if (o == NULL)
		return;
	for (node = map_next(&o->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&o->map, &cursor, node);
		free(entry_of(node));
	}
	map_free(&o->map);
	free(o);
}

size_t overrides_count(const struct overrides *o)
{
	return o == NULL ? 0 : o->map.count;
}

const char *overrides_path(const struct overrides *o)
{
	return o->path;
}

const struct override *overrides_next(const struct overrides *o, size_t *cursor,
    const struct override *after, const char **key, size_t *key_len)
{
	struct map_node *node = after == NULL ? NULL :
	    &((struct entry *)CONTAINER_OF(after, const struct entry, what))->node;

	if (o == NULL || (node = map_next(&o->map, cursor, node)) == NULL)
		return NULL;
	*key = entry_of(node)->text;
	*key_len = entry_of(node)->key_len;
	return &entry_of(node)->what;
}

/* ---- Reading ---- */

/* Words that Postfix has not. */
enum { NO_DANE = 1, NO_STS = 2, NOT_FOUND = 4 };

struct reading {
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

static bool read_switches(struct reading *r, unsigned words)
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

static bool read_reply(struct reading *r, const char *at, char problem[LINES_PROBLEM])
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

static bool add(struct reading *r, const char *key, char problem[LINES_PROBLEM])
{
	size_t key_len = strlen(key);
	struct map_node *node = map_get(&r->to->map, key, key_len);
	struct entry *e;

	if (node != NULL) {
		text_format(problem, LINES_PROBLEM, "%s has an entry already, in line %u", key,
		    (unsigned)entry_of(node)->what.line);
		return false;
	}
	e = r->reply.bad ? NULL : malloc(sizeof(*e) + key_len + 1 + r->reply.len);
	if (e == NULL)
		goto nomem;
	*e = (struct entry){ .what = r->what, .key_len = (uint16_t)key_len };
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
	struct reading *r = arg;
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

bool overrides_parse(struct overrides **out, const char *path, const char *text, size_t len,
    char problem[OVERRIDES_PROBLEM])
{
	size_t path_size = strlen(path) + 1;
	struct reading r = { .to = malloc(sizeof(*r.to) + path_size) };
	bool ok;

	if (r.to == NULL) {
		text_format(problem, OVERRIDES_PROBLEM, "%s: out of memory", path);
		return false;
	}
	*r.to = (struct overrides){ .has_below = false };
	memcpy(r.to->path, path, path_size);
	map_init(&r.to->map, entry_key);
	ok = lines_each(path, text, len, read_line, &r, problem);
	buf_free(&r.reply);
	if (ok)
		*out = r.to;
	else
		overrides_free(r.to);
	return ok;
}

bool overrides_read(struct overrides **out, const char *path, char problem[OVERRIDES_PROBLEM])
{
	struct buf text = {0};
	bool ok = lines_load(&text, path, OVERRIDES_MAX_FILE, false, problem) &&
	    overrides_parse(out, path, text.data, text.len, problem);

	buf_free(&text);
	return ok;
}

/* ---- Asking ---- */

static const struct override *find(const struct overrides *o, const char *key, size_t len)
{
	struct map_node *node = map_get(&o->map, key, len);

	return node == NULL ? NULL : &entry_of(node)->what;
}

/* "example.com" is also "example.com:25", and that is more specific. */
static const struct override *find_exact(const struct overrides *o, const char *key, size_t len)
{
	char with_port[DANESTS_NEXTHOP_MAX + 4];
	const struct override *found;

	if (o->has_port_25 && key[0] != '[' && memchr(key, ':', len) == NULL) {
		memcpy(with_port, key, len);
		memcpy(with_port + len, ":25", 3);
		found = find(o, with_port, len + 3);
		if (found != NULL)
			return found;
	}
	return find(o, key, len);
}

const struct override *overrides_find(const struct overrides *o, const char *key, size_t len)
{
	const struct override *found;
	const char *end;

	if (o == NULL || o->map.count == 0 || len == 0 || len > DANESTS_NEXTHOP_MAX)
		return NULL;
	found = find_exact(o, key, len);
	if (found != NULL)
		return found;
	end = memchr(key, key[0] == '[' ? ']' : ':', len);
	if (end != NULL) { /* the domain of "[domain]:587" and "domain:587" */
		key += key[0] == '[';
		len = (size_t)(end - key);
		found = find(o, key, len);
	}
	for (; o->has_below && found == NULL && len > 0; key++, len--)
		if (key[0] == '.')
			found = find(o, key, len);
	return found;
}
