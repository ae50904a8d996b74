/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways from the server's certificate to an anchor are found here, one after the other, by
 * names and key identifiers; GnuTLS then judges one way and one anchor at a time. So what
 * was sent but is not on the way does not matter, it is known whose dates count, and the
 * time is the caller's (the clock of GnuTLS is one for the whole process).
 */
#include "cert/pkix.h"

#include <string.h>

#include "base/text.h"
#include "cert/trust.h"
#include "cert/way.h"

enum {
	STEPS_MAX = 512,  /* certificates put on a way, all ways together */
	CHECKS_MAX = 64,  /* signatures verified */
	/* Of certificates that GnuTLS verifies: each name of the first is held against each
	 * constraint of the others, and all of them may be of a stranger's making. */
	BYTES_MAX = 64 * 1024,
};

/* What is wrong with a way; the least counts. */
enum rank { RANK_GOOD, RANK_EXPIRED, RANK_EARLY, RANK_UNTRUSTED, RANK_NOWHERE, RANK_NONE };

struct walk {
	const struct chain *chain;
	const struct anchors *anchors;
	struct way way;
	bool used[CHAIN_MAX];
	bool no_anchor[CHAIN_MAX]; /* has issued this one: looked for, in vain */
	unsigned steps, checks;
	size_t bytes;
	enum rank rank;         /* of the best way so far */
	enum pkix_fault fault;
	char *why;
};

static void keep(struct walk *walk, enum rank rank, enum pkix_fault fault, const char *why)
{
	if (rank >= walk->rank)
		return;
	walk->rank = rank;
	walk->fault = fault;
	text_format(walk->why, CERT_WHY, "%s", why);
}

static bool over(const struct walk *walk)
{
	return walk->rank == RANK_GOOD || walk->steps >= STEPS_MAX ||
	    walk->checks >= CHECKS_MAX || walk->bytes > BYTES_MAX;
}

/* spec.md section 8: expired comes before untrusted, whatever else is wrong. */
static void judge(struct walk *walk, gnutls_x509_crt_t anchor)
{
	char dates[CERT_WHY] = "", trust[CERT_WHY] = "";
	enum way_dates when;
	bool trusted = false;

	walk->way.anchor = anchor;
	walk->checks += walk->way.len;
	walk->bytes += way_bytes(&walk->way);
	when = way_dates(&walk->way, dates);
	if (walk->bytes > BYTES_MAX)
		text_format(trust, sizeof(trust), "certificates too large to be verified");
	else
		trusted = way_trusted(&walk->way, trust);
	walk->way.anchor = NULL;
	if (trusted && when == WAY_CURRENT)
		keep(walk, RANK_GOOD, PKIX_GOOD, "");
	else if (when == WAY_EXPIRED)
		keep(walk, trusted ? RANK_EXPIRED : RANK_UNTRUSTED, PKIX_EXPIRED, dates);
	else if (when == WAY_EARLY)
		keep(walk, trusted ? RANK_EARLY : RANK_UNTRUSTED, PKIX_UNTRUSTED, dates);
	else
		keep(walk, RANK_UNTRUSTED, PKIX_UNTRUSTED, trust);
}

/* Nobody issued the last one: the dates of those before it still count. */
static void give_up(struct walk *walk)
{
	char dates[CERT_WHY], trust[CERT_WHY];
	enum way_dates when;

	if (walk->rank <= RANK_NOWHERE)
		return;
	when = way_dates(&walk->way, dates);
	way_say_unknown(&walk->way, trust);
	keep(walk, RANK_NOWHERE, when == WAY_EXPIRED ? PKIX_EXPIRED : PKIX_UNTRUSTED,
	    when == WAY_CURRENT ? trust : dates);
}

typedef int dn_fn(gnutls_x509_crt_t crt, gnutls_datum_t *dn);

/* The octets count, as they do for GnuTLS. */
static bool equal_dns(gnutls_x509_crt_t a, dn_fn *of_a, gnutls_x509_crt_t b, dn_fn *of_b)
{
	gnutls_datum_t one = { NULL, 0 }, other = { NULL, 0 };
	bool equal = of_a(a, &one) == GNUTLS_E_SUCCESS && of_b(b, &other) == GNUTLS_E_SUCCESS &&
	    one.size == other.size && one.size > 0 && memcmp(one.data, other.data, one.size) == 0;

	gnutls_free(one.data);
	gnutls_free(other.data);
	return equal;
}

