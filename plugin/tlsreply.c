/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules are those of Postfix's own parser (smtp_tls_policy_maps, up to 3.12), and
 * those of its TLS engine for what the parser passes on unread: a session that the
 * engine will not start is mail that is held, too.
 */
#include "plugin/tlsreply.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "plugin/tlsvalue.h"

enum {
	LEVEL_MAY = 1, LEVEL_CRYPT = 2, LEVEL_PRINT = 4, LEVEL_PKIX = 8,
	LEVEL_TLS = LEVEL_MAY | LEVEL_CRYPT | LEVEL_PRINT | LEVEL_PKIX
};

static const struct {
	const char *word;
	unsigned kind; /* 0: no TLS; what follows is ignored, with a warning each time */
} levels[] = {
	{ "none", 0 },
	{ "may", LEVEL_MAY },
	{ "encrypt", LEVEL_CRYPT },
	{ "dane", LEVEL_CRYPT },
	{ "dane-only", LEVEL_CRYPT },
	{ "fingerprint", LEVEL_PRINT },
	{ "verify", LEVEL_PKIX },
	{ "secure", LEVEL_PKIX },
};

/* STS: only beside policy_type. */
enum { ONCE = 1, STS = 2 };

static const struct attribute {
	const char *name;
	unsigned kinds; /* levels that take it */
	unsigned flags;
	const char *(*wrong)(const char *value); /* what is, or NULL */
} attributes[] = {
	{ "match", LEVEL_PRINT | LEVEL_PKIX, 0, tlsvalue_not_empty },
	{ "servername", LEVEL_TLS, ONCE, tlsvalue_host },
	{ "ciphers", LEVEL_TLS, ONCE, tlsvalue_ciphers },
	{ "protocols", LEVEL_TLS, ONCE, tlsvalue_protocols },
	{ "exclude", LEVEL_TLS, ONCE, tlsvalue_exclude },
	{ "tafile", LEVEL_PKIX, 0, tlsvalue_not_empty },
	{ "connection_reuse", LEVEL_TLS, 0, tlsvalue_yes_no },
	{ "enable_rpk", LEVEL_TLS, 0, tlsvalue_yes_no },
	{ "policy_type", LEVEL_TLS, ONCE, tlsvalue_policy_type },
	{ "policy_domain", LEVEL_TLS, ONCE | STS, tlsvalue_host },
	{ "policy_ttl", LEVEL_TLS, ONCE | STS, tlsvalue_ttl },
	{ "policy_failure", LEVEL_TLS, ONCE | STS, tlsvalue_failure },
	{ "policy_string", LEVEL_TLS, STS, NULL },
	{ "mx_host_pattern", LEVEL_TLS, STS, NULL },
};

enum { MATCH = 0, POLICY_TYPE = 8 }; /* their places */

struct check {
	const char *level;
	unsigned kind, seen;  /* seen: a bit for each of attributes[] */
	struct buf value;     /* of the attribute at hand, with a NUL */
	struct buf *out;
	char *problem;
};

#define REFUSE(c, ...) (text_format((c)->problem, TLSREPLY_PROBLEM, __VA_ARGS__), false)

/* Postfix takes commas for blanks. */
static bool is_between(char c)
{
	return text_is_blank(c) || c == ',';
}

/* The next word and, in *at, what follows: up to a blank outside of braces. */
static size_t next_word(const char **at, const char *end, const char **word)
{
	size_t depth = 0;
	const char *p;

	while (*at < end && is_between(**at))
		++*at;
	*word = *at;
	for (p = *at; p < end && (depth > 0 || !is_between(*p)); p++) {
		depth += *p == '{';
		depth -= *p == '}' && depth > 0;
	}
	*at = p;
	return (size_t)(p - *word);
}

static void trim(const char **text, size_t *len)
{
	for (; *len > 0 && text_is_blank(**text); --*len)
		++*text;
	while (*len > 0 && text_is_blank((*text)[*len - 1]))
		--*len;
}

/* "{ name = value }" without its braces; other words may have none. */
static bool strip_braces(struct check *c, const char **word, size_t *len, bool *braced)
{
	const char *p = *word;
	size_t depth = 0, i;

	*braced = p[0] == '{';
	if (!*braced) {
		if (memchr(p, '{', *len) != NULL || memchr(p, '}', *len) != NULL)
			return REFUSE(c, "a brace inside a word: write { name = value }");
		return true;
	}
	for (i = 0; i < *len; i++) {
		depth += p[i] == '{';
		depth -= p[i] == '}';
		if (depth == 0)
			break;
	}
	if (i == *len)
		return REFUSE(c, "a '{' without its '}'");
	if (i + 1 != *len)
		return REFUSE(c, "something behind a '}' without a blank between");
	++*word;
	*len -= 2;
	trim(word, len);
	return true;
}

