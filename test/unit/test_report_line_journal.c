/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "line_help.h"

#define TIME "'__REALTIME_TIMESTAMP':'1763779146123456'"
#define SHOWN "1763779146123456|"

/* JSON is easier to read here with ' for ". */
static size_t quoted(char out[256], const char *text)
{
	size_t len = strlen(text);

	assert_true(len < 256);
	for (size_t i = 0; i <= len; i++)
		out[i] = text[i] == '\'' ? '"' : text[i];
	return len;
}

static void assert_json_shows(const char *text, const char *shown)
{
	char line[256];

	assert_shows("UTC0", (struct slice){ line, quoted(line, text) }, shown);
}

static void an_entry_in_json_is_a_line(void **state)
{
	static const struct { const char *text, *shown; } rows[] = {
		{ "{" TIME ",'SYSLOG_IDENTIFIER':'postfix/smtp','SYSLOG_PID':'77','_PID':'78',"
			"'_HOSTNAME':'mail','MESSAGE':'x'}", SHOWN "mail|postfix|smtp|77|x" },
		{ "{" TIME ",'SYSLOG_IDENTIFIER':'postfix/relay/smtp','_PID':'78','MESSAGE':'x'}",
			SHOWN "|postfix/relay|smtp|78|x" },
		{ "{ " TIME " , '_COMM' : 'smtp' , 'MESSAGE' : 'x' }\t", SHOWN "||smtp|0|x" },
		{ "{'_COMM':'smtp','SYSLOG_IDENTIFIER':'a/b'," TIME "}", SHOWN "|a|b|0|" },
		/* When it happened, not when the journal got it. */
		{ "{" TIME ",'_SOURCE_REALTIME_TIMESTAMP':'1763779146000000','_COMM':'smtp'}",
			"1763779146000000|||smtp|0|" },
		{ "{'_SOURCE_REALTIME_TIMESTAMP':'x'," TIME ",'_COMM':'smtp'}", SHOWN "||smtp|0|" },
		{ "{'SYSLOG_IDENTIFIER':'danestsd','MESSAGE':'policy nexthop=a'}",
			"none|||danestsd|0|policy nexthop=a" },
		{ "{" TIME ",'_TRANSPORT':'audit'}", SHOWN "|||0|" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[256];
		size_t len = quoted(line, rows[i].text);

		assert_json_shows(rows[i].text, rows[i].shown);
		assert_true(line_begins(line, len) == (line[1] == '"'));
	}
}

static void a_message_is_what_was_logged(void **state)
{
	static const struct { const char *value, *text; } rows[] = {
		{ "\"\"", "" }, { "null", "" }, { "12", "" }, { "true", "" },
		{ "\"a \\\"b\\\" \\\\ \\/ c\"", "a \"b\" \\ / c" }, { "\"\\t\\b\\f\"", "\t\b\f" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"",
			"\xf0\x9f\x98\x80" }, { "\"\xc3\xa9\xff\"", "\xc3\xa9\xff" },
		{ "\"\\\\\"", "\\" }, { "\"\\\\\\\"\"", "\\\"" },
		{ "[72,105,33]", "Hi!" }, { "[ 72 , 255 ]", "H\xff" }, { "[]", "" },
		{ "\"one\\ntwo\"", "one" }, { "\"one\\r\\n\"", "one" }, { "[72,10,105]", "H" },
		/* A field that is there more than once. */
		{ "[\"one\",\"two\"]", "one" }, { "[[72,105],\"two\"]", "Hi" },
		{ "[null,[1]]",
			"" }, { "[72,300]", "" }, { "[[[72]]]", "" }, { "{\"a\":[1,{}]}", "" },
		/* Such text is no field. */
		{ "\"\\\",\\\"_HOSTNAME\\\":\\\"evil\"", "\",\"_HOSTNAME\":\"evil" },
	};
	static const char time[] = "\"__REALTIME_TIMESTAMP\":\"1763779146123456\"";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char line[256], shown[128];

		(void)snprintf(line, sizeof(line), "{%s,\"_HOSTNAME\":\"mail\",\"_COMM\":"
		    "\"a\",\"MESSAGE\":%s}\n", time, rows[i].value);
		(void)snprintf(shown, sizeof(shown), SHOWN "mail||a|0|%s", rows[i].text);
		assert_text_shows(line, shown);
	}
}

static void the_first_of_a_repeated_field_counts(void **state)
{
	(void)state;
	assert_json_shows("{" TIME ",'_COMM':'a','_COMM':'b','MESSAGE':'x','MESSAGE':1}",
	    SHOWN "||a|0|x");
}

