/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define REASON_MAX 160 /* detail of a failure: remote words are bounded */

/* What a failure is when there is no memory left to say more. Not counted. */
#define NO_MEMORY(k) [k] = { .kind = (k), .state = ANSWER_FAILED, \
	.failure = FAILURE_LOCAL, .reason = (char[]){ "out of memory" } }
static struct answer no_memory[] = {
	NO_MEMORY(QUESTION_MX), NO_MEMORY(QUESTION_ADDR), NO_MEMORY(QUESTION_CNAME),
	NO_MEMORY(QUESTION_TLSA), NO_MEMORY(QUESTION_STSTXT),
	NO_MEMORY(QUESTION_STSHELD), NO_MEMORY(QUESTION_STS), NO_MEMORY(QUESTION_TXT),
	NO_MEMORY(QUESTION_DS),
};

static bool is_static(const struct answer *a)
{
	return a == &no_memory[a->kind];
}

struct answer *answer_new(enum question_kind kind, enum answer_state state, time_t expires)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	atomic_init(&a->refs, 1);
	a->kind = kind;
	a->state = state;
	a->expires = expires;
	a->bytes = sizeof(*a);
	return a;
}

/* Arrays double: room is gone exactly when count is 0 or a power of two. */
static void *grown(struct answer *a, void *array, size_t member)
{
	size_t more = a->count == 0 ? 1 : a->count;
	void *p;

	if ((a->count & (a->count - 1)) != 0)
		return array;
	p = realloc(array, (a->count + more) * member);
	if (p != NULL)
		a->bytes += more * member;
	return p;
}

static int set_text(struct answer *a, char **where, const char *text)
{
	char *copy = text != NULL ? strdup(text) : NULL;

	if (text != NULL && copy == NULL)
		return DANESTS_ENOMEM;
	if (*where != NULL)
		a->bytes -= strlen(*where) + 1;
	free(*where);
	*where = copy;
	if (copy != NULL)
		a->bytes += strlen(copy) + 1;
	return DANESTS_OK;
}

int answer_add_mx(struct answer *a, uint16_t preference, const char *host)
{
	struct answer_mx mx = { .preference = preference };
	struct answer_mx *array;
	size_t at;

	if (set_text(a, &mx.host, host) != DANESTS_OK)
		return DANESTS_ENOMEM;
	array = grown(a, a->mx, sizeof(*array));
	if (array == NULL) {
		(void)set_text(a, &mx.host, NULL);
		return DANESTS_ENOMEM;
	}
	a->mx = array;
	/* L1: by preference and nothing else; equal ones stay as received. */
	for (at = a->count; at > 0 && array[at - 1].preference > preference; at--)
		array[at] = array[at - 1];
	array[at] = mx;
	a->count++;
	return DANESTS_OK;
}

int answer_add_addr(struct answer *a, int family, const uint8_t *bytes)
{
	struct answer_addr *array = grown(a, a->addr, sizeof(*array));
	size_t at;

	if (array == NULL)
		return DANESTS_ENOMEM;
	a->addr = array;
	at = a->count;
	if (family == 6) /* AAAA before A, each as received */
		for (; at > 0 && array[at - 1].family == 4; at--)
			array[at] = array[at - 1];
	array[at] = (struct answer_addr){ .family = (uint8_t)family };
	memcpy(array[at].bytes, bytes, family == 6 ? 16 : 4);
	a->count++;
	return DANESTS_OK;
}

static uint8_t *copy_of(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (copy != NULL && len > 0)
		memcpy(copy, data, len);
	return copy;
}

int answer_add_raw(struct answer *a, const uint8_t *data, size_t len)
{
	struct answer_raw raw = { .len = len, .data = copy_of(data, len) }, *array;

	if (raw.data == NULL)
		return DANESTS_ENOMEM;
	array = grown(a, a->raw, sizeof(*array));
	if (array == NULL) {
		free(raw.data);
		return DANESTS_ENOMEM;
	}
	a->raw = array;
	a->raw[a->count++] = raw;
	a->bytes += len + 1;
	return DANESTS_OK;
}

int answer_add_tlsa(struct answer *a, const struct danests_tlsa *rec)
{
	struct danests_tlsa copy = *rec, *array;
	uint8_t *data = copy_of(rec->data, rec->len);

	if (data == NULL)
		return DANESTS_ENOMEM;
	array = grown(a, a->tlsa, sizeof(*array));
	if (array == NULL) {
		free(data);
		return DANESTS_ENOMEM;
	}
	copy.data = data;
	a->tlsa = array;
	a->tlsa[a->count++] = copy;
	a->bytes += rec->len + 1;
	return DANESTS_OK;
}

int answer_set_alias(struct answer *a, const char *name)
{
	return set_text(a, &a->alias, name);
}

int answer_set_reason(struct answer *a, const char *reason)
{
	char safe[2 * REASON_MAX];

	if (reason == NULL)
		return set_text(a, &a->reason, NULL);
	text_printable(safe, sizeof(safe), reason, strlen(reason));
	return set_text(a, &a->reason, safe);
}

int answer_set_id(struct answer *a, const char *id)
{
	return set_text(a, &a->id, id);
}

