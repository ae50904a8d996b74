/* SPDX-License-Identifier: BSD-2-Clause */
/* One certificate for those who show it: everything is read once, nothing fails later. */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cert/cert.h"
#include "parse/domain.h"

enum { SELECTOR_CERT = 0, SELECTOR_KEY = 1 };
enum { MTYPE_FULL = 0, MTYPE_SHA256 = 1, MTYPE_SHA512 = 2 };

struct danests_cert {
	struct cert cert;
	char *subject, *issuer;
	char key[40];
	char **names;
	size_t name_count, name_room;
};

/* What GnuTLS gave us, printable and ours; NULL without memory. */
static char *shown(gnutls_datum_t *dn)
{
	char *out = malloc((size_t)dn->size + 1);

	if (out != NULL)
		text_printable(out, (size_t)dn->size + 1, (const char *)dn->data, dn->size);
	gnutls_free(dn->data);
	dn->data = NULL;
	return out;
}

static bool read_dns(danests_cert *cert)
{
	gnutls_datum_t subject = { NULL, 0 }, issuer = { NULL, 0 };

	if (gnutls_x509_crt_get_dn3(cert->cert.crt, &subject, 0) != GNUTLS_E_SUCCESS)
		subject = (gnutls_datum_t){ NULL, 0 };
	if (gnutls_x509_crt_get_issuer_dn3(cert->cert.crt, &issuer, 0) != GNUTLS_E_SUCCESS)
		issuer = (gnutls_datum_t){ NULL, 0 };
	cert->subject = shown(&subject);
	cert->issuer = shown(&issuer);
	return cert->subject != NULL && cert->issuer != NULL;
}

static void read_key(danests_cert *cert)
{
	static const struct {
		int kind;
		bool sized;
		const char *name;
	} table[] = {
		{ GNUTLS_PK_RSA, true, "RSA" },
		{ GNUTLS_PK_RSA_PSS, true, "RSA-PSS" },
		{ GNUTLS_PK_ECDSA, true, "ECDSA" },
		{ GNUTLS_PK_EDDSA_ED25519, false, "Ed25519" },
		{ GNUTLS_PK_EDDSA_ED448, false, "Ed448" },
		{ GNUTLS_PK_DSA, true, "DSA" },
	};
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(cert->cert.crt, &bits);

	text_format(cert->key, sizeof(cert->key), "unknown");
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (table[i].kind != kind)
			continue;
		if (table[i].sized)
			text_format(cert->key, sizeof(cert->key), "%s %u", table[i].name, bits);
		else
			text_format(cert->key, sizeof(cert->key), "%s", table[i].name);
	}
}

static bool add_name(void *arg, const char *name, size_t len)
{
	danests_cert *cert = arg;
	char **more, *copy;

	if (cert->name_count == cert->name_room) {
		size_t room = cert->name_room > 0 ? 2 * cert->name_room : 8;

		more = realloc(cert->names, room * sizeof(*more));
		if (more == NULL)
			return true;
		cert->names = more;
		cert->name_room = room;
	}
	copy = malloc(len + 1);
	if (copy == NULL)
		return true;
	text_printable(copy, len + 1, name, len);
	cert->names[cert->name_count++] = copy;
	return false;
}

static bool read_all(danests_cert *cert)
{
	read_key(cert);
	return read_dns(cert) && !cert_each_dns_id(&cert->cert, add_name, cert);
}

ATTR_PUBLIC int danests_cert_read(danests_cert **out, const struct danests_der *der)
{
	danests_cert *cert = calloc(1, sizeof(*cert));
	int r = DANESTS_ENOMEM;

	*out = NULL;
	if (cert != NULL)
		r = cert_read(&cert->cert, der);
	if (r == DANESTS_OK && !read_all(cert))
		r = DANESTS_ENOMEM;
	if (r == DANESTS_OK)
		*out = cert;
	else
		danests_cert_free(cert);
	return r;
}

ATTR_PUBLIC void danests_cert_free(danests_cert *cert)
{
	if (cert == NULL)
		return;
	for (size_t i = 0; i < cert->name_count; i++)
		free(cert->names[i]);
	free(cert->names);
	free(cert->subject);
	free(cert->issuer);
	cert_free(&cert->cert);
	free(cert);
}

ATTR_PUBLIC const char *danests_cert_subject(const danests_cert *cert)
{
	return cert->subject;
}

ATTR_PUBLIC const char *danests_cert_issuer(const danests_cert *cert)
{
	return cert->issuer;
}

ATTR_PUBLIC const char *danests_cert_key(const danests_cert *cert)
{
	return cert->key;
}

ATTR_PUBLIC time_t danests_cert_begins(const danests_cert *cert)
{
	return gnutls_x509_crt_get_activation_time(cert->cert.crt);
}

ATTR_PUBLIC time_t danests_cert_ends(const danests_cert *cert)
{
	return gnutls_x509_crt_get_expiration_time(cert->cert.crt);
}

ATTR_PUBLIC bool danests_cert_is_ca(const danests_cert *cert)
{
	unsigned ca = 0;

	return gnutls_x509_crt_get_basic_constraints(cert->cert.crt, NULL, &ca, NULL) >= 0 &&
	    ca != 0;
}

ATTR_PUBLIC size_t danests_cert_names(const danests_cert *cert)
{
	return cert->name_count;
}

ATTR_PUBLIC const char *danests_cert_name(const danests_cert *cert, size_t i)
{
	return i < cert->name_count ? cert->names[i] : NULL;
}

static size_t digest(gnutls_digest_algorithm_t algorithm, const gnutls_datum_t *data,
    uint8_t *out, size_t size)
{
	size_t len = gnutls_hash_get_len(algorithm);

	if (size < len || gnutls_hash_fast(algorithm, data->data, data->size, out) < 0)
		return 0;
	return len;
}

ATTR_PUBLIC size_t danests_cert_tlsa(const danests_cert *cert, uint8_t selector,
    uint8_t mtype, uint8_t *out, size_t size)
{
	const gnutls_datum_t *data = selector == SELECTOR_CERT ? &cert->cert.der :
	    selector == SELECTOR_KEY ? cert_spki(&cert->cert) : NULL;

	if (data == NULL)
		return 0;
	if (mtype == MTYPE_SHA256)
		return digest(GNUTLS_DIG_SHA256, data, out, size);
	if (mtype == MTYPE_SHA512)
		return digest(GNUTLS_DIG_SHA512, data, out, size);
	if (mtype != MTYPE_FULL || size < data->size)
		return 0;
	memcpy(out, data->data, data->size);
	return data->size;
}
