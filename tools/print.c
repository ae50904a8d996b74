/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy for people, and for programs. */
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "base/hex.h"
#include "base/text.h"
#include "tools/tool.h"

#define PRINT_MAX_DATA 64 /* octets of association data that people are shown */

static const char *secure_word(bool secure) { return secure ? "secure" : "insecure"; }

static void print_time(char out[32], time_t when)
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text_format(out, 32, "-");
}

static void print_tlsa(const struct danests_tlsa *rec)
{
	char hex[2 * PRINT_MAX_DATA + 1];
	size_t len = rec->len < PRINT_MAX_DATA ? rec->len : PRINT_MAX_DATA;

	hex_encode(hex, rec->data, len);
	printf("      %u %u %u %s%s\n", rec->usage, rec->selector, rec->mtype, hex,
	    rec->len > len ? "..." : "");
}

static void print_host(const struct danests_host *host)
{
	printf("    %u %s: %s, address %s", host->preference, host->name,
	    danests_host_state_name(host->state), secure_word(host->address_secure));
	if (host->reason[0] != '\0')
		printf(" (%s)", host->reason);
	putchar('\n');
	for (size_t i = 0; i < host->tlsa_count; i++) {
		if (i == 0)
			printf("      TLSA base domain %s\n", host->base);
		print_tlsa(&host->tlsa[i]);
	}
}

static void print_sts(const struct danests_sts *sts)
{
	char when[32];

	print_time(when, sts->expires);
	printf("    policy id=%s max_age=%lu expires %s\n", sts->id, (unsigned long)sts->max_age, when);
	for (size_t i = 0; i < sts->mx_count; i++)
		printf("      mx %s\n", sts->mx[i]);
}

void print_policy(const danests_policy *policy)
{
	const struct danests_sts *sts;
	char when[32];

	if (policy == NULL) {
		puts("  not a name to look up: no policy, Postfix goes on with its own default");
		return;
	}
	printf("  DANE: %s%s\n", danests_dane_name(danests_policy_dane(policy)),
	    danests_policy_no_mail(policy) ? " (the domain takes no mail)" : "");
	printf("    MX records %s\n", secure_word(danests_policy_mx_secure(policy)));
	for (size_t i = 0; i < danests_policy_hosts(policy); i++)
		print_host(danests_policy_host(policy, i));
	printf("  MTA-STS: %s\n", danests_sts_state_name(danests_policy_sts_state(policy)));
	sts = danests_policy_sts(policy);
	if (sts != NULL)
		print_sts(sts);
	if (danests_policy_reason(policy)[0] != '\0')
		printf("  why: %s%s%s\n", danests_policy_token(policy),
		    danests_policy_token(policy)[0] != '\0' ? ": " : "", danests_policy_reason(policy));
	print_time(when, danests_policy_expires(policy));
	printf("  holds until %s\n", when);
}

static json_t *json_tlsa(const struct danests_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->tlsa_count; i++) {
		const struct danests_tlsa *rec = &host->tlsa[i];
		struct buf hex = {0};
		char *room = buf_room(&hex, 2 * rec->len + 1);

		if (room != NULL)
			hex_encode(room, rec->data, rec->len);
		json_array_append_new(list, json_pack("{s:i, s:i, s:i, s:s}", "usage", rec->usage,
		    "selector", rec->selector, "mtype", rec->mtype, "data", room != NULL ? room : ""));
		buf_free(&hex);
	}
	return list;
}

static json_t *json_hosts(const danests_policy *policy)
{
	json_t *list = json_array();

	for (size_t i = 0; i < danests_policy_hosts(policy); i++) {
		const struct danests_host *host = danests_policy_host(policy, i);

		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:s, s:b, s:s, s:o}",
		    "name", host->name, "base", host->base, "preference", (int)host->preference,
		    "state", danests_host_state_name(host->state), "address_secure", host->address_secure,
		    "reason", host->reason, "tlsa", json_tlsa(host)));
	}
	return list;
}

static json_t *json_sts(const struct danests_sts *sts)
{
	json_t *mx = json_array();
	char when[32];

	print_time(when, sts->expires);
	for (size_t i = 0; i < sts->mx_count; i++)
		json_array_append_new(mx, json_string(sts->mx[i]));
	return json_pack("{s:s, s:I, s:o, s:s}", "id", sts->id, "max_age", (json_int_t)sts->max_age,
	    "mx", mx, "expires", when);
}

json_t *print_policy_json(const char *name, const danests_policy *policy, const char *reply,
    const char *level)
{
	json_t *out = json_pack("{s:s, s:s, s:s}", "nexthop", name, "reply", reply, "level", level);
	const struct danests_sts *sts;
	char when[32];

	if (policy == NULL)
		return out;
	print_time(when, danests_policy_expires(policy));
	json_object_set_new(out, "domain", json_string(danests_policy_domain(policy)));
	json_object_set_new(out, "dane", json_string(danests_dane_name(danests_policy_dane(policy))));
	json_object_set_new(out, "sts",
	    json_string(danests_sts_state_name(danests_policy_sts_state(policy))));
	json_object_set_new(out, "result",
	    json_string(danests_result_name(danests_policy_result(policy))));
	json_object_set_new(out, "error", json_string(danests_policy_token(policy)));
	json_object_set_new(out, "reason", json_string(danests_policy_reason(policy)));
	json_object_set_new(out, "expires", json_string(when));
	json_object_set_new(out, "mx_secure", json_boolean(danests_policy_mx_secure(policy)));
	json_object_set_new(out, "takes_no_mail", json_boolean(danests_policy_no_mail(policy)));
	json_object_set_new(out, "hosts", json_hosts(policy));
	sts = danests_policy_sts(policy);
	json_object_set_new(out, "sts_policy", sts != NULL ? json_sts(sts) : json_null());
	return out;
}
