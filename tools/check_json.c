/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain for programs: check.schema.json, danests(1). */
#include <jansson.h>
#include <string.h>

#include "ctl/grow.h"
#include "ctl/value.h"
#include "tools/check.h"

#define MAX_MATCHES 4096 /* of hosts with patterns */

/* RFC 8460 has no result for some faults. */
static json_t *result_of(const struct danests_fault *fault, enum danests_result result)
{
	return fault == NULL || result == DANESTS_SUCCESS ? json_null() :
	    grow_text(danests_result_name(result));
}

static json_t *finding(const struct check_finding *f)
{
	struct grow out = grow_object();

	grow_put(&out, "rank", grow_text(check_rank_name(f->rank)));
	grow_put(&out, "token", f->fault != NULL ? grow_text(f->fault->token) : json_null());
	grow_put(&out, "code", f->fault != NULL ? grow_text_or_null(f->fault->code) : json_null());
	grow_put(&out, "result", result_of(f->fault, f->result));
	grow_put(&out, "where", grow_text(f->where));
	grow_put(&out, "text", grow_text(f->text));
	grow_put(&out, "hint", f->hint != NULL ? grow_text(f->hint) : json_null());
	return grow_done(&out);
}

static json_t *findings_value(const struct check_findings *findings)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < findings->count; i++)
		grow_add(&out, finding(&findings->list[i]));
	return grow_done(&out);
}

/* ---- DNS ---- */

static json_t *records(const struct check_domain *d, size_t answer)
{
	struct grow out = grow_array();
	struct buf text = {0};

	for (size_t i = 0; i < d->answers[answer].count && !text.bad; i++) {
		int len = danests_policy_record(d->policy, answer, i, NULL, 0);
		char *room = len < 0 ? NULL : buf_room(&text, (size_t)len + 1);

		if (len < 0)
			continue;
		if (room != NULL)
			(void)danests_policy_record(d->policy, answer, i, room, (size_t)len + 1);
		grow_add(&out, room != NULL ? grow_text(room) : NULL);
	}
	out.bad |= text.bad;
	buf_free(&text);
	return grow_done(&out);
}

static json_t *answers(const struct check_domain *d)
{
	static const char *const securities[] = {
		[DANESTS_SECURE] = "secure", [DANESTS_INSECURE] = "insecure",
		[DANESTS_ABSENT_SECURE] = "absent-secure",
		[DANESTS_ABSENT_INSECURE] = "absent-insecure", [DANESTS_FAILED] = "failed",
	};
	struct grow all = grow_array();

	for (size_t i = 0; i < d->answer_count; i++) {
		const struct danests_answer *a = &d->answers[i];
		struct grow out = grow_object();

		grow_put(&out, "kind", grow_text(a->kind));
		grow_put(&out, "name", grow_text(a->name));
		grow_put(&out, "security", grow_text(securities[a->security]));
		grow_put(&out, "bogus", json_boolean(a->bogus));
		grow_put(&out, "alias", grow_text_or_null(a->alias));
		grow_put(&out, "reason", grow_text_or_null(a->reason));
		grow_put(&out, "records", records(d, i));
		grow_add(&all, grow_done(&out));
	}
	return grow_done(&all);
}

/* ---- TXT records and the policy, linted ---- */

static json_t *lint_value(danests_lint *lint)
{
	struct grow out = grow_array();

	for (size_t i = 0; i < danests_lint_lines(lint); i++)
		grow_add(&out, grow_text(danests_lint_line(lint, i)));
	danests_lint_free(lint);
	return grow_done(&out);
}

typedef int lint_records(danests_lint **out, const struct danests_text *txt, size_t count);

/* "record" as they are, "lint" line by line; null where that was not looked up. */
static void put_texts(struct grow *out, const struct check_domain *d, const char *prefix,
    lint_records *lint_fn)
{
	struct grow list = grow_array();
	struct check_texts texts;
	danests_lint *lint = NULL;

	check_texts(&texts, d, prefix);
	out->bad |= texts.bad;
	for (size_t i = 0; i < texts.count; i++)
		grow_add(&list, grow_text_n(texts.list[i].data, texts.list[i].len));
	if (texts.count > 0 && lint_fn(&lint, texts.list, texts.count) != DANESTS_OK)
		out->bad = true;
	grow_put(out, "records", grow_done(&list));
	grow_put(out, "lint", lint != NULL ? lint_value(lint) : json_null());
	check_texts_free(&texts);
}

