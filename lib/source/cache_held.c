/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The policies that are held (S13). With a store it has the truth, and the table
 * copies of it, parsed; so whatever is in the table is also in the store, or was
 * refused by it for lack of memory.
 *
 * What is over is not deleted from a store: the clock may be a day ahead, and put
 * right tomorrow. The store drops it in its time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "source/cache_impl.h"

/* A record says within about this much when its policy was asked for last. */
#define HELD_DAY 86400

#define HELD_KEY "STSHELD " /* question_text() */

static struct question question_of(const struct domain *domain)
{
	return (struct question){ .kind = QUESTION_STSHELD, .name = *domain };
}

bool cache_held_is_ahead(const struct record *r)
{
	return r->expires - clock_now() > (time_t)r->max_age;
}

bool cache_held_in_force(struct record *r)
{
	time_t now = clock_now();

	if (r->expires <= now)
		return false;
	if (cache_held_is_ahead(r)) {
		r->fetched = now;
		r->expires = now + (time_t)r->max_age;
	}
	return true;
}

/* DANESTS_OK, DANESTS_ENOMEM; DANESTS_EINVAL with why[]: no policy. */
static int decode(struct answer **out, enum question_kind kind, const struct record *r,
    enum answer_state state, char why[STSBODY_WHY])
{
	struct answer *a = answer_new(kind, state, r->expires);
	struct stsbody body;
	int e = DANESTS_ENOMEM;

	if (a != NULL && answer_set_id(a, r->id) == DANESTS_OK)
		e = stsbody_parse(&body, r->text, r->text_len, why);
	if (e == DANESTS_OK)
		e = answer_set_policy(a, r->text, r->text_len, &body);
	if (e == DANESTS_OK)
		*out = a;
	else
		answer_unref(a);
	return e;
}

static struct record record_of(const char *domain, const struct answer *a, time_t used)
{
	return (struct record){
		.domain = domain, .id = a->id, .text = a->text, .text_len = a->text_len,
		.mode = a->body.mode, .max_age = a->body.max_age,
		.fetched = a->expires - (time_t)a->body.max_age, .expires = a->expires,
		.used = used,
	};
}

struct record cache_held_record(const struct entry *e)
{
	return record_of(e->key + strlen(HELD_KEY), e->answer, e->asked);
}

struct answer *cache_as_kind(const struct answer *policy, enum question_kind kind)
{
	struct record r = record_of("", policy, 0);
	struct answer *a = NULL;
	char why[STSBODY_WHY];

	return decode(&a, kind, &r, policy->state, why) == DANESTS_OK ? a : NULL;
}

/* ---- Out ---- */

/* From the store into the table. */
static int load(struct cache *cache, const struct domain *domain, struct answer **out)
{
	const struct question q = question_of(domain);
	char why[STSBODY_WHY];
	struct answer *a = NULL;
	struct record r;
	int e;

	if (!store_find(cache->store, domain->name, &r) || r.expires <= clock_now())
		return DANESTS_OK;
	e = decode(&a, QUESTION_STSHELD, &r, ANSWER_INSECURE, why);
	if (e == DANESTS_OK) {
		(void)cache_put(cache, &q, answer_ref(a), r.used);
		*out = a;
	} else if (e == DANESTS_EINVAL) {
		/* Sound, as far as checksums go, but no policy that we would have taken. */
		if (cache->events != NULL)
			events_add(cache->events, DANESTS_EVENT_CACHE_TROUBLE, domain->name,
			    "what was kept is no policy, and is dropped: %s", why);
		e = store_del(cache->store, domain->name);
	}
	return e;
}

/* The table has it as it came, since the clock may be put right again. */
static int as_of_now(struct answer **policy)
{
	struct record r = record_of("", *policy, 0);
	struct answer *a = NULL;
	char why[STSBODY_WHY];
	int e;

	if (!cache_held_is_ahead(&r) || !cache_held_in_force(&r))
		return DANESTS_OK;
	e = decode(&a, QUESTION_STSHELD, &r, (*policy)->state, why);
	answer_unref(*policy);
	*policy = a;
	return e == DANESTS_OK ? DANESTS_OK : DANESTS_ENOMEM;
}

int cache_held_find(struct cache *cache, const struct domain *domain, struct answer **out)
{
	const struct question q = question_of(domain);
	struct entry *e = cache_fresh(cache, &q);
	int error = DANESTS_OK;

	*out = e != NULL ? answer_ref(e->answer) : NULL;
	if (e == NULL && cache->store != NULL)
		error = load(cache, domain, out);
	return *out != NULL ? as_of_now(out) : error;
}

void cache_held_touch(struct cache *cache, const struct domain *domain)
{
	const struct question q = question_of(domain);
	struct entry *e = cache_find(cache, &q);
	time_t now = clock_now();

	if (e == NULL || (e->asked <= now && now - e->asked < HELD_DAY))
		return;
	e->asked = now;
	if (cache->store != NULL)
		store_touch(cache->store, domain->name, now);
}

bool cache_held_get(struct cache *cache, const char *domain, struct record *out)
{
	struct domain name = {{0}};
	struct question q;
	struct entry *e;

	if (!domain_copy(&name, domain))
		return false;
	q = question_of(&name);
	e = cache_find(cache, &q);
	if (cache->store != NULL) {
		if (!store_find(cache->store, domain, out))
			return false;
	} else {
		if (e == NULL)
			return false;
		*out = cache_held_record(e);
	}
	return cache_held_in_force(out);
}

