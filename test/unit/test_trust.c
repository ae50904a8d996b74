/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "cert/pkix.h"
#include "tls_help.h"

static danests_trust *trust_of(const char *name)
{
	danests_trust *trust = NULL;
	char path[512];

	tls_path(path, sizeof(path), name);
	assert_int_equal(danests_trust_file(&trust, path), DANESTS_OK);
	assert_non_null(trust);
	return trust;
}

static void a_file_without_authorities_is_refused(void **state)
{
	danests_trust *trust = (danests_trust *)(void *)state;
	char problem[TRUST_PROBLEM];

	assert_int_equal(trust_open(&trust, "/dev/null", problem), DANESTS_ETRUST);
	assert_null(trust);
	assert_memory_equal(problem, "/dev/null: no certification authorities", 39);
	assert_int_equal(trust_open(&trust, "/nonexistent", problem), DANESTS_ETRUST);
	assert_memory_equal(problem, "/nonexistent: no certification authorities", 42);
	assert_int_equal(danests_trust_file(&trust, "/nonexistent"), DANESTS_ETRUST);
	assert_null(trust);
	danests_trust_unref(NULL);
}

struct expect {
	const char *authorities, *chain, *host;
	enum pkix_fault fault;
	const char *why;
};

static void S7_S18_what_a_server_must_show(void **state)
{
	static const struct expect table[] = {
		{ "root", "leaf inter", "mx.example.com", PKIX_GOOD, "" },
		{ "root", "leaf inter", "a.wild.example.com", PKIX_GOOD, "" },
		{ "root", "leaf inter", "mx.example.org", PKIX_NAME, "certificate is not for "
		  "mx.example.org (its names: mx.example.com, *.wild.example.com)" },
		{ "root", "cn-only inter", "mx.example.com", PKIX_NAME,
		  "certificate is not for mx.example.com (no DNS names)" },
		{ "root", "cn-dns inter", "mx.example.com", PKIX_NAME,
		  "certificate is not for mx.example.com (its names: other.example.com)" },
		{ "root", "leaf-over inter", "mx.example.org", PKIX_EXPIRED,
		  "certificate expired on 2026-02-03" },
		{ "root", "leaf-client inter", "mx.example.org", PKIX_UNTRUSTED,
		  "certificate is not for servers" },
		{ "inter", "leaf inter", "mx.example.com", PKIX_GOOD, "" },
		/* Somebody trusts just this one. */
		{ "self", "self", "mx.example.com", PKIX_GOOD, "" },
		{ "self-ca", "self-ca", "mx.example.com", PKIX_GOOD, "" },
		{ "self", "self", "mx.example.org", PKIX_NAME,
		  "certificate is not for mx.example.org (its names: mx.example.com)" },
		{ "leaf-client", "leaf-client", "mx.example.com", PKIX_UNTRUSTED,
		  "certificate is not for servers" },
		{ "leaf-over", "leaf-over", "mx.example.com", PKIX_EXPIRED,
		  "certificate expired on 2026-02-03" },
		{ "leaf-rsa1024", "leaf-rsa1024", "mx.example.com", PKIX_UNTRUSTED,
		  "certificate uses a key or signature that is too weak" },
		{ "self", "self-ca", "mx.example.com", PKIX_UNTRUSTED,
		  "certificate is self-signed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		danests_trust *trust = trust_of(table[i].authorities);
		char why[CERT_WHY] = "";
		struct chain chain;
		enum pkix_fault fault;

		tls_chain(&chain, table[i].chain);
		fault = pkix_server(trust, &chain, table[i].host, TLS_NOW, why);
		if (fault != table[i].fault || strcmp(why, table[i].why) != 0)
			fail_msg("%s for %s: %u \"%s\"", table[i].chain, table[i].host, fault, why);
		chain_free(&chain);
		danests_trust_unref(trust);
	}
}

/* Not all machines have them; where there are some, ours is not among them. */
static void the_systems_authorities(void **state)
{
	danests_trust *trust = NULL;
	int r = danests_trust_system(&trust);
	char why[CERT_WHY];
	struct chain chain;

	(void)state;
	if (r == DANESTS_OK) {
		tls_chain(&chain, "leaf inter root");
		assert_int_equal(pkix_server(trust, &chain, "mx.example.com", TLS_NOW, why),
		    PKIX_UNTRUSTED);
		assert_string_equal(why, "certificate's issuer is not trusted: CN=root");
		chain_free(&chain);
		danests_trust_unref(trust);
	} else {
		assert_int_equal(r, DANESTS_ETRUST);
		assert_null(trust);
	}
}

static void *verify_often(void *arg)
{
	danests_trust *trust = arg;
	struct chain chain;
	char why[CERT_WHY];
	size_t good = 0;

	tls_chain(&chain, "leaf stranger inter-cross inter");
	for (int i = 0; i < 20; i++) {
		danests_trust *mine = danests_trust_ref(trust);

		good += pkix_server(mine, &chain, "mx.example.com", TLS_NOW, why) == PKIX_GOOD;
		good += pkix_server(mine, &chain, "mx.example.org", TLS_NOW, why) == PKIX_NAME;
		danests_trust_unref(mine);
	}
	chain_free(&chain);
	danests_trust_unref(trust);
	return (void *)good;
}

static void threads_share_authorities(void **state)
{
	danests_trust *trust = trust_of("root");
	pthread_t threads[4];
	void *good;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often,
		    danests_trust_ref(trust)), 0);
	danests_trust_unref(trust); /* the last of them frees it */
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_int_equal((size_t)good, 40);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_authorities_is_refused),
		cmocka_unit_test(S7_S18_what_a_server_must_show),
		cmocka_unit_test(the_systems_authorities),
		cmocka_unit_test(threads_share_authorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
