/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DANE-TA (usage 2): the record says which anchor is meant, the chain has to lead there,
 * and the name has to be right (U8). Each anchor is tried alone, with nothing else that is
 * trusted: a genuine anchor that an attacker appends to his own chain vouches for nothing
 * of it (rules.md 5.2).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cert/cert.h"
#include "cert/pkix.h"
#include "cert/way.h"
#include "verify/anchor.h"
#include "verify/dane.h"
#include "verify/refs.h"
#include "verify/verdict.h"

enum { USAGE_TA = 2, NOT_SENT = -1 };

/* Records and chain may both be a stranger's who wants to see us work. */
enum {
	ATTEMPTS_MAX = 16, /* anchors that the chain is followed to */
};

struct ta {
	struct dane *d;
	struct match_subject subjects[CHAIN_MAX]; /* by depth; the leaf and its copies: empty */
	unsigned depths;          /* how many of them */
	bool tried[CHAIN_MAX];
	bool read;
	struct chain chain;       /* then; owned */
	unsigned attempts;
	unsigned work;            /* done for anchors that were not sent (verify/anchor.h) */
	enum pkix_fault best;     /* the failure that got furthest; PKIX_GOOD: none yet */
};

/* One anchor, and where it is from. */
struct candidate {
	const struct danests_tlsa *rec;
	gnutls_x509_crt_t *anchors; /* of one certificate; of a bare key, by several names */
	unsigned count;
	int depth;
};

static bool same(const struct danests_der *a, const struct danests_der *b)
{
	return a->len == b->len && a->len > 0 && memcmp(a->data, b->data, a->len) == 0;
}

/* Self-signed or not, the server's own certificate is no anchor (rules.md 5.12). */
static void look_at_chain(struct ta *ta)
{
	const struct dane *d = ta->d;

	ta->depths = d->count < CHAIN_MAX ? (unsigned)d->count : CHAIN_MAX;
	for (unsigned i = 1; i < ta->depths; i++) {
		if (!same(&d->ders[i], &d->ders[0]))
			(void)match_certificate(&ta->subjects[i], &d->ders[i]);
	}
}

/* ---- Failures ---- */

/* The name is looked at last, and dates say more than "no path": what got furthest. */
static bool is_further(enum pkix_fault a, enum pkix_fault b)
{
	static const unsigned char rank[] = {
		[PKIX_GOOD] = 0, [PKIX_UNTRUSTED] = 1, [PKIX_EXPIRED] = 2, [PKIX_NAME] = 3,
	};

	return rank[a] > rank[b];
}

/* The record is right where a path fails: the chain is at fault. */
static const char *hint_of(enum pkix_fault how, const char *why)
{
	const char *hint = way_hint(why);

	if (how != PKIX_UNTRUSTED || hint != NULL)
		return hint;
	return "Send every certificate between the server's own and the anchor of the record,"
	    " or publish a DANE-EE record (3 1 1), which needs no chain.";
}

static void fail(struct ta *ta, const struct candidate *c, enum pkix_fault how, const char *why)
{
	static const enum fault faults[] = {
		[PKIX_GOOD] = FAULT_TLSA, [PKIX_UNTRUSTED] = FAULT_TLSA,
		[PKIX_EXPIRED] = FAULT_EXPIRED, [PKIX_NAME] = FAULT_NAME,
	};
	char name[MATCH_NAME], where[CERT_WHY], reason[DANESTS_REASON_SIZE];

	if (!is_further(how, ta->best))
		return;
	ta->best = how;
	match_name(name, c->rec);
	if (c->depth == NOT_SENT && !ta->read)
		text_format(where, sizeof(where), "needs the chain");
	else if (c->depth == NOT_SENT)
		text_format(where, sizeof(where), "signed a certificate of the chain");
	else
		text_format(where, sizeof(where), "matches certificate %d of the chain", c->depth);
	text_format(reason, sizeof(reason), "TLSA %s %s, but: %s", name, where, why);
	verdict_fail(ta->d->out, faults[how], reason);
	verdict_hint(ta->d->out, hint_of(how, why));
}

/* rules.md 5.12: an anchor that is over is told apart from a chain that is. */
static void fail_expired(struct ta *ta, const struct candidate *c, const char *why)
{
	time_t ends = gnutls_x509_crt_get_expiration_time(c->anchors[0]);
	char text[CERT_WHY];

	if (ends == (time_t)-1 || ends >= ta->d->now) {
		fail(ta, c, PKIX_EXPIRED, why);
		return;
	}
	cert_date_text(text, "ta-expired, the anchor expired", ends);
	fail(ta, c, PKIX_EXPIRED, text);
}

static void pass(struct ta *ta, const struct candidate *c)
{
	struct danests_judgement *out = ta->d->out;
	char name[MATCH_NAME];

	match_name(name, c->rec);
	*out = (struct danests_judgement){ .state = DANESTS_PASS, .depth = c->depth,
		.tlsa = (int)(c->rec - ta->d->host->tlsa) };
	if (c->depth > 0)
		text_format(out->reason, sizeof(out->reason),
		    "TLSA %s matches certificate %d of the chain", name, c->depth);
	else
		text_format(out->reason, sizeof(out->reason),
		    "the chain leads to the anchor of TLSA %s, which was not sent", name);
}

/* ---- One anchor ---- */

/* All certificates are taken apart as late as possible, and once. */
static int read_chain(struct ta *ta, const struct candidate *c)
{
	char why[CERT_WHY];
	int r;

	if (ta->read)
		return DANESTS_OK;
	r = chain_read(&ta->chain, ta->d->ders, ta->d->count, why);
	ta->read = r == DANESTS_OK;
	if (r == DANESTS_EINVAL)
		fail(ta, c, PKIX_UNTRUSTED, why);
	return r;
}