/* ---- In ---- */

/* What was held, and is no longer: what made use of it must know, and so must the
 * administrator when there is more to it than a new text. */
static void tell(struct cache *cache, const char *domain, const struct answer *old,
    const struct answer *new)
{
	const char *was = stsbody_mode_name(old->body.mode);
	const char *is = stsbody_mode_name(new->body.mode);
	bool same_id = strcmp(old->id, new->id) == 0;
	bool gone = new->body.max_age == 0;
	const char *end = gone ? "; it asks not to be remembered (max_age 0)" : "";

	if (cache->events == NULL || (same_id && !gone && old->text_len == new->text_len &&
	    memcmp(old->text, new->text, old->text_len) == 0))
		return;
	if (!same_id && old->body.mode != new->body.mode) {
		events_add(cache->events, DANESTS_EVENT_CHANGED, domain, "MTA-STS policy changed:"
		    " was %s (id %s), is %s (id %s)%s", was, old->id, is, new->id, end);
		return;
	}
	events_add(cache->events, DANESTS_EVENT_CHANGED, domain, "%s", "");
	if (same_id)
		events_add(cache->events, DANESTS_EVENT_SAME_ID, domain, "MTA-STS policy changed,"
		    " but its id (%s) did not: was %s, is %s%s", new->id, was, is, end);
}

/* In force at once, even when the store has no memory for it. Without memory for it
 * in the table, what is there must not outlive it. */
static int put(struct cache *cache, const struct domain *domain, const struct record *r,
    struct answer *a)
{
	const struct question q = question_of(domain);
	struct entry *e;
	int kept = a != NULL ? cache_put(cache, &q, a, r->used) : DANESTS_ENOMEM, error;

	if (cache->store == NULL)
		return kept;
	error = store_put(cache->store, r);
	if (a != NULL)
		return error;
	e = cache_find(cache, &q);
	if (e != NULL && error == DANESTS_OK)
		cache_drop(cache, e);
	return error;
}

static int drop(struct cache *cache, const struct domain *domain)
{
	const struct question q = question_of(domain);
	struct entry *e;
	int error = cache->store != NULL ? store_del(cache->store, domain->name) : DANESTS_OK;

	if (error != DANESTS_OK)
		return error;
	e = cache_find(cache, &q);
	if (e != NULL)
		cache_drop(cache, e);
	return DANESTS_OK;
}

/* When it was asked for last: a refresh is no question of anybody. */
static time_t used_of(struct cache *cache, const struct domain *domain, bool held)
{
	const struct question q = question_of(domain);
	struct entry *e = cache_find(cache, &q);
	struct record r;

	if (held && e != NULL)
		return e->asked;
	if (held && cache->store != NULL && store_find(cache->store, domain->name, &r))
		return r.used;
	return clock_now();
}

void cache_held_keep(struct cache *cache, const struct domain *domain, const struct answer *a)
{
	struct answer *old = NULL, *new;
	bool known = cache_held_find(cache, domain, &old) == DANESTS_OK && old != NULL;
	struct record r = record_of(domain->name, a, used_of(cache, domain, known));
	int error = DANESTS_OK;

	if (a->body.max_age > 0) {
		new = cache_as_kind(a, QUESTION_STSHELD);
		/* Without memory the old one stays: better than none (S13). */
		if (put(cache, domain, &r, new) != DANESTS_OK &&
		    (new == NULL || cache->store == NULL))
			error = DANESTS_ENOMEM;
	} else {
		/* Also what is over: the clock may be ahead, and put right. */
		error = drop(cache, domain);
	}
	if (known && error == DANESTS_OK)
		tell(cache, domain->name, old, a);
	answer_unref(old);
}

static bool same(const struct record *a, const struct record *b)
{
	return strcmp(a->id, b->id) == 0 && a->text_len == b->text_len &&
	    a->expires == b->expires && memcmp(a->text, b->text, a->text_len) == 0;
}

static void tell_changed(struct cache *cache, const char *domain)
{
	if (cache->events != NULL)
		events_add(cache->events, DANESTS_EVENT_CHANGED, domain, "%s", "");
}

int cache_held_put(struct cache *cache, const struct record *r)
{
	char why[STSBODY_WHY];
	struct domain domain = {{0}};
	struct answer *a = NULL;
	struct record old;
	bool news;
	int e;

	if (!domain_copy(&domain, r->domain))
		return DANESTS_EINVAL;
	e = decode(&a, QUESTION_STSHELD, r, ANSWER_INSECURE, why);
	if (e != DANESTS_OK)
		return e;
	news = !cache_held_get(cache, domain.name, &old) || !same(&old, r);
	e = put(cache, &domain, r, a);
	if (e == DANESTS_OK && news)
		tell_changed(cache, domain.name);
	return e;
}

int cache_held_drop(struct cache *cache, const char *name)
{
	struct domain domain = {{0}};
	struct record old;
	bool news;
	int e;

	if (!domain_copy(&domain, name))
		return DANESTS_OK;
	news = cache_held_get(cache, name, &old);
	e = drop(cache, &domain);
	if (e == DANESTS_OK && news)
		tell_changed(cache, name);
	return e;
}

int cache_sync(struct cache *cache)
{
	return cache->store != NULL ? store_sync(cache->store) : DANESTS_OK;
}

size_t cache_held_count(const struct cache *cache)
{
	struct store_status status;

	if (cache->store == NULL)
		return cache->policy_count;
	store_status(cache->store, &status);
	return status.entries;
}
