/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/grow.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/hex.h"
#include "base/text.h"

struct grow grow_object(void) { return (struct grow){ .at = json_object() }; }

struct grow grow_array(void) { return (struct grow){ .at = json_array() }; }

void grow_put(struct grow *object, const char *name, json_t *value)
{
	if (json_object_set_new(object->at, name, value) != 0)
		object->bad = true;
}

void grow_add(struct grow *array, json_t *value)
{
	if (json_array_append_new(array->at, value) != 0)
		array->bad = true;
}

json_t *grow_done(struct grow *g)
{
	if (!g->bad)
		return g->at;
	json_decref(g->at);
	return NULL;
}

/* ---- Text ---- */

/* How many octets the character at p has, NUL excepted; 0: that is not UTF-8. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	/* RFC 3629 section 4: first octet, second octet, length */
	static const unsigned char forms[][5] = {
		{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *form = forms[0];
	size_t i = 0, len;

	while (i < COUNT_OF(forms) && (p[0] < forms[i][0] || p[0] > forms[i][1]))
		i++;
	if (i == COUNT_OF(forms))
		return 0;
	form = forms[i];
	len = form[4];
	if (len > left || (len > 1 && (p[1] < form[2] || p[1] > form[3])))
		return 0;
	for (i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool grow_is_utf8(const char *text, size_t len)
{
	size_t step;

	for (size_t i = 0; i < len; i += step)
		if ((step = utf8_len((const unsigned char *)text + i, len - i)) == 0)
			return false;
	return true;
}

json_t *grow_text_n(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	struct buf out = {0};
	json_t *value;

	for (size_t i = 0, step; i < len; i += step) {
		step = utf8_len(p + i, len - i);
		if (step > 0) {
			buf_add(&out, p + i, step);
		} else {
			buf_printf(&out, "\\x%02x", p[i]);
			step = 1;
		}
	}
	value = out.bad ? NULL : json_stringn(out.len > 0 ? out.data : "", out.len);
	buf_free(&out);
	return value;
}

json_t *grow_text(const char *text) { return grow_text_n(text, strlen(text)); }

json_t *grow_text_or_null(const char *text)
{
	return text[0] != '\0' ? grow_text(text) : json_null();
}

json_t *grow_hex(const uint8_t *data, size_t len)
{
	struct buf out = {0};
	char *room = buf_room(&out, 2 * len + 1);
	json_t *value = NULL;

	if (room != NULL) {
		hex_encode(room, data, len);
		value = json_stringn(room, 2 * len);
	}
	buf_free(&out);
	return value;
}

json_t *grow_count(uint64_t number)
{
	return json_integer(number <= INT64_MAX ? (json_int_t)number : INT64_MAX);
}

void grow_line(struct buf *out, json_t *value)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (text != NULL) {
		buf_str(out, text);
		buf_char(out, '\n');
	} else {
		out->bad = true;
	}
	free(text);
	json_decref(value);
}

/* ---- Moments ---- */

json_t *grow_moment(time_t when)
{
	char out[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(out);
}

/* The number where the shape says '0', which also says how many digits it has. */
static bool read_part(const char **text, const char **shape, int max, int *out)
{
	uint64_t number;
	size_t digits = strspn(*shape, "0");

	if (strnlen(*text, digits) < digits || !text_number(*text, digits, 0, (uint64_t)max, &number))
		return false;
	*out = (int)number;
	*text += digits;
	*shape += digits;
	return true;
}

bool grow_read_moment(const char *text, time_t *out)
{
	const char *shape = "0000-00-00T00:00:00Z";
	struct tm tm = {0}, again;
	struct {
		int *at, max;
	} parts[] = {
		{ &tm.tm_year, 9999 }, { &tm.tm_mon, 12 }, { &tm.tm_mday, 31 },
		{ &tm.tm_hour, 23 }, { &tm.tm_min, 59 }, { &tm.tm_sec, 59 },
	};

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!read_part(&text, &shape, parts[i].max, parts[i].at) || *text++ != *shape++)
			return false;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	again = tm;
	*out = timegm(&again);
	/* The 31st of June would have become the 1st of July. */
	return *text == '\0' && *out >= 0 && again.tm_mday == tm.tm_mday && again.tm_mon == tm.tm_mon;
}
