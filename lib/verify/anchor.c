/* SPDX-License-Identifier: BSD-2-Clause */
#include "verify/anchor.h"

#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cert/way.h"
#include "danests.h"
#include "parse/der.h"

/* Parts of the certificate that are always the same, in DER. */
static const uint8_t head[] = {
	0xa0, 0x03, 0x02, 0x01, 0x02, /* version 3 */
	0x02, 0x01, 0x01,             /* serial number 1 */
};
static const uint8_t any_algorithm[] = { /* ecdsa-with-SHA256 */
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
};
static const uint8_t validity[] = { /* from 1970 to where RFC 5280 4.1.2.5 ends */
	0x30, 0x20,
	0x17, 0x0d, '7', '0', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z',
	0x18, 0x0f, '9', '9', '9', '9', '1', '2', '3', '1', '2', '3', '5', '9', '5', '9', 'Z',
};
static const uint8_t extensions[] = { /* basicConstraints, critical: CA */
	0xa3, 0x13, 0x30, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff,
	0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xff,
};
static const uint8_t no_signature[] = { 0x03, 0x02, 0x00, 0x00 };

/* A SEQUENCE around what is in the buffer; its length in as few octets as possible. */
static void put_sequence(struct buf *out, const struct buf *in)
{
	uint8_t octets = 0;

	while (in->len >> (8 * octets) > 0)
		octets++;
	buf_u8(out, DER_SEQUENCE);
	if (in->len >= 0x80)
		buf_u8(out, 0x80 | octets);
	for (uint8_t i = octets; i > 0; i--)
		buf_u8(out, (uint8_t)(in->len >> (8 * (i - 1))));
	buf_add(out, in->data, in->len);
	out->bad = out->bad || in->bad;
}

static void put_body(struct buf *out, const gnutls_datum_t *name, const struct span *spki)
{
	buf_add(out, head, sizeof(head));
	buf_add(out, any_algorithm, sizeof(any_algorithm));
	buf_add(out, name->data, name->size);
	buf_add(out, validity, sizeof(validity));
	buf_add(out, name->data, name->size);
	buf_add(out, spki->p, span_left(spki));
	buf_add(out, extensions, sizeof(extensions));
}

static int import(gnutls_x509_crt_t *out, const struct buf *der)
{
	gnutls_datum_t datum = { (unsigned char *)(void *)der->data, (unsigned)der->len };
	gnutls_x509_crt_t crt;
	int r;

	if (gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
		return DANESTS_ENOMEM;
	r = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER);
	if (r == GNUTLS_E_SUCCESS && way_key_problem(crt) == NULL) {
		*out = crt;
		return DANESTS_OK;
	}
	gnutls_x509_crt_deinit(crt);
	return r == GNUTLS_E_MEMORY_ERROR ? DANESTS_ENOMEM : DANESTS_EINVAL;
}

bool anchor_usable(const struct span *spki)
{
	gnutls_datum_t datum = { (unsigned char *)(void *)spki->p, (unsigned)span_left(spki) };
	gnutls_pubkey_t key;
	bool usable;

	if (gnutls_pubkey_init(&key) != GNUTLS_E_SUCCESS)
		return false;
	usable = gnutls_pubkey_import(key, &datum, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS &&
	    way_pubkey_problem(key) == NULL;
	gnutls_pubkey_deinit(key);
	return usable;
}

int anchor_of_key(gnutls_x509_crt_t *out, const gnutls_datum_t *name, const struct span *spki)
{
	struct buf body = {0}, inner = {0}, der = {0};
	int r = DANESTS_ENOMEM;

	put_body(&body, name, spki);
	put_sequence(&inner, &body);
	buf_add(&inner, any_algorithm, sizeof(any_algorithm));
	buf_add(&inner, no_signature, sizeof(no_signature));
	put_sequence(&der, &inner);
	if (!der.bad)
		r = import(out, &der);
	buf_free(&body);
	buf_free(&inner);
	buf_free(&der);
	return r;
}

/* RSA-PSS has a parameter, the length of its salt, that only what verifies whole certificates
 * reads from them (RFC 4055 3.1). Limits of the anchor are not asked for here. */
static bool verify_pss(gnutls_pubkey_t key, const struct cert *cert)
{
	const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN |
	    GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
	unsigned status = GNUTLS_CERT_INVALID;
	gnutls_datum_t der = { NULL, 0 };
	gnutls_x509_crt_t bare = NULL;
	struct span spki;
	bool good = false;

	if (gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) != GNUTLS_E_SUCCESS)
		return false;
	spki = span_of(der.data, der.size);
	if (anchor_of_key(&bare, &cert->issuer, &spki) == DANESTS_OK) {
		good = gnutls_x509_crt_verify(cert->crt, &bare, 1, flags, &status) ==
		    GNUTLS_E_SUCCESS && status == 0;
		gnutls_x509_crt_deinit(bare);
	}
	gnutls_free(der.data);
	return good;
}

