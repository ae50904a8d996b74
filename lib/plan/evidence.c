/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/evidence.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

/* ---- In ---- */

void evidence_hold(danests_policy *policy, const struct facts *facts)
{
	for (size_t i = 0; i < facts->slot_count; i++) {
		const struct facts_slot *slot = &facts->slots[i];

		if (slot->answer != NULL)
			policy_hold(policy, slot->answer, slot->q.name.name, slot->name_len);
	}
}

/* ---- Out ---- */

static bool has_data(const struct answer *a)
{
	return a->state == ANSWER_SECURE || a->state == ANSWER_INSECURE;
}

/* Some kinds have one thing to say, and no array. */
static size_t record_count(const struct answer *a)
{
	switch (a->kind) {
	case QUESTION_STSTXT:
	case QUESTION_STSHELD:
	case QUESTION_STS:
		return a->id != NULL;
	case QUESTION_CNAME:
		return has_data(a) && a->alias != NULL;
	case QUESTION_MX:
		return a->count + (a->null_mx || a->null_beside);
	default:
		return a->count;
	}
}

static const struct answer *answer_at(const danests_policy *policy, size_t i)
{
	return i < policy->answer_count ? policy->answers[i] : NULL;
}

static const char *name_at(const danests_policy *policy, size_t i)
{
	const char *name = policy->questions;

	while (i-- > 0)
		name += strlen(name) + 1;
	return name;
}

ATTR_PUBLIC size_t danests_policy_answers(const danests_policy *policy)
{
	return policy->answer_count;
}

ATTR_PUBLIC bool danests_policy_answer(const danests_policy *policy, size_t i,
    struct danests_answer *out)
{
	static const enum danests_security securities[] = {
		[ANSWER_SECURE]          = DANESTS_SECURE,
		[ANSWER_INSECURE]        = DANESTS_INSECURE,
		[ANSWER_ABSENT_SECURE]   = DANESTS_ABSENT_SECURE,
		[ANSWER_ABSENT_INSECURE] = DANESTS_ABSENT_INSECURE,
		[ANSWER_FAILED]          = DANESTS_FAILED,
	};
	const struct answer *a = answer_at(policy, i);

	if (a == NULL)
		return false;
	*out = (struct danests_answer){
		.kind = question_kind_name(a->kind), .name = name_at(policy, i),
		.security = securities[a->state], .bogus = a->failure == FAILURE_BOGUS,
		.alias = a->alias != NULL ? a->alias : "",
		.reason = a->reason != NULL ? a->reason : "",
		.expires = a->expires, .count = record_count(a),
	};
	return true;
}

/* ---- Records as text ---- */

/* What does not fit is counted all the same, as snprintf(3) does. */
struct text_out {
	char *at;
	size_t size, len;
};

static void put_char(struct text_out *out, char c)
{
	if (out->len + 1 < out->size)
		out->at[out->len] = c;
	out->len++;
}

static void put_text(struct text_out *out, const char *text)
{
	while (*text != '\0')
		put_char(out, *text++);
}

static void put_number(struct text_out *out, unsigned number, const char *after)
{
	char digits[16];

	text_format(digits, sizeof(digits), "%u", number);
	put_text(out, digits);
	put_text(out, after);
}

static void put_hex(struct text_out *out, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		put_char(out, digits[data[i] >> 4]);
		put_char(out, digits[data[i] & 15]);
	}
}

/* RFC 1035 5.1: "\\", "\"", and "\DDD" for what is not printable. */
static void put_octets(struct text_out *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char escape[8];

		if (data[i] < ' ' || data[i] > '~') {
			text_format(escape, sizeof(escape), "\\%03u", (unsigned)data[i]);
			put_text(out, escape);
			continue;
		}
		if (data[i] == '\\' || data[i] == '"')
			put_char(out, '\\');
		put_char(out, (char)data[i]);
	}
}

static void put_mx(struct text_out *out, const struct answer *a, size_t i)
{
	if (i == a->count) {
		put_text(out, "0 ."); /* RFC 7505 3 */
		return;
	}
	put_number(out, a->mx[i].preference, " ");
	put_text(out, a->mx[i].host != NULL ? a->mx[i].host : "?");
}

static void put_addr(struct text_out *out, const struct answer_addr *addr)
{
	char text[INET6_ADDRSTRLEN] = "?";

	(void)inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->bytes, text,
	    sizeof(text));
	put_text(out, text);
}

static void put_tlsa(struct text_out *out, const struct danests_tlsa *rec)
{
	put_number(out, rec->usage, " ");
	put_number(out, rec->selector, " ");
	put_number(out, rec->mtype, rec->len > 0 ? " " : "");
	put_hex(out, rec->data, rec->len);
}

/* RFC 4034 5.3. */
static void put_ds(struct text_out *out, const struct answer_raw *raw)
{
	put_number(out, (unsigned)raw->data[0] << 8 | raw->data[1], " ");
	put_number(out, raw->data[2], " ");
	put_number(out, raw->data[3], raw->len > 4 ? " " : "");
	put_hex(out, raw->data + 4, raw->len - 4);
}

static void put_record(struct text_out *out, const struct answer *a, size_t i)
{
	switch (a->kind) {
	case QUESTION_MX:
		put_mx(out, a, i);
		break;
	case QUESTION_ADDR:
		put_addr(out, &a->addr[i]);
		break;
	case QUESTION_CNAME:
		put_text(out, a->alias);
		break;
	case QUESTION_TLSA:
		put_tlsa(out, &a->tlsa[i]);
		break;
	case QUESTION_STSTXT:
	case QUESTION_STSHELD:
	case QUESTION_STS:
		put_text(out, a->id);
		break;
	case QUESTION_TXT:
		put_octets(out, a->raw[i].data, a->raw[i].len);
		break;
	case QUESTION_DS:
		put_ds(out, &a->raw[i]);
		break;
	}
}

ATTR_PUBLIC int danests_policy_record(const danests_policy *policy, size_t answer,
    size_t record, char *out, size_t size)
{
	const struct answer *a = answer_at(policy, answer);
	struct text_out text = { .at = out, .size = size };

	if (a == NULL || record >= record_count(a))
		return -1;
	put_record(&text, a, record);
	if (size > 0)
		out[text.len < size ? text.len : size - 1] = '\0';
	return (int)text.len;
}

ATTR_PUBLIC const char *danests_policy_text(const danests_policy *policy, size_t answer,
    size_t record, size_t *len)
{
	const struct answer *a = answer_at(policy, answer);
	bool raw = a != NULL && a->kind == QUESTION_TXT;

	*len = 0;
	if (a == NULL || record >= record_count(a) || (!raw && a->text == NULL))
		return NULL;
	*len = raw ? a->raw[record].len : a->text_len;
	return raw ? (const char *)a->raw[record].data : a->text;
}
