/* SPDX-License-Identifier: BSD-2-Clause */
#include "source/https.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/https_get.h"
#include "source/https_loop.h"

enum { GRACE_MS = 500 }; /* for curl's own time limit to come first */

struct https {
	struct https_conf conf;
	char *ca_file;
	gnutls_x509_trust_list_t authorities;
	struct https_loop hl;
	struct list waiting, active; /* of fetches; the oldest first */
	unsigned active_count;
};

struct fetch {
	struct list link;
	struct https *https;
	struct ask *ask;
	struct https_get get;
	struct loop_timer limit; /* whatever curl does, this ends it */
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
	r = https_cert_authorities(&https->authorities, https->conf.ca_file, problem);
	return r != DANESTS_OK ? r : https_loop_open(&https->hl, loop, fetch_done, https);
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
	list_init(&https->waiting);
	list_init(&https->active);
	r = open_parts(https, loop, problem);
	if (r != DANESTS_OK) {
		https_free(https);
		return r;
	}
	problem[0] = '\0';
	*out = https;
	return DANESTS_OK;
}

int https_check(const struct https_conf *conf, char problem[HTTPS_PROBLEM])
{
	gnutls_x509_trust_list_t authorities;
	int r = https_cert_authorities(&authorities, conf->ca_file, problem);

	if (r == DANESTS_OK)
		gnutls_x509_trust_list_deinit(authorities, 1);
	return r;
}

static void fetch_free(struct fetch *f)
{
	struct https *https = f->https;

	list_remove(&f->link);
	loop_untimer(https->hl.loop, &f->limit);
	if (f->get.easy != NULL)
		(void)curl_multi_remove_handle(https->hl.multi, f->get.easy);
	https_get_close(&f->get);
	free(f);
}

static void free_all(struct list *fetches)
{
	while (!list_empty(fetches))
		fetch_free(CONTAINER_OF(fetches->next, struct fetch, link));
}

void https_free(struct https *https)
{
	if (https == NULL)
		return;
	free_all(&https->active);
	free_all(&https->waiting);
	https_loop_close(&https->hl);
	if (https->authorities != NULL)
		gnutls_x509_trust_list_deinit(https->authorities, 1);
	free(https->ca_file);
	free(https);
}

/* ---- Answers ---- */

/* NULL without memory. */
static struct answer *policy_answer(const char *id, const struct buf *text,
    struct stsbody *body)
{
	/* WebPKI vouches for it, DNSSEC does not. */
	struct answer *a = answer_new(QUESTION_STS, ANSWER_INSECURE,
	    clock_now() + (time_t)body->max_age);

	if (a == NULL) {
		stsbody_free(body);
		return NULL;
	}
	if (answer_set_policy(a, text->data, text->len, body) == DANESTS_OK &&
	    answer_set_id(a, id) == DANESTS_OK)
		return a;
	answer_unref(a);
	return NULL;
}

/* What is our own fault is over sooner than the wait of S11. */
static struct answer *failed_answer(const struct https_get *get)
{
	int wait = get->failure == FAILURE_LOCAL ? ANSWER_TTL_FAILED : ANSWER_FETCH_RETRY;

	return answer_failed(QUESTION_STS, get->failure, clock_now() + wait, "%s", get->why);
}

static struct answer *fetched_answer(struct https_get *get, const char *id)
{
	const char *text = get->body.data != NULL ? get->body.data : "";
	struct answer *a = NULL;
	struct stsbody body;
	char why[STSBODY_WHY];

	switch (stsbody_parse(&body, text, get->body.len, why)) {
	case DANESTS_OK:
		a = policy_answer(id, &get->body, &body);
		break;
	case DANESTS_EINVAL:
		https_get_fail(get, FAILURE_STS_INVALID, "%s", why);
		break;
	default:
		break;
	}
	if (a != NULL)
		return a;
	https_get_fail(get, FAILURE_LOCAL, "out of memory");
	return failed_answer(get);
}

/* ---- Fetches ---- */

static void fetch_finish(struct fetch *f)
{
	struct answer *a = f->get.failure == FAILURE_NONE ?
	    fetched_answer(&f->get, f->ask->q.id) : failed_answer(&f->get);

	ask_arrive(f->ask, a);
	fetch_free(f);
}

static void on_limit(void *arg);

/* False: it has failed. */
static bool fetch_start(struct fetch *f)
{
	struct https *https = f->https;

	if (!https_get_open(&f->get))
		return false;
	/* The time in the queue does not count. */
	if (loop_timer(https->hl.loop, &f->limit, https->conf.timeout_ms + GRACE_MS,
	    on_limit, f) != DANESTS_OK ||
	    curl_multi_add_handle(https->hl.multi, f->get.easy) != CURLM_OK)
		return https_get_fail(&f->get, FAILURE_LOCAL, "out of memory");
	list_remove(&f->link);
	list_append(&https->active, &f->link);
	https->active_count++;
	return true;
}

static void start_waiting(struct https *https)
{
	while (https->active_count < https->conf.max_fetches && !list_empty(&https->waiting)) {
		struct fetch *f = CONTAINER_OF(https->waiting.next, struct fetch, link);

		if (!fetch_start(f))
			fetch_finish(f);
	}
}

static void fetch_end(struct fetch *f, CURLcode code)
{
	struct https *https = f->https;

	https_get_judge(&f->get, code);
	https->active_count--;
	fetch_finish(f);
	start_waiting(https);
}

static void on_limit(void *arg)
{
	fetch_end(arg, CURLE_OPERATION_TIMEDOUT);
}

static void fetch_done(void *arg, CURL *easy, CURLcode code)
{
	struct https_get *get = NULL;

	(void)arg;
	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &get) == CURLE_OK && get != NULL)
		fetch_end(CONTAINER_OF(get, struct fetch, get), code);
}

enum source_result https_ask(struct https *https, struct ask *ask)
{
	struct fetch *f;

	if (ask->q.kind != QUESTION_STS)
		return SOURCE_PASS;
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
	list_append(&https->waiting, &f->link);
	if (!https_get_aim(&f->get, ask->q.name.name, ask->q.addr))
		fetch_finish(f); /* no need to wait for that */
	else
		start_waiting(https);
	return ask->answer != NULL ? SOURCE_ANSWERED : SOURCE_PENDING;
}
