/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail servers and the policy host for programs: what was seen, and the verdicts. */
#include <jansson.h>

#include "ctl/grow.h"
#include "tools/check.h"

static json_t *fault_token(const struct danests_fault *fault)
{
	return fault != NULL ? grow_text(fault->token) : json_null();
}

static json_t *fault_code(const struct danests_fault *fault)
{
	return fault != NULL ? grow_text_or_null(fault->code) : json_null();
}

static json_t *judgement(const struct danests_judgement *j)
{
	static const char *const states[] = {
		[DANESTS_NOT_JUDGED] = "not-judged", [DANESTS_PASS] = "pass",
		[DANESTS_FAIL] = "fail", [DANESTS_UNUSABLE] = "unusable",
	};
	struct grow out = grow_object();
	bool matched = j->state == DANESTS_PASS && j->tlsa >= 0;

	grow_put(&out, "state", grow_text(states[j->state]));
	grow_put(&out, "token", fault_token(j->fault));
	grow_put(&out, "code", fault_code(j->fault));
	grow_put(&out, "result", j->fault != NULL && j->result != DANESTS_SUCCESS ?
	    grow_text(danests_result_name(j->result)) : json_null());
	grow_put(&out, "tlsa", matched ? json_integer(j->tlsa) : json_null());
	/* Of an anchor that was not sent there is none. */
	grow_put(&out, "depth", matched && j->depth >= 0 ? json_integer(j->depth) : json_null());
	grow_put(&out, "reason", grow_text(j->reason));
	return grow_done(&out);
}

static json_t *verdict(const struct danests_verdict *v)
{
	struct grow out = grow_object();

	grow_put(&out, "deliver", json_boolean(v->deliver));
	grow_put(&out, "by", grow_text(danests_need_name(v->by)));
	grow_put(&out, "token", fault_token(v->fault));
	grow_put(&out, "code", fault_code(v->fault));
	grow_put(&out, "result", v->fault != NULL && v->result != DANESTS_SUCCESS ?
	    grow_text(danests_result_name(v->result)) : json_null());
	grow_put(&out, "reason", grow_text(v->reason));
	grow_put(&out, "dane", judgement(&v->dane));
	grow_put(&out, "sts", judgement(&v->sts));
	return grow_done(&out);
}

static json_t *certificate(const struct danests_der *der)
{
	struct grow out = grow_object(), names = grow_array();
	danests_cert *cert;

	if (danests_cert_read(&cert, der) != DANESTS_OK)
		cert = NULL;
	for (size_t i = 0; cert != NULL && i < danests_cert_names(cert); i++)
		grow_add(&names, grow_text(danests_cert_name(cert, i)));
	if (cert != NULL) {
		grow_put(&out, "subject", grow_text(danests_cert_subject(cert)));
		grow_put(&out, "issuer", grow_text(danests_cert_issuer(cert)));
		grow_put(&out, "key", grow_text(danests_cert_key(cert)));
		grow_put(&out, "begins", grow_moment(danests_cert_begins(cert)));
		grow_put(&out, "ends", grow_moment(danests_cert_ends(cert)));
		grow_put(&out, "is_ca", json_boolean(danests_cert_is_ca(cert)));
	}
	grow_put(&out, "names", grow_done(&names));
	grow_put(&out, "der", grow_hex(der->data, der->len));
	danests_cert_free(cert);
	return grow_done(&out);
}

static json_t *chain(const struct probe *p)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < p->count && !p->got_raw_key; i++)
		grow_add(&out, certificate(&p->chain[i]));
	return grow_done(&out);
}

static const char *end_word(enum probe_end end)
{
	static const char *const words[] = {
		[PROBE_OK] = "ok", [PROBE_TIMEOUT] = "timeout", [PROBE_REFUSED] = "refused",
		[PROBE_REPLY] = "reply", [PROBE_GARBAGE] = "garbage", [PROBE_FAILED] = "failed",
		[PROBE_LOCAL] = "local",
	};

	return words[end];
}

