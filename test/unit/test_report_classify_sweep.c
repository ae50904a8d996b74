/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds for every combination of evidence, also for those that no Postfix logs. */
#include "classify_help.h"

static const struct feature features[] = {
	{ LEVEL_ABSENT, LEVEL_ABSENT, false, false, false },
	{ LEVEL_UNKNOWN, LEVEL_ABSENT, false, true, false },
	{ LEVEL_OTHER, LEVEL_ABSENT, false, false, false },
	{ LEVEL_NONE, LEVEL_ABSENT, false, false, false },
	{ LEVEL_MAY, LEVEL_ABSENT, false, false, false },
	{ LEVEL_MAY, LEVEL_ABSENT, false, true, false },
	{ LEVEL_MAY, LEVEL_NONE, false, false, false },
	{ LEVEL_MAY, LEVEL_ABSENT, true, false, true },
	{ LEVEL_ENCRYPT, LEVEL_ABSENT, true, false, false },
	{ LEVEL_ENCRYPT, LEVEL_ABSENT, false, false, false },
	{ LEVEL_FINGERPRINT, LEVEL_ABSENT, true, false, false },
	{ LEVEL_VERIFY, LEVEL_ABSENT, false, true, false },
	{ LEVEL_SECURE, LEVEL_ABSENT, false, false, false },
	{ LEVEL_SECURE, LEVEL_ABSENT, false, true, false },
	{ LEVEL_SECURE, LEVEL_ABSENT, true, false, false },
	{ LEVEL_HALFDANE, LEVEL_ABSENT, false, false, false },
	{ LEVEL_DANE, LEVEL_ABSENT, false, true, false },
	{ LEVEL_DANE, LEVEL_ABSENT, true, false, false },
	{ LEVEL_DANE, LEVEL_ENCRYPT, true, false, false },
	{ LEVEL_DANE, LEVEL_HALFDANE, false, false, false },
	{ LEVEL_DANE_ONLY, LEVEL_ABSENT, false, false, false },
	{ LEVEL_DANE_ONLY, LEVEL_OTHER, false, false, false },
};

#define WORD(w) { w, sizeof(w) - 1 }
static const struct { struct slice reply, token; } answers[] = {
	{ WORD("dane-only"), WORD("") }, { WORD("dane"), WORD("") }, { WORD("secure"), WORD("") },
	{ WORD("NOTFOUND"), WORD("") }, { WORD("encrypt"), WORD("") }, { { NULL, 0 }, { NULL, 0 } },
	{ WORD("TEMP"), WORD("dnssec-invalid") }, { WORD("TEMP"), WORD("dns-query-failed") },
	{ WORD("TEMP"), WORD("sts-policy-invalid") }, { WORD("TEMP"), WORD("what") },
};

/* Takes the next digit of a number whose digits have different bases. */
static unsigned digit(unsigned long *number, unsigned base)
{
	unsigned value = (unsigned)(*number % base);

	*number /= base;
	return value;
}


static bool is_certain(const struct verdict *v)
{
	return v->doubt == NULL;
}

static bool in_the_clear(const struct delivery *d, const struct classify_options *options)
{
	enum level level = d->tls.downgrade != LEVEL_ABSENT ? d->tls.downgrade : d->tls.level;

	if (level == LEVEL_NONE)
		return !d->tls.broken;
	if (level == LEVEL_MAY)
		return d->tls.open && !d->session;
	return (level == LEVEL_ABSENT || level == LEVEL_UNKNOWN) && !d->session &&
	    options->assume_tls_logged;
}

static const char *broken_law(const struct delivery *d, const struct classify_options *options,
    const struct verdict *v)
{
	bool sent = v->kind == VERDICT_SENT, blocked = v->kind == VERDICT_BLOCKED;

	if (sent != (d->status == STATUS_SENT))
		return "sent is what was sent";
	if (sent && v->security >= SECURITY_SENT && v->security != SECURITY_UNLOGGED)
		return "types of what was sent";
	if (v->security == SECURITY_NO_TLS && !in_the_clear(d, options))
		return "No TLS is proved";
	if (v->security == SECURITY_UNLOGGED && options->assume_tls_logged)
		return "TLS is logged";
	if (v->security == SECURITY_BOTH &&
	    (!d->known.there || d->known.override || d->smarthost || d->known.sts != STS_ENFORCE))
		return "both are known";
	if (blocked && v->security != SECURITY_DANE && v->security != SECURITY_STS &&
	    v->security != SECURITY_REQUIRED && v->security != SECURITY_UNKNOWN)
		return "types of what was blocked";
	if (blocked != (v->fault != NULL))
		return "blocked has a fault, nothing else has";
	if ((sent || blocked) && v->evidence == EVIDENCE_NONE && is_certain(v))
		return "of nothing comes doubt";
	if ((sent || blocked) && v->evidence == EVIDENCE_CUT && is_certain(v))
		return "of lost lines comes doubt";
	if ((sent || blocked) && is_certain(v) && (v->security == SECURITY_UNKNOWN ||
	    v->security == SECURITY_EITHER || v->security == SECURITY_REQUIRED ||
	    v->security == SECURITY_UNLOGGED))
		return "what is not told has a reason";
	if ((unsigned)v->evidence >= EVIDENCE_COUNT)
		return "evidence has a name";
	return NULL;
}

/* What was certain without danestsd stays, or both were in force. Only that a session cannot
 * have been in the clear is told by it, too. */
