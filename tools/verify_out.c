/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "ctl/grow.h"
#include "tools/control.h"
#include "tools/tool.h"
#include "tools/verify.h"

#define DAY 86400
#define SOON (14 * DAY) /* to renew a certificate, and its TLSA records with it */
#define LINE 1024
#define LOOKED_AT 32 /* certificates, danests_verify(3) */

static const char *const outcomes[] = {
	[VERIFY_PASS] = "pass", [VERIFY_FAIL] = "fail", [VERIFY_UNUSABLE] = "unusable",
};

enum verify_outcome verify_outcome(const struct verifying *v)
{
	/* By itself mail would go, over TLS with anybody (L18): that is no acceptance. */
	if (v->verdict.dane.state == DANESTS_UNUSABLE &&
	    danests_policy_sts_state(v->policy) != DANESTS_STS_ENFORCE)
		return VERIFY_UNUSABLE;
	return v->verdict.deliver ? VERIFY_PASS : VERIFY_FAIL;
}

static const char warning[] = "warning: ", unusable[] = "unusable: ";

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* In terms of what was given: the library was told of no data where there is odd data. */
static const char *unusable_reason(const struct verifying *v)
{
	const char *line = danests_lint_line(v->lint, 1);

	return v->tlsa_count == 1 && starts(line, unusable) ? line + strlen(unusable) :
	    v->verdict.dane.reason;
}

static const char *reason_of(const struct verifying *v)
{
	if (verify_outcome(v) == VERIFY_UNUSABLE)
		return unusable_reason(v);
	if (v->verdict.by == DANESTS_NEED_NOTHING)
		return "the MTA-STS policy does not enforce anything";
	return v->verdict.reason;
}

/* ---- Warnings: each goes to a list, for people and programs alike ---- */

static void warn(struct grow *out, const char *fmt, ...) ATTR_PRINTF(2, 3);
static void warn(struct grow *out, const char *fmt, ...)
{
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(line, sizeof(line), fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	(void)text_printable(line, sizeof(line), line, strlen(line));
	grow_add(out, grow_text(line));
}

static void warn_records(struct grow *out, const struct verifying *v)
{
	size_t record = 0;
	const char *line;

	for (size_t i = 1; v->lint != NULL && i < danests_lint_lines(v->lint); i++) {
		line = danests_lint_line(v->lint, i);
		if (starts(line, warning)) {
			warn(out, "TLSA: %s", line + strlen(warning));
			continue;
		}
		record++;
		if (starts(line, unusable))
			warn(out, "TLSA: record %zu is unusable: %s", record,
			    line + strlen(unusable));
	}
}

/* What MTA-STS would have said, where it did not decide. */
static void warn_sts(struct grow *out, const struct verifying *v)
{
	const char *mode = danests_sts_state_name(danests_policy_sts_state(v->policy));
	const struct danests_judgement *sts = &v->verdict.sts;

	if (v->policy_path == NULL || v->verdict.by == DANESTS_NEED_STS)
		return;
	if (sts->state == DANESTS_FAIL)
		warn(out, "MTA-STS (mode %s) would refuse it: %s: %s", mode,
		    sts->fault != NULL ? sts->fault->token : "", sts->reason);
	else if (sts->state == DANESTS_PASS)
		warn(out, "MTA-STS (mode %s) would accept it%s: %s", mode,
		    v->verdict.by == DANESTS_NEED_DANE && !v->verdict.deliver ?
		    ", which does not help where DANE refuses it" : "", sts->reason);
	else
		warn(out, "MTA-STS (mode %s) asks for nothing", mode);
}

static void day_text(char out[32], time_t when)
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL || strftime(out, 32, "%Y-%m-%d", &tm) == 0)
		text_format(out, 32, "a day beyond all calendars");
}

/* Rules 5.10: to DANE-EE dates are nothing, but to some who read RFC 7672 otherwise. */
static void warn_dates(struct grow *out, const struct verifying *v)
{
	/* Without a record that matched nobody looked at dates, and MTA-STS says so itself. */
	bool ee = v->verdict.by == DANESTS_NEED_DANE;
	const char *as = ee ? ": nothing to DANE-EE, but Exchange Online may refuse it" : "";
	danests_cert *leaf = NULL;
	char begins[32], ends[32];
	time_t end;

	if (!v->verdict.deliver || danests_cert_read(&leaf, &v->chain[0]) != DANESTS_OK)
		return;
	end = danests_cert_ends(leaf);
	day_text(begins, danests_cert_begins(leaf));
	day_text(ends, end);
	if (end < v->at)
		warn(out, "the certificate expired on %s%s%s", ends, as, ee ? " (4.7.322)" : "");
	else if (danests_cert_begins(leaf) > v->at)
		warn(out, "the certificate is valid from %s on%s%s", begins, as,
		    ee ? " (4.7.323)" : "");
	else if (end - v->at < SOON)
		warn(out, "the certificate expires soon, on %s", ends);
	danests_cert_free(leaf);
}

/* One that the server sends and nobody can read helps nobody, and may break others. */
static void warn_chain(struct grow *out, const struct verifying *v)
{
	danests_cert *cert;

	for (size_t i = 1; i < v->chain_count && i < LOOKED_AT; i++) {
		if (danests_cert_read(&cert, &v->chain[i]) == DANESTS_OK)
			danests_cert_free(cert);
		else
			warn(out, "certificate %zu of the chain cannot be read: leave it out", i);
	}
	if (v->chain_count > LOOKED_AT)
		warn(out, "the chain has %zu certificates: no more than the first %d are looked at",
		    v->chain_count, LOOKED_AT);
}

