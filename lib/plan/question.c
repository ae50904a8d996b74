/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/question.h"

#include <string.h>

#include "base/text.h"
#include "danests.h"

static const char *const kind_names[] = {
	[QUESTION_MX]       = "MX",
	[QUESTION_ADDR]     = "ADDR",
	[QUESTION_CNAME]    = "CNAME",
	[QUESTION_TLSA]     = "TLSA",
	[QUESTION_STSTXT]   = "STSTXT",
	[QUESTION_STSHELD]  = "STSHELD",
	[QUESTION_STS]      = "STS",
	[QUESTION_TXT]      = "TXT",
	[QUESTION_DS]       = "DS",
};

static const char id_mark[] = " id=";

const char *question_kind_name(enum question_kind kind)
{
	return (size_t)kind < COUNT_OF(kind_names) ? kind_names[kind] : "?";
}

static char *put(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	return at + len;
}

size_t question_text(const struct question *q, char out[QUESTION_TEXT_MAX + 1])
{
	char *at = put(out, question_kind_name(q->kind));

	*at++ = ' ';
	at = put(at, q->name.name);
	if (q->kind == QUESTION_STS)
		at = put(put(at, id_mark), q->id);
	*at = '\0';
	return (size_t)(at - out);
}

bool question_equal(const struct question *a, const struct question *b)
{
	return a->kind == b->kind && strcmp(a->name.name, b->name.name) == 0 &&
	    (a->kind != QUESTION_STS || strcmp(a->id, b->id) == 0);
}

static bool kind_parse(enum question_kind *out, const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(kind_names); i++) {
		if (strlen(kind_names[i]) == len && memcmp(kind_names[i], text, len) == 0) {
			*out = (enum question_kind)i;
			return true;
		}
	}
	return false;
}

/* S4: 1 to 32 letters and digits. */
static bool id_parse(char out[STSTXT_ID_MAX + 1], const char *text, size_t len)
{
	if (len == 0 || len > STSTXT_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!text_is_alnum(text[i]))
			return false;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* Only the one spelling that question_text() writes: the text is a key. */
static bool name_parse(struct domain *out, const char *text, size_t len)
{
	return domain_parse(out, text, len) == DANESTS_OK &&
	    strlen(out->name) == len && memcmp(out->name, text, len) == 0;
}

int question_parse(struct question *out, const char *text, size_t len)
{
	const char *end = text + len, *name, *name_end;
	struct question q = {0};

	name = len > 0 ? memchr(text, ' ', len) : NULL;
	if (name == NULL || !kind_parse(&q.kind, text, (size_t)(name - text)))
		return DANESTS_EINVAL;
	name++;
	name_end = memchr(name, ' ', (size_t)(end - name));
	if ((name_end != NULL) != (q.kind == QUESTION_STS))
		return DANESTS_EINVAL;
	if (name_end != NULL) {
		size_t mark = sizeof(id_mark) - 1;

		if ((size_t)(end - name_end) < mark || memcmp(name_end, id_mark, mark) != 0 ||
		    !id_parse(q.id, name_end + mark, (size_t)(end - name_end) - mark))
			return DANESTS_EINVAL;
		end = name_end;
	}
	if (!name_parse(&q.name, name, (size_t)(end - name)))
		return DANESTS_EINVAL;
	*out = q;
	return DANESTS_OK;
}
