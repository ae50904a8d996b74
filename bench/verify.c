/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long does it take to judge a chain by a TLSA record? Ours beside OpenSSL's own DANE
 * check, both beginning with the certificates in DER, turn by turn in one run.
 *
 *	verify SECONDS HOST 'U S M HEX' CHAIN.pem
 *
 * Prints one line: our verifications a second, OpenSSL's, the ratio.
 */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "danests.h"

enum { CHAIN = 8, SLICES = 20, BATCH = 16 };

static struct danests_der chain[CHAIN];
static size_t count;

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what)
{
	fprintf(stderr, "verify: %s\n", what);
	exit(1);
}

static void read_chain(const char *path)
{
	FILE *in = fopen(path, "r");
	X509 *cert;

	if (in == NULL)
		die(path);
	while (count < CHAIN && (cert = PEM_read_X509(in, NULL, NULL, NULL)) != NULL) {
		unsigned char *der = NULL;
		int len = i2d_X509(cert, &der);

		if (len <= 0)
			die("a certificate has no DER");
		chain[count++] = (struct danests_der){ der, (size_t)len };
		X509_free(cert);
	}
	fclose(in);
	if (count == 0)
		die("no certificates");
}

/* ---- Ours ---- */

static danests_policy *policy;
static const char *host;

static void ours(void)
{
	struct danests_verdict verdict;

	if (danests_verify(policy, NULL, host, chain, count, time(NULL), &verdict) != DANESTS_OK ||
	    !verdict.deliver || verdict.dane.state != DANESTS_PASS)
		die("ours did not pass");
}

/* ---- Theirs ---- */

static SSL *ssl;
static X509_STORE *store;

static void theirs(void)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	for (size_t i = 0; i < count; i++) {
		const unsigned char *p = chain[i].data;

		sk_X509_push(certs, d2i_X509(NULL, &p, (long)chain[i].len));
	}
	if (X509_STORE_CTX_init(ctx, store, sk_X509_value(certs, 0), certs) != 1 ||
	    X509_STORE_CTX_set_default(ctx, "ssl_server") != 1)
		die("OpenSSL: no context");
	X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(ssl));
	X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(ctx), SSL_get0_param(ssl));
	if (X509_verify_cert(ctx) != 1)
		die(X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	X509_STORE_CTX_free(ctx);
	sk_X509_pop_free(certs, X509_free);
}

static void prepare(const char *record)
{
	static uint8_t data[4096];
	struct danests_tlsa tlsa;
	struct danests_made made = { .host = host, .tlsa = &tlsa, .tlsa_count = 1 };
	char problem[256];
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (strlen(record) > sizeof(data) ||
	    danests_tlsa_read(&tlsa, data, record, strlen(record)) != DANESTS_OK ||
	    danests_policy_make(&policy, &made, problem, sizeof(problem)) != DANESTS_OK)
		die("no such TLSA record");
	store = X509_STORE_new();
	if (SSL_CTX_dane_enable(ctx) != 1 || (ssl = SSL_new(ctx)) == NULL ||
	    SSL_dane_enable(ssl, host) != 1 ||
	    SSL_dane_tlsa_add(ssl, tlsa.usage, tlsa.selector, tlsa.mtype, data, tlsa.len) != 1)
		die("OpenSSL does not take the TLSA record");
	/* RFC 7672 3.1.1, as a mail server has it. */
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
}

static double rate(void (*verify)(void), double seconds)
{
	int64_t begin = cpu_us(), end;
	size_t done = 0;

	do {
		for (int i = 0; i < BATCH; i++)
			verify();
		done += BATCH;
		end = cpu_us();
	} while ((double)(end - begin) < seconds * 1e6);
	return (double)done * 1e6 / (double)(end - begin);
}

int main(int argc, char **argv)
{
	double a = 0, b = 0, slice;

	if (argc != 5)
		die("usage: verify SECONDS HOST 'U S M HEX' CHAIN.pem");
	host = argv[2];
	slice = strtod(argv[1], NULL) / SLICES;
	read_chain(argv[4]);
	prepare(argv[3]);
	for (int i = 0; i < SLICES; i++) {
		a += rate(ours, slice) / SLICES;
		b += rate(theirs, slice) / SLICES;
	}
	printf("%.0f %.0f %.2f\n", a, b, a / b);
	return 0;
}
