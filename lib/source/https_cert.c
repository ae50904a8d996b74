/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https_cert.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "danests.h"
#include "parse/certname.h"
#include "parse/domain.h"

enum {
	CHAIN_MAX = 16,              /* certificates */
	CHAIN_BYTES = 256 * 1024,    /* of PEM, together */
	NAMES_MAX = 1024,            /* looked at in one certificate */
};

int https_cert_authorities(gnutls_x509_trust_list_t *out, const char *ca_file,
    char problem[HTTPS_PROBLEM])
{
	gnutls_x509_trust_list_t list;
	int n;

	if (gnutls_x509_trust_list_init(&list, 0) != GNUTLS_E_SUCCESS)
		return DANESTS_ENOMEM;
	if (ca_file != NULL)
		n = gnutls_x509_trust_list_add_trust_file(list, ca_file, NULL,
		    GNUTLS_X509_FMT_PEM, 0, 0);
	else
		n = gnutls_x509_trust_list_add_system_trust(list, 0, 0);
	if (n <= 0) {
		text_format(problem, HTTPS_PROBLEM, "%s: no certification authorities%s%s",
		    ca_file != NULL ? ca_file : "the system's certificate store",
		    n < 0 ? ": " : "", n < 0 ? gnutls_strerror(n) : "");
		gnutls_x509_trust_list_deinit(list, 1);
		return n == GNUTLS_E_MEMORY_ERROR ? DANESTS_ENOMEM : DANESTS_ETRUST;
	}
	*out = list;
	return DANESTS_OK;
}

/* ---- The chain, from curl ---- */

struct chain {
	gnutls_x509_crt_t crt[CHAIN_MAX];
	unsigned count;
};

static const char *pem_of(const struct curl_slist *facts)
{
	static const char mark[] = "Cert:";

	for (; facts != NULL; facts = facts->next) {
		if (strncmp(facts->data, mark, sizeof(mark) - 1) == 0)
			return facts->data + sizeof(mark) - 1;
	}
	return NULL;
}

static bool take(struct chain *chain, const char *pem)
{
	gnutls_datum_t datum = { (unsigned char *)(void *)pem, (unsigned)strlen(pem) };
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return false;
	chain->crt[chain->count++] = crt;
	return gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_PEM) == GNUTLS_E_SUCCESS;
}

/* What is wrong; NULL when all of the chain was read. */
static const char *read_chain(struct chain *chain, const struct curl_certinfo *info)
{
	size_t bytes = 0;

	if (info == NULL || info->num_of_certs < 1)
		return "the policy host showed no certificate";
	if (info->num_of_certs > CHAIN_MAX)
		return "more than 16 certificates";
	for (int i = 0; i < info->num_of_certs; i++) {
		const char *pem = pem_of(info->certinfo[i]);

		if (pem == NULL)
			return "libcurl does not hand out certificates";
		bytes += strlen(pem);
		if (bytes > CHAIN_BYTES)
			return "certificates larger than 256 KiB";
		if (!take(chain, pem))
			return "malformed certificate";
	}
	return NULL;
}

static void free_chain(struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		gnutls_x509_crt_deinit(chain->crt[i]);
}

/* ---- Dates and trust ---- */

