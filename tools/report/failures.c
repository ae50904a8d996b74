/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/failures.h"

#include "base/map.h"
#include "tools/report/seconds.h"

#define HOLDS 3600 /* seconds; a destination rests for minimal_backoff_time, mostly 300 */

/* Of one domain. */
struct failure {
	struct keep_node node;
	uint64_t text;   /* keyed hash of the statement */
	int64_t us;
	struct feature tls;
	uint8_t trust, cause, tlsrpt_word;
	bool session, sts_mx, unusable, no_proxy, tlsrpt, smarthost;
	bool mixed;      /* two kinds with the same statement */
};

void failures_init(struct failures *all, const uint64_t seed[2], size_t max,
    uint64_t *forgotten)
{
	*all = (struct failures){ .seed = seed };
	keep_init(&all->keep, sizeof(struct failure), max, forgotten);
}

void failures_free(struct failures *all)
{
	keep_free(&all->keep);
}

static uint64_t key_of(const struct failures *all, uint64_t root, struct slice domain)
{
	return keep_mix(all->seed, root ^ map_hash(all->seed, domain.p, domain.len));
}

static uint64_t text_of(const struct failures *all, const struct delivery *d)
{
	return map_hash(all->seed, d->text.p, d->text.len);
}

static bool is_same(const struct failure *f, const struct delivery *d)
{
	return f->tls.level == d->tls.level && f->tls.downgrade == d->tls.downgrade &&
	    f->tls.broken == d->tls.broken && f->tls.open == d->tls.open &&
	    f->tls.requiretls == d->tls.requiretls && f->cause == d->cause &&
	    f->sts_mx == d->sts_mx && f->unusable == d->unusable &&
	    f->no_proxy == d->no_proxy && f->smarthost == d->smarthost;
}

bool failures_note(struct failures *all, uint64_t root, const struct delivery *d)
{
	uint64_t key = key_of(all, root, d->domain), text;
	struct failure *f;
	bool again;

	if (d->statement == STATEMENT_OTHER || d->domain.len == 0)
		return true;
	f = keep_get(&all->keep, key);
	if (f == NULL && (f = keep_add(&all->keep, key)) == NULL)
		return false;
	text = text_of(all, d);
	again = f->text == text && seconds_near(f->us, d->us, HOLDS);
	f->mixed = again && (f->mixed || !is_same(f, d));
	f->text = text;
	f->us = d->us;
	f->tls = d->tls;
	f->session = d->session;
	f->trust = (uint8_t)d->trust;
	f->cause = (uint8_t)d->cause;
	f->tlsrpt_word = (uint8_t)d->tlsrpt_word;
	f->sts_mx = d->sts_mx;
	f->unusable = d->unusable;
	f->no_proxy = d->no_proxy;
	f->tlsrpt = d->tlsrpt;
	f->smarthost = d->smarthost;
	return true;
}

void failures_find(struct failures *all, uint64_t root, struct delivery *d)
{
	const struct failure *f;

	if (all->keep.count == 0 || d->statement == STATEMENT_OTHER || d->domain.len == 0)
		return;
	f = keep_get(&all->keep, key_of(all, root, d->domain));
	if (f == NULL || f->mixed || f->text != text_of(all, d) ||
	    !seconds_since(f->us, d->us, HOLDS))
		return;
	d->tls = f->tls;
	d->session = f->session;
	d->trust = (enum trust)f->trust;
	d->cause = (enum cause)f->cause;
	d->tlsrpt_word = (enum tlsrpt_word)f->tlsrpt_word;
	d->sts_mx = f->sts_mx;
	d->unusable = f->unusable;
	d->no_proxy = f->no_proxy;
	d->tlsrpt = f->tlsrpt;
	d->smarthost = f->smarthost;
}
