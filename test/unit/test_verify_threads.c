/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies and authorities are shared by threads that verify; built for ThreadSanitizer, too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify_help.h"

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { THREADS = 8, ROUNDS = 25 };

static const struct {
	const char *tlsa, *sts, *chain;
} cases[] = {
	{ "3 1 1 leaf", ENFORCE, "leaf inter" },
	{ "3 1 1 self, 2 0 1 root", NULL, "leaf inter root" },
	{ "2 0 0 root, 2 1 0 stranger", NULL, "leaf inter" },
	{ "2 1 0 inter", ENFORCE, "leaf" },
	{ "2 0 1 inter", NULL, "leaf-over inter" },
	{ "2 1 1 inter", NULL, "cn-dns inter" },
	{ NULL, ENFORCE, "leaf inter" },
	{ NULL, ENFORCE, "self" },
	{ "1 1 1 leaf", NULL, "leaf" },
};

static danests_trust *trust;
static danests_policy *policies[COUNT(cases)];
static struct served served[COUNT(cases)];
static struct danests_verdict alone[COUNT(cases)];

static bool same(const struct danests_verdict *a, const struct danests_verdict *b)
{
	return a->deliver == b->deliver && a->by == b->by && a->fault == b->fault &&
	    a->result == b->result && strcmp(a->reason, b->reason) == 0 &&
	    a->dane.tlsa == b->dane.tlsa && a->dane.depth == b->dane.depth &&
	    strcmp(a->sts.reason, b->sts.reason) == 0;
}

struct worker {
	pthread_t thread;
	size_t first, wrong;
};

/* Each begins with another case. */
static void *work(void *arg)
{
	struct worker *w = arg;

	for (size_t i = 0; i < ROUNDS * COUNT(cases); i++) {
		size_t k = (w->first + i) % COUNT(cases);
		danests_policy *policy = danests_policy_ref(policies[k]);
		danests_trust *roots = danests_trust_ref(trust);
		struct danests_verdict v;

		if (danests_verify(policy, roots, "mx.example.com", served[k].list,
		    served[k].count, TLS_NOW, &v) != DANESTS_OK || !same(&v, &alone[k]))
			w->wrong++;
		danests_trust_unref(roots);
		danests_policy_unref(policy);
	}
	return NULL;
}

static void many_threads_come_to_the_verdicts_of_one(void **state)
{
	struct worker workers[THREADS] = {0};

	(void)state;
	trust = trust_of("root");
	for (size_t k = 0; k < COUNT(cases); k++) {
		struct situation s = { .tlsa = cases[k].tlsa, .sts = cases[k].sts };

		policies[k] = policy_of(&s);
		served_read(&served[k], cases[k].chain);
		assert_int_equal(danests_verify(policies[k], trust, "mx.example.com",
		    served[k].list, served[k].count, TLS_NOW, &alone[k]), DANESTS_OK);
	}
	for (size_t i = 0; i < THREADS; i++) {
		workers[i].first = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].wrong, 0);
	for (size_t k = 0; k < COUNT(cases); k++) {
		danests_policy_unref(policies[k]);
		served_free(&served[k]);
	}
	danests_trust_unref(trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_come_to_the_verdicts_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
