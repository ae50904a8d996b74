/* SPDX-License-Identifier: BSD-2-Clause */
#include "common.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* RFC 5321 4.5.2: lines end with CRLF, a dot at the start of one is doubled. */
static bool read_message(struct common *common)
{
	FILE *out = open_memstream(&common->text, &common->len);
	int c, before = '\n';
	bool good;

	if (out == NULL)
		return false;
	for (; (c = getchar()) != EOF; before = c) {
		if (c == '\r')
			continue;
		if (before == '\n' && c == '.')
			fputc('.', out);
		if (c == '\n')
			fputc('\r', out);
		fputc(c, out);
	}
	fputs(before == '\n' ? ".\r\n" : "\r\n.\r\n", out);
	/* A message that was not read to its end is not sent. */
	good = ferror(stdin) == 0 && ferror(out) == 0;
	return fclose(out) == 0 && good;
}

int common_begin(struct common *common, int argc, char **argv, int least, const char *usage)
{
	const char *ca_file = NULL;
	int c, r;

	signal(SIGPIPE, SIG_IGN);
	if (danests_new(&common->ctx) != DANESTS_OK)
		return EX_OSERR;
	while ((c = getopt(argc, argv, "o:")) == 'o') {
		char *equals = strchr(optarg, '=');

		if (equals == NULL)
			break;
		*equals = '\0';
		if (strcmp(optarg, "ca_file") == 0)
			ca_file = equals + 1;
		if (danests_set(common->ctx, optarg, equals + 1) != DANESTS_OK) {
			fprintf(stderr, "%s\n", danests_problem(common->ctx));
			return EX_USAGE;
		}
	}
	if (c != -1 || argc - optind < least) {
		fprintf(stderr, "usage: %s %s\n", argv[0], usage);
		return EX_USAGE;
	}
	if (danests_open(common->ctx) != DANESTS_OK) {
		fprintf(stderr, "%s\n", danests_problem(common->ctx));
		return EX_CONFIG;
	}
	r = ca_file != NULL ? danests_trust_file(&common->trust, ca_file) :
	    danests_trust_system(&common->trust);
	if (r != DANESTS_OK) {
		fprintf(stderr, "%s: %s\n", ca_file != NULL ? ca_file : "system store",
		    danests_strerror(r));
		return EX_CONFIG;
	}
	if (read_message(common))
		return EX_OK;
	fprintf(stderr, "the message could not be read\n");
	return EX_IOERR;
}

void common_end(struct common *common)
{
	free(common->text);
	danests_trust_unref(common->trust);
	danests_free(common->ctx);
}
