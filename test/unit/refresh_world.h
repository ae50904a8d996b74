/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clock of its own and a world without wires: DNS and policy hosts are a table of
 * domains, and answer at once or when they are told to. Instead of the sources.
 */
#ifndef REFRESH_WORLD_H
#define REFRESH_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "danests.h"
#include "source/dns.h"
#include "source/https.h"

#define START 1767225600
#define HOUR 3600
#define DAY 86400
#define DOMAINS 400
#define PLACES 9400 /* twice as many as those that fail are remembered of */

static int64_t ms;
static time_t wall_shift; /* by so much the clock on the wall is ahead */

time_t clock_now(void) { return START + (time_t)(ms / 1000) + wall_shift; }
int64_t clock_mono_ms(void) { return ms; }
int64_t clock_mono_us(void) { return ms * 1000; }

/* ---- The world ---- */

struct place {
	const char *id;       /* of the TXT record; NULL: there is none */
	bool txt_fails, fetch_fails;
	const char *mode;
	unsigned max_age;
	unsigned fetches;
	time_t fetched;       /* the last time */
	const char *seen_id;  /* by the resolver, ... */
	bool seen_fails;
	int64_t seen_until;   /* ... ms: until it looks again, if it remembers */
};

static struct place places[PLACES];
static struct ask *held_back[DOMAINS]; /* fetches, while slow is set */
static size_t held_back_count;
static bool slow;
static bool remembers; /* the resolver does: it does not see at once what is published */
static bool new_judge; /* danests_change() has another resolver */

struct dns { int unused; };
struct https { int unused; };
static struct dns the_dns;
static struct https the_https;

int dns_new(struct dns **out, struct loop *loop, const struct dns_conf *conf,
    char problem[DNS_PROBLEM])
{
	(void)loop;
	(void)conf;
	(void)problem;
	for (size_t i = 0; remembers && i < PLACES; i++)
		places[i].seen_until = 0;
	*out = &the_dns;
	return DANESTS_OK;
}

int dns_like(const struct dns *dns, const struct dns_conf *conf, bool *same,
    char problem[DNS_PROBLEM])
{
	(void)dns;
	(void)conf;
	(void)problem;
	*same = !new_judge;
	return DANESTS_OK;
}

bool dns_same_judge(const struct dns *a, const struct dns *b) { return a == b && !new_judge; }
void dns_free(struct dns *dns) { (void)dns; }
bool dns_idle(const struct dns *dns) { (void)dns; return true; }
void https_free(struct https *https) { (void)https; }
bool https_idle(const struct https *https) { (void)https; return true; }

enum danests_trust_state dns_trust(struct dns *dns, const char **text, const char **resolvers)
{
	(void)dns;
	*text = *resolvers = "";
	return DANESTS_TRUST_GOOD;
}

int https_new(struct https **out, struct loop *loop, const struct https_conf *conf,
    char problem[HTTPS_PROBLEM])
{
	(void)loop;
	(void)conf;
	(void)problem;
	*out = &the_https;
	return DANESTS_OK;
}

/* d7.example, mta-sts.d7.example */
static inline struct place *place_of(const char *name)
{
	const char *d = strrchr(name, 'd');
	unsigned long i = strtoul(d + 1, NULL, 10);

	assert_true(i < PLACES);
	return &places[i];
}

static inline struct answer *txt_answer(struct place *p)
{
	struct answer *a;
	time_t expires;

	if (!remembers || ms >= p->seen_until) {
		p->seen_id = p->id;
		p->seen_fails = p->txt_fails;
		p->seen_until = ms + (p->txt_fails ? 15000 : 60000);
	}
	expires = clock_now() + (time_t)((p->seen_until - ms) / 1000);
	if (p->seen_fails)
		return answer_failed(QUESTION_STSTXT, FAILURE_SERVFAIL, expires, NULL);
	if (p->seen_id == NULL)
		return answer_new(QUESTION_STSTXT, ANSWER_ABSENT_INSECURE, expires);
	a = answer_new(QUESTION_STSTXT, ANSWER_INSECURE, expires);
	assert_int_equal(answer_set_id(a, p->seen_id), DANESTS_OK);
	return a;
}

