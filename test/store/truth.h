/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a store must have after a disaster. All of a policy follows from its domain and
 * its version, so that whatever is found can be checked to the octet; versions only
 * grow, and every fifth is a deletion.
 */
#ifndef STORE_TRUTH_H
#define STORE_TRUTH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "danests.h"
#include "source/store.h"

#define TRUTH_DOMAINS 12
#define TRUTH_DAY 1700000000

struct truth {
	unsigned promised[TRUTH_DOMAINS]; /* store_sync() said so */
	unsigned last[TRUTH_DOMAINS];     /* was put, perhaps */
	unsigned versions;
};

struct toll {
	unsigned long checked, lost, torn, wrong;
};

struct policy {
	char domain[32], id[16], text[700];
	struct record record;
};

static uint64_t truth_state;

static inline uint64_t chance(uint64_t below)
{
	truth_state ^= truth_state << 13;
	truth_state ^= truth_state >> 7;
	truth_state ^= truth_state << 17;
	return (truth_state >> 11) % below;
}

static inline bool is_deletion(unsigned version)
{
	return version % 5 == 0;
}

static inline const struct record *policy(struct policy *p, int i, unsigned version)
{
	text_format(p->domain, sizeof(p->domain), "d%d.example.com", i);
	text_format(p->id, sizeof(p->id), "%u", version);
	memset(p->text, 'a' + (int)(version % 26), sizeof(p->text));
	p->record = (struct record){
		.domain = p->domain, .id = p->id, .text = p->text,
		.text_len = version * 37 % sizeof(p->text), .mode = version % 3,
		.max_age = 864000, .fetched = TRUTH_DAY, .expires = TRUTH_DAY + 864000,
		.used = TRUTH_DAY,
	};
	return &p->record;
}

static inline bool same(const struct record *a, const struct record *b)
{
	return strcmp(a->domain, b->domain) == 0 && strcmp(a->id, b->id) == 0 &&
	    a->text_len == b->text_len && memcmp(a->text, b->text, a->text_len) == 0 &&
	    a->mode == b->mode && a->max_age == b->max_age && a->fetched == b->fetched &&
	    a->expires == b->expires;
}

/* Puts or deletes one, the next version; false when there is no memory. */
static inline bool truth_change(struct truth *truth, struct store *store)
{
	struct policy p;
	int i = (int)chance(TRUTH_DOMAINS);
	unsigned version = ++truth->versions;

	policy(&p, i, version);
	truth->last[i] = version; /* first: the end may come in between */
	return (is_deletion(version) ? store_del(store, p.domain) :
	    store_put(store, &p.record)) == DANESTS_OK;
}

/* All that was put is promised now. */
static inline void truth_promise(struct truth *truth)
{
	for (int i = 0; i < TRUTH_DOMAINS; i++)
		truth->promised[i] = truth->last[i];
}

/* No policy is right when a deletion was promised, or came later. */
static inline bool truth_may_be_gone(const struct truth *truth, int i)
{
	if (truth->promised[i] == 0 || is_deletion(truth->promised[i]))
		return true;
	for (unsigned v = truth->promised[i] + 1; v <= truth->last[i]; v++) {
		if (is_deletion(v))
			return true;
	}
	return false;
}

/* After the disaster; what is found is the truth from now on. */
static inline void truth_check(struct truth *truth, struct store *store, struct toll *toll)
{
	struct policy expected;
	uint64_t version;
	struct record r;

	for (int i = 0; i < TRUTH_DOMAINS; i++) {
		version = 0;
		toll->checked++;
		policy(&expected, i, 0);
		if (!store_find(store, expected.domain, &r)) {
			toll->lost += !truth_may_be_gone(truth, i);
		} else if (!text_number(r.id, strlen(r.id), 1, UINT32_MAX, &version) ||
		    !same(&r, policy(&expected, i, (unsigned)version))) {
			toll->torn++;
		} else {
			toll->wrong += version < truth->promised[i] || version > truth->last[i] ||
			    is_deletion((unsigned)version);
		}
		truth->promised[i] = truth->last[i] = (unsigned)version;
	}
}

#endif
