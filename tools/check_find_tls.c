/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: connections, STARTTLS, TLS, and the verdict of each address. */
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

static enum check_rank rank_of(const struct check_domain *d)
{
	return check_domain_fate(d) == CHECK_REFUSED ? CHECK_HOLDS : CHECK_FAILS;
}

/* Did any address of this kind talk to us, so that it is not our own network? */
static bool family_works(const struct check_domain *d, int family)
{
	for (size_t i = 0; i < d->host_count; i++)
		for (size_t k = 0; k < d->hosts[i].count; k++) {
			const struct check_address *a = &d->hosts[i].addresses[k];

			if (a->tried && a->probe.addr.ss_family == family &&
			    a->probe.stage > PROBE_CONNECT)
				return true;
		}
	return false;
}

/* No connection. Of all addresses of a kind it may be us; that none answers at all is
 * said of the domain. */
static void find_no_connection(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const char *where)
{
	const struct probe *p = &a->probe;
	bool works = family_works(d, p->addr.ss_family);

	if (p->end == PROBE_LOCAL)
		check_add(out, CHECK_NOTE, NULL, NULL, where, "could not be tried: %s", p->said);
	else if (works)
		check_add(out, CHECK_FAILS, NULL,
		    "Have the server listen there, or take the address out of the DNS.", where,
		    "no connection: %s", p->said);
	else if (check_domain_fate(d) != CHECK_UNTOLD)
		check_add(out, CHECK_WARNING, NULL,
		    "Try it from elsewhere: this host may be the one that cannot connect.", where,
		    "no connection, as to all addresses of its kind: %s", p->said);
	else
		check_add(out, CHECK_NOTE, NULL, NULL, where, "no connection: %s", p->said);
}

/* It was there, and did not come so far as to say whether it has STARTTLS. */
static void find_no_dialogue(struct check_findings *out, const struct check_domain *d,
    const struct check_address *a, const char *where)
{
	const struct probe *p = &a->probe;
	bool told = check_domain_fate(d) != CHECK_UNTOLD;

	if (p->end == PROBE_LOCAL)
		check_add(out, CHECK_UNKNOWN, NULL, NULL, where, "could not be tried: %s", p->said);
	else if (p->end == PROBE_GARBAGE)
		check_add(out, rank_of(d), NULL,
		    "See what listens there: it does not speak SMTP (RFC 5321).", where, "%s: %s",
		    probe_stage_name(p->stage), p->said);
	else if (p->end == PROBE_REPLY)
		check_add(out, told ? CHECK_WARNING : CHECK_NOTE, NULL,
		    "This may be meant for this host alone: check from one that may send mail.",
		    where, "turns us away at %s: %s", probe_stage_name(p->stage), p->said);
	else
		check_add(out, told ? CHECK_WARNING : CHECK_NOTE, NULL,
		    "A sender waits some minutes, and goes on to the next server: see what keeps "
		    "this one.", where, "%s", p->said);
}

/* Where nobody has to authenticate it, TLS is still better than none. */
static void find_without_need(struct check_findings *out, const struct check_address *a,
    const char *where)
{
	const struct probe *p = &a->probe;

	if (p->stage == PROBE_DONE)
		return;
	check_add(out, CHECK_WARNING, danests_fault(p->starttls ? "tls-handshake-failure" :
	    "starttls-not-supported"), NULL, where, "mail goes there unencrypted: %s", p->said);
}

static void find_verdict(struct check_findings *out, const struct check_domain *d,
    const struct check_host *host, const struct check_address *a, const char *where)
{
	const struct danests_verdict *v = &a->verdict;
	bool listed = host->pattern >= 0;

	/* Whoever it is that stands there: the policy does not name the host, said once. */
	if (v->fault != NULL && !listed && strcmp(v->fault->token, "sts-mx-not-in-policy") == 0)
		return;
	if (!v->deliver)
		check_add_result(out, rank_of(d), v->fault, v->result, v->hint, where, "%s",
		    v->reason);
	else if (v->fault != NULL)
		check_add_result(out, CHECK_WARNING, v->fault, v->result, v->hint, where,
		    "%sa policy that is not enforced here would fail: %s", a->probe.stage !=
		    PROBE_DONE ? "mail goes there unencrypted, and " : "", v->reason);
	else if (v->by == DANESTS_NEED_DANE || v->by == DANESTS_NEED_STS)
		check_add(out, CHECK_GOOD, NULL, NULL, where, "%s%s%s", v->reason,
		    a->probe.tls[0] != '\0' ? "; " : "", a->probe.tls);
	if (v->deliver && v->fault == NULL)
		find_without_need(out, a, where);
}

