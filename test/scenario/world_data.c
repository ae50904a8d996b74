/* SPDX-License-Identifier: BSD-2-Clause */
/* The data part of an answer line: what stands after its state. */
#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "base/hex.h"
#include "base/text.h"
#include "reader.h"

static const char *after(const char *word, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

static bool number_of(const char *word, uint64_t max, uint64_t *out)
{
	return word != NULL && text_number(word, strlen(word), 0, max, out);
}

static bool read_mx(struct reader *r, struct answer *a, char *word)
{
	uint64_t preference;
	char *host;

	if (strcmp(word, "null") == 0) {
		a->null_mx = true;
		return true;
	}
	host = reader_word(r);
	if (host == NULL || !number_of(word, 65535, &preference))
		return reader_bad(r, "preference and host wanted", word);
	return answer_add_mx(a, (uint16_t)preference, strcmp(host, "!") == 0 ? NULL : host) == 0;
}

static bool read_addr(struct reader *r, struct answer *a, char *word)
{
	uint8_t bytes[16];
	int family = strchr(word, ':') != NULL ? 6 : 4;

	if (inet_pton(family == 6 ? AF_INET6 : AF_INET, word, bytes) != 1)
		return reader_bad(r, "no address", word);
	return answer_add_addr(a, family, bytes) == 0;
}

static bool read_tlsa(struct reader *r, struct answer *a, char *word)
{
	uint8_t data[512] = {0};
	uint64_t field[3], len;
	struct danests_tlsa rec;
	char *hex;

	if (!number_of(word, 255, &field[0]) || !number_of(reader_word(r), 255, &field[1]) ||
	    !number_of(reader_word(r), 255, &field[2]) || (hex = reader_word(r)) == NULL)
		return reader_bad(r, "usage, selector, matching type and data wanted", NULL);
	if (hex[0] == '*') {
		if (!number_of(hex + 1, sizeof(data), &len))
			return reader_bad(r, "no length", hex);
		memset(data, 0xa5, len);
	} else {
		len = strlen(hex) / 2;
		if (len > sizeof(data) || !hex_decode(data, len, hex, strlen(hex)))
			return reader_bad(r, "no hex", hex);
	}
	rec = (struct danests_tlsa){ .usage = (uint8_t)field[0], .selector = (uint8_t)field[1],
		.mtype = (uint8_t)field[2], .len = len, .data = data };
	return answer_add_tlsa(a, &rec) == 0;
}

static void unescape(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '\\' && text[1] != '\0') {
			c = *++text;
			c = (char)(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
		}
		*out++ = c;
	}
	*out = '\0';
}

/* The answer's expiry is the policy's: max_age from now on. */
static bool set_policy(struct reader *r, struct answer *a, const char *text, bool ttl_given)
{
	char why[STSBODY_WHY];
	struct stsbody body;

	if (stsbody_parse(&body, text, strlen(text), why) != DANESTS_OK)
		return reader_bad(r, "no policy", why);
	if (!ttl_given)
		a->expires = WORLD_NOW + (time_t)body.max_age;
	return answer_set_policy(a, text, strlen(text), &body) == 0;
}

static bool read_policy(struct reader *r, struct answer *a, char *mode, bool ttl_given)
{
	char *max_age = reader_word(r), *mx;
	struct buf text = {0};
	bool ok;

	if (max_age == NULL)
		return reader_bad(r, "mode and max_age wanted", mode);
	buf_printf(&text, "version: STSv1\nmode: %s\n", mode);
	while ((mx = reader_word(r)) != NULL)
		buf_printf(&text, "mx: %s\n", mx);
	buf_printf(&text, "max_age: %s\n", max_age);
	ok = set_policy(r, a, text.data, ttl_given);
	buf_free(&text);
	return ok;
}

bool reader_data(struct reader *r, struct answer *a)
{
	bool ttl_given = false;
	const char *value;
	uint64_t number;
	char *word;

	while ((word = reader_word(r)) != NULL) {
		bool ok = true;

		if ((value = after(word, "ttl=")) != NULL) {
			ttl_given = ok = number_of(value, 1u << 31, &number);
			a->expires = WORLD_NOW + (time_t)number;
		} else if ((value = after(word, "alias=")) != NULL) {
			ok = answer_set_alias(a, value) == 0;
		} else if ((value = after(word, "id=")) != NULL) {
			ok = answer_set_id(a, value) == 0;
		} else if (strcmp(word, "nxdomain") == 0) {
			a->nxdomain = true;
		} else if ((value = after(word, "reason=")) != NULL) {
			if (*r->at != '\0')
				word[strlen(word)] = ' ';
			r->at = word + strlen(word);
			ok = answer_set_reason(a, value) == 0;
		} else if (after(word, "text=") != NULL) {
			char *text = word + 5;

			text[strlen(text)] = *r->at != '\0' ? ' ' : '\0';
			r->at = text + strlen(text);
			unescape(text);
			return set_policy(r, a, text, ttl_given);
		} else if (a->kind == QUESTION_MX) {
			ok = read_mx(r, a, word);
		} else if (a->kind == QUESTION_ADDR) {
			ok = read_addr(r, a, word);
		} else if (a->kind == QUESTION_TLSA) {
			ok = read_tlsa(r, a, word);
		} else if (a->kind == QUESTION_STS || a->kind == QUESTION_STSHELD) {
			ok = read_policy(r, a, word, ttl_given);
		} else {
			ok = reader_bad(r, "not understood", word);
		}
		if (!ok)
			return r->world->problem[0] != '\0' ? false : reader_bad(r, "bad", word);
	}
	return true;
}
