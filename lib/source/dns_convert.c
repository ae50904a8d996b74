/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/dns_convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/ststxt.h"
#include "parse/tlsa.h"

#define TXT_MAX 128     /* TXT records looked at */
#define TXT_LEN_MAX 4096 /* octets of one that could be ours */
#define DS_MAX 64        /* DS records kept */

bool dns_unfinished(const struct dnsmsg *msg)
{
	return msg->rcode == 0 && msg->aliased && msg->count == 0 && !msg->denied;
}

/* A name that is no host name stays in the list: it is a host that nobody can
 * reach (L20), while "." beside others is nothing at all (RFC 7505 3). */
static int take_mx(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	struct domain host;
	bool root = false;
	int r = rr->len >= 3 ? dnsmsg_name(msg, rr->rdata + 2, &host, &root) : DANESTS_EINVAL;
	uint16_t preference;

	if (r != DANESTS_OK && r != DANESTS_ENAME)
		return r;
	if (root) {
		a->null_beside = true;
		return DANESTS_OK;
	}
	preference = (uint16_t)(rr->rdata[0] << 8 | rr->rdata[1]);
	return answer_add_mx(a, preference, r == DANESTS_OK ? host.name : NULL);
}

static int take_addr(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	bool v6 = msg->qtype == DNS_AAAA;

	if (rr->len != (v6 ? 16 : 4))
		return DANESTS_EINVAL;
	return answer_add_addr(a, v6 ? 6 : 4, rr->rdata);
}

static int take_tlsa(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	struct danests_tlsa rec = {0};

	(void)msg;
	/* L16: one too short to be read is there all the same, and unusable. */
	if (tlsa_parse(&rec, rr->rdata, rr->len) != DANESTS_OK)
		rec = (struct danests_tlsa){0};
	return answer_add_tlsa(a, &rec);
}

static int take_cname(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	struct domain target;
	bool root;
	int r = dnsmsg_name(msg, rr->rdata, &target, &root);

	if (r == DANESTS_ENAME)
		return DANESTS_OK;
	return r == DANESTS_OK ? answer_set_alias(a, target.name) : r;
}

static int take_each(struct answer *a, const struct dnsmsg *msg,
    int (*take)(struct answer *, const struct dnsmsg *, const struct dnsrr *))
{
	size_t cursor = 0;
	struct dnsrr rr;
	int r = DANESTS_OK;

	while (r == DANESTS_OK && dnsmsg_next(msg, &cursor, &rr))
		r = take(a, msg, &rr);
	return r;
}

/* S2: the strings of one record are joined without anything between. Writes at
 * most len octets; false when the lengths do not add up. */
static bool join_strings(const struct dnsrr *rr, char *out, size_t *len)
{
	size_t at = 0;

	*len = 0;
	while (at < rr->len) {
		size_t n = rr->rdata[at++];

		if (n > rr->len - at)
			return false;
		memcpy(out + *len, rr->rdata + at, n);
		*len += n;
		at += n;
	}
	return rr->len > 0;
}

/* The same bounds as below, for people: what is longer is not shown. */
static int take_text(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	char joined[TXT_LEN_MAX];
	size_t len;

	(void)msg;
	if (rr->len > TXT_LEN_MAX || a->count == TXT_MAX)
		return DANESTS_OK;
	if (!join_strings(rr, joined, &len))
		return DANESTS_EINVAL;
	return answer_add_raw(a, (const uint8_t *)joined, len);
}

/* RFC 4034 5.1. */
static int take_ds(struct answer *a, const struct dnsmsg *msg, const struct dnsrr *rr)
{
	(void)msg;
	if (rr->len < 4)
		return DANESTS_EINVAL;
	return a->count == DS_MAX ? DANESTS_OK : answer_add_raw(a, rr->rdata, rr->len);
}

/* S3: which of the TXT records is the one. Not one that looks like ours is the
 * same as none at all; data without an id means that no policy is available. */
static int take_txt(struct answer *a, const struct dnsmsg *msg)
{
	struct danests_text texts[TXT_MAX];
	enum ststxt_status status;
	struct ststxt chosen;
	struct dnsrr rr;
	size_t cursor = 0, count = 0, used = 0, len;
	char *joined = malloc(msg->len);
	int r = joined != NULL ? DANESTS_OK : DANESTS_ENOMEM;

	while (r == DANESTS_OK && count < TXT_MAX && dnsmsg_next(msg, &cursor, &rr)) {
		if (rr.len > TXT_LEN_MAX)
			continue;
		if (!join_strings(&rr, joined + used, &len))
			r = DANESTS_EINVAL;
		texts[count++] = (struct danests_text){ joined + used, len };
		used += len;
	}
	if (r == DANESTS_OK) {
		status = ststxt_choose(&chosen, texts, count);
		if (status == STSTXT_OK)
			r = answer_set_id(a, chosen.id);
		else if (status == STSTXT_NONE)
			a->state = a->state == ANSWER_SECURE ? ANSWER_ABSENT_SECURE :
			    ANSWER_ABSENT_INSECURE;
	}
	free(joined);
	return r;
}