/* By names and key identifiers. GnuTLS alone would take 2 ms for all authorities of a
 * system; few have the right name. */
static bool issued_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	return equal_dns(crt, gnutls_x509_crt_get_raw_issuer_dn, issuer,
	    gnutls_x509_crt_get_raw_dn) && gnutls_x509_crt_check_issuer(crt, issuer) != 0;
}

static bool same(gnutls_x509_crt_t a, gnutls_x509_crt_t b)
{
	return equal_dns(a, gnutls_x509_crt_get_raw_dn, b, gnutls_x509_crt_get_raw_dn) &&
	    gnutls_x509_crt_equals(a, b) != 0;
}

/* Those that issued the last one, which has this place in the chain. All anchors are looked
 * at as often as there are certificates, and ways that are judged: both are few. */
static bool try_anchors(struct walk *walk, unsigned place)
{
	gnutls_x509_crt_t last = walk->chain->certs[place].crt;
	bool issued = false;

	if (walk->no_anchor[place])
		return false;
	for (unsigned i = 0; i < walk->anchors->count && !over(walk); i++) {
		gnutls_x509_crt_t anchor = walk->anchors->crts[i];

		if (!issued_by(last, anchor) || (walk->way.len == 1 && same(last, anchor)))
			continue; /* rules.md 5.12: an anchor is at depth 1 or above */
		issued = true;
		judge(walk, anchor);
	}
	walk->no_anchor[place] = !issued;
	return issued;
}

static void extend(struct walk *walk, unsigned place)
{
	const struct cert *certs = walk->chain->certs;
	bool issued;

	walk->steps++;
	issued = try_anchors(walk, place);
	for (unsigned i = 1; i < walk->chain->count && !over(walk); i++) {
		/* A root that was sent leads nowhere: it is an anchor, or it is not. */
		if (walk->used[i] || !cert_issued_by(&certs[place], &certs[i]) ||
		    cert_issued_by(&certs[i], &certs[i]))
			continue;
		issued = true;
		walk->used[i] = true;
		walk->way.crts[walk->way.len++] = certs[i].crt;
		extend(walk, i);
		walk->way.len--;
		walk->used[i] = false;
	}
	if (!issued)
		give_up(walk);
}

static enum pkix_fault walk_all(const struct anchors *anchors, const struct chain *chain,
    time_t now, bool leaf_anchor, char why[CERT_WHY])
{
	gnutls_x509_crt_t leaf = chain->certs[0].crt;
	struct walk walk = { chain, anchors, { .crts = { leaf }, .len = 1, .now = now },
		.rank = RANK_NONE, .fault = PKIX_UNTRUSTED, .why = why };

	text_format(why, CERT_WHY, "the chain has too many ways to be followed");
	walk.way.alone = true;
	for (unsigned i = 0; leaf_anchor && i < anchors->count && !over(&walk); i++) {
		if (same(leaf, anchors->crts[i]))
			judge(&walk, anchors->crts[i]);
	}
	walk.way.alone = false;
	if (!over(&walk))
		extend(&walk, 0);
	return walk.fault;
}

enum pkix_fault pkix_path(gnutls_x509_trust_list_t list, const struct chain *chain,
    time_t now, char why[CERT_WHY])
{
	enum pkix_fault fault = PKIX_UNTRUSTED;
	struct anchors anchors;

	if (anchors_read(&anchors, list) != DANESTS_OK)
		text_format(why, CERT_WHY, "out of memory");
	else
		fault = walk_all(&anchors, chain, now, false, why);
	anchors_free(&anchors);
	return fault;
}

static void say_names(char why[CERT_WHY], const char *host, const struct cert *leaf)
{
	char names[CERT_WHY];

	cert_names_text(leaf, false, names);
	text_format(why, CERT_WHY, names[0] != '\0' ?
	    "certificate is not for %s (its names: %s)" :
	    "certificate is not for %s (no DNS names%s)", host, names);
}

enum pkix_fault pkix_server(const struct danests_trust *trust, const struct chain *chain,
    const char *host, time_t now, char why[CERT_WHY])
{
	enum pkix_fault fault = walk_all(&trust->anchors, chain, now, true, why);

	if (fault != PKIX_GOOD || cert_named(&chain->certs[0], host, false))
		return fault;
	say_names(why, host, &chain->certs[0]);
	return PKIX_NAME;
}