/* How the conversation went. */
static void put_probe(struct grow *out, const struct check_address *a)
{
	const struct probe *p = &a->probe;

	grow_put(out, "address", grow_text(a->text));
	grow_put(out, "tried", json_boolean(a->tried));
	if (!a->tried)
		return;
	grow_put(out, "stage", grow_text(probe_stage_name(p->stage)));
	grow_put(out, "end", grow_text(end_word(p->end)));
	grow_put(out, "said", grow_text_or_null(p->said));
	grow_put(out, "greeting", grow_text_or_null(p->greeting));
	grow_put(out, "starttls", json_boolean(p->starttls));
	grow_put(out, "unasked", grow_text_or_null(p->unasked));
	grow_put(out, "tls", grow_text_or_null(p->tls));
	grow_put(out, "sni", grow_text(p->sni != NULL ? p->sni : ""));
	grow_put(out, "ms", json_integer(p->ms));
	grow_put(out, "sent", grow_count(p->sent));
	grow_put(out, "raw_key", p->got_raw_key && p->count > 0 ?
	    grow_hex(p->chain[0].data, p->chain[0].len) : json_null());
	grow_put(out, "chain", chain(p));
}

static json_t *address(const struct check_address *a)
{
	struct grow out = grow_object();

	put_probe(&out, a);
	grow_put(&out, "verdict", a->judged ? verdict(&a->verdict) : json_null());
	return grow_done(&out);
}

static json_t *tlsa(const struct check_domain *d, const struct check_host *host, size_t i)
{
	const struct danests_tlsa *rec = &danests_policy_host(d->policy, host->index)->tlsa[i];
	const char *unusable = danests_tlsa_unusable(rec);
	int state = unusable == NULL ? check_record_state(d, host, i) : 0;
	struct grow out = grow_object();

	grow_put(&out, "usage", json_integer(rec->usage));
	grow_put(&out, "selector", json_integer(rec->selector));
	grow_put(&out, "mtype", json_integer(rec->mtype));
	grow_put(&out, "data", grow_hex(rec->data, rec->len));
	grow_put(&out, "unusable", unusable != NULL ? grow_text(unusable) : json_null());
	grow_put(&out, "passes", state >= 0 ? json_boolean(state) : json_null());
	return grow_done(&out);
}

static json_t *host_value(const struct check_domain *d, const struct check_host *host)
{
	static const char *const fates[] = {
		[CHECK_GETS] = "gets-mail", [CHECK_REFUSED] = "gets-none",
		[CHECK_UNTOLD] = "unknown", [CHECK_OUT] = "no-candidate",
	};
	const struct danests_host *of = danests_policy_host(d->policy, host->index);
	const struct danests_sts *sts = danests_policy_sts(d->policy);
	struct grow out = grow_object(), records = grow_array(), addresses = grow_array();

	for (size_t i = 0; i < of->tlsa_count; i++)
		grow_add(&records, tlsa(d, host, i));
	for (size_t i = 0; i < host->count; i++)
		grow_add(&addresses, address(&host->addresses[i]));
	grow_put(&out, "name", grow_text_or_null(of->name));
	grow_put(&out, "preference", json_integer(of->preference));
	grow_put(&out, "need", grow_text(danests_need_name(check_need(d,
	    host->index))));
	grow_put(&out, "fate", grow_text(fates[check_host_fate(d, host)]));
	grow_put(&out, "sni", grow_text(danests_policy_sni(d->policy, host->index)));
	grow_put(&out, "pattern", sts != NULL && host->pattern >= 0 ?
	    grow_text(sts->mx[host->pattern]) : json_null());
	grow_put(&out, "tlsa", grow_done(&records));
	grow_put(&out, "addresses", grow_done(&addresses));
	return grow_done(&out);
}

json_t *check_value_hosts(const struct check_domain *d)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < d->host_count; i++)
		grow_add(&out, host_value(d, &d->hosts[i]));
	return grow_done(&out);
}

json_t *check_value_web(const struct check_domain *d)
{
	struct grow out = grow_object();

	if (!d->web.tried) {
		json_decref(grow_done(&out));
		return json_null();
	}
	grow_put(&out, "name", grow_text(d->web_name));
	put_probe(&out, &d->web);
	grow_put(&out, "verdict", judgement(&d->web_verdict));
	return grow_done(&out);
}
