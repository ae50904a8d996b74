/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/report/feature.h"

#include "base/attr.h"

static enum level level_of(struct slice word)
{
	static const struct { struct slice word; enum level level; } levels[] = {
		{ SLICE("dane"), LEVEL_DANE }, { SLICE("may"), LEVEL_MAY },
		{ SLICE("secure"), LEVEL_SECURE }, { SLICE("dane-only"), LEVEL_DANE_ONLY },
		{ SLICE("none"), LEVEL_NONE }, { SLICE("encrypt"), LEVEL_ENCRYPT },
		{ SLICE("verify"), LEVEL_VERIFY }, { SLICE("halfdane"), LEVEL_HALFDANE },
		{ SLICE("fingerprint"), LEVEL_FINGERPRINT }, { SLICE("unknown"), LEVEL_UNKNOWN },
	};

	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (slice_equal(word, levels[i].word))
			return levels[i].level;
	return LEVEL_OTHER;
}

/* Takes what stands before the first `mark`; all when there is none. */
static struct slice take_until(struct slice *s, char mark)
{
	const char *at = s->len == 0 ? NULL : memchr(s->p, mark, s->len);
	struct slice front = *s;

	if (at == NULL) {
		*s = slice_after(*s, s->len);
		return front;
	}
	front.len = (size_t)(at - s->p);
	*s = slice_after(*s, front.len + 1);
	return front;
}

struct feature feature_of(struct slice value)
{
	struct feature out = {0};
	struct slice policy = take_until(&value, '/');

	(void)slice_take(&value, SLICE("!"));
	out.requiretls = slice_begins(value, SLICE("requiretls"));
	out.broken = slice_take(&policy, SLICE("!"));
	if (policy.len > 0 && policy.p[policy.len - 1] == '?') {
		out.open = true;
		policy.len--;
	}
	out.level = level_of(take_until(&policy, ':'));
	if (policy.len > 0)
		out.downgrade = level_of(policy);
	return out;
}
