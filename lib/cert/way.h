/* SPDX-License-Identifier: BSD-2-Clause */
/* One way from a certificate to one anchor, judged (RFC 5280 6.1). */
#ifndef CERT_WAY_H
#define CERT_WAY_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <time.h>

#include "cert/cert.h"

struct way {
	gnutls_x509_crt_t crts[CHAIN_MAX]; /* each issued by the next one; borrowed */
	unsigned len;                      /* at least 1 */
	gnutls_x509_crt_t anchor;          /* issued the last one; NULL: nobody who is trusted */
	bool alone;                        /* the anchor is the first one itself */
	time_t now;
};

/* Of all its certificates. */
size_t way_bytes(const struct way *way);

/* Everything but dates; why not. The anchor is not NULL. */
bool way_trusted(const struct way *way, char why[CERT_WHY]) ATTR_MUST_CHECK;

enum way_dates { WAY_CURRENT, WAY_EXPIRED, WAY_EARLY };
enum way_dates way_dates(const struct way *way, char why[CERT_WHY]) ATTR_MUST_CHECK;

/*
 * Why no signature is to be verified with the key of this one; NULL: it may be. Keys come
 * from a stranger, and time grows with the cube of their size: 200 KiB of RSA would keep
 * a processor busy for an hour.
 */
const char *way_key_problem(gnutls_x509_crt_t issuer);
const char *way_pubkey_problem(gnutls_pubkey_t key);

/* The last one's issuer is not known. */
void way_say_unknown(const struct way *way, char why[CERT_WHY]);

/* What to change where the reason is one of those above (or of cert/pkix.h), or begins with
 * it; static. NULL: it is none of them. */
const char *way_hint(const char *why);

#endif
