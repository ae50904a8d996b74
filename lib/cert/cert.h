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
};

#define CERT_WHY 200 /* room for a reason, printable ASCII */

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;  /* owned */
	gnutls_datum_t spki; /* SubjectPublicKeyInfo: a part of der */
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

/* DANESTS_OK, DANESTS_EINVAL, DANESTS_ENOMEM; nothing to free but after OK. */
int cert_read(struct cert *out, const struct danests_der *der) ATTR_MUST_CHECK;
void cert_free(struct cert *cert);

/* Its SubjectPublicKeyInfo in DER (selector 1), as it was sent. Never NULL of a cert that
 * was read. */
const gnutls_datum_t *cert_spki(const struct cert *cert);

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