/* What malloc(3) takes for so many octets, glibc's way: its own word before them,
 * in steps of two words, and no less than four. */
static size_t block(size_t octets)
{
	const size_t word = sizeof(void *), step = 2 * word;
	size_t all = (octets + word + step - 1) / step * step;

	return all > 4 * word ? all : 4 * word;
}

/* Thousands of short patterns fit into a policy, each a block of its own, and their
 * array doubles: more than its text, many times over. */
static size_t patterns_bytes(const struct stsbody *body)
{
	size_t room = 8, sum = 0;

	if (body->mx_count == 0)
		return 0;
	while (room < body->mx_count)
		room *= 2;
	for (size_t i = 0; i < body->mx_count; i++)
		sum += block(strlen(body->mx[i]) + 1);
	return sum + block(room * sizeof(*body->mx));
}

int answer_set_policy(struct answer *a, const char *text, size_t len, struct stsbody *body)
{
	char *copy = malloc(len + 1);

	if (copy == NULL) {
		stsbody_free(body);
		return DANESTS_ENOMEM;
	}
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	free(a->text);
	stsbody_free(&a->body);
	a->text = copy;
	a->text_len = len;
	a->body = *body;
	*body = (struct stsbody){0};
	a->bytes += len + 1 + patterns_bytes(&a->body);
	return DANESTS_OK;
}

static const struct {
	const char *name, *text;
} failures[] = {
	[FAILURE_NONE]        = { "NONE",        "unknown" },
	[FAILURE_BOGUS]       = { "BOGUS",       "DNSSEC bogus" },
	[FAILURE_SERVFAIL]    = { "SERVFAIL",    "SERVFAIL" },
	[FAILURE_TIMEOUT]     = { "TIMEOUT",     "no answer" },
	[FAILURE_MALFORMED]   = { "MALFORMED",   "malformed answer" },
	[FAILURE_LOCAL]       = { "LOCAL",       "local failure" },
	[FAILURE_STS_FETCH]   = { "STS_FETCH",   "policy not fetched" },
	[FAILURE_STS_INVALID] = { "STS_INVALID", "policy invalid" },
	[FAILURE_STS_WEBPKI]  = { "STS_WEBPKI",  "policy host not authenticated" },
};

const char *answer_failure_text(enum answer_failure failure)
{
	return (size_t)failure < COUNT_OF(failures) ? failures[failure].text : "?";
}

const char *answer_failure_name(enum answer_failure failure)
{
	return (size_t)failure < COUNT_OF(failures) ? failures[failure].name : "?";
}

const char *answer_state_name(enum answer_state state)
{
	static const char *const names[] = {
		[ANSWER_SECURE]          = "SECURE",
		[ANSWER_INSECURE]        = "INSECURE",
		[ANSWER_ABSENT_SECURE]   = "ABSENT_SECURE",
		[ANSWER_ABSENT_INSECURE] = "ABSENT_INSECURE",
		[ANSWER_FAILED]          = "FAILED",
	};

	return (size_t)state < COUNT_OF(names) ? names[state] : "?";
}

struct answer *answer_failed(enum question_kind kind, enum answer_failure failure,
    time_t expires, const char *fmt, ...)
{
	const char *text = answer_failure_text(failure);
	struct answer *a = answer_new(kind, ANSWER_FAILED, expires);
	char detail[REASON_MAX] = "", words[2 * REASON_MAX];
	va_list args;

	if (a == NULL)
		return &no_memory[kind];
	a->failure = failure;
	if (fmt != NULL) {
		va_start(args, fmt);
		if (vsnprintf(detail, sizeof(detail), fmt, args) < 0)
			detail[0] = '\0';
		va_end(args);
	}
	if (detail[0] == '\0')
		text_format(words, sizeof(words), "%s", text);
	else if (strncmp(detail, text, strlen(text)) == 0)
		text_format(words, sizeof(words), "%s", detail);
	else
		text_format(words, sizeof(words), "%s (%s)", text, detail);
	if (answer_set_reason(a, words) != DANESTS_OK) {
		answer_unref(a);
		return &no_memory[kind];
	}
	return a;
}

struct answer *answer_ref(const struct answer *a)
{
	struct answer *counted = (struct answer *)a;

	if (!is_static(a))
		atomic_fetch_add_explicit(&counted->refs, 1, memory_order_relaxed);
	return counted;
}

static void free_records(struct answer *a)
{
	for (size_t i = 0; i < a->count && a->mx != NULL; i++)
		free(a->mx[i].host);
	for (size_t i = 0; i < a->count && a->tlsa != NULL; i++)
		free((void *)a->tlsa[i].data);
	for (size_t i = 0; i < a->count && a->raw != NULL; i++)
		free(a->raw[i].data);
	free(a->mx);
	free(a->addr);
	free(a->tlsa);
	free(a->raw);
}

void answer_unref(const struct answer *a)
{
	struct answer *counted = (struct answer *)a;

	if (a == NULL || is_static(a) ||
	    atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel) != 1)
		return;
	free_records(counted);
	stsbody_free(&counted->body);
	free(counted->alias);
	free(counted->reason);
	free(counted->id);
	free(counted->text);
	free(counted);
}
