/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: an octet for what to lint, then texts, one per line feed (a policy: all of it).
 * Laws: printable lines, the first a verdict, then one for each TLSA record, then warnings;
 * what is good is what senders take. */
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "parse/stsbody.h"
#include "parse/ststxt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 16

struct input {
	const char *all;
	size_t len, count;
	struct danests_text texts[MAX];
};

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* Returns how many lines there are that are neither verdict nor warning. */
static size_t check_lines(const danests_lint *lint)
{
	size_t others = 0, warnings = 0, i, j;
	const char *line;

	if (danests_lint_lines(lint) < 1)
		abort();
	for (i = 0; i < danests_lint_lines(lint); i++) {
		line = danests_lint_line(lint, i);
		for (j = 0; line[j] != '\0'; j++) {
			if (line[j] < ' ' || line[j] > '~')
				abort();
		}
		if (starts(line, "warning: "))
			warnings++;
		else if (warnings > 0)
			abort();
		else
			others += i > 0;
	}
	if (danests_lint_line(lint, i) != NULL || warnings > NOTE_MAX + 1)
		abort();
	return others;
}

static void check_verdict(danests_lint *lint, const char *good, bool is_good)
{
	const char *line = danests_lint_line(lint, 0);

	if (danests_lint_good(lint) != is_good || starts(line, good) != is_good)
		abort();
	if (!is_good && !starts(line, "invalid: ") && strcmp(line, "no match") != 0)
		abort();
	danests_lint_free(lint);
}

static void lint_sts_record(const struct input *in)
{
	danests_lint *lint;
	struct ststxt rec;

	if (danests_lint_sts_record(&lint, in->texts, in->count) != DANESTS_OK ||
	    check_lines(lint) > 0)
		abort();
	check_verdict(lint, "valid id=", ststxt_choose(&rec, in->texts, in->count) == STSTXT_OK);
}

static void lint_sts_policy(const struct input *in)
{
	struct stsbody body = {0};
	char why[STSBODY_WHY];
	danests_lint *lint;

	if (danests_lint_sts_policy(&lint, in->all, in->len) != DANESTS_OK ||
	    check_lines(lint) > 0)
		abort();
	check_verdict(lint, "valid mode=",
	    stsbody_parse(&body, in->all, in->len, why) == DANESTS_OK);
	stsbody_free(&body);
}

static void lint_tlsrpt_record(const struct input *in)
{
	danests_lint *lint;
	bool good;

	if (danests_lint_tlsrpt_record(&lint, in->texts, in->count) != DANESTS_OK ||
	    check_lines(lint) > 0)
		abort();
	good = danests_lint_good(lint);
	check_verdict(lint, "valid rua=", good);
}

static void lint_tlsa(const struct input *in)
{
	bool all = in->count > 0;
	struct danests_tlsa rec;
	danests_lint *lint;
	uint8_t *data;

	for (size_t i = 0; i < in->count; i++) {
		data = malloc(in->texts[i].len / 2); /* as little as is promised to suffice */
		if (danests_tlsa_read(&rec, data, in->texts[i].data, in->texts[i].len) !=
		    DANESTS_OK || danests_tlsa_unusable(&rec) != NULL)
			all = false;
		free(data);
	}
	if (danests_lint_tlsa(&lint, in->texts, in->count) != DANESTS_OK ||
	    check_lines(lint) != in->count)
		abort();
	check_verdict(lint, "valid", all);
}

static void lint_mx_match(const struct input *in)
{
	danests_lint *lint;
	char *args[2];
	bool good;

	for (size_t i = 0; i < 2; i++)
		args[i] = i < in->count ? strndup(in->texts[i].data, in->texts[i].len) : strdup("");
	if (args[0] == NULL || args[1] == NULL ||
	    danests_lint_mx_match(&lint, args[0], args[1]) != DANESTS_OK || check_lines(lint) > 0)
		abort();
	good = danests_lint_good(lint);
	check_verdict(lint, "match", good);
	free(args[0]);
	free(args[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(const struct input *) = {
		lint_sts_record, lint_sts_policy, lint_tlsrpt_record, lint_tlsa, lint_mx_match,
	};
	struct input in = { .count = 0 };
	const char *at, *end, *feed;

	if (size == 0)
		return 0;
	in.all = at = (const char *)data + 1;
	in.len = size - 1;
	end = at + in.len;
	while (at < end && in.count < MAX) {
		feed = memchr(at, '\n', (size_t)(end - at));
		in.texts[in.count++] = (struct danests_text){ at,
			(size_t)((feed == NULL ? end : feed) - at) };
		at = feed == NULL ? end : feed + 1;
	}
	kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))](&in);
	return 0;
}
