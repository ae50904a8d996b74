/* SPDX-License-Identifier: BSD-2-Clause */
#include "cert/cert.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/der.h"

/*
 * The key is cut out of what was sent, because that is what a digest of selector 1 is
 * taken of (RFC 6698 2.1.2): a TLS library writes it anew, as far as it understood it.
 */
static bool find_spki(struct cert *cert)
{
	struct span spki;

	if (!der_spki(&spki, cert->der.data, cert->der.size))
		return false;
	cert->spki.data = cert->der.data + (spki.p - cert->der.data);
	cert->spki.size = (unsigned)span_left(&spki);
	return true;
}

static int import(struct cert *cert)
{
	int r = gnutls_x509_crt_init(&cert->crt);

	if (r == GNUTLS_E_SUCCESS)
		r = gnutls_x509_crt_import(cert->crt, &cert->der, GNUTLS_X509_FMT_DER);
	if (r == GNUTLS_E_MEMORY_ERROR)
		return DANESTS_ENOMEM;
	return r == GNUTLS_E_SUCCESS && find_spki(cert) ? DANESTS_OK :
	    DANESTS_EINVAL;
}

int cert_read(struct cert *out, const struct danests_der *der)
{
	int r;

	*out = (struct cert){0};
	if (der->data == NULL || der->len == 0 || der->len > CHAIN_BYTES)
		return DANESTS_EINVAL;
	out->der.data = malloc(der->len);
	if (out->der.data == NULL)
		return DANESTS_ENOMEM;
	memcpy(out->der.data, der->data, der->len);
	out->der.size = (unsigned)der->len;
	r = import(out);
	if (r != DANESTS_OK)
		cert_free(out);
	return r;
}

void cert_free(struct cert *cert)
{
	if (cert == NULL)
		return;
	gnutls_x509_crt_deinit(cert->crt);
	free(cert->der.data);
	*cert = (struct cert){0};
}

const gnutls_datum_t *cert_spki(const struct cert *cert)
{
	return &cert->spki;
}

static int refuse(char why[CERT_WHY], const char *words)
{
	text_format(why, CERT_WHY, "%s", words);
	return DANESTS_EINVAL;
}

int chain_read(struct chain *out, const struct danests_der *ders, size_t count,
    char why[CERT_WHY])
{
	size_t bytes = 0;

	out->count = 0;
	if (count == 0)
		return refuse(why, "no certificate was shown");
	if (count > CHAIN_MAX)
		return refuse(why, "more than 32 certificates");
	for (size_t i = 0; i < count; i++) {
		int r;

		bytes += ders[i].len;
		if (ders[i].len > CHAIN_BYTES || bytes > CHAIN_BYTES)
			return refuse(why, "certificates larger than 256 KiB");
		r = cert_read(&out->certs[i], &ders[i]);
		if (r == DANESTS_EINVAL)
			return refuse(why, "malformed certificate");
		if (r != DANESTS_OK)
			return r;
		out->count++;
	}
	return DANESTS_OK;
}

void chain_free(struct chain *chain)
{
	if (chain == NULL)
		return;
	for (unsigned i = 0; i < chain->count; i++)
		cert_free(&chain->certs[i]);
	chain->count = 0;
}

void cert_date_text(char out[CERT_WHY], const char *words, time_t when)
{
	struct tm tm;
	char date[16];

	if (when == (time_t)-1 || gmtime_r(&when, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%d", &tm) == 0)
		text_format(out, CERT_WHY, "%s on an unknown date", words);
	else
		text_format(out, CERT_WHY, "%s on %s", words, date);
}
