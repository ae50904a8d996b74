/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts questions to a DNS back end and prints what came: for run.sh.
 *	ask [-v | -s STUB] [-r RESOLVER] [-R RESOLV_CONF] [-H HINTS] [-a ANCHOR]
 *	    [-t MS] [-n ROUNDS] [-w MS] QUESTION...
 * A question is the text form of plan/question.h. -n asks them all so often, one
 * round after the other, waiting -w ms between; -p N: with so many in flight, one
 * million different names derived from the first one, and prints the rate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/dns.h"

#define MAX_QUESTIONS 64

struct world {
	struct loop *loop;
	struct dns *dns;
	struct list arrivals;
	struct dns_conf conf;
	unsigned rounds, wait_ms, parallel, total;
};

static void show_mx(const struct answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		printf(" %u:%s", (unsigned)a->mx[i].preference,
		    a->mx[i].host != NULL ? a->mx[i].host : "-");
}

static void show_addr(const struct answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		printf(" v%u", (unsigned)a->addr[i].family);
}

static void show_tlsa(const struct answer *a)
{
	for (size_t i = 0; i < a->count; i++)
		printf(" %u-%u-%u/%zu", (unsigned)a->tlsa[i].usage,
		    (unsigned)a->tlsa[i].selector, (unsigned)a->tlsa[i].mtype, a->tlsa[i].len);
}

/* TXT: only what shows; DS: tag, algorithm, digest type and length. */
static void show_raw(const struct answer *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct answer_raw *raw = &a->raw[i];
		char text[100];

		text_printable(text, sizeof(text), (const char *)raw->data, raw->len);
		if (a->kind == QUESTION_TXT)
			printf(" [%s]", text);
		else
			printf(" %u-%u/%zu", (unsigned)raw->data[2], (unsigned)raw->data[3],
			    raw->len - 4);
	}
}

static void show(const struct question *q, const struct answer *a)
{
	char text[QUESTION_TEXT_MAX + 1];

	question_text(q, text);
	printf("%s: %s%s%s", text, answer_state_name(a->state), a->nxdomain ? " nxdomain" : "",
	    a->null_mx ? " null" : "");
	if (a->reason != NULL)
		printf(" %s", a->reason);
	if (a->alias != NULL)
		printf(" alias=%s", a->alias);
	if (a->id != NULL)
		printf(" id=%s", a->id);
	if (a->kind == QUESTION_MX)
		show_mx(a);
	if (a->kind == QUESTION_ADDR)
		show_addr(a);
	if (a->kind == QUESTION_TLSA)
		show_tlsa(a);
	if (question_is_extra(a->kind))
		show_raw(a);
	printf("\n");
	fflush(stdout);
}

static void die(const char *what)
{
	fprintf(stderr, "ask: %s\n", what);
	exit(70);
}

static void begin(struct world *w, struct ask *ask)
{
	list_init(&ask->arrived);
	ask->arrivals = &w->arrivals;
	ask->answer = NULL;
	if (dns_ask(w->dns, ask) == SOURCE_PASS)
		die("not a DNS question");
}

static struct ask *next_arrival(struct world *w)
{
	struct ask *ask;

	while (list_empty(&w->arrivals))
		if (loop_turn(w->loop, -1) != DANESTS_OK)
			die("loop");
	ask = CONTAINER_OF(w->arrivals.next, struct ask, arrived);
	list_remove(&ask->arrived);
	return ask;
}

static void pause_ms(struct world *w, unsigned ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		if (loop_turn(w->loop, 10) != DANESTS_OK)
			die("loop");
}

static void ask_each(struct world *w, struct question *qs, size_t count)
{
	struct ask asks[MAX_QUESTIONS];
	bool printed;

	memset(asks, 0, sizeof(asks));
	for (size_t i = 0; i < count; i++) {
		asks[i].q = qs[i];
		begin(w, &asks[i]);
	}
	for (size_t i = 0; i < count; i++)
		(void)next_arrival(w);
	for (size_t i = 0; i < count; i++) {
		printed = asks[i].answer != NULL;
		if (!printed)
			die("no answer");
		show(&asks[i].q, asks[i].answer);
		answer_unref(asks[i].answer);
	}
}

