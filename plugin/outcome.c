/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/outcome.h"

#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/decision.h"
#include "base/text.h"
#include "plugin/key.h"
#include "plugin/logline.h"

/* What was decided here holds until it is changed; what is remembered, for a day. */
#define OUTCOME_DECIDED 86400

static enum memo_worth worth_of(const danests_policy *policy)
{
	static const enum memo_worth worth[] = {
		[DANESTS_LEVEL_NONE]    = MEMO_NOTHING,
		[DANESTS_LEVEL_TESTING] = MEMO_NOTHING,
		[DANESTS_LEVEL_ENCRYPT] = MEMO_DANE,
		[DANESTS_LEVEL_STS]     = MEMO_STS,
		[DANESTS_LEVEL_DANE]    = MEMO_DANE,
		[DANESTS_LEVEL_DEFER]   = MEMO_FAILURE,
	};
	unsigned level = danests_policy_level(policy);

	return level < COUNT_OF(worth) ? worth[level] : MEMO_FAILURE;
}

bool outcome_of(const danests_policy *policy, const struct danests_postfix options[MEMO_FORMS],
    outcome_replies replies, struct memo_value *out)
{
	const struct danests_sts *sts = danests_policy_sts(policy);
	size_t hosts = danests_policy_hosts(policy);

	*out = (struct memo_value){
		.expires = danests_policy_expires(policy),
		.hosts = (uint16_t)(hosts < UINT16_MAX ? hosts : UINT16_MAX),
		.worth = (uint8_t)worth_of(policy),
		.dane = (uint8_t)danests_policy_dane(policy),
		.sts = (uint8_t)danests_policy_sts_state(policy),
		.token = danests_policy_token(policy),
		.sts_id = sts != NULL ? sts->id : "",
		.reason = danests_policy_reason(policy),
	};
	for (int form = 0; form < MEMO_FORMS; form++) {
		/* The payload first, then its frame around it: the head is short. */
		char *frame = replies[form], *payload = frame + NETSTRING_OVERHEAD;
		size_t n;

		n = danests_postfix_reply(policy, &options[form], payload, OUTCOME_MAX_REPLY);
		if (n == 0)
			return false;
		out->reply[form] = (struct memo_reply){
			frame, netstring_frame(frame, payload, n)
		};
		out->level[form] = danests_postfix_level(policy, &options[form]);
	}
	return true;
}

void outcome_of_override(const struct overrides *overrides, const struct override *decided,
    outcome_frame frame, char reason[OUTCOME_REASON], time_t now, struct memo_value *out)
{
	text_format(reason, OUTCOME_REASON, "%s:%u", overrides_path(overrides),
	    (unsigned)decided->line);
	*out = (struct memo_value){
		.expires = now + OUTCOME_DECIDED, .worth = MEMO_NOTHING, .override = MEMO_DECIDED,
		.dane = DANESTS_DANE_NONE, .sts = DANESTS_STS_ABSENT,
		.token = "", .sts_id = "", .reason = reason,
	};
	for (int form = 0; form < MEMO_FORMS; form++) {
		out->reply[form] = (struct memo_reply){
			frame, netstring_frame(frame, decided->reply, decided->reply_len)
		};
		out->level[form] = decided->level;
	}
}

bool outcome_same(const struct memo_value *a, const struct memo_value *b)
{
	if (a->override != b->override || a->dane != b->dane || a->sts != b->sts ||
	    a->worth != b->worth ||
	    strcmp(a->token, b->token) != 0 || strcmp(a->sts_id, b->sts_id) != 0)
		return false;
	/* The words of a failure may change without the failure changing. */
	for (int form = 0; form < MEMO_FORMS && a->worth != MEMO_FAILURE; form++)
		if (a->reply[form].len != b->reply[form].len ||
		    memcmp(a->reply[form].data, b->reply[form].data, a->reply[form].len) != 0)
			return false;
	return true;
}

void outcome_log(const char *key, size_t key_len, const struct memo_value *value, int form,
    const char *source, time_t now)
{
	char nexthop[DANESTS_NEXTHOP_MAX + 1], domain[DANESTS_NEXTHOP_MAX + 1];
	struct buf line = {0};
	struct decision d = {
		.nexthop = nexthop, .domain = domain, .reply = value->level[form],
		.dane = danests_dane_name((enum danests_dane)value->dane),
		.sts = danests_sts_state_name((enum danests_sts_state)value->sts),
		.sts_id = value->sts_id, .hosts = value->hosts,
		.source = value->override != MEMO_FREE ? "override" : source,
		.expires = value->expires > now ? (uint64_t)(value->expires - now) : 0,
		.ms = value->ms, .error = value->token, .reason = value->reason,
	};

	if (key_len > DANESTS_NEXTHOP_MAX)
		return;
	memcpy(nexthop, key, key_len);
	nexthop[key_len] = '\0';
	key = key_domain(key, &key_len);
	memcpy(domain, key, key_len);
	domain[key_len] = '\0';
	decision_write(&line, &d);
	if (!line.bad)
		log_line(LOG_INFO, "%s", line.data);
	buf_free(&line);
}
