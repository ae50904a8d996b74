/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/memo.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "danests.h"
#include "plugin/level.h"

/* Entries a memo_put() may look at, and each time how many of them to choose the
 * least worthy from: what keeps a full table from stalling anybody. */
#define MEMO_LONGEST 86400 /* seconds: no DNS answer is believed for longer */
#define MEMO_VICTIMS 64
#define MEMO_CHOICE 8

/* What malloc(3) adds and rounds to, near enough on every system of ours. */
#define MEMO_MALLOC_HEAD 8
#define MEMO_MALLOC_UNIT 16

/* The texts of an entry, in this order behind its key, each with a NUL. */
enum { TEXT_TOKEN, TEXT_STS_ID, TEXT_REASON, TEXT_REPLY, TEXT_COUNT = TEXT_REPLY + MEMO_FORMS };

struct memo_entry {
	struct map_node node;
	uint32_t expires, logged, ms; /* unsigned 32 bits of wall time last until 2106 */
	struct changes_mark mark;
	uint16_t hosts, key_len;
	uint8_t worth, dane, sts, settled;
	uint8_t level[MEMO_FORMS];    /* enum level */
	uint8_t constant;             /* 1 + place in constants[], 0: the replies are stored */
	uint8_t override;
	bool texts;                   /* lengths and texts follow the key */
	char key[];
};

/* Replies that need no memory of their own. */
static const struct memo_reply constants[] = {
	{ "9:NOTFOUND ,", 12 },
	{ "7:OK dane,", 10 },
	{ "12:OK dane-only,", 16 },
};

static struct memo_entry *entry_of(const struct map_node *node)
{
	return node == NULL ? NULL : CONTAINER_OF(node, struct memo_entry, node);
}

static struct map_key entry_key(const struct map_node *node)
{
	const struct memo_entry *e = entry_of(node);

	return (struct map_key){ e->key, e->key_len };
}

void memo_init(struct memo *memo, size_t limit, const struct changes *changes)
{
	*memo = (struct memo){ .limit = limit, .changes = changes };
	map_init(&memo->map, entry_key);
	memo->random = memo->map.seed[0] | 1;
}

void memo_free(struct memo *memo)
{
	struct map_node *node = NULL, *next;
	size_t cursor = 0;

	for (node = map_next(&memo->map, &cursor, NULL); node != NULL; node = next) {
		next = map_next(&memo->map, &cursor, node);
		free(entry_of(node));
	}
	map_free(&memo->map);
	memo->bytes = 0;
}

size_t memo_bytes(const struct memo *memo)
{
	return memo->bytes + map_bytes(&memo->map);
}

/* ---- The texts behind the key ---- */

struct texts {
	uint32_t len[TEXT_COUNT];
};

/* Where they are; lengths are copied because nothing behind a key is aligned. */
static const char *entry_texts(const struct memo_entry *e, struct texts *out)
{
	if (!e->texts) {
		memset(out, 0, sizeof(*out));
		return "";
	}
	memcpy(out, e->key + e->key_len, sizeof(*out));
	return e->key + e->key_len + sizeof(*out);
}

static size_t texts_size(const struct texts *texts)
{
	size_t size = sizeof(*texts);

	for (size_t i = 0; i < TEXT_COUNT; i++)
		size += texts->len[i] + 1;
	return size;
}

static size_t entry_size(const struct memo_entry *e)
{
	size_t size = offsetof(struct memo_entry, key) + e->key_len;
	struct texts texts;

	if (e->texts) {
		entry_texts(e, &texts);
		size += texts_size(&texts);
	}
	size = size < sizeof(*e) ? sizeof(*e) : size;
	return (size + MEMO_MALLOC_HEAD + MEMO_MALLOC_UNIT - 1) & ~(size_t)(MEMO_MALLOC_UNIT - 1);
}

static const char *text_at(const struct memo_entry *e, int which, size_t *len)
{
	struct texts texts;
	const char *p = entry_texts(e, &texts);

	*len = texts.len[which];
	if (!e->texts)
		return "";
	for (int i = 0; i < which; i++)
		p += texts.len[i] + 1;
	return p;
}

struct memo_reply memo_reply(const struct memo_entry *e, int form)
{
	struct memo_reply reply;

	if (e->constant != 0)
		return constants[e->constant - 1];
	reply.data = text_at(e, TEXT_REPLY + form, &reply.len);
	if (reply.len == 0 && form != MEMO_PLAIN) /* both forms the same: stored once */
		reply.data = text_at(e, TEXT_REPLY + MEMO_PLAIN, &reply.len);
	return reply;
}

uint8_t memo_level(const struct memo_entry *e, int form) { return e->level[form]; }

uint8_t memo_override(const struct memo_entry *e) { return e->override; }

void memo_read(const struct memo_entry *e, struct memo_value *out)
{
	size_t len;

	*out = (struct memo_value){
		.expires = (time_t)e->expires, .ms = e->ms, .hosts = e->hosts,
		.worth = e->worth, .dane = e->dane, .sts = e->sts, .settled = e->settled,
		.override = e->override,
		.token = text_at(e, TEXT_TOKEN, &len),
		.sts_id = text_at(e, TEXT_STS_ID, &len),
		.reason = text_at(e, TEXT_REASON, &len),
	};
	for (int form = 0; form < MEMO_FORMS; form++) {
		out->level[form] = level_word(e->level[form]);
		out->reply[form] = memo_reply(e, form);
	}
}

time_t memo_logged(const struct memo_entry *e) { return (time_t)e->logged; }

