/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an HTTP request (RFC 9112), as far as it takes to say yes or no. */
#include <string.h>

#include "base/text.h"
#include "plugin/metrics.h"

struct span {
	const char *data;
	size_t len;
};

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.data, word, s.len) == 0;
}

/* RFC 9110 5.6.2. */
static bool is_token(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!text_is_alnum(s.data[i]) &&
		    (s.data[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s.data[i]) == NULL))
			return false;
	return s.len > 0;
}

/* Up to sep; *rest is what follows. False: there is none. */
static bool cut(struct span *rest, char sep, struct span *out)
{
	const char *end = memchr(rest->data, sep, rest->len);

	if (end == NULL)
		return false;
	*out = (struct span){ rest->data, (size_t)(end - rest->data) };
	rest->len -= out->len + 1;
	rest->data = end + 1;
	return true;
}

/* A line without its end: LF alone is forgiven (RFC 9112 2.2). */
static bool next_line(struct span *rest, struct span *line)
{
	if (!cut(rest, '\n', line))
		return false;
	if (line->len > 0 && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* The length of the head with the empty line that ends it; 0: it is not whole. */
static size_t head_length(const char *data, size_t len)
{
	struct span rest = { data, len }, line;

	while (next_line(&rest, &line))
		if (line.len == 0)
			return len - rest.len;
	return 0;
}

/* "/metrics", or that in a URI; what is asked of it does not matter. */
static bool is_ours(struct span target)
{
	static const char scheme[] = "http://";
	struct span path = target, before;

	if (target.len > strlen(scheme) && text_equal_nocase_n(target.data, strlen(scheme), scheme)) {
		path.data += strlen(scheme);
		path.len -= strlen(scheme);
		if (!cut(&path, '/', &before))
			return false;
		path.data--;
		path.len++;
	}
	target = path;
	return span_is(cut(&path, '?', &before) ? before : target, "/metrics");
}

/* Is this a visible target? Controls and blanks have no business there. */
static bool is_target(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] <= ' ' || s.data[i] > '~')
			return false;
	return s.len > 0;
}

/* Fields have names; HTTP/1.1 wants exactly one Host (RFC 9112 3.2). */
static bool good_fields(struct span rest, bool want_host)
{
	struct span line, name;
	unsigned hosts = 0;

	while (next_line(&rest, &line) && line.len > 0) {
		if (memchr(line.data, '\0', line.len) != NULL ||
		    memchr(line.data, '\r', line.len) != NULL)
			return false;
		if (!cut(&line, ':', &name) || !is_token(name))
			return false;
		hosts += text_equal_nocase_n(name.data, name.len, "host");
	}
	return hosts == 1 || (hosts == 0 && !want_host);
}

int metrics_request(const char *data, size_t len, bool *body)
{
	size_t head = head_length(data, len < METRICS_HEAD ? len : METRICS_HEAD);
	struct span rest = { data, head }, line, method, target;

	*body = true;
	if (head == 0)
		return len < METRICS_HEAD ? 0 : 431;
	if (!next_line(&rest, &line) || !cut(&line, ' ', &method) || !is_token(method) ||
	    !cut(&line, ' ', &target) || !is_target(target))
		return 400;
	*body = !span_is(method, "HEAD");
	if (line.len != 8 || memcmp(line.data, "HTTP/", 5) != 0 || line.data[6] != '.' ||
	    !text_is_digit(line.data[5]) || !text_is_digit(line.data[7]))
		return 400;
	if (line.data[5] != '1')
		return 505;
	if (!good_fields(rest, line.data[7] != '0'))
		return 400;
	if (!is_ours(target))
		return 404;
	return span_is(method, "GET") || span_is(method, "HEAD") ? 200 : 405;
}
