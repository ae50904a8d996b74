/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/places.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/map.h"
#include "danests.h"

/* One way to write a host and an instance. */
struct spelling {
	struct keep_node node;
	struct where *where;
	uint16_t host_len, instance_len;
	char text[2 * SPELLING_MAX];
};

static struct map_key label_key(const struct map_node *node)
{
	const struct host *host = CONTAINER_OF((struct map_node *)node, struct host, by_label);

	return (struct map_key){ host->name, host->label };
}

static struct map_key name_key(const struct map_node *node)
{
	const struct host *host = CONTAINER_OF((struct map_node *)node, struct host, by_name);

	return (struct map_key){ host->name, host->len };
}

void places_init(struct places *p, const uint64_t seed[2], size_t wheres, size_t places,
    uint64_t *forgotten)
{
	*p = (struct places){ .seed = seed, .where_max = wheres, .max = places,
	    .forgotten = forgotten };
	keep_init(&p->known, sizeof(struct spelling), wheres, &p->misspelt);
	keep_init(&p->wheres, sizeof(struct where), wheres, forgotten);
	map_init(&p->labels, label_key);
	map_init(&p->names, name_key);
}

void places_free(struct places *p)
{
	struct host *host;

	while ((host = p->hosts) != NULL) {
		p->hosts = host->next;
		free(host);
	}
	map_free(&p->labels);
	map_free(&p->names);
	free(p->list);
	keep_free(&p->wheres);
	keep_free(&p->known);
	*p = (struct places){0};
}

static struct slice head_of(struct slice text, char end)
{
	const char *at = text.len > 0 ? memchr(text.p, end, text.len) : NULL;

	return at == NULL ? text : (struct slice){ text.p, (size_t)(at - text.p) };
}

/* ---- Hosts ---- */

static struct host *find_name(struct places *p, struct slice name)
{
	struct map_node *node = map_get(&p->names, name.p, name.len);

	return node == NULL ? NULL : CONTAINER_OF(node, struct host, by_name);
}

static struct host *find_label(struct places *p, struct slice name)
{
	struct map_node *node = map_get(&p->labels, name.p, head_of(name, '.').len);

	return node == NULL ? NULL : CONTAINER_OF(node, struct host, by_label);
}

/*
 * Containers differ in how much of a host's name they write: the same name, or one of them is
 * the other's first label. Of several with that label the first one is meant; and it alone can
 * be without more, as the next one with more is it.
 */
static struct host *find_host(struct places *p, struct slice name)
{
	struct host *first = find_label(p, name);

	if (first == NULL || first->len == first->label || name.len == first->label)
		return first;
	return find_name(p, name);
}

/* It is known by the longest of its names. */
static bool name_host(struct places *p, struct host *host, struct slice name)
{
	if (host->len >= name.len)
		return true;
	memcpy(host->name, name.p, name.len);
	host->len = name.len;
	host->label = head_of(name, '.').len;
	if (host->len == host->label || map_put(&p->names, &host->by_name) == DANESTS_OK)
		return true;
	host->len = host->label;
	return false;
}

static struct host *make_host(struct places *p, struct slice name)
{
	struct host *host = calloc(1, sizeof(*host));

	if (host == NULL)
		return NULL;
	if (!name_host(p, host, name)) {
		free(host);
		return NULL;
	}
	host->number = p->host_count++;
	host->next = p->hosts;
	p->hosts = host;
	if (find_label(p, name) != NULL || map_put(&p->labels, &host->by_label) == DANESTS_OK)
		return host;
	return NULL;
}

/* ---- Hosts and instances ---- */

static uint64_t where_key(const struct places *p, const struct host *host,
    struct slice instance)
{
	return keep_mix(p->seed, host->number) ^
	    map_hash(p->seed, instance.p, instance.len);
}

static struct where *begin_where(struct places *p, uint64_t key, struct slice instance)
{
	struct where *where = keep_add(&p->wheres, key);

	if (where == NULL)
		return NULL;
	if (instance.len > 0)
		memcpy(where->instance, instance.p, instance.len);
	where->instance_len = instance.len;
	where->id = (uint32_t)p->where_count++;
	where->first = INT64_MAX;
	where->started = INT64_MIN;
	where->fresh = true;
	return where;
}

static struct where *make_where(struct places *p, struct host *host, struct slice instance)
{
	struct where *where = begin_where(p, where_key(p, host, instance), instance);
	struct slice root = head_of(instance, '/');
	uint64_t of_host;

	if (where == NULL)
		return NULL;
	of_host = map_hash(p->seed, host->name, host->label);
	where->root = keep_mix(p->seed, host->number) ^ map_hash(p->seed, root.p, root.len);
	where->print = keep_mix(p->seed, of_host) ^ map_hash(p->seed, instance.p, instance.len);
	where->host = host;
	where->next = host->wheres;
	host->wheres = where;
	return where;
}

