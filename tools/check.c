/* SPDX-License-Identifier: BSD-2-Clause */
/* danests check: options, and the exit code. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "tools/check.h"
#include "tools/control.h"
#include "tools/tool.h"

#define TIMEOUT_DEFAULT 30 /* seconds, for one address */
#define TIMEOUT_MAX 600

struct check {
	struct tool_direct lib;
	struct check_options options;
	struct check_list list;
	danests_trust *trust;
	const char *ca_file;
	const char *colour;  /* auto, always, never */
	char helo[256];
	struct grow results; /* with --json */
	int verdict;         /* 0, 1, 2, 75: the worst so far */
	bool only_help;
};

static void usage(FILE *out)
{
	fputs("usage: danests check [options] [-f FILE] DOMAIN...\n\n"
	      "  -f FILE            more domains, one a line, # begins a comment; - is stdin\n"
	      "  --no-smtp          connect to no mail server\n"
	      "  --port N           the port of the mail servers (default: 25)\n"
	      "  --timeout SECONDS  for one address, all of it together (default: 30)\n"
	      "  --helo NAME        what we call ourselves (default: the name of this host)\n"
	      "  -o name=value      a parameter of danestsd.conf(5), as resolver or ca_file\n"
	      "  --json             one JSON document\n"
	      "  --color WHEN       auto (default), always, never\n"
	      "  --help, --version\n\n"
	      "exit status: 0 good; 1 a sender would hold mail; 2 warnings only;\n"
	      "75 could not tell; 64 usage; 65, 66 a FILE; 78 a parameter\n", out);
}

/* Of -o the one parameter that we use ourselves: mail servers are judged by the same
 * authorities as policy hosts. */
static int take_parameter(struct check *check, const char *option)
{
	int r = tool_direct_option(&check->lib, "check", option);
	const char *value = option + strcspn(option, "=");

	if (r != EX_OK || strncmp(option, "ca_file", 7) != 0 ||
	    strspn(option + 7, " \t") != (size_t)(value - option - 7))
		return r;
	value += 1 + strspn(value + 1, " \t");
	check->ca_file = value[0] != '\0' ? value : NULL;
	return EX_OK;
}

static int take_number(const char *name, const char *text, uint64_t max, uint64_t *out)
{
	if (text_number(text, strlen(text), 1, max, out))
		return EX_OK;
	tool_complain("check", "--%s %s: must be a number from 1 to %llu", name, text,
	    (unsigned long long)max);
	return EX_USAGE;
}

/* It stands in a line of a dialogue. */
static int take_helo(struct check *check, const char *name)
{
	size_t len = strlen(name);
	bool good = len > 0 && len < sizeof(check->helo);

	for (size_t i = 0; good && i < len; i++)
		good = text_is_alnum(name[i]) || strchr("-._[]:", name[i]) != NULL;
	if (!good) {
		tool_complain("check", "--helo %s: not a name", name);
		return EX_USAGE;
	}
	memcpy(check->helo, name, len + 1);
	return EX_OK;
}

