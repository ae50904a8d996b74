/* SPDX-License-Identifier: BSD-2-Clause */
#include "parse/stsbody.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "danests.h"
#include "parse/mxpattern.h"
#include "parse/txtrec.h"

#define ADDRESS_MAX 64 /* "[IPv6:" and the longest spelling of an address */

enum { KEY_VERSION = 1, KEY_MODE = 2, KEY_MAX_AGE = 4 };

struct parser {
	struct stsbody body;
	unsigned seen;    /* KEY_* */
	unsigned line;
	size_t mx_room;
	char *why;
	struct notes *notes;
	struct txtrec_seen extensions;
	unsigned blank_lines, blank_line; /* how many; the first of them */
};

struct value {
	const char *text;
	size_t len;
};

static int refuse(struct parser *p, const char *what)
{
	if (p->line > 0)
		text_format(p->why, STSBODY_WHY, "line %u: %s", p->line, what);
	else
		text_format(p->why, STSBODY_WHY, "%s", what);
	return DANESTS_EINVAL;
}

static bool value_is(struct value v, const char *text)
{
	return v.len == strlen(text) && memcmp(v.text, text, v.len) == 0;
}

static int take_version(struct parser *p, struct value v)
{
	return value_is(v, "STSv1") ? DANESTS_OK : refuse(p, "version is not STSv1");
}

static const char *const modes[] = {
	[STSBODY_NONE] = "none", [STSBODY_TESTING] = "testing", [STSBODY_ENFORCE] = "enforce",
};

const char *stsbody_mode_name(enum stsbody_mode mode) { return modes[mode]; }

static int take_mode(struct parser *p, struct value v)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		if (value_is(v, modes[i])) {
			p->body.mode = (enum stsbody_mode)i;
			return DANESTS_OK;
		}
	}
	return refuse(p, "mode is none of enforce, testing, none");
}

/* Rules 5.8: ten digits are the grammar's limit, a year is the text's. */
static int take_max_age(struct parser *p, struct value v)
{
	uint64_t seconds;

	if (v.len > 10 || !text_number(v.text, v.len, 0, UINT64_MAX, &seconds))
		return refuse(p, "max_age is not a number of 1 to 10 digits");
	if (seconds > STSBODY_MAX_AGE) {
		seconds = STSBODY_MAX_AGE;
		p->body.warnings |= STSBODY_WARN_MAX_AGE_CLAMPED;
		note_add(p->notes, "line %u: max_age is more than a year: %u is what counts, and "
		    "some senders refuse the policy", p->line, STSBODY_MAX_AGE);
	}
	p->body.max_age = (uint32_t)seconds;
	return DANESTS_OK;
}

