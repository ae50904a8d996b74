/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A policy in the words of smtp_tls_policy_maps. One odd octet in such a reply
 * makes Postfix defer the mail (rules.md 5.16), so nothing remote is written but
 * canonical host name patterns and, inside braces, lines without braces.
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "danests.h"
#include "plan/quote.h"
#include "plan/sts.h"

#define REPLY_MAX 100000  /* what Postfix will read */
#define REASON_MAX 200    /* what it will log */
#define WORDS_MAX 90      /* of those, for what went wrong; the rest is for names */
#define SMALL 32          /* patterns compared one by one; more are sorted first */

enum word { DANE_ONLY, DANE, SECURE, MAY, NOTFOUND, TEMP };

static const char *const words[] = {
	[DANE_ONLY] = "dane-only", [DANE] = "dane", [SECURE] = "secure", [MAY] = "may",
	[NOTFOUND] = "NOTFOUND", [TEMP] = "TEMP",
};

/*
 * spec.md section 4: by DANE state; without and with MTA-STS enforce. no_sts is the
 * first column whatever the policy. no_dane is the row of "none" whatever the state: it
 * is for the domain whose DNSSEC is broken, so a bogus or failed lookup holds no mail
 * then, and MTA-STS, which does not rest on DNSSEC, is still enforced.
 */
static const struct {
	unsigned char plain, enforce;
} replies[] = {
	[DANESTS_DANE_NONE]     = { NOTFOUND,  SECURE    },
	[DANESTS_DANE_FULL]     = { DANE_ONLY, DANE_ONLY },
	[DANESTS_DANE_PARTIAL]  = { DANE,      DANE_ONLY }, /* unless mixed_secure */
	[DANESTS_DANE_HALF]     = { DANE,      SECURE    }, /* unless insecure_mx_may */
	[DANESTS_DANE_UNUSABLE] = { DANE,      SECURE    },
	[DANESTS_DANE_UNKNOWN]  = { DANE,      TEMP      },
	[DANESTS_DANE_BOGUS]    = { TEMP,      TEMP      },
	[DANESTS_DANE_ERROR]    = { TEMP,      TEMP      },
};

/* The patterns that can match a host, each at its first place only. */
struct patterns {
	const char *const *mx;
	size_t count;
	unsigned char *skip; /* one per pattern, or NULL: none is left out */
};

struct out {
	char *at, *end;
};

static bool put(struct out *out, const char *text, size_t len)
{
	if (len > (size_t)(out->end - out->at))
		return false;
	if (len > 0)
		memcpy(out->at, text, len);
	out->at += len;
	return true;
}

static bool put_str(struct out *out, const char *text)
{
	return put(out, text, strlen(text));
}

/* Is there room for all patterns, whatever the rest? Without them "may" would
 * report nothing and only lower what the administrator has set. */
static bool can_report(const struct danests_sts *sts)
{
	size_t len = 512;

	for (size_t i = 0; sts != NULL && i < sts->mx_count; i++)
		len += sizeof(" mx_host_pattern=") + strlen(sts->mx[i]);
	return sts != NULL && len <= REPLY_MAX;
}

static enum danests_dane dane_of(const danests_policy *policy, const struct danests_postfix *opt)
{
	return opt->no_dane ? DANESTS_DANE_NONE : danests_policy_dane(policy);
}

static enum danests_sts_state sts_of(const danests_policy *policy,
    const struct danests_postfix *opt)
{
	return opt->no_sts ? DANESTS_STS_ABSENT : danests_policy_sts_state(policy);
}

static enum word choose(const danests_policy *policy, const struct danests_postfix *opt)
{
	enum danests_dane dane = dane_of(policy, opt);
	enum danests_sts_state sts = sts_of(policy, opt);
	bool enforce = sts == DANESTS_STS_ENFORCE;
	enum word word;

	if (danests_policy_no_mail(policy))
		return NOTFOUND;
	word = (enum word)(enforce ? replies[dane].enforce : replies[dane].plain);
	if (dane == DANESTS_DANE_PARTIAL && enforce && opt->mixed_secure)
		word = SECURE;
	if (dane == DANESTS_DANE_HALF && !enforce && opt->insecure_mx_may)
		word = NOTFOUND;
	if (word == SECURE && !sts_has_pattern(danests_policy_sts(policy)))
		word = TEMP; /* no host can be right, so none gets mail */
	if (word == NOTFOUND && sts == DANESTS_STS_TESTING && opt->tlsrpt &&
	    opt->report_testing && can_report(danests_policy_sts(policy)))
		word = MAY;
	return word;
}

ATTR_PUBLIC const char *danests_postfix_level(const danests_policy *policy,
    const struct danests_postfix *options)
{
	return words[choose(policy, options)];
}

/* Fits max octets: what is left out is in the middle. */
static size_t put_cut(struct out *out, const char *text, size_t len, size_t max)
{
	size_t head = (max - 3) / 2, tail = max - 3 - head;

	if (len <= max)
		return put(out, text, len) ? len : 0;
	(void)put(out, text, head);
	(void)put(out, "...", 3);
	(void)put(out, text + len - tail, tail);
	return max;
}

/* "DOMAIN: QUESTION: words" in at most 200 octets: what went wrong first of all,
 * then as much of the names as there is room for. */
static size_t write_temp(const danests_policy *policy, const struct danests_postfix *opt,
    struct out *to)
{
	char text[REASON_MAX + 1];
	struct out out = { text, text + REASON_MAX };
	const char *domain = danests_policy_domain(policy);
	const char *what = danests_policy_reason(policy), *why = strstr(what, ": ");
	size_t what_len, why_len, room;

