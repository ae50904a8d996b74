/* SPDX-License-Identifier: BSD-2-Clause */
/* What curl hands out of a connection, and what is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "source/https_cert.h"
#include "tls_trust_help.h"

#define CERTS 20

static time_t now;

time_t clock_now(void) { return now; }
int64_t clock_mono_ms(void) { return 0; }
int64_t clock_mono_us(void) { return 0; }

/* As CURLINFO_CERTINFO: a list of "Name:value" for each certificate. */
struct shown {
	struct curl_certinfo info;
	struct curl_slist *lists[CERTS];
};

static struct curl_slist *facts(const char *name)
{
	struct curl_slist *list = curl_slist_append(NULL, "Subject:CN = whoever");
	gnutls_datum_t der = tls_der(name), pem;
	char text[65536];

	assert_int_equal(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem), 0);
	snprintf(text, sizeof(text), "Cert:%.*s", (int)pem.size, (const char *)pem.data);
	list = curl_slist_append(list, text);
	assert_non_null(list);
	gnutls_free(der.data);
	gnutls_free(pem.data);
	return list;
}

static void show(struct shown *out, const char *names)
{
	char word[64];

	*out = (struct shown){0};
	out->info.certinfo = out->lists;
	while (tls_word(&names, word, sizeof(word)))
		out->lists[out->info.num_of_certs++] = facts(word);
}

static void hide(struct shown *shown)
{
	for (int i = 0; i < shown->info.num_of_certs; i++)
		curl_slist_free_all(shown->lists[i]);
}

static void expect(const char *names, const char *host, const char *wanted)
{
	char why[HTTPS_WHY] = "";
	struct shown shown;
	bool good;

	show(&shown, names);
	good = https_cert_good(tls_trust, &shown.info, host, why);
	assert_string_equal(why, wanted);
	assert_int_equal(good, wanted[0] == '\0');
	hide(&shown);
}

static void S7_chains_as_curl_tells_them(void **state)
{
	(void)state;
	now = TLS_NOW;
	expect("leaf inter", "mx.example.com", "");
	expect("leaf inter root", "a.wild.example.com", "");
	expect("leaf", "mx.example.com", "certificate's issuer is not trusted: CN=inter");
	expect("cn-only inter", "mx.example.com",
	    "certificate is not for mx.example.com (no DNS names)");
	expect("leaf-early inter", "mx.example.com", "certificate becomes valid on 2026-07-08");
}

static void the_time_is_that_of_the_clock(void **state)
{
	(void)state;
	now = 1798761600;
	expect("leaf inter", "mx.example.com", "");
	now++;
	expect("leaf inter", "mx.example.com", "certificate expired on 2027-01-01");
	now = TLS_NOW;
}

static void sixteen_certificates_are_enough(void **state)
{
	(void)state;
	expect("leaf root root root root root root root root root root root root root root inter",
	    "mx.example.com", "");
	expect("leaf root root root root root root root root root root root root root root inter "
	    "root", "mx.example.com", "more than 16 certificates");
	expect("leaf dns-many dns-many dns-many dns-many dns-many dns-many dns-many dns-many "
	    "dns-many dns-many dns-many dns-many inter", "mx.example.com",
	    "certificates larger than 256 KiB");
}

static void without_a_chain_nothing_is_good(void **state)
{
	char why[HTTPS_WHY] = "";
	struct shown shown;

	(void)state;
	assert_false(https_cert_good(tls_trust, NULL, "mx.example.com", why));
	assert_string_equal(why, "the policy host showed no certificate");
	expect("", "mx.example.com", "the policy host showed no certificate");
	show(&shown, "leaf inter");
	memcpy(shown.lists[1]->next->data, "Card", 4);
	assert_false(https_cert_good(tls_trust, &shown.info, "mx.example.com", why));
	assert_string_equal(why, "libcurl does not hand out certificates");
	memcpy(shown.lists[1]->next->data, "Cert", 4);
	shown.lists[1]->next->data[40] = '!';
	assert_false(https_cert_good(tls_trust, &shown.info, "mx.example.com", why));
	assert_string_equal(why, "malformed certificate");
	hide(&shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S7_chains_as_curl_tells_them),
		cmocka_unit_test(the_time_is_that_of_the_clock),
		cmocka_unit_test(sixteen_certificates_are_enough),
		cmocka_unit_test(without_a_chain_nothing_is_good),
	};

	return cmocka_run_group_tests(tests, tls_open_trust, tls_close_trust);
}