bool stsbody_is_address(const char *mx, size_t len)
{
	struct value v = { mx, len };
	char text[ADDRESS_MAX];
	unsigned char bytes[16];
	bool bracketed = v.len >= 2 && v.text[0] == '[' && v.text[v.len - 1] == ']';

	if (bracketed) {
		v.text++;
		v.len -= 2;
	}
	if (v.len >= sizeof(text))
		return false;
	memcpy(text, v.text, v.len);
	text[v.len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		return true;
	if (bracketed && v.len > 5 && text_equal_nocase_n(text, 5, "IPv6:"))
		return inet_pton(AF_INET6, text + 5, bytes) == 1;
	return bracketed && inet_pton(AF_INET6, text, bytes) == 1;
}

static int keep_mx(struct parser *p, const char *text, size_t len)
{
	size_t room = p->mx_room == 0 ? 8 : p->mx_room * 2;
	char **mx = p->body.mx, *copy;

	if (p->body.mx_count == p->mx_room) {
		mx = realloc(mx, room * sizeof(*mx));
		if (mx == NULL)
			return DANESTS_ENOMEM;
		p->body.mx = mx;
		p->mx_room = room;
	}
	copy = malloc(len + 1);
	if (copy == NULL)
		return DANESTS_ENOMEM;
	memcpy(copy, text, len);
	copy[len] = '\0';
	mx[p->body.mx_count++] = copy;
	return DANESTS_OK;
}

static int take_mx(struct parser *p, struct value v)
{
	char pattern[256], shown[NOTE_SHOWN];
	size_t i;

	note_shown(shown, v.text, v.len);
	if (stsbody_is_address(v.text, v.len)) {
		p->body.warnings |= STSBODY_WARN_ADDRESS;
		note_add(p->notes, "line %u: mx %s: an address matches no MX host", p->line, shown);
		for (i = 0; i < v.len; i++)
			pattern[i] = text_lower(v.text[i]);
		return keep_mx(p, pattern, v.len);
	}
	if (mxpattern_parse(pattern, v.text, v.len) != DANESTS_OK) /* S16 */
		return refuse(p, "mx is not a host name in A-labels, nor \"*.\" and one");
	if (memchr(v.text, '_', v.len) != NULL) /* RFC 5321 4.1.2 has none; MX records may */
		note_add(p->notes, "line %u: mx %s: a host name has no \"_\" (RFC 5321, section "
		    "4.1.2); some senders refuse the policy", p->line, shown);
	if (v.text[v.len - 1] == '.') {
		p->body.warnings |= STSBODY_WARN_FINAL_DOT;
		note_add(p->notes, "line %u: mx %s: the final dot is dropped; some senders refuse "
		    "the policy for it", p->line, shown);
	}
	return keep_mx(p, pattern, strlen(pattern));
}

/* Is it UTF-8, as RFC 8461 3.2 (sts-policy-ext-value) has it? */
static bool is_utf8(struct value v)
{
	const unsigned char *at = (const unsigned char *)v.text, *end = at + v.len;
	unsigned lead, more;
	uint32_t c;

	while (at < end) {
		lead = *at++;
		more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
		if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || (size_t)(end - at) < more)
			return false;
		c = more == 0 ? lead : lead & (0x3fu >> more);
		for (unsigned i = 0; i < more; i++, at++) {
			if ((*at & 0xc0) != 0x80)
				return false;
			c = c << 6 | (*at & 0x3f);
		}
		if ((more == 2 && c < 0x800) || (more == 3 && (c < 0x10000 || c > 0x10ffff)) ||
		    (c >= 0xd800 && c <= 0xdfff))
			return false;
	}
	return true;
}

static const struct key {
	const char *name;
	unsigned once; /* KEY_*; 0: may be repeated */
	int (*take)(struct parser *, struct value);
} keys[] = {
	{ "version", KEY_VERSION, take_version },
	{ "mode", KEY_MODE, take_mode },
	{ "max_age", KEY_MAX_AGE, take_max_age },
	{ "mx", 0, take_mx },
};

static void note_again(struct parser *p, const char *name)
{
	note_add(p->notes, "line %u: %s is given again: the first counts, though some senders "
	    "take the last or refuse the policy", p->line, name);
}

/* The names and values of rule S4, but blanks and UTF-8 may be in a value. */
static int take_extension(struct parser *p, struct value name, struct value v)
{
	const char *known[COUNT_OF(keys) + 1] = {0};
	char shown[NOTE_SHOWN], hint[TXTREC_HINT];

	if (!txtrec_name_valid(name.text, name.len))
		return refuse(p, "the name of the field is not valid");
	if (txtrec_again(&p->extensions, name.text, name.len)) {
		note_again(p, note_shown(shown, name.text, name.len));
		return DANESTS_OK;
	}
	if (v.len == 0)
		return refuse(p, "the field has no value");
	if (memchr(v.text, '\t', v.len) != NULL)
		return refuse(p, "a tab inside of a value");
	/* It changes no meaning, and no policy at all would be the worse for the domain. */
	if (!is_utf8(v))
		note_add(p->notes, "line %u: the value is not UTF-8; some senders refuse the "
		    "policy for it", p->line);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		known[i] = keys[i].name;
	note_add(p->notes, "line %u: unknown field \"%s\" is ignored%s", p->line,
	    note_shown(shown, name.text, name.len),
	    txtrec_hint(hint, name.text, name.len, known));
	return DANESTS_OK;
}

