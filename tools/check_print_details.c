/* SPDX-License-Identifier: BSD-2-Clause */
/* What was seen of a domain, below what was found: servers, DNS, MTA-STS, reports. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

#define MAX_NAMES 8        /* of a certificate */
#define MAX_TABLE 24       /* TLSA records; hosts and patterns of MTA-STS */
#define MAX_DNS 80         /* answers that are shown */
#define MAX_LABELS 10      /* of a name whose DS is asked for */

static void put_title(const char *title)
{
	printf("\n  %s\n", title);
}

/* ---- Mail servers ---- */

static void put_certificate(const struct check_domain *d, const struct check_address *a)
{
	danests_cert *cert = check_leaf(&a->probe);
	char ending[CHECK_ENDING_SIZE], beginning[CHECK_BEGINNING_SIZE];
	struct buf names = {0};

	if (cert == NULL)
		return;
	for (size_t i = 0; i < danests_cert_names(cert) && i < MAX_NAMES; i++)
		buf_printf(&names, "%s%s", i > 0 ? ", " : "", danests_cert_name(cert, i));
	if (danests_cert_names(cert) > MAX_NAMES)
		buf_printf(&names, " and %zu more", danests_cert_names(cert) - MAX_NAMES);
	if (names.len > 0 && !names.bad)
		check_print_row(6, 13, "certificate", "%s", names.data);
	else
		check_print_row(6, 13, "certificate", "no DNS names; %s",
		    danests_cert_subject(cert));
	check_print_row(6, 13, "", "%s, issued by %s", danests_cert_key(cert),
	    danests_cert_issuer(cert));
	check_print_row(6, 13, "", "%s%s", check_ending(ending, danests_cert_ends(cert), d->now),
	    check_beginning(beginning, danests_cert_begins(cert), d->now));
	buf_free(&names);
	danests_cert_free(cert);
}

static void put_judgement(const char *key, const struct danests_judgement *judgement)
{
	static const char *const words[] = {
		[DANESTS_PASS] = "pass", [DANESTS_FAIL] = "FAIL", [DANESTS_UNUSABLE] = "unusable",
	};

	size_t longest = 0, len;

	if (judgement->state == DANESTS_NOT_JUDGED)
		return;
	for (const char *at = judgement->reason; *at != '\0'; at += len + (at[len] == ' ')) {
		len = strcspn(at, " ");
		longest = len > longest ? len : longest;
	}
	/* A digest is to be copied: it is not broken, but has a line of its own. */
	check_print_row(6, longest > 61 ? 2 : 13, key, "%s: %s", words[judgement->state],
	    judgement->reason);
}

