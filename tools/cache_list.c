/* SPDX-License-Identifier: BSD-2-Clause */
/* danests cache list and get. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"
#include "ctl/grow.h"
#include "tools/cache.h"

/* ---- Times ---- */

void cache_span(char out[CACHE_WORDS], int64_t seconds)
{
	static const struct {
		int64_t seconds;
		char letter;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;
	int64_t rest;

	seconds = seconds < 0 ? 0 : seconds;
	while (i < COUNT_OF(units) - 1 && seconds < units[i].seconds)
		i++;
	rest = i < COUNT_OF(units) - 1 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest > 0 && i < 2)
		text_format(out, CACHE_WORDS, "%" PRId64 "%c %" PRId64 "%c", seconds / units[i].seconds,
		    units[i].letter, rest, units[i + 1].letter);
	else
		text_format(out, CACHE_WORDS, "%" PRId64 "%c", seconds / units[i].seconds,
		    units[i].letter);
}

void cache_when(char out[CACHE_WORDS], const char *moment, time_t now)
{
	time_t when;

	if (moment == NULL || !grow_read_moment(moment, &when))
		text_format(out, CACHE_WORDS, "-");
	else
		cache_span(out, when > now ? when - now : now - when);
}

/* ---- list ---- */

struct listing {
	bool json, any;
	time_t now;
};

static const char *string(const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name));

	return text != NULL ? text : "-";
}

static void print_row(const json_t *policy, time_t now)
{
	char age[CACHE_WORDS], expires[CACHE_WORDS], fetched[CACHE_WORDS], used[CACHE_WORDS];

	cache_span(age, json_integer_value(json_object_get(policy, "max_age")));
	cache_when(expires, string(policy, "expires"), now);
	cache_when(fetched, string(policy, "fetched"), now);
	cache_when(used, string(policy, "used"), now);
	print_line("%-24s %-7s %-15s %7s %7s %7s %7s", string(policy, "domain"),
	    string(policy, "mode"), string(policy, "id"), age, expires, fetched, used);
}

static int list_line(void *arg, const json_t *line)
{
	const json_t *policy = json_object_get(line, "policy");
	struct listing *l = arg;
	char *text;

	if (!l->json) {
		print_row(policy, l->now);
		return EX_OK;
	}
	text = json_dumps(policy, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (text == NULL) {
		tool_complain("cache", "out of memory");
		return EX_OSERR;
	}
	printf("%s\n    %s", l->any ? "," : "", text);
	free(text);
	l->any = true;
	return EX_OK;
}

int cache_list(struct cache *cache)
{
	struct listing l = { .json = cache->json, .now = clock_now() };
	json_t *request = cache_request(cache, "list");
	int code;

	if (cache->args[0] != NULL && json_object_set_new(request, "suffix",
	    grow_text(cache->args[0])) != 0) {
		json_decref(request);
		request = NULL;
	}
	/* A million of them shall not have to fit into memory: the document is written as
	 * it comes, and closed whatever happens. */
	if (l.json)
		fputs("{\n  \"policies\": [", stdout);
	else
		print_line("%-24s %-7s %-15s %7s %7s %7s %7s", "DOMAIN", "MODE", "ID", "MAX_AGE",
		    "EXPIRES", "FETCHED", "USED");
	if (!l.json)
		print_line("%-24s %-7s %-15s %7s %7s %7s %7s", "", "", "", "", "in", "ago", "ago");
	code = cache_lines(cache, request, list_line, &l, NULL);
	if (l.json)
		printf("%s],\n  \"complete\": %s\n}\n", l.any ? "\n  " : "",
		    code == EX_OK ? "true" : "false");
	return code;
}

/* ---- get ---- */

static void print_text(const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end != NULL ? (size_t)(end - text) : len;
		size_t shown = n > 0 && text[n - 1] == '\r' ? n - 1 : n;

		print_line("    %.*s", (int)(shown < 2000 ? shown : 2000), text);
		n += end != NULL;
		text += n;
		len -= n;
	}
}

static void print_moment(const char *what, const json_t *policy, const char *name, time_t now,
    const char *before, const char *after)
{
	char words[CACHE_WORDS];

	cache_when(words, string(policy, name), now);
	print_line("  %-8s %s (%s%s%s)", what, string(policy, name), before, words, after);
}

static void print_policy(const json_t *policy)
{
	const char *text = json_string_value(json_object_get(policy, "text"));
	const char *hex = json_string_value(json_object_get(policy, "text_hex"));
	size_t len = hex != NULL ? strlen(hex) / 2 : 0;
	char *octets = hex != NULL ? malloc(len + 1) : NULL, age[CACHE_WORDS];
	time_t now = clock_now();

	cache_span(age, json_integer_value(json_object_get(policy, "max_age")));
	print_line("%s", string(policy, "domain"));
	print_line("  mode     %s", string(policy, "mode"));
	print_line("  id       %s", string(policy, "id"));
	print_line("  max_age  %lld (%s)", (long long)json_integer_value(
	    json_object_get(policy, "max_age")), age);
	print_moment("fetched", policy, "fetched", now, "", " ago");
	print_moment("expires", policy, "expires", now, "in ", "");
	if (json_is_string(json_object_get(policy, "used")))
		print_moment("used", policy, "used", now, "", " ago");
	else
		print_line("  used     not yet");
	print_line("  policy");
	if (text != NULL)
		print_text(text, strlen(text));
	else if (octets != NULL && hex_decode((uint8_t *)octets, len, hex, 2 * len))
		print_text(octets, len);
	free(octets);
}

int cache_get(struct cache *cache)
{
	struct grow request = grow_object();
	json_t *last, *policy;
	int code;

	grow_put(&request, "do", grow_text("get"));
	grow_put(&request, "domain", grow_text(cache->args[0]));
	last = control_call(&cache->control, grow_done(&request), &code);
	if (code == EX_NOINPUT) {
		tool_complain("cache", "%s: no policy is held for it", cache->args[0]);
		if (cache->json)
			puts("null");
		return 1;
	}
	if (code != EX_OK)
		return control_complain(&cache->control, code);
	policy = json_object_get(last, "policy");
	if (cache->json)
		code = control_print_json("cache", json_incref(policy));
	else
		print_policy(policy);
	json_decref(last);
	return code;
}
