/* SPDX-License-Identifier: BSD-2-Clause */
#include "cert/way.h"

#include <string.h>

#include "base/text.h"

/* Those of the chain, then the anchor's (rules.md 5.12: an anchor expires, too). */
static gnutls_x509_crt_t at(const struct way *way, unsigned i)
{
	return i < way->len ? way->crts[i] : way->anchor;
}

static unsigned count(const struct way *way)
{
	return way->len + (way->anchor != NULL ? 1 : 0);
}

size_t way_bytes(const struct way *way)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < count(way); i++) {
		size_t size = 0;

		if (gnutls_x509_crt_export(at(way, i), GNUTLS_X509_FMT_DER, NULL, &size) !=
		    GNUTLS_E_SHORT_MEMORY_BUFFER)
			size = CHAIN_BYTES; /* it was read from as many octets at most */
		bytes += size;
	}
	return bytes;
}

/* ---- Dates ---- */

static const char *whose(const struct way *way, unsigned i, const char *leaf,
    const char *anchor, const char *other)
{
	return i == 0 ? leaf : i == way->len ? anchor : other;
}

/* GnuTLS says -1 for what it cannot read; 9999-12-31 has a value of its own. */
static bool expired(time_t end, time_t now)
{
	return end == (time_t)-1 || (end < now && end != GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION);
}

/* Whichever expired first; for most it is the server's own. */
static bool any_expired(const struct way *way, char why[CERT_WHY])
{
	time_t first = 0, end;
	unsigned which = 0;
	bool any = false;

	for (unsigned i = 0; i < count(way); i++) {
		end = gnutls_x509_crt_get_expiration_time(at(way, i));
		if (!expired(end, way->now) || (any && end >= first))
			continue;
		any = true;
		first = end;
		which = i;
	}
	if (any)
		cert_date_text(why, whose(way, which, "certificate expired",
		    "the trust anchor expired", "a certificate of the chain expired"), first);
	return any;
}

static bool any_early(const struct way *way, char why[CERT_WHY])
{
	time_t start;

	for (unsigned i = 0; i < count(way); i++) {
		start = gnutls_x509_crt_get_activation_time(at(way, i));
		if (start != (time_t)-1 && start <= way->now)
			continue;
		cert_date_text(why, whose(way, i, "certificate becomes valid",
		    "the trust anchor becomes valid",
		    "a certificate of the chain becomes valid"), start);
		return true;
	}
	return false;
}

enum way_dates way_dates(const struct way *way, char why[CERT_WHY])
{
	if (any_expired(way, why))
		return WAY_EXPIRED;
	return any_early(way, why) ? WAY_EARLY : WAY_CURRENT;
}

/* ---- Trust ---- */

enum {
	KEY_BITS_MAX = 16384,
	RSA_EXPONENT_MAX = 9, /* octets, the one for the sign included */
};

static const char *check_rsa(gnutls_pubkey_t key)
{
	gnutls_datum_t n = { NULL, 0 }, e = { NULL, 0 };
	const char *words = "an issuer's key cannot be read";

	if (gnutls_pubkey_export_rsa_raw2(key, &n, &e, 0) == GNUTLS_E_SUCCESS)
		words = e.size <= RSA_EXPONENT_MAX ? NULL : "an issuer's key is too large";
	gnutls_free(n.data);
	gnutls_free(e.data);
	return words;
}

const char *way_pubkey_problem(gnutls_pubkey_t key)
{
	unsigned bits = 0;

	switch (gnutls_pubkey_get_pk_algorithm(key, &bits)) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
		return bits > KEY_BITS_MAX ? "an issuer's key is too large" : check_rsa(key);
	case GNUTLS_PK_ECDSA:
	case GNUTLS_PK_EDDSA_ED25519:
	case GNUTLS_PK_EDDSA_ED448:
		return NULL;
	default:
		return "an issuer's key is of a kind that is not supported";
	}
}

const char *way_key_problem(gnutls_x509_crt_t issuer)
{
	const char *words = "an issuer's key cannot be read, or is of an unknown kind";
	gnutls_pubkey_t key;

	if (gnutls_pubkey_init(&key) != GNUTLS_E_SUCCESS)
		return words;
	if (gnutls_pubkey_import_x509(key, issuer, 0) == GNUTLS_E_SUCCESS)
		words = way_pubkey_problem(key);
	gnutls_pubkey_deinit(key);
	return words;
}

/* RFC 5280 4.2.1.3: a key that may do nothing of what TLS does with it. */
static bool key_serves(gnutls_x509_crt_t leaf)
{
	const unsigned tls = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT |
	    GNUTLS_KEY_KEY_AGREEMENT;
	unsigned usage = 0;
	int r = gnutls_x509_crt_get_key_usage(leaf, &usage, NULL);

	return r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE || (r >= 0 && (usage & tls) != 0);
}

/* "Any purpose" is not enough, as it is not for OpenSSL, and so for Postfix. */
static bool for_servers(gnutls_x509_crt_t crt)
{
	return gnutls_x509_crt_check_key_purpose(crt, GNUTLS_KP_TLS_WWW_SERVER,
	    GNUTLS_KP_FLAG_DISALLOW_ANY) != 0;
}

/* RFC 5280 4.2.1.12; that of an issuer bounds what it issues. */
static const char *check_purpose(const struct way *way)
{
	if (!for_servers(way->crts[0]) || !key_serves(way->crts[0]))
		return "certificate is not for servers";
	for (unsigned i = 1; i < count(way); i++) {
		if (!for_servers(at(way, i)))
			return "certificate was issued by one that may not issue for servers";
	}
	return NULL;
}

/*
 * U8: an anchor is an authority, and says so; or it is a root of version 1, which cannot say
 * it. So OpenSSL has it; GnuTLS takes others of version 1 and others that signed themselves.
 */