static int take_records(struct answer *a, const struct dnsmsg *msg)
{
	int r;

	switch (a->kind) {
	case QUESTION_MX:
		r = take_each(a, msg, take_mx);
		/* RFC 7505 3: nothing but "." */
		a->null_mx = r == DANESTS_OK && a->count == 0;
		a->null_beside = a->null_beside && !a->null_mx;
		return r;
	case QUESTION_ADDR:
		return take_each(a, msg, take_addr);
	case QUESTION_TLSA:
		return take_each(a, msg, take_tlsa);
	case QUESTION_CNAME:
		return take_each(a, msg, take_cname);
	case QUESTION_STSTXT:
		return take_txt(a, msg);
	case QUESTION_TXT:
		return take_each(a, msg, take_text);
	case QUESTION_DS:
		return take_each(a, msg, take_ds);
	default:
		return DANESTS_EINVAL;
	}
}

static struct answer *malformed(enum question_kind kind, const char *why, time_t now)
{
	return answer_failed(kind, FAILURE_MALFORMED, now + ANSWER_TTL_FAILED, "%s", why);
}

struct answer *dns_convert(enum question_kind kind, const struct dnsmsg *msg, bool secure,
    uint32_t ttl, time_t now)
{
	static const enum answer_state states[2][2] = {
		{ ANSWER_ABSENT_INSECURE, ANSWER_ABSENT_SECURE },
		{ ANSWER_INSECURE, ANSWER_SECURE },
	};
	struct answer *a;
	int r = DANESTS_OK;

	if (msg->rcode != 0 && (msg->rcode != 3 || msg->count > 0))
		return malformed(kind, "contradictory reply", now);
	/* Signed zones prove what is not there: nothing at all proves nothing, whatever
	 * the AD bit says. From unsigned zones there are servers that do just that. */
	if (msg->count == 0 && secure && !msg->denied)
		return malformed(kind, "denial without proof", now);
	/* The alias itself would decide (N12, L12), and it cannot be written down. */
	if (msg->target_odd && msg->count > 0 && !secure)
		return malformed(kind, "alias of an unusable name", now);
	if (msg->ttl < ttl)
		ttl = msg->ttl;
	ttl = ttl < ANSWER_TTL_MIN ? ANSWER_TTL_MIN : ttl > ANSWER_TTL_MAX ? ANSWER_TTL_MAX : ttl;
	a = answer_new(kind, states[msg->count > 0][secure], now + (time_t)ttl);
	if (a == NULL)
		r = DANESTS_ENOMEM;
	if (r == DANESTS_OK && msg->count > 0)
		r = take_records(a, msg);
	if (r == DANESTS_OK && msg->aliased && !msg->target_odd)
		r = answer_set_alias(a, msg->target.name);
	if (r == DANESTS_OK) {
		a->nxdomain = msg->rcode == 3;
		return a;
	}
	answer_unref(a);
	if (r == DANESTS_ENOMEM)
		return answer_failed(kind, FAILURE_LOCAL, now, "out of memory");
	return malformed(kind, "damaged record in the reply", now);
}

/* ---- Words ---- */

/* The first that occurs in libunbound's text; the order is that of importance. */
static const struct {
	const char *theirs, *ours;
} whys[] = {
	{ "signature expired", "signature expired" },
	{ "signature before inception", "signature not yet valid" },
	{ "no DNSKEY matches DS", "no DNSKEY matches DS" },
	{ "no keys have a DS", "no DNSKEY matches DS" },
	{ "DS hash mismatches", "no DNSKEY matches DS" },
	{ "no DNSKEY rrset", "DNSKEY records missing" },
	{ "No DNSKEY record", "DNSKEY records missing" },
	{ "missing algorithm", "no DNSKEY of the DS's algorithm" },
	{ "signature crypto failed", "signature does not match" },
	{ "verification failed", "signature does not match" },
	{ "no signatures", "no signatures" },
	{ "no NSEC", "proof of absence missing" },
	{ "nodata proof failed", "proof of absence is wrong" },
	{ "nameerror proof failed", "proof of absence is wrong" },
};

void dns_why_bogus(const char *text, char out[DNS_WHY])
{
	const char *start;

	if (text == NULL || text[0] == '\0') {
		out[0] = '\0';
		return;
	}
	for (size_t i = 0; i < COUNT_OF(whys); i++)
		if (strstr(text, whys[i].theirs) != NULL) {
			text_format(out, DNS_WHY, "%s", whys[i].ours);
			return;
		}
	/* "validation failure <name TYPE IN>: why" */
	start = strstr(text, ">: ");
	start = start != NULL ? start + 3 : text;
	text_printable(out, DNS_WHY, start, strlen(start));
}
