/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/kv.h"

#include <string.h>

#include "base/text.h"

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || text_is_digit(c) || c == '_';
}

static bool is_escaped(char c)
{
	return c == '"' || c == '\\';
}

static bool is_bare(const char *value)
{
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == ' ' || is_escaped(*p))
			return false;
	}
	return value[0] != '\0';
}

static char printable(char c)
{
	return c >= ' ' && c <= '~' ? c : '?';
}

static void write_pair(struct buf *out, const char *key, const char *value, bool quoted)
{
	if (out->len > 0 && out->data[out->len - 1] != ' ')
		buf_char(out, ' ');
	buf_str(out, key);
	buf_char(out, '=');
	if (quoted)
		buf_char(out, '"');
	for (const char *p = value; *p != '\0'; p++) {
		if (quoted && is_escaped(*p))
			buf_char(out, '\\');
		buf_char(out, printable(*p));
	}
	if (quoted)
		buf_char(out, '"');
}

void kv_write(struct buf *out, const char *key, const char *value)
{
	write_pair(out, key, value, !is_bare(value));
}

void kv_write_quoted(struct buf *out, const char *key, const char *value)
{
	write_pair(out, key, value, true);
}

/* The closing quote of a value that begins at p; NULL when there is none. */
static const char *closing(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++) {
		if (*p == '\\' && ++p == end)
			return NULL;
	}
	return p < end ? p : NULL;
}

static bool ends_pair(const char *p, const char *end)
{
	return p == end || *p == ' ';
}

enum kv_status kv_next(const char **at, const char *end, struct kv *out)
{
	const char *p = *at;
	struct kv kv = {0};

	while (p < end && *p == ' ')
		p++;
	if (p == end) {
		*at = p;
		return KV_END;
	}
	kv.key = p;
	while (p < end && is_key_char(*p))
		p++;
	kv.key_len = (size_t)(p - kv.key);
	if (kv.key_len == 0 || p == end || *p != '=')
		return KV_BAD;
	p++;
	kv.quoted = p < end && *p == '"';
	kv.value = kv.quoted ? ++p : p;
	if (kv.quoted) {
		p = closing(p, end);
		if (p == NULL)
			return KV_BAD;
	} else {
		while (p < end && *p != ' ' && *p != '"')
			p++;
	}
	kv.value_len = (size_t)(p - kv.value);
	p += kv.quoted;
	if (!ends_pair(p, end))
		return KV_BAD;
	*at = p;
	*out = kv;
	return KV_PAIR;
}

size_t kv_value(const struct kv *kv, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < kv->value_len; i++) {
		if (kv->quoted && kv->value[i] == '\\' && i + 1 < kv->value_len)
			i++;
		out[n++] = kv->value[i];
	}
	out[n] = '\0';
	return n;
}
