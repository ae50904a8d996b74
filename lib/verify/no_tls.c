/* SPDX-License-Identifier: BSD-2-Clause */
/* There was no TLS at all: what TLSA records and MTA-STS say of that (L16, L17, S19). */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "plan/policy.h"
#include "verify/sts.h"
#include "verify/verdict.h"

#define DETAIL_MAX 160 /* of what others say */

struct no_tls {
	enum fault fault;
	char words[DANESTS_REASON_SIZE];
};

static bool read_cause(struct no_tls *out, enum danests_no_tls why, const char *detail)
{
	static const struct {
		enum fault fault;
		const char *words;
	} causes[] = {
		[DANESTS_NOT_OFFERED] = { FAULT_STARTTLS, "STARTTLS was not offered" },
		[DANESTS_REFUSED]     = { FAULT_STARTTLS, "STARTTLS was refused" },
		[DANESTS_HANDSHAKE]   = { FAULT_HANDSHAKE, "the TLS handshake failed" },
	};
	char said[DETAIL_MAX];

	if ((unsigned)why >= COUNT_OF(causes))
		return false;
	out->fault = causes[why].fault;
	said[0] = '\0';
	if (detail != NULL)
		text_printable(said, sizeof(said), detail, strlen(detail));
	text_format(out->words, sizeof(out->words), "%s%s%s", causes[why].words,
	    said[0] != '\0' ? ": " : "", said);
	return true;
}

/* Unusable records ask for TLS, too (L16), and say "all-unusable" (spec.md section 7). */
static void judge_dane(const struct danests_host *host, const struct no_tls *cause,
    struct danests_judgement *out)
{
	char words[DANESTS_REASON_SIZE];

	if (verdict_by_dane(host, out)) {
		verdict_fail(out, cause->fault, cause->words);
	} else if (out->state == DANESTS_UNUSABLE) {
		text_format(words, sizeof(words), "all-unusable TLSA records ask for TLS, but %s",
		    cause->words);
		verdict_fail(out, FAULT_TLSA, words);
		verdict_hint(out, cause->fault == FAULT_STARTTLS ?
		    "Offer STARTTLS: TLSA records ask for TLS even when none is usable; then"
		    " publish a usable one (usage 2 or 3)." :
		    "Repair TLS, see the mail server's log: TLSA records ask for it even when none"
		    " is usable; then publish a usable one (usage 2 or 3).");
	}
}

ATTR_PUBLIC int danests_verify_no_tls(const danests_policy *policy, const char *host,
    enum danests_no_tls why, const char *detail, struct danests_verdict *out)
{
	struct no_tls cause;
	size_t index;

	if (!read_cause(&cause, why, detail) ||
	    verdict_start(out, policy, host, &index) != DANESTS_OK)
		return DANESTS_EINVAL;
	if (out->by != DANESTS_NEED_WAIT) {
		judge_dane(&policy->hosts[index], &cause, &out->dane);
		if (sts_applies(policy) &&
		    !sts_refuses_host(policy, &policy->hosts[index], &out->sts))
			verdict_fail(&out->sts, cause.fault, cause.words);
	}
	verdict_sum(out, policy, index);
	return DANESTS_OK;
}
