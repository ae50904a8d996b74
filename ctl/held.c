/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/held.h"

#include <string.h>

#include "base/hex.h"
#include "base/text.h"

json_t *held_value(const struct danests_held *held, bool with_text)
{
	struct grow out = grow_object();

	grow_put(&out, "domain", grow_text(held->domain));
	grow_put(&out, "mode", grow_text(danests_sts_state_name(held->mode)));
	grow_put(&out, "id", grow_text(held->id));
	grow_put(&out, "max_age", json_integer(held->max_age));
	grow_put(&out, "fetched", grow_moment(held->fetched));
	grow_put(&out, "expires", grow_moment(held->expires));
	grow_put(&out, "used", held->used > 0 ? grow_moment(held->used) : json_null());
	if (with_text && grow_is_utf8(held->text, held->text_len))
		grow_put(&out, "text", grow_text_n(held->text, held->text_len));
	else if (with_text)
		grow_put(&out, "text_hex", grow_hex((const uint8_t *)held->text, held->text_len));
	return grow_done(&out);
}

/* A member that must be a string. */
static const char *string_of(const json_t *value, const char *name, char *problem)
{
	const json_t *member = json_object_get(value, name);
	const char *text = json_string_value(member);

	if (text == NULL)
		text_format(problem, HELD_PROBLEM, "\"%s\" %s", name,
		    member == NULL ? "is missing" : "must be a string");
	return text;
}

static bool moment_of(const json_t *value, const char *name, time_t *out, char *problem)
{
	const char *text = string_of(value, name, problem);

	if (text == NULL || grow_read_moment(text, out))
		return text != NULL;
	text_format(problem, HELD_PROBLEM, "\"%s\" must be a time as 2026-08-01T12:00:00Z", name);
	return false;
}

static bool text_of(const json_t *value, struct danests_held *out, struct buf *bytes,
    char *problem)
{
	const char *hex;
	size_t len;
	char *room;

	if (json_object_get(value, "text_hex") == NULL) {
		out->text = string_of(value, "text", problem);
		out->text_len = out->text != NULL ? strlen(out->text) : 0;
		return out->text != NULL;
	}
	hex = string_of(value, "text_hex", problem);
	len = hex != NULL ? strlen(hex) : 0;
	if (hex == NULL)
		return false;
	room = buf_room(bytes, len / 2 + 1);
	if (room == NULL || len % 2 != 0 || !hex_decode((uint8_t *)room, len / 2, hex, len)) {
		text_format(problem, HELD_PROBLEM, room == NULL ? "out of memory" :
		    "\"text_hex\" must be hexadecimal digits, two for each octet");
		return false;
	}
	room[len / 2] = '\0';
	out->text = room;
	out->text_len = len / 2;
	return true;
}

bool held_read(const json_t *value, struct danests_held *out, struct buf *bytes,
    char problem[HELD_PROBLEM])
{
	const json_t *used = json_object_get(value, "used");

	*out = (struct danests_held){0};
	if (!json_is_object(value)) {
		text_format(problem, HELD_PROBLEM, "not an object with \"domain\", \"id\", \"fetched\""
		    " and \"text\"");
		return false;
	}
	out->domain = string_of(value, "domain", problem);
	if (out->domain == NULL)
		return false;
	out->id = string_of(value, "id", problem);
	if (out->id == NULL || !moment_of(value, "fetched", &out->fetched, problem))
		return false;
	if (used != NULL && !json_is_null(used) && !moment_of(value, "used", &out->used, problem))
		return false;
	return text_of(value, out, bytes, problem);
}