static int take_field(struct parser *p, struct value name, struct value v)
{
	size_t i;

	for (i = 0; i < COUNT_OF(keys); i++) {
		if (!value_is(name, keys[i].name))
			continue;
		if (p->seen & keys[i].once) { /* S5, 5.7: only the first counts, be it as it may */
			note_again(p, keys[i].name);
			return DANESTS_OK;
		}
		p->seen |= keys[i].once;
		return keys[i].take(p, v);
	}
	return take_extension(p, name, v);
}

static int take_line(struct parser *p, const char *text, size_t len)
{
	struct value name = { text, 0 }, v;
	const char *colon;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\r')
			return refuse(p, "a carriage return that no line feed follows");
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return refuse(p, "a control character");
	}
	while (len > 0 && text_is_blank(text[len - 1])) /* S15: *WSP may trail */
		len--;
	if (len == 0) { /* 5.6 */
		p->body.warnings |= STSBODY_WARN_BLANK_LINE;
		if (p->blank_lines++ == 0)
			p->blank_line = p->line;
		return DANESTS_OK;
	}
	colon = memchr(text, ':', len);
	if (colon == NULL)
		return refuse(p, "no colon");
	name.len = (size_t)(colon - text);
	for (v.text = colon + 1; v.text < text + len && text_is_blank(*v.text); v.text++)
		continue;
	v.len = (size_t)(text + len - v.text);
	return take_field(p, name, v);
}

static int take_lines(struct parser *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len, *feed;
	size_t n;
	int r;

	for (; at < end; at = feed + 1) {
		p->line++;
		feed = memchr(at, '\n', (size_t)(end - at));
		if (feed == NULL)
			feed = end;
		n = (size_t)(feed - at);
		if (feed < end && n > 0 && at[n - 1] == '\r')
			n--;
		r = take_line(p, at, n);
		if (r != DANESTS_OK)
			return r;
		if (feed == end)
			break;
	}
	p->line = 0;
	return DANESTS_OK;
}

static int complete(struct parser *p)
{
	if (!(p->seen & KEY_VERSION))
		return refuse(p, "version is missing");
	if (!(p->seen & KEY_MODE))
		return refuse(p, "mode is missing");
	if (!(p->seen & KEY_MAX_AGE))
		return refuse(p, "max_age is missing");
	if (p->body.mx_count == 0 && p->body.mode != STSBODY_NONE)
		return refuse(p, "mx is missing");
	return DANESTS_OK;
}

int stsbody_parse(struct stsbody *out, const char *text, size_t len, char why[STSBODY_WHY])
{
	return stsbody_examine(out, text, len, why, NULL);
}

int stsbody_examine(struct stsbody *out, const char *text, size_t len, char why[STSBODY_WHY],
    struct notes *notes)
{
	struct parser p = { .why = why, .notes = notes };
	int r;

	why[0] = '\0';
	if (len > STSBODY_MAX)
		return refuse(&p, "longer than 65536 octets");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return refuse(&p, "begins with a byte order mark");
	r = take_lines(&p, text, len);
	if (r == DANESTS_OK)
		r = complete(&p);
	if (p.blank_lines > 0)
		note_add(notes, "line %u is empty%s: some senders refuse such a policy, and mail "
		    "goes unprotected", p.blank_line, p.blank_lines > 1 ? ", and others are" : "");
	if (r == DANESTS_OK)
		*out = p.body;
	else
		stsbody_free(&p.body);
	return r;
}

void stsbody_free(struct stsbody *body)
{
	struct stsbody empty = {0};
	size_t i;

	if (body == NULL)
		return;
	for (i = 0; i < body->mx_count; i++)
		free(body->mx[i]);
	free(body->mx);
	*body = empty;
}
