/* SPDX-License-Identifier: BSD-2-Clause */
/* That these are Postfix's own rules, test/live/reply_test.py asks Postfix itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "plugin/tlsreply.h"

static void takes(const char *text, const char *level, const char *reply)
{
	char problem[TLSREPLY_PROBLEM] = "";
	struct buf out = {0};
	const char *got;

	if (!tlsreply_check(text, strlen(text), &got, &out, problem))
		fail_msg("\"%s\": %s", text, problem);
	assert_string_equal(got, level);
	assert_string_equal(out.data, reply);
	buf_free(&out);
}

static void refuses(const char *text, const char *words)
{
	char problem[TLSREPLY_PROBLEM] = "";
	struct buf out = {0};
	const char *level;

	if (tlsreply_check(text, strlen(text), &level, &out, problem))
		fail_msg("\"%s\" was taken", text);
	if (strstr(problem, words) == NULL)
		fail_msg("\"%s\": \"%s\" instead of \"%s\"", text, problem, words);
	buf_free(&out);
}

static void every_level_is_known_in_any_case(void **state)
{
	static const char *const words[] = { "none", "may", "encrypt", "dane", "dane-only",
		"verify", "secure" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		takes(words[i], words[i], words[i]);
	takes("DANE-Only", "dane-only", "dane-only");
	refuses("half-dane", "\"half-dane\" is no security level");
	refuses("OK dane", "\"OK\" is no security level");
	refuses("\x1b[1m", "not printable");
	refuses("", "no reply");
	refuses(" , ", "no reply");
}

static void words_come_out_with_single_blanks(void **state)
{
	(void)state;
	takes(" secure,,\tMatch=a:.b ,servername=hostname ", "secure",
	    "secure match=a:.b servername=hostname");
	takes("secure {  Match =  a  }", "secure", "secure { match = a }");
	takes("may policy_type=sts {policy_string=a\tb}", "may",
	    "may policy_type=sts { policy_string = a b }");
	takes("none whatever=1 } {", "none", "none");
}

static void attributes_go_with_their_levels(void **state)
{
	(void)state;
	takes("verify match=a tafile=/x", "verify", "verify match=a tafile=/x");
	refuses("may match=a", "match= does not go with may");
	refuses("dane match=a", "match= does not go with dane");
	refuses("encrypt tafile=/x", "tafile= does not go with encrypt");
	refuses("secure hostname=a", "Postfix has no attribute \"hostname\"");
	refuses("secure match", "\"match\" is not name=value");
	refuses("secure {}", "is not name=value");
	refuses("secure =a", "Postfix has no attribute \"\"");
}

static void only_some_attributes_may_repeat(void **state)
{
	static const char *const once[] = { "servername=a", "ciphers=high", "protocols=TLSv1.2",
		"exclude=a", "policy_type=sts", "policy_domain=a", "policy_ttl=1",
		"policy_failure=validation-failure" };
	char text[200], name[40];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(once); i++) {
		snprintf(text, sizeof(text), "may %s %s", once[i], once[i]);
		snprintf(name, sizeof(name), "%.*s= twice", (int)strcspn(once[i], "="), once[i]);
		refuses(text, name);
	}
	takes("secure match=a match=b tafile=/x tafile=/y", "secure",
	    "secure match=a match=b tafile=/x tafile=/y");
	takes("may policy_type=sts policy_string=a policy_string=a mx_host_pattern=b"
	    " mx_host_pattern=b", "may", "may policy_type=sts policy_string=a policy_string=a"
	    " mx_host_pattern=b mx_host_pattern=b");
}

static void values_are_what_postfix_reads(void **state)
{
	(void)state;
	refuses("secure match=", "match= is empty");
	refuses("may servername=a.", "is no host name");
	refuses("may servername=192.0.2.1", "is no host name");
	refuses("may ciphers=best", "is none of high");
	refuses("may protocols=TLSv9", "names no protocol");
	refuses("may exclude=!DES", "begins with one of");
	refuses("may connection_reuse=", "neither yes nor no");
	refuses("may policy_type=tlsa", "neither sts nor");
	refuses("may policy_type=sts policy_ttl=1d", "no number");
	refuses("may policy_type=sts policy_failure=other", "is none of sts");
	takes("may protocols=!SSLv3:>=TLSv1 enable_rpk=yes", "may",
	    "may protocols=!SSLv3:>=TLSv1 enable_rpk=yes");
}

/* A single digit is what Postfix 3.7 panics at. */
static void fingerprints_are_whole(void **state)
{
	(void)state;
	takes("fingerprint match=ab:CD|0123", "fingerprint", "fingerprint match=ab:CD|0123");
	refuses("fingerprint", "without match=");
	refuses("fingerprint match=|", "is empty");
	refuses("fingerprint match=a", "pairs of hex digits");
	refuses("fingerprint match=ab:cd|a", "pairs of hex digits");
	refuses("fingerprint match=ab:", "pairs of hex digits");
	refuses("fingerprint match=ab::cd", "pairs of hex digits");
}

static void what_is_reported_needs_a_policy_type(void **state)
{
	(void)state;
	refuses("may policy_string=a", "policy_string= without policy_type=");
	refuses("secure mx_host_pattern=a match=b", "mx_host_pattern= without policy_type=");
	takes("may policy_domain=a policy_type=sts", "may", "may policy_domain=a policy_type=sts");
}

static void braces_are_whole(void **state)
{
	(void)state;
	takes("may policy_type=sts { policy_string = a {b}, c }", "may",
	    "may policy_type=sts { policy_string = a {b}, c }");
	refuses("may policy_type=sts { policy_string = a: }b }", "behind a '}'");
	refuses("may policy_type=sts { policy_string = a", "without its '}'");
	refuses("secure match=a{b}", "brace inside a word");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_is_known_in_any_case),
		cmocka_unit_test(words_come_out_with_single_blanks),
		cmocka_unit_test(attributes_go_with_their_levels),
		cmocka_unit_test(only_some_attributes_may_repeat),
		cmocka_unit_test(values_are_what_postfix_reads),
		cmocka_unit_test(fingerprints_are_whole),
		cmocka_unit_test(what_is_reported_needs_a_policy_type),
		cmocka_unit_test(braces_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
