/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests for figures: each has one status, which no later octet changes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static int known(int status)
{
	static const int all[] = { 0, 200, 400, 404, 405, 431, 505 };

	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (all[i] == status)
			return 1;
	return 0;
}

/* As if only so many octets had come; of their own, so that a step too far shows. */
static int ask(const uint8_t *data, size_t len, bool *body)
{
	char *copy = malloc(len + (len == 0));
	int status;

	check(copy != NULL);
	memcpy(copy, data, len);
	status = metrics_request(copy, len, body);
	free(copy);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t none[1];
	size_t step = 1 + size / 64;
	bool body, early_body;
	int status, early = 0;

	if (size == 0)
		data = none;
	status = ask(data, size, &body);
	check(known(status));
	check(size < METRICS_HEAD || status != 0);
	check(status != 200 || memcmp(data, body ? "GET " : "HEAD ", body ? 4 : 5) == 0);
	for (size_t len = 0; len < size && early == 0; len += step) {
		early = ask(data, len, &early_body);
		check(early == 0 || (early == status && early_body == body));
	}
	return 0;
}
