/* SPDX-License-Identifier: BSD-2-Clause */
/* danests(1): a table of subcommands. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "tools/tool.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "query", query_main, "what would Postfix be told about a destination, and why" },
	{ "lint", lint_main, "is this record or policy fit to be published" },
	{ "check", check_main, "what does a sender see of a domain, and what should change" },
	{ "verify", verify_main, "would this certificate chain be accepted" },
	{ "cache", cache_main, "the policies that danestsd holds: show, forget, export, import" },
	{ "status", status_main, "what danestsd does, and how it is" },
};

static void usage(FILE *out)
{
	fputs("usage: danests COMMAND [options] ...\n"
	      "       danests --help | --version\n\ncommands:\n", out);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].what);
	fputs("\n'danests COMMAND --help' tells the options; see danests(1).\n", out);
}

void tool_complain(const char *command, const char *fmt, ...)
{
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	(void)text_printable(line, sizeof(line), line, strlen(line));
	fprintf(stderr, "danests %s: %s\n", command, line);
}

void tool_version(void)
{
	printf("danests %s\n", danests_version());
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[32];

	/* getopt's messages begin with it. */
	text_format(name, sizeof(name), "danests %s", command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

static int finish(void)
{
	if (fflush(stdout) == 0)
		return EX_OK;
	fprintf(stderr, "danests: standard output: %s\n", strerror(errno));
	return EX_IOERR;
}

int main(int argc, char **argv)
{
	char wanted[64];

	if (argc < 2) {
		usage(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return finish();
	}
	if (strcmp(argv[1], "--version") == 0) {
		tool_version();
		return finish();
	}
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	(void)text_printable(wanted, sizeof(wanted), argv[1], strlen(argv[1]));
	fprintf(stderr, "danests: there is no command \"%s\"; see 'danests --help'\n", wanted);
	return EX_USAGE;
}
