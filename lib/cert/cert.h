/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates, taken apart with GnuTLS: what the policy host and what MX hosts show.
 * Beneath both source/ and verify/, which never meet. Pure.
 */
#ifndef CERT_CERT_H
#define CERT_CERT_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "danests.h"

enum {
	CHAIN_MAX = 32,           /* certificates that are looked at */
	CHAIN_BYTES = 256 * 1024, /* of DER, together */
	CERT_BYTES = 64 * 1024,   /* of one */
	/* Those of real ones are a tenth of these. What is done with them takes time with the
	 * square of their size, and is done more than once. */
	CERT_NAME_BYTES = 4096,   /* of the issuer's name, and of the subject's */
	CERT_ID_BYTES = 1024,     /* of an extension with a key identifier */
	CERT_EXTENSIONS = 64,
	CERT_KEY_ID = 128,        /* a longer key identifier is none, as it is for GnuTLS */
};

#define CERT_WHY 200 /* room for a reason, printable ASCII */

struct key_id {
	unsigned char data[CERT_KEY_ID];
	size_t len; /* 0: there is none */
};

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;  /* owned */
	gnutls_datum_t spki; /* SubjectPublicKeyInfo: a part of der */
	gnutls_datum_t issuer, subject; /* names: parts of der */
	struct key_id id, issuer_id;
};

/* As served: nothing is sorted or left out. */
struct chain {
	struct cert certs[CHAIN_MAX];
	unsigned count;
};

/* DANESTS_OK; DANESTS_EINVAL with why[] (none, too many, too large, malformed: which);
 * DANESTS_ENOMEM. *out is to be freed in each case. */
int chain_read(struct chain *out, const struct danests_der *ders, size_t count,
    char why[CERT_WHY]) ATTR_MUST_CHECK;
void chain_free(struct chain *chain);

/* DANESTS_OK, DANESTS_EINVAL (also: larger, or with larger parts, than is looked at),
 * DANESTS_ENOMEM; nothing to free but after OK. */
int cert_read(struct cert *out, const struct danests_der *der) ATTR_MUST_CHECK;
void cert_free(struct cert *cert);

/* Its SubjectPublicKeyInfo in DER (selector 1), as it was sent. Never NULL of a cert that
 * was read. */
const gnutls_datum_t *cert_spki(const struct cert *cert);

/* By names and key identifiers, as far as there are any (RFC 5280 6.1.3, 4.2.1.1); nothing is
 * verified. Cheap: what is compared was read once. */
bool cert_issued_by(const struct cert *cert, const struct cert *issuer) ATTR_MUST_CHECK;

/* Is it for this host (RFC 6125)? host as in certname.h. allow_cn: rules.md 5.3. */
bool cert_named(const struct cert *leaf, const char *host, bool allow_cn);
/* Its names, as many as fit, for a reason: "mx.example.com, *.example.net"; "". */
void cert_names_text(const struct cert *leaf, bool allow_cn, char out[CERT_WHY]);

/* Its DNS-IDs, whatever their octets, until visit says true: enough of them. Was it said? */
typedef bool cert_name_fn(void *arg, const char *name, size_t len);
bool cert_each_dns_id(const struct cert *leaf, cert_name_fn *visit, void *arg);

/* "expired on 2026-01-31", with the words given. */
void cert_date_text(char out[CERT_WHY], const char *words, time_t when);

#endif
