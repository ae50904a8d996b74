/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What there is to say of a domain. Everything here follows from struct check_domain
 * alone: no clock, no network, no output.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "tools/check.h"

#define MAX_TEXT 1024
#define PORT_SMTP 25

const char *check_rank_name(enum check_rank rank)
{
	static const char *const names[] = {
		[CHECK_HOLDS] = "holds", [CHECK_FAILS] = "fails", [CHECK_SOON] = "soon",
		[CHECK_WARNING] = "warning", [CHECK_UNKNOWN] = "unknown", [CHECK_NOTE] = "note",
		[CHECK_GOOD] = "good",
	};

	return names[rank];
}

static char *copy_printable(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len + 1);

	if (copy != NULL)
		(void)text_printable(copy, len + 1, text, len);
	return copy;
}

static void free_finding(struct check_finding *finding)
{
	free(finding->where);
	free(finding->text);
	free(finding->hint);
}

/* Behind all that are as urgent: sorted, and otherwise in the order of the questions. */
static void insert(struct check_findings *out, struct check_finding *finding)
{
	struct check_finding *list = realloc(out->list, (out->count + 1) * sizeof(*list));
	size_t at = out->count;

	if (list == NULL) {
		out->bad = true;
		free_finding(finding);
		return;
	}
	out->list = list;
	while (at > 0 && list[at - 1].rank > finding->rank)
		at--;
	memmove(&list[at + 1], &list[at], (out->count - at) * sizeof(*list));
	list[at] = *finding;
	out->count++;
}

/* Without a hint of its own it has the fault's. */
static void add(struct check_findings *out, struct check_finding *finding, const char *hint,
    const char *where, const char *fmt, va_list ap) ATTR_PRINTF(5, 0);
static void add(struct check_findings *out, struct check_finding *finding, const char *hint,
    const char *where, const char *fmt, va_list ap)
{
	char text[MAX_TEXT];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	if (hint == NULL && finding->fault != NULL)
		hint = finding->fault->hint;
	finding->hint = hint != NULL ? copy_printable(hint) : NULL;
	finding->where = copy_printable(where);
	finding->text = copy_printable(text);
	if (out->bad || finding->where == NULL || finding->text == NULL ||
	    (hint != NULL && finding->hint == NULL)) {
		out->bad = true;
		free_finding(finding);
		return;
	}
	insert(out, finding);
}

void check_add(struct check_findings *out, enum check_rank rank,
    const struct danests_fault *fault, const char *hint, const char *where, const char *fmt, ...)
{
	struct check_finding finding = { .rank = rank, .fault = fault };
	va_list ap;

	if (fault != NULL)
		finding.result = fault->result;
	va_start(ap, fmt);
	add(out, &finding, hint, where, fmt, ap);
	va_end(ap);
}

void check_add_result(struct check_findings *out, enum check_rank rank,
    const struct danests_fault *fault, enum danests_result result, const char *hint,
    const char *where, const char *fmt, ...)
{
	struct check_finding finding = { .rank = rank, .fault = fault, .result = result };
	va_list ap;

	va_start(ap, fmt);
	add(out, &finding, hint, where, fmt, ap);
	va_end(ap);
}

void check_findings_free(struct check_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free_finding(&findings->list[i]);
	free(findings->list);
	*findings = (struct check_findings){0};
}

