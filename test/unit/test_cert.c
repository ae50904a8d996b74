/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <gnutls/abstract.h>

#include "cert/cert.h"
#include "cert/pkix.h"
#include "tls_help.h"

static int read_many(const char *name, size_t count, char why[CERT_WHY])
{
	gnutls_datum_t datum = tls_der(name);
	struct danests_der *ders = calloc(count + 1, sizeof(*ders));
	struct chain chain;
	int r;

	assert_non_null(ders);
	for (size_t i = 0; i < count; i++)
		ders[i] = (struct danests_der){ datum.data, datum.size };
	why[0] = '\0';
	r = chain_read(&chain, ders, count, why);
	if (r == DANESTS_OK)
		assert_int_equal(chain.count, count);
	chain_free(&chain);
	free(ders);
	gnutls_free(datum.data);
	return r;
}

static void a_chain_is_bounded(void **state)
{
	char why[CERT_WHY];

	(void)state;
	assert_int_equal(read_many("leaf", 0, why), DANESTS_EINVAL);
	assert_string_equal(why, "no certificate was shown");
	assert_int_equal(read_many("leaf", CHAIN_MAX, why), DANESTS_OK);
	assert_int_equal(read_many("leaf", CHAIN_MAX + 1, why), DANESTS_EINVAL);
	assert_string_equal(why, "more than 32 certificates");
	assert_int_equal(read_many("dns-many", 5, why), DANESTS_OK);
	assert_int_equal(read_many("dns-many", 12, why), DANESTS_EINVAL);
	assert_string_equal(why, "certificates larger than 256 KiB");
}

static int read_octets(const void *data, size_t len, char why[CERT_WHY])
{
	struct danests_der der = { data, len };
	struct chain chain;
	int r = chain_read(&chain, &der, 1, why);

	chain_free(&chain);
	return r;
}

static void what_is_no_certificate_is_refused(void **state)
{
	gnutls_datum_t der = tls_der("leaf");
	uint8_t *copy = malloc(der.size + 1);
	char why[CERT_WHY] = "";

	(void)state;
	assert_non_null(copy);
	memcpy(copy, der.data, der.size);
	copy[der.size] = 0;
	for (unsigned len = 0; len < der.size; len++)
		assert_int_equal(read_octets(copy, len, why), DANESTS_EINVAL);
	assert_string_equal(why, "malformed certificate");
	assert_int_equal(read_octets(copy, der.size, why), DANESTS_OK);
	assert_int_equal(read_octets(copy, der.size + 1, why), DANESTS_EINVAL);
	assert_int_equal(read_octets(NULL, 5, why), DANESTS_EINVAL);
	assert_int_equal(read_octets("nonsense", 8, why), DANESTS_EINVAL);
	assert_int_equal(read_octets(copy, CHAIN_BYTES + 1, why), DANESTS_EINVAL);
	assert_string_equal(why, "certificates larger than 256 KiB");
	free(copy);
	gnutls_free(der.data);
}

static void one_bad_certificate_spoils_the_chain(void **state)
{
	gnutls_datum_t der = tls_der("leaf");
	const struct danests_der ders[] = {
		{ der.data, der.size }, { (const uint8_t *)"\x30\x01\x00", 3 },
		{ der.data, der.size },
	};
	char why[CERT_WHY] = "";
	struct chain chain;

	(void)state;
	assert_int_equal(chain_read(&chain, ders, 3, why), DANESTS_EINVAL);
	assert_string_equal(why, "malformed certificate");
	chain_free(&chain);
	chain_free(&chain);
	chain_free(NULL);
	cert_free(NULL);
	gnutls_free(der.data);
}

