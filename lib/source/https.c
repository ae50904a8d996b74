/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/https_addr.h"
#include "source/https_get.h"
#include "source/https_loop.h"

enum {
	GRACE_MS = 500,           /* for curl's own time limit to come first */
	WORTH_IT = 8,             /* with less than that part of the time nobody starts */
	/* One who has many domains, and lets each of our connections hang, shall hold up
	 * nobody but himself. */
	PER_NETWORK = 4,          /* fetches at once, of what is at one place */
	WAITING_MAX = 4096,
	WAITING_PER_NETWORK = 1024, /* about what can have its turn in time */
};

struct https {
	struct https_conf conf;
	char *ca_file;
	struct danests_trust *authorities;
	struct https_loop hl;
	struct list fetches;      /* all */
	struct map networks;
	struct list ready;        /* networks with a fetch that may start */
	unsigned count, active;   /* of fetches */
};

/* Policy hosts next to each other, while any of them is asked. */
struct network {
	struct map_node node;
	struct list ready;
	struct list waiting;      /* fetches, the oldest first */
	unsigned count, active;   /* of fetches */
	uint8_t key[HTTPS_ADDR_NETWORK];
};

struct fetch {
	struct list link;
	struct list turn;         /* in network->waiting */
	struct https *https;
	struct network *network;  /* NULL: it never came that far */
	bool active;
	struct ask *ask;
	struct https_get get;
	struct loop_timer limit;  /* whatever curl does, this ends it */
};

static void fetch_done(void *arg, CURL *easy, CURLcode code);

/* ---- Open and close ---- */

static CURLcode global_result;

/* For the process, once, and never undone: others in it may use curl, too. */
static void global_init(void)
{
	global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int open_parts(struct https *https, struct loop *loop, char problem[HTTPS_PROBLEM])
{
	int r;

	if (https->conf.ca_file != NULL) {
		https->ca_file = strdup(https->conf.ca_file);
		if (https->ca_file == NULL)
			return DANESTS_ENOMEM;
		https->conf.ca_file = https->ca_file;
	}
	r = trust_open(&https->authorities, https->conf.ca_file, problem);
	return r != DANESTS_OK ? r : https_loop_open(&https->hl, loop, fetch_done, https);
}

static struct map_key network_key(const struct map_node *node)
{
	const struct network *n = CONTAINER_OF(node, struct network, node);

	return (struct map_key){ n->key, sizeof(n->key) };
}

int https_new(struct https **out, struct loop *loop, const struct https_conf *conf,
    char problem[HTTPS_PROBLEM])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct https *https;
	int r;

	text_format(problem, HTTPS_PROBLEM, "https: out of memory");
	if (pthread_once(&once, global_init) != 0 || global_result != CURLE_OK) {
		text_format(problem, HTTPS_PROBLEM, "libcurl does not start");
		return DANESTS_ESYSTEM;
	}
	https = calloc(1, sizeof(*https));
	if (https == NULL)
		return DANESTS_ENOMEM;
	https->conf = *conf;
	list_init(&https->fetches);
	list_init(&https->ready);
	map_init(&https->networks, network_key);
	r = open_parts(https, loop, problem);
	if (r != DANESTS_OK) {
		https_free(https);
		return r;
	}
	problem[0] = '\0';
	*out = https;
	return DANESTS_OK;
}

static void fetch_free(struct fetch *f);

void https_free(struct https *https)
{
	if (https == NULL)
		return;
	while (!list_empty(&https->fetches))
		fetch_free(CONTAINER_OF(https->fetches.next, struct fetch, link));
	map_free(&https->networks);
	https_loop_close(&https->hl);
	danests_trust_unref(https->authorities);
	free(https->ca_file);
	free(https);
}

/* ---- Turns ---- */

/* NULL without memory. */
static struct network *network_get(struct https *https, const struct answer *addr)
{
	uint8_t key[HTTPS_ADDR_NETWORK];
	struct map_node *node;
	struct network *n;

	https_addr_network(key, addr, https->conf.allow_private);
	node = map_get(&https->networks, key, sizeof(key));
	if (node != NULL)
		return CONTAINER_OF(node, struct network, node);
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return NULL;
	memcpy(n->key, key, sizeof(key));
	list_init(&n->ready);
	list_init(&n->waiting);
	if (map_put(&https->networks, &n->node) == DANESTS_OK)
		return n;
	free(n);
	return NULL;
}

/* Networks take turns, one fetch each; who has its turn already keeps its place. */
static void network_settle(struct https *https, struct network *n)
{
	if (list_empty(&n->waiting) || n->active >= PER_NETWORK)
		list_remove(&n->ready);
	else if (list_empty(&n->ready))
		list_append(&https->ready, &n->ready);
}

static void network_join(struct fetch *f, struct network *n)
{
	f->network = n;
	n->count++;
	f->https->count++;
	list_append(&n->waiting, &f->turn);
	network_settle(f->https, n);
}