/* All those past the bound: what one of them proves is not proved of the others. */
static struct where *get_others(struct places *p)
{
	struct where *where = p->others;

	++*p->forgotten;
	if (where != NULL)
		return where;
	where = begin_where(p, keep_mix(p->seed, UINT64_MAX), SLICE(""));
	if (where == NULL)
		return NULL;
	where->root = where->print = where->node.key;
	p->others = where;
	return where;
}

static struct where *find_where(struct places *p, struct slice name, struct slice instance)
{
	bool full = p->where_count + 1 >= p->where_max;
	struct host *host = find_host(p, name);
	struct where *where;

	if (host == NULL && full)
		return get_others(p);
	if (host == NULL)
		host = make_host(p, name);
	else if (!name_host(p, host, name))
		return NULL;
	if (host == NULL)
		return NULL;
	where = keep_get(&p->wheres, where_key(p, host, instance));
	if (where != NULL)
		return where;
	return full ? get_others(p) : make_where(p, host, instance);
}

/* ---- As they are written ---- */

static bool is_spelling(const struct spelling *s, struct slice host, struct slice instance)
{
	return s->host_len == host.len && s->instance_len == instance.len &&
	    (host.len == 0 || memcmp(s->text, host.p, host.len) == 0) &&
	    (instance.len == 0 || memcmp(s->text + host.len, instance.p, instance.len) == 0);
}

static struct spelling *find_spelling(struct places *p, struct slice host,
    struct slice instance)
{
	uint64_t key = keep_mix(p->seed, map_hash(p->seed, host.p, host.len)) ^
	    map_hash(p->seed, instance.p, instance.len);
	struct spelling *s = keep_get(&p->known, key);
	struct where *where;

	if (s != NULL)
		return s;
	where = find_where(p, host, instance);
	if (where == NULL)
		return NULL;
	if (p->known.count >= p->known.max) /* what makes room may stand in the cache */
		memset(p->cache, 0, sizeof(p->cache));
	s = keep_add(&p->known, key);
	if (s == NULL)
		return NULL;
	s->where = where;
	s->host_len = (uint16_t)host.len;
	s->instance_len = (uint16_t)instance.len;
	if (host.len > 0)
		memcpy(s->text, host.p, host.len);
	if (instance.len > 0)
		memcpy(s->text + host.len, instance.p, instance.len);
	return s;
}

struct where *places_find(struct places *p, struct slice host, struct slice instance)
{
	struct spelling **slot;

	if (host.len > SPELLING_MAX)
		host.len = SPELLING_MAX;
	if (instance.len > SPELLING_MAX)
		instance.len = SPELLING_MAX;
	slot = &p->cache[(host.len * 3 + instance.len) % PLACES_CACHE];
	if (*slot == NULL || !is_spelling(*slot, host, instance))
		*slot = find_spelling(p, host, instance);
	return *slot != NULL ? (*slot)->where : NULL;
}

/* ---- Places ---- */

void places_started(struct places *p, struct where *where, int64_t second)
{
	const struct slice name = { where->instance, where->instance_len };

	if (where == p->others || second <= where->started)
		return;
	for (struct where *w = where->host->wheres; w != NULL; w = w->next) {
		struct slice other = { w->instance, w->instance_len };

		if (!slice_begins(other, name) ||
		    (other.len > name.len && other.p[name.len] != '/'))
			continue;
		w->started = second;
		w->starts++;
		w->fresh = true;
	}
}

static bool make_place(struct places *p, unsigned before)
{
	size_t room = p->room == 0 ? 16 : p->room * 2;
	unsigned number = (unsigned)p->count;
	struct place *list;

	if (p->count == p->room) {
		list = realloc(p->list, room * sizeof(*list));
		if (list == NULL)
			return false;
		p->list = list;
		p->room = room;
	}
	p->list[p->count++] = (struct place){ before, number, false };
	if (before != number)
		p->list[before].after = number;
	return true;
}

/* Past the bound the last place stands for all others, and nothing is known of it. */
bool places_now(struct places *p, struct where *where, unsigned *place)
{
	if (where->fresh && p->count < p->max) {
		if (!make_place(p, where->placed ? where->place : (unsigned)p->count))
			return false;
		where->place = (unsigned)p->count - 1;
		where->placed = true;
	} else if (where->fresh) {
		++*p->forgotten;
		p->spilled = true;
		where->place = (unsigned)p->count - 1;
	}
	where->fresh = false;
	*place = where->place;
	return true;
}

bool places_prove(struct places *p, struct where *where)
{
	unsigned place;

	if (!places_now(p, where, &place))
		return false;
	p->list[place].proved = where != p->others;
	return true;
}

bool places_logged(const struct places *p, unsigned place)
{
	const struct place *at = &p->list[place];

	if (p->spilled && place == p->count - 1)
		return false;
	if (at->proved)
		return true;
	return at->before != place && at->after != place && p->list[at->before].proved &&
	    p->list[at->after].proved;
}
