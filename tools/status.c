/* SPDX-License-Identifier: BSD-2-Clause */
/* danests status: what danestsd does, and how it is. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/proto.h"
#include "tools/cache.h"

#define STATUS_COLUMNS 79
#define STATUS_LABEL 12

static void usage(FILE *out)
{
	fputs("usage: danests status [--json] [--control ENDPOINT]\n\n"
	      "  --json              one JSON document\n"
	      "  --control ENDPOINT  of danestsd, default " PROTO_DEFAULT "\n"
	      "  --help, --version\n\n"
	      "exit status: 0 it answered; 69 it is not there, or you are not root; 64 usage\n", out);
}

/* ---- For people ---- */

/* "label       words", broken at blanks so that it fits a terminal. */
static void say(const char *label, const char *fmt, ...) ATTR_PRINTF(2, 3);
static void say(const char *label, const char *fmt, ...)
{
	const int room = STATUS_COLUMNS - STATUS_LABEL;
	char text[2048];
	const char *at = text;
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	do {
		size_t len = strlen(at), end = len;

		if (len > (size_t)room) {
			for (end = (size_t)room; end > 0 && at[end] != ' '; end--)
				;
			end = end > 0 ? end : strcspn(at, " ");
		}
		print_line("%-*s%.*s", STATUS_LABEL, label, (int)end, at);
		at += end;
		at += strspn(at, " ");
		label = "";
	} while (*at != '\0');
}

static const char *string(const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name));

	return text != NULL ? text : "";
}

static unsigned long long number(const json_t *of, const char *name)
{
	return (unsigned long long)json_integer_value(json_object_get(of, name));
}

/* "12.3 MiB" */
static const char *size(char out[CACHE_WORDS], unsigned long long octets)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double amount = (double)octets;
	size_t i = 0;

	while (amount >= 1024 && i < COUNT_OF(units) - 1) {
		amount /= 1024;
		i++;
	}
	text_format(out, CACHE_WORDS, i == 0 ? "%.0f %s" : "%.1f %s", amount, units[i]);
	return out;
}

static void say_list(const char *label, const json_t *names, const char *none)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		say(i == 0 ? label : "", "%s", json_string_value(name));
	if (json_array_size(names) == 0)
		say(label, "%s", none);
}

static void say_service(const json_t *s)
{
	const json_t *dnssec = json_object_get(s, "dnssec"), *clients = json_object_get(s, "clients");
	char uptime[CACHE_WORDS];

	cache_span(uptime, json_integer_value(json_object_get(s, "uptime")));
	say("danestsd", "%s, running for %s, since %s", string(s, "version"), uptime,
	    string(s, "started"));
	say("resolver", "%s", string(s, "resolver"));
	say("dnssec", "%s: %s", string(dnssec, "state"), string(dnssec, "text"));
	say_list("listens on", json_object_get(s, "listen"), "nothing");
	say_list("metrics", json_object_get(s, "metrics"), "not served");
	say("clients", "%llu connected, up to %llu; %llu since the start, %llu sent away",
	    number(clients, "connected"), number(clients, "limit"), number(clients, "taken"),
	    number(clients, "refused"));
}

static void say_work(const json_t *s)
{
	const json_t *questions = json_object_get(s, "questions"), *memo = json_object_get(s, "memo");
	const json_t *lookups = json_object_get(s, "lookups"), *fetches = json_object_get(s, "fetches");
	char bytes[CACHE_WORDS], limit[CACHE_WORDS];

	say("questions", "%llu: %llu by lookups, %llu remembered, %llu by overrides, %llu refused"
	    " or no name; %llu late", number(questions, "asked"), number(questions, "lookup"),
	    number(questions, "cache"), number(questions, "override"), number(questions, "own"),
	    number(questions, "late"));
	say("lookups", "%llu running, %llu of them wait for a policy host only; %llu DNS questions"
	    " asked, %llu failed", number(lookups, "running"),
	    number(lookups, "waiting_for_policy_host"), number(lookups, "dns_questions_done"),
	    number(lookups, "dns_questions_failed"));
	say("fetches", "%llu running; %llu good, %llu failed, %llu invalid policies, %llu untrusted"
	    " policy hosts", number(fetches, "running"), number(fetches, "good"),
	    number(fetches, "failed"), number(fetches, "invalid"), number(fetches, "untrusted"));
	say("answers", "%llu remembered, %s of %s", number(memo, "entries"),
	    size(bytes, number(memo, "bytes")), size(limit, number(memo, "limit")));
}

static void say_memory(const json_t *s)
{
	const json_t *cache = json_object_get(s, "cache"), *held = json_object_get(s, "policies");
	char bytes[CACHE_WORDS], snapshot[CACHE_WORDS], journal[CACHE_WORDS];

	say("cache", "%llu entries, %s in memory", number(cache, "entries"),
	    size(bytes, number(cache, "bytes")));
	say("policies", "%llu held; %s", number(held, "count"), string(held, "where"));
	if (number(held, "snapshot_bytes") + number(held, "journal_bytes") > 0)
		say("", "on disk: snapshot %s, journal %s", size(snapshot,
		    number(held, "snapshot_bytes")), size(journal, number(held, "journal_bytes")));
	if (number(held, "unsaved") > 0)
		say("", "%llu NOT ON DISK: the disk refuses them, see the log",
		    number(held, "unsaved"));
	say("refreshes", "%llu done, %llu failed", number(held, "refreshes"),
	    number(held, "refreshes_failed"));
}

static void say_settings(const json_t *s)
{
	const json_t *overrides = json_object_get(s, "overrides");
	const json_t *reloads = json_object_get(s, "reloads");

	if (number(overrides, "count") > 0)
		say("overrides", "%llu, of %s", number(overrides, "count"), string(overrides, "file"));
	else
		say("overrides", "none");
	say("settings", "%s, read again %llu times%s", string(s, "file"), number(reloads, "count"),
	    json_is_true(json_object_get(reloads, "refused")) ?
	    "; THE LAST TIME IN VAIN, see the log" : "");
	say_list("changed", json_object_get(s, "changes"), "nothing: all are defaults");
}

/* ---- The call ---- */

/* -1: go on. */
static int read_options(struct control *control, bool *json, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "control", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'j': *json = true; break;
		case 'c': control->endpoint = optarg; break;
		case 'h': usage(stdout); return EX_OK;
		case 'v': tool_version(); return EX_OK;
		default: return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	usage(stderr);
	return EX_USAGE;
}

static int show(struct control *control, bool json)
{
	int code = control_connect(control);
	json_t *status = NULL;

	if (code == EX_OK)
		status = control_call(control, json_pack("{s:s}", "do", "status"), &code);
	if (code != EX_OK)
		return control_complain(control, code);
	if (json) {
		json_object_del(status, "ok"); /* of the protocol */
		return control_print_json("status", status);
	}
	say_service(status);
	say_work(status);
	say_memory(status);
	say_settings(status);
	json_decref(status);
	return EX_OK;
}

int status_main(int argc, char **argv)
{
	struct control control = { .command = "status", .fd = -1 };
	bool json = false;
	int code = read_options(&control, &json, argc, argv);

	if (code < 0)
		code = show(&control, json);
	control_close(&control);
	return control_flush("status", code);
}