static const struct attribute *find_attribute(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (text_equal_nocase_n(name, len, attributes[i].name))
			return &attributes[i];
	return NULL;
}

static bool check_value(struct check *c, const struct attribute *a)
{
	unsigned bit = 1u << (a - attributes);
	const char *wrong;

	if ((a->kinds & c->kind) == 0)
		return REFUSE(c, "%s= does not go with %s", a->name, c->level);
	if ((a->flags & ONCE) != 0 && (c->seen & bit) != 0)
		return REFUSE(c, "%s= twice", a->name);
	c->seen |= bit;
	if (a == &attributes[MATCH] && c->kind == LEVEL_PRINT)
		wrong = tlsvalue_fingerprints(c->value.data);
	else
		wrong = a->wrong != NULL ? a->wrong(c->value.data) : NULL;
	return wrong == NULL || REFUSE(c, "%s= %s", a->name, wrong);
}

static bool check_word(struct check *c, const char *word, size_t len)
{
	const struct attribute *a;
	const char *equals, *value;
	size_t name_len, value_len;
	char shown[40];
	bool braced;

	if (!strip_braces(c, &word, &len, &braced))
		return false;
	equals = len > 0 ? memchr(word, '=', len) : NULL;
	if (equals == NULL) {
		text_printable(shown, sizeof(shown), word, len);
		return REFUSE(c, "\"%s\" is not name=value", shown);
	}
	name_len = (size_t)(equals - word);
	value = equals + 1;
	value_len = len - name_len - 1;
	trim(&word, &name_len);
	trim(&value, &value_len);
	a = find_attribute(word, name_len);
	if (a == NULL) {
		text_printable(shown, sizeof(shown), word, name_len);
		return REFUSE(c, "Postfix has no attribute \"%s\"", shown);
	}
	buf_reset(&c->value);
	buf_add(&c->value, value, value_len);
	if (c->value.bad)
		return REFUSE(c, "out of memory");
	for (char *p = c->value.data; *p != '\0'; p++)
		*p = *p == '\t' ? ' ' : *p;
	if (!check_value(c, a))
		return false;
	buf_str(c->out, braced ? " { " : " ");
	buf_str(c->out, a->name);
	buf_str(c->out, braced ? " = " : "=");
	buf_add(c->out, c->value.data, c->value.len);
	buf_str(c->out, braced ? " }" : "");
	return true;
}

static bool check_level(struct check *c, const char *word, size_t len)
{
	char shown[40];

	for (size_t i = 0; i < COUNT_OF(levels); i++) {
		if (!text_equal_nocase_n(word, len, levels[i].word))
			continue;
		c->level = levels[i].word;
		c->kind = levels[i].kind;
		buf_str(c->out, c->level);
		return true;
	}
	text_printable(shown, sizeof(shown), word, len);
	return REFUSE(c, "\"%s\" is no security level: none, may, encrypt, dane, dane-only,"
	    " fingerprint, verify or secure", shown);
}

static bool check_whole(struct check *c)
{
	/* It may have one in main.cf; by default it has none. */
	if (c->kind == LEVEL_PRINT && (c->seen & 1u << MATCH) == 0)
		return REFUSE(c, "fingerprint without match=");
	if ((c->seen & 1u << POLICY_TYPE) != 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if ((c->seen & 1u << i) != 0 && (attributes[i].flags & STS) != 0)
			return REFUSE(c, "%s= without policy_type=", attributes[i].name);
	return true;
}

static bool check_all(struct check *c, const char *at, const char *end)
{
	const char *word;
	size_t len = next_word(&at, end, &word);

	if (len == 0)
		return REFUSE(c, "no reply");
	if (!check_level(c, word, len))
		return false;
	while (c->kind != 0 && (len = next_word(&at, end, &word)) > 0)
		if (!check_word(c, word, len))
			return false;
	return check_whole(c);
}

bool tlsreply_check(const char *text, size_t len, const char **level, struct buf *out,
    char problem[TLSREPLY_PROBLEM])
{
	struct check c = { .out = out, .problem = problem };
	bool ok = true;

	for (size_t i = 0; ok && i < len; i++)
		if ((text[i] < ' ' && text[i] != '\t') || text[i] > '~')
			ok = REFUSE(&c, "a character that is not printable ASCII (a domain name"
			    " is written in its xn-- form here)");
	ok = ok && check_all(&c, text, text + len);
	buf_free(&c.value);
	if (ok && out->bad)
		return REFUSE(&c, "out of memory");
	*level = c.level;
	return ok;
}
