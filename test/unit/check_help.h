/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain as danests check has seen it, told in few words: what DNS said, then what each
 * server showed (certificates of test/tls). Include after cmocka.h.
 */
#ifndef CHECK_HELP_H
#define CHECK_HELP_H

#include <arpa/inet.h>

#include "facts_help.h"
#include "tools/check.h"
#include "verify_help.h"

/*
 * To a question as question_text() writes it: "secure 10 mx.example.com; 20 mx2.example.com",
 * "insecure ...", "none" (proved), "none?" (unproved), "nxdomain", "bogus REASON",
 * "failed REASON"; "secure >alias.example.com ..." went through an alias. TLSA: "3 1 1 leaf". What
 * is not listed is not there, unproved.
 */
struct said {
	const char *question, *answer;
};

#define SEEN_MAX 16

struct world {
	struct check_domain d;
	struct check_findings f;
	struct served served[SEEN_MAX];
	size_t served_count;
	danests_trust *trust;
	const struct said *said;
	size_t said_count;
};

static inline void add_address(struct answer *a, const char *text)
{
	uint8_t bytes[16];
	int family = strchr(text, ':') != NULL ? 6 : 4;

	assert_int_equal(inet_pton(family == 6 ? AF_INET6 : AF_INET, text, bytes), 1);
	assert_int_equal(answer_add_addr(a, family, bytes), DANESTS_OK);
}

static inline void add_mx(struct answer *a, const char *text)
{
	unsigned preference;
	char host[256] = "";

	assert_true(sscanf(text, "%u %255s", &preference, host) >= 1);
	if (strcmp(host, ".") == 0)
		*(a->count == 0 ? &a->null_mx : &a->null_beside) = true;
	else
		assert_int_equal(answer_add_mx(a, (uint16_t)preference, strcmp(host, "?") == 0 ?
		    NULL : host), DANESTS_OK);
}

static inline void add_tlsa(struct answer *a, const char *text)
{
	struct records records;

	records_read(&records, text);
	assert_int_equal(records.count, 1);
	assert_int_equal(answer_add_tlsa(a, &records.list[0]), DANESTS_OK);
	records_free(&records);
}

static inline void add_policy(struct answer *a, const char *text)
{
	struct stsbody body;
	char why[STSBODY_WHY];

	assert_int_equal(stsbody_parse(&body, text, strlen(text), why), DANESTS_OK);
	assert_int_equal(answer_set_policy(a, text, strlen(text), &body), DANESTS_OK);
	assert_int_equal(answer_set_id(a, "1"), DANESTS_OK);
}

static inline void add_record(struct answer *a, const char *text)
{
	if (a->kind == QUESTION_MX)
		add_mx(a, text);
	else if (a->kind == QUESTION_ADDR)
		add_address(a, text);
	else if (a->kind == QUESTION_TLSA)
		add_tlsa(a, text);
	else if (a->kind == QUESTION_STSTXT)
		assert_int_equal(answer_set_id(a, text), DANESTS_OK);
	else if (a->kind == QUESTION_TXT)
		assert_int_equal(answer_add_raw(a, (const uint8_t *)text, strlen(text)),
		    DANESTS_OK);
	else if (a->kind == QUESTION_DS)
		assert_int_equal(answer_add_raw(a, (const uint8_t *)"\1\2\3\4\5", 5), DANESTS_OK);
}

static inline struct answer *answer_with(enum question_kind kind, enum answer_state state,
    const char *data)
{
	struct answer *a = answer_new(kind, state, TLS_NOW + 3600);
	char words[4096], *rest = words, *one;

	assert_non_null(a);
	snprintf(words, sizeof(words), "%s", data);
	if (words[0] == '>') {
		one = strtok_r(words + 1, " ", &rest);
		assert_int_equal(answer_set_alias(a, one), DANESTS_OK);
	}
	if (kind == QUESTION_STS || kind == QUESTION_STSHELD)
		add_policy(a, rest);
	else if (kind == QUESTION_TXT) /* which may hold a ; itself: "|" goes between */
		while ((one = strtok_r(rest, "|", &rest)) != NULL)
			add_record(a, one);
	else
		while (rest != NULL && (one = strtok_r(rest, ";", &rest)) != NULL)
			add_record(a, one + strspn(one, " "));
	return a;
}

