/* SPDX-License-Identifier: BSD-2-Clause */
/* Linting MTA-STS policies and their patterns: RFC 8461 3.2, 4.1. */
#include <stdlib.h>
#include <string.h>

#include "api/lint.h"
#include "parse/domain.h"
#include "parse/mxpattern.h"
#include "parse/stsbody.h"

#define DAY 86400u

static int by_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* Patterns that are there twice; 64 KiB can hold many. */
static int note_repeats(const struct stsbody *body, struct notes *notes)
{
	char **sorted;
	size_t i;

	if (body->mx_count < 2)
		return DANESTS_OK;
	sorted = malloc(body->mx_count * sizeof(*sorted));
	if (sorted == NULL)
		return DANESTS_ENOMEM;
	memcpy(sorted, body->mx, body->mx_count * sizeof(*sorted));
	qsort(sorted, body->mx_count, sizeof(*sorted), by_text);
	for (i = 1; i < body->mx_count; i++) {
		if (strcmp(sorted[i], sorted[i - 1]) == 0 &&
		    (i == 1 || strcmp(sorted[i], sorted[i - 2]) != 0))
			note_add(notes, "mx %s is there more than once", sorted[i]);
	}
	free(sorted);
	return DANESTS_OK;
}

static void note_pattern(const char *mx, struct notes *notes)
{
	const char *dot = strchr(mx, '.');

	if (dot == NULL)
		note_add(notes, "mx %s has one label only: is that the whole name of the host?",
		    mx);
	else if (mx[0] == '*' && strchr(dot + 1, '.') == NULL)
		note_add(notes, "mx %s accepts every host directly below \"%s\", also those of "
		    "others", mx, dot + 1);
}

/* What is allowed, and likely not meant. */
static int note_policy(const struct stsbody *body, struct notes *notes)
{
	size_t i;

	if (body->mode == STSBODY_NONE) {
		if (body->mx_count > 0)
			note_add(notes, "mx has no meaning with mode none");
		return DANESTS_OK;
	}
	/* RFC 8461 3.2: weeks or more, so that an attacker cannot wait for the end. */
	if (body->mode == STSBODY_ENFORCE && body->max_age < DAY)
		note_add(notes, "max_age is less than a day: an attacker who keeps senders from "
		    "the policy for that long undoes mode enforce; weeks are usual");
	for (i = 0; i < body->mx_count; i++)
		note_pattern(body->mx[i], notes);
	return note_repeats(body, notes);
}

static void say_policy(danests_lint *lint, const struct stsbody *body)
{
	struct buf mx = {0};
	size_t i;

	for (i = 0; i < body->mx_count && body->mode != STSBODY_NONE; i++) {
		if (i > 0)
			buf_char(&mx, ',');
		buf_str(&mx, body->mx[i]);
	}
	if (mx.bad)
		lint->text.bad = true;
	lint_verdict(lint, true, "valid mode=%s max_age=%u mx=%s", stsbody_mode_name(body->mode),
	    (unsigned)body->max_age, mx.data != NULL ? mx.data : "");
	buf_free(&mx);
}

ATTR_PUBLIC int danests_lint_sts_policy(danests_lint **out, const char *text, size_t len)
{
	danests_lint *lint = lint_new();
	struct notes notes = {0};
	struct stsbody body = {0};
	char why[STSBODY_WHY];
	int r;

	if (lint == NULL)
		return DANESTS_ENOMEM;
	r = stsbody_examine(&body, text, len, why, &notes);
	if (r == DANESTS_EINVAL) {
		lint_verdict(lint, false, "invalid: %s", why);
	} else if (r == DANESTS_OK) {
		say_policy(lint, &body);
		r = note_policy(&body, &notes);
	}
	if (r == DANESTS_ENOMEM)
		lint->text.bad = true;
	lint_warnings(lint, &notes);
	stsbody_free(&body);
	return lint_done(out, lint);
}

ATTR_PUBLIC int danests_lint_mx_match(danests_lint **out, const char *pattern, const char *host)
{
	danests_lint *lint = lint_new();
	struct notes notes = {0};
	char canonical[256], shown[NOTE_SHOWN];
	size_t len = strlen(pattern);
	struct domain domain;
	int r = DANESTS_ENAME;
	bool match;

	if (lint == NULL)
		return DANESTS_ENOMEM;
	if (stsbody_is_address(pattern, len)) {
		lint_verdict(lint, false, "no match");
		note_add(&notes, "%s: an address matches no MX host",
		    note_shown(shown, pattern, len));
	} else if (mxpattern_parse(canonical, pattern, len) != DANESTS_OK) { /* S16 */
		lint_verdict(lint, false, "invalid: %s", mxpattern_bad(pattern, len));
	} else {
		/* A host that is no host name is matched by nothing (S17). */
		r = domain_parse(&domain, host, strlen(host));
		match = r == DANESTS_OK && mxpattern_match(canonical, domain.name);
		lint_verdict(lint, match, match ? "match" : "no match");
		if (pattern[len - 1] == '.')
			note_add(&notes, "the final dot of the pattern is dropped; some senders "
			    "refuse a policy with one");
		if (r == DANESTS_ENAME)
			note_add(&notes, "\"%s\" is no host name",
			    note_shown(shown, host, strlen(host)));
	}
	if (r == DANESTS_ENOMEM)
		lint->text.bad = true;
	lint_warnings(lint, &notes);
	return lint_done(out, lint);
}