static int take_colour(struct check *check, const char *when)
{
	check->colour = when;
	if (strcmp(when, "auto") == 0 || strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
		return EX_OK;
	tool_complain("check", "--color %s: must be auto, always or never", when);
	return EX_USAGE;
}

static int take(struct check *check, int opt)
{
	uint64_t number = 0;
	int r = EX_OK;

	switch (opt) {
	case 'f':
		return check_list_file(&check->list, optarg);
	case 'o':
		return take_parameter(check, optarg);
	case 'n':
		check->options.smtp = false;
		return EX_OK;
	case 'j':
		check->options.json = true;
		return EX_OK;
	case 'c':
		return take_colour(check, optarg);
	case 'e':
		return take_helo(check, optarg);
	case 'p':
		r = take_number("port", optarg, 65535, &number);
		check->options.port = (unsigned int)number;
		return r;
	case 't':
		r = take_number("timeout", optarg, TIMEOUT_MAX, &number);
		check->options.timeout_ms = (int)number * 1000;
		return r;
	case 'h':
		usage(stdout);
		check->only_help = true;
		return EX_OK;
	case 'v':
		tool_version();
		check->only_help = true;
		return EX_OK;
	default:
		return EX_USAGE;
	}
}

static int take_names(struct check *check, char **names)
{
	struct check_domain domain;
	int r = EX_OK;

	for (; *names != NULL && r == EX_OK; names++) {
		if (check_domain_name(&domain, *names, 0) != DANESTS_OK) {
			tool_complain("check", "not a domain: \"%s\"", *names);
			return EX_USAGE;
		}
		r = check_list_add(&check->list, *names, strlen(*names));
	}
	return r;
}

static int take_options(struct check *check, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "no-smtp", no_argument, NULL, 'n' },
		{ "port", required_argument, NULL, 'p' }, { "timeout", required_argument, NULL, 't'
		    },
		{ "helo", required_argument, NULL, 'e' }, { "color", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	bool from_file = false;
	int opt, r = EX_OK;

	while (r == EX_OK && !check->only_help &&
	    (opt = getopt_long(argc, argv, "f:o:h", options, NULL)) != -1) {
		from_file |= opt == 'f';
		r = take(check, opt);
	}
	if (r != EX_OK || check->only_help)
		return r;
	if (optind == argc && !from_file) {
		usage(stderr);
		return EX_USAGE;
	}
	r = take_names(check, argv + optind);
	if (r == EX_OK && check->list.count == 0) {
		tool_complain("check", "no domain in what -f names");
		return EX_DATAERR;
	}
	return r;
}

/* ---- What is made of it ---- */

static int ready(void *arg, const struct check_domain *domain,
    const struct check_findings *findings)
{
	struct check *check = arg;

	check->verdict = check_worse(check->verdict, check_exit(findings));
	if (check->options.json) {
		grow_add(&check->results, check_value(domain, findings));
		return EX_OK;
	}
	check_print(domain, findings, &check->options.look);
	/* Whoever reads it sees each domain as soon as it is there. */
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int print_json(struct check *check)
{
	struct grow root = grow_object();
	json_t *results = grow_done(&check->results), *value;
	char *text = NULL;

	grow_put(&root, "results", results);
	value = grow_done(&root);
	if (value != NULL)
		text = json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(value);
	if (text == NULL) {
		tool_complain("check", "out of memory");
		return EX_OSERR;
	}
	puts(text);
	free(text);
	return EX_OK;
}

/* What mail servers call this host: a name of theirs may be asked for. */
static void default_helo(struct check *check)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-.";

	if (check->helo[0] != '\0')
		return;
	if (gethostname(check->helo, sizeof(check->helo) - 1) != 0 || check->helo[0] == '\0' ||
	    check->helo[strspn(check->helo, letters)] != '\0')
		text_format(check->helo, sizeof(check->helo), "localhost");
}

static void look(struct check *check)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	bool dumb = term == NULL || strcmp(term, "dumb") == 0;

	check->options.look.colour = strcmp(check->colour, "always") == 0 ||
	    (strcmp(check->colour, "auto") == 0 && isatty(STDOUT_FILENO) && !dumb &&
	    (no == NULL || no[0] == '\0'));
	check->options.progress = isatty(STDERR_FILENO) && !dumb;
}

static int open_trust(struct check *check)
{
	int r = check->ca_file != NULL ? danests_trust_file(&check->trust, check->ca_file) :
	    danests_trust_system(&check->trust);

	if (r == DANESTS_OK)
		return EX_OK;
	tool_complain("check", "%s: %s", check->ca_file != NULL ? check->ca_file :
	    "certificates of the system", danests_strerror(r));
	return r == DANESTS_ETRUST ? EX_CONFIG : EX_OSERR;
}

static int run(struct check *check)
{
	char problem[TOOL_PROBLEM];
	int r = tool_direct_open(&check->lib, problem);

	if (r != EX_OK) {
		tool_complain("check", "%s", problem);
		return r;
	}
	r = open_trust(check);
	if (r != EX_OK)
		return r;
	default_helo(check);
	look(check);
	check->options.helo = check->helo;
	check->options.postfix = check->lib.postfix;
	check->results = grow_array();
	r = check_run(check->lib.ctx, check->trust, &check->list, &check->options, ready, check);
	if (r == EX_OK && check->options.json)
		r = print_json(check);
	else
		json_decref(check->results.at);
	return r == EX_OK ? check->verdict : r;
}

int check_main(int argc, char **argv)
{
	struct check check = { .colour = "auto",
	    .options = { .smtp = true, .timeout_ms = TIMEOUT_DEFAULT * 1000 } };
	int code, r = danests_new(&check.lib.ctx);

	if (r != DANESTS_OK) {
		tool_complain("check", "%s", danests_strerror(r));
		return EX_OSERR;
	}
	code = take_options(&check, argc, argv);
	if (code == EX_OK && !check.only_help)
		code = run(&check);
	code = control_flush("check", code);
	check_list_free(&check.list);
	danests_trust_unref(check.trust);
	danests_free(check.lib.ctx);
	return code;
}