/* Names n0.NAME, n1.NAME ...: counts states, so that nothing can be lost. */
static void ask_many(struct world *w, const struct question *first)
{
	unsigned states[5] = {0}, begun = 0, ended = 0;
	struct ask *asks = calloc(w->parallel, sizeof(*asks)), *ask;
	int64_t start = clock_mono_us(), took;

	if (asks == NULL)
		die("memory");
	while (ended < w->total) {
		ask = begun < w->parallel ? &asks[begun] : next_arrival(w);
		if (begun >= w->parallel) {
			ended++;
			if (ask->answer->state == ANSWER_FAILED && states[ANSWER_FAILED] < 5)
				fprintf(stderr, "n%u: %s\n", begun, ask->answer->reason);
			states[ask->answer->state]++;
			answer_unref(ask->answer);
		}
		if (begun >= w->total)
			continue;
		ask->q = *first;
		text_format(ask->q.name.name, sizeof(ask->q.name.name), "n%u.%s", begun++,
		    first->name.name);
		begin(w, ask);
	}
	took = clock_mono_us() - start;
	printf("secure=%u insecure=%u absent=%u insecure-absent=%u failed=%u\n", states[0],
	    states[1], states[2], states[3], states[4]);
	fprintf(stderr, "%.0f questions/s\n", 1e6 * w->total / (double)took);
	free(asks);
}

static void options(struct world *w, int argc, char **argv)
{
	int c;

	w->conf = (struct dns_conf){ .mode = DNS_VALIDATE, .resolver = "127.0.0.1",
	    .timeout_ms = 5000, .cache_bytes = (size_t)64 << 20 };
	w->rounds = 1;
	while ((c = getopt(argc, argv, "vs:r:R:H:a:t:n:w:p:N:")) != -1)
		switch (c) {
		case 'v': w->conf.mode = DNS_VALIDATE; break;
		case 's': w->conf.mode = DNS_TRUST_AD; w->conf.stub = optarg; break;
		case 'r': w->conf.resolver = optarg; break;
		case 'R': w->conf.resolv_conf = optarg; break;
		case 'H': w->conf.root_hints = optarg; break;
		case 'a': w->conf.trust_anchor = optarg; break;
		case 't': w->conf.timeout_ms = (int)strtol(optarg, NULL, 10); break;
		case 'n': w->rounds = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'w': w->wait_ms = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'p': w->parallel = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'N': w->total = (unsigned)strtoul(optarg, NULL, 10); break;
		default: exit(64);
		}
}

int main(int argc, char **argv)
{
	struct question qs[MAX_QUESTIONS];
	char problem[DNS_PROBLEM] = "";
	const char *text, *resolvers;
	struct world w = {0};
	size_t count = 0;
	int r;

	options(&w, argc, argv);
	for (; optind < argc && count < MAX_QUESTIONS; optind++, count++)
		if (question_parse(&qs[count], argv[optind], strlen(argv[optind])) != DANESTS_OK)
			die("not a question");
	list_init(&w.arrivals);
	if (loop_new(&w.loop) != DANESTS_OK)
		die("loop");
	r = dns_new(&w.dns, w.loop, &w.conf, problem);
	if (r != DANESTS_OK) {
		printf("error %d: %s\n", r, problem);
		loop_free(w.loop);
		return 1;
	}
	for (unsigned i = 0; i < w.rounds; i++) {
		if (i > 0)
			pause_ms(&w, w.wait_ms);
		if (w.parallel > 0 && count > 0)
			ask_many(&w, &qs[0]);
		else
			ask_each(&w, qs, count);
	}
	r = (int)dns_trust(w.dns, &text, &resolvers);
	printf("trust %d %s; %s\n", r, text, resolvers);
	dns_free(w.dns);
	loop_free(w.loop);
	return 0;
}
