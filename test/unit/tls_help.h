/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of test/tls, by their names there. */
#ifndef TLS_HELP_H
#define TLS_HELP_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"

#define TLS_NOW 1780272000 /* 2026-06-01 */

static inline void tls_path(char *path, size_t size, const char *name)
{
	const char *top = getenv("srcdir");

	snprintf(path, size, "%s/test/tls/%s.pem", top != NULL ? top : ".", name);
}

/* To be freed with gnutls_free(). */
static inline gnutls_datum_t tls_der(const char *name)
{
	gnutls_datum_t pem = { NULL, 0 }, der = { NULL, 0 };
	char path[512];

	tls_path(path, sizeof(path), name);
	if (gnutls_load_file(path, &pem) < 0 ||
	    gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der) < 0) {
		fprintf(stderr, "%s: missing\n", path);
		abort();
	}
	gnutls_free(pem.data);
	return der;
}

/* The next of some words with one blank between; false: there is none. */
static inline bool tls_word(const char **rest, char *word, size_t size)
{
	size_t len = strcspn(*rest, " ");

	if (len == 0)
		return false;
	snprintf(word, size, "%.*s", (int)len, *rest);
	*rest += len + ((*rest)[len] == ' ' ? 1 : 0);
	return true;
}

/* "leaf inter root": that chain. */
static inline void tls_chain(struct chain *chain, const char *names)
{
	gnutls_datum_t datums[CHAIN_MAX];
	struct danests_der ders[CHAIN_MAX];
	char word[64], why[CERT_WHY];
	const char *rest = names;
	size_t count = 0;

	while (count < CHAIN_MAX && tls_word(&rest, word, sizeof(word))) {
		datums[count] = tls_der(word);
		ders[count] = (struct danests_der){ datums[count].data, datums[count].size };
		count++;
	}
	if (chain_read(chain, ders, count, why) != DANESTS_OK) {
		fprintf(stderr, "%s: %s\n", names, why);
		abort();
	}
	while (count > 0)
		gnutls_free(datums[--count].data);
}

/* The anchors of these names; to be freed with gnutls_x509_trust_list_deinit(list, 1). */
static inline gnutls_x509_trust_list_t tls_anchors(const char *names)
{
	gnutls_x509_trust_list_t list;
	const char *rest = names;
	char word[64];

	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		abort();
	while (tls_word(&rest, word, sizeof(word))) {
		gnutls_datum_t der = tls_der(word);
		gnutls_x509_crt_t crt;

		if (gnutls_x509_crt_init(&crt) < 0 ||
		    gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) < 0 ||
		    gnutls_x509_trust_list_add_cas(list, &crt, 1, 0) != 1)
			abort();
		gnutls_free(der.data);
	}
	return list;
}

#endif
