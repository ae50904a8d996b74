/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/tool.h"
#include "tools/verify.h"

#define CHAIN_MAX (1024 * 1024) /* octets of PEM; no sane chain has a tenth of it */
#define POLICY_MAX 65536        /* RFC 8461 3.3; one more is read, so that it shows */
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

static int no_memory(void)
{
	tool_complain("verify", "out of memory");
	return EX_OSERR;
}

/* ---- TLSA ---- */

/* As far as "U S M". */
static size_t head_length(const char *text)
{
	static const char blanks[] = " \t\r\n";
	const char *at = text;

	for (int word = 0; word < 3; word++) {
		at += strspn(at, blanks);
		at += strcspn(at, blanks);
	}
	return (size_t)(at - text);
}

static int read_record(struct danests_tlsa *out, const char *text)
{
	uint8_t *data = malloc(strlen(text) / 2 + 1);

	if (data == NULL)
		return no_memory();
	out->data = data;
	if (danests_tlsa_read(out, data, text, strlen(text)) == DANESTS_OK)
		return EX_OK;
	/* With data that is none it is a record all the same: there, and unusable (L16). */
	if (danests_tlsa_read(out, data, text, head_length(text)) == DANESTS_OK)
		return EX_OK;
	tool_complain("verify", "--tlsa \"%s\": must be 'U S M HEX', such as '3 1 1' and 64 "
	    "hexadecimal digits", text);
	return EX_USAGE;
}

static int read_tlsa(struct verifying *v)
{
	struct danests_text *texts;
	int exit_code = EX_OK, r = DANESTS_ENOMEM;

	if (v->tlsa_count == 0)
		return EX_OK;
	v->tlsa = calloc(v->tlsa_count, sizeof(*v->tlsa));
	texts = calloc(v->tlsa_count, sizeof(*texts));
	if (v->tlsa == NULL || texts == NULL)
		exit_code = no_memory();
	for (size_t i = 0; exit_code == EX_OK && i < v->tlsa_count; i++) {
		exit_code = read_record(&v->tlsa[i], v->tlsa_texts[i]);
		texts[i] = (struct danests_text){ v->tlsa_texts[i], strlen(v->tlsa_texts[i]) };
	}
	if (exit_code == EX_OK)
		r = danests_lint_tlsa(&v->lint, texts, v->tlsa_count);
	free(texts);
	return exit_code != EX_OK || r == DANESTS_OK ? exit_code : no_memory();
}

/* ---- The chain ---- */

static int bad_chain(const struct verifying *v, const char *what)
{
	tool_complain("verify", "%s: %s", v->chain_path, what);
	return EX_DATAERR;
}

static int keep_certificate(struct verifying *v, const char *begin, const char *end)
{
	gnutls_datum_t pem = { (unsigned char *)begin, (unsigned)(end - begin) }, der;
	struct danests_der *chain;
	int r = gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der);

	if (r == GNUTLS_E_MEMORY_ERROR)
		return no_memory();
	if (r != GNUTLS_E_SUCCESS) {
		tool_complain("verify", "%s: certificate %zu is not PEM: %s", v->chain_path,
		    v->chain_count + 1, gnutls_strerror(r));
		return EX_DATAERR;
	}
	chain = realloc(v->chain, (v->chain_count + 1) * sizeof(*chain));
	if (chain == NULL) {
		gnutls_free(der.data);
		return no_memory();
	}
	v->chain = chain;
	chain[v->chain_count++] = (struct danests_der){ der.data, der.size };
	return EX_OK;
}

/* Keys, comments and whatever else is in such files are passed over. */
static int split_chain(struct verifying *v, const struct buf *pem)
{
	const char *at = pem->data, *end = pem->data + pem->len, *begin, *stop;
	int exit_code = EX_OK;

	while (exit_code == EX_OK && at < end) {
		begin = memmem(at, (size_t)(end - at), BEGIN, sizeof(BEGIN) - 1);
		if (begin == NULL)
			break;
		stop = memmem(begin, (size_t)(end - begin), END, sizeof(END) - 1);
		if (stop == NULL)
			return bad_chain(v, "a certificate without its line \"" END "\"");
		at = stop + sizeof(END) - 1;
		exit_code = keep_certificate(v, begin, at);
	}
	return exit_code;
}

