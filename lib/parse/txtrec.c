/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/txtrec.h"

#include <string.h>

#include "base/text.h"

#define NAME_MAX_LEN 32

enum txtrec_form txtrec_form(const char *version, const char *text, size_t len)
{
	size_t at = strlen(version);

	if (len <= at || memcmp(text, version, at) != 0)
		return TXTREC_NONE;
	if (text[at] == ';')
		return TXTREC_STRICT;
	while (at < len && text_is_blank(text[at]))
		at++;
	return at < len && text[at] == ';' ? TXTREC_LENIENT : TXTREC_NONE;
}

static void note_others(const char *version, const struct danests_text *texts, size_t count,
    enum txtrec_form form, struct notes *notes)
{
	char shown[NOTE_SHOWN];

	for (size_t i = 0; i < count && notes != NULL; i++) {
		if (txtrec_form(version, texts[i].data, texts[i].len) == form)
			continue;
		note_add(notes, "TXT record %zu of %zu is ignored, for it does not begin with "
		    "\"%s;\": \"%s\"", i + 1, count, version,
		    note_shown(shown, texts[i].data, texts[i].len));
	}
}

size_t txtrec_choose(const char *version, const struct danests_text *texts, size_t count,
    size_t *which, struct notes *notes)
{
	size_t found[TXTREC_LENIENT + 1] = {0}, at[TXTREC_LENIENT + 1] = {0}, i;
	enum txtrec_form form;

	for (i = 0; i < count; i++) {
		form = txtrec_form(version, texts[i].data, texts[i].len);
		at[form] = i;
		found[form]++;
	}
	form = found[TXTREC_STRICT] > 0 ? TXTREC_STRICT : TXTREC_LENIENT;
	*which = at[form];
	if (found[form] > 0)
		note_others(version, texts, count, form, notes);
	if (found[form] == 1 && form == TXTREC_LENIENT)
		note_add(notes, "a blank before the first \";\": some senders ignore such a "
		    "record");
	return found[form];
}

/* A slip that is often made, or "". */
static const char *slip(const char *version, const struct danests_text *text)
{
	size_t len = strlen(version), skip = 0;

	while (skip < text->len && (text_is_blank(text->data[skip]) || text->data[skip] == '"'))
		skip++;
	if (text->len - skip < len || !text_equal_nocase_n(text->data + skip, len, version))
		return "";
	if (skip > 0)
		return ": without blanks and quotes before it";
	return memcmp(text->data, version, len) == 0 ? ": the semicolon is missing" :
	    ": upper and lower case matter";
}

void txtrec_none(char why[TXTREC_WHY], const char *version, const struct danests_text *texts,
    size_t count)
{
	if (count == 1)
		text_format(why, TXTREC_WHY, "does not begin with \"%s;\"%s", version,
		    slip(version, texts));
	else
		text_format(why, TXTREC_WHY, "no TXT record begins with \"%s;\"", version);
}

void txtrec_open(struct txtrec *out, const char *text, size_t len)
{
	out->at = memchr(text, ';', len);
	out->end = text + len;
	out->seen.count = 0;
	out->why[0] = '\0';
}

bool txtrec_again(struct txtrec_seen *seen, const char *name, size_t len)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->names[i].len == len && memcmp(seen->names[i].data, name, len) == 0)
			return true;
	}
	if (seen->count < TXTREC_SEEN)
		seen->names[seen->count++] = (struct danests_text){ name, len };
	return false;
}

bool txtrec_name_valid(const char *name, size_t len)
{
	size_t i;

	if (len < 1 || len > NAME_MAX_LEN || !text_is_alnum(name[0]))
		return false;
	for (i = 1; i < len; i++) {
		if (!text_is_alnum(name[i]) && name[i] != '_' && name[i] != '-' && name[i] != '.')
			return false;
	}
	return true;
}

static void complain(struct txtrec *rec, const char *text, size_t len, const char *what)
{
	char shown[NOTE_SHOWN];

	text_format(rec->why, sizeof(rec->why), "\"%s\": %s", note_shown(shown, text, len), what);
}

static enum txtrec_step split(struct txtrec *rec, struct txtrec_field *f, const char *text,
    size_t len)
{
	const char *equal = len == 0 ? NULL : memchr(text, '=', len);

	if (len == 0) {
		text_format(rec->why, sizeof(rec->why), "nothing between two \";\"");
		return TXTREC_BAD;
	}
	if (equal == NULL) {
		complain(rec, text, len, "a field must be of the form name=value");
		return TXTREC_BAD;
	}
	f->name = text;
	f->name_len = (size_t)(equal - text);
	f->value = equal + 1;
	f->value_len = len - f->name_len - 1;
	if (txtrec_name_valid(f->name, f->name_len))
		return TXTREC_FIELD;
	complain(rec, text, f->name_len, "a name has 1 to 32 letters, digits and _-. and begins "
	    "with a letter or digit");
	return TXTREC_BAD;
}

/* S4: 1*(*WSP ";" *WSP field), then perhaps one more delimiter. */
enum txtrec_step txtrec_next(struct txtrec *rec, struct txtrec_field *out)
{
	const char *at = rec->at, *semicolon, *stop;

	if (at == NULL)
		return TXTREC_END;
	for (at++; at < rec->end && text_is_blank(*at); at++)
		continue;
	if (at == rec->end)
		return TXTREC_END;
	semicolon = memchr(at, ';', (size_t)(rec->end - at));
	stop = semicolon == NULL ? rec->end : semicolon;
	while (semicolon != NULL && stop > at && text_is_blank(stop[-1]))
		stop--;
	rec->at = semicolon;
	return split(rec, out, at, (size_t)(stop - at));
}

bool txtrec_is(const struct txtrec_field *field, const char *name)
{
	return field->name_len == strlen(name) && memcmp(field->name, name, field->name_len) == 0;
}

const char *txtrec_hint(char out[TXTREC_HINT], const char *name, size_t len,
    const char *const *known)
{
	out[0] = '\0';
	for (; *known != NULL; known++) {
		if (text_equal_nocase_n(name, len, *known))
			text_format(out, TXTREC_HINT, " (names are case-sensitive: \"%s\")",
			    *known);
	}
	return out;
}

static const char *value_bad(const char *value, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return "a value is printable ASCII without blanks";
		if (value[i] == '=')
			return "a value has no \"=\"";
	}
	return len > 0 ? NULL : "the value is empty";
}

bool txtrec_extension(struct txtrec *rec, const struct txtrec_field *field,
    const char *const *known, struct notes *notes)
{
	const char *what = value_bad(field->value, field->value_len);
	char shown[NOTE_SHOWN], hint[TXTREC_HINT];

	/* S5, 5.7: only the first counts, be the others as they may. */
	if (txtrec_again(&rec->seen, field->name, field->name_len)) {
		note_add(notes, "\"%s\" is given again: the first counts, though some senders "
		    "refuse the record", note_shown(shown, field->name, field->name_len));
		return true;
	}
	if (what != NULL) {
		complain(rec, field->name, field->name_len + 1 + field->value_len, what);
		return false;
	}
	note_add(notes, "unknown field \"%s\" is ignored%s",
	    note_shown(shown, field->name, field->name_len),
	    txtrec_hint(hint, field->name, field->name_len, known));
	return true;
}
