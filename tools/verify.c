/* SPDX-License-Identifier: BSD-2-Clause */
/* danests verify: would this chain of certificates be accepted? */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/moment.h"
#include "tools/control.h"
#include "tools/tool.h"
#include "tools/verify.h"

static void usage(FILE *out)
{
	fputs("usage: danests verify --host MX [--nexthop D]... [--base B] [--tlsa 'U S M HEX']\n"
	      "                      ... [--sts-policy FILE [--ca FILE]] [--at RFC3339]\n"
	      "                      [--json] CHAIN.pem\n\n"
	      "  --host MX           the MX host, as in the MX record\n"
	      "  --nexthop D         the domain mail is for: a name that DANE-TA accepts, too\n"
	      "  --base B            the TLSA base domain (default: the MX host)\n"
	      "  --tlsa 'U S M HEX'  a TLSA record of that host; any number of them\n"
	      "  --sts-policy FILE   the MTA-STS policy of the domain\n"
	      "  --ca FILE           authorities for MTA-STS, PEM (default: those of the system)\n"
	      "  --at RFC3339        as of then, such as 2026-08-01T12:00:00Z (default: now)\n"
	      "  --json              one JSON document\n"
	      "  --help, --version\n\n"
	      "CHAIN.pem has the certificates as the server sends them, its own first; \"-\" is\n"
	      "standard input.\n\n"
	      "exit status: 0 pass; 1 fail, unusable; 64 usage; 65 no PEM, no valid policy;\n"
	      "66 no such file\n", out);
}

static int misused(const char *what)
{
	tool_complain("verify", "%s", what);
	usage(stderr);
	return EX_USAGE;
}

static int set_time(struct verifying *v, const char *text)
{
	struct moment at;

	if (moment_read(&at, text) && !at.day) {
		v->at = (time_t)at.seconds;
		return -1;
	}
	tool_complain("verify", "--at %s: must be a time of RFC 3339, such as 2026-08-01T12:00:00Z",
	    text);
	return EX_USAGE;
}

/* Which of two was meant, nobody knows. -1: go on. */
static int once(struct verifying *v, int opt)
{
	static const struct {
		int opt;
		const char *words;
	} single[] = {
		{ 'H', "--host is given twice: one host at a time" },
		{ 'b', "--base is given twice" }, { 's', "--sts-policy is given twice" },
		{ 'c', "--ca is given twice: put the certificates into one file" },
		{ 'a', "--at is given twice" },
	};

	for (size_t i = 0; i < COUNT_OF(single); i++) {
		if (opt != single[i].opt)
			continue;
		if (v->given & 1u << i)
			return misused(single[i].words);
		v->given |= 1u << i;
	}
	return -1;
}

/* -1: go on. */
static int set_option(struct verifying *v, int opt)
{
	switch (opt) {
	case 'H': v->host = optarg; break;
	case 'n': v->nexthops[v->nexthop_count++] = optarg; break;
	case 'b': v->base = optarg; break;
	case 't': v->tlsa_texts[v->tlsa_count++] = optarg; break;
	case 's': v->policy_path = optarg; break;
	case 'c': v->ca_path = optarg; break;
	case 'a': return set_time(v, optarg);
	case 'j': v->json = true; break;
	case 'h': usage(stdout); return EX_OK;
	case 'v': tool_version(); return EX_OK;
	default: return EX_USAGE;
	}
	return -1;
}

/* -1: go on. */
static int read_options(struct verifying *v, int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", required_argument, NULL, 'H' },
		{ "nexthop", required_argument, NULL, 'n' },
		{ "base", required_argument, NULL, 'b' }, { "tlsa", required_argument, NULL, 't' },
		{ "sts-policy", required_argument, NULL, 's' },
		{ "ca", required_argument, NULL, 'c' },
		{ "at", required_argument, NULL, 'a' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, exit_code;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		exit_code = once(v, opt);
		if (exit_code < 0)
			exit_code = set_option(v, opt);
		if (exit_code >= 0)
			return exit_code;
	}
	if (v->host == NULL)
		return misused("--host is missing: which MX host is it?");
	if (v->tlsa_count == 0 && v->policy_path == NULL)
		return misused("neither --tlsa nor --sts-policy: nothing to verify by");
	if (optind + 1 != argc)
		return misused(optind == argc ? "which file has the chain?" :
		    "there is more than one file with a chain");
	v->chain_path = argv[optind];
	if (v->policy_path != NULL && strcmp(v->policy_path, "-") == 0 &&
	    strcmp(v->chain_path, "-") == 0)
		return misused("standard input cannot be both the policy and the chain");
	return -1;
}

static int run(struct verifying *v)
{
	int exit_code = verify_read(v), r;

	if (exit_code != EX_OK)
		return exit_code;
	v->host = danests_policy_host(v->policy, 0)->name; /* A-labels, as the policy has it */
	r = danests_verify(v->policy, v->trust, v->host, v->chain, v->chain_count, v->at,
	    &v->verdict);
	if (r != DANESTS_OK) {
		tool_complain("verify", "%s", danests_strerror(r));
		return r == DANESTS_ENOMEM ? EX_OSERR : EX_SOFTWARE;
	}
	exit_code = verify_print(v);
	return exit_code == EX_OK && verify_outcome(v) != VERIFY_PASS ? 1 : exit_code;
}

int verify_main(int argc, char **argv)
{
	struct verifying v = {
		.at = clock_now(),
		.nexthops = calloc((size_t)argc, sizeof(char *)),
		.tlsa_texts = calloc((size_t)argc, sizeof(char *)),
	};
	int exit_code = EX_OSERR;

	if (v.nexthops != NULL && v.tlsa_texts != NULL)
		exit_code = read_options(&v, argc, argv);
	else
		tool_complain("verify", "out of memory");
	if (exit_code < 0)
		exit_code = run(&v);
	verify_free(&v);
	return control_flush("verify", exit_code);
}
