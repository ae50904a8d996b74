/* SPDX-License-Identifier: BSD-2-Clause */
/* danests cache: the policies that danestsd holds. */
#include "tools/cache.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "ctl/proto.h"

enum { JSON = 1, ALL = 2, REPLACE = 4, MODE = 8, FORMAT = 16, OUT = 32, PARTIAL = 64,
    DOMAINS = 128 };
#define ANY 1000

/* What each takes: options, and how many arguments. */
static const struct verb {
	const char *name;
	int (*run)(struct cache *cache);
	unsigned options;
	int min, max;
} verbs[] = {
	{ "list", cache_list, JSON | MODE | DOMAINS, 0, 1 },
	{ "get", cache_get, JSON | DOMAINS, 1, 1 },
	{ "purge", cache_purge, JSON | ALL | DOMAINS, 0, ANY },
	{ "export", cache_export, FORMAT | OUT | PARTIAL | MODE, 0, 0 },
	{ "import", cache_import, JSON | REPLACE, 1, 1 },
};

static const char help[] =
	"  list [--mode enforce|testing|none] [DOMAIN]   of DOMAIN and below it, or all\n"
	"  get DOMAIN          all that is held of one policy\n"
	"  purge               forget answers, failures, and policies but those of mode\n"
	"                      enforce; those too with --all\n"
	"  purge DOMAIN...     forget these policies; of mode enforce only with --all\n"
	"  export [--format json|postfix|cdb] [-o FILE] [--partial]\n"
	"                      json: records to import; postfix: a text table; cdb: a\n"
	"                      table that Postfix reads as cdb:NAME when FILE is NAME.cdb\n"
	"  import FILE|-       records as export writes them; one older than what is held\n"
	"                      is passed over unless --replace\n\n"
	"  --json              with list, get, purge, import: for programs\n"
	"  --control ENDPOINT  of danestsd, default " PROTO_DEFAULT "\n"
	"  --help, --version\n\n"
	"exit status: 0 done; 1 get: not held, purge: kept; 64 usage; 65 bad records;\n"
	"69 no service, or not root; 75 a destination has no answer now, nothing was\n"
	"written\n";

static void usage(FILE *out)
{
	fprintf(out, "usage: danests cache list | get | purge | export | import [options] ...\n\n%s",
	    out == stdout ? help : "'danests cache --help' tells more\n");
}

static unsigned option_bit(int opt)
{
	static const struct {
		int opt;
		unsigned bit;
	} bits[] = {
		{ 'j', JSON }, { 'a', ALL }, { 'r', REPLACE }, { 'm', MODE }, { 'f', FORMAT },
		{ 'o', OUT }, { 'p', PARTIAL }, { 'c', 0 },
	};

	for (size_t i = 0; i < COUNT_OF(bits); i++)
		if (bits[i].opt == opt)
			return bits[i].bit;
	return ~0u;
}

static void set_option(struct cache *cache, int opt)
{
	switch (opt) {
	case 'j': cache->json = true; break;
	case 'a': cache->all = true; break;
	case 'r': cache->replace = true; break;
	case 'p': cache->partial = true; break;
	case 'm': cache->mode = optarg; break;
	case 'f': cache->format = optarg; break;
	case 'o': cache->out = optarg; break;
	case 'c': cache->control.endpoint = optarg; break;
	}
}

/* Words of options are checked here, so that no service is needed to say so. */
static bool words_fit(const struct cache *cache)
{
	static const char *const modes[] = { "enforce", "testing", "none" };
	static const char *const formats[] = { "json", "postfix", "cdb" };
	bool mode = cache->mode == NULL, format = false;

	for (size_t i = 0; i < COUNT_OF(modes); i++)
		mode = mode || strcmp(cache->mode, modes[i]) == 0;
	for (size_t i = 0; i < COUNT_OF(formats); i++)
		format = format || strcmp(cache->format, formats[i]) == 0;
	if (!mode)
		tool_complain("cache", "--mode %s: must be enforce, testing or none", cache->mode);
	else if (!format)
		tool_complain("cache", "--format %s: must be json, postfix or cdb", cache->format);
	return mode && format;
}

/* Arguments in the one spelling of a domain, in memory of our own. What is none would
 * otherwise pass for one that is not held. */
static int take_domains(struct cache *cache, int count)
{
	char key[DANESTS_NEXTHOP_MAX + 1], shown[80];
	char **own = calloc((size_t)count + 1, sizeof(*own));

	if (own == NULL)
		return EX_OSERR;
	for (int i = 0; i < count; i++) {
		const char *arg = cache->args[i];

		if (danests_nexthop_key(arg, strlen(arg), key, sizeof(key)) <= 0 ||
		    strpbrk(key, "[:") != NULL) {
			(void)text_printable(shown, sizeof(shown), arg, strlen(arg));
			tool_complain("cache", "\"%s\" is no domain", shown);
			cache->args = cache->own = own;
			return EX_USAGE;
		}
		own[i] = strdup(key);
		if (own[i] == NULL)
			break;
	}
	cache->args = cache->own = own;
	return count == 0 || own[count - 1] != NULL ? -1 : EX_OSERR;
}

