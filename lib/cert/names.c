/* SPDX-License-Identifier: BSD-2-Clause */
/* The names in a certificate that count for a TLS server (rules.md 5.3). */
#include <string.h>

#include "base/text.h"
#include "cert/cert.h"
#include "parse/certname.h"
#include "parse/domain.h"

#define NAME_ROOM (DOMAIN_MAX + 3)
#define CN_MAX 16 /* one is usual; GnuTLS reads the subject anew for each */

/* any: was there a DNS-ID, whatever is in it? What cannot be read may be one. */
static bool each_dns_id(const struct cert *leaf, cert_name_fn *visit, void *arg, bool *any)
{
	char san[NAME_ROOM];

	*any = false;
	for (unsigned i = 0;; i++) {
		unsigned type = GNUTLS_SAN_DNSNAME;
		size_t len = sizeof(san);
		int r = gnutls_x509_crt_get_subject_alt_name2(leaf->crt, i, san, &len, &type,
		    NULL);

		if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return false;
		if (r == GNUTLS_E_SHORT_MEMORY_BUFFER) { /* no DNS name is that long */
			*any = *any || type == GNUTLS_SAN_DNSNAME;
			continue;
		}
		if (r < 0) {
			*any = true;
			return false;
		}
		if (r != GNUTLS_SAN_DNSNAME)
			continue;
		*any = true;
		if (visit(arg, san, len))
			return true;
	}
}

bool cert_each_dns_id(const struct cert *leaf, cert_name_fn *visit, void *arg)
{
	bool any;

	return each_dns_id(leaf, visit, arg, &any);
}

static bool each_common_name(const struct cert *leaf, cert_name_fn *visit, void *arg)
{
	char cn[NAME_ROOM];

	for (unsigned i = 0; i < CN_MAX; i++) {
		size_t len = sizeof(cn);
		int r = gnutls_x509_crt_get_dn_by_oid(leaf->crt, GNUTLS_OID_X520_COMMON_NAME, i,
		    0, cn, &len);

		if (r == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (r < 0)
			return false;
		if (visit(arg, cn, len))
			return true;
	}
	return false;
}

/* RFC 6125 6.4.4: next to a DNS-ID the CN says nothing. */
static bool each_name(const struct cert *leaf, bool allow_cn, cert_name_fn *visit, void *arg)
{
	bool any;

	if (each_dns_id(leaf, visit, arg, &any))
		return true;
	return allow_cn && !any && each_common_name(leaf, visit, arg);
}

static bool is_host(void *arg, const char *name, size_t len)
{
	const char *const *host = arg;

	return certname_match(name, len, *host);
}

bool cert_named(const struct cert *leaf, const char *host, bool allow_cn)
{
	return each_name(leaf, allow_cn, is_host, &host);
}

static bool append(void *arg, const char *name, size_t len)
{
	char *out = arg, shown[NAME_ROOM];
	size_t used = strlen(out);

	text_printable(shown, sizeof(shown), name, len);
	if (used + strlen(shown) + 3 < CERT_WHY)
		text_format(out + used, CERT_WHY - used, "%s%s", used > 0 ? ", " : "", shown);
	return used + sizeof("a.b") + 3 >= CERT_WHY;
}

void cert_names_text(const struct cert *leaf, bool allow_cn, char out[CERT_WHY])
{
	out[0] = '\0';
	(void)each_name(leaf, allow_cn, append, out);
}
