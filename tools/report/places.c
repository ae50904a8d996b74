/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/places.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/map.h"

#define SPELLING_MAX 256 /* octets of host and instance that tell; what is longer is cut */

/* One way to write a host and an instance. */
struct spelling {
	struct keep_node node;
	struct where *where;
	uint16_t host_len, instance_len;
	char text[2 * SPELLING_MAX];
};

void places_init(struct places *p, const uint64_t seed[2], size_t wheres, size_t places,
    uint64_t *forgotten)
{
	*p = (struct places){ .seed = seed, .where_max = wheres, .max = places,
	    .forgotten = forgotten };
	keep_init(&p->known, sizeof(struct spelling), wheres, forgotten);
}

void places_free(struct places *p)
{
	for (size_t i = 0; i < p->where_count; i++) {
		free(p->wheres[i]->instance);
		free(p->wheres[i]);
	}
	for (size_t i = 0; i < p->host_count; i++)
		free(p->hosts[i].name);
	free(p->wheres);
	free(p->hosts);
	free(p->list);
	keep_free(&p->known);
	*p = (struct places){0};
}

static struct slice head_of(struct slice text, char end)
{
	const char *at = text.len > 0 ? memchr(text.p, end, text.len) : NULL;

	return at == NULL ? text : (struct slice){ text.p, (size_t)(at - text.p) };
}

static char *copy_of(struct slice text)
{
	char *copy = malloc(text.len + 1);

	if (copy == NULL)
		return NULL;
	if (text.len > 0)
		memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	return copy;
}

/* ---- Hosts ---- */

/* The same name, or one of them is the other's first label. */
static bool is_host(const struct host *host, struct slice name, size_t label)
{
	if (label != host->label || memcmp(host->name, name.p, label) != 0)
		return false;
	return host->len == label || name.len == label ||
	    slice_equal((struct slice){ host->name, host->len }, name);
}

/* Containers differ in how much of a host's name they write. */
static bool find_host(struct places *p, struct slice name, uint32_t *out)
{
	size_t label = head_of(name, '.').len, i;
	struct host *hosts;
	char *copy;

	for (i = 0; i < p->host_count && !is_host(&p->hosts[i], name, label); i++)
		continue;
	*out = (uint32_t)i;
	if (i < p->host_count && p->hosts[i].len >= name.len)
		return true;
	copy = copy_of(name);
	if (copy == NULL)
		return false;
	if (i == p->host_count) {
		hosts = realloc(p->hosts, (i + 1) * sizeof(*hosts));
		if (hosts == NULL) {
			free(copy);
			return false;
		}
		p->hosts = hosts;
		hosts[p->host_count++] = (struct host){0};
	}
	free(p->hosts[i].name);
	p->hosts[i] = (struct host){ copy, name.len, label };
	return true;
}

/* ---- Hosts and instances ---- */

static struct where *make_where(struct places *p, uint32_t host, struct slice instance)
{
	struct where *where, **list = realloc(p->wheres, (p->where_count + 1) * sizeof(*list));
	struct slice root = head_of(instance, '/');
	uint64_t of_host;

	if (list == NULL)
		return NULL;
	p->wheres = list;
	where = calloc(1, sizeof(*where));
	if (where == NULL || (where->instance = copy_of(instance)) == NULL) {
		free(where);
		return NULL;
	}
	of_host = map_hash(p->seed, p->hosts[host].name, p->hosts[host].label);
	where->instance_len = instance.len;
	where->id = (uint32_t)p->where_count;
	where->host = host;
	where->root = keep_mix(p->seed, host) ^ map_hash(p->seed, root.p, root.len);
	where->print = keep_mix(p->seed, of_host) ^ map_hash(p->seed, instance.p, instance.len);
	where->first = INT64_MAX;
	where->started = INT64_MIN;
	where->fresh = true;
	list[p->where_count++] = where;
	return where;
}

static struct where *find_where(struct places *p, struct slice host, struct slice instance)
{
	struct where *where;
	uint32_t number;

	if (!find_host(p, host, &number))
		return NULL;
	for (size_t i = 0; i < p->where_count; i++) {
		where = p->wheres[i];
		if (where->host == number && slice_equal(instance,
		    (struct slice){ where->instance, where->instance_len }))
			return where;
	}
	if (p->where_count < p->where_max)
		return make_where(p, number, instance);
	++*p->forgotten;
	return p->wheres[p->where_max - 1];
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

	if (second <= where->started)
		return;
	for (size_t i = 0; i < p->where_count; i++) {
		struct where *w = p->wheres[i];
		struct slice other = { w->instance, w->instance_len };

		if (w->host != where->host || !slice_begins(other, name) ||
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
	p->list[place].proved = true;
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
