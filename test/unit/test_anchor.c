/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cert/pkix.h"
#include "verify/anchor.h"
#include "verify_help.h"

static gnutls_datum_t issuer_of(const struct chain *chain)
{
	gnutls_datum_t name;

	assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(chain->certs[0].crt, &name), 0);
	return name;
}

/* The path from a certificate to an anchor made of its issuer's name and that key. */
static enum pkix_fault path_to(const char *leaf, const char *key_of)
{
	gnutls_datum_t key = part_of(key_of, 1), name;
	struct span spki = span_of(key.data, key.size);
	gnutls_x509_trust_list_t list;
	gnutls_x509_crt_t anchor;
	char why[CERT_WHY];
	struct chain chain;
	enum pkix_fault fault;

	tls_chain(&chain, leaf);
	name = issuer_of(&chain);
	assert_int_equal(anchor_of_key(&anchor, &name, &spki), DANESTS_OK);
	assert_int_equal(gnutls_x509_trust_list_init(&list, 1), 0);
	assert_int_equal(gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0), 1);
	fault = pkix_path(list, &chain, TLS_NOW, why);
	gnutls_x509_trust_list_deinit(list, 1);
	gnutls_free(name.data);
	gnutls_free(key.data);
	chain_free(&chain);
	return fault;
}

static void U11_the_holder_of_the_key_is_trusted_and_nobody_else(void **state)
{
	(void)state;
	assert_int_equal(path_to("leaf", "inter"), PKIX_GOOD);
	assert_int_equal(path_to("rsa-leaf", "rsa-root"), PKIX_GOOD);
	assert_int_equal(path_to("ed-leaf", "ed-root"), PKIX_GOOD);
	assert_int_equal(path_to("pss-leaf", "pss-root"), PKIX_GOOD);
	assert_int_equal(path_to("leaf", "root"), PKIX_UNTRUSTED);
	assert_int_equal(path_to("leaf-forged", "inter"), PKIX_UNTRUSTED);
	assert_int_equal(path_to("rsa-leaf", "root"), PKIX_UNTRUSTED);
}

static void it_is_an_authority_without_limits_that_never_ends(void **state)
{
	gnutls_datum_t key = part_of("rsa-root", 1), name;
	struct span spki = span_of(key.data, key.size);
	unsigned ca = 0, critical = 0;
	gnutls_x509_crt_t anchor;
	struct chain chain;
	int limit = 0;

	(void)state;
	tls_chain(&chain, "leaf");
	name = issuer_of(&chain);
	assert_int_equal(anchor_of_key(&anchor, &name, &spki), DANESTS_OK);
	assert_true(gnutls_x509_crt_get_basic_constraints(anchor, &critical, &ca, &limit) > 0);
	assert_int_equal(ca, 1);
	assert_int_equal(limit, -1);
	assert_true(gnutls_x509_crt_get_expiration_time(anchor) > (time_t)1 << 37 ||
	    gnutls_x509_crt_get_expiration_time(anchor) == GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION);
	assert_true(gnutls_x509_crt_get_activation_time(anchor) == 0);
	assert_int_equal(gnutls_x509_crt_check_issuer(chain.certs[0].crt, anchor), 1);
	gnutls_x509_crt_deinit(anchor);
	gnutls_free(name.data);
	gnutls_free(key.data);
	chain_free(&chain);
}

static void names_of_any_length_fit(void **state)
{
	static const unsigned lengths[] = { 1, 100, 127, 128, 200, 300, 70000 };
	gnutls_datum_t key = part_of("leaf", 1), name;
	struct span spki = span_of(key.data, key.size);
	gnutls_x509_crt_t anchor;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		gnutls_datum_t got;
		char *cn = malloc(lengths[i]);
		unsigned n = lengths[i];
		/* SEQUENCE { SET { SEQUENCE { commonName, UTF8String } } }, lengths in 4 octets */
		unsigned char *der = malloc(n + 64), *p = der;
		const unsigned inner[] = { n + 23, n + 17, n + 11 };
		const unsigned char tags[] = { 0x30, 0x31, 0x30 };

		memset(cn, 'a', n);
		for (int k = 0; k < 3; k++) {
			*p++ = tags[k];
			*p++ = 0x84;
			for (int b = 3; b >= 0; b--)
				*p++ = (unsigned char)(inner[k] >> (8 * b));
		}
		memcpy(p, "\x06\x03\x55\x04\x03\x0c\x84", 7);
		p += 7;
		for (int b = 3; b >= 0; b--)
			*p++ = (unsigned char)(n >> (8 * b));
		memcpy(p, cn, n);
		p += n;
		name = (gnutls_datum_t){ der, (unsigned)(p - der) };
		assert_int_equal(anchor_of_key(&anchor, &name, &spki), DANESTS_OK);
		assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(anchor, &got), 0);
		assert_int_equal(got.size, name.size);
		gnutls_free(got.data);
		gnutls_x509_crt_deinit(anchor);
		free(der);
		free(cn);
	}
	gnutls_free(key.data);
}

static bool signed_by(const char *leaf, const char *issuer)
{
	struct chain chain, anchor;
	bool good;

	tls_chain(&chain, leaf);
	tls_chain(&anchor, issuer);
	good = anchor_signed(anchor.certs[0].crt, &chain.certs[0]);
	chain_free(&chain);
	chain_free(&anchor);
	return good;
}