static void say_date(char why[HTTPS_WHY], const char *words, time_t when)
{
	struct tm tm;
	char date[16];

	if (when == (time_t)-1 || gmtime_r(&when, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%d", &tm) == 0)
		text_format(why, HTTPS_WHY, "%s on an unknown date", words);
	else
		text_format(why, HTTPS_WHY, "%s on %s", words, date);
}

/* Whichever of the chain expired first; for most it is the leaf. */
static void say_expired(char why[HTTPS_WHY], const struct chain *chain)
{
	unsigned first = 0;
	time_t when = gnutls_x509_crt_get_expiration_time(chain->crt[0]), t;

	for (unsigned i = 1; i < chain->count; i++) {
		t = gnutls_x509_crt_get_expiration_time(chain->crt[i]);
		if (t < when) {
			when = t;
			first = i;
		}
	}
	say_date(why, first == 0 ? "certificate expired" :
	    "a certificate of the chain expired", when);
}

static void say_untrusted(char why[HTTPS_WHY], const struct chain *chain)
{
	gnutls_x509_crt_t top = chain->crt[chain->count - 1];
	gnutls_datum_t dn = { NULL, 0 };
	char issuer[100];

	if (chain->count == 1 && gnutls_x509_crt_check_issuer(top, top)) {
		text_format(why, HTTPS_WHY, "certificate is self-signed");
		return;
	}
	if (gnutls_x509_crt_get_issuer_dn3(top, &dn, 0) != GNUTLS_E_SUCCESS)
		dn = (gnutls_datum_t){ NULL, 0 };
	text_printable(issuer, sizeof(issuer), (const char *)dn.data, dn.size);
	text_format(why, HTTPS_WHY, "certificate's issuer is not trusted: %s",
	    dn.size > 0 ? issuer : "it has no name");
	gnutls_free(dn.data);
}

/* Several can be wrong: dates first, then trust (deps.md section 2). */
static void say_status(char why[HTTPS_WHY], const struct chain *chain, unsigned status)
{
	static const struct {
		unsigned bit;
		const char *words;
	} table[] = {
		{ GNUTLS_CERT_REVOKED, "certificate was revoked" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM,
		  "certificate uses a key or signature that is too weak" },
		{ GNUTLS_CERT_PURPOSE_MISMATCH, "certificate is not for servers" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, "certificate was issued by one that may not" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
		  "certificate breaks the constraints of its issuer" },
		{ GNUTLS_CERT_SIGNATURE_FAILURE, "certificate's signature is wrong" },
	};

	if (status & GNUTLS_CERT_EXPIRED) {
		say_expired(why, chain);
		return;
	}
	if (status & GNUTLS_CERT_NOT_ACTIVATED) {
		say_date(why, "certificate becomes valid",
		    gnutls_x509_crt_get_activation_time(chain->crt[0]));
		return;
	}
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (status & table[i].bit) {
			text_format(why, HTTPS_WHY, "%s", table[i].words);
			return;
		}
	}
	say_untrusted(why, chain);
}

static bool trusted(gnutls_x509_trust_list_t authorities, struct chain *chain,
    char why[HTTPS_WHY])
{
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(void *)(char[]){ GNUTLS_KP_TLS_WWW_SERVER },
	};
	unsigned status = GNUTLS_CERT_INVALID;
	int r = gnutls_x509_trust_list_verify_crt2(authorities, chain->crt, chain->count,
	    &purpose, 1, GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM), &status, NULL);

	if (r < 0)
		text_format(why, HTTPS_WHY, "certificate not verified: %s", gnutls_strerror(r));
	else if (status != 0)
		say_status(why, chain, status);
	return r >= 0 && status == 0;
}

/* ---- Names ---- */

static void say_names(char why[HTTPS_WHY], const char *host, const char *names)
{
	text_format(why, HTTPS_WHY, names[0] != '\0' ?
	    "certificate is not for %s (its names: %s)" :
	    "certificate is not for %s (no DNS names%s)", host, names);
}

/* S7, RFC 8461 3.3: DNS-ID only; the common name does not count. */
static bool named(gnutls_x509_crt_t leaf, const char *host, char why[HTTPS_WHY])
{
	char san[DOMAIN_MAX + 3], shown[DOMAIN_MAX + 3], names[HTTPS_WHY] = "";
	unsigned type;

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		size_t len = sizeof(san), used = strlen(names);
		int r = gnutls_x509_crt_get_subject_alt_name2(leaf, i, san, &len, &type, NULL);
		struct certname name = { san, len, false };

		if (r == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue; /* no DNS name is that long */
		if (r < 0)
			break;
		if (r != GNUTLS_SAN_DNSNAME)
			continue;
		if (certname_any(&name, 1, host, false))
			return true;
		text_printable(shown, sizeof(shown), san, len);
		if (used + strlen(shown) + 3 < sizeof(names))
			text_format(names + used, sizeof(names) - used, "%s%s",
			    used > 0 ? ", " : "", shown);
	}
	say_names(why, host, names);
	return false;
}

bool https_cert_good(gnutls_x509_trust_list_t authorities, const struct curl_certinfo *info,
    const char *host, char why[HTTPS_WHY])
{
	struct chain chain = { .count = 0 };
	const char *problem = read_chain(&chain, info);
	bool good = false;

	if (problem != NULL)
		text_format(why, HTTPS_WHY, "%s", problem);
	else
		good = trusted(authorities, &chain, why) && named(chain.crt[0], host, why);
	free_chain(&chain);
	return good;
}
