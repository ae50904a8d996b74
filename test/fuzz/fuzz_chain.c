/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: certificates in DER, one after the other; judged under test/tls/root.pem. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tls_help.h"
#include "cert/pkix.h"
#include "parse/domain.h"

#define HOST "mx.example.com"
#define CERTS 8

/* All that root and inter issued and a seed has, whatever they may be good for. */
static const char issued[] = "leaf leaf-root inter leaf-over leaf-early leaf-client leaf-any "
    "leaf-critical leaf-rsa1024 leaf-forged cn-only cn-two cn-nul cn-none cn-ip dns-nul dns-odd";

static struct chain known;
static gnutls_x509_trust_list_t anchors;
static danests_trust *trust;

static void require(bool law)
{
	if (!law)
		abort();
}

static void prepare(void)
{
	char path[512];

	if (trust != NULL)
		return;
	tls_chain(&known, issued);
	anchors = tls_anchors("root");
	tls_path(path, sizeof(path), "root");
	require(danests_trust_file(&trust, path) == DANESTS_OK);
}

static void printable(const char *text)
{
	for (; *text != '\0'; text++)
		require(*text >= ' ' && *text <= '~');
}

/* A header of four octets says how long a certificate is; what has none is the last one. */
static size_t split(struct danests_der ders[CERTS], const uint8_t *data, size_t size)
{
	size_t count = 0, len;

	while (size > 0 && count < CERTS) {
		len = size;
		if (size >= 4 && data[0] == 0x30 && data[1] == 0x82)
			len = 4 + ((size_t)data[2] << 8 | data[3]);
		if (len > size)
			len = size;
		ders[count++] = (struct danests_der){ data, len };
		data += len;
		size -= len;
	}
	return count;
}

/* Nobody but root and inter makes a key good. */
static bool is_known(const struct cert *leaf)
{
	const gnutls_datum_t *key = cert_spki(leaf);

	for (unsigned i = 0; i < known.count; i++) {
		const gnutls_datum_t *other = cert_spki(&known.certs[i]);

		if (key->size == other->size && memcmp(key->data, other->data, key->size) == 0)
			return true;
	}
	return false;
}

static void check_chain(const struct chain *chain)
{
	char why[CERT_WHY], names[CERT_WHY];
	enum pkix_fault path = pkix_path(anchors, chain, TLS_NOW, why), server;
	const struct cert *leaf = &chain->certs[0];
	bool named = cert_named(leaf, HOST, false);

	printable(why);
	require((path == PKIX_GOOD) == (why[0] == '\0') && path != PKIX_NAME);
	require(path != PKIX_GOOD || is_known(leaf));
	server = pkix_server(trust, chain, HOST, TLS_NOW, why);
	printable(why);
	require((server == PKIX_GOOD) == (why[0] == '\0'));
	if (path == PKIX_GOOD)
		require(server == (named ? PKIX_GOOD : PKIX_NAME));
	require(!named || cert_named(leaf, HOST, true));
	cert_names_text(leaf, true, names);
	printable(names);
}

static void check_shown(const struct cert *cert)
{
	struct danests_der der = { cert->der.data, cert->der.size };
	static uint8_t data[CHAIN_BYTES];
	danests_cert *shown;

	require(cert_spki(cert)->data > cert->der.data && cert_spki(cert)->size > 2 &&
	    cert_spki(cert)->data + cert_spki(cert)->size < cert->der.data + cert->der.size);
	require(danests_cert_read(&shown, &der) == DANESTS_OK);
	printable(danests_cert_subject(shown));
	printable(danests_cert_issuer(shown));
	printable(danests_cert_key(shown));
	for (size_t i = 0; i < danests_cert_names(shown); i++) {
		printable(danests_cert_name(shown, i));
		require(strlen(danests_cert_name(shown, i)) < DOMAIN_MAX + 3);
	}
	require(danests_cert_tlsa(shown, 1, 0, data, sizeof(data)) == cert_spki(cert)->size);
	require(memcmp(data, cert_spki(cert)->data, cert_spki(cert)->size) == 0);
	require(danests_cert_tlsa(shown, 0, 2, data, 64) == 64);
	(void)danests_cert_is_ca(shown);
	danests_cert_free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct danests_der ders[CERTS];
	size_t count = split(ders, data, size);
	char why[CERT_WHY] = "";
	struct chain chain;
	int r;

	prepare();
	r = chain_read(&chain, ders, count, why);
	if (r == DANESTS_OK) {
		require(chain.count == count);
		check_chain(&chain);
		for (unsigned i = 0; i < chain.count; i++)
			check_shown(&chain.certs[i]);
	} else {
		require(r == DANESTS_EINVAL && why[0] != '\0');
		printable(why);
	}
	chain_free(&chain);
	return 0;
}
