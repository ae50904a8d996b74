/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fetches policies for real and prints what became of each:
 *	drive CA PORT TIMEOUT_MS MAX_FETCHES deny|allow  DOMAIN=ADDRESS[,ADDRESS]...
 * -DOMAIN=ADDRESS is asked, but not waited for: it is under way when all is freed.
 * One line per domain in the order of the arguments: name, state, failure, seconds
 * from its start to its expiry, order of arrival, reason or mode.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/https.h"

struct one {
	struct ask ask;
	unsigned place; /* 0: not arrived */
	time_t asked;
};

static struct answer *addresses(const char *text)
{
	struct answer *a = answer_new(QUESTION_ADDR, ANSWER_INSECURE, clock_now() + 60);
	char copy[256], *save = NULL;
	uint8_t bytes[16];

	text_format(copy, sizeof(copy), "%s", text);
	for (char *at = strtok_r(copy, ",", &save); at != NULL; at = strtok_r(NULL, ",", &save)) {
		int family = strchr(at, ':') != NULL ? 6 : 4;

		if (inet_pton(family == 6 ? AF_INET6 : AF_INET, at, bytes) != 1 ||
		    answer_add_addr(a, family, bytes) != DANESTS_OK)
			exit(2);
	}
	return a;
}

static void ask(struct https *https, struct one *one, const char *arg, struct list *arrivals)
{
	const char *equals = strchr(arg, '=');

	if (equals == NULL || domain_parse(&one->ask.q.name, arg, (size_t)(equals - arg)) != 0)
		exit(2);
	one->ask.q.kind = QUESTION_STS;
	one->ask.q.addr = addresses(equals + 1);
	text_format(one->ask.q.id, sizeof(one->ask.q.id), "1");
	one->ask.arrivals = arrivals;
	one->asked = clock_now();
	(void)https_ask(https, &one->ask);
}

static void show(const struct one *one)
{
	static const char *const modes[] = { "none", "testing", "enforce" };
	const struct answer *a = one->ask.answer;

	printf("%s %s %s %ld %u %s\n", one->ask.q.name.name, answer_state_name(a->state),
	    answer_failure_name(a->failure), (long)(a->expires - one->asked), one->place,
	    a->reason != NULL ? a->reason : modes[a->body.mode]);
}

int main(int argc, char **argv)
{
	struct loop *loop = NULL;
	struct https *https = NULL;
	struct list arrivals;
	char problem[HTTPS_PROBLEM];
	size_t n = argc > 6 ? (size_t)argc - 6 : 0, awaited = 0, arrived = 0;
	struct one *all = calloc(n + 1, sizeof(*all));

	if (n == 0 || all == NULL || loop_new(&loop) != DANESTS_OK)
		return 2;
	struct https_conf conf = {
		.ca_file = argv[1], .port = (int)strtol(argv[2], NULL, 10),
		.timeout_ms = (int)strtol(argv[3], NULL, 10),
		.max_fetches = (unsigned)strtoul(argv[4], NULL, 10),
		.allow_private = strcmp(argv[5], "allow") == 0,
	};
	if (https_new(&https, loop, &conf, problem) != DANESTS_OK) {
		printf("%s\n", problem);
		loop_free(loop);
		free(all);
		return 1;
	}
	list_init(&arrivals);
	for (size_t i = 0; i < n; i++) {
		bool left = argv[6 + i][0] == '-';

		awaited += !left;
		ask(https, &all[i], argv[6 + i] + left, &arrivals);
	}
	while (arrived < awaited) {
		while (!list_empty(&arrivals)) {
			struct list *at = arrivals.next;

			list_remove(at);
			CONTAINER_OF(CONTAINER_OF(at, struct ask, arrived), struct one,
			    ask)->place = (unsigned)++arrived;
		}
		if (arrived < awaited && loop_turn(loop, -1) != DANESTS_OK)
			return 2;
	}
	https_free(https);
	for (size_t i = 0; i < n; i++) {
		if (all[i].place > 0)
			show(&all[i]);
		answer_unref(all[i].ask.answer);
		answer_unref(all[i].ask.q.addr);
	}
	loop_free(loop);
	free(all);
	return 0;
}
