/* SPDX-License-Identifier: BSD-2-Clause */
/* An outcome for people. Whatever bytes it has, the terminal gets printable ASCII. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/text.h"
#include "tools/tool.h"

#define PRINT_MAX_DATA 64   /* octets of association data that people are shown */
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

/* A line. */
static void say(const char *fmt, ...) ATTR_PRINTF(1, 2);
static void say(const char *fmt, ...)
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

static void print_time(const char *what, time_t when)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		say("%s %s", what, text);
}

static void print_tlsa(const struct danests_tlsa *rec)
{
	char hex[2 * PRINT_MAX_DATA + 1];
	size_t len = rec->len < PRINT_MAX_DATA ? rec->len : PRINT_MAX_DATA;

	hex_encode(hex, rec->data, len);
	say("      %u %u %u %s%s", rec->usage, rec->selector, rec->mtype, hex,
	    rec->len > len ? "..." : "");
}

/* Of a host that is failed or gone the reason tells more. */
static const char *address_words(const struct danests_host *host)
{
	if (host->address_secure)
		return ", address secure";
	if (host->state == DANESTS_HOST_FAILED || host->state == DANESTS_HOST_GONE)
		return "";
	return ", address insecure";
}

static void print_host(const struct danests_host *host)
{
	if (host->name[0] == '\0') { /* never looked up */
		say("    %u (not a host name): %s", host->preference,
		    danests_host_state_name(host->state));
		return;
	}
	say("    %u %s: %s%s%s%s%s", host->preference, host->name,
	    danests_host_state_name(host->state), address_words(host),
	    host->reason[0] != '\0' ? " (" : "", host->reason, host->reason[0] != '\0' ? ")" : "");
	if (host->tlsa_count > 0)
		say("      TLSA base domain %s", host->base);
	for (size_t i = 0; i < host->tlsa_count; i++)
		print_tlsa(&host->tlsa[i]);
}

static void print_sts(const struct danests_sts *sts)
{
	say("    policy id=%s max_age=%lu", sts->id, (unsigned long)sts->max_age);
	print_time("      expires", sts->expires);
	for (size_t i = 0; i < sts->mx_count; i++)
		say("      mx %s", sts->mx[i]);
}

static void print_policy(const danests_policy *policy)
{
	static const char *const mx_words[] = {
		[OUTCOME_MX_SECURE] = "MX records secure",
		[OUTCOME_MX_INSECURE] = "MX records insecure",
		[OUTCOME_MX_FAILED] = "MX lookup failed",
		[OUTCOME_MX_UNASKED] = "no MX lookup: the host is given",
	};
	const char *token = danests_policy_token(policy);
	const struct danests_sts *sts = danests_policy_sts(policy);

	say("  DANE: %s%s", danests_dane_name(danests_policy_dane(policy)),
	    danests_policy_no_mail(policy) ? " (the domain takes no mail)" : "");
	say("    %s", mx_words[outcome_mx(policy)]);
	for (size_t i = 0; i < danests_policy_hosts(policy); i++)
		print_host(danests_policy_host(policy, i));
	say("  MTA-STS: %s", danests_sts_state_name(danests_policy_sts_state(policy)));
	if (sts != NULL)
		print_sts(sts);
	if (danests_policy_reason(policy)[0] != '\0')
		say("  why: %s%s%s", token, token[0] != '\0' ? ": " : "",
		    danests_policy_reason(policy));
	print_time("  holds until", danests_policy_expires(policy));
}

void print_outcome(const struct outcome *out)
{
	put_text(out->name, strlen(out->name));
	fputs(": ", stdout);
	put_text(out->reply.data, out->reply.len);
	putchar('\n');
	fputs("  ", stdout);
	put_text(out->meaning.data, out->meaning.len);
	putchar('\n');
	if (!out->direct)
		return;
	if (out->policy == NULL) {
		say("  not a name to look up");
		return;
	}
	say("  source: lookup, %lld ms", (long long)(out->us / 1000));
	print_policy(out->policy);
}