static void a_signature_is_all_that_is_looked_at(void **state)
{
	(void)state;
	assert_true(signed_by("leaf", "inter"));
	assert_true(signed_by("rsa-leaf", "rsa-root"));
	assert_true(signed_by("pss-leaf", "pss-root"));
	assert_true(signed_by("pss-long-leaf", "pss-long-root"));
	assert_true(signed_by("ed-leaf", "ed-root"));
	assert_true(signed_by("self", "self"));
	/* Over, not an authority, against constraints, weak: not asked here. */
	assert_true(signed_by("leaf-over", "inter"));
	assert_true(signed_by("leaf-not-ca", "inter-not-ca"));
	assert_true(signed_by("leaf-org-com", "root-org"));
	assert_true(signed_by("leaf-md5", "rsa-root"));
	/* Another key, be it of another kind, or another name. */
	assert_false(signed_by("leaf-forged", "inter"));
	assert_false(signed_by("leaf", "root"));
	assert_false(signed_by("leaf", "rsa-root"));
	assert_false(signed_by("leaf-twin", "twin0"));
	assert_false(signed_by("leaf-forged", "stranger"));
}

static void no_signature_is_verified_with_a_monstrous_key(void **state)
{
	static const char *const keys[] = { "inter-huge", "inter-odd" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		gnutls_datum_t key = part_of(keys[i], 1), name;
		struct span spki = span_of(key.data, key.size);
		gnutls_x509_crt_t anchor;
		struct chain chain;

		tls_chain(&chain, "leaf");
		name = issuer_of(&chain);
		assert_int_equal(anchor_of_key(&anchor, &name, &spki), DANESTS_EINVAL);
		gnutls_free(name.data);
		gnutls_free(key.data);
		chain_free(&chain);
	}
}

static void what_is_no_key_makes_no_anchor(void **state)
{
	static const unsigned char empty_name[] = { 0x30, 0x00 };
	const gnutls_datum_t name = { (unsigned char *)empty_name, sizeof(empty_name) };
	struct span spki = span_of("not a key", 9);
	gnutls_x509_crt_t anchor;

	(void)state;
	assert_int_equal(anchor_of_key(&anchor, &name, &spki), DANESTS_EINVAL);
}

static bool usable(const char *name)
{
	gnutls_datum_t key = part_of(name, 1);
	struct span spki = span_of(key.data, key.size);
	bool yes = anchor_usable(&spki);

	gnutls_free(key.data);
	return yes;
}

static void U2_what_no_signature_is_verified_with_is_no_key(void **state)
{
	static const uint8_t empty[] = { 0x30, 0x05, 0x30, 0x00, 0x03, 0x01, 0x00 };
	struct span spki = span_of(empty, sizeof(empty));

	(void)state;
	assert_false(anchor_usable(&spki));
	spki = span_of("not a key", 9);
	assert_false(anchor_usable(&spki));
	assert_false(usable("inter-huge"));
	assert_false(usable("inter-odd"));
	assert_true(usable("leaf"));
	assert_true(usable("rsa-root"));
	assert_true(usable("ed-root"));
	assert_true(usable("pss-root"));
	assert_true(usable("pss-long-root"));
}

static void U11_each_name_is_read_once_and_work_is_counted(void **state)
{
	gnutls_datum_t key = part_of("stranger", 1);
	struct span spki = span_of(key.data, key.size);
	gnutls_x509_crt_t anchors[CHAIN_MAX];
	unsigned work = 0, made;
	struct chain chain, large;

	(void)state;
	tls_chain(&chain, "leaf inter root root-renewed leaf");
	assert_int_equal(anchors_of_key(anchors, &made, &spki, &chain, &work), DANESTS_OK);
	assert_int_equal(made, 0);
	assert_int_equal(work, 2 + 5); /* two names, five signatures */
	work = ANCHOR_WORK_MAX;
	assert_int_equal(anchors_of_key(anchors, &made, &spki, &chain, &work), DANESTS_OK);
	assert_int_equal(work, ANCHOR_WORK_MAX);
	work = 0;
	tls_chain(&large, "large-name-fits");
	assert_int_equal(anchors_of_key(anchors, &made, &spki, &large, &work), DANESTS_OK);
	assert_true(work > 2 * 49); /* 3700 octets, twice */
	chain_free(&large);
	chain_free(&chain);
	gnutls_free(key.data);
}

static void work_comes_to_an_end(void **state)
{
	unsigned work = 0, times;

	(void)state;
	for (times = 0; anchor_may_work(&work, 300); times++)
		assert_true(times < ANCHOR_WORK_MAX);
	assert_int_equal(times, ANCHOR_WORK_MAX);
	work = 0;
	assert_false(anchor_may_work(&work, 65536));
	assert_int_equal(work, ANCHOR_WORK_MAX);
	assert_false(anchor_may_work(&work, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U11_the_holder_of_the_key_is_trusted_and_nobody_else),
		cmocka_unit_test(it_is_an_authority_without_limits_that_never_ends),
		cmocka_unit_test(names_of_any_length_fit),
		cmocka_unit_test(a_signature_is_all_that_is_looked_at),
		cmocka_unit_test(no_signature_is_verified_with_a_monstrous_key),
		cmocka_unit_test(what_is_no_key_makes_no_anchor),
		cmocka_unit_test(U2_what_no_signature_is_verified_with_is_no_key),
		cmocka_unit_test(U11_each_name_is_read_once_and_work_is_counted),
		cmocka_unit_test(work_comes_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
