/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates with the n-th allocation failing, for every n: what comes out is
 * DANESTS_ENOMEM, a refusal, or exactly what comes out with memory enough; a chain that is
 * bad never gets good, and nothing leaks (a sanitizer sees to that).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../unit/tls_help.h"
#include "cert/pkix.h"
#include "wrap.h"

/* One try; true when all of it had memory enough. */
typedef bool try_fn(void);

static void sweep(try_fn *attempt, void (*out_of_memory)(unsigned long))
{
	unsigned long n, needed;

	out_of_memory(0);
	assert_true(attempt());
	needed = wrap_counted();
	assert_true(needed > 0);
	for (n = 1; n <= needed; n++) {
		out_of_memory(n);
		assert_false(attempt());
	}
	out_of_memory(0);
}

static void sweep_both(try_fn *attempt)
{
	sweep(attempt, wrap_fail_from);
	sweep(attempt, wrap_fail_only);
}

static bool read_one(void)
{
	static gnutls_datum_t datum;
	struct danests_der der;
	danests_cert *cert;
	int r;

	if (datum.data == NULL)
		datum = tls_der("dns-odd");
	der = (struct danests_der){ datum.data, datum.size };
	r = danests_cert_read(&cert, &der);
	assert_true(r == DANESTS_OK || r == DANESTS_ENOMEM);
	assert_true((r == DANESTS_OK) == (cert != NULL));
	if (cert != NULL)
		assert_int_equal(danests_cert_names(cert), 2);
	danests_cert_free(cert);
	return r == DANESTS_OK;
}

static bool read_chain(void)
{
	static gnutls_datum_t leaf, inter;
	char why[CERT_WHY];
	struct chain chain;
	int r;

	if (leaf.data == NULL) {
		leaf = tls_der("leaf");
		inter = tls_der("inter");
	}

	const struct danests_der ders[] = {
		{ leaf.data, leaf.size }, { inter.data, inter.size },
	};

	r = chain_read(&chain, ders, 2, why);
	assert_true(r == DANESTS_OK || r == DANESTS_ENOMEM);
	chain_free(&chain);
	return r == DANESTS_OK;
}

static bool open_trust(void)
{
	char path[512], problem[TRUST_PROBLEM];
	danests_trust *trust;
	int r;

	tls_path(path, sizeof(path), "root");
	r = trust_open(&trust, path, problem);
	assert_true(r == DANESTS_OK || r == DANESTS_ENOMEM);
	assert_true((r == DANESTS_OK) == (trust != NULL) &&
	    (r == DANESTS_OK) == (problem[0] == '\0'));
	danests_trust_unref(trust);
	return r == DANESTS_OK;
}

static struct chain good, bad;
static gnutls_x509_trust_list_t anchors;

static bool judge(void)
{
	char why[CERT_WHY];
	enum pkix_fault fault;

	assert_int_not_equal(pkix_path(anchors, &bad, TLS_NOW, why), PKIX_GOOD);
	fault = pkix_path(anchors, &good, TLS_NOW, why);
	assert_true(fault == PKIX_GOOD || strcmp(why, "out of memory") == 0);
	return fault == PKIX_GOOD;
}

static void a_certificate_is_read_or_not(void **state)
{
	(void)state;
	sweep_both(read_one);
}

static void a_chain_is_read_or_not(void **state)
{
	(void)state;
	sweep_both(read_chain);
}

static void authorities_are_opened_or_not(void **state)
{
	(void)state;
	sweep_both(open_trust);
}

/* The bad one takes the memory that the good one would need, so only "from". */
static void a_bad_chain_stays_bad(void **state)
{
	(void)state;
	tls_chain(&good, "leaf inter");
	tls_chain(&bad, "leaf-forged inter");
	anchors = tls_anchors("root");
	sweep(judge, wrap_fail_from);
	chain_free(&good);
	chain_free(&bad);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_or_not),
		cmocka_unit_test(a_chain_is_read_or_not),
		cmocka_unit_test(authorities_are_opened_or_not),
		cmocka_unit_test(a_bad_chain_stays_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