	/* Nothing to match, where an option of ours asks for it (mixed_secure, no_dane): of
	 * that the policy knows nothing. */
	if (opt->no_dane || danests_policy_dane(policy) == DANESTS_DANE_PARTIAL) {
		what = STS_NO_HOST;
		why = strstr(what, ": ");
	}
	what_len = why != NULL ? (size_t)(why - what) : 0;
	why = why != NULL ? why + 2 : what;
	why_len = strlen(why);
	room = REASON_MAX - 4 - (why_len < WORDS_MAX ? why_len : WORDS_MAX);
	room -= put_cut(&out, domain, strlen(domain), what_len < room / 2 ? room - what_len :
	    room / 2);
	(void)put(&out, ": ", 2);
	if (what_len > 0) {
		room -= put_cut(&out, what, what_len, room);
		(void)put(&out, ": ", 2);
	}
	(void)put_cut(&out, why, why_len, WORDS_MAX + room);
	for (char *p = text; p < out.at; p++)
		*p = *p >= ' ' && *p <= '~' ? *p : '?';
	return put_str(to, "TEMP ") && put(to, text, (size_t)(out.at - text));
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = *(const char *const *const *)a;
	const char *const *y = *(const char *const *const *)b;
	int order = strcmp(*x, *y);

	return order != 0 ? order : (x > y) - (x < y);
}

static void mark_few(struct patterns *p)
{
	for (size_t i = 0; i < p->count; i++) {
		for (size_t k = 0; k < i && !p->skip[i]; k++)
			p->skip[i] = strcmp(p->mx[i], p->mx[k]) == 0;
	}
}

/* A hostile policy has thousands: sorted, equal ones stand together. Without
 * memory repeats stay, which is only longer. */
static void mark_many(struct patterns *p)
{
	const char *const **sorted = malloc(p->count * sizeof(*sorted));

	if (sorted == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		sorted[i] = &p->mx[i];
	qsort(sorted, p->count, sizeof(*sorted), by_text);
	for (size_t i = 1; i < p->count; i++) {
		if (strcmp(*sorted[i - 1], *sorted[i]) == 0)
			p->skip[sorted[i] - p->mx] = 1;
	}
	free(sorted);
}

static bool patterns_new(struct patterns *p, const struct danests_sts *sts)
{
	p->mx = sts->mx;
	p->count = sts->mx_count;
	p->skip = calloc(p->count + 1, 1);
	if (p->skip == NULL)
		return false;
	if (p->count <= SMALL)
		mark_few(p);
	else
		mark_many(p);
	for (size_t i = 0; i < p->count; i++) {
		if (!p->skip[i])
			p->skip[i] = !sts_is_pattern(p->mx[i]);
	}
	return true;
}

static bool write_match(struct out *out, const struct patterns *p)
{
	const char *lead = "OK secure match=";

	for (size_t i = 0; i < p->count; i++) {
		if (p->skip[i])
			continue;
		/* Postfix writes "every name below" without the asterisk. */
		if (!put_str(out, lead) || !put_str(out, p->mx[i] + (p->mx[i][0] == '*')))
			return false;
		lead = ":";
	}
	return put_str(out, " servername=hostname");
}

static void write_lines(struct out *out, const struct danests_sts *sts)
{
	const char *p = sts->text, *end = sts->text + sts->text_len;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		const char *next = eol != NULL ? eol + 1 : end;
		struct out whole = *out;
		size_t len = (size_t)((eol != NULL ? eol : end) - p);

		if (len > 0 && p[len - 1] == '\r')
			len--;
		if (quote_allowed(p, len)) {
			if (!put_str(&whole, " { policy_string = ") || !put(&whole, p, len) ||
			    !put_str(&whole, " }"))
				return;
			*out = whole;
		}
		p = next;
	}
}

/*
 * What Postfix needs for TLSRPT. All patterns or nothing: a sender may take the
 * list for the whole of the policy (smtp_tls_enforce_sts_mx_patterns).
 */
static bool write_report(struct out *out, const danests_policy *policy,
    const struct patterns *p)
{
	const struct danests_sts *sts = danests_policy_sts(policy);
	struct out whole = *out;

	if (!put_str(&whole, " policy_type=sts policy_domain=") ||
	    !put_str(&whole, danests_policy_domain(policy)))
		return false;
	for (size_t i = 0; i < p->count; i++) {
		if (!p->skip[i] && (!put_str(&whole, " mx_host_pattern=") ||
		    !put_str(&whole, p->mx[i])))
			return false;
	}
	write_lines(&whole, sts);
	*out = whole;
	return true;
}

static bool write_sts(struct out *out, const danests_policy *policy,
    const struct danests_postfix *opt, enum word word)
{
	struct patterns p = {0};
	bool ok;

	if (!patterns_new(&p, danests_policy_sts(policy)))
		return false;
	if (word == MAY)
		ok = put_str(out, "OK may") && write_report(out, policy, &p);
	else
		ok = write_match(out, &p);
	if (ok && word == SECURE && opt->tlsrpt)
		(void)write_report(out, policy, &p); /* enforceable without it */
	free(p.skip);
	return ok;
}

ATTR_PUBLIC size_t danests_postfix_reply(const danests_policy *policy,
    const struct danests_postfix *options, char *out, size_t size)
{
	enum word word = choose(policy, options);
	struct out to = { out, out + (size < REPLY_MAX ? size : REPLY_MAX) };
	bool ok;

	switch (word) {
	case TEMP:
		ok = write_temp(policy, options, &to);
		break;
	case NOTFOUND:
		ok = put_str(&to, "NOTFOUND ");
		break;
	case SECURE:
	case MAY:
		ok = write_sts(&to, policy, options, word);
		break;
	default:
		ok = put_str(&to, "OK ") && put_str(&to, words[word]);
		break;
	}
	return ok ? (size_t)(to.at - out) : 0;
}
