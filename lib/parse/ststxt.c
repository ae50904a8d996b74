/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/ststxt.h"

#include <string.h>

#include "base/text.h"

#define VERSION "v=STSv1"

static const char *const names[] = { "id", NULL };

static bool take_id(struct ststxt *rec, const struct txtrec_field *f)
{
	size_t i;

	if (f->value_len < 1 || f->value_len > STSTXT_ID_MAX)
		return false;
	for (i = 0; i < f->value_len; i++) {
		if (!text_is_alnum(f->value[i]))
			return false;
	}
	memcpy(rec->id, f->value, f->value_len);
	return true;
}

static enum ststxt_status take_field(struct ststxt *out, struct txtrec *rec,
    const struct txtrec_field *f, struct notes *notes)
{
	char shown[NOTE_SHOWN];

	if (txtrec_is(f, names[0]) && out->id[0] == '\0') {
		if (take_id(out, f))
			return STSTXT_OK;
		text_format(rec->why, sizeof(rec->why), "id is not 1 to 32 letters and digits: "
		    "\"%s\"", note_shown(shown, f->value, f->value_len));
		return STSTXT_BAD_ID;
	}
	/* S5: a version or an id once more is ignored, whatever its value is. */
	if (txtrec_is(f, names[0]) || txtrec_is(f, "v")) {
		note_add(notes, "\"%s\" is given again: the first counts, though some senders take "
		    "the last or refuse the record", note_shown(shown, f->name, f->name_len));
		return STSTXT_OK;
	}
	return txtrec_extension(rec, f, names, notes) ? STSTXT_OK : STSTXT_BAD_FIELD;
}

static enum ststxt_status parse(struct ststxt *out, struct txtrec *rec, struct notes *notes)
{
	enum ststxt_status status;
	enum txtrec_step step;
	struct txtrec_field field = {0};

	while ((step = txtrec_next(rec, &field)) == TXTREC_FIELD) {
		status = take_field(out, rec, &field, notes);
		if (status != STSTXT_OK)
			return status;
	}
	if (step == TXTREC_BAD)
		return STSTXT_BAD_FIELD;
	if (out->id[0] != '\0')
		return STSTXT_OK;
	text_format(rec->why, sizeof(rec->why), "there is no id");
	return STSTXT_BAD_ID;
}

static enum ststxt_status parse_text(struct ststxt *out, const struct danests_text *text,
    char why[TXTREC_WHY], struct notes *notes)
{
	enum txtrec_form form = txtrec_form(VERSION, text->data, text->len);
	struct ststxt found = { .lenient = form == TXTREC_LENIENT };
	enum ststxt_status status;
	struct txtrec rec;

	if (form == TXTREC_NONE)
		return STSTXT_NONE;
	txtrec_open(&rec, text->data, text->len);
	status = parse(&found, &rec, notes);
	if (status == STSTXT_OK)
		*out = found;
	else
		text_format(why, TXTREC_WHY, "%s", rec.why);
	return status;
}

enum ststxt_status ststxt_parse(struct ststxt *out, const char *text, size_t len)
{
	const struct danests_text one = { text, len };
	char why[TXTREC_WHY];

	return parse_text(out, &one, why, NULL);
}

enum ststxt_status ststxt_examine(struct ststxt *out, const struct danests_text *texts,
    size_t count, char why[TXTREC_WHY], struct notes *notes)
{
	size_t which, found = txtrec_choose(VERSION, texts, count, &which, notes);

	if (found == 1)
		return parse_text(out, &texts[which], why, notes);
	if (found == 0) {
		txtrec_none(why, VERSION, texts, count);
		return STSTXT_NONE;
	}
	text_format(why, TXTREC_WHY, "%s", ststxt_status_text(STSTXT_SEVERAL));
	return STSTXT_SEVERAL;
}

enum ststxt_status ststxt_choose(struct ststxt *out, const struct danests_text *texts,
    size_t count)
{
	char why[TXTREC_WHY];

	return ststxt_examine(out, texts, count, why, NULL);
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
