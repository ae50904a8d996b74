/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policies are made and chains judged with the n-th allocation failing, for every n. What
 * may come out is DANESTS_ENOMEM, the verdict that comes out with memory enough, or at
 * worst a refusal; never a delivery that is refused otherwise. Nothing leaks: that is for
 * the sanitizers to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "test/unit/verify_help.h"
#include "wrap.h"

#define ENFORCE "version: STSv1\nmode: enforce\nmx: *.example.com\nmx: mail.example.net\n" \
	"max_age: 86400\n"

static const struct situation situations[] = {
	{ .tlsa = "3 1 1 leaf" },
	{ .tlsa = "3 1 1 self, 3 0 2 stranger" },
	{ .tlsa = "2 0 1 root, 2 1 1 stranger", .nexthop = "b\xc3\xbc""cher.example" },
	{ .tlsa = "2 0 0 root, 2 1 0 inter, 2 1 0 stranger", .base = "mx.example.com",
	  .host = "mail.example.net" },
	{ .tlsa = "1 1 1 leaf", .sts = ENFORCE },
	{ .sts = ENFORCE },
	{ .tlsa = "2 0 1 self-ca", .sts = ENFORCE },
};
static const char *const chains[] = {
	"leaf inter", "leaf inter root", "leaf", "leaf-over inter root", "cn-dns inter root",
	"self-ca", "leaf-stranger stranger root", "leaf-path0 inter-path0 root-path0",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct outcome {
	int error;
	struct danests_verdict verdict;
};

static danests_trust *trust;

/* All that is ours to free is freed here. */
static struct outcome judge(const struct danests_made *made, const struct served *served)
{
	struct outcome out = {0};
	danests_policy *policy = NULL;
	char problem[100];

	out.error = danests_policy_make(&policy, made, problem, sizeof(problem));
	if (out.error == DANESTS_OK)
		out.error = danests_verify(policy, trust, made->host, served->list,
		    served->count, TLS_NOW, &out.verdict);
	danests_policy_unref(policy);
	return out;
}

static unsigned long refused, told;

static void expect_no_weaker(const struct outcome *got, const struct outcome *want)
{
	if (got->error != DANESTS_OK) {
		assert_int_equal(got->error, DANESTS_ENOMEM);
		refused++;
		return;
	}
	told++;
	assert_int_equal(got->verdict.by, want->verdict.by);
	assert_true(!got->verdict.deliver || want->verdict.deliver);
	judgement_laws(&got->verdict.dane);
	judgement_laws(&got->verdict.sts);
}

static void sweep_one(const struct situation *s, const char *chain)
{
	struct danests_made made = {
		.host = s->host != NULL ? s->host : "mx.example.com", .base = s->base,
		.nexthops = &s->nexthop, .nexthop_count = s->nexthop != NULL,
		.sts_text = s->sts, .sts_len = s->sts != NULL ? strlen(s->sts) : 0,
	};
	struct outcome want, got;
	struct records records;
	struct served served;
	unsigned long total;

	records_read(&records, s->tlsa != NULL ? s->tlsa : "");
	served_read(&served, chain);
	made.tlsa = records.list;
	made.tlsa_count = records.count;
	wrap_fail_from(0);
	want = judge(&made, &served);
	total = wrap_counted();
	assert_int_equal(want.error, DANESTS_OK);
	assert_true(total >= 2);
	for (unsigned long n = 1; n <= 2 * total; n++) {
		if (n <= total)
			wrap_fail_from(n);
		else
			wrap_fail_only(n - total);
		got = judge(&made, &served);
		wrap_fail_from(0);
		expect_no_weaker(&got, &want);
	}
	served_free(&served);
	records_free(&records);
}

static void U8_S18_lack_of_memory_never_lets_a_server_pass(void **state)
{
	(void)state;
	trust = trust_of("root");
	for (size_t i = 0; i < COUNT(situations); i++) {
		for (size_t k = 0; k < COUNT(chains); k++)
			sweep_one(&situations[i], chains[k]);
	}
	danests_trust_unref(trust);
	assert_true(refused > 100 && told > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(U8_S18_lack_of_memory_never_lets_a_server_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
