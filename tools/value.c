/* SPDX-License-Identifier: BSD-2-Clause */
/* An outcome as a JSON value: danests(1), JSON OUTPUT. */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "tools/tool.h"

/* An object or array as it grows: like a struct buf it remembers a failure, so that
 * one question at the end is enough. */
struct growing {
	json_t *at;
	bool bad;
};

static void put(struct growing *object, const char *name, json_t *value)
{
	if (json_object_set_new(object->at, name, value) != 0)
		object->bad = true;
}

static void add(struct growing *array, json_t *value)
{
	if (json_array_append_new(array->at, value) != 0)
		array->bad = true;
}

static json_t *grown(struct growing *g)
{
	if (!g->bad)
		return g->at;
	json_decref(g->at);
	return NULL;
}

/* How many octets the character at p has, NUL excepted; 0: that is not UTF-8. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	/* RFC 3629 section 4: first octet, second octet, length */
	static const unsigned char forms[][5] = {
		{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *form = forms[0];
	size_t i = 0, len;

	while (i < COUNT_OF(forms) && (p[0] < forms[i][0] || p[0] > forms[i][1]))
		i++;
	if (i == COUNT_OF(forms))
		return 0;
	form = forms[i];
	len = form[4];
	if (len > left || (len > 1 && (p[1] < form[2] || p[1] > form[3])))
		return 0;
	for (i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static json_t *text_n(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	struct buf out = {0};
	json_t *value;

	for (size_t i = 0, step; i < len; i += step) {
		step = utf8_len(p + i, len - i);
		if (step > 0) {
			buf_add(&out, p + i, step);
		} else {
			buf_printf(&out, "\\x%02x", p[i]);
			step = 1;
		}
	}
	value = out.bad ? NULL : json_stringn(out.len > 0 ? out.data : "", out.len);
	buf_free(&out);
	return value;
}

static json_t *text(const char *s)
{
	return text_n(s, strlen(s));
}

/* null where there is nothing to name. */
static json_t *text_or_null(const char *s)
{
	return s[0] != '\0' ? text(s) : json_null();
}

static json_t *moment(time_t when)
{
	char out[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(out);
}

static json_t *hex(const uint8_t *data, size_t len)
{
	struct buf out = {0};
	char *room = buf_room(&out, 2 * len + 1);
	json_t *value = NULL;

	if (room != NULL) {
		hex_encode(room, data, len);
		value = json_stringn(room, 2 * len);
	}
	buf_free(&out);
	return value;
}

static json_t *tlsa(const struct danests_tlsa *rec)
{
	struct growing out = { .at = json_object() };

	put(&out, "usage", json_integer(rec->usage));
	put(&out, "selector", json_integer(rec->selector));
	put(&out, "mtype", json_integer(rec->mtype));
	put(&out, "data", hex(rec->data, rec->len));
	return grown(&out);
}

static json_t *host(const struct danests_host *host)
{
	struct growing out = { .at = json_object() };
	struct growing records = { .at = json_array() };

	for (size_t i = 0; i < host->tlsa_count; i++)
		add(&records, tlsa(&host->tlsa[i]));
	put(&out, "name", text_or_null(host->name));
	put(&out, "base", text_or_null(host->base));
	put(&out, "preference", json_integer(host->preference));
	put(&out, "state", text(danests_host_state_name(host->state)));
	put(&out, "address_secure", json_boolean(host->address_secure));
	put(&out, "reason", text(host->reason));
	put(&out, "tlsa", grown(&records));
	return grown(&out);
}

static json_t *hosts(const danests_policy *policy)
{
	struct growing out = { .at = json_array() };

	for (size_t i = 0; i < danests_policy_hosts(policy); i++)
		add(&out, host(danests_policy_host(policy, i)));
	return grown(&out);
}

static json_t *sts_policy(const struct danests_sts *sts)
{
	struct growing out = { .at = json_object() };
	struct growing mx = { .at = json_array() };

	for (size_t i = 0; i < sts->mx_count; i++)
		add(&mx, text(sts->mx[i]));
	put(&out, "id", text(sts->id));
	put(&out, "max_age", json_integer(sts->max_age));
	put(&out, "mx", grown(&mx));
	put(&out, "expires", moment(sts->expires));
	return grown(&out);
}

/* RFC 8460 has no result for some failures (dns-query-failed): not a success then. */
static json_t *result(const danests_policy *policy)
{
	enum danests_result r = danests_policy_result(policy);

	if (r == DANESTS_SUCCESS && danests_policy_token(policy)[0] != '\0')
		return json_null();
	return text(danests_result_name(r));
}

static json_t *mx_secure(const danests_policy *policy)
{
	enum outcome_mx mx = outcome_mx(policy);

	if (mx == OUTCOME_MX_FAILED || mx == OUTCOME_MX_UNASKED)
		return json_null();
	return json_boolean(mx == OUTCOME_MX_SECURE);
}

static void put_policy(struct growing *out, const danests_policy *policy)
{
	const struct danests_sts *sts = danests_policy_sts(policy);

	put(out, "domain", text(danests_policy_domain(policy)));
	put(out, "dane", text(danests_dane_name(danests_policy_dane(policy))));
	put(out, "sts", text(danests_sts_state_name(danests_policy_sts_state(policy))));
	put(out, "result", result(policy));
	put(out, "error", text(danests_policy_token(policy)));
	put(out, "reason", text(danests_policy_reason(policy)));
	put(out, "expires", moment(danests_policy_expires(policy)));
	put(out, "mx_secure", mx_secure(policy));
	put(out, "takes_no_mail", json_boolean(danests_policy_no_mail(policy)));
	put(out, "hosts", hosts(policy));
	put(out, "sts_policy", sts != NULL ? sts_policy(sts) : json_null());
}

json_t *value_outcome(const struct outcome *out)
{
	struct growing value = { .at = json_object() };

	put(&value, "nexthop", text(out->name));
	put(&value, "reply", text_n(out->reply.data, out->reply.len));
	put(&value, "meaning", text_n(out->meaning.data, out->meaning.len));
	if (out->direct)
		put(&value, "level", text(out->level));
	if (out->policy != NULL) {
		put(&value, "source", text("lookup"));
		put(&value, "ms", json_integer(out->us / 1000));
		put_policy(&value, out->policy);
	}
	return grown(&value);
}

json_t *value_failure(const char *name, const char *error, const char *reason)
{
	struct growing value = { .at = json_object() };

	put(&value, "nexthop", text(name));
	put(&value, "reply", json_null());
	put(&value, "error", text(error));
	put(&value, "reason", text(reason));
	return grown(&value);
}