static const char *broken_more(const struct verdict *before, const struct verdict *after)
{
	if ((before->kind != VERDICT_SENT && before->kind != VERDICT_BLOCKED) || !is_certain(before))
		return NULL;
	if (after->kind != before->kind)
		return "what is certain stays sent, or blocked";
	if (after->security == before->security)
		return NULL;
	if (after->security == SECURITY_BOTH &&
	    (before->security == SECURITY_DANE || before->security == SECURITY_STS))
		return NULL;
	if (after->security == SECURITY_UNKNOWN && before->security == SECURITY_NO_TLS)
		return NULL;
	return "a type that is certain stays";
}

static void set_known(struct delivery *d, unsigned long *n)
{
	unsigned i = digit(n, COUNT_OF(answers));

	d->known = (struct known){ .there = true, .reply = answers[i].reply,
		.token = answers[i].token };
	d->known.dane = (enum dane_word)digit(n, DANE_ERROR + 1);
	d->known.sts = (enum sts_word)digit(n, STS_ERROR + 1);
	d->known.override = digit(n, 2) == 1;
}
#define KNOWNS (COUNT_OF(answers) * (DANE_ERROR + 1) * (STS_ERROR + 1) * 2)

static void hold(const struct delivery *d, const struct classify_options *options,
    struct verdict *v)
{
	const char *law;

	classify(options, d, v);
	law = broken_law(d, options, v);
	if (law != NULL)
		fail_msg("%s: level %d, statement %d, cause %d, known %d: kind %d, security %d", law,
		    (int)d->tls.level, (int)d->statement, (int)d->cause, d->known.there,
		    (int)v->kind, (int)v->security);
}

/* With every answer of danestsd, step by step (1: all of them). */
static void hold_with_known(struct delivery d, const struct classify_options *options,
    unsigned step, unsigned long from)
{
	struct verdict bare, with;
	const char *law;

	hold(&d, options, &bare);
	for (unsigned long i = from % step; i < KNOWNS; i += step) {
		unsigned long n = i;

		set_known(&d, &n);
		hold(&d, options, &with);
		law = broken_more(&bare, &with);
		if (law != NULL)
			fail_msg("%s: level %d, statement %d, cause %d, reply %.*s, dane %d, sts %d: "
			    "%d, then %d", law, (int)d.tls.level, (int)d.statement, (int)d.cause,
			    (int)d.known.reply.len, d.known.reply.p, (int)d.known.dane,
			    (int)d.known.sts, (int)bare.security, (int)with.security);
	}
}

static void what_was_sent_has_one_of_its_types(void **state)
{
	unsigned long all = COUNT_OF(features) * 6UL * 4 * 2 * 4;

	(void)state;
	for (unsigned long i = 0; i < all; i++) {
		struct classify_options options = {0};
		struct delivery d = { .status = STATUS_SENT };
		unsigned long n = i;
		unsigned trust;

		d.tls = features[digit(&n, COUNT_OF(features))];
		trust = digit(&n, 6);
		d.session = trust > 0;
		d.trust = trust > 0 ? (enum trust)(trust - 1) : TRUST_NONE;
		d.proof = (enum proof)digit(&n, 4);
		d.smarthost = digit(&n, 2) == 1;
		options.halfdane_is_dane = digit(&n, 2) == 1;
		options.assume_tls_logged = digit(&n, 2) == 1;
		hold_with_known(d, &options, 1, 0);
	}
}

static void what_was_not_has_a_fault_or_is_no_block(void **state)
{
	unsigned long all = COUNT_OF(features) * (STATEMENT_REQUIRETLS + 1UL) *
	    (CAUSE_OTHER + 1) * (TLSRPT_OTHER + 2) * 2 * 2 * 2 * 2;

	(void)state;
	for (unsigned long i = 0; i < all; i++) {
		static const struct classify_options options;
		struct delivery d = { .status = STATUS_DEFERRED, CONFIGURATION };
		unsigned long n = i;
		unsigned rpt;

		d.tls = features[digit(&n, COUNT_OF(features))];
		d.statement = (enum statement)digit(&n, STATEMENT_REQUIRETLS + 1);
		d.cause = (enum cause)digit(&n, CAUSE_OTHER + 1);
		rpt = digit(&n, TLSRPT_OTHER + 2);
		d.tlsrpt = rpt > 0;
		d.tlsrpt_word = rpt > 0 ? (enum tlsrpt_word)(rpt - 1) : TLSRPT_SUCCESS;
		d.smarthost = digit(&n, 2) == 1;
		d.sts_mx = digit(&n, 2) == 1;
		d.unusable = digit(&n, 2) == 1;
		d.trust = digit(&n, 2) == 1 ? TRUST_TRUSTED : TRUST_NONE;
		/* A prime: each answer meets each of the others' values. */
		hold_with_known(d, &options, 97, i);
	}
}

/* Enums that a later stage's author adds to are no reason to read beyond a table. */
static void values_out_of_range_are_harmless(void **state)
{
	static const struct classify_options options;
	struct delivery d = { .tls = { .level = (enum level)99 }, .trust = (enum trust)99,
		.proof = (enum proof)99, .cause = (enum cause)99, .tlsrpt = true,
		.tlsrpt_word = (enum tlsrpt_word)99 };
	struct verdict v;

	(void)state;
	for (unsigned status = 0; status < 6; status++) {
		for (unsigned statement = 0; statement < 20; statement++) {
			d.status = (enum status)status;
			d.statement = (enum statement)statement;
			classify(&options, &d, &v);
			assert_true(v.security == SECURITY_UNKNOWN || v.fault != NULL);
		}
	}
	assert_string_equal(security_name((enum security)99), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sent_has_one_of_its_types),
		cmocka_unit_test(what_was_not_has_a_fault_or_is_no_block),
		cmocka_unit_test(values_out_of_range_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