static void free_domains(struct cache *cache)
{
	for (char **own = cache->own; own != NULL && *own != NULL; own++)
		free(*own);
	free(cache->own);
}

/* -1: go on with *verb. */
static int read_options(struct cache *cache, const struct verb **verb, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "all", no_argument, NULL, 'a' },
		{ "replace", no_argument, NULL, 'r' }, { "mode", required_argument, NULL, 'm' },
		{ "format", required_argument, NULL, 'f' }, { "partial", no_argument, NULL, 'p' },
		{ "control", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	char wanted[64];
	unsigned given = 0;
	int opt, count;

	while ((opt = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
		if (opt == 'h')
			usage(stdout);
		else if (opt == 'v')
			tool_version();
		if (opt == 'h' || opt == 'v')
			return EX_OK;
		if (option_bit(opt) == ~0u)
			return EX_USAGE;
		given |= option_bit(opt);
		set_option(cache, opt);
	}
	for (size_t i = 0; i < COUNT_OF(verbs) && optind < argc; i++)
		if (strcmp(argv[optind], verbs[i].name) == 0)
			*verb = &verbs[i];
	count = argc - optind - 1;
	if (*verb == NULL && optind < argc) {
		(void)text_printable(wanted, sizeof(wanted), argv[optind], strlen(argv[optind]));
		tool_complain("cache", "there is no \"%s\"", wanted);
	}
	if (*verb == NULL || count < (*verb)->min || (count > (*verb)->max && (*verb)->max != ANY) ||
	    (given & ~(*verb)->options) != 0) {
		usage(stderr);
		return EX_USAGE;
	}
	cache->args = argv + optind + 1;
	if (!words_fit(cache))
		return EX_USAGE;
	return ((*verb)->options & DOMAINS) != 0 ? take_domains(cache, count) : -1;
}

json_t *cache_request(const struct cache *cache, const char *what)
{
	struct grow out = grow_object();

	grow_put(&out, "do", grow_text(what));
	if (cache->mode != NULL)
		grow_put(&out, "mode", grow_text(cache->mode));
	return grow_done(&out);
}

int cache_lines(struct cache *cache, json_t *request, cache_line_fn *fn, void *arg, json_t **out)
{
	int code = control_send(&cache->control, request);
	json_t *line = NULL;

	if (code != EX_OK)
		return control_complain(&cache->control, code);
	for (;;) {
		line = control_line(&cache->control);
		if (line == NULL)
			return control_complain(&cache->control, EX_UNAVAILABLE);
		if (control_is_last(&cache->control, line, &code))
			break;
		code = fn(arg, line);
		json_decref(line);
		if (code != EX_OK)
			return code;
	}
	if (code != EX_OK)
		control_complain(&cache->control, code);
	if (out != NULL && code == EX_OK)
		*out = line;
	else
		json_decref(line);
	return code;
}

/* ---- purge ---- */

static int name_kept(void *arg, const json_t *line)
{
	const char *domain = json_string_value(json_object_get(line, "kept"));

	(void)arg;
	tool_complain("cache", "%s: kept, its policy is of mode enforce; --all would forget it",
	    domain != NULL ? domain : "?");
	return EX_OK;
}

int cache_purge(struct cache *cache)
{
	struct grow request = grow_object(), names = grow_array();
	json_t *last = NULL;
	long long purged, kept;
	int code;

	for (char **name = cache->args; *name != NULL; name++)
		grow_add(&names, grow_text(*name));
	grow_put(&request, "do", grow_text("purge"));
	grow_put(&request, "all", json_boolean(cache->all));
	if (cache->args[0] != NULL)
		grow_put(&request, "domains", grow_done(&names));
	else
		json_decref(grow_done(&names));
	code = cache_lines(cache, grow_done(&request), name_kept, NULL, &last);
	if (code != EX_OK)
		return code;
	purged = json_integer_value(json_object_get(last, "purged"));
	kept = json_integer_value(json_object_get(last, "kept"));
	json_object_del(last, "ok"); /* of the protocol */
	if (cache->json)
		code = control_print_json("cache", json_incref(last));
	else
		printf("%lld %s forgotten, %lld kept\n", purged,
		    purged == 1 ? "policy" : "policies", kept);
	json_decref(last);
	/* Named ones that are still there are not what was asked for. */
	return code == EX_OK && kept > 0 && cache->args[0] != NULL ? 1 : code;
}

int cache_main(int argc, char **argv)
{
	struct cache cache = { .control = { .command = "cache", .fd = -1 }, .format = "json" };
	const struct verb *verb = NULL;
	int code = read_options(&cache, &verb, argc, argv);

	if (code < 0) {
		code = control_connect(&cache.control);
		code = code == EX_OK ? verb->run(&cache) : control_complain(&cache.control, code);
	}
	control_close(&cache.control);
	free_domains(&cache);
	return control_flush("cache", code);
}