static uint32_t seconds(time_t when)
{
	return when < 0 ? 0 : when > (time_t)UINT32_MAX ? UINT32_MAX : (uint32_t)when;
}

void memo_set_logged(struct memo_entry *e, time_t when) { e->logged = seconds(when); }

/* ---- Making an entry ---- */

static bool same_reply(struct memo_reply a, struct memo_reply b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static uint8_t constant_of(const struct memo_value *value)
{
	if (!same_reply(value->reply[MEMO_PLAIN], value->reply[MEMO_TLSRPT]))
		return 0;
	for (uint8_t i = 0; i < COUNT_OF(constants); i++)
		if (same_reply(value->reply[MEMO_PLAIN], constants[i]))
			return (uint8_t)(i + 1);
	return 0;
}

struct piece {
	const char *data;
	size_t len;
};

static struct memo_entry *entry_new(const char *key, size_t len, const struct memo_value *value)
{
	uint8_t constant = constant_of(value);
	bool same = same_reply(value->reply[MEMO_PLAIN], value->reply[MEMO_TLSRPT]);
	struct piece pieces[TEXT_COUNT] = {
		[TEXT_TOKEN] = { value->token, strlen(value->token) },
		[TEXT_STS_ID] = { value->sts_id, strlen(value->sts_id) },
		[TEXT_REASON] = { value->reason, strlen(value->reason) },
	};
	struct memo_entry *e;
	struct texts texts;
	size_t size = 0;
	char *p;

	for (int form = 0; constant == 0 && form < MEMO_FORMS; form++)
		if (form == MEMO_PLAIN || !same)
			pieces[TEXT_REPLY + form] =
			    (struct piece){ value->reply[form].data, value->reply[form].len };
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		texts.len[i] = (uint32_t)pieces[i].len;
		size += pieces[i].len;
	}
	size = size > 0 ? texts_size(&texts) : 0;
	if (len > UINT16_MAX ||
	    (e = malloc(sizeof(*e) + len + size)) == NULL)
		return NULL;
	*e = (struct memo_entry){
		.expires = seconds(value->expires), .ms = value->ms, .mark = value->mark,
		.hosts = value->hosts, .key_len = (uint16_t)len, .worth = value->worth,
		.dane = value->dane, .sts = value->sts, .settled = value->settled,
		.constant = constant, .override = value->override, .texts = size > 0,
	};
	for (int form = 0; form < MEMO_FORMS; form++)
		e->level[form] = level_of(value->level[form]);
	memcpy(e->key, key, len);
	if (!e->texts)
		return e;
	p = e->key + len;
	memcpy(p, &texts, sizeof(texts));
	p += sizeof(texts);
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		if (pieces[i].len > 0)
			memcpy(p, pieces[i].data, pieces[i].len);
		p[pieces[i].len] = '\0';
		p += pieces[i].len + 1;
	}
	return e;
}

/* ---- The table ---- */

static void drop(struct memo *memo, struct memo_entry *e)
{
	memo->bytes -= entry_size(e);
	map_del(&memo->map, &e->node);
	free(e);
}

static uint64_t next_random(struct memo *memo)
{
	memo->random ^= memo->random << 13;
	memo->random ^= memo->random >> 7;
	memo->random ^= memo->random << 17;
	return memo->random;
}

/* Nothing is remembered for longer than a day (spec.md section 4): what claims to be
 * comes from before the clock was set back. */
static bool holds(const struct memo *memo, const struct memo_entry *e, time_t now)
{
	return (time_t)e->expires > now && (time_t)e->expires - now <= MEMO_LONGEST &&
	    changes_hold(memo->changes, e->mark);
}

/* What to give up: what holds no longer before all others. */
static int worth_now(const struct memo *memo, const struct memo_entry *e, time_t now)
{
	return holds(memo, e, now) ? e->worth : -1;
}

/* Room for size octets of this worth. */
static bool make_room(struct memo *memo, size_t size, int worth, time_t now)
{
	struct memo_entry *victim = NULL;

	for (int i = 1; memo_bytes(memo) + size > memo->limit; i++) {
		struct memo_entry *e = entry_of(map_pick(&memo->map, next_random(memo)));

		if (e != NULL && (victim == NULL ||
		    worth_now(memo, e, now) < worth_now(memo, victim, now)))
			victim = e;
		if (i > MEMO_VICTIMS * MEMO_CHOICE)
			return false;
		if (i % MEMO_CHOICE != 0 || victim == NULL)
			continue;
		if (worth_now(memo, victim, now) <= worth)
			drop(memo, victim);
		victim = NULL;
	}
	return true;
}

struct memo_entry *memo_known(const struct memo *memo, const char *key, size_t len)
{
	return entry_of(map_get(&memo->map, key, len));
}

struct memo_entry *memo_get(const struct memo *memo, const char *key, size_t len, time_t now)
{
	struct memo_entry *e = memo_known(memo, key, len);

	return e != NULL && holds(memo, e, now) ? e : NULL;
}

struct memo_entry *memo_put(struct memo *memo, const char *key, size_t len,
    const struct memo_value *value, time_t now)
{
	struct memo_entry *e = entry_new(key, len, value), *old = memo_known(memo, key, len);

	if (old != NULL)
		drop(memo, old);
	if (e == NULL || !make_room(memo, entry_size(e), value->worth, now) ||
	    map_put(&memo->map, &e->node) != DANESTS_OK) {
		free(e);
		return NULL;
	}
	memo->bytes += entry_size(e);
	return e;
}
