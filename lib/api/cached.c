/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/cached.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "plan/policy.h"

struct cached_slot {
	danests_policy *policy; /* NULL: free */
	struct cached_mark mark;/* of its lookup: no answer in it is older, but for what
	                         * was known already */
	size_t bytes;
	uint16_t port;          /* of the nexthop; its domain is the policy's */
	bool bracketed;
};

struct cached_set {
	uint32_t changes; /* of its domains; wraps around */
	uint32_t next;    /* which way is given up next */
	struct cached_slot slot[CACHED_WAYS];
};

/* ---- Life ---- */

int cached_begin(struct cached *cached)
{
	struct map random;

	if (cached->sets != NULL)
		return DANESTS_OK;
	cached->sets = calloc(CACHED_SETS, sizeof(*cached->sets));
	if (cached->sets == NULL)
		return DANESTS_ENOMEM;
	map_init(&random, NULL); /* it seeds itself and allocates nothing */
	memcpy(cached->seed, random.seed, sizeof(cached->seed));
	return DANESTS_OK;
}

static void slot_clear(struct cached *cached, struct cached_slot *slot)
{
	if (slot->policy == NULL)
		return;
	cached->bytes -= slot->bytes;
	danests_policy_unref(slot->policy);
	slot->policy = NULL;
}

static void drop_all(struct cached *cached)
{
	for (size_t i = 0; i < CACHED_SETS; i++)
		for (size_t way = 0; way < CACHED_WAYS; way++)
			slot_clear(cached, &cached->sets[i].slot[way]);
}

void cached_free(struct cached *cached)
{
	if (cached->sets == NULL)
		return;
	drop_all(cached);
	free(cached->sets);
	*cached = (struct cached){0};
}

/* ---- Out ---- */

static struct cached_set *set_of(const struct cached *cached, const char *domain)
{
	return &cached->sets[map_hash(cached->seed, domain, strlen(domain)) & (CACHED_SETS - 1)];
}

static struct cached_slot *find(struct cached_set *set, const struct nexthop *nexthop)
{
	for (size_t way = 0; way < CACHED_WAYS; way++) {
		struct cached_slot *slot = &set->slot[way];

		if (slot->policy != NULL && slot->port == nexthop->port &&
		    slot->bracketed == nexthop->bracketed &&
		    strcmp(slot->policy->domain, nexthop->domain.name) == 0)
			return slot;
	}
	return NULL;
}

/* What is said to hold for a minute holds for one: a clock on the wall that did not go on
 * as the other one did was put back. */
static bool holds(const struct cached_slot *slot)
{
	time_t now = clock_now(), end = slot->policy->expires;

	return now < end && (clock_mono_ms() - slot->mark.ms) / 1000 <= now - slot->mark.wall;
}

danests_policy *cached_get(struct cached *cached, const struct nexthop *nexthop)
{
	struct cached_slot *slot;

	if (cached->sets == NULL)
		return NULL;
	slot = find(set_of(cached, nexthop->domain.name), nexthop);
	if (slot == NULL)
		return NULL;
	if (holds(slot))
		return danests_policy_ref(slot->policy);
	slot_clear(cached, slot);
	return NULL;
}

/* ---- In ---- */

struct cached_mark cached_mark(const struct cached *cached, const struct domain *domain)
{
	if (cached->sets == NULL)
		return (struct cached_mark){0};
	return (struct cached_mark){
		.on = true, .count = set_of(cached, domain->name)->changes + cached->all,
		.wall = clock_now(), .ms = clock_mono_ms(),
	};
}

/* What others hold, too, is counted all the same: they may let go of it. */
static size_t bytes_of(const danests_policy *policy)
{
	size_t sum = sizeof(*policy) + policy->host_count * sizeof(*policy->hosts) +
	    policy->question_len + 2 * sizeof(policy->domain);

	for (size_t i = 0; i < policy->answer_count; i++)
		sum += sizeof(policy->answers[i]) + policy->answers[i]->bytes;
	return sum;
}

static struct cached_slot *place_for(struct cached *cached, struct cached_set *set)
{
	struct cached_slot *slot;

	for (size_t way = 0; way < CACHED_WAYS; way++)
		if (set->slot[way].policy == NULL)
			return &set->slot[way];
	for (size_t way = 0; way < CACHED_WAYS; way++) {
		slot = &set->slot[way];
		if (!holds(slot)) {
			slot_clear(cached, slot);
			return slot;
		}
	}
	slot = &set->slot[set->next++ % CACHED_WAYS];
	slot_clear(cached, slot);
	return slot;
}

/* One after the other, whosever it is: it is only looked up again. */
static void make_room(struct cached *cached, size_t bytes, size_t limit)
{
	while (cached->bytes > limit - bytes) {
		size_t at = cached->hand++ % (CACHED_SETS * CACHED_WAYS);

		slot_clear(cached, &cached->sets[at / CACHED_WAYS].slot[at % CACHED_WAYS]);
	}
}

void cached_put(struct cached *cached, struct cached_mark mark, const struct nexthop *nexthop,
    danests_policy *policy, size_t limit)
{
	struct cached_set *set;
	struct cached_slot *slot;
	size_t bytes;

	if (!mark.on)
		return;
	set = set_of(cached, nexthop->domain.name);
	if (set->changes + cached->all != mark.count)
		return;
	slot = find(set, nexthop);
	if (slot != NULL) /* what is known now is newer, even when it is not kept */
		slot_clear(cached, slot);
	bytes = bytes_of(policy);
	if (policy->expires <= clock_now() || bytes > limit)
		return;
	make_room(cached, bytes, limit);
	slot = place_for(cached, set);
	*slot = (struct cached_slot){
		.policy = danests_policy_ref(policy), .mark = mark, .bytes = bytes,
		.port = nexthop->port, .bracketed = nexthop->bracketed,
	};
	cached->bytes += bytes;
}

void cached_drop(struct cached *cached, const char *domain)
{
	struct cached_set *set;

	if (cached->sets == NULL)
		return;
	if (domain[0] == '\0') {
		cached->all++;
		drop_all(cached);
		return;
	}
	set = set_of(cached, domain);
	set->changes++;
	for (size_t way = 0; way < CACHED_WAYS; way++) {
		struct cached_slot *slot = &set->slot[way];

		if (slot->policy != NULL && strcmp(slot->policy->domain, domain) == 0)
			slot_clear(cached, slot);
	}
}
