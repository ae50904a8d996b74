/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/tlsrpt.h"

#include <string.h>

#include "base/hex.h"
#include "base/text.h"
#include "parse/domain.h"

#define VERSION "v=TLSRPTv1"

static const char *const names[] = { "rua", NULL };

/* RFC 3986 2, without what R2 wants encoded. */
static const char *octets_bad(const char *text, size_t len)
{
	uint8_t octet;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '!')
			return "a \"!\" in a URI must be written as %21";
		if (text_is_blank(text[i]))
			return "there is a blank in it";
		if (text[i] == '%' && (len - i < 3 || !hex_decode(&octet, 1, text + i + 1, 2)))
			return "a \"%\" that two hexadecimal digits do not follow";
		if (text[i] == '\0' || (!text_is_alnum(text[i]) &&
		    strchr("-._~:/?#[]@$&'()*+=%", text[i]) == NULL))
			return "it has a character that no URI may have";
	}
	return NULL;
}

/* Up to the first of these characters. */
static size_t part(const char *text, size_t len, const char *stops)
{
	size_t i;

	for (i = 0; i < len && strchr(stops, text[i]) == NULL; i++)
		continue;
	return i;
}

/* RFC 6068: of the addresses that may stand there, one. */
static const char *mailto_bad(const char *text, size_t len)
{
	size_t end = part(text, len, "?#"), at = end;
	struct domain domain;

	while (at > 0 && text[at - 1] != '@')
		at--;
	if (at < 2 || at == end)
		return "mailto: without a mail address";
	if (memchr(text + at, '%', end - at) != NULL)
		return NULL;
	/* Being short of memory is possible for UTF-8 only, which is none of a URI. */
	return domain_parse(&domain, text + at, end - at) == DANESTS_OK || text[at] == '[' ? NULL :
	    "the mail address has no valid domain";
}

/* RFC 9110 4.2.2: there must be a host. */
static const char *https_bad(const char *text, size_t len)
{
	size_t end, at;

	if (len < 2 || memcmp(text, "//", 2) != 0)
		return "https: without a host";
	text += 2;
	end = part(text, len - 2, "/?#");
	for (at = end; at > 0 && text[at - 1] != '@'; at--)
		continue;
	return at == end || text[at] == ':' ? "https: without a host" : NULL;
}

const char *tlsrpt_uri_unusable(const char *text, size_t len)
{
	const char *bad = octets_bad(text, len);
	const char *colon = len == 0 ? NULL : memchr(text, ':', len);
	size_t scheme = colon == NULL ? 0 : (size_t)(colon - text);

	if (len == 0)
		return "a URI is missing";
	if (bad != NULL)
		return bad;
	if (scheme == 0)
		return "it has no scheme (mailto: or https:)";
	if (text_equal_nocase_n(text, scheme, "mailto"))
		return mailto_bad(colon + 1, len - scheme - 1);
	if (text_equal_nocase_n(text, scheme, "https"))
		return https_bad(colon + 1, len - scheme - 1);
	return "its scheme is neither mailto: nor https:";
}

/* Is it in the list already? Commas separate, and no URI has one. */
static bool is_known(const struct buf *rua, const char *text, size_t len)
{
	size_t at = 0, n;

	for (; at < rua->len; at += n + 1) {
		n = part(rua->data + at, rua->len - at, ",");
		if (n == len && memcmp(rua->data + at, text, len) == 0)
			return true;
	}
	return false;
}

static void take_uri(struct tlsrpt *out, struct txtrec *rec, const char *text, size_t len,
    struct notes *notes)
{
	const char *bad = tlsrpt_uri_unusable(text, len);
	char shown[NOTE_SHOWN];

	note_shown(shown, text, len);
	if (bad != NULL) {
		note_add(notes, "no report can go to \"%s\": %s", shown, bad);
		if (rec->why[0] == '\0')
			text_format(rec->why, sizeof(rec->why),
			    "rua has no URI that a report can go to: \"%s\": %s", shown, bad);
		return;
	}
	if (notes != NULL && out->count < NOTE_MAX && is_known(&out->rua, text, len))
		note_add(notes, "\"%s\" is given twice", shown);
	if (out->count++ > 0)
		buf_char(&out->rua, ',');
	buf_add(&out->rua, text, len);
}

/* R2: tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri), so none around all of them. */
static bool take_rua(struct tlsrpt *out, struct txtrec *rec, const struct txtrec_field *f,
    struct notes *notes)
{
	const char *at = f->value, *end = f->value + f->value_len, *stop;
	size_t n;

	if (f->value_len > 0 && (text_is_blank(at[0]) || text_is_blank(end[-1]))) {
		text_format(rec->why, sizeof(rec->why), "a blank %s",
		    text_is_blank(at[0]) ? "behind \"rua=\"" :
		    "at the end, and no \";\" behind it");
		return false;
	}
	for (;; at = stop + 1) {
		while (at < end && text_is_blank(*at))
			at++;
		stop = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
		if (stop == NULL)
			stop = end;
		for (n = (size_t)(stop - at); n > 0 && text_is_blank(at[n - 1]); n--)
			continue;
		if (n == 0) {
			text_format(rec->why, sizeof(rec->why), "a URI is missing in rua: %s",
			    f->value_len == 0 ? "there is nothing behind \"=\"" :
			    "there is a comma too many");
			return false;
		}
		take_uri(out, rec, at, n, notes);
		if (stop == end)
			return true;
	}
}

static bool take_field(struct tlsrpt *out, struct txtrec *rec, const struct txtrec_field *f,
    size_t *ruas, struct notes *notes)
{
	if (txtrec_is(f, "v")) {
		note_add(notes, "\"v\" is given again: the first counts");
		return true;
	}
	if (!txtrec_is(f, names[0]))
		return txtrec_extension(rec, f, names, notes);
	if (++*ruas == 2)
		note_add(notes, "\"rua\" is given again: some senders use one only; a single list "
		    "with commas reaches all of them");
	return take_rua(out, rec, f, notes);
}

static bool parse(struct tlsrpt *out, struct txtrec *rec, struct notes *notes)
{
	struct txtrec_field field = {0};
	enum txtrec_step step;
	size_t ruas = 0;

	while ((step = txtrec_next(rec, &field)) != TXTREC_END) {
		if (step == TXTREC_BAD || !take_field(out, rec, &field, &ruas, notes))
			return false;
	}
	if (ruas == 0)
		text_format(rec->why, sizeof(rec->why), "there is no rua");
	return out->count > 0;
}

int tlsrpt_examine(struct tlsrpt *out, const struct danests_text *texts, size_t count,
    char why[TXTREC_WHY], struct notes *notes)
{
	size_t which, found = txtrec_choose(VERSION, texts, count, &which, notes);
	struct tlsrpt read = {0};
	struct txtrec rec;
	bool good;

	if (found != 1) {
		if (found == 0)
			txtrec_none(why, VERSION, texts, count);
		else
			text_format(why, TXTREC_WHY, "more than one record begins with \"%s;\"",
			    VERSION);
		return DANESTS_EINVAL;
	}
	txtrec_open(&rec, texts[which].data, texts[which].len);
	good = parse(&read, &rec, notes);
	if (good && !read.rua.bad) {
		*out = read;
		return DANESTS_OK;
	}
	text_format(why, TXTREC_WHY, "%s", rec.why);
	tlsrpt_free(&read);
	return good ? DANESTS_ENOMEM : DANESTS_EINVAL;
}

void tlsrpt_free(struct tlsrpt *rec)
{
	if (rec == NULL)
		return;
	buf_free(&rec->rua);
	rec->count = 0;
}
