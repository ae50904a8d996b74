/* SPDX-License-Identifier: BSD-2-Clause */
/* danests(1): a table of subcommands. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tools/tool.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "query", query_main, "what would Postfix be told about a destination, and why" },
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
	va_list ap;

	fprintf(stderr, "danests %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return EX_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return EX_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("danests %s\n", danests_version());
		return EX_OK;
	}
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "danests: there is no command \"%s\"; see 'danests --help'\n", argv[1]);
	return EX_USAGE;
}
