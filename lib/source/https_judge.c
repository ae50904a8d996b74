/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of a transfer, in words: the table at the end of RFC 8460 4.3. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "source/https_get.h"

bool https_get_fail(struct https_get *get, enum answer_failure failure, const char *fmt, ...)
{
	char words[2 * HTTPS_WHY];
	va_list args;

	if (get->failure != FAILURE_NONE)
		return false;
	va_start(args, fmt);
	if (vsnprintf(words, sizeof(words), fmt, args) < 0)
		words[0] = '\0';
	va_end(args);
	get->failure = failure;
	text_printable(get->why, sizeof(get->why), words, strlen(words));
	return false;
}

bool https_get_fail_status(struct https_get *get, long code)
{
	/* S8 */
	return https_get_fail(get, FAILURE_STS_FETCH, code / 100 == 3 && code != 304 ?
	    "redirect refused (HTTP %ld)" : "HTTP status %ld", code);
}

bool https_get_fail_size(struct https_get *get)
{
	/* S10 */
	return https_get_fail(get, FAILURE_STS_INVALID, "body larger than %u bytes",
	    STSBODY_MAX);
}

/* Nothing is said against the policy host. */
bool https_get_fail_busy(struct https_get *get)
{
	return https_get_fail(get, FAILURE_LOCAL, "too many policies are being fetched");
}

static curl_off_t micros(const struct https_get *get, CURLINFO which)
{
	curl_off_t t = 0;

	return curl_easy_getinfo(get->easy, which, &t) == CURLE_OK ? t : 0;
}

/* How far it came. */
static const char *phase(const struct https_get *get)
{
	long port = 0;

	(void)curl_easy_getinfo(get->easy, CURLINFO_LOCAL_PORT, &port);
	/* Some versions tell the time of the connection only once TLS stands. */
	if (port == 0 && micros(get, CURLINFO_CONNECT_TIME_T) == 0)
		return "connect";
	return micros(get, CURLINFO_APPCONNECT_TIME_T) == 0 ? "TLS handshake" : "HTTP";
}

static void say_timeout(struct https_get *get)
{
	curl_off_t ms = micros(get, CURLINFO_TOTAL_TIME_T) / 1000;

	if (get->timeout_ms < get->conf->timeout_ms / 2) /* we made it wait most of the time */
		https_get_fail_busy(get);
	else if (ms + 1000 < get->timeout_ms && get->verified)
		https_get_fail(get, FAILURE_STS_FETCH, "HTTP: too slow, given up after %ld s",
		    (long)((ms + 500) / 1000));
	else if (ms < 10000)
		https_get_fail(get, FAILURE_STS_FETCH, "%s: timed out after %ld.%ld s",
		    phase(get), (long)(ms / 1000), (long)(ms % 1000 / 100));
	else
		https_get_fail(get, FAILURE_STS_FETCH, "%s: timed out after %ld s", phase(get),
		    (long)((ms + 500) / 1000));
}

/* strerror(3) may speak any language. */
static void say_connect(struct https_get *get)
{
	static const struct {
		int error;
		const char *words;
	} table[] = {
		{ ECONNREFUSED, "refused" },
		{ ECONNRESET, "reset" },
		{ EHOSTUNREACH, "host is unreachable" },
		{ ENETUNREACH, "network is unreachable" },
		{ ETIMEDOUT, "timed out" },
		{ EACCES, "not permitted here" },
		{ EPERM, "not permitted here" },
	};
	const char *words = "failed";
	long error = 0;

	(void)curl_easy_getinfo(get->easy, CURLINFO_OS_ERRNO, &error);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (table[i].error == error)
			words = table[i].words;
	}
	https_get_fail(get, FAILURE_STS_FETCH, "connect: %s", words);
}

static void say_curl(struct https_get *get, CURLcode code)
{
	static const struct {
		CURLcode code;
		const char *words;
	} table[] = {
		{ CURLE_GOT_NOTHING, "HTTP: no answer, connection closed" },
		{ CURLE_PARTIAL_FILE, "HTTP: body cut short" },
		{ CURLE_RECV_ERROR, "HTTP: connection broken" },
		{ CURLE_SEND_ERROR, "HTTP: connection broken" },
		{ CURLE_UNSUPPORTED_PROTOCOL, "HTTP: not HTTP/1.0 or 1.1" },
		{ CURLE_WEIRD_SERVER_REPLY, "HTTP: malformed answer" },
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (table[i].code == code) {
			https_get_fail(get, FAILURE_STS_FETCH, "%s", table[i].words);
			return;
		}
	}
	https_get_fail(get, FAILURE_STS_FETCH, "%s: %s", phase(get),
	    get->said[0] != '\0' ? get->said : curl_easy_strerror(code));
}

static void judge_code(struct https_get *get, CURLcode code)
{
	switch (code) {
	case CURLE_OUT_OF_MEMORY:
	case CURLE_ABORTED_BY_CALLBACK: /* a socket could not be watched */
		https_get_fail(get, FAILURE_LOCAL, "out of memory");
		break;
	case CURLE_OPERATION_TIMEDOUT:
		say_timeout(get);
		break;
	case CURLE_COULDNT_CONNECT:
		say_connect(get);
		break;
	case CURLE_FILESIZE_EXCEEDED:
		https_get_fail_size(get);
		break;
	default:
		say_curl(get, code);
	}
}

void https_get_judge(struct https_get *get, CURLcode code)
{
	long status = 0;

	if (get->failure != FAILURE_NONE)
		return;
	(void)curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status != 200)
		https_get_fail_status(get, status);
	else if (code != CURLE_OK)
		judge_code(get, code);
	else if (status != 200)
		https_get_fail_status(get, status);
	else if (!get->verified) /* cannot be; but nothing else would notice */
		https_get_fail(get, FAILURE_STS_WEBPKI, "certificate was not verified");
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

struct answer *https_get_answer(struct https_get *get, const char *id)
{
	return get->failure == FAILURE_NONE ? fetched_answer(get, id) : failed_answer(get);
}