/* Refused before GnuTLS takes seconds for it, or for what is asked of it later. */
static void what_is_larger_than_any_real_one_is_refused(void **state)
{
	static const struct {
		const char *name;
		bool fits;
	} table[] = {
		{ "dns-many", true },
		{ "large", false },
		{ "large-name-fits", true },
		{ "large-name", false },
		{ "large-issuer", false },
		{ "large-issuer-by", false },
		{ "large-id-fits", true },
		{ "large-id", false },
		{ "large-issuer-id", false },
		{ "large-count-fits", true },
		{ "large-count", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		gnutls_datum_t der = tls_der(table[i].name);
		char why[CERT_WHY] = "";

		if (read_octets(der.data, der.size, why) !=
		    (table[i].fits ? DANESTS_OK : DANESTS_EINVAL))
			fail_msg("%s: %s", table[i].name, why);
		assert_string_equal(why, table[i].fits ? "" : "malformed certificate");
		gnutls_free(der.data);
	}
}

static unsigned questions;

/* In place of that of the library, for all of us. */
unsigned gnutls_x509_crt_check_issuer(gnutls_x509_crt_t cert, gnutls_x509_crt_t issuer)
{
	unsigned (*real)(gnutls_x509_crt_t, gnutls_x509_crt_t);

	*(void **)&real = dlsym(RTLD_NEXT, "gnutls_x509_crt_check_issuer");
	assert_non_null(real);
	questions++;
	return real(cert, issuer);
}

static void who_issued_whom_is_what_gnutls_says(void **state)
{
	static const char names[] = "leaf inter root inter-cross inter-stranger old-root stranger "
	    "root-renewed inter-forged leaf-forged leaf-twin twin twin0 knot-a knot-b leaf-knot "
	    "self self-ca v1-root v1-inter leaf-v1-inter pss-long-root pss-long-leaf "
	    "leaf-root-no-basic root-no-basic large-id-fits";
	struct chain chain;

	(void)state;
	tls_chain(&chain, names);
	for (unsigned i = 0; i < chain.count; i++) {
		for (unsigned j = 0; j < chain.count; j++) {
			const struct cert *a = &chain.certs[i], *b = &chain.certs[j];

			if (cert_issued_by(a, b) !=
			    (gnutls_x509_crt_check_issuer(a->crt, b->crt) != 0))
				fail_msg("%u by %u", i, j);
		}
	}
	chain_free(&chain);
}

/* Its ways are followed for hundreds of steps: GnuTLS would be asked 9000 times. */
static void in_a_knot_gnutls_is_hardly_asked(void **state)
{
	gnutls_x509_trust_list_t anchors = tls_anchors("root knot-a");
	struct chain chain;
	char why[CERT_WHY];

	(void)state;
	tls_chain(&chain, "leaf-knot knot-b knot-a knot-b knot-a knot-b knot-a knot-b knot-a "
	    "knot-b knot-a knot-b knot-a knot-b knot-a knot-b knot-a knot-b knot-a");
	questions = 0;
	assert_int_not_equal(pkix_path(anchors, &chain, TLS_NOW, why), PKIX_NAME);
	assert_in_range(questions, 1, CHAIN_MAX + 2 * 64);
	gnutls_x509_trust_list_deinit(anchors, 1);
	anchors = tls_anchors("root");
	questions = 0;
	assert_int_equal(pkix_path(anchors, &chain, TLS_NOW, why), PKIX_UNTRUSTED);
	assert_in_range(questions, 0, 2);
	gnutls_x509_trust_list_deinit(anchors, 1);
	chain_free(&chain);
}

/* Found by us, and understood and written anew by GnuTLS. */
static void the_key_is_the_key(void **state)
{
	static const char *const names[] = { "leaf", "rsa-leaf", "ed-leaf", "root", "dns-many" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		gnutls_datum_t theirs;
		gnutls_pubkey_t key;
		struct chain chain;

		tls_chain(&chain, names[i]);
		assert_int_equal(gnutls_pubkey_init(&key), 0);
		assert_int_equal(gnutls_pubkey_import_x509(key, chain.certs[0].crt, 0), 0);
		assert_int_equal(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &theirs), 0);
		assert_int_equal(cert_spki(&chain.certs[0])->size, theirs.size);
		assert_memory_equal(cert_spki(&chain.certs[0])->data, theirs.data, theirs.size);
		gnutls_free(theirs.data);
		gnutls_pubkey_deinit(key);
		chain_free(&chain);
	}
}

struct naming {
	const char *cert, *host;
	bool san, cn; /* named by a DNS-ID alone; with common names allowed */
};

