/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/value.h"

static json_t *tlsa(const struct danests_tlsa *rec)
{
	struct grow out = grow_object();

	grow_put(&out, "usage", json_integer(rec->usage));
	grow_put(&out, "selector", json_integer(rec->selector));
	grow_put(&out, "mtype", json_integer(rec->mtype));
	grow_put(&out, "data", grow_hex(rec->data, rec->len));
	return grow_done(&out);
}

static json_t *host(const struct danests_host *host)
{
	struct grow out = grow_object(), records = grow_array();

	for (size_t i = 0; i < host->tlsa_count; i++)
		grow_add(&records, tlsa(&host->tlsa[i]));
	grow_put(&out, "name", grow_text_or_null(host->name));
	grow_put(&out, "base", grow_text_or_null(host->base));
	grow_put(&out, "preference", json_integer(host->preference));
	grow_put(&out, "state", grow_text(danests_host_state_name(host->state)));
	grow_put(&out, "address_secure", json_boolean(host->address_secure));
	grow_put(&out, "reason", grow_text(host->reason));
	grow_put(&out, "tlsa", grow_done(&records));
	return grow_done(&out);
}

static json_t *hosts(const danests_policy *policy)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < danests_policy_hosts(policy); i++)
		grow_add(&out, host(danests_policy_host(policy, i)));
	return grow_done(&out);
}

static json_t *sts_policy(const struct danests_sts *sts)
{
	struct grow out = grow_object(), mx = grow_array();

	for (size_t i = 0; i < sts->mx_count; i++)
		grow_add(&mx, grow_text(sts->mx[i]));
	grow_put(&out, "id", grow_text(sts->id));
	grow_put(&out, "max_age", json_integer(sts->max_age));
	grow_put(&out, "mx", grow_done(&mx));
	grow_put(&out, "expires", grow_moment(sts->expires));
	return grow_done(&out);
}

/* RFC 8460 has no result for some failures (dns-query-failed): not a success then. */
static json_t *result(const danests_policy *policy)
{
	enum danests_result r = danests_policy_result(policy);

	if (r == DANESTS_SUCCESS && danests_policy_token(policy)[0] != '\0')
		return json_null();
	return grow_text(danests_result_name(r));
}

/* Does DNSSEC vouch for the MX records? null: there are none to speak of, because
 * "[host]" is its own mail server, or because nothing is known. */
static json_t *mx_secure(const danests_policy *policy)
{
	enum danests_dane dane = danests_policy_dane(policy);

	/* Where the MX records are known there is a host at least. */
	if (danests_policy_nexthop(policy)[0] == '[' ||
	    ((dane == DANESTS_DANE_BOGUS || dane == DANESTS_DANE_ERROR) &&
	    danests_policy_hosts(policy) == 0))
		return json_null();
	return json_boolean(danests_policy_mx_secure(policy));
}

void value_put_policy(struct grow *out, const danests_policy *policy)
{
	const struct danests_sts *sts = danests_policy_sts(policy);

	grow_put(out, "domain", grow_text(danests_policy_domain(policy)));
	grow_put(out, "dane", grow_text(danests_dane_name(danests_policy_dane(policy))));
	grow_put(out, "sts", grow_text(danests_sts_state_name(danests_policy_sts_state(policy))));
	grow_put(out, "result", result(policy));
	grow_put(out, "error", grow_text(danests_policy_token(policy)));
	grow_put(out, "reason", grow_text(danests_policy_reason(policy)));
	grow_put(out, "expires", grow_moment(danests_policy_expires(policy)));
	grow_put(out, "mx_secure", mx_secure(policy));
	grow_put(out, "takes_no_mail", json_boolean(danests_policy_no_mail(policy)));
	grow_put(out, "hosts", hosts(policy));
	grow_put(out, "sts_policy", sts != NULL ? sts_policy(sts) : json_null());
}
