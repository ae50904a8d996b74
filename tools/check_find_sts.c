/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: MTA-STS, from the TXT record to every MX host against every pattern; TLSRPT. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tools/check.h"

#define DAY 86400
#define MAX_IDLE 8 /* patterns that match no host, and are named each */

void check_texts(struct check_texts *out, const struct check_domain *domain, const char *prefix)
{
	char name[CHECK_NAME_SIZE];
	size_t at;

	*out = (struct check_texts){0};
	text_format(name, sizeof(name), "%s.%s", prefix, danests_policy_domain(domain->policy));
	out->asked = check_answer(domain, "TXT", name, &out->answer, &at);
	if (!out->asked || out->answer.count == 0)
		return;
	out->list = calloc(out->answer.count, sizeof(*out->list));
	if (out->list == NULL) {
		out->bad = true;
		return;
	}
	for (size_t i = 0; i < out->answer.count; i++) {
		struct danests_text *text = &out->list[out->count];

		text->data = danests_policy_text(domain->policy, at, i, &text->len);
		out->count += text->data != NULL;
	}
}

void check_texts_free(struct check_texts *texts)
{
	free(texts->list);
	*texts = (struct check_texts){0};
}

/* What RFC 8461 allows, and no sender may refuse: of use to know, no more. */
static bool is_legal(const char *line)
{
	static const char field[] = ": unknown field \"", ignored[] = "is ignored";
	size_t len = strlen(line);

	/* One that is close to a known one has more behind it, and may well be an error. */
	return strcmp(line, "mx has no meaning with mode none") == 0 ||
	    (strstr(line, field) != NULL && len > sizeof(ignored) &&
	    strcmp(line + len - (sizeof(ignored) - 1), ignored) == 0);
}

/* Its warnings, each a finding; of what is no record or policy at all, with that fault. */
static void find_lint(struct check_findings *out, const danests_lint *lint,
    const struct danests_fault *fault, const char *where, const char *hint)
{
	static const char warning[] = "warning: ";

	for (size_t i = 0; i < danests_lint_lines(lint); i++) {
		const char *line = danests_lint_line(lint, i);

		if (i == 0 && danests_lint_good(lint))
			continue;
		if (i > 0 && !danests_lint_good(lint))
			break; /* more of the same */
		if (strncmp(line, warning, sizeof(warning) - 1) == 0)
			line += sizeof(warning) - 1;
		if (is_legal(line))
			check_add(out, CHECK_NOTE, NULL, NULL, where, "%s", line);
		else
			check_add(out, CHECK_WARNING, i == 0 ? fault : NULL, hint, where, "%s",
			    line);
	}
}

/* ---- The TXT record ---- */

/* Does one of these speak of it at all? Other records may stand there, too. */
static bool is_meant(const struct check_texts *texts, const char *version)
{
	for (size_t i = 0; i < texts->count; i++)
		if (texts->list[i].len >= strlen(version) &&
		    memcmp(texts->list[i].data, version, strlen(version)) == 0)
			return true;
	return false;
}

static void find_sts_record(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];
	struct check_texts texts;
	danests_lint *lint = NULL;

	check_texts(&texts, d, "_mta-sts");
	text_format(where, sizeof(where), "TXT _mta-sts.%s", danests_policy_domain(d->policy));
	if (texts.count > 0 && danests_lint_sts_record(&lint, texts.list, texts.count) !=
	    DANESTS_OK)
		texts.bad = true;
	else if (texts.count > 0 && (is_meant(&texts, "v=STS") || danests_lint_good(lint)))
		find_lint(out, lint, danests_fault("sts-policy-invalid"), where, "Publish one "
		    "record: v=STSv1; id=..., with a new id whenever the policy changes.");
	out->bad |= texts.bad;
	danests_lint_free(lint);
	check_texts_free(&texts);
}

/* ---- The policy ---- */

static const struct danests_fault *fetch_fault(const struct check_domain *d)
{
	const char *token = danests_policy_token(d->policy);

	/* Where DANE has its own trouble, that goes first. */
	if (strncmp(token, "sts-policy", 10) == 0 || strcmp(token, "sts-webpki-invalid") == 0)
		return danests_fault(token);
	return danests_fault("sts-policy-fetch-error");
}

static void find_no_policy(struct check_findings *out, const struct check_domain *d,
    const char *where)
{
	struct danests_answer sts;

	if (danests_policy_sts_state(d->policy) == DANESTS_STS_ABSENT) {
		if (danests_policy_dane(d->policy) != DANESTS_DANE_NONE)
			check_add(out, CHECK_NOTE, NULL, "Publish an MTA-STS policy, too: some "
			    "large senders know only that.", where, "none is published");
		return;
	}
	if (check_answer(d, "STS", NULL, &sts, NULL) && sts.reason[0] != '\0')
		check_add(out, CHECK_WARNING, fetch_fault(d), NULL, where, "there is a record, but "
		    "no policy to be had: %s; mail goes as if there were none", sts.reason);
	else if (danests_policy_result(d->policy) == DANESTS_STS_POLICY_FETCH_ERROR)
		check_add(out, CHECK_WARNING, fetch_fault(d), NULL, where, "there is a record, but "
		    "no policy to be had: %s; mail goes as if there were none",
		    danests_policy_reason(d->policy));
}

static void find_policy_lint(struct check_findings *out, const struct danests_sts *sts,
    const char *where)
{
	danests_lint *lint;

	if (danests_lint_sts_policy(&lint, sts->text, sts->text_len) != DANESTS_OK) {
		out->bad = true;
		return;
	}
	find_lint(out, lint, NULL, where, "Correct the policy file: other senders may refuse all "
	    "of it.");
	danests_lint_free(lint);
}

