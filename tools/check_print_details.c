/* SPDX-License-Identifier: BSD-2-Clause */
/* What was seen of a domain, below what was found: servers, DNS, MTA-STS, reports. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

#define MAX_NAMES 8        /* of a certificate */
#define MAX_TABLE 24       /* hosts, and patterns, that the table of MTA-STS has */
#define MAX_DNS 80         /* answers that are shown */

static void put_title(const char *title)
{
	printf("\n  %s\n", title);
}

/* ---- Mail servers ---- */

static void put_certificate(const struct check_domain *d, const struct check_address *a)
{
	danests_cert *cert = check_leaf(&a->probe);
	struct buf names = {0};
	long days;

	if (cert == NULL)
		return;
	for (size_t i = 0; i < danests_cert_names(cert) && i < MAX_NAMES; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", danests_cert_name(cert, i));
	if (danests_cert_names(cert) > MAX_NAMES)
		buf_printf(&names, " and %zu more", danests_cert_names(cert) - MAX_NAMES);
	days = check_days(danests_cert_ends(cert), d->now);
	check_print_row(6, 13, "certificate", "%s; %s", names.len > 0 && !names.bad ? names.data :
	    "no DNS names", danests_cert_subject(cert));
	check_print_row(6, 13, "", "%s, issued by %s", danests_cert_key(cert),
	    danests_cert_issuer(cert));
	check_print_row(6, 13, "", days < 0 ? "expired %ld days ago" : "%ld days left",
	    days < 0 ? -days : days);
	buf_free(&names);
	danests_cert_free(cert);
}

static void put_judgement(const char *key, const struct danests_judgement *judgement)
{
	static const char *const words[] = {
		[DANESTS_PASS] = "pass", [DANESTS_FAIL] = "FAIL", [DANESTS_UNUSABLE] = "unusable",
	};

	if (judgement->state == DANESTS_NOT_JUDGED)
		return;
	check_print_row(6, 13, key, "%s: %s", words[judgement->state], judgement->reason);
}

static void put_address(const struct check_domain *d, const struct check_address *a)
{
	const struct probe *p = &a->probe;

	if (!a->tried) {
		check_print_row(4, 2, "", "%s: not tried", a->text);
		return;
	}
	if (p->stage != PROBE_DONE) {
		check_print_row(4, 2, "", "%s: %s: %s", a->text, probe_stage_name(p->stage), p->said);
	} else {
		check_print_row(4, 2, "", "%s: %s, %d ms", a->text, p->tls, p->ms);
		if (p->got_raw_key)
			check_print_row(6, 13, "key", "raw public key (RFC 7250), no certificate");
		put_certificate(d, a);
	}
	put_judgement("DANE", &a->verdict.dane);
	put_judgement("MTA-STS", &a->verdict.sts);
}

static const char *record_words(const struct check_domain *d, const struct check_host *host,
    size_t record)
{
	const struct danests_host *of = danests_policy_host(d->policy, host->index);

	const char *unusable = danests_tlsa_unusable(&of->tlsa[record]);

	if (unusable != NULL)
		return unusable;
	for (size_t i = 0; i < host->count; i++)
		if (host->addresses[i].judged && host->addresses[i].probe.stage == PROBE_DONE)
			return check_record_passes(d, host, record) ? "passes" : "does not pass";
	return "not compared";
}

static void put_records(const struct check_domain *d, const struct check_host *host)
{
	const struct danests_host *of = danests_policy_host(d->policy, host->index);

	for (size_t i = 0; i < of->tlsa_count; i++) {
		const struct danests_tlsa *rec = &of->tlsa[i];
		char hex[33];
		size_t len = rec->len < 16 ? rec->len : 16;

		for (size_t k = 0; k < len; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", rec->data[k]);
		hex[2 * len] = '\0';
		check_print_row(6, 6, "TLSA", "%u %u %u %s%s  %s", rec->usage, rec->selector,
		    rec->mtype, hex, len < rec->len ? "..." : "", record_words(d, host, i));
	}
	if (of->tlsa_count > 0 && strcmp(of->base, of->name) != 0)
		check_print_row(6, 6, "", "at %s, the end of the alias", of->base);
}

static void put_host(const struct check_domain *d, const struct check_host *host)
{
	static const char *const needs[] = {
		[DANESTS_NEED_NOTHING] = "TLS if offered", [DANESTS_NEED_TLS] = "TLS, unauthenticated",
		[DANESTS_NEED_STS] = "TLS by MTA-STS", [DANESTS_NEED_DANE] = "TLS by DANE",
		[DANESTS_NEED_WAIT] = "no mail",
	};
	const struct danests_host *of = danests_policy_host(d->policy, host->index);
	enum danests_need need = danests_policy_need(d->policy, host->index);

	check_print_row(4, 0, "", "%u %s: TLSA %s, address %s, %s", of->preference,
	    of->name[0] != '\0' ? of->name : "(not a host name)",
	    danests_host_state_name(of->state), of->address_secure ? "secure" : "insecure",
	    needs[need]);
	put_records(d, host);
	for (size_t i = 0; i < host->count; i++)
		put_address(d, &host->addresses[i]);
}

static void put_hosts(const struct check_domain *d)
{
	char title[64];

	if (d->host_count == 0)
		return;
	text_format(title, sizeof(title), "Mail servers, port %u%s", d->port,
	    d->smtp ? "" : " (not connected to)");
	put_title(title);
	for (size_t i = 0; i < d->host_count; i++)
		put_host(d, &d->hosts[i]);
}

/* ---- DNS ---- */

static const char *security_words(const struct danests_answer *answer)
{
	static const char *const words[] = {
		[DANESTS_SECURE] = "secure", [DANESTS_INSECURE] = "insecure",
		[DANESTS_ABSENT_SECURE] = "none, proved",
		[DANESTS_ABSENT_INSECURE] = "none, unproved", [DANESTS_FAILED] = "failed",
	};

	return answer->bogus ? "BOGUS" : words[answer->security];
}

static void put_answer(const struct danests_answer *answer)
{
	check_print_row(4, 16, security_words(answer), "%s %s%s%s%s%s", answer->kind,
	    answer->name, answer->alias[0] != '\0' ? " -> " : "", answer->alias,
	    answer->reason[0] != '\0' ? ": " : "", answer->reason);
}

/* Of MTA-STS: what is fetched or held is not of the DNS, and its TXT record stands there
 * as such. */
static size_t put_answers(const struct check_domain *d, bool ds, size_t room)
{
	size_t shown = 0;

	for (size_t i = 0; i < d->answer_count && shown < room; i++) {
		const struct danests_answer *answer = &d->answers[i];

		if (strncmp(answer->kind, "STS", 3) == 0 || (strcmp(answer->kind, "DS") == 0) != ds)
			continue;
		put_answer(answer);
		shown++;
	}
	return shown;
}

static void put_dns(const struct check_domain *d)
{
	size_t shown;

	put_title("DNSSEC");
	shown = put_answers(d, false, MAX_DNS);
	shown += put_answers(d, true, MAX_DNS - shown);
	if (shown == MAX_DNS)
		check_print_row(4, 16, "", "and perhaps more");
}

/* ---- MTA-STS, TLSRPT ---- */

static void put_texts(const struct check_domain *d, const char *prefix, const char *title)
{
	struct check_texts texts;
	char shown[1024];

	check_texts(&texts, d, prefix);
	if (texts.asked && texts.count == 0)
		check_print_row(4, 10, title, "%s at %s.%s",
		    texts.answer.security == DANESTS_FAILED ? "could not be found out" : "none", prefix,
		    danests_policy_domain(d->policy));
	for (size_t i = 0; i < texts.count; i++) {
		(void)text_printable(shown, sizeof(shown), texts.list[i].data, texts.list[i].len);
		check_print_row(4, 10, title, "%s", shown);
	}
	check_texts_free(&texts);
}

/* "mx1.example.com" and under it the patterns that allow it. */
static void put_matches(const struct check_domain *d, const struct danests_sts *sts)
{
	for (size_t i = 0; i < d->host_count && i < MAX_TABLE; i++) {
		const struct danests_host *host = danests_policy_host(d->policy, i);
		struct buf matching = {0};

		for (size_t k = 0; k < sts->mx_count && k < MAX_TABLE; k++)
			if (host->name[0] != '\0' && check_mx_match(sts->mx[k], host->name) == 1)
				buf_printf(&matching, "%s%s", matching.len > 0 ? ", " : "", sts->mx[k]);
		check_print_row(4, 10, "allows", "%s by %s", host->name[0] != '\0' ? host->name :
		    "(not a host name)", matching.len > 0 && !matching.bad ? matching.data :
		    d->hosts[i].pattern >= 0 ? sts->mx[d->hosts[i].pattern] : "no pattern");
		buf_free(&matching);
	}
}

static void put_sts(const struct check_domain *d)
{
	const struct danests_sts *sts = danests_policy_sts(d->policy);

	put_title("MTA-STS");
	put_texts(d, "_mta-sts", "record");
	check_print_row(4, 10, "policy", "%s", sts == NULL ?
	    (danests_policy_sts_state(d->policy) == DANESTS_STS_ABSENT ? "none" :
	    "none to be had") : danests_sts_state_name(danests_policy_sts_state(d->policy)));
	if (sts != NULL) {
		check_print_row(4, 10, "", "id %s, max_age %lu s (%lu days)", sts->id,
		    (unsigned long)sts->max_age, (unsigned long)sts->max_age / 86400);
		for (size_t i = 0; i < sts->mx_count && i < MAX_TABLE; i++)
			check_print_row(4, 10, "", "mx: %s", sts->mx[i]);
		if (sts->mx_count > MAX_TABLE)
			check_print_row(4, 10, "", "and %zu more", sts->mx_count - MAX_TABLE);
		put_matches(d, sts);
	}
	if (!d->web.tried)
		return;
	check_print_row(4, 10, "host", "%s", d->web_name);
	put_address(d, &d->web);
	put_judgement("for HTTPS", &d->web_verdict);
}

void check_print_details(const struct check_domain *domain)
{
	put_hosts(domain);
	put_dns(domain);
	put_sts(domain);
	put_title("Reports (TLSRPT)");
	put_texts(domain, "_smtp._tls", "record");
}
