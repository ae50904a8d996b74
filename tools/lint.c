/* SPDX-License-Identifier: BSD-2-Clause */
/* danests lint: what is to be published, looked at before. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "tools/control.h"
#include "tools/tool.h"

#define ANY 0x7fffffff
#define POLICY_MAX 65536 /* RFC 8461 3.3; one more is read, so that it shows */
#define WARNING "warning: "

struct linting {
	char **args;           /* up to NULL */
	int count;
	struct buf file;       /* of sts-policy */
	danests_lint *result;
};

typedef int lint_fn(struct linting *l);

static int told(int r)
{
	if (r == DANESTS_OK)
		return EX_OK;
	tool_complain("lint", "%s", danests_strerror(r));
	return EX_OSERR;
}

static int with_texts(struct linting *l,
    int (*lint)(danests_lint **, const struct danests_text *, size_t))
{
	struct danests_text *texts = calloc((size_t)l->count, sizeof(*texts));
	int r = DANESTS_ENOMEM;

	for (int i = 0; texts != NULL && i < l->count; i++)
		texts[i] = (struct danests_text){ l->args[i], strlen(l->args[i]) };
	if (texts != NULL)
		r = lint(&l->result, texts, (size_t)l->count);
	free(texts);
	return told(r);
}

static int sts_record(struct linting *l) { return with_texts(l, danests_lint_sts_record); }
static int tlsrpt_record(struct linting *l) { return with_texts(l, danests_lint_tlsrpt_record); }
static int tlsa(struct linting *l) { return with_texts(l, danests_lint_tlsa); }

static int sts_policy(struct linting *l)
{
	int exit_code = tool_read_file("lint", l->args[0], POLICY_MAX, &l->file);

	return exit_code != EX_OK ? exit_code : told(danests_lint_sts_policy(&l->result,
	    l->file.data != NULL ? l->file.data : "", l->file.len));
}

static int mx_match(struct linting *l)
{
	return told(danests_lint_mx_match(&l->result, l->args[0], l->args[1]));
}

static const struct kind {
	const char *name, *args;
	int min, max;
	lint_fn *run;
} kinds[] = {
	{ "sts-record", "TXT...", 1, ANY, sts_record },
	{ "sts-policy", "FILE|-", 1, 1, sts_policy },
	{ "tlsrpt-record", "TXT...", 1, ANY, tlsrpt_record },
	{ "tlsa", "'U S M HEX'...", 1, ANY, tlsa },
	{ "mx-match", "PATTERN HOST", 2, 2, mx_match },
};

static void usage(FILE *out)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		fprintf(out, "%s danests lint [--json] %s %s\n", i == 0 ? "usage:" : "      ",
		    kinds[i].name, kinds[i].args);
	fputs("\nEach TXT is one whole TXT record at _mta-sts or _smtp._tls of a domain, its\n"
	      "strings joined; FILE is what https://mta-sts.DOMAIN/.well-known/mta-sts.txt is\n"
	      "to be.\n\n"
	      "  --json  one JSON document\n"
	      "  --help, --version\n\n"
	      "The first line is the verdict; each line \"warning: ...\" behind it is about what\n"
	      "is valid, and yet may do harm.\n\n"
	      "exit status: 0 valid, match; 1 invalid, no match; 64 usage; 66 no such file\n", out);
}

static bool is_warning(const char *line)
{
	return strncmp(line, WARNING, strlen(WARNING)) == 0;
}

/* A line of 'lint tlsa' about one record. */
static json_t *record_value(const char *text, const char *line)
{
	static const char unusable[] = "unusable: ";
	struct grow out = grow_object();
	bool good = strncmp(line, unusable, sizeof(unusable) - 1) != 0;

	grow_put(&out, "record", grow_text(text));
	grow_put(&out, "usable", json_boolean(good));
	grow_put(&out, "reason", good ? json_null() : grow_text(line + sizeof(unusable) - 1));
	return grow_done(&out);
}

static int print_json(const struct linting *l, const struct kind *kind)
{
	struct grow out = grow_object(), records = grow_array(), warnings = grow_array();
	const char *line;
	int record = 0;

	for (size_t i = 1; i < danests_lint_lines(l->result); i++) {
		line = danests_lint_line(l->result, i);
		if (is_warning(line))
			grow_add(&warnings, grow_text(line + strlen(WARNING)));
		else
			grow_add(&records, record_value(l->args[record++], line));
	}
	grow_put(&out, "what", grow_text(kind->name));
	grow_put(&out, "good", json_boolean(danests_lint_good(l->result)));
	grow_put(&out, "verdict", grow_text(danests_lint_line(l->result, 0)));
	if (record > 0)
		grow_put(&out, "records", grow_done(&records));
	else
		json_decref(grow_done(&records));
	grow_put(&out, "warnings", grow_done(&warnings));
	return control_print_json("lint", grow_done(&out));
}

static int run(const struct kind *kind, struct linting *l, bool json)
{
	int exit_code = kind->run(l);

	if (exit_code == EX_OK && json)
		exit_code = print_json(l, kind);
	for (size_t i = 0; exit_code == EX_OK && !json && i < danests_lint_lines(l->result); i++)
		puts(danests_lint_line(l->result, i));
	if (exit_code == EX_OK && !danests_lint_good(l->result))
		exit_code = 1;
	danests_lint_free(l->result);
	buf_free(&l->file);
	return exit_code;
}

static const struct kind *find_kind(const char *name)
{
	char shown[64];

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	(void)text_printable(shown, sizeof(shown), name, strlen(name));
	tool_complain("lint", "there is no \"%s\"", shown);
	return NULL;
}

/* What is linted may begin with '-': behind the kind only these are options. -1: go on. */
static int read_args(struct linting *l, char **from, bool *json)
{
	bool options = true;

	for (l->count = 0; *from != NULL; from++) {
		if (options && strcmp(*from, "--help") == 0) {
			usage(stdout);
			return EX_OK;
		}
		if (options && strcmp(*from, "--version") == 0) {
			tool_version();
			return EX_OK;
		}
		if (options && strcmp(*from, "--json") == 0)
			*json = true;
		else if (options && strcmp(*from, "--") == 0)
			options = false;
		else
			l->args[l->count++] = *from;
	}
	l->args[l->count] = NULL;
	return -1;
}

int lint_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 },
	};
	const struct kind *kind = NULL;
	struct linting l = {0};
	bool json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (opt == 'h')
			usage(stdout);
		else if (opt == 'v')
			tool_version();
		else if (opt != 'j')
			return EX_USAGE;
		if (opt != 'j')
			return control_flush("lint", EX_OK);
		json = true;
	}
	if (optind < argc) {
		kind = find_kind(argv[optind]);
		l.args = argv + optind + 1;
		if (read_args(&l, l.args, &json) == EX_OK)
			return control_flush("lint", EX_OK);
	}
	if (kind == NULL || l.count < kind->min || l.count > kind->max) {
		usage(stderr);
		return EX_USAGE;
	}
	return control_flush("lint", run(kind, &l, json));
}
