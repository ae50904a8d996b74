/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/sts.h"

#include <string.h>

#include "parse/mxpattern.h"

static bool has_data(const struct answer *a)
{
	return a != NULL && (a->state == ANSWER_SECURE || a->state == ANSWER_INSECURE);
}

static bool is_policy(const struct answer *a)
{
	return has_data(a) && a->id != NULL && a->text != NULL;
}

static void fail(struct sts_view *view, const struct facts_slot *slot, const char *words)
{
	view->failed = slot;
	view->words = words;
	if (slot != NULL && slot->answer != NULL && slot->answer->reason != NULL)
		view->words = slot->answer->reason;
}

/* The TXT record could not be read. No report has a type for that (RFC 8460 4.3). */
static void fail_txt(struct sts_view *view, const struct facts_slot *slot)
{
	const struct answer *a = slot != NULL ? slot->answer : NULL;

	fail(view, slot, "no answer");
	view->token = a != NULL && a->failure == FAILURE_BOGUS ? "dnssec-invalid" :
	    "dns-query-failed";
}

/* No valid record is no failure; but when there was an invalid one, say so. */
static void note_invalid(struct sts_view *view, const struct facts_slot *slot)
{
	if (slot->answer->reason != NULL)
		fail(view, slot, NULL);
}

/* There is an id, but its policy was not to be had (S12): why? */
static void fail_fetch(struct sts_view *view, const struct facts *facts)
{
	const struct facts_slot *fetch = facts_slot(facts, facts->sts);
	const struct answer *a = fetch != NULL ? fetch->answer : NULL;

	if (fetch != NULL)
		fail(view, fetch, "no answer");
	else if (facts->stsaddr == FACTS_NEVER)
		fail(view, facts_slot(facts, facts->ststxt), "policy host name is too long");
	else
		fail(view, facts_slot(facts, facts->stsaddr), "no address");
	view->token = "sts-policy-fetch-error";
	view->result = DANESTS_STS_POLICY_FETCH_ERROR;
	if (a != NULL && a->failure == FAILURE_STS_INVALID) {
		view->token = "sts-policy-invalid";
		view->result = DANESTS_STS_POLICY_INVALID;
	} else if (a != NULL && a->failure == FAILURE_STS_WEBPKI) {
		view->token = "sts-webpki-invalid";
		view->result = DANESTS_STS_WEBPKI_INVALID;
	}
}

/* Which policy counts: the fetched one, else the one we hold (S13). */
static void choose(struct sts_view *view, const struct facts *facts)
{
	const struct facts_slot *txt = facts_slot(facts, facts->ststxt);
	const struct answer *record = txt != NULL ? txt->answer : NULL;
	const struct answer *held = facts_answer(facts, facts->stsheld);
	const struct answer *fetched = facts_answer(facts, facts->sts);

	if (is_policy(held))
		view->policy = held;
	if (record == NULL || record->state == ANSWER_FAILED)
		fail_txt(view, txt);
	else if (!has_data(record) || record->id == NULL)
		note_invalid(view, txt); /* S3: no policy but the held one */
	else if (view->policy != NULL && strcmp(held->id, record->id) == 0)
		return; /* nothing new was published */
	else if (is_policy(fetched))
		view->policy = fetched;
	else
		fail_fetch(view, facts);
}

void sts_view(struct sts_view *out, const struct facts *facts)
{
	static const enum danests_sts_state of_mode[] = {
		[STSBODY_NONE]    = DANESTS_STS_NONE,
		[STSBODY_TESTING] = DANESTS_STS_TESTING,
		[STSBODY_ENFORCE] = DANESTS_STS_ENFORCE,
	};
	struct sts_view view = { .token = "" };

	choose(&view, facts);
	if (view.policy != NULL)
		view.state = of_mode[view.policy->body.mode];
	else
		view.state = view.token[0] != '\0' ? DANESTS_STS_ERROR : DANESTS_STS_ABSENT;
	/* S25: a failed refresh is worth a report, unless the policy held is "none". */
	if (view.state == DANESTS_STS_NONE) {
		view.token = "";
		view.failed = NULL;
		view.result = DANESTS_SUCCESS;
	}
	*out = view;
}

bool sts_is_pattern(const char *mx)
{
	char canonical[256];

	return mxpattern_parse(canonical, mx, strlen(mx)) == DANESTS_OK &&
	    strcmp(canonical, mx) == 0;
}

bool sts_has_pattern(const struct danests_sts *sts)
{
	for (size_t i = 0; sts != NULL && i < sts->mx_count; i++) {
		if (sts_is_pattern(sts->mx[i]))
			return true;
	}
	return false;
}
