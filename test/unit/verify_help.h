/* SPDX-License-Identifier: BSD-2-Clause */
/* Verdicts on certificates of test/tls, told in few words. Include after cmocka.h. */
#ifndef VERIFY_HELP_H
#define VERIFY_HELP_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "base/text.h"
#include "danests.h"
#include "tls_help.h"

enum { RECORDS_MAX = 200, CHAIN_ROOM = 40 };

/* TLSA records by what they are made of. */
struct records {
	struct danests_tlsa list[RECORDS_MAX];
	gnutls_datum_t data[RECORDS_MAX];
	size_t count;
};

/* Of a certificate as GnuTLS takes it apart, not as we do. */
static inline gnutls_datum_t part_of(const char *name, unsigned selector)
{
	gnutls_datum_t der = tls_der(name), key = { NULL, 0 };
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t pub;

	if (selector != 1)
		return der;
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_pubkey_init(&pub), 0);
	assert_int_equal(gnutls_pubkey_import_x509(pub, crt, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &key), 0);
	gnutls_pubkey_deinit(pub);
	gnutls_x509_crt_deinit(crt);
	gnutls_free(der.data);
	return key;
}

static inline gnutls_datum_t association(unsigned selector, unsigned mtype, const char *name)
{
	gnutls_datum_t part = part_of(name, selector), digest;

	if (mtype == 0 || mtype > 2)
		return part;
	digest.size = mtype == 1 ? 32 : 64;
	digest.data = gnutls_malloc(digest.size);
	assert_int_equal(gnutls_hash_fast(mtype == 1 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512,
	    part.data, part.size, digest.data), 0);
	gnutls_free(part.data);
	return digest;
}

/* "3 1 1 leaf, 2 0 0 root": of these certificates. "3 1 1 leaf!": cut by an octet. */
static inline void records_read(struct records *out, const char *text)
{
	char words[8192], *rest = words, *one, name[64];
	unsigned u, s, m;

	out->count = 0;
	snprintf(words, sizeof(words), "%s", text);
	while ((one = strtok_r(rest, ",", &rest)) != NULL && out->count < RECORDS_MAX) {
		gnutls_datum_t *data = &out->data[out->count];
		bool cut;

		assert_int_equal(sscanf(one, " %u %u %u %63s", &u, &s, &m, name), 4);
		cut = name[strlen(name) - 1] == '!';
		if (cut)
			name[strlen(name) - 1] = '\0';
		*data = association(s, m, name);
		out->list[out->count++] = (struct danests_tlsa){
			(uint8_t)u, (uint8_t)s, (uint8_t)m, data->size - cut, data->data };
	}
}

static inline void records_free(struct records *records)
{
	while (records->count > 0)
		gnutls_free(records->data[--records->count].data);
}

/* "leaf inter root", as a server sends them. */
struct served {
	gnutls_datum_t data[CHAIN_ROOM];
	struct danests_der list[CHAIN_ROOM];
	size_t count;
};

static inline void served_read(struct served *out, const char *names)
{
	char words[2048], *rest = words, *word;

	out->count = 0;
	snprintf(words, sizeof(words), "%s", names);
	while ((word = strtok_r(rest, " ", &rest)) != NULL && out->count < CHAIN_ROOM) {
		gnutls_datum_t der = tls_der(word);

		out->data[out->count] = der;
		out->list[out->count++] = (struct danests_der){ der.data, der.size };
	}
}

static inline void served_free(struct served *served)
{
	while (served->count > 0)
		gnutls_free(served->data[--served->count].data);
}

static inline danests_trust *trust_of(const char *name)
{
	danests_trust *trust;
	char path[512];

	tls_path(path, sizeof(path), name);
	assert_int_equal(danests_trust_file(&trust, path), DANESTS_OK);
	return trust;
}

/* What there is about a host. */
struct situation {
	const char *host;           /* NULL: mx.example.com */
	const char *base, *nexthop; /* or NULL */
	const char *tlsa;           /* or NULL */
	const char *sts;            /* or NULL */
};