static inline struct answer *answer_of(enum question_kind kind, const char *text)
{
	if (strncmp(text, "secure ", 7) == 0)
		return answer_with(kind, ANSWER_SECURE, text + 7);
	if (strncmp(text, "insecure ", 9) == 0)
		return answer_with(kind, ANSWER_INSECURE, text + 9);
	if (strcmp(text, "nxdomain") == 0) {
		struct answer *a = answer_new(kind, ANSWER_ABSENT_SECURE, TLS_NOW + 3600);

		a->nxdomain = true;
		return a;
	}
	if (strcmp(text, "none") == 0)
		return answer_new(kind, ANSWER_ABSENT_SECURE, TLS_NOW + 3600);
	if (strncmp(text, "bogus ", 6) == 0)
		return answer_failed(kind, FAILURE_BOGUS, TLS_NOW + 15, "%s", text + 6);
	if (strncmp(text, "fetch ", 6) == 0)
		return answer_failed(kind, FAILURE_STS_FETCH, TLS_NOW + 15, "%s", text + 6);
	if (strncmp(text, "failed ", 7) == 0)
		return answer_failed(kind, FAILURE_SERVFAIL, TLS_NOW + 15, "%s", text + 7);
	assert_string_equal(text, "none?");
	return answer_new(kind, ANSWER_ABSENT_INSECURE, TLS_NOW + 3600);
}

static inline const char *said_of(const struct world *w, const char *question)
{
	for (size_t i = 0; i < w->said_count; i++)
		if (strcmp(w->said[i].question, question) == 0)
			return w->said[i].answer;
	return "none?";
}

static inline danests_policy *look_up(const struct world *w, const char *nexthop)
{
	struct facts *facts = facts_of(nexthop);
	char text[QUESTION_TEXT_MAX + 1];
	danests_policy *policy;
	struct question q;

	facts_extra(facts, DANESTS_EXTRA_TEXTS | DANESTS_EXTRA_CHAIN);
	while (plan_next(facts, &q, 1) == 1) {
		struct answer *a;

		question_text(&q, text);
		a = answer_of(q.kind, said_of(w, text));
		assert_int_equal(facts_learn(facts, &q, a), DANESTS_OK);
		answer_unref(a);
	}
	assert_int_equal(decide(&policy, facts, TLS_NOW), DANESTS_OK);
	facts_free(facts);
	return policy;
}

static inline void world_make(struct world *w, const char *name, const struct said *said,
    size_t count)
{
	*w = (struct world){ .said = said, .said_count = count };
	assert_int_equal(check_domain_name(&w->d, name, 0), DANESTS_OK);
	w->d.smtp = true;
	w->d.now = TLS_NOW;
	w->trust = trust_of("root");
	w->d.policy = look_up(w, w->d.nexthop);
	assert_int_equal(check_domain_fill(&w->d), DANESTS_OK);
}

#define WORLD(w, name, said) world_make(w, name, said, COUNT_OF(said))

/* ---- What servers showed ---- */

static inline struct check_address *address_of(struct world *w, const char *text,
    struct check_host **host)
{
	*host = NULL;
	for (size_t i = 0; i < w->d.host_count; i++)
		for (size_t k = 0; k < w->d.hosts[i].count; k++)
			if (strcmp(w->d.hosts[i].addresses[k].text, text) == 0) {
				*host = &w->d.hosts[i];
				return &w->d.hosts[i].addresses[k];
			}
	assert_string_equal(w->d.web.text, text);
	return &w->d.web;
}

static inline void see_chain(struct world *w, const char *address, const char *names)
{
	struct check_host *host;
	struct check_address *a = address_of(w, address, &host);
	struct served *served = &w->served[w->served_count++];

	assert_true(w->served_count <= SEEN_MAX);
	served_read(served, names);
	a->probe.stage = PROBE_DONE;
	a->probe.starttls = true;
	for (size_t i = 0; i < served->count; i++)
		a->probe.chain[i] = served->list[i];
	a->probe.count = a->probe.sent = served->count;
	text_format(a->probe.tls, sizeof(a->probe.tls), "TLS 1.3, X25519, AES-256-GCM");
	assert_int_equal(check_judge(&w->d, host, a, w->trust), DANESTS_OK);
}

/* How the conversation ended, without a certificate. */
static inline void see_end(struct world *w, const char *address, enum probe_stage stage,
    enum probe_end end, bool starttls, const char *said)
{
	struct check_host *host;
	struct check_address *a = address_of(w, address, &host);

