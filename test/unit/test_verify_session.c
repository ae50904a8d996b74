/* SPDX-License-Identifier: BSD-2-Clause */
/* danests_gnutls.h: two ends of a session within one program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "danests_gnutls.h"
#include "verify_help.h"

#define NOW ((time_t)1780272000)

static const char x509[] = "NORMAL";
static const char raw[] = "NORMAL:+CTYPE-SRV-RAWPK";

struct ends {
	int fds[2];
	gnutls_session_t client, server;
	gnutls_certificate_credentials_t client_cred, server_cred;
	gnutls_privkey_t key;
	gnutls_datum_t cert, spki; /* of the server */
};

/* A key, its certificate for "base.example", and the same as a raw key. */
static void make_identity(struct ends *e, bool rawpk)
{
	unsigned char serial = 1;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t pub;
	gnutls_pcert_st pcert;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(crt, &serial, 1), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(crt, NOW - 1000), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, NOW + 1000), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(crt, "CN=base.example", NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &e->cert), 0);
	assert_int_equal(gnutls_pubkey_init(&pub), 0);
	assert_int_equal(gnutls_pubkey_import_x509(pub, crt, 0), 0);
	assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &e->spki), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&e->server_cred), 0);
	if (rawpk) {
		assert_int_equal(gnutls_privkey_init(&e->key), 0);
		assert_int_equal(gnutls_privkey_import_x509(e->key, key,
		    GNUTLS_PRIVKEY_IMPORT_COPY), 0);
		assert_int_equal(gnutls_pcert_import_rawpk(&pcert, pub, 0), 0);
		assert_int_equal(gnutls_certificate_set_key(e->server_cred, NULL, 0, &pcert, 1,
		    e->key), 0);
	} else {
		gnutls_pubkey_deinit(pub);
		assert_int_equal(gnutls_certificate_set_x509_key(e->server_cred, &crt, 1, key), 0);
	}
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

static void start(struct ends *e, bool rawpk)
{
	const unsigned flags = GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK;

	*e = (struct ends){ .fds = { -1, -1 } };
	make_identity(e, rawpk);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, e->fds), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&e->client_cred), 0);
	assert_int_equal(gnutls_init(&e->client, GNUTLS_CLIENT | flags), 0);
	assert_int_equal(gnutls_init(&e->server, GNUTLS_SERVER | flags), 0);
	assert_int_equal(gnutls_priority_set_direct(e->client, rawpk ? raw : x509, NULL), 0);
	assert_int_equal(gnutls_priority_set_direct(e->server, rawpk ? raw : x509, NULL), 0);
	gnutls_credentials_set(e->client, GNUTLS_CRD_CERTIFICATE, e->client_cred);
	gnutls_credentials_set(e->server, GNUTLS_CRD_CERTIFICATE, e->server_cred);
	gnutls_transport_set_int(e->client, e->fds[0]);
	gnutls_transport_set_int(e->server, e->fds[1]);
}

static void shake_hands(struct ends *e)
{
	int c = GNUTLS_E_AGAIN, s = GNUTLS_E_AGAIN;

	for (int i = 0; i < 100 && (c != 0 || s != 0); i++) {
		if (c != 0)
			c = gnutls_handshake(e->client);
		if (s != 0)
			s = gnutls_handshake(e->server);
		assert_false(gnutls_error_is_fatal(c) || gnutls_error_is_fatal(s));
	}
	assert_int_equal(c, 0);
	assert_int_equal(s, 0);
}

static void stop(struct ends *e)
{
	gnutls_deinit(e->client);
	gnutls_deinit(e->server);
	gnutls_certificate_free_credentials(e->client_cred);
	gnutls_certificate_free_credentials(e->server_cred);
	gnutls_free(e->cert.data);
	gnutls_free(e->spki.data);
	close(e->fds[0]);
	close(e->fds[1]);
}

static danests_policy *policy_for(const gnutls_datum_t *data, uint8_t usage, uint8_t selector)
{
	const struct danests_tlsa tlsa = { usage, selector, 0, data->size, data->data };
	const struct danests_made made = { .host = "mx.example.com", .base = "base.example",
		.tlsa = &tlsa, .tlsa_count = 1 };
	danests_policy *policy;

	assert_int_equal(danests_policy_make(&policy, &made, NULL, 0), DANESTS_OK);
	return policy;
}

static struct danests_verdict verdict_on(struct ends *e, const danests_policy *policy)
{
	struct danests_verdict v;

	assert_int_equal(danests_gnutls_prepare(e->client, policy, 0), DANESTS_OK);
	shake_hands(e);
	assert_int_equal(danests_gnutls_verify(e->client, policy, NULL, "mx.example.com", NOW,
	    &v), DANESTS_OK);
	return v;
}

static void U15_the_chain_of_a_session_is_judged_and_SNI_is_the_base_domain(void **state)
{
	struct ends e;
	danests_policy *policy;
	char name[256];
	size_t len = sizeof(name);
	unsigned type;

	(void)state;
	start(&e, false);
	policy = policy_for(&e.cert, 3, 0);
	assert_true(verdict_on(&e, policy).deliver);
	assert_int_equal(gnutls_server_name_get(e.server, name, &len, &type, 0), 0);
	assert_string_equal(name, "base.example");
	danests_policy_unref(policy);
	stop(&e);
}

static void a_session_with_another_certificate_is_refused(void **state)
{
	gnutls_datum_t other = tls_der("leaf");
	danests_policy *policy = policy_for(&other, 3, 0);
	struct danests_verdict v;
	struct ends e;

	(void)state;
	start(&e, false);
	v = verdict_on(&e, policy);
	assert_false(v.deliver);
	assert_string_equal(v.fault->token, "tlsa-invalid");
	danests_policy_unref(policy);
	gnutls_free(other.data);
	stop(&e);
}

static void U13_a_raw_public_key_is_judged_as_such(void **state)
{
	danests_policy *policy;
	struct ends e;

	(void)state;
	start(&e, true);
	policy = policy_for(&e.spki, 3, 1);
	assert_true(verdict_on(&e, policy).deliver);
	assert_int_equal(gnutls_certificate_type_get2(e.client, GNUTLS_CTYPE_PEERS),
	    GNUTLS_CRT_RAWPK);
	danests_policy_unref(policy);
	stop(&e);
	start(&e, true);
	policy = policy_for(&e.spki, 2, 1);
	assert_false(verdict_on(&e, policy).deliver);
	danests_policy_unref(policy);
	stop(&e);
}

static void a_session_without_certificate_or_host_is_an_error(void **state)
{
	danests_policy *policy;
	struct danests_verdict v;
	struct ends e;

	(void)state;
	start(&e, false);
	policy = policy_for(&e.cert, 3, 0);
	assert_int_equal(danests_gnutls_prepare(e.client, policy, 1), DANESTS_EINVAL);
	assert_int_equal(danests_gnutls_verify(e.client, policy, NULL, "mx.example.com", NOW, &v),
	    DANESTS_EINVAL);
	danests_policy_unref(policy);
	stop(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U15_the_chain_of_a_session_is_judged_and_SNI_is_the_base_domain),
		cmocka_unit_test(a_session_with_another_certificate_is_refused),
		cmocka_unit_test(U13_a_raw_public_key_is_judged_as_such),
		cmocka_unit_test(a_session_without_certificate_or_host_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