static bool verify(gnutls_x509_crt_t anchor, const struct cert *cert,
    const gnutls_datum_t *signature)
{
	int algorithm = gnutls_x509_crt_get_signature_algorithm(cert->crt), r;
	gnutls_datum_t datum;
	gnutls_pubkey_t key;
	struct span body;

	if (algorithm <= 0 || !der_body(&body, cert->der.data, cert->der.size) ||
	    gnutls_pubkey_init(&key) != GNUTLS_E_SUCCESS)
		return false;
	datum = (gnutls_datum_t){ (unsigned char *)body.p, (unsigned)span_left(&body) };
	r = gnutls_pubkey_import_x509(key, anchor, 0);
	if (r == GNUTLS_E_SUCCESS && gnutls_sign_get_pk_algorithm(
	    (gnutls_sign_algorithm_t)algorithm) == GNUTLS_PK_RSA_PSS)
		r = verify_pss(key, cert) ? 0 : -1;
	else if (r == GNUTLS_E_SUCCESS)
		r = gnutls_pubkey_verify_data2(key, (gnutls_sign_algorithm_t)algorithm,
		    GNUTLS_VERIFY_ALLOW_BROKEN, &datum, signature);
	gnutls_pubkey_deinit(key);
	return r >= 0;
}

bool anchor_signed(gnutls_x509_crt_t anchor, const struct cert *cert)
{
	gnutls_datum_t signature = { NULL, 0 };
	size_t size = 0;
	bool good;

	if (gnutls_x509_crt_check_issuer(cert->crt, anchor) == 0 ||
	    gnutls_x509_crt_get_signature(cert->crt, NULL, &size) !=
	    GNUTLS_E_SHORT_MEMORY_BUFFER)
		return false;
	signature.data = malloc(size);
	signature.size = (unsigned)size;
	good = signature.data != NULL && gnutls_x509_crt_get_signature(cert->crt,
	    (char *)signature.data, &size) == GNUTLS_E_SUCCESS &&
	    verify(anchor, cert, &signature);
	free(signature.data);
	return good;
}

/* ---- For a whole chain ---- */

/* A name is read in time with the square of its length, and a key is used with more. */
bool anchor_may_work(unsigned *work, size_t octets)
{
	size_t more = 1 + (octets / 512) * (octets / 512);

	if (more > ANCHOR_WORK_MAX - *work) {
		*work = ANCHOR_WORK_MAX;
		return false;
	}
	*work += (unsigned)more;
	return true;
}

bool anchor_signed_any(const struct cert *anchor, const struct chain *chain, unsigned *work)
{
	if (way_key_problem(anchor->crt) != NULL)
		return false;
	for (unsigned i = 0; i < chain->count; i++) {
		const struct cert *cert = &chain->certs[i];

		if (!cert_issued_by(cert, anchor))
			continue;
		if (!anchor_may_work(work, anchor->spki.size + cert->issuer.size))
			return false;
		if (anchor_signed(anchor->crt, cert))
			return true;
	}
	return false;
}

static bool same_issuer(const struct cert *a, const struct cert *b)
{
	return a->issuer.size == b->issuer.size &&
	    memcmp(a->issuer.data, b->issuer.data, a->issuer.size) == 0;
}

static bool name_was_tried(const struct chain *chain, unsigned i)
{
	for (unsigned j = 0; j < i; j++) {
		if (same_issuer(&chain->certs[i], &chain->certs[j]))
			return true;
	}
	return false;
}

/* Any of those from the i-th on that have the same issuer. */
static bool signed_from(gnutls_x509_crt_t anchor, size_t key, const struct chain *chain,
    unsigned i, unsigned *work)
{
	const struct cert *first = &chain->certs[i];

	for (; i < chain->count; i++) {
		if (!same_issuer(first, &chain->certs[i]))
			continue;
		if (!anchor_may_work(work, key + first->issuer.size))
			return false;
		if (anchor_signed(anchor, &chain->certs[i]))
			return true;
	}
	return false;
}

int anchors_of_key(gnutls_x509_crt_t anchors[CHAIN_MAX], unsigned *made,
    const struct span *spki, const struct chain *chain, unsigned *work)
{
	const size_t key = span_left(spki);
	int r = DANESTS_OK;

	*made = 0;
	for (unsigned i = 0; i < chain->count && r == DANESTS_OK; i++) {
		const gnutls_datum_t *name = &chain->certs[i].issuer;

		if (name_was_tried(chain, i) || !anchor_may_work(work, key + name->size))
			continue;
		r = anchor_of_key(&anchors[*made], name, spki);
		if (r == DANESTS_OK && signed_from(anchors[*made], key, chain, i, work))
			(*made)++;
		else if (r == DANESTS_OK)
			gnutls_x509_crt_deinit(anchors[*made]);
	}
	return r == DANESTS_ENOMEM ? r : DANESTS_OK;
}
