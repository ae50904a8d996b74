/* SPDX-License-Identifier: BSD-2-Clause */
#include "cert/cert.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/der.h"

enum {
	DER_OID = 0x06, DER_IMPLICIT_1 = 0x81, DER_IMPLICIT_2 = 0x82, DER_EXPLICIT_3 = 0xa3,
};

static void skip_optional(struct span *s, uint8_t tag)
{
	if (span_left(s) > 0 && s->p[0] == tag)
		(void)der_take(s, tag);
}

/* The SEQUENCE that comes next, header included, as it stands in the certificate. */
static gnutls_datum_t take_part(struct span *s, const struct cert *cert)
{
	size_t at = s->bad ? 0 : (size_t)(s->p - cert->der.data);

	(void)der_take(s, DER_SEQUENCE);
	if (s->bad)
		return (gnutls_datum_t){ NULL, 0 };
	return (gnutls_datum_t){ cert->der.data + at,
		(unsigned)((size_t)(s->p - cert->der.data) - at) };
}

/* Key identifiers have their own bound: who issued whom is asked for each pair. */
static bool extension_fits(struct span *list)
{
	static const uint8_t ids[2][3] = { /* RFC 5280 4.2.1.1, 4.2.1.2 */
		{ 0x55, 0x1d, 0x23 }, { 0x55, 0x1d, 0x0e },
	};
	struct span extension = der_take(list, DER_SEQUENCE);
	struct span oid = der_take(&extension, DER_OID);

	if (list->bad || extension.bad)
		return false;
	return span_left(&extension) <= CERT_ID_BYTES || span_left(&oid) != sizeof(ids[0]) ||
	    (memcmp(oid.p, ids[0], sizeof(ids[0])) != 0 &&
	    memcmp(oid.p, ids[1], sizeof(ids[1])) != 0);
}

/* What follows the key. */
static bool rest_fits(struct span *body)
{
	struct span outer, list;

	skip_optional(body, DER_IMPLICIT_1);
	skip_optional(body, DER_IMPLICIT_2);
	if (body->bad || span_left(body) == 0)
		return !body->bad;
	outer = der_take(body, DER_EXPLICIT_3);
	list = der_take(&outer, DER_SEQUENCE);
	for (unsigned i = 0; !list.bad && span_left(&list) > 0; i++) {
		if (i >= CERT_EXTENSIONS || !extension_fits(&list))
			return false;
	}
	return !body->bad && !outer.bad && !list.bad;
}

/*
 * Before GnuTLS sees it (RFC 5280 4.1). The key is cut out of what was sent, because that is
 * what a digest of selector 1 is taken of (RFC 6698 2.1.2): a TLS library writes it anew, as
 * far as it understood it.
 */
static bool find_parts(struct cert *cert)
{
	struct span whole, body;

	if (cert->der.size > CERT_BYTES || !der_body(&whole, cert->der.data, cert->der.size))
		return false;
	body = der_take(&whole, DER_SEQUENCE);
	skip_optional(&body, DER_EXPLICIT_0);
	(void)der_take(&body, DER_INTEGER);  /* serial number */
	(void)der_take(&body, DER_SEQUENCE); /* signature */
	cert->issuer = take_part(&body, cert);
	(void)der_take(&body, DER_SEQUENCE); /* validity */
	cert->subject = take_part(&body, cert);
	cert->spki = take_part(&body, cert);
	return !body.bad && cert->issuer.size <= CERT_NAME_BYTES &&
	    cert->subject.size <= CERT_NAME_BYTES && rest_fits(&body);
}

typedef int key_id_fn(gnutls_x509_crt_t crt, void *id, size_t *size, unsigned *critical);

static void read_id(struct key_id *out, key_id_fn *get, gnutls_x509_crt_t crt)
{
	out->len = sizeof(out->data);
	if (get(crt, out->data, &out->len, NULL) < 0)
		out->len = 0;
}

static int import(struct cert *cert)
{
	int r = gnutls_x509_crt_init(&cert->crt);

	if (r == GNUTLS_E_SUCCESS)
		r = gnutls_x509_crt_import(cert->crt, &cert->der, GNUTLS_X509_FMT_DER);
	if (r == GNUTLS_E_MEMORY_ERROR)
		return DANESTS_ENOMEM;
	if (r != GNUTLS_E_SUCCESS)
		return DANESTS_EINVAL;
	read_id(&cert->id, gnutls_x509_crt_get_subject_key_id, cert->crt);
	read_id(&cert->issuer_id, gnutls_x509_crt_get_authority_key_id, cert->crt);
	return DANESTS_OK;
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
	r = find_parts(out) ? import(out) : DANESTS_EINVAL;
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

bool cert_issued_by(const struct cert *cert, const struct cert *issuer)
{
	const struct key_id *a = &cert->issuer_id, *b = &issuer->id;

	return cert->issuer.size == issuer->subject.size &&
	    memcmp(cert->issuer.data, issuer->subject.data, cert->issuer.size) == 0 &&
	    (a->len == 0 || b->len == 0 ||
	    (a->len == b->len && memcmp(a->data, b->data, a->len) == 0));
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