static void S18_names_by_dns_id_and_U8_by_common_name_only_without(void **state)
{
	static const struct naming table[] = {
		{ "leaf", "mx.example.com", true, true },
		{ "leaf", "a.wild.example.com", true, true },
		{ "leaf", "wild.example.com", false, false },
		{ "leaf", "a.b.wild.example.com", false, false },
		{ "leaf", "example.com", false, false },
		{ "cn-only", "mx.example.com", false, true },
		{ "cn-only", "mx.example.org", false, false },
		{ "cn-mail", "mx.example.com", false, true },
		{ "cn-ip", "mx.example.com", false, true },
		{ "cn-long-uri", "mx.example.com", false, true },
		{ "cn-dns", "mx.example.com", false, false },     /* beside a DNS-ID */
		{ "cn-dns", "other.example.com", true, true },
		{ "cn-long-dns", "mx.example.com", false, false },
		{ "cn-two", "mx.example.com", false, true },
		{ "cn-two", "first.example.com", false, true },
		{ "cn-none", "mx.example.com", false, false },
		{ "cn-nul", "mx.example.com", false, false },
		{ "dns-nul", "mx.example.com", false, false },
		{ "dns-odd", "mx.example.com", true, true },      /* letter case */
		{ "dns-many", "mx.example.com", true, true },     /* the last of 1501 */
		{ "dns-many", "h1499.example.net", true, true },
		{ "dns-many", "h1500.example.net", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct chain chain;

		tls_chain(&chain, table[i].cert);
		if (cert_named(&chain.certs[0], table[i].host, false) != table[i].san ||
		    cert_named(&chain.certs[0], table[i].host, true) != table[i].cn)
			fail_msg("%s for %s", table[i].cert, table[i].host);
		chain_free(&chain);
	}
}

static void names_for_people_are_printable_and_fit(void **state)
{
	static const struct {
		const char *cert, *dns, *any;
	} table[] = {
		{ "leaf", "mx.example.com, *.wild.example.com",
		  "mx.example.com, *.wild.example.com" },
		{ "cn-only", "", "mx.example.com" },
		{ "cn-two", "", "first.example.com, mx.example.com" },
		{ "cn-dns", "other.example.com", "other.example.com" },
		{ "dns-odd", "a?[2Jb.example.com, MX.EXAMPLE.COM",
		  "a?[2Jb.example.com, MX.EXAMPLE.COM" },
		{ "cn-none", "", "" },
		{ "cn-long-dns", "", "" },
	};
	char text[CERT_WHY];
	struct chain chain;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		tls_chain(&chain, table[i].cert);
		cert_names_text(&chain.certs[0], false, text);
		assert_string_equal(text, table[i].dns);
		cert_names_text(&chain.certs[0], true, text);
		assert_string_equal(text, table[i].any);
		chain_free(&chain);
	}
	tls_chain(&chain, "dns-many");
	cert_names_text(&chain.certs[0], false, text);
	assert_true(strlen(text) < CERT_WHY && strlen(text) > CERT_WHY - 30);
	assert_int_equal(memcmp(text, "h0.example.net, h1", 18), 0);
	assert_string_equal(text + strlen(text) - strlen(".example.net"), ".example.net");
	chain_free(&chain);
}

static void dates_in_words(void **state)
{
	char text[CERT_WHY];

	(void)state;
	cert_date_text(text, "it ended", 0);
	assert_string_equal(text, "it ended on 1970-01-01");
	cert_date_text(text, "it ended", TLS_NOW);
	assert_string_equal(text, "it ended on 2026-06-01");
	cert_date_text(text, "it ended", -1);
	assert_string_equal(text, "it ended on an unknown date");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_is_bounded),
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(one_bad_certificate_spoils_the_chain),
		cmocka_unit_test(what_is_larger_than_any_real_one_is_refused),
		cmocka_unit_test(who_issued_whom_is_what_gnutls_says),
		cmocka_unit_test(in_a_knot_gnutls_is_hardly_asked),
		cmocka_unit_test(the_key_is_the_key),
		cmocka_unit_test(S18_names_by_dns_id_and_U8_by_common_name_only_without),
		cmocka_unit_test(names_for_people_are_printable_and_fit),
		cmocka_unit_test(dates_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