static json_t *warnings_of(const struct verifying *v)
{
	struct grow out = grow_array();

	warn_records(&out, v);
	warn_sts(&out, v);
	warn_dates(&out, v);
	warn_chain(&out, v);
	return grow_done(&out);
}

/* ---- For people ---- */

static void print_lines(const struct verifying *v, const json_t *warnings)
{
	enum verify_outcome outcome = verify_outcome(v);
	const struct danests_fault *fault = v->verdict.fault;
	json_t *one;
	size_t i;

	if (outcome == VERIFY_FAIL)
		print_line("fail %s: %s", fault != NULL ? fault->token : "", reason_of(v));
	else
		print_line("%s%s %s", outcomes[outcome], outcome == VERIFY_UNUSABLE ? ":" : "",
		    reason_of(v));
	json_array_foreach(warnings, i, one)
		print_line("warning: %s", json_string_value(one));
	/* For people: standard output has nothing but the verdict and warnings. */
	if (outcome != VERIFY_PASS && v->verdict.hint != NULL)
		fprintf(stderr, "hint: %s\n", v->verdict.hint);
}

/* ---- For programs ---- */

static void put_fault(struct grow *out, const struct danests_fault *fault, const char *hint,
    enum danests_result result)
{
	grow_put(out, "token", fault != NULL ? grow_text(fault->token) : json_null());
	grow_put(out, "code", fault != NULL ? grow_text_or_null(fault->code) : json_null());
	grow_put(out, "result", grow_text(danests_result_name(result)));
	grow_put(out, "hint", hint != NULL ? grow_text(hint) : json_null());
}

static json_t *judgement_value(const struct danests_judgement *j)
{
	static const char *const states[] = {
		[DANESTS_NOT_JUDGED] = "not-judged", [DANESTS_PASS] = "pass",
		[DANESTS_FAIL] = "fail", [DANESTS_UNUSABLE] = "unusable",
	};
	struct grow out = grow_object();
	bool record = j->state == DANESTS_PASS && j->tlsa >= 0;
	bool depth = j->state == DANESTS_PASS && j->depth >= 0;

	grow_put(&out, "state", grow_text(states[j->state]));
	put_fault(&out, j->fault, j->hint, j->result);
	grow_put(&out, "reason", grow_text(j->reason));
	grow_put(&out, "record", record ? grow_count((uint64_t)j->tlsa) : json_null());
	grow_put(&out, "depth", depth ? grow_count((uint64_t)j->depth) : json_null());
	return grow_done(&out);
}

static json_t *certificate_value(const struct danests_der *der)
{
	struct grow out = grow_object(), names = grow_array();
	danests_cert *cert;

	if (danests_cert_read(&cert, der) != DANESTS_OK) { /* it has been judged all the same */
		json_decref(grow_done(&names));
		json_decref(grow_done(&out));
		return json_null();
	}
	for (size_t i = 0; i < danests_cert_names(cert); i++)
		grow_add(&names, grow_text(danests_cert_name(cert, i)));
	grow_put(&out, "subject", grow_text(danests_cert_subject(cert)));
	grow_put(&out, "issuer", grow_text(danests_cert_issuer(cert)));
	grow_put(&out, "key", grow_text(danests_cert_key(cert)));
	grow_put(&out, "begins", grow_moment(danests_cert_begins(cert)));
	grow_put(&out, "ends", grow_moment(danests_cert_ends(cert)));
	grow_put(&out, "ca", json_boolean(danests_cert_is_ca(cert)));
	grow_put(&out, "names", grow_done(&names));
	danests_cert_free(cert);
	return grow_done(&out);
}

/* warnings is taken over. */
static json_t *document(const struct verifying *v, json_t *warnings)
{
	struct grow out = grow_object(), chain = grow_array();
	enum verify_outcome outcome = verify_outcome(v);

	for (size_t i = 0; i < v->chain_count; i++)
		grow_add(&chain, certificate_value(&v->chain[i]));
	grow_put(&out, "verdict", grow_text(outcomes[outcome]));
	grow_put(&out, "by", grow_text(danests_need_name(v->verdict.by)));
	put_fault(&out, v->verdict.fault, v->verdict.hint, v->verdict.result);
	grow_put(&out, "reason", grow_text(reason_of(v)));
	grow_put(&out, "host", grow_text(v->host));
	grow_put(&out, "at", grow_moment(v->at));
	grow_put(&out, "dane", v->tlsa_count == 0 ? json_null() :
	    judgement_value(&v->verdict.dane));
	grow_put(&out, "sts", v->policy_path == NULL ? json_null() :
	    judgement_value(&v->verdict.sts));
	grow_put(&out, "sts_mode", v->policy_path == NULL ? json_null() :
	    grow_text(danests_sts_state_name(danests_policy_sts_state(v->policy))));
	grow_put(&out, "chain", grow_done(&chain));
	grow_put(&out, "warnings", warnings);
	return grow_done(&out);
}

int verify_print(const struct verifying *v)
{
	json_t *warnings = warnings_of(v);

	if (v->json)
		return control_print_json("verify", document(v, warnings));
	if (warnings == NULL) {
		tool_complain("verify", "out of memory");
		return EX_OSERR;
	}
	print_lines(v, warnings);
	json_decref(warnings);
	return EX_OK;
}
