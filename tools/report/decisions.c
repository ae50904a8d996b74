/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/decisions.h"

#include "base/attr.h"
#include "base/decision.h"
#include "base/map.h"
#include "danests.h"
#include "tools/report/seconds.h"

#define HOLDS_LEAST ((int64_t)24 * 3600) /* a domain is told of once a day at least */
#define HOLDS_MOST ((int64_t)366 * 24 * 3600)
#define REPLY_MAX 24 /* longer than any */
#define TOKEN_MAX 40

struct said {
	struct keep_node node;
	int64_t us;
	int32_t holds; /* seconds */
	uint8_t dane, sts, reply_len, token_len;
	bool override;
	char reply[REPLY_MAX], token[TOKEN_MAX];
};

struct word {
	const char *text;
	uint8_t value;
};

static const struct word danes[] = {
	{ "none", DANE_NONE }, { "full", DANE_FULL }, { "partial", DANE_PARTIAL },
	{ "half", DANE_HALF }, { "unusable", DANE_UNUSABLE }, { "bogus", DANE_BOGUS },
	{ "error", DANE_ERROR },
};

static const struct word stses[] = {
	{ "absent", STS_ABSENT }, { "none", STS_NONE }, { "testing", STS_TESTING },
	{ "enforce", STS_ENFORCE }, { "error", STS_ERROR },
};

void decisions_init(struct decisions *all, const uint64_t seed[2], size_t max,
    uint64_t *forgotten)
{
	*all = (struct decisions){ .seed = seed };
	keep_init(&all->keep, sizeof(struct said), max, forgotten);
}

void decisions_free(struct decisions *all)
{
	keep_free(&all->keep);
	buf_free(&all->store);
}

/* What is not known is 0, which is DANE_UNKNOWN and STS_UNKNOWN. */
static uint8_t value_of(const struct word *words, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i].text, text) == 0)
			return words[i].value;
	}
	return 0;
}

static uint8_t keep_text(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size);

	memcpy(out, text, len);
	return (uint8_t)len;
}

static void take(struct said *said, const struct decision *d, int64_t us)
{
	said->us = us;
	said->holds = (int32_t)(d->expires > HOLDS_MOST ? HOLDS_MOST :
	    d->expires > HOLDS_LEAST ? (int64_t)d->expires : HOLDS_LEAST);
	said->dane = value_of(danes, COUNT_OF(danes), d->dane);
	said->sts = value_of(stses, COUNT_OF(stses), d->sts);
	said->override = strcmp(d->source, "override") == 0;
	said->reply_len = keep_text(said->reply, sizeof(said->reply), d->reply);
	said->token_len = keep_text(said->token, sizeof(said->token), d->error);
}

/* Lines come in order of time; an older one is a copy, from a log that is read again. */
int decisions_take(struct decisions *all, struct slice pairs, int64_t us)
{
	struct decision d;
	struct said *said;
	uint64_t key;
	int rc;

	rc = decision_parse(&d, &all->store, pairs.p, pairs.len);
	if (rc != DANESTS_OK)
		return rc;
	key = decisions_number(all, (struct slice){ d.nexthop, strlen(d.nexthop) });
	said = keep_get(&all->keep, key);
	if (said == NULL) {
		said = keep_add(&all->keep, key);
		if (said == NULL)
			return DANESTS_ENOMEM;
	} else if (us < said->us) {
		return DANESTS_OK;
	}
	take(said, &d, us);
	return DANESTS_OK;
}

uint64_t decisions_number(const struct decisions *all, struct slice nexthop)
{
	uint64_t number = map_hash(all->seed, nexthop.p, nexthop.len);

	return number + (number == 0);
}

void decisions_find(struct decisions *all, uint64_t nexthop, int64_t us, struct known *out)
{
	const struct said *said = keep_get(&all->keep, nexthop);

	*out = (struct known){0};
	if (said == NULL || (said->us != LINE_NO_TIME && (seconds(us) < seconds(said->us) ||
	    seconds(us) - seconds(said->us) > said->holds)))
		return;
	*out = (struct known){ true, (enum dane_word)said->dane, (enum sts_word)said->sts,
	    { said->reply, said->reply_len }, { said->token, said->token_len }, said->override };
}
