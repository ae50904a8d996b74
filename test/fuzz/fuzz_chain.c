/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input: certificates, one after the other, judged under test/tls/root.pem: in DER, or by
 * one octet below 0x30 that names one of those that follow here.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tls_help.h"
#include "cert/pkix.h"
#include "parse/domain.h"

#define HOST "mx.example.com"
#define CERTS 8

enum { BAD_FROM = 24, NAMES_END = 48 };

/* Issued by inter, but for the second one, and good; nothing else is, whatever is sent. */
static const char good_names[] = "leaf leaf-root leaf-forever leaf-no-purpose leaf-uncritical "
    "cn-only cn-mail cn-two cn-none cn-ip cn-nul cn-dns cn-long-uri dns-nul dns-odd";
static const char bad_names[] = "inter root inter-cross inter-stranger old-root root-cross "
    "root-renewed inter-forged stranger leaf-over leaf-early leaf-client leaf-any leaf-critical "
    "leaf-forged leaf-stranger leaf-inter-forged leaf-by-leaf leaf-not-ca inter-not-ca "
    "leaf-path0 inter-path0 knot-a knot-b";

static struct chain good, bad;
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
	tls_chain(&good, good_names);
	tls_chain(&bad, bad_names);
	anchors = tls_anchors("root");
	tls_path(path, sizeof(path), "root");
	require(danests_trust_file(&trust, path) == DANESTS_OK);
}

static void printable(const char *text)
{
	for (; *text != '\0'; text++)
		require(*text >= ' ' && *text <= '~');
}

static struct danests_der named(unsigned octet)
{
	const struct chain *from = octet < BAD_FROM ? &good : &bad;
	const gnutls_datum_t *der = &from->certs[octet % BAD_FROM % from->count].der;

	return (struct danests_der){ der->data, der->size };
}

/* A header of four octets says how long a certificate is; what has none is the last one. */
static size_t split(struct danests_der ders[CERTS], const uint8_t *data, size_t size)
{
	size_t count = 0, len;

	while (size > 0 && count < CERTS) {
		len = size;
		if (data[0] < NAMES_END)
			len = 1;
		else if (size >= 4 && data[0] == 0x30 && data[1] == 0x82)
			len = 4 + ((size_t)data[2] << 8 | data[3]);
		if (len > size)
			len = size;
		ders[count++] = data[0] < NAMES_END ? named(data[0]) :
		    (struct danests_der){ data, len };
		data += len;
		size -= len;
	}
	return count;
}

static bool equal(const gnutls_datum_t *a, const gnutls_datum_t *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Nothing that is sent beside it makes another one good, or a good one bad. */
static void check_path(const struct chain *chain, enum pkix_fault path)
{
	const struct cert *leaf = &chain->certs[0];
	bool key_good = false, all_there = false;

	for (unsigned i = 0; i < good.count; i++) {
		key_good |= equal(cert_spki(leaf), cert_spki(&good.certs[i]));
		for (unsigned j = 0; equal(&leaf->der, &good.certs[i].der) && j < chain->count; j++)
			all_there |= i == 1 || equal(&chain->certs[j].der, &bad.certs[0].der);
	}
	require(path != PKIX_GOOD || key_good);
	require(path == PKIX_GOOD || !all_there);
}

static void check_chain(const struct chain *chain)
{
	char why[CERT_WHY], names[CERT_WHY];
	enum pkix_fault path = pkix_path(anchors, chain, TLS_NOW, why), server;
	const struct cert *leaf = &chain->certs[0];
	bool is_host = cert_named(leaf, HOST, false);

	printable(why);
	require((path == PKIX_GOOD) == (why[0] == '\0') && path != PKIX_NAME);
	check_path(chain, path);
	server = pkix_server(trust, chain, HOST, TLS_NOW, why);
	printable(why);
	require((server == PKIX_GOOD) == (why[0] == '\0'));
	if (path == PKIX_GOOD)
		require(server == (is_host ? PKIX_GOOD : PKIX_NAME));
	require(!is_host || cert_named(leaf, HOST, true));
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
	size_t count;
	char why[CERT_WHY] = "";
	struct chain chain;
	int r;

	prepare();
	count = split(ders, data, size);
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