static enum pkix_fault path(struct ta *ta, const struct candidate *c, char why[CERT_WHY])
{
	gnutls_x509_trust_list_t list;
	enum pkix_fault how = PKIX_UNTRUSTED;

	text_format(why, CERT_WHY, "out of memory");
	if (gnutls_x509_trust_list_init(&list, 1) != GNUTLS_E_SUCCESS)
		return how;
	if (gnutls_x509_trust_list_add_cas(list, c->anchors, c->count, 0) == (int)c->count)
		how = pkix_path(list, &ta->chain, ta->d->now, why);
	gnutls_x509_trust_list_deinit(list, 0);
	return how;
}

static void attempt(struct ta *ta, const struct candidate *c)
{
	const struct dane *d = ta->d;
	char why[CERT_WHY];
	enum pkix_fault how;

	if (ta->attempts++ >= ATTEMPTS_MAX)
		return;
	how = path(ta, c, why);
	if (how == PKIX_EXPIRED) {
		fail_expired(ta, c, why);
	} else if (how != PKIX_GOOD) {
		fail(ta, c, how, why);
	} else if (refs_match(d->policy, d->host, &ta->chain.certs[0])) {
		pass(ta, c);
	} else {
		refs_mismatch(why, d->policy, d->host, &ta->chain.certs[0]);
		fail(ta, c, PKIX_NAME, why);
	}
}

/* ---- Where anchors come from ---- */

static bool is_pass(const struct ta *ta)
{
	return ta->d->out->state == DANESTS_PASS;
}

/* Those that were sent. *sent: some match, good or bad. */
static int try_sent(struct ta *ta, const struct danests_tlsa *rec, bool *sent)
{
	struct candidate c = { .rec = rec, .count = 1 };
	bool match;
	int r;

	*sent = false;
	for (unsigned i = 1; i < ta->depths && !is_pass(ta); i++) {
		if (match_record(&ta->subjects[i], rec, &match) != DANESTS_OK)
			return DANESTS_ENOMEM;
		if (!match)
			continue;
		*sent = true;
		if (ta->tried[i])
			continue;
		ta->tried[i] = true;
		c.depth = (int)i;
		r = read_chain(ta, &c);
		if (r != DANESTS_OK)
			return r;
		c.anchors = &ta->chain.certs[i].crt;
		attempt(ta, &c);
	}
	return DANESTS_OK;
}

/* U10: a whole certificate counts whether it was sent or not. */
static int try_certificate(struct ta *ta, const struct danests_tlsa *rec)
{
	const struct danests_der der = { rec->data, rec->len };
	struct candidate c = { .rec = rec, .count = 1, .depth = NOT_SENT };
	struct cert anchor;
	int r;

	if (same(&der, &ta->d->ders[0]) || !anchor_may_work(&ta->work, rec->len))
		return DANESTS_OK;
	r = cert_read(&anchor, &der);
	if (r != DANESTS_OK)
		return r == DANESTS_ENOMEM ? r : DANESTS_OK; /* U2: as good as absent */
	c.anchors = &anchor.crt;
	r = read_chain(ta, &c);
	if (r == DANESTS_OK && anchor_signed_any(&anchor, &ta->chain, &ta->work))
		attempt(ta, &c);
	cert_free(&anchor);
	return r;
}

static int try_key(struct ta *ta, const struct danests_tlsa *rec)
{
	gnutls_x509_crt_t anchors[CHAIN_MAX];
	struct candidate c = { .rec = rec, .anchors = anchors, .depth = NOT_SENT };
	struct span key = span_of(rec->data, rec->len);
	bool own;
	int r;

	/* A server that signed its own certificate vouches for itself only. */
	if (match_record(&ta->d->leaf, rec, &own) != DANESTS_OK)
		return DANESTS_ENOMEM;
	if (own || !anchor_may_work(&ta->work, rec->len) || !anchor_usable(&key))
		return DANESTS_OK;
	r = read_chain(ta, &c);
	if (r == DANESTS_OK)
		r = anchors_of_key(anchors, &c.count, &key, &ta->chain, &ta->work);
	if (r == DANESTS_OK && c.count > 0)
		attempt(ta, &c);
	for (unsigned i = 0; i < c.count; i++)
		gnutls_x509_crt_deinit(anchors[i]);
	return r;
}

/* Sent ones first: what limits them counts, whatever the selector (spec.md section 8). */
static int try_record(struct ta *ta, const struct danests_tlsa *rec)
{
	bool sent;
	int r = try_sent(ta, rec, &sent);

	if (r != DANESTS_OK || sent || rec->mtype != 0)
		return r;
	return rec->selector == 0 ? try_certificate(ta, rec) : try_key(ta, rec);
}

int dane_anchors(struct dane *d)
{
	struct ta *ta = NULL;
	int r = DANESTS_OK;

	for (size_t i = 0; i < d->host->tlsa_count && r == DANESTS_OK; i++) {
		if (d->drop[i] || d->host->tlsa[i].usage != USAGE_TA)
			continue;
		if (ta == NULL) {
			ta = calloc(1, sizeof(*ta));
			if (ta == NULL)
				return DANESTS_ENOMEM;
			ta->d = d;
			look_at_chain(ta);
		}
		r = try_record(ta, &d->host->tlsa[i]);
		if (is_pass(ta))
			break;
	}
	if (ta != NULL)
		chain_free(&ta->chain);
	free(ta);
	return r == DANESTS_EINVAL ? DANESTS_OK : r;
}
