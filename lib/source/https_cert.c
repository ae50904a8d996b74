/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https_cert.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define CERTS_MAX 16 /* of a policy host: four are usual */

static const char *pem_of(const struct curl_slist *facts)
{
	static const char mark[] = "Cert:";

	for (; facts != NULL; facts = facts->next) {
		if (strncmp(facts->data, mark, sizeof(mark) - 1) == 0)
			return facts->data + sizeof(mark) - 1;
	}
	return NULL;
}

/* What is wrong; NULL when all was decoded. What was is to be freed in each case. */
static const char *decode(gnutls_datum_t ders[CERTS_MAX], const struct curl_certinfo *info)
{
	size_t bytes = 0;

	if (info == NULL || info->num_of_certs < 1)
		return "the policy host showed no certificate";
	if (info->num_of_certs > CERTS_MAX)
		return "more than 16 certificates";
	for (int i = 0; i < info->num_of_certs; i++) {
		const char *text = pem_of(info->certinfo[i]);
		gnutls_datum_t pem;

		if (text == NULL)
			return "libcurl does not hand out certificates";
		pem.data = (unsigned char *)(void *)(size_t)text;
		pem.size = (unsigned)strlen(text);
		bytes += pem.size;
		if (bytes > 2 * CHAIN_BYTES)
			return "certificates larger than 256 KiB";
		if (gnutls_pem_base64_decode2("CERTIFICATE", &pem, &ders[i]) < 0)
			return "malformed certificate";
	}
	return NULL;
}

static bool judge(const struct danests_trust *trust, const gnutls_datum_t *datums, size_t count,
    const char *host, char why[HTTPS_WHY])
{
	struct danests_der ders[CERTS_MAX];
	struct chain chain;
	bool good = false;
	int r;

	for (size_t i = 0; i < count; i++)
		ders[i] = (struct danests_der){ datums[i].data, datums[i].size };
	r = chain_read(&chain, ders, count, why);
	if (r == DANESTS_OK)
		good = pkix_server(trust, &chain, host, clock_now(), why) == PKIX_GOOD;
	else if (r != DANESTS_EINVAL)
		text_format(why, HTTPS_WHY, "out of memory");
	chain_free(&chain);
	return good;
}

bool https_cert_good(const struct danests_trust *trust, const struct curl_certinfo *info,
    const char *host, char why[HTTPS_WHY])
{
	gnutls_datum_t ders[CERTS_MAX] = {{ NULL, 0 }};
	const char *problem = decode(ders, info);
	bool good = false;

	if (problem == NULL)
		good = judge(trust, ders, (size_t)info->num_of_certs, host, why);
	else
		text_format(why, HTTPS_WHY, "%s", problem);
	for (size_t i = 0; i < COUNT_OF(ders); i++)
		gnutls_free(ders[i].data);
	return good;
}