static inline danests_policy *policy_of(const struct situation *s)
{
	struct danests_made made = {
		.host = s->host != NULL ? s->host : "mx.example.com", .base = s->base,
		.nexthops = &s->nexthop, .nexthop_count = s->nexthop != NULL,
		.sts_text = s->sts, .sts_len = s->sts != NULL ? strlen(s->sts) : 0,
	};
	danests_policy *policy = NULL;
	struct records records;
	char problem[256];

	records_read(&records, s->tlsa != NULL ? s->tlsa : "");
	made.tlsa = records.list;
	made.tlsa_count = records.count;
	assert_int_equal(danests_policy_make(&policy, &made, problem, sizeof(problem)),
	    DANESTS_OK);
	records_free(&records);
	return policy;
}

/* What comes of it; the trust store is of "root", unless there is no MTA-STS policy. */
static inline struct danests_verdict verdict_at(const struct situation *s, const char *chain,
    time_t now)
{
	danests_trust *trust = s->sts != NULL ? trust_of("root") : NULL;
	danests_policy *policy = policy_of(s);
	struct danests_verdict verdict;
	struct served served;

	served_read(&served, chain);
	assert_int_equal(danests_verify(policy, trust, danests_policy_host(policy, 0)->name,
	    served.list, served.count, now, &verdict), DANESTS_OK);
	served_free(&served);
	danests_policy_unref(policy);
	danests_trust_unref(trust);
	return verdict;
}

static inline struct danests_verdict verdict_of(const struct situation *s, const char *chain)
{
	return verdict_at(s, chain, TLS_NOW);
}

/* "pass 0 1" (record, depth), "fail TOKEN", "unusable", "not judged". */
static inline void judgement_text(char out[64], const struct danests_judgement *j)
{
	static const char *const words[] = { "not judged", "pass", "fail", "unusable" };

	if (j->state == DANESTS_PASS && j->tlsa >= 0)
		snprintf(out, 64, "pass %d %d", j->tlsa, j->depth);
	else if (j->state == DANESTS_FAIL)
		snprintf(out, 64, "fail %s", j->fault->token);
	else
		snprintf(out, 64, "%s", words[j->state]);
}

/* What is always so, whatever the verdict. */
static inline void judgement_laws(const struct danests_judgement *j)
{
	assert_int_equal(j->state == DANESTS_FAIL, j->fault != NULL);
	assert_int_equal(j->state == DANESTS_FAIL || j->state == DANESTS_UNUSABLE,
	    j->hint != NULL);
	if (j->state == DANESTS_FAIL)
		assert_int_equal(j->result, j->fault->result);
	if (j->state == DANESTS_PASS || j->state == DANESTS_NOT_JUDGED)
		assert_int_equal(j->result, DANESTS_SUCCESS);
	assert_int_equal(j->state == DANESTS_NOT_JUDGED, j->reason[0] == '\0');
	for (const char *p = j->reason; *p != '\0'; p++)
		assert_true(*p >= ' ' && *p <= '~');
}

struct expect {
	const char *tlsa, *chain, *verdict, *says; /* says: part of the reason, or NULL */
};

static inline void expect_dane(const struct expect *e)
{
	struct situation s = { .tlsa = e->tlsa };
	struct danests_verdict v = verdict_of(&s, e->chain);
	char text[64];

	judgement_text(text, &v.dane);
	judgement_laws(&v.dane);
	assert_string_equal(v.reason, v.dane.reason);
	assert_int_equal(v.deliver, v.dane.state != DANESTS_FAIL);
	assert_ptr_equal(v.fault, v.dane.fault);
	if (strcmp(text, e->verdict) != 0 ||
	    (e->says != NULL && strstr(v.reason, e->says) == NULL))
		fail_msg("%s | %s: %s (%s), not %s (%s)", e->tlsa, e->chain, text, v.reason,
		    e->verdict, e->says != NULL ? e->says : "");
}

#define EXPECT_ALL(table) \
	for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) \
		expect_dane(&(table)[i])

#endif