static json_t *matches(const struct check_domain *d, const struct danests_sts *sts)
{
	struct grow out = grow_array();
	size_t count = 0;

	for (size_t i = 0; i < d->host_count; i++) {
		const struct danests_host *host = danests_policy_host(d->policy, i);

		for (size_t k = 0; k < sts->mx_count && count < MAX_MATCHES; k++, count++) {
			struct grow one = grow_object();
			int match = host->name[0] == '\0' ? 0 : check_mx_match(sts->mx[k],
			    host->name);

			grow_put(&one, "host", grow_text_or_null(host->name));
			grow_put(&one, "pattern", grow_text(sts->mx[k]));
			grow_put(&one, "match", match < 0 ? NULL : json_boolean(match));
			grow_add(&out, grow_done(&one));
		}
	}
	return grow_done(&out);
}

static json_t *sts_value(const struct check_domain *d)
{
	const struct danests_sts *sts = danests_policy_sts(d->policy);
	struct grow out = grow_object();
	danests_lint *lint = NULL;

	put_texts(&out, d, "_mta-sts", danests_lint_sts_record);
	if (sts != NULL && danests_lint_sts_policy(&lint, sts->text, sts->text_len) != DANESTS_OK)
		out.bad = true;
	grow_put(&out, "policy_text", sts != NULL ? grow_text_n(sts->text, sts->text_len) :
	    json_null());
	grow_put(&out, "policy_lint", lint != NULL ? lint_value(lint) : json_null());
	grow_put(&out, "matches", sts != NULL ? matches(d, sts) : json_null());
	grow_put(&out, "policy_host", check_value_web(d));
	return grow_done(&out);
}

static json_t *tlsrpt_value(const struct check_domain *d)
{
	struct grow out = grow_object();

	put_texts(&out, d, "_smtp._tls", danests_lint_tlsrpt_record);
	return grow_done(&out);
}

/* ---- All of it ---- */

static json_t *policy_value(const struct check_domain *d)
{
	struct grow out = grow_object();

	value_put_policy(&out, d->policy);
	return grow_done(&out);
}

static json_t *reply_value(const struct check_domain *d)
{
	struct buf reply = {0};
	json_t *value;

	check_reply(d, &reply);
	value = reply.bad ? NULL : grow_text_n(reply.data, reply.len);
	buf_free(&reply);
	return value;
}

static const char *verdict_word(int code)
{
	static const char *const words[] = { "good", "held", "warnings" };

	return code >= 0 && code < (int)COUNT_OF(words) ? words[code] : "unknown";
}

json_t *check_value(const struct check_domain *d, const struct check_findings *findings)
{
	struct grow out = grow_object();
	int code = check_exit(findings);

	grow_put(&out, "name", grow_text(d->name));
	grow_put(&out, "nexthop", grow_text(d->nexthop));
	grow_put(&out, "verdict", grow_text(verdict_word(code)));
	grow_put(&out, "exit", json_integer(code));
	grow_put(&out, "findings", findings_value(findings));
	grow_put(&out, "smtp", json_boolean(d->smtp));
	grow_put(&out, "port", json_integer(d->port));
	grow_put(&out, "ms", json_integer(d->ms));
	if (d->policy == NULL)
		return grow_done(&out);
	grow_put(&out, "time", grow_moment(d->now));
	grow_put(&out, "reply", reply_value(d));
	grow_put(&out, "level", grow_text(danests_postfix_level(d->policy, &d->postfix)));
	grow_put(&out, "policy", policy_value(d));
	grow_put(&out, "servers", check_value_hosts(d));
	grow_put(&out, "answers", answers(d));
	grow_put(&out, "sts", sts_value(d));
	grow_put(&out, "tlsrpt", tlsrpt_value(d));
	return grow_done(&out);
}
