/* SPDX-License-Identifier: BSD-2-Clause */
/* An outcome for people. Whatever bytes it has, the terminal gets printable ASCII. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/tool.h"

#define PRINT_MAX_DATA 128  /* digits of association data that people are shown */
#define PRINT_MAX_LINE 4096 /* longer than any but a hostile one */

static void put_text(const char *text, size_t len)
{
	char part[256];

	while (len > 0) {
		size_t n = text_printable(part, sizeof(part), text, len);

		fputs(part, stdout);
		text += n;
		len -= n;
	}
}

void print_line(const char *fmt, ...)
{
	char line[PRINT_MAX_LINE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_text(line, n > 0 ? strlen(line) : 0);
	putchar('\n');
}

/* "" where there is no such string. */
static const char *string(const json_t *of, const char *name)
{
	const char *text = json_string_value(json_object_get(of, name));

	return text != NULL ? text : "";
}

static long long number(const json_t *of, const char *name)
{
	return (long long)json_integer_value(json_object_get(of, name));
}

static void print_tlsa(const json_t *rec)
{
	const char *hex = string(rec, "data");

	print_line("      %lld %lld %lld %.*s%s", number(rec, "usage"), number(rec, "selector"),
	    number(rec, "mtype"), PRINT_MAX_DATA, hex, strlen(hex) > PRINT_MAX_DATA ? "..." : "");
}

/* Of a host that is failed or gone the reason tells more. */
static const char *address_words(const json_t *host)
{
	const char *state = string(host, "state");

	if (json_is_true(json_object_get(host, "address_secure")))
		return ", address secure";
	if (strcmp(state, danests_host_state_name(DANESTS_HOST_FAILED)) == 0 ||
	    strcmp(state, danests_host_state_name(DANESTS_HOST_GONE)) == 0)
		return "";
	return ", address insecure";
}

static void print_host(const json_t *host)
{
	const char *name = string(host, "name"), *reason = string(host, "reason");
	const json_t *records = json_object_get(host, "tlsa"), *rec;
	size_t i;

	if (name[0] == '\0') { /* never looked up */
		print_line("    %lld (not a host name): %s", number(host, "preference"),
		    string(host, "state"));
		return;
	}
	print_line("    %lld %s: %s%s%s%s%s", number(host, "preference"), name,
	    string(host, "state"), address_words(host), reason[0] != '\0' ? " (" : "", reason,
	    reason[0] != '\0' ? ")" : "");
	if (json_array_size(records) > 0)
		print_line("      TLSA base domain %s", string(host, "base"));
	json_array_foreach(records, i, rec)
		print_tlsa(rec);
}

static void print_sts(const json_t *sts)
{
	const json_t *pattern;
	size_t i;

	print_line("    policy id=%s max_age=%lld", string(sts, "id"), number(sts, "max_age"));
	print_line("      expires %s", string(sts, "expires"));
	json_array_foreach(json_object_get(sts, "mx"), i, pattern)
		print_line("      mx %s", json_string_value(pattern));
}

static const char *mx_words(const struct outcome *out)
{
	const json_t *secure = json_object_get(out->why, "mx_secure");

	if (json_is_null(secure))
		return out->name[0] == '[' ? "no MX lookup: the host is given" : "MX lookup failed";
	return json_is_true(secure) ? "MX records secure" : "MX records insecure";
}

static void print_policy(const struct outcome *out)
{
	const json_t *why = out->why, *sts = json_object_get(why, "sts_policy"), *host;
	const char *token = string(why, "error"), *reason = string(why, "reason");
	size_t i;

	print_line("  DANE: %s%s", string(why, "dane"),
	    json_is_true(json_object_get(why, "takes_no_mail")) ?
	    " (the domain takes no mail)" : "");
	print_line("    %s", mx_words(out));
	json_array_foreach(json_object_get(why, "hosts"), i, host)
		print_host(host);
	print_line("  MTA-STS: %s", string(why, "sts"));
	if (json_is_object(sts))
		print_sts(sts);
	if (reason[0] != '\0')
		print_line("  why: %s%s%s", token, token[0] != '\0' ? ": " : "", reason);
	print_line("  holds until %s", string(why, "expires"));
}

/* What was decided here and not by the domain's owner. */
static void print_override(const json_t *override)
{
	const char *what = string(override, "what");

	print_line("  override: %s:%lld %s", string(override, "file"), number(override, "line"),
	    strcmp(what, "reply") == 0 ? "says what Postfix is told" : what);
}

void print_outcome(const struct outcome *out)
{
	const json_t *override = json_object_get(out->why, "override");

	put_text(out->name, strlen(out->name));
	fputs(": ", stdout);
	put_text(out->reply.data, out->reply.len);
	putchar('\n');
	fputs("  ", stdout);
	put_text(out->meaning.data, out->meaning.len);
	putchar('\n');
	if (!out->explained)
		return;
	if (override != NULL)
		print_override(override);
	if (json_object_get(out->why, "dane") != NULL) {
		print_line("  source: %s, %lld ms", string(out->why, "source"), number(out->why, "ms"));
		print_policy(out);
	} else if (override == NULL) {
		print_line("  not a name to look up");
	}
}
