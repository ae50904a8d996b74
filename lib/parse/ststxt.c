/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/ststxt.h"

#include <string.h>

#include "base/text.h"

#define VERSION "v=STSv1"
#define NAME_MAX_LEN 32

enum form { FORM_NONE, FORM_STRICT, FORM_LENIENT };

/* S3, rules.md 5.5: does the text claim to be an MTA-STS record? */
static enum form form_of(const char *text, size_t len)
{
	size_t at = sizeof(VERSION) - 1;

	if (len <= at || memcmp(text, VERSION, at) != 0)
		return FORM_NONE;
	if (text[at] == ';')
		return FORM_STRICT;
	while (at < len && text_is_blank(text[at]))
		at++;
	return at < len && text[at] == ';' ? FORM_LENIENT : FORM_NONE;
}

struct field {
	const char *name, *value;
	size_t namelen, valuelen;
};

static bool name_is(const struct field *f, const char *name)
{
	return f->namelen == strlen(name) && memcmp(f->name, name, f->namelen) == 0;
}

/* S4: sts-ext-name */
static bool name_valid(const char *name, size_t len)
{
	size_t i;

	if (len < 1 || len > NAME_MAX_LEN || !text_is_alnum(name[0]))
		return false;
	for (i = 1; i < len; i++) {
		if (!text_is_alnum(name[i]) && strchr("_-.", name[i]) == NULL)
			return false;
		if (name[i] == '\0') /* which strchr() finds */
			return false;
	}
	return true;
}

/* S4: sts-ext-value */
static bool value_valid(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~' || value[i] == '=' || value[i] == ';')
			return false;
	}
	return len > 0;
}

static bool split(struct field *f, const char *text, size_t len)
{
	const char *equal = len == 0 ? NULL : memchr(text, '=', len);

	if (equal == NULL)
		return false;
	f->name = text;
	f->namelen = (size_t)(equal - text);
	f->value = equal + 1;
	f->valuelen = len - f->namelen - 1;
	return name_valid(f->name, f->namelen);
}

static bool take_id(struct ststxt *rec, const struct field *f)
{
	size_t i;

	if (f->valuelen < 1 || f->valuelen > STSTXT_ID_MAX)
		return false;
	for (i = 0; i < f->valuelen; i++) {
		if (!text_is_alnum(f->value[i]))
			return false;
	}
	memcpy(rec->id, f->value, f->valuelen);
	return true;
}

static enum ststxt_status take_field(struct ststxt *rec, const char *text, size_t len)
{
	struct field f = {0};

	if (!split(&f, text, len))
		return STSTXT_BAD_FIELD;
	if (name_is(&f, "id") && rec->id[0] == '\0')
		return take_id(rec, &f) ? STSTXT_OK : STSTXT_BAD_ID;
	/* S5: a version or an id once more is ignored, whatever its value is. */
	if (name_is(&f, "id") || name_is(&f, "v"))
		return STSTXT_OK;
	return value_valid(f.value, f.valuelen) ? STSTXT_OK : STSTXT_BAD_FIELD;
}

/*
 * S4: "v=STSv1", then 1*(*WSP ";" *WSP field), then perhaps one more delimiter.
 * So blanks belong to a ';', and after the last one there may be no field.
 */
enum ststxt_status ststxt_parse(struct ststxt *out, const char *text, size_t len)
{
	enum form form = form_of(text, len);
	struct ststxt rec = {0};
	const char *at, *end, *semicolon, *stop;
	enum ststxt_status status;

	if (form == FORM_NONE)
		return STSTXT_NONE;
	rec.lenient = form == FORM_LENIENT;
	end = text + len;
	at = memchr(text, ';', len);
	while (at != NULL) {
		for (at++; at < end && text_is_blank(*at); at++)
			continue;
		if (at == end)
			break;
		semicolon = memchr(at, ';', (size_t)(end - at));
		stop = semicolon == NULL ? end : semicolon;
		while (semicolon != NULL && stop > at && text_is_blank(stop[-1]))
			stop--;
		status = take_field(&rec, at, (size_t)(stop - at));
		if (status != STSTXT_OK)
			return status;
		at = semicolon;
	}
	if (rec.id[0] == '\0')
		return STSTXT_BAD_ID;
	*out = rec;
	return STSTXT_OK;
}

enum ststxt_status ststxt_choose(struct ststxt *out, const struct ststxt_text *texts,
    size_t count)
{
	const struct ststxt_text *chosen[FORM_LENIENT + 1] = {0};
	size_t found[FORM_LENIENT + 1] = {0}, i;
	enum form form;

	for (i = 0; i < count; i++) {
		form = form_of(texts[i].data, texts[i].len);
		chosen[form] = &texts[i];
		found[form]++;
	}
	form = found[FORM_STRICT] > 0 ? FORM_STRICT : FORM_LENIENT;
	if (found[form] == 0)
		return STSTXT_NONE;
	if (found[form] > 1)
		return STSTXT_SEVERAL;
	return ststxt_parse(out, chosen[form]->data, chosen[form]->len);
}

const char *ststxt_status_text(enum ststxt_status status)
{
	static const char *const texts[] = {
		[STSTXT_OK] = "valid",
		[STSTXT_NONE] = "does not begin with \"v=STSv1;\"",
		[STSTXT_SEVERAL] = "more than one record begins with \"v=STSv1;\"",
		[STSTXT_BAD_FIELD] = "a field is not of the form name=value",
		[STSTXT_BAD_ID] = "id is missing, or not 1 to 32 letters and digits",
	};

	return (unsigned)status < COUNT_OF(texts) ? texts[status] : "unknown status";
}