static void what_is_no_entry_is_strange(void **state)
{
	static const char *const rows[] = {
		"{", "{}", "{'a':1}", "{'_COMM':'smtp'}", "{" TIME, "{" TIME ",", "{" TIME ",}",
		"{" TIME "}}", "{" TIME "} x", "{" TIME ",'a'}", "{" TIME ",'a':}",
		"{" TIME ",a:1}",
		"{" TIME ",'a':[1}", "{" TIME ",'a':[1", "{" TIME ",'a':'\\\"}", "{" TIME " 'a':1}",
		"{" TIME ",'MESSAGE':'\\x'}", "{" TIME ",'MESSAGE':'\\u12'}",
		"{" TIME ",'MESSAGE':'\\ud800'}", "{" TIME ",'MESSAGE':'\\udc00'}",
		"{" TIME ",'MESSAGE':'\\ud800\\u0041'}", "{" TIME ",'MESSAGE':'\\u00g0'}",
		"{'__REALTIME_TIMESTAMP':'253402300800000000'}", "{'__REALTIME_TIMESTAMP':'-1'}",
		"{'__REALTIME_TIMESTAMP':'0'}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_json_shows(rows[i], "strange");
}

static void entries_and_lines_of_text_may_be_mixed(void **state)
{
	static const char text[] =
	    "{" TIME ",'_COMM':'a','MESSAGE':'x'}\n"
	    "2026-11-22T02:59:06Z mail b: y\n"
	    "{'_COMM':'c','MESSAGE':'of then'}\n";

	(void)state;
	assert_json_shows(text, SHOWN "||a|0|x\n1795316346000000|mail||b|0|y\n"
	    "1795316346000000|||c|0|of then");
}

/* A MESSAGE of 13 octets with line ends in it, and what is not asked for. */
#define EXPORT_FIRST "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1763779146123456\n" \
	"_HOSTNAME=mail\nSYSLOG_IDENTIFIER=postfix/smtp\nCOREDUMP\n\2\0\0\0\0\0\0\0\n\n\n" \
	"MESSAGE\n\15\0\0\0\0\0\0\0one=1\n\ntwo=2\n\n_PID=7\n\n"
#define EXPORT_SECOND "__CURSOR=s=2;i=2\n_COMM=danestsd\nMESSAGE=policy nexthop=a\n\n"

static void an_entry_in_the_export_format_is_a_line(void **state)
{
	static const char both[] = EXPORT_FIRST "\n" EXPORT_SECOND;
	static const char cut[] = EXPORT_SECOND "__CURSOR=s=3\n_COMM=danestsd\nMESSAGE=policy next";
	static const char strange[] = "__CURSOR=s=1\n_HOSTNAME=mail\n\n" EXPORT_SECOND;
	static const char garbage[] = "__CURSOR=s=1\nno name\n=\n\n" EXPORT_SECOND;

	(void)state;
	assert_shows("UTC0", SLICE(both), SHOWN "mail|postfix|smtp|7|one=1\nempty\n"
	    "none|||danestsd|0|policy nexthop=a");
	assert_shows("UTC0", SLICE(cut), "none|||danestsd|0|policy nexthop=a\n"
	    "none|||danestsd|0|policy next");
	assert_shows("UTC0", SLICE(strange), "strange\nnone|||danestsd|0|policy nexthop=a");
	assert_shows("UTC0", SLICE(garbage), "strange\nstrange\nstrange\nempty\n"
	    "none|||danestsd|0|policy nexthop=a");
	assert_true(line_begins(both, sizeof(both) - 1));
}

static void files_of_several_forms_may_be_put_together(void **state)
{
	static const char all[] = EXPORT_SECOND "2026-11-22T02:59:06Z mail b: y\n" EXPORT_SECOND
	    "{\"__REALTIME_TIMESTAMP\":\"1763779146123456\",\"_COMM\":\"a\"}\n" EXPORT_FIRST "\n"
	    "half a line=\n" EXPORT_SECOND
	    "__CURSOR=s=3\n_COMM=danestsd\n2026-11-22T02:59:07Z mail b: z\n" "SHORT";

	(void)state;
	assert_shows("UTC0", SLICE(all), "none|||danestsd|0|policy nexthop=a\n"
	    "1795316346000000|mail||b|0|y\nnone|||danestsd|0|policy nexthop=a\n"
	    SHOWN "||a|0|\n" SHOWN "mail|postfix|smtp|7|one=1\nempty\nstrange\n"
	    "none|||danestsd|0|policy nexthop=a\nnone|||danestsd|0|\n"
	    "1795316347000000|mail||b|0|z\nstrange");
}

/* An octet more each time: nothing is said before the end is there, and nothing else after. */
static void a_part_of_an_entry_waits_for_the_rest(void **state)
{
	static const char entry[] = EXPORT_FIRST;
	const size_t size = sizeof(entry) - 1;

	(void)state;
	for (size_t len = 0; len <= size; len++) {
		struct line_reader r = reader_of("UTC0");
		struct line line;
		size_t used = 1;

		assert_int_equal(line_next(&r, entry, len, false, &line, &used),
		    len < size ? LINE_MORE : LINE_GOOD);
		assert_int_equal(used, len < size ? 0 : size);
		line_reader_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_in_json_is_a_line),
		cmocka_unit_test(a_message_is_what_was_logged),
		cmocka_unit_test(the_first_of_a_repeated_field_counts),
		cmocka_unit_test(what_is_no_entry_is_strange),
		cmocka_unit_test(entries_and_lines_of_text_may_be_mixed),
		cmocka_unit_test(an_entry_in_the_export_format_is_a_line),
		cmocka_unit_test(files_of_several_forms_may_be_put_together),
		cmocka_unit_test(a_part_of_an_entry_waits_for_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
