/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain for people: what is wrong, most urgent first; then what was seen. 80 columns,
 * and whatever octets came in, printable ASCII. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tools/check.h"
#include "tools/tool.h"

#define COLUMNS 80
#define MAX_ROW 4096
#define MARK_WIDTH 9

static void pad(size_t n)
{
	while (n-- > 0)
		putchar(' ');
}

/* How much of the text goes into this line: up to a blank, or what there is room for. */
static size_t line_len(const char *text, size_t len, size_t room)
{
	size_t cut = room;

	if (len <= room)
		return len;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	return cut > 0 ? cut : room;
}

static void put_wrapped(size_t indent, const char *text)
{
	size_t left = strlen(text), room = COLUMNS - indent;
	bool first = true;

	while (left > 0) {
		size_t len = line_len(text, left, room);

		if (!first)
			pad(indent);
		first = false;
		(void)fwrite(text, 1, len, stdout);
		putchar('\n');
		while (len < left && text[len] == ' ')
			len++;
		text += len;
		left -= len;
	}
	if (first)
		putchar('\n');
}

void check_print_row(unsigned int indent, unsigned int width, const char *key, const char *fmt,
    ...)
{
	char text[MAX_ROW], shown[COLUMNS];
	size_t len = text_printable(shown, sizeof(shown) - 8, key, strlen(key));
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	(void)text_printable(text, sizeof(text), text, strlen(text));
	pad(indent);
	fputs(shown, stdout);
	if (len < width) {
		pad(width - len);
	} else if (width > 0) { /* a long key has a line of its own */
		putchar('\n');
		pad(indent + width);
	}
	put_wrapped(indent + width, text);
}

/* ---- Findings ---- */

static const struct mark {
	const char *word, *colour; /* SGR */
} marks[] = {
	[CHECK_HOLDS] = { "HELD", "1;31" }, [CHECK_FAILS] = { "FAILS", "31" },
	[CHECK_SOON] = { "SOON", "1;33" }, [CHECK_WARNING] = { "warning", "33" },
	[CHECK_UNKNOWN] = { "unknown", "35" }, [CHECK_NOTE] = { "note", "36" },
	[CHECK_GOOD] = { "good", "32" },
};

static void put_mark(const struct mark *mark, const struct check_look *look)
{
	pad(2);
	if (look->colour)
		printf("\033[%sm%s\033[0m", mark->colour, mark->word);
	else
		fputs(mark->word, stdout);
	pad(MARK_WIDTH - strlen(mark->word));
}

static void put_fault(const struct check_finding *finding)
{
	const struct danests_fault *fault = finding->fault;
	const char *result = danests_result_name(finding->result);
	bool same, coded;

	if (fault == NULL)
		return;
	same = finding->result == DANESTS_SUCCESS || strcmp(fault->token, result) == 0;
	/* Of mail that goes through a sender logs no code. */
	coded = finding->rank <= CHECK_SOON && fault->code[0] != '\0';
	check_print_row(2 + MARK_WIDTH, 0, "", "%s%s%s%s%s%s", coded ? fault->code : "",
	    coded ? " " : "", fault->token, same ? "" : " (in reports: ",
	    same ? "" : result, same ? "" : ")");
}

static void put_finding(const struct check_finding *finding, const struct check_look *look)
{
	put_mark(&marks[finding->rank], look);
	put_wrapped(2 + MARK_WIDTH, finding->where);
	check_print_row(2 + MARK_WIDTH, 0, "", "%s", finding->text);
	put_fault(finding);
	if (finding->hint != NULL)
		check_print_row(2 + MARK_WIDTH, 3, "->", "%s", finding->hint);
}

static const char *headline(int exit_code)
{
	static const struct {
		int code;
		const char *words;
	} lines[] = {
		{ 0, "good" }, { 1, "mail is held" }, { 2, "mail gets through, with warnings" },
	};

	for (size_t i = 0; i < COUNT_OF(lines); i++)
		if (lines[i].code == exit_code)
			return lines[i].words;
	return "could not tell";
}

static const char *headline_colour(int exit_code)
{
	static const enum check_rank ranks[] = { CHECK_GOOD, CHECK_HOLDS, CHECK_WARNING };

	return marks[exit_code >= 0 && exit_code < (int)COUNT_OF(ranks) ? ranks[exit_code] :
	    CHECK_UNKNOWN].colour;
}

/* In the words of danests query, which name what they are of first: that is there already. */
static void put_reply(const struct check_domain *domain)
{
	struct outcome told = {0};
	const char *words;

	check_reply(domain, &told.reply);
	while (told.reply.len > 0 && told.reply.data[told.reply.len - 1] == ' ')
		told.reply.len--;
	buf_str(&told.reply, "");
	(void)outcome_judge(&told);
	buf_str(&told.meaning, "");
	if (!told.reply.bad && !told.meaning.bad) {
		words = strstr(told.meaning.data, ": ");
		check_print_row(2, 24, "danestsd tells Postfix:", "%s (%s)", told.reply.data,
		    words != NULL ? words + 2 : told.meaning.data);
	}
	outcome_free(&told);
}

static void put_headline(const struct check_domain *domain, int code,
    const struct check_look *look)
{
	const char *words = headline(code);
	char name[256];

	/* As it was given, so that it is recognised; U-labels are looked up as A-labels. */
	(void)text_printable(name, sizeof(name), domain->name, strlen(domain->name));
	if (strcmp(name, domain->name) != 0)
		text_format(name, sizeof(name), "%s", domain->nexthop);
	if (domain->policy != NULL && danests_policy_no_mail(domain->policy))
		words = code == 0 ? "takes no mail" : "no such domain: mail bounces";
	if (look->colour)
		printf("\033[1m%s\033[0m: \033[%sm%s\033[0m\n", name, headline_colour(code), words);
	else
		printf("%s: %s\n", name, words);
	if (domain->policy != NULL)
		put_reply(domain);
}

void check_print(const struct check_domain *domain, const struct check_findings *findings,
    const struct check_look *look)
{
	put_headline(domain, check_exit(findings), look);
	for (size_t i = 0; i < findings->count; i++) {
		putchar('\n');
		put_finding(&findings->list[i], look);
	}
	if (domain->policy != NULL && domain->no_dnssec == NULL)
		check_print_details(domain);
	putchar('\n');
}
