/* SPDX-License-Identifier: BSD-2-Clause */
/* Where trust anchors are found. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "danests.h"
#include "source/dns_anchor.h"
#include "source/dns_conf.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define FILE_MAX ((size_t)1 << 20)

static const char *const usual_places[] = {
	SYSCONFDIR "/danests/root.key", "/usr/share/dns/root.key", "/etc/unbound/root.key",
	"/var/lib/unbound/root.key", "/usr/local/etc/unbound/root.key",
	"/etc/trusted-key.key", "/usr/share/dnssec-root/trusted-key.key",
};

static int load(struct dns_anchors *out, const char *path, char *problem, size_t size)
{
	struct buf text = {0};
	int r = dns_file_read(path, FILE_MAX, &text);

	if (r == DANESTS_ESYSTEM) {
		text_format(problem, size, "trust anchor %s: %s", path, strerror(errno));
		r = DANESTS_ERESOLVER;
	}
	if (r == DANESTS_OK)
		r = dns_anchors_parse(out, path, text.len > 0 ? text.data : "", text.len,
		    problem, size);
	buf_free(&text);
	return r;
}

int dns_anchors_load(struct dns_anchors *out, const char *path, char *problem, size_t size)
{
	*out = (struct dns_anchors){0};
	if (path != NULL)
		return load(out, path, problem, size);
	for (size_t i = 0; i < COUNT_OF(usual_places); i++)
		if (access(usual_places[i], F_OK) == 0)
			return load(out, usual_places[i], problem, size);
	text_format(problem, size, "no trust anchor found (looked in %s, %s and other usual "
	    "places): install dns-root-data or set trust_anchor", usual_places[0],
	    usual_places[1]);
	return DANESTS_ERESOLVER;
}
