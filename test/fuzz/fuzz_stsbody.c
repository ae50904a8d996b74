/* SPDX-License-Identifier: BSD-2-Clause */
/* Laws: an accepted policy has what S15 asks for; written down again from its parts it
 * parses to the same parts; a refused one has a printable reason and left no trace. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "danests.h"
#include "parse/stsbody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const modes[] = { "none", "testing", "enforce" };

static void check_again(const struct stsbody *body)
{
	struct stsbody two;
	struct buf text = {0};
	char why[STSBODY_WHY];
	size_t i;

	buf_printf(&text, "version: STSv1\r\nmode:%s\nmax_age: %u\n", modes[body->mode],
	    (unsigned)body->max_age);
	for (i = 0; i < body->mx_count; i++)
		buf_printf(&text, "mx: %s \n", body->mx[i]);
	if (text.bad)
		abort();
	/* A body at the limit, of lines shorter than ours, may become too long. */
	if (text.len <= STSBODY_MAX) {
		if (stsbody_parse(&two, text.data, text.len, why) != DANESTS_OK ||
		    two.mode != body->mode || two.max_age != body->max_age ||
		    two.mx_count != body->mx_count)
			abort();
		for (i = 0; i < body->mx_count; i++) {
			if (strcmp(body->mx[i], two.mx[i]) != 0)
				abort();
		}
		stsbody_free(&two);
	}
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stsbody body = {0};
	char why[STSBODY_WHY];
	size_t i;
	int r;

	r = stsbody_parse(&body, (const char *)data, size, why);
	if (strlen(why) >= STSBODY_WHY)
		abort();
	for (i = 0; why[i] != '\0'; i++) {
		if (why[i] < ' ' || why[i] > '~')
			abort();
	}
	if (r != DANESTS_OK) {
		if (r != DANESTS_EINVAL || why[0] == '\0' || body.mx != NULL)
			abort();
		return 0;
	}
	if (body.max_age > STSBODY_MAX_AGE || size > STSBODY_MAX)
		abort();
	if (body.mode != STSBODY_NONE && body.mx_count == 0)
		abort();
	check_again(&body);
	stsbody_free(&body);
	return 0;
}
