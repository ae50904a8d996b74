/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logs by chance: a copy of any run of lines, put in right behind it, changes nothing of what
 * comes out, as if somebody had put overlapping pieces together. As in real logs a queue id
 * is not given twice in one second, and when Postfix starts that second has no other lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "report_join_expect.h"

#define LOGS 5000
#define LINES 24

static uint64_t drawn = UINT64_C(88172645463325252);

static unsigned chance(unsigned n)
{
	drawn ^= drawn << 13;
	drawn ^= drawn >> 7;
	drawn ^= drawn << 17;
	return (unsigned)(drawn >> 33) % n;
}

/* What may stand for each letter behind '%'. */
static const char *const queue_ids[] = { "AAAAAA1", "BBBBBB1", "CCCCCC1", NULL };
static const char *const peers[] = { A, B, NULL };
static const char *const whys[] = { "Server certificate not verified",
	"Cannot start TLS: handshake failure", "host said: 450 no", NULL };
static const char *const trusts[] = { "Verified", "Trusted", "Untrusted", NULL };
static const char *const pids[] = { "7", "8", NULL };
static const char *const people[] = { "x@a", "y@a", "x@b", NULL };
static const char *const domains[] = { "a", "b", NULL };
static const char *const replies[] = { "may", "secure", "TEMP", NULL };
static const char *const *const words[26] = {
	['Q' - 'A'] = queue_ids, ['P' - 'A'] = peers, ['W' - 'A'] = whys, ['T' - 'A'] = trusts,
	['I' - 'A'] = pids, ['R' - 'A'] = people, ['D' - 'A'] = domains, ['L' - 'A'] = replies,
};

#define C "postfix/smtp[%I]: "
#define PROXY "postfix/tlsproxy[9]: "
#define REST ", delay=1, delays=0/0/0/1, dsn=2.0.0, "

/* A letter in lower case is the same as the one before. */
#define SESSION "postfix/smtp[%i]: %T TLS connection established to %p: TLSv1.3"

/* later: it begins a second of its own; alone: nothing else is in that. */
static const struct template {
	const char *text;
	bool later, alone;
} templates[] = {
	{ C "%Q: to=<%R>, relay=%P" REST "status=sent (250 ok)", false, false },
	{ C "%Q: to=<%R>, relay=%P" REST "status=sent (250 ok)", false, false },
	{ C "%Q: to=<%R>, relay=%P, conn_use=2" REST "status=sent (250 ok)", false, false },
	{ C "%Q: to=<%R>, relay=%P" REST "status=deferred (%W)", false, false },
	{ C "%Q: to=<%R>, relay=none" REST "status=deferred (%W)", false, false },
	{ "postfix/error[4]: %Q: to=<%R>, relay=none" REST "status=deferred (%W)", false, false },
	{ C "%Q: Server certificate not verified", false, false },
	{ C "%T TLS connection established to %P: TLSv1.3", false, false },
	{ C "%T TLS connection established to %P: TLSv1.3", false, false },
	{ C "%T TLS connection reused to %P: TLSv1.3", false, false },
	{ C "%P: Matched DANE EE certificate at depth 0: 3 1 1 00\n" SESSION, true, false },
	{ C "%P: matched peername: mx\n" SESSION, true, false },
	{ PROXY "%P: Matched DANE EE certificate at depth 0: 3 1 1 00\n" SESSION, true, false },
	{ C "certificate verification failed for %P: num=65:no matching DANE TLSA records",
	  false, false },
	{ PROXY "certificate verification failed for %P: certificate has expired", false, false },
	{ C "warning: TLS policy lookup for %D/mx: TLSA lookup error for mx:25", false, false },
	{ C "warning: MX name 'mx' does not match STS MX pattern for '%D'", false, false },
	{ C "warning: %P: all TLSA records unusable, fallback to unauthenticated TLS", false,
	  false },
	{ "danestsd[5]: policy nexthop=%D domain=%D reply=%L dane=none sts=none", true, false },
	{ "postfix/smtpd[1]: %Q: client=c[192.0.2.9]", true, false },
	{ "postfix/pickup[2]: %Q: uid=0 from=<s@o> orig_id=%Q", true, true },
	{ "postfix/cleanup[3]: %Q: message-id=<%R>", true, false },
	{ "postfix/qmgr[4]: %Q: from=<%R>, size=1, nrcpt=1 (queue active)", false, false },
	{ "postfix/qmgr[4]: %Q: from=<%R>, status=expired, returned to sender", true, true },
	{ "postfix/qmgr[4]: %Q: removed", true, true },
	{ "postfix/master[1]: reload -- version 3.7", true, true },
};

static const char *word(char letter, const char *drawn_before[26])
{
	const char **same = &drawn_before[(letter & ~32) - 'A'], *const *list;
	unsigned count;

	if (letter >= 'a' && *same != NULL)
		return *same;
	list = words[(letter & ~32) - 'A'];
	for (count = 0; list[count] != NULL; count++)
		continue;
	*same = list[chance(count)];
	return *same;
}

struct log {
	struct buf text;
	size_t ends[2 * LINES + 1], lines; /* where each line ends */
};

static void put(struct log *log, unsigned second, const char *text)
{
	const char *before[26] = { NULL };

	buf_printf(&log->text, "%u ", second);
	for (; *text != '\0'; text++) {
		if (*text == '%')
			buf_str(&log->text, word(*++text, before));
		else
			buf_char(&log->text, *text);
		if (*text == '\n') {
			log->ends[++log->lines] = log->text.len;
			buf_printf(&log->text, "%u ", second);
		}
	}
	buf_char(&log->text, '\n');
	log->ends[++log->lines] = log->text.len;
}

static void draw(struct log *log)
{
	const struct template *t;
	unsigned second = 1;

	buf_reset(&log->text);
	log->lines = 0;
	for (unsigned i = 0; i < LINES; i++) {
		t = &templates[chance(COUNT_OF(templates))];
		second += t->later || chance(4) == 0;
		put(log, second, t->text);
		second += t->alone;
	}
}

static void run(const char *lines, struct buf *out)
{
	struct join_next next = help_next(out);
	struct join *j = join_new(NULL, &next);

	assert_non_null(j);
	buf_reset(out);
	buf_str(out, "");
	help_push(j, lines);
	join_end(j);
	assert_int_equal(join_counts(j)->strange, 0);
	join_free(j);
}

static void a_run_of_lines_that_is_there_twice_changes_nothing(void **state)
{
	struct buf twice = {0}, before = {0}, after = {0};
	struct log log = {0};
	size_t first, last;

	(void)state;
	for (unsigned i = 0; i < LOGS; i++) {
		draw(&log);
		first = chance((unsigned)log.lines);
		last = first + 1 + chance((unsigned)(log.lines - first));
		buf_reset(&twice);
		buf_add(&twice, log.text.data, log.ends[last]);
		buf_add(&twice, log.text.data + log.ends[first], log.text.len - log.ends[first]);
		run(log.text.data, &before);
		run(twice.data, &after);
		if (strcmp(before.data, after.data) == 0)
			continue;
		print_error("log %u:\n", i);
		for (const char *at = log.text.data; *at != '\0'; at += strcspn(at, "\n") + 1)
			print_error("%.*s\n", (int)strcspn(at, "\n"), at);
		fail_msg("lines %zu to %zu twice:\n%s\nis not\n%s", first + 1, last, after.data,
		    before.data);
	}
	buf_free(&log.text);
	buf_free(&twice);
	buf_free(&before);
	buf_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_of_lines_that_is_there_twice_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