static void network_leave(struct fetch *f)
{
	struct https *https = f->https;
	struct network *n = f->network;

	list_remove(&f->turn);
	https->active -= f->active;
	n->active -= f->active;
	https->count--;
	if (--n->count > 0) {
		network_settle(https, n);
		return;
	}
	list_remove(&n->ready);
	map_del(&https->networks, &n->node);
	free(n);
}

static void network_start(struct fetch *f)
{
	f->active = true;
	f->https->active++;
	f->network->active++;
	list_remove(&f->turn);
	/* Behind the others. */
	list_remove(&f->network->ready);
	network_settle(f->https, f->network);
}

static bool too_many(const struct https *https, const struct network *n)
{
	return https->count - https->active > WAITING_MAX ||
	    n->count - n->active > WAITING_PER_NETWORK;
}

/* ---- Fetches ---- */

static void fetch_free(struct fetch *f)
{
	struct https *https = f->https;

	list_remove(&f->link);
	if (f->network != NULL)
		network_leave(f);
	loop_untimer(https->hl.loop, &f->limit);
	if (f->get.easy != NULL)
		(void)curl_multi_remove_handle(https->hl.multi, f->get.easy);
	https_get_close(&f->get);
	free(f);
}

static void fetch_finish(struct fetch *f)
{
	ask_arrive(f->ask, https_get_answer(&f->get, f->ask->q.id));
	fetch_free(f);
}

static void on_limit(void *arg);

/* The time runs from here on, so that nobody waits for ever. False: it has failed. */
static bool fetch_queue(struct fetch *f)
{
	struct https *https = f->https;
	struct network *n;

	if (!https_get_aim(&f->get, f->ask->q.name.name, f->ask->q.addr))
		return false;
	if (loop_timer(https->hl.loop, &f->limit, https->conf.timeout_ms, on_limit, f) !=
	    DANESTS_OK)
		return https_get_fail(&f->get, FAILURE_LOCAL, "out of memory");
	n = network_get(https, f->ask->q.addr);
	if (n == NULL)
		return https_get_fail(&f->get, FAILURE_LOCAL, "out of memory");
	network_join(f, n);
	return true;
}

/* False: it has failed. */
static bool fetch_start(struct fetch *f)
{
	struct https *https = f->https;
	int64_t left = f->limit.due - clock_mono_ms();

	f->get.timeout_ms = (int)left;
	if (left <= https->conf.timeout_ms / WORTH_IT)
		return https_get_fail_busy(&f->get);
	if (!https_get_open(&f->get))
		return false;
	if (loop_timer(https->hl.loop, &f->limit, f->get.timeout_ms + GRACE_MS, on_limit, f) !=
	    DANESTS_OK || curl_multi_add_handle(https->hl.multi, f->get.easy) != CURLM_OK)
		return https_get_fail(&f->get, FAILURE_LOCAL, "out of memory");
	network_start(f);
	return true;
}

static void start_waiting(struct https *https)
{
	while (https->active < https->conf.max_fetches && !list_empty(&https->ready)) {
		struct network *n = CONTAINER_OF(https->ready.next, struct network, ready);
		struct fetch *f = CONTAINER_OF(n->waiting.next, struct fetch, turn);

		if (!fetch_start(f))
			fetch_finish(f);
	}
}

static void fetch_end(struct fetch *f, CURLcode code)
{
	struct https *https = f->https;

	https_get_judge(&f->get, code);
	fetch_finish(f);
	start_waiting(https);
}

static void on_limit(void *arg)
{
	struct fetch *f = arg;

	if (!f->active)
		https_get_fail_busy(&f->get);
	fetch_end(f, CURLE_OPERATION_TIMEDOUT);
}

static void fetch_done(void *arg, CURL *easy, CURLcode code)
{
	struct https_get *get = NULL;

	(void)arg;
	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &get) == CURLE_OK && get != NULL)
		fetch_end(CONTAINER_OF(get, struct fetch, get), code);
}

bool https_idle(const struct https *https) { return list_empty(&https->fetches); }

enum source_result https_ask(struct https *https, struct ask *ask)
{
	struct fetch *f;

	if (ask->q.kind != QUESTION_STS)
		return SOURCE_PASS;
	ask_send(ask, https->conf.counts);
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		ask_arrive(ask, answer_failed(QUESTION_STS, FAILURE_LOCAL,
		    clock_now() + ANSWER_TTL_FAILED, "out of memory"));
		return SOURCE_ANSWERED;
	}
	f->https = https;
	f->ask = ask;
	f->get.conf = &https->conf;
	f->get.authorities = https->authorities;
	list_init(&f->turn);
	list_append(&https->fetches, &f->link);
	if (!fetch_queue(f)) {
		fetch_finish(f); /* no need to wait for that */
		return SOURCE_ANSWERED;
	}
	start_waiting(https);
	if (ask->answer != NULL)
		return SOURCE_ANSWERED;
	if (f->active || !too_many(https, f->network))
		return SOURCE_PENDING;
	https_get_fail_busy(&f->get);
	fetch_finish(f);
	return SOURCE_ANSWERED;
}