static int read_chain(struct verifying *v)
{
	struct buf pem = {0};
	int exit_code = tool_read_file("verify", v->chain_path, CHAIN_MAX, &pem);

	if (exit_code == EX_OK && pem.len > CHAIN_MAX)
		exit_code = bad_chain(v, "larger than 1 MiB, which no chain is");
	if (exit_code == EX_OK && pem.len > 0)
		exit_code = split_chain(v, &pem);
	if (exit_code == EX_OK && v->chain_count == 0)
		exit_code = bad_chain(v, "there is no certificate in PEM (" BEGIN ")");
	buf_free(&pem);
	return exit_code;
}

/* ---- The policy ---- */

static int read_authorities(struct verifying *v)
{
	int fd, r;

	if (v->ca_path != NULL) {
		fd = open(v->ca_path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) {
			tool_complain("verify", "--ca %s: %s", v->ca_path, strerror(errno));
			return EX_NOINPUT;
		}
		close(fd);
		r = danests_trust_file(&v->trust, v->ca_path);
	} else {
		r = danests_trust_system(&v->trust);
	}
	if (r == DANESTS_OK)
		return EX_OK;
	if (r == DANESTS_ENOMEM)
		return no_memory();
	tool_complain("verify", v->ca_path != NULL ? "--ca %s: no certificates in PEM there" :
	    "%sthe system has no certification authorities; name some with --ca",
	    v->ca_path != NULL ? v->ca_path : "");
	return v->ca_path != NULL ? EX_DATAERR : EX_NOINPUT;
}

static int make_policy(struct verifying *v, const struct buf *text)
{
	struct danests_made made = {
		.host = v->host, .base = v->base,
		.nexthops = v->nexthops, .nexthop_count = v->nexthop_count,
		.tlsa = v->tlsa, .tlsa_count = v->tlsa_count,
		.sts_text = v->policy_path == NULL ? NULL : text->data != NULL ? text->data : "",
		.sts_len = text->len,
	};
	char problem[TOOL_PROBLEM];
	int r = danests_policy_make(&v->policy, &made, problem, sizeof(problem));

	if (r == DANESTS_OK)
		return EX_OK;
	if (r == DANESTS_ENAME) {
		tool_complain("verify", "%s", problem);
		return EX_USAGE;
	}
	if (r == DANESTS_ENOMEM)
		return no_memory();
	tool_complain("verify", "--sts-policy %s: %s", v->policy_path, problem);
	return EX_DATAERR;
}

/* What the command line has comes first: without it no file is of interest. */
int verify_read(struct verifying *v)
{
	struct buf text = {0};
	int exit_code = read_tlsa(v);

	if (exit_code == EX_OK && v->policy_path != NULL)
		exit_code = tool_read_file("verify", v->policy_path, POLICY_MAX, &text);
	if (exit_code == EX_OK)
		exit_code = make_policy(v, &text);
	if (exit_code == EX_OK && v->policy_path != NULL)
		exit_code = read_authorities(v);
	if (exit_code == EX_OK)
		exit_code = read_chain(v);
	buf_free(&text);
	return exit_code;
}

void verify_free(struct verifying *v)
{
	for (size_t i = 0; v->tlsa != NULL && i < v->tlsa_count; i++)
		free((uint8_t *)v->tlsa[i].data);
	for (size_t i = 0; i < v->chain_count; i++)
		gnutls_free((unsigned char *)v->chain[i].data);
	free(v->tlsa);
	free(v->chain);
	free(v->nexthops);
	free(v->tlsa_texts);
	danests_lint_free(v->lint);
	danests_policy_unref(v->policy);
	danests_trust_unref(v->trust);
}
