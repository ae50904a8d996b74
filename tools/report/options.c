/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "danests.h"
#include "tools/report/zone.h"

enum {
	OPT_SINCE = 256, OPT_UNTIL, OPT_ALL_TIME, OPT_DOMAIN_IS, OPT_DOMAIN_STARTS, OPT_TYPE_IS,
	OPT_TYPE_STARTS, OPT_ERROR_IS, OPT_ERROR_STARTS, OPT_SEARCH, OPT_POLICIES, OPT_FORMAT,
	OPT_TZ, OPT_YEAR, OPT_ASSUME, OPT_HALFDANE, OPT_PROGRESS, OPT_NO_PROGRESS, OPT_TOP,
	OPT_BUCKET, OPT_COUNT, OPT_INTERNAL, OPT_VERSION,
};

static const struct option long_options[] = {
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "all-time", no_argument, NULL, OPT_ALL_TIME },
	{ "domain-is", required_argument, NULL, OPT_DOMAIN_IS },
	{ "domain-starts", required_argument, NULL, OPT_DOMAIN_STARTS },
	{ "type-is", required_argument, NULL, OPT_TYPE_IS },
	{ "type-starts", required_argument, NULL, OPT_TYPE_STARTS },
	{ "error-is", required_argument, NULL, OPT_ERROR_IS },
	{ "error-starts", required_argument, NULL, OPT_ERROR_STARTS },
	{ "search", required_argument, NULL, OPT_SEARCH },
	{ "policies", required_argument, NULL, OPT_POLICIES },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "tz", required_argument, NULL, OPT_TZ },
	{ "year", required_argument, NULL, OPT_YEAR },
	{ "assume-tls-logged", no_argument, NULL, OPT_ASSUME },
	{ "halfdane", required_argument, NULL, OPT_HALFDANE },
	{ "progress", no_argument, NULL, OPT_PROGRESS },
	{ "no-progress", no_argument, NULL, OPT_NO_PROGRESS },
	{ "top", required_argument, NULL, OPT_TOP },
	{ "bucket", required_argument, NULL, OPT_BUCKET },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "internal", required_argument, NULL, OPT_INTERNAL },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* Words that an option takes, and what they mean. */
struct word {
	const char *text;
	int value;
};
static const struct word formats[] = {
	{ "csv", FORMAT_CSV }, { "json", FORMAT_JSON }, { "table", FORMAT_TABLE }, { NULL, 0 },
};
static const struct word halfdanes[] = { { "tls", false }, { "dane", true }, { NULL, 0 } };
static const struct word counts[] = { { "recipients", false }, { "messages", true }, { NULL, 0 } };
static const struct word buckets[] = {
	{ "hour", BUCKET_HOUR }, { "day", BUCKET_DAY }, { "week", BUCKET_WEEK },
	{ "month", BUCKET_MONTH }, { NULL, 0 },
};

#define SAY_PERIOD "not days or months such as 7d or 6m, a date such as 2026-08-01, or a time" \
	" such as 2026-08-01T12:00:00Z"

static int no_memory(void)
{
	report_complain("out of memory");
	return EX_OSERR;
}

static int bad(const char *option, const char *value, const char *what)
{
	report_complain("--%s: \"%.200s\" is %s", option, value, what);
	return EX_USAGE;
}

static int take_word(const struct word *words, const char *option, const char *value, int *out)
{
	struct buf known = {0};
	int code;

	for (const struct word *w = words; w->text != NULL; w++) {
		if (strcmp(w->text, value) == 0) {
			*out = w->value;
			return EX_OK;
		}
	}
	for (const struct word *w = words; w->text != NULL; w++)
		buf_printf(&known, "%s%s", w == words ? "not " : w[1].text != NULL ? ", " : " or ",
		    w->text);
	code = known.bad ? no_memory() : bad(option, value, known.data);
	buf_free(&known);
	return code;
}

static int take_number(const char *option, const char *value, uint64_t min, uint64_t max,
    uint64_t *out)
{
	char what[80];

	if (text_number(value, strlen(value), min, max, out))
		return EX_OK;
	text_format(what, sizeof(what), "not a number from %llu to %llu", (unsigned long long)min,
	    (unsigned long long)max);
	return bad(option, value, what);
}

/* ---- Options ---- */

static int take_filter(struct options *o, int opt, const char *value)
{
	int column = (opt - OPT_DOMAIN_IS) / 2;
	bool starts = (opt - OPT_DOMAIN_IS) % 2 == 1;

	return options_filter(&o->view, (enum column)column, starts, value);
}

static int take_internal(struct options *o, const char *value)
{
	int r = internal_add(o->internal, value);

	if (r == DANESTS_EINVAL)
		return bad("internal", value, "not a network such as 10.0.0.0/8, an address, or a"
		    " host such as relay.example or .example");
	return r == DANESTS_OK ? EX_OK : no_memory();
}

static int take_zone(struct options *o, const char *value)
{
	if (!zone_exists(value))
		return bad("tz", value, "no time zone of this system, such as Europe/Berlin or UTC"
		    " (are the zones installed, package tzdata?)");
	o->zone = value;
	return EX_OK;
}

