/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold for every policy, however it came about; see fuzz_plan.c. */
#ifndef FUZZ_PLAN_LAWS_H
#define FUZZ_PLAN_LAWS_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "danests.h"

#define REPLY_ROOM 100000
#define DEMAND(law) do { if (!(law)) abort(); } while (0)

/* All that a policy says, as text. */
static inline void describe(struct buf *out, const danests_policy *p)
{
	const struct danests_sts *sts = danests_policy_sts(p);

	buf_printf(out, "%s %d %d %d %d %d %d %s %s %lld %s", danests_policy_nexthop(p),
	    danests_policy_level(p), danests_policy_result(p), danests_policy_dane(p),
	    danests_policy_sts_state(p), danests_policy_mx_secure(p), danests_policy_no_mail(p),
	    danests_policy_token(p), danests_policy_reason(p),
	    (long long)danests_policy_expires(p), sts != NULL ? sts->text : "-");
	for (size_t i = 0; i < danests_policy_hosts(p); i++) {
		const struct danests_host *host = danests_policy_host(p, i);

		buf_printf(out, ";%s %s %u %d %d %zu %s %s", host->name, host->base,
		    host->preference, host->state, host->address_secure, host->tlsa_count,
		    host->token, host->reason);
	}
	DEMAND(!out->bad);
}

static inline bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static inline void check_text(const char *text)
{
	bool attributes = begins(text, "OK "); /* in a reason braces are only letters */
	int depth = 0;

	for (; *text != '\0'; text++) {
		DEMAND((unsigned char)*text >= ' ' && *text != 0x7f);
		if (!attributes)
			continue;
		depth += (*text == '{') - (*text == '}');
		DEMAND(depth == 0 || depth == 1);
	}
	DEMAND(depth == 0);
}

/* Every answer is shown, as text that does no harm. */
static inline void check_evidence(const danests_policy *p, size_t count)
{
	struct danests_answer a;
	char text[64];

	DEMAND(danests_policy_answers(p) == count);
	for (size_t i = 0; danests_policy_answer(p, i, &a); i++) {
		DEMAND(a.name[0] != '\0' && a.security <= DANESTS_FAILED);
		for (size_t k = 0; k < a.count; k++) {
			DEMAND(danests_policy_record(p, i, k, text, sizeof(text)) >= 0);
			check_text(text);
		}
		DEMAND(danests_policy_record(p, i, a.count, text, sizeof(text)) == -1);
	}
}

static inline void check_reply(const danests_policy *p, const struct danests_postfix *opt)
{
	static char reply[REPLY_ROOM + 1];
	size_t len = danests_postfix_reply(p, opt, reply, REPLY_ROOM), cut;
	const char *level = danests_postfix_level(p, opt);

	DEMAND(len > 0 && len <= REPLY_ROOM);
	reply[len] = '\0';
	DEMAND(strlen(reply) == len);
	check_text(reply);
	if (begins(reply, "OK "))
		DEMAND(begins(reply + 3, level) && (reply[3 + strlen(level)] == ' ' ||
		    reply[3 + strlen(level)] == '\0'));
	else
		DEMAND(begins(reply, level));
	if (begins(reply, "NOTFOUND"))
		DEMAND(strcmp(reply, "NOTFOUND ") == 0);
	if (begins(reply, "TEMP"))
		DEMAND(len > 5 && len <= 5 + 200);
	if (strcmp(level, "secure") == 0)
		DEMAND(begins(reply, "OK secure match=") && reply[16] != ' ' &&
		    strstr(reply, " servername=hostname") != NULL);
	DEMAND((strstr(reply, "policy_type") == NULL) || opt->tlsrpt);
	cut = danests_postfix_reply(p, opt, reply, len - 1);
	DEMAND(cut < len);
}

static inline void check_protection(const danests_policy *p, const struct danests_postfix *opt)
{
	const char *level = danests_postfix_level(p, opt);
	bool open = strcmp(level, "NOTFOUND") == 0 || strcmp(level, "may") == 0;
	size_t hosts = danests_policy_hosts(p), failed = 0;

	for (size_t i = 0; i < hosts; i++)
		failed += danests_policy_host(p, i)->state == DANESTS_HOST_FAILED;
	if (danests_policy_no_mail(p)) {
		DEMAND(danests_policy_level(p) == DANESTS_LEVEL_NONE);
		return;
	}
	/* N8: a secure destination with a failed host is never unprotected. */
	DEMAND(!open || failed == 0 || !danests_policy_mx_secure(p));
	DEMAND(failed == 0 || !danests_policy_mx_secure(p) ||
	    danests_policy_level(p) != DANESTS_LEVEL_NONE);
	if (hosts > 0 && failed == hosts)
		DEMAND(strcmp(level, "TEMP") == 0);
	DEMAND((danests_policy_level(p) == DANESTS_LEVEL_DEFER) <= (strcmp(level, "TEMP") == 0));
	if (danests_policy_sts_state(p) == DANESTS_STS_ENFORCE)
		DEMAND(!open && strcmp(level, "dane") != 0);
}

#endif