enum source_result dns_ask(struct dns *dns, struct ask *ask)
{
	const uint8_t v4[4] = { 192, 0, 2, 1 };
	struct answer *a;

	(void)dns;
	if (ask->q.kind == QUESTION_STS)
		return SOURCE_PASS;
	if (ask->q.kind == QUESTION_STSTXT) {
		a = txt_answer(place_of(ask->q.name.name));
	} else if (ask->q.kind == QUESTION_ADDR) {
		a = answer_new(QUESTION_ADDR, ANSWER_INSECURE, clock_now() + 60);
		assert_int_equal(answer_add_addr(a, 4, v4), DANESTS_OK);
	} else {
		a = answer_new(ask->q.kind, ANSWER_ABSENT_INSECURE, clock_now() + 60);
	}
	ask_arrive(ask, a);
	return SOURCE_ANSWERED;
}

static inline void fetch(struct ask *ask)
{
	struct place *p = place_of(ask->q.name.name);
	char text[200], why[STSBODY_WHY];
	struct stsbody body;
	struct answer *a;

	p->fetches++;
	p->fetched = clock_now();
	if (p->fetch_fails) {
		ask_arrive(ask, answer_failed(QUESTION_STS, FAILURE_STS_FETCH,
		    clock_now() + ANSWER_FETCH_RETRY, "HTTP status 404"));
		return;
	}
	text_format(text, sizeof(text), "version: STSv1\nmode: %s\nmx: mx.example\nmax_age: %u\n",
	    p->mode, p->max_age);
	assert_int_equal(stsbody_parse(&body, text, strlen(text), why), DANESTS_OK);
	a = answer_new(QUESTION_STS, ANSWER_INSECURE, clock_now() + (time_t)body.max_age);
	assert_int_equal(answer_set_id(a, ask->q.id), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, strlen(text), &body), DANESTS_OK);
	ask_arrive(ask, a);
}

enum source_result https_ask(struct https *https, struct ask *ask)
{
	(void)https;
	if (slow) {
		held_back[held_back_count++] = ask;
		return SOURCE_PENDING;
	}
	fetch(ask);
	return SOURCE_ANSWERED;
}

/* ---- Time goes by ---- */

static danests *ctx;

static inline void run(int64_t seconds)
{
	int64_t end = ms + seconds * 1000;

	for (;;) {
		int wait = danests_timeout(ctx);

		if (wait < 0 || ms + wait > end)
			break;
		ms += wait;
		assert_int_equal(danests_process(ctx), DANESTS_OK);
	}
	ms = end;
}

static inline const char *name_of(unsigned i)
{
	static char name[40];

	text_format(name, sizeof(name), "d%u.example", i);
	return name;
}

static inline void look_up(unsigned i)
{
	danests_policy *policy;

	assert_int_equal(danests_lookup(ctx, name_of(i), &policy), DANESTS_OK);
	danests_policy_unref(policy);
}

static inline void publish(unsigned i, const char *id, const char *mode, unsigned max_age)
{
	places[i].id = id;
	places[i].mode = mode;
	places[i].max_age = max_age;
}

/* The first so many domains have a policy, and somebody asked. */
static inline void hold(unsigned count, const char *mode, unsigned max_age)
{
	for (unsigned i = 0; i < count; i++) {
		publish(i, "1", mode, max_age);
		look_up(i);
		assert_int_equal(places[i].fetches, 1);
	}
}

static inline struct danests_status status(void)
{
	struct danests_status s;

	danests_get_status(ctx, &s);
	return s;
}

static inline void no_event(void)
{
	struct danests_event e;

	assert_false(danests_next_event(ctx, &e));
}

static inline unsigned events(enum danests_event_kind kind, char text[600])
{
	struct danests_event e;
	unsigned n = 0;

	while (danests_next_event(ctx, &e)) {
		if (e.kind != kind)
			continue;
		text_format(text, 600, "%s", e.text);
		n++;
	}
	return n;
}

static inline int set_up(void **state)
{
	(void)state;
	memset(places, 0, sizeof(places));
	slow = remembers = new_judge = false;
	held_back_count = 0;
	ms = 1000000;
	wall_shift = 0;
	return danests_new(&ctx);
}

static inline int tear_down(void **state)
{
	(void)state;
	danests_free(ctx);
	return 0;
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
