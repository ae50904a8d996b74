/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <gnutls/crypto.h>

#include "tls_help.h"

static danests_cert *shown(const char *name)
{
	gnutls_datum_t datum = tls_der(name);
	struct danests_der der = { datum.data, datum.size };
	danests_cert *cert = NULL;

	assert_int_equal(danests_cert_read(&cert, &der), DANESTS_OK);
	assert_non_null(cert);
	gnutls_free(datum.data); /* it has a copy */
	return cert;
}

static void a_certificate_says_what_is_in_it(void **state)
{
	danests_cert *cert = shown("leaf");

	(void)state;
	assert_string_equal(danests_cert_subject(cert), "CN=mx.example.com");
	assert_string_equal(danests_cert_issuer(cert), "CN=inter");
	assert_string_equal(danests_cert_key(cert), "ECDSA 256");
	assert_int_equal(danests_cert_begins(cert), 1767225600);
	assert_int_equal(danests_cert_ends(cert), 1798761600);
	assert_false(danests_cert_is_ca(cert));
	assert_int_equal(danests_cert_names(cert), 2);
	assert_string_equal(danests_cert_name(cert, 0), "mx.example.com");
	assert_string_equal(danests_cert_name(cert, 1), "*.wild.example.com");
	assert_null(danests_cert_name(cert, 2));
	danests_cert_free(cert);
	danests_cert_free(NULL);
}

static void kinds_of_keys(void **state)
{
	static const char *const table[][2] = {
		{ "rsa-leaf", "RSA 2048" }, { "ed-leaf", "Ed25519" },
		{ "pss-leaf", "RSA-PSS 2048" }, { "leaf-rsa1024", "RSA 1024" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		danests_cert *cert = shown(table[i][0]);

		assert_string_equal(danests_cert_key(cert), table[i][1]);
		danests_cert_free(cert);
	}
}

static void authorities_and_oddities(void **state)
{
	danests_cert *cert = shown("root");

	(void)state;
	assert_true(danests_cert_is_ca(cert));
	assert_int_equal(danests_cert_names(cert), 0);
	danests_cert_free(cert);
	cert = shown("cn-none");
	assert_string_equal(danests_cert_subject(cert), "");
	danests_cert_free(cert);
	cert = shown("dns-odd");
	assert_string_equal(danests_cert_name(cert, 0), "a?[2Jb.example.com");
	danests_cert_free(cert);
	cert = shown("dns-many");
	assert_int_equal(danests_cert_names(cert), 1501);
	assert_string_equal(danests_cert_name(cert, 1500), "mx.example.com");
	danests_cert_free(cert);
}

static void what_is_none_is_refused(void **state)
{
	struct danests_der der = { (const uint8_t *)"0\3\2\1\1", 5 };
	danests_cert *cert = (danests_cert *)(void *)state;

	assert_int_equal(danests_cert_read(&cert, &der), DANESTS_EINVAL);
	assert_null(cert);
}

/* RFC 6698 2.1 */
static void its_tlsa_data(void **state)
{
	danests_cert *cert = shown("leaf");
	gnutls_datum_t der = tls_der("leaf");
	uint8_t data[4096], digest[64];
	struct chain chain;
	const gnutls_datum_t *spki;

	(void)state;
	tls_chain(&chain, "leaf");
	spki = cert_spki(&chain.certs[0]);
	assert_int_equal(danests_cert_tlsa(cert, 0, 0, data, sizeof(data)), der.size);
	assert_memory_equal(data, der.data, der.size);
	assert_int_equal(danests_cert_tlsa(cert, 1, 0, data, sizeof(data)), spki->size);
	assert_memory_equal(data, spki->data, spki->size);
	assert_int_equal(danests_cert_tlsa(cert, 0, 1, data, 32), 32);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, digest);
	assert_memory_equal(data, digest, 32);
	assert_int_equal(danests_cert_tlsa(cert, 1, 2, data, 64), 64);
	gnutls_hash_fast(GNUTLS_DIG_SHA512, spki->data, spki->size, digest);
	assert_memory_equal(data, digest, 64);
	assert_int_equal(danests_cert_tlsa(cert, 1, 1, data, 31), 0);
	assert_int_equal(danests_cert_tlsa(cert, 1, 2, data, 63), 0);
	assert_int_equal(danests_cert_tlsa(cert, 0, 0, data, der.size - 1), 0);
	assert_int_equal(danests_cert_tlsa(cert, 2, 1, data, sizeof(data)), 0);
	assert_int_equal(danests_cert_tlsa(cert, 1, 3, data, sizeof(data)), 0);
	chain_free(&chain);
	gnutls_free(der.data);
	danests_cert_free(cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_says_what_is_in_it),
		cmocka_unit_test(kinds_of_keys),
		cmocka_unit_test(authorities_and_oddities),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(its_tlsa_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