	a->probe.stage = stage;
	a->probe.end = end;
	a->probe.starttls = starttls;
	text_format(a->probe.said, sizeof(a->probe.said), "%s", said);
	assert_int_equal(check_judge(&w->d, host, a, w->trust), DANESTS_OK);
}

/* As with --no-smtp. */
static inline void see_nothing(struct world *w)
{
	w->d.smtp = false;
	for (size_t i = 0; i < w->d.host_count; i++)
		for (size_t k = 0; k < w->d.hosts[i].count; k++)
			w->d.hosts[i].addresses[k].tried = false;
}

/* ---- What is made of it ---- */

static inline void find(struct world *w, int exit_code)
{
	check_findings_free(&w->f);
	check_find(&w->f, &w->d);
	assert_false(w->f.bad);
	for (size_t i = 0; i < w->f.count; i++) {
		if (i > 0)
			assert_true(w->f.list[i - 1].rank <= w->f.list[i].rank);
		for (const char *p = w->f.list[i].text; *p != '\0'; p++)
			assert_true(*p >= ' ' && *p <= '~');
	}
	if (check_exit(&w->f) != exit_code) {
		for (size_t i = 0; i < w->f.count; i++)
			print_message("# %s: %s: %s\n", check_rank_name(w->f.list[i].rank),
			    w->f.list[i].where, w->f.list[i].text);
		assert_int_equal(check_exit(&w->f), exit_code);
	}
}

static inline const struct check_finding *finding_of(const struct world *w, enum check_rank rank,
    const char *where, const char *text)
{
	for (size_t i = 0; i < w->f.count; i++) {
		const struct check_finding *f = &w->f.list[i];

		if (f->rank == rank && strstr(f->where, where) != NULL &&
		    strstr(f->text, text) != NULL)
			return f;
	}
	return NULL;
}

/* token NULL: of no fault */
static inline void expect_finding(const struct world *w, enum check_rank rank, const char *token,
    const char *where, const char *text)
{
	const struct check_finding *f = finding_of(w, rank, where, text);

	if (f == NULL) {
		for (size_t i = 0; i < w->f.count; i++)
			print_message("# %s: %s: %s\n", check_rank_name(w->f.list[i].rank),
			    w->f.list[i].where, w->f.list[i].text);
		fail_msg("no %s: %s: %s", check_rank_name(rank), where, text);
		return;
	}
	assert_string_equal(f->fault != NULL ? f->fault->token : "", token != NULL ? token : "");
	if (f->fault != NULL)
		assert_non_null(f->hint);
}

static inline void expect_nothing(const struct world *w, const char *text)
{
	for (size_t i = 0; i < w->f.count; i++)
		if (strstr(w->f.list[i].text, text) != NULL)
			fail_msg("%s: %s", w->f.list[i].where, w->f.list[i].text);
}

static inline void world_free(struct world *w)
{
	check_findings_free(&w->f);
	check_domain_free(&w->d);
	danests_trust_unref(w->trust);
	for (size_t i = 0; i < w->served_count; i++)
		served_free(&w->served[i]);
}

/* ---- Domains that many tests have ---- */

#define SECURE_MX { "MX example.com", "secure 10 mx.example.com" }, \
	{ "ADDR mx.example.com", "secure 192.0.2.1" }
#define TLSA_MX "TLSA _25._tcp.mx.example.com"
#define PLAIN_MX { "MX example.com", "insecure 10 mx.example.com" }, \
	{ "ADDR mx.example.com", "insecure 192.0.2.1" }
#define STS_ENFORCE "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n"
#define STS_OF(body) { "STSTXT example.com", "insecure 1" }, \
	{ "TXT _mta-sts.example.com", "insecure v=STSv1; id=1;" }, \
	{ "ADDR mta-sts.example.com", "insecure 192.0.2.99" }, \
	{ "STS example.com id=1", "insecure " body }

/* One MX host with these records and this chain: the exit code, and one of the findings. */
static inline void expect_look(const char *tlsa, const char *chain, int code, enum check_rank rank,
    const char *token, const char *text)
{
	const struct said said[] = { SECURE_MX, { TLSA_MX, tlsa } };
	struct world w;

	WORLD(&w, "example.com", said);
	see_chain(&w, "192.0.2.1", chain);
	find(&w, code);
	expect_finding(&w, rank, token, "mx.example.com", text);
	world_free(&w);
}

#endif
