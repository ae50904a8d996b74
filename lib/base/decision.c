/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/decision.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/kv.h"
#include "base/text.h"
#include "danests.h"

enum kind { WORD, DASHED, QUOTED, NUMBER };

/* The line, in its order. */
static const struct field {
	const char *key;
	size_t offset;
	enum kind kind;
	bool needed;
} fields[] = {
	{ "nexthop", offsetof(struct decision, nexthop), WORD,   true  },
	{ "domain",  offsetof(struct decision, domain),  WORD,   true  },
	{ "reply",   offsetof(struct decision, reply),   WORD,   true  },
	{ "dane",    offsetof(struct decision, dane),    WORD,   true  },
	{ "sts",     offsetof(struct decision, sts),     WORD,   true  },
	{ "sts_id",  offsetof(struct decision, sts_id),  DASHED, false },
	{ "hosts",   offsetof(struct decision, hosts),   NUMBER, false },
	{ "expires", offsetof(struct decision, expires), NUMBER, false },
	{ "source",  offsetof(struct decision, source),  WORD,   false },
	{ "ms",      offsetof(struct decision, ms),      NUMBER, false },
	{ "error",   offsetof(struct decision, error),   DASHED, false },
	{ "reason",  offsetof(struct decision, reason),  QUOTED, false },
};

static const char *get_text(const struct decision *d, const struct field *field)
{
	const char *text;

	memcpy(&text, (const char *)d + field->offset, sizeof(text));
	return text != NULL ? text : "";
}

static void set(struct decision *d, const struct field *field, const void *value, size_t size)
{
	memcpy((char *)d + field->offset, value, size);
}

static void write_number(struct buf *out, const struct decision *d, const struct field *field)
{
	char text[24];
	uint64_t number;

	memcpy(&number, (const char *)d + field->offset, sizeof(number));
	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	kv_write(out, field->key, text);
}

void decision_write(struct buf *out, const struct decision *d)
{
	buf_str(out, DECISION_MARK);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const struct field *field = &fields[i];
		const char *text;

		if (field->kind == NUMBER) {
			write_number(out, d, field);
			continue;
		}
		text = get_text(d, field);
		if (field->kind == QUOTED)
			kv_write_quoted(out, field->key, text);
		else if (field->kind == DASHED && text[0] == '\0')
			kv_write(out, field->key, "-");
		else
			kv_write(out, field->key, text);
	}
}

static const struct field *find_field(const struct kv *kv)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (strlen(fields[i].key) == kv->key_len &&
		    memcmp(fields[i].key, kv->key, kv->key_len) == 0)
			return &fields[i];
	}
	return NULL;
}

/* Numbers are checked here, texts go to the store, which has room. */
static int take(struct decision *d, struct buf *store, const struct field *field,
    const struct kv *kv)
{
	const char *text = store->data + store->len;
	uint64_t number;

	if (field->kind == NUMBER) {
		if (!text_number(kv->value, kv->value_len, 0, UINT64_MAX, &number))
			return DANESTS_EINVAL;
		set(d, field, &number, sizeof(number));
		return DANESTS_OK;
	}
	store->len += kv_value(kv, store->data + store->len) + 1;
	if (field->kind == DASHED && strcmp(text, "-") == 0)
		text = "";
	set(d, field, &text, sizeof(text));
	return DANESTS_OK;
}

static bool is_complete(const struct decision *d, unsigned seen)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (fields[i].needed && ((seen & 1u << i) == 0 || *get_text(d, &fields[i]) == '\0'))
			return false;
	}
	return true;
}

int decision_parse(struct decision *out, struct buf *store, const char *text, size_t len)
{
	const char *end = text + len;
	struct decision d = { .sts_id = "", .source = "", .error = "", .reason = "" };
	enum kv_status status;
	unsigned seen = 0;
	struct kv kv;

	buf_reset(store);
	/* Each value and its NUL take less than the pair they came from. */
	if (buf_room(store, len + 1) == NULL)
		return DANESTS_ENOMEM;
	while ((status = kv_next(&text, end, &kv)) == KV_PAIR) {
		const struct field *field = find_field(&kv);
		unsigned bit = field != NULL ? 1u << (field - fields) : 0;

		if (field == NULL || (seen & bit) != 0)
			continue;
		seen |= bit;
		if (take(&d, store, field, &kv) != DANESTS_OK)
			return DANESTS_EINVAL;
	}
	if (status == KV_BAD || !is_complete(&d, seen))
		return DANESTS_EINVAL;
	*out = d;
	return DANESTS_OK;
}