/* host: the name it has without an alias. */
static void put_address(const struct check_domain *d, const char *host,
    const struct check_address *a)
{
	const struct probe *p = &a->probe;
	bool alias = p->sni != NULL && strcmp(p->sni, host) != 0;

	if (!a->tried) {
		check_print_row(4, 2, "", "%s: not tried", a->text);
		return;
	}
	if (p->stage != PROBE_DONE) {
		check_print_row(4, 2, "", "%s: %s: %s", a->text, probe_stage_name(p->stage),
		    p->said);
	} else {
		check_print_row(4, 2, "", "%s: %s, %d ms%s%s", a->text, p->tls, p->ms,
		    alias ? ", SNI " : "", alias ? p->sni : "");
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
	int state = unusable == NULL ? check_record_state(d, host, record) : 0;

	if (unusable != NULL)
		return unusable;
	if (check_record_weak(of, record))
		return "not looked at (stronger digest beside it)";
	return state > 0 ? "passes" : state == 0 ? "does not pass" : "not compared";
}

static void put_records(const struct check_domain *d, const struct check_host *host)
{
	const struct danests_host *of = danests_policy_host(d->policy, host->index);

	for (size_t i = 0; i < of->tlsa_count && i < MAX_TABLE; i++) {
		const struct danests_tlsa *rec = &of->tlsa[i];
		char hex[33];
		size_t len = rec->len < 16 ? rec->len : 16;

		for (size_t k = 0; k < len; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", rec->data[k]);
		hex[2 * len] = '\0';
		check_print_row(6, 6, "TLSA", "%u %u %u %s%s  %s", rec->usage, rec->selector,
		    rec->mtype, hex, len < rec->len ? "..." : "", record_words(d, host, i));
	}
	if (of->tlsa_count > MAX_TABLE)
		check_print_row(6, 6, "", "and %zu more", of->tlsa_count - MAX_TABLE);
	if (of->tlsa_count > 0 && strcmp(of->base, of->name) != 0)
		check_print_row(6, 6, "", "at %s, the end of the alias", of->base);
}

/* What could not be found out is neither. */
static const char *address_words(const struct check_domain *d, const struct danests_host *host)
{
	struct danests_answer answer;

	if (check_answer(d, "ADDR", host->name, &answer, NULL) &&
	    answer.security == DANESTS_FAILED)
		return "unknown";
	return host->address_secure ? "secure" : "insecure";
}

static void put_host(const struct check_domain *d, const struct check_host *host)
{
	static const char *const needs[] = {
		[DANESTS_NEED_NOTHING] = "TLS if offered",
		[DANESTS_NEED_TLS] = "TLS, unauthenticated",
		[DANESTS_NEED_STS] = "TLS by MTA-STS", [DANESTS_NEED_DANE] = "TLS by DANE",
		[DANESTS_NEED_WAIT] = "no mail",
	};
	const struct danests_host *of = danests_policy_host(d->policy, host->index);
	enum danests_need need = check_need(d, host->index);
	char preference[16];

	text_format(preference, sizeof(preference), "%u", of->preference);
	check_print_row(4, (unsigned int)strlen(preference) + 1, preference,
	    "%s: TLSA %s, address %s, %s", of->name[0] != '\0' ? of->name : "(not a host name)",
	    danests_host_state_name(of->state), address_words(d, of), needs[need]);
	put_records(d, host);
	for (size_t i = 0; i < host->count; i++)
		put_address(d, of->name, &host->addresses[i]);
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
	bool address = strcmp(answer->kind, "ADDR") == 0;

	check_print_row(4, 16, security_words(answer), "%s %s%s%s%s%s", address ? "A/AAAA" :
	    answer->kind, answer->name, answer->alias[0] != '\0' ? " -> " : "", answer->alias,
	    answer->reason[0] != '\0' ? ": " : "", answer->reason);
}

static size_t labels(const char *name)
{
	size_t count = 1;

	for (; *name != '\0'; name++)
		count += *name == '.';
	return count;
}

/* A name within a signed zone, to which something signed is known: that it has no DS record
 * is as it should be, and not worth a line. */
static bool is_inside(const struct check_domain *d, const struct danests_answer *ds)
{
	size_t len = strlen(ds->name);

	for (size_t i = 0; i < d->answer_count && ds->security == DANESTS_ABSENT_SECURE; i++) {
		const struct danests_answer *a = &d->answers[i];
		size_t full = strlen(a->name);

		if ((a->security == DANESTS_SECURE || a->security == DANESTS_ABSENT_SECURE) &&
		    a->alias[0] == '\0' && strcmp(a->kind, "DS") != 0 &&
		    strncmp(a->kind, "STS", 3) != 0 && full >= len &&
		    strcmp(a->name + full - len, ds->name) == 0 &&
		    (full == len || a->name[full - len - 1] == '.'))
			return true;
	}
	return false;
}

/* With depth 0 what is decided by; else DS records of names with so many labels. Of MTA-STS
 * what is fetched or held is not of the DNS, and its TXT record stands there as such. */
static void put_answers(const struct check_domain *d, size_t depth, size_t *room)
{
	for (size_t i = 0; i < d->answer_count && *room > 0; i++) {
		const struct danests_answer *answer = &d->answers[i];
		bool ds = strcmp(answer->kind, "DS") == 0;

		if (strncmp(answer->kind, "STS", 3) == 0 || ds != (depth > 0) ||
		    (ds && (labels(answer->name) != depth || is_inside(d, answer))))
			continue;
		put_answer(answer);
		--*room;
	}
}

static void put_dns(const struct check_domain *d)
{
	size_t room = MAX_DNS;

	put_title("DNSSEC");
	for (size_t depth = 0; depth <= MAX_LABELS; depth++)
		put_answers(d, depth, &room);
	if (room == 0)
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
		    texts.answer.security == DANESTS_FAILED ? "could not be found out" : "none",
		    prefix, danests_policy_domain(d->policy));
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
				buf_printf(&matching, "%s%s", matching.len > 0 ? ", " : "",
				    sts->mx[k]);
		check_print_row(4, 10, i == 0 ? "hosts" : "", "%s: %s%s", host->name[0] != '\0' ?
		    host->name : "(not a host name)", d->hosts[i].pattern >= 0 ? "allowed by " :
		    "NOT allowed", matching.len > 0 && !matching.bad ? matching.data :
		    d->hosts[i].pattern >= 0 ? sts->mx[d->hosts[i].pattern] : "");
		buf_free(&matching);
	}
}

static void put_policy(const struct check_domain *d, const struct danests_sts *sts)
{
	char span[CHECK_SPAN_SIZE];

	check_print_row(4, 10, "policy", "%s, id %s, max_age %lu s (%s)",
	    danests_sts_state_name(danests_policy_sts_state(d->policy)), sts->id,
	    (unsigned long)sts->max_age, check_span(span, sts->max_age));
	for (size_t i = 0; i < sts->mx_count && i < MAX_TABLE; i++)
		check_print_row(4, 10, "", "mx: %s", sts->mx[i]);
	if (sts->mx_count > MAX_TABLE)
		check_print_row(4, 10, "", "and %zu more", sts->mx_count - MAX_TABLE);
	put_matches(d, sts);
}

static void put_sts(const struct check_domain *d)
{
	const struct danests_sts *sts = danests_policy_sts(d->policy);

	put_title("MTA-STS");
	put_texts(d, "_mta-sts", "record");
	if (sts != NULL)
		put_policy(d, sts);
	else
		check_print_row(4, 10, "policy", "%s",
		    danests_policy_sts_state(d->policy) == DANESTS_STS_ABSENT ? "none" :
		    "none to be had");
	if (!d->web.tried)
		return;
	check_print_row(4, 10, "web host", "%s", d->web_name);
	put_address(d, d->web_name, &d->web);
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