static bool is_authority(gnutls_x509_crt_t anchor)
{
	unsigned ca = 0;
	int r = gnutls_x509_crt_get_basic_constraints(anchor, NULL, &ca, NULL);

	if (r != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return r >= 0 && ca != 0;
	return gnutls_x509_crt_get_version(anchor) == 1 &&
	    gnutls_x509_crt_check_issuer(anchor, anchor) != 0;
}

/* Several can be wrong. */
static const char *words_of(unsigned status)
{
	static const struct {
		unsigned bit;
		const char *words;
	} table[] = {
		{ GNUTLS_CERT_INSECURE_ALGORITHM,
		  "certificate uses a key or signature that is too weak" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, "certificate was issued by one that may not" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
		  "certificate breaks the constraints of its issuer" },
		{ GNUTLS_CERT_SIGNATURE_FAILURE, "certificate's signature is wrong" },
		{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS,
		  "certificate has a critical extension that is not known" },
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (status & table[i].bit)
			return table[i].words;
	}
	return "certificate could not be verified";
}

/* NULL: good. Dates are ours to judge. */
static const char *check_signatures(const struct way *way)
{
	const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
	    GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS |
	    GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);
	unsigned status = GNUTLS_CERT_INVALID;
	int r = gnutls_x509_crt_list_verify(way->crts, way->len, &way->anchor, 1, NULL, 0,
	    way->alone ? flags : flags | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME, &status);

	return r == GNUTLS_E_SUCCESS && status == 0 ? NULL : words_of(status);
}

bool way_trusted(const struct way *way, char why[CERT_WHY])
{
	const char *words = NULL;

	for (unsigned i = 1; i < count(way) && words == NULL; i++)
		words = way_key_problem(at(way, i));
	if (words == NULL)
		words = check_signatures(way);
	if (words == NULL && !way->alone && !is_authority(way->anchor))
		words = words_of(GNUTLS_CERT_SIGNER_NOT_CA);
	if (words == NULL)
		words = check_purpose(way);
	if (words != NULL)
		text_format(why, CERT_WHY, "%s", words);
	return words == NULL;
}

void way_say_unknown(const struct way *way, char why[CERT_WHY])
{
	gnutls_x509_crt_t last = way->crts[way->len - 1];
	gnutls_datum_t dn = { NULL, 0 };
	char issuer[100];

	if (way->len == 1 && gnutls_x509_crt_check_issuer(last, last)) {
		text_format(why, CERT_WHY, "certificate is self-signed");
		return;
	}
	if (gnutls_x509_crt_get_issuer_dn3(last, &dn, 0) != GNUTLS_E_SUCCESS)
		dn = (gnutls_datum_t){ NULL, 0 };
	text_printable(issuer, sizeof(issuer), (const char *)dn.data, dn.size);
	text_format(why, CERT_WHY, "certificate's issuer is not trusted: %s",
	    dn.size > 0 ? issuer : "it has no name");
	gnutls_free(dn.data);
}

/* ---- What to change ---- */

static const char anchor_over[] = "It is the trust anchor that is over, the server's own"
    " certificate is not to blame: use one of an anchor that is valid, and with DANE-TA"
    " (usage 2) publish its record first.";

const char *way_hint(const char *why)
{
	static const struct {
		const char *begin, *hint;
	} table[] = {
		{ "certificate expired", "Renew the server's own certificate and reload the mail"
		  " server." },
		{ "a certificate of the chain expired", "Replace the expired intermediate"
		  " certificate in what the server sends; its own is not the one." },
		{ "the trust anchor expired", anchor_over },
		{ "ta-expired", anchor_over },
		{ "certificate becomes valid", "The server's certificate is not valid yet: until"
		  " then use one that is." },
		{ "the trust anchor becomes valid", "The trust anchor is not valid yet: use a"
		  " certificate of another anchor until then." },
		{ "a certificate of the chain becomes valid", "An intermediate certificate is not"
		  " valid yet: send one that is until then." },
		{ "certificate uses a key", "Replace the weak certificate: RSA of 2048 bits or"
		  " ECDSA, signed with SHA-256 or better." },
		{ "certificate was issued by one that may not issue for", "Have the certificate"
		  " issued by an authority whose extended key usage allows servers, or has none." },
		{ "certificate was issued by one that may not", "The issuer must be a certification"
		  " authority: CA:TRUE in its basic constraints, and certificate signing in its key"
		  " usage." },
		{ "certificate breaks the constraints", "Have the certificate issued within the"
		  " limits of those above it: key usage (certificate signing), path length"
		  " (how many authorities may follow), name constraints." },
		{ "certificate's signature is wrong", "Send the certificates that really issued the"
		  " server's: one of them has the right name and another key." },
		{ "certificate has a critical extension", "Have the certificate issued without the"
		  " critical extension that is not known." },
		{ "certificate is not for servers", "Have the certificate issued for TLS servers:"
		  " serverAuth in its extended key usage, digitalSignature in its key usage." },
		{ "an issuer's key", "Use an authority with a key that is supported: RSA of 2048 to"
		  " 16384 bits, ECDSA or EdDSA." },
		{ "malformed certificate", "Replace the certificate that cannot be read; 'openssl"
		  " x509 -text' shows which of those sent it is." },
		{ "more than 32 certificates", "Send the certificates of the chain only: no more"
		  " than 32 are looked at." },
		{ "certificates larger than", "Send the certificates of the chain only: no more"
		  " than 256 KiB are looked at." },
		{ "certificates too large", "Use smaller certificates: no more than 64 KiB are"
		  " verified." },
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (strncmp(why, table[i].begin, strlen(table[i].begin)) == 0)
			return table[i].hint;
	}
	return NULL;
}