static void find_old_tls(struct check_findings *out, const struct check_address *a,
    const char *where)
{
	static const char *const old[] = { "SSL", "TLS 1.0", "TLS 1.1", "TLS1.0", "TLS1.1" };

	for (size_t i = 0; i < COUNT_OF(old); i++)
		if (strncmp(a->probe.tls, old[i], strlen(old[i])) == 0)
			check_add(out, CHECK_WARNING, NULL, "Switch on TLS 1.2 and 1.3: many "
			    "senders offer nothing older (RFC 8996).", where, "speaks no TLS newer "
			    "than this: %s", a->probe.tls);
}

/* What Postfix puts up with, and not everybody does. */
static void find_manners(struct check_findings *out, const struct check_address *a,
    const char *where)
{
	if (a->probe.unasked[0] != '\0')
		check_add(out, CHECK_WARNING, NULL, "See whether the server sends it, or somebody "
		    "on the way: nothing may follow the 220 but TLS (RFC 3207, 4).", where,
		    "sends text ahead of TLS, behind the reply to STARTTLS: \"%s\"; a sender "
		    "throws it away, some refuse", a->probe.unasked);
	if (a->probe.mixed)
		check_add(out, CHECK_WARNING, NULL, "Each line of a reply has the same code (RFC "
		    "5321, 4.2.1): see what answers there.", where, "the lines of one reply have "
		    "different codes; a sender takes the last one, some refuse");
}

/* Each mechanism by itself: what a sender sees that knows only one of them. */
static void find_disagreement(struct check_findings *out, const struct check_address *a,
    const struct check_domain *d, bool listed, const char *where)
{
	const struct danests_judgement *dane = &a->verdict.dane, *sts = &a->verdict.sts;
	bool enforce = danests_policy_sts_state(d->policy) == DANESTS_STS_ENFORCE;

	if (sts->fault != NULL && !listed && strcmp(sts->fault->token, "sts-mx-not-in-policy") == 0)
		return; /* said of the host, once */
	if (dane->state == DANESTS_PASS && sts->state == DANESTS_FAIL)
		check_add_result(out, enforce ? CHECK_FAILS : CHECK_WARNING, sts->fault,
		    sts->result, sts->hint, where, "DANE and MTA-STS disagree: DANE accepts this "
		    "server, but a sender that knows only MTA-STS %s: %s", enforce ? "holds mail" :
		    "would report a failure", sts->reason);
	else if (dane->state == DANESTS_FAIL && sts->state == DANESTS_PASS)
		check_add(out, CHECK_NOTE, NULL, NULL, where,
		    "DANE and MTA-STS disagree: MTA-STS would accept this server, and may not when "
		    "DANE fails (RFC 8461, 2)");
}

static void find_address(struct check_findings *out, const struct check_domain *d,
    const struct check_host *host, const struct check_address *a)
{
	char where[CHECK_WHERE_SIZE];

	check_where(where, danests_policy_host(d->policy, host->index), a);
	if (!a->tried)
		return;
	find_manners(out, a, where);
	if (a->probe.stage == PROBE_CONNECT) {
		find_no_connection(out, d, a, where);
	} else if (!a->judged) {
		find_no_dialogue(out, d, a, where);
	} else {
		find_verdict(out, d, host, a, where);
		find_disagreement(out, a, d, host->pattern >= 0, where);
		find_old_tls(out, a, where);
	}
}

void check_find_tls(struct check_findings *out, const struct check_domain *d)
{
	for (size_t i = 0; i < d->host_count; i++)
		for (size_t k = 0; k < d->hosts[i].count; k++)
			find_address(out, d, &d->hosts[i], &d->hosts[i].addresses[k]);
	if (d->left_out > 0)
		check_add(out, CHECK_NOTE, NULL, NULL, d->nexthop, "%zu more addresses were not "
		    "tried: %d are the most for one domain", d->left_out, CHECK_MAX_TRIED);
}