int check_worse(int a, int b)
{
	static const int order[] = { 1, EX_TEMPFAIL, 2 };

	for (size_t i = 0; i < COUNT_OF(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return EX_OK;
}

int check_exit(const struct check_findings *findings)
{
	static const int codes[] = {
		[CHECK_HOLDS] = 1, [CHECK_FAILS] = 2, [CHECK_SOON] = 2, [CHECK_WARNING] = 2,
		[CHECK_UNKNOWN] = EX_TEMPFAIL, [CHECK_NOTE] = EX_OK, [CHECK_GOOD] = EX_OK,
	};
	int code = EX_OK;

	for (size_t i = 0; i < findings->count; i++)
		code = check_worse(code, codes[findings->list[i].rank]);
	return code;
}

void check_where(char out[CHECK_WHERE_SIZE], const struct danests_host *host,
    const struct check_address *address)
{
	const char *name = host->name[0] != '\0' ? host->name : "(not a host name)";

	if (address == NULL)
		text_format(out, CHECK_WHERE_SIZE, "%s", name);
	else
		text_format(out, CHECK_WHERE_SIZE, "%s [%s]", name, address->text);
}

/* ---- The domain as a whole ---- */

static void find_no_mail(struct check_findings *out, const struct check_domain *d)
{
	struct danests_answer mx;

	if (check_answer(d, "MX", NULL, &mx, NULL) && mx.count > 0)
		check_add(out, CHECK_GOOD, NULL, NULL, danests_policy_domain(d->policy),
		    "null MX record: the domain takes no mail, and says so (RFC 7505)");
	else
		check_add(out, CHECK_HOLDS, NULL,
		    "See that the name is spelled as it should be, and that the domain is still "
		    "delegated.", danests_policy_domain(d->policy),
		    "there is no such domain: mail to it bounces at once");
}

static void find_unreached(struct check_findings *out, const struct check_domain *d, size_t tried)
{
	char addresses[48] = "its only address";

	if (tried != 1)
		text_format(addresses, sizeof(addresses), "any of %zu addresses", tried);
	if (d->port == PORT_SMTP)
		check_add(out, CHECK_UNKNOWN, NULL, "Many networks block port 25 for all but mail "
		    "servers: check from a host that may send mail, or without connections by "
		    "--no-smtp.", d->nexthop, "no connection to port 25 of %s: the servers are "
		    "down, or, more likely, this port is blocked from here, which is our side and "
		    "says nothing of the domain", addresses);
	else
		check_add(out, CHECK_UNKNOWN, NULL, "See that the servers listen on this port, and "
		    "that no firewall is in between.", d->nexthop, "no connection to port %u of "
		    "%s: nothing listens there, or the port is blocked between here and there",
		    d->port, addresses);
}

/* Nobody is there to talk to, or nobody talks to us. */
static void find_untold(struct check_findings *out, const struct check_domain *d)
{
	size_t tried = 0, connected = 0;

	for (size_t i = 0; i < d->host_count; i++)
		for (size_t k = 0; k < d->hosts[i].count; k++) {
			tried += d->hosts[i].addresses[k].tried;
			connected += d->hosts[i].addresses[k].tried &&
			    d->hosts[i].addresses[k].probe.stage > PROBE_CONNECT;
		}
	if (d->left_out > 0)
		check_add(out, CHECK_UNKNOWN, NULL, NULL, d->nexthop, "none of the %zu addresses "
		    "that were tried takes mail, and %zu were not tried", tried, d->left_out);
	else if (connected > 0)
		check_add(out, CHECK_UNKNOWN, NULL, "Check from a host that may send mail: one "
		    "with a name of its own in reverse DNS and on no block list.", d->nexthop,
		    "the mail servers do not talk to this host, so nothing is known of their TLS");
	else
		find_unreached(out, d, tried);
}

static void find_held(struct check_findings *out, const struct check_domain *d)
{
	const char *reason = danests_policy_reason(d->policy);
	size_t candidates = 0;

	if (strcmp(danests_postfix_level(d->policy, &d->postfix), "TEMP") == 0) {
		check_add(out, CHECK_HOLDS, danests_fault(danests_policy_token(d->policy)), NULL,
		    d->nexthop, "a sender holds all mail: %s", reason[0] != '\0' ? reason :
		    "no host that the MTA-STS policy allows");
		return;
	}
	for (size_t i = 0; i < d->host_count; i++)
		candidates += check_host_fate(d, &d->hosts[i]) != CHECK_OUT;
	if (candidates == 0)
		check_add(out, CHECK_HOLDS, NULL,
		    "Give the names in the MX records addresses (A, AAAA).", d->nexthop,
		    "no MX host has an address: there is nowhere to send mail to");
	else if (candidates > 1) /* of a single one all is said where it stands */
		check_add(out, CHECK_HOLDS, NULL, "See below what is wrong with each of them.",
		    d->nexthop, "a sender holds all mail: of %zu mail servers there is none that "
		    "it may give mail", candidates);
}

/* Whatever else was said of its servers: this is not left to be concluded. */
static void find_still_held(struct check_findings *out, const struct check_domain *d)
{
	if (out->count == 0 || out->list[0].rank != CHECK_HOLDS)
		check_add(out, CHECK_HOLDS, NULL, NULL, d->nexthop,
		    "a sender holds all mail: there is no server that takes it");
}

/* Whoever knows only MTA-STS has to get through to every server, or may come to one that
 * holds its mail. */
static bool sts_passes(const struct check_domain *d, const struct check_host *host)
{
	bool seen = false;

	if (check_host_fate(d, host) == CHECK_OUT)
		return true;
	if (host->pattern < 0)
		return false;
	for (size_t i = 0; i < host->count; i++) {
		const struct check_address *a = &host->addresses[i];

		if (a->judged && a->verdict.sts.state != DANESTS_PASS)
			return false;
		seen |= a->judged;
	}
	return seen || !d->smtp;
}

static bool sts_passes_everywhere(const struct check_domain *d)
{
	for (size_t i = 0; i < d->host_count; i++)
		if (!sts_passes(d, &d->hosts[i]))
			return false;
	return true;
}

static void find_good(struct check_findings *out, const struct check_domain *d)
{
	enum danests_dane dane = danests_policy_dane(d->policy);
	bool sts = danests_policy_sts_state(d->policy) == DANESTS_STS_ENFORCE;

	const char *words = d->smtp ? "mail" : "by what is published mail";

	if (dane == DANESTS_DANE_FULL || (dane == DANESTS_DANE_PARTIAL && !sts))
		check_add(out, CHECK_GOOD, NULL, NULL, d->nexthop, "%s%s is protected by DANE%s",
		    words, dane == DANESTS_DANE_FULL ? "" : " to some servers",
		    sts && sts_passes_everywhere(d) ? ", and by MTA-STS for senders without "
		    "DNSSEC" : "");
	else if (sts)
		check_add(out, CHECK_GOOD, NULL, NULL, d->nexthop, "%s is protected by MTA-STS",
		    words);
}

void check_find(struct check_findings *out, const struct check_domain *d)
{
	enum check_fate fate;

	if (d->error != DANESTS_OK) {
		check_add(out, CHECK_UNKNOWN, NULL, NULL, d->nexthop, "could not be looked up: %s",
		    danests_strerror(d->error));
		return;
	}
	if (d->no_dnssec != NULL) {
		check_add(out, CHECK_UNKNOWN, NULL, "This is our side: use a resolver that hands "
		    "DNSSEC on (-o resolver=...), and see that the trust anchor is current.",
		    d->nexthop, "DNS or DNSSEC does not work from here, for no domain: %s (%s)",
		    danests_policy_reason(d->policy), d->no_dnssec);
		return;
	}
	if (danests_policy_no_mail(d->policy)) {
		find_no_mail(out, d);
		return;
	}
	fate = check_domain_fate(d);
	if (fate == CHECK_REFUSED)
		find_held(out, d);
	else if (fate == CHECK_UNTOLD)
		find_untold(out, d);
	else
		find_good(out, d);
	check_find_dns(out, d);
	check_find_hosts(out, d);
	check_find_tls(out, d);
	check_find_cert(out, d);
	check_find_sts(out, d);
	check_find_web(out, d);
	check_find_plan(out, d);
	check_find_others(out, d);
	check_find_report(out, d);
	if (!d->smtp)
		check_add(out, CHECK_NOTE, NULL, "Check without --no-smtp to know.", d->nexthop,
		    "no server was asked: whether they show what is published for them is not "
		    "known");
	if (fate == CHECK_REFUSED && !out->bad)
		find_still_held(out, d);
}