static int take_period(struct options *o, int opt, const char *value)
{
	struct period *p = &o->view.period;
	bool since = opt == OPT_SINCE;
	int r = since ? period_since(p, value) : period_until(p, value);

	return r == DANESTS_OK ? EX_OK : bad(since ? "since" : "until", value, SAY_PERIOD);
}

/* What takes a word or a number. */
static int take_choice(struct options *o, int opt, const char *value)
{
	int word = 0, code = EX_OK;
	uint64_t n = 0;

	switch (opt) {
	case OPT_FORMAT:
		code = take_word(formats, "format", value, &word);
		o->format = (enum format)word;
		return code;
	case OPT_HALFDANE:
		code = take_word(halfdanes, "halfdane", value, &word);
		o->classify.halfdane_is_dane = word != 0;
		return code;
	case OPT_COUNT:
		code = take_word(counts, "count", value, &word);
		o->view.messages = word != 0;
		return code;
	case OPT_BUCKET:
		code = take_word(buckets, "bucket", value, &word);
		o->view.bucket = (enum bucket)word;
		return code;
	case OPT_YEAR:
		code = take_number("year", value, 1970, 9999, &n);
		o->year = (int)n;
		return code;
	default:
		code = take_number("top", value, 1, UINT32_MAX, &n);
		o->view.top = (unsigned long)n;
		return code;
	}
}

static int take_option(struct options *o, int opt, const char *value)
{
	if (opt >= OPT_DOMAIN_IS && opt <= OPT_ERROR_STARTS)
		return take_filter(o, opt, value);
	switch (opt) {
	case OPT_SINCE:
	case OPT_UNTIL:
		return take_period(o, opt, value);
	case OPT_SEARCH:
		return view_search(&o->view, value) == DANESTS_OK ? EX_OK : no_memory();
	case OPT_INTERNAL:
		return take_internal(o, value);
	case OPT_TZ:
		return take_zone(o, value);
	case OPT_ALL_TIME:
		o->all_time = true;
		return EX_OK;
	case OPT_POLICIES:
		o->others[o->policies++] = value;
		return EX_OK;
	case OPT_ASSUME:
		o->classify.assume_tls_logged = true;
		return EX_OK;
	case OPT_PROGRESS:
	case OPT_NO_PROGRESS:
		o->progress = opt == OPT_PROGRESS ? WHEN_ALWAYS : WHEN_NEVER;
		return EX_OK;
	case 'o':
		o->out = strcmp(value, "-") == 0 ? NULL : value;
		return EX_OK;
	default:
		return take_choice(o, opt, value);
	}
}

/* ---- What is no option ---- */

static bool take_report(struct options *o, const char *name)
{
	o->all = strcmp(name, "all") == 0;
	if (o->all)
		return true;
	for (int r = REPORT_BLOCKED; r <= REPORT_SUMMARY; r++) {
		if (strcmp(name, report_name((enum report)r)) == 0) {
			o->report = (enum report)r;
			return true;
		}
	}
	return false;
}

/* Letters only, and no such file: somebody meant a report. */
static bool is_mistaken(const char *name)
{
	return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] == '\0' &&
	    access(name, F_OK) != 0;
}

static int take_operands(struct options *o, char **argv)
{
	if (*argv != NULL && take_report(o, *argv)) {
		argv++;
	} else if (*argv != NULL && is_mistaken(*argv)) {
		report_complain("there is no report \"%.200s\", nor such a file; there are blocked,"
		    " blocked-details, sent, no-tls, summary and all", *argv);
		return EX_USAGE;
	}
	for (; *argv != NULL; argv++)
		o->files[o->count++] = *argv;
	if (o->count == 0)
		o->files[o->count++] = "-";
	for (size_t i = 0; i < o->policies; i++)
		o->files[o->count++] = o->others[i];
	return EX_OK;
}

int options_read(struct options *o, int argc, char **argv, bool *done)
{
	const char *clash;
	int opt, code;

	*o = (struct options){ .view.period = PERIOD_USUAL };
	*done = true;
	o->internal = internal_new();
	o->files = calloc((size_t)argc + 2, sizeof(*o->files));
	o->others = calloc((size_t)argc + 1, sizeof(*o->others));
	if (o->internal == NULL || o->files == NULL || o->others == NULL)
		return no_memory();
	while ((opt = getopt_long(argc, argv, "ho:", long_options, NULL)) != -1) {
		if (opt == 'h') {
			report_usage(stdout);
			return EX_OK;
		}
		if (opt == OPT_VERSION) {
			printf("dane-report %s\n", danests_version());
			return EX_OK;
		}
		if (opt == '?') {
			fputs("'dane-report --help' tells the options.\n", stderr);
			return EX_USAGE;
		}
		code = take_option(o, opt, optarg);
		if (code != EX_OK)
			return code;
	}
	code = take_operands(o, argv + optind);
	clash = code == EX_OK ? options_clash(o) : NULL;
	if (clash != NULL) {
		report_complain("%s", clash);
		return EX_USAGE;
	}
	if (o->all_time)
		o->view.period.usual = false;
	*done = code != EX_OK;
	return code;
}

void options_free(struct options *o)
{
	if (o == NULL)
		return;
	view_free(&o->view);
	internal_free(o->internal);
	free(o->files);
	free(o->others);
	*o = (struct options){0};
}
