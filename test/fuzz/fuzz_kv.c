/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs and decision lines: what was read and is written is read the same again,
 * and what is written is one line of printable ASCII. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decision.h"
#include "base/kv.h"
#include "danests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct buf *line)
{
	for (size_t i = 0; i < line->len; i++) {
		if (line->data[i] < ' ' || line->data[i] > '~')
			abort();
	}
}

static void check_pair(const struct kv *kv)
{
	char *key = strndup(kv->key, kv->key_len), *value = malloc(kv->value_len + 1);
	char *again = malloc(kv->value_len + 1);
	struct buf line = {0};
	const char *at;
	struct kv got;

	if (key == NULL || value == NULL || again == NULL)
		abort();
	kv_value(kv, value);
	kv_write(&line, key, value);
	check_line(&line);
	at = line.data;
	if (kv_next(&at, line.data + line.len, &got) != KV_PAIR || at != line.data + line.len)
		abort();
	if (kv_value(&got, again) != strlen(value))
		abort();
	for (size_t i = 0; value[i] != '\0'; i++) {
		if (again[i] != (value[i] < ' ' || value[i] > '~' ? '?' : value[i]))
			abort();
	}
	buf_free(&line);
	free(key);
	free(value);
	free(again);
}

/* Write, read, write: the second line is the first. */
static void check_decision(const char *text, size_t len)
{
	struct buf store = {0}, store_again = {0}, line = {0}, line_again = {0};
	const size_t mark = strlen(DECISION_MARK);
	struct decision d, again;

	if (decision_parse(&d, &store, text, len) == DANESTS_OK) {
		decision_write(&line, &d);
		check_line(&line);
		if (decision_parse(&again, &store_again, line.data + mark, line.len - mark) !=
		    DANESTS_OK)
			abort();
		decision_write(&line_again, &again);
		if (line.len != line_again.len ||
		    memcmp(line.data, line_again.data, line.len) != 0)
			abort();
	}
	buf_free(&store);
	buf_free(&store_again);
	buf_free(&line);
	buf_free(&line_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct kv kv;

	while (kv_next(&at, end, &kv) == KV_PAIR)
		check_pair(&kv);
	check_decision((const char *)data, size);
	return 0;
}
