/* SPDX-License-Identifier: BSD-2-Clause */
#include "cert/trust.h"

#include <stdlib.h>

#include "base/text.h"
#include "cert/pkix.h"

#define ANCHORS_MAX 65536

void anchors_free(struct anchors *anchors)
{
	for (unsigned i = 0; i < anchors->count; i++)
		gnutls_x509_crt_deinit(anchors->crts[i]);
	free(anchors->crts);
	*anchors = (struct anchors){0};
}

static bool make_room(struct anchors *anchors)
{
	unsigned room = anchors->room > 0 ? 2 * anchors->room : 4;
	gnutls_x509_crt_t *more;

	if (anchors->count < anchors->room)
		return true;
	if (room > ANCHORS_MAX)
		return false;
	more = realloc(anchors->crts, room * sizeof(*more));
	if (more == NULL)
		return false;
	anchors->crts = more;
	anchors->room = room;
	return true;
}

int anchors_read(struct anchors *out, gnutls_x509_trust_list_t list)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt;
	int r = GNUTLS_E_MEMORY_ERROR;

	*out = (struct anchors){0};
	while (make_room(out)) {
		r = gnutls_x509_trust_list_iter_get_ca(list, &iter, &crt);
		if (r < 0)
			break;
		out->crts[out->count++] = crt;
	}
	gnutls_x509_trust_list_iter_deinit(iter);
	return r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ? DANESTS_OK : DANESTS_ENOMEM;
}

/* How many there are; below zero: an error of GnuTLS. */
static int load(gnutls_x509_trust_list_t list, const char *path)
{
	if (path != NULL)
		return gnutls_x509_trust_list_add_trust_file(list, path, NULL,
		    GNUTLS_X509_FMT_PEM, 0, 0);
	return gnutls_x509_trust_list_add_system_trust(list, 0, 0);
}

static int take(struct danests_trust **out, gnutls_x509_trust_list_t list)
{
	struct danests_trust *trust = calloc(1, sizeof(*trust));
	int r;

	if (trust == NULL)
		return DANESTS_ENOMEM;
	atomic_init(&trust->refs, 1);
	r = anchors_read(&trust->anchors, list);
	if (r == DANESTS_OK && trust->anchors.count == 0)
		r = DANESTS_ETRUST; /* a token that has them does not show them */
	if (r == DANESTS_OK)
		*out = trust;
	else
		danests_trust_unref(trust);
	return r;
}

static void say_none(char problem[TRUST_PROBLEM], const char *path, int n)
{
	text_format(problem, TRUST_PROBLEM, "%s: no certification authorities%s%s",
	    path != NULL ? path : "the system's certificate store",
	    n < 0 ? ": " : "", n < 0 ? gnutls_strerror(n) : "");
}

int trust_open(struct danests_trust **out, const char *path, char problem[TRUST_PROBLEM])
{
	gnutls_x509_trust_list_t list = NULL;
	int r = DANESTS_ENOMEM, n;

	*out = NULL;
	text_format(problem, TRUST_PROBLEM, "certification authorities: out of memory");
	if (gnutls_x509_trust_list_init(&list, 0) != GNUTLS_E_SUCCESS)
		return r;
	n = load(list, path);
	if (n > 0)
		r = take(out, list);
	else if (n != GNUTLS_E_MEMORY_ERROR)
		r = DANESTS_ETRUST;
	if (r == DANESTS_ETRUST)
		say_none(problem, path, n);
	else if (r == DANESTS_OK)
		problem[0] = '\0';
	gnutls_x509_trust_list_deinit(list, 1);
	return r;
}

ATTR_PUBLIC int danests_trust_system(danests_trust **out)
{
	char problem[TRUST_PROBLEM];

	return trust_open(out, NULL, problem);
}

ATTR_PUBLIC int danests_trust_file(danests_trust **out, const char *path)
{
	char problem[TRUST_PROBLEM];

	return trust_open(out, path, problem);
}

ATTR_PUBLIC danests_trust *danests_trust_ref(danests_trust *trust)
{
	atomic_fetch_add_explicit(&trust->refs, 1, memory_order_relaxed);
	return trust;
}

ATTR_PUBLIC void danests_trust_unref(danests_trust *trust)
{
	if (trust == NULL ||
	    atomic_fetch_sub_explicit(&trust->refs, 1, memory_order_acq_rel) != 1)
		return;
	anchors_free(&trust->anchors);
	free(trust);
}