static void find_mode(struct check_findings *out, const struct check_domain *d,
    const struct danests_sts *sts, const char *where)
{
	enum danests_sts_state state = danests_policy_sts_state(d->policy);
	char span[CHECK_SPAN_SIZE];

	if (state == DANESTS_STS_TESTING)
		check_add(out, CHECK_NOTE, NULL,
		    "Once the reports are clean, set mode: enforce, and a new id.", where,
		    "mode testing: failures are reported, and mail is delivered all the same");
	else if (state == DANESTS_STS_NONE)
		check_add(out, CHECK_NOTE, NULL, NULL, where,
		    "mode none: the policy is being withdrawn, or says nothing yet");
	else if (sts->max_age < DAY)
		check_add(out, CHECK_WARNING, NULL, "Set max_age to some weeks (RFC 8461, 3.2).",
		    where, "max_age is %lu s: a sender forgets the policy within a day, and "
		    "whoever keeps it from being fetched again has won", (unsigned
		    long)sts->max_age);
	else if (sts->max_age < 7 * DAY)
		check_add(out, CHECK_NOTE, NULL, "Set max_age to some weeks (RFC 8461, 3.2).",
		    where, "max_age is only %s", check_span(span, sts->max_age));
}

/* ---- Every MX host against every pattern ---- */

static void find_unlisted(struct check_findings *out, const struct check_domain *d,
    const struct danests_host *host, enum danests_need need)
{
	bool enforce = danests_policy_sts_state(d->policy) == DANESTS_STS_ENFORCE;
	enum check_rank rank = CHECK_WARNING;
	const char *words = "in mode testing that is reported only";

	if (enforce && need != DANESTS_NEED_DANE) {
		rank = check_domain_fate(d) == CHECK_REFUSED ? CHECK_HOLDS : CHECK_FAILS;
		words = "a sender does not use it";
	} else if (enforce) {
		rank = CHECK_FAILS;
		words = "DANE decides here, but a sender that knows only MTA-STS does not use it";
	}
	check_add(out, rank, danests_fault("sts-mx-not-in-policy"), NULL, host->name,
	    "no mx pattern of the MTA-STS policy matches this MX host: %s", words);
}

static bool is_of_use(const struct check_domain *d, const char *pattern)
{
	for (size_t i = 0; i < d->host_count; i++)
		if (check_mx_match(pattern, danests_policy_host(d->policy, i)->name) != 0)
			return true; /* also without memory: nothing is claimed then */
	return false;
}

static void find_idle_patterns(struct check_findings *out, const struct check_domain *d,
    const struct danests_sts *sts, const char *where)
{
	size_t idle = 0;

	for (size_t i = 0; i < sts->mx_count; i++)
		if (!is_of_use(d, sts->mx[i]) && idle++ < MAX_IDLE)
			check_add(out, CHECK_NOTE, NULL, NULL, where, "mx: %s matches no MX host: "
			    "a leftover, or one that is to come", sts->mx[i]);
	if (idle > MAX_IDLE)
		check_add(out, CHECK_NOTE, NULL, NULL, where, "%zu more patterns match no MX host",
		    idle - MAX_IDLE);
}

static void find_matches(struct check_findings *out, const struct check_domain *d,
    const struct danests_sts *sts, const char *where)
{
	if (sts->mx_count > CHECK_MAX_PATTERNS) {
		check_add(out, CHECK_NOTE, NULL, NULL, where,
		    "%zu mx patterns: more than %d are not compared", sts->mx_count,
		    CHECK_MAX_PATTERNS);
		return;
	}
	for (size_t i = 0; i < d->host_count; i++) {
		const struct danests_host *host = danests_policy_host(d->policy, i);

		if (host->name[0] != '\0' && d->hosts[i].pattern < 0)
			find_unlisted(out, d, host, danests_policy_need(d->policy, i));
	}
	find_idle_patterns(out, d, sts, where);
}

void check_find_sts(struct check_findings *out, const struct check_domain *d)
{
	const struct danests_sts *sts = danests_policy_sts(d->policy);
	char where[CHECK_WHERE_SIZE];

	text_format(where, sizeof(where), "MTA-STS policy of %s", danests_policy_domain(d->policy));
	find_sts_record(out, d);
	if (sts == NULL) {
		find_no_policy(out, d, where);
		return;
	}
	find_policy_lint(out, sts, where);
	find_mode(out, d, sts, where);
	if (danests_policy_sts_state(d->policy) != DANESTS_STS_NONE)
		find_matches(out, d, sts, where);
}

/* ---- TLSRPT ---- */

void check_find_report(struct check_findings *out, const struct check_domain *d)
{
	char where[CHECK_WHERE_SIZE];
	struct check_texts texts;
	danests_lint *lint = NULL;

	check_texts(&texts, d, "_smtp._tls");
	text_format(where, sizeof(where), "TXT _smtp._tls.%s", danests_policy_domain(d->policy));
	if (texts.count > 0 &&
	    danests_lint_tlsrpt_record(&lint, texts.list, texts.count) != DANESTS_OK)
		texts.bad = true;
	else if (texts.count > 0)
		find_lint(out, lint, NULL, where, "Publish one record: v=TLSRPTv1; rua=mailto:...");
	else if (texts.asked && texts.answer.security != DANESTS_FAILED)
		check_add(out, CHECK_NOTE, NULL,
		    "Publish v=TLSRPTv1; rua=mailto:... there: senders then tell you of failures.",
		    where, "there is none: nobody reports failures (RFC 8460)");
	out->bad |= texts.bad;
	danests_lint_free(lint);
	check_texts_free(&texts);
}
