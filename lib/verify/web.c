/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificate of a policy host (S7, RFC 8461 3.3), for those who fetch by themselves. */
#include <string.h>

#include "base/text.h"
#include "cert/pkix.h"
#include "parse/domain.h"

static void say(struct danests_judgement *out, bool good, const char *reason)
{
	out->state = good ? DANESTS_PASS : DANESTS_FAIL;
	out->fault = good ? NULL : danests_fault("sts-webpki-invalid");
	out->hint = good ? NULL : out->fault->hint;
	out->result = good ? DANESTS_SUCCESS : DANESTS_STS_WEBPKI_INVALID;
	text_format(out->reason, sizeof(out->reason), "%s", reason);
}

static void judge(const danests_trust *trust, const struct domain *host,
    const struct chain *chain, time_t now, struct danests_judgement *out)
{
	char why[CERT_WHY];

	if (pkix_server(trust, chain, host->name, now, why) != PKIX_GOOD) {
		say(out, false, why);
		return;
	}
	text_format(why, sizeof(why), "certificate is good for %s", host->name);
	say(out, true, why);
}

ATTR_PUBLIC int danests_verify_web(const danests_trust *trust, const char *host,
    const struct danests_der *ders, size_t count, time_t now, struct danests_judgement *out)
{
	struct domain domain;
	struct chain chain;
	char why[CERT_WHY];
	int r;

	*out = (struct danests_judgement){ .tlsa = -1, .depth = -1 };
	if (trust == NULL || host == NULL || ders == NULL || count == 0)
		return DANESTS_EINVAL;
	r = domain_parse(&domain, host, strlen(host));
	if (r != DANESTS_OK)
		return r == DANESTS_ENOMEM ? r : DANESTS_EINVAL;
	r = chain_read(&chain, ders, count, why);
	if (r == DANESTS_OK)
		judge(trust, &domain, &chain, now, out);
	else if (r == DANESTS_EINVAL)
		say(out, false, why);
	chain_free(&chain);
	return r == DANESTS_ENOMEM ? r : DANESTS_OK;
}
