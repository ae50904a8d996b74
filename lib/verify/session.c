/* SPDX-License-Identifier: BSD-2-Clause */
/* danests_gnutls.h: what a session of GnuTLS needs, and what it has. */
#include "danests_gnutls.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

ATTR_PUBLIC int danests_gnutls_prepare(gnutls_session_t session, const danests_policy *policy,
    size_t host)
{
	const char *name;

	if (host >= danests_policy_hosts(policy))
		return DANESTS_EINVAL;
	name = danests_policy_sni(policy, host); /* U15, S18 */
	return gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name)) < 0 ?
	    DANESTS_ENOMEM : DANESTS_OK;
}

static int verify_chain(const gnutls_datum_t *certs, unsigned count,
    const danests_policy *policy, const danests_trust *trust, const char *host, time_t now,
    struct danests_verdict *out)
{
	struct danests_der *chain = calloc(count, sizeof(*chain));
	int r;

	if (chain == NULL)
		return DANESTS_ENOMEM;
	for (unsigned i = 0; i < count; i++)
		chain[i] = (struct danests_der){ certs[i].data, certs[i].size };
	r = danests_verify(policy, trust, host, chain, count, now, out);
	free(chain);
	return r;
}

ATTR_PUBLIC int danests_gnutls_verify(gnutls_session_t session, const danests_policy *policy,
    const danests_trust *trust, const char *host, time_t now, struct danests_verdict *out)
{
	unsigned count = 0;
	const gnutls_datum_t *certs = gnutls_certificate_get_peers(session, &count);
	struct danests_der key;

	if (certs == NULL || count == 0)
		return DANESTS_EINVAL;
	switch (gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS)) {
	case GNUTLS_CRT_X509:
		return verify_chain(certs, count, policy, trust, host, now, out);
	case GNUTLS_CRT_RAWPK:
		key = (struct danests_der){ certs[0].data, certs[0].size };
		return danests_verify_key(policy, host, &key, out);
	default:
		return DANESTS_EINVAL;
	}
}
