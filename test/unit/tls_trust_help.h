/* SPDX-License-Identifier: BSD-2-Clause */
/* A group of tests around one trust store: the root of test/tls. */
#ifndef TLS_TRUST_HELP_H
#define TLS_TRUST_HELP_H

#include "danests.h"
#include "tls_help.h"

static danests_trust *tls_trust;

static inline int tls_open_trust(void **state)
{
	char path[512];

	(void)state;
	tls_path(path, sizeof(path), "root");
	return danests_trust_file(&tls_trust, path);
}

static inline int tls_close_trust(void **state)
{
	(void)state;
	danests_trust_unref(tls_trust);
	return 0;
}

#endif
