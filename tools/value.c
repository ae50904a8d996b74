/* SPDX-License-Identifier: BSD-2-Clause */
/* An outcome as a JSON value: danests(1), JSON OUTPUT. */
#include <jansson.h>
#include <string.h>

#include "ctl/value.h"
#include "tools/tool.h"

json_t *value_of_policy(const danests_policy *policy, int64_t us)
{
	struct grow value = grow_object();

	grow_put(&value, "source", grow_text("lookup"));
	grow_put(&value, "ms", json_integer(us / 1000));
	value_put_policy(&value, policy);
	return grow_done(&value);
}

/* Members of an explanation that the result has by itself, or that are of the protocol. */
static bool is_other(const char *name)
{
	static const char *const others[] = { "nexthop", "reply", "reply_tlsrpt", "ok" };

	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (strcmp(name, others[i]) == 0)
			return true;
	return false;
}

json_t *value_outcome(const struct outcome *out)
{
	struct grow value = grow_object();
	const char *name;
	json_t *member;

	grow_put(&value, "nexthop", grow_text(out->name));
	grow_put(&value, "reply", grow_text_n(out->reply.data, out->reply.len));
	grow_put(&value, "meaning", grow_text_n(out->meaning.data, out->meaning.len));
	if (out->level != NULL)
		grow_put(&value, "level", grow_text(out->level));
	json_object_foreach(out->why, name, member)
		if (!is_other(name))
			grow_put(&value, name, json_incref(member));
	return grow_done(&value);
}

json_t *value_failure(const char *name, const char *error, const char *reason)
{
	struct grow value = grow_object();

	grow_put(&value, "nexthop", grow_text(name));
	grow_put(&value, "reply", json_null());
	grow_put(&value, "error", grow_text(error));
	grow_put(&value, "reason", grow_text(reason));
	return grow_done(&value);
}
