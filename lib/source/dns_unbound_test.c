/* SPDX-License-Identifier: BSD-2-Clause */
/* Is anything validated here at all? The zone of the trust anchor must come back
 * secure (spec.md section 2); until it has, nothing unsigned is believed. */
#include "base/clock.h"
#include "base/text.h"
#include "parse/dnsmsg.h"
#include "source/dns_unbound_impl.h"

#define RETEST_MAX_MS 60000

static void on_retest(void *arg) { unbound_test(arg); }

static void test_end(struct unbound *ub, bool good, const char *what)
{
	struct loop *loop = ub->setup.loop;

	loop_untimer(loop, &ub->deadline);
	ub->testing = false;
	ub->tested_ms = clock_mono_ms();
	ub->back.trust = good ? DANESTS_TRUST_GOOD : DANESTS_TRUST_FAILED;
	text_format(ub->back.text, sizeof(ub->back.text), good ?
	    "self-test good, SOA %s is secure" : "self-test failed, SOA %s: %s",
	    ub->test.qname, what);
	loop_untimer(loop, &ub->retest);
	if (good)
		ub->retest_ms = UNBOUND_RETEST_MIN_MS;
	else if (loop_timer(loop, &ub->retest, ub->retest_ms, on_retest, ub) == DANESTS_OK &&
	    (ub->retest_ms *= 2) > RETEST_MAX_MS)
		ub->retest_ms = RETEST_MAX_MS;
	while (!list_empty(&ub->waiting)) {
		struct dns_query *q = CONTAINER_OF(ub->waiting.next, struct dns_query, link);

		list_remove(&q->link);
		unbound_ask_now(ub, q);
	}
}

static void test_done(struct dns_query *q, const struct dns_reply *reply)
{
	struct unbound *ub = CONTAINER_OF(q, struct unbound, test);
	char words[DNS_TEXT];
	struct dnsmsg msg;

	if (reply->failure != FAILURE_NONE) {
		bool more = reply->reason != NULL && reply->reason[0] != '\0';

		text_format(words, sizeof(words), "%s%s%s", answer_failure_text(reply->failure),
		    more ? ", " : "", more ? reply->reason : "");
		test_end(ub, false, words);
	} else if (!reply->secure || dnsmsg_parse(&msg, reply->packet, reply->len, q->qname,
	    q->qtype) != DANESTS_OK || msg.count == 0) {
		test_end(ub, false, "not secure");
	} else {
		test_end(ub, true, "");
	}
}

static void test_late(void *arg)
{
	struct unbound *ub = arg;

	ub->back.ops->cancel(&ub->back, &ub->test);
	test_end(ub, false, "no answer");
}

/* libunbound remembers for up to a minute that resolvers were down, or that keys
 * could not be had, and no option makes it forget. A new engine knows nothing. */
static void renew(struct unbound *ub)
{
	char problem[DNS_TEXT];

	ub->failures = 0;
	if (unbound_engine(ub, ub->setup.servers != NULL ? &ub->servers : NULL, problem,
	    sizeof(problem)) != DANESTS_OK)
		return; /* the one we have goes on */
}

void unbound_test(struct unbound *ub)
{
	const struct dns_anchors *anchors = ub->setup.anchors;

	if (ub->testing)
		return;
	ub->testing = true;
	if (ub->back.trust == DANESTS_TRUST_FAILED || ub->failures >= UNBOUND_DEAF_COUNT)
		renew(ub);
	ub->test = (struct dns_query){ .qtype = DNS_SOA, .done = test_done };
	text_format(ub->test.qname, sizeof(ub->test.qname), "%s",
	    anchors->at[ub->next_anchor++ % anchors->count].owner);
	if (loop_timer(ub->setup.loop, &ub->deadline, ub->setup.timeout_ms, test_late, ub) !=
	    DANESTS_OK)
		test_end(ub, false, "out of memory");
	else
		unbound_ask_now(ub, &ub->test);
}
