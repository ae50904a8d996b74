/* SPDX-License-Identifier: BSD-2-Clause */
/* Every parameter with its default, and what suits each kind of parameter. */
#include <inttypes.h>
#include <string.h>

#include "base/attr.h"
#include "base/endpoint.h"
#include "base/text.h"
#include "base/units.h"
#include "plugin/conf.h"

#define SECOND UINT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define MEGABYTE (UINT64_C(1) << 20)

const struct conf_param conf_table[CONF_COUNT] = {
	[CONF_LISTEN] = { .name = "listen", .type = CONF_ENDPOINTS,
	    .fallback = "unix:/run/danests/socketmap, inet:127.0.0.1:8461" },
	[CONF_LISTEN_MODE] = { .name = "listen_mode", .type = CONF_MODE,
	    .fallback = "0666", .max = 0777 },
	[CONF_CONTROL] = { .name = "control", .type = CONF_ENDPOINT,
	    .fallback = "unix:/run/danests/control" },
	[CONF_RESOLVER] = { .name = "resolver", .type = CONF_TEXT,
	    .fallback = "system", .library = true },
	[CONF_ROOT_HINTS] = { .name = "root_hints", .type = CONF_TEXT,
	    .fallback = "", .library = true },
	[CONF_DNSSEC] = { .name = "dnssec", .type = CONF_WORD,
	    .fallback = "validate", .words = "validate trust-ad", .library = true },
	[CONF_TRUST_ANCHOR] = { .name = "trust_anchor", .type = CONF_TEXT,
	    .fallback = "", .library = true },
	[CONF_CA_FILE] = { .name = "ca_file", .type = CONF_TEXT,
	    .fallback = "", .library = true },
	[CONF_CACHE_DIR] = { .name = "cache_dir", .type = CONF_TEXT,
	    .fallback = "/var/lib/danests", .library = true },
	[CONF_CACHE_SIZE] = { .name = "cache_size", .type = CONF_SIZE,
	    .fallback = "256M", .min = 2 * MEGABYTE, .max = UINT64_C(1) << 40 },
	[CONF_PRIVATE_POLICY_HOSTS] = { .name = "private_policy_hosts", .type = CONF_WORD,
	    .fallback = "deny", .words = "deny allow", .library = true },
	[CONF_DNS_TIMEOUT] = { .name = "dns_timeout", .type = CONF_TIME,
	    .fallback = "5s", .min = 1, .max = 60 * SECOND, .library = true },
	[CONF_HTTPS_TIMEOUT] = { .name = "https_timeout", .type = CONF_TIME,
	    .fallback = "60s", .min = 1, .max = 600 * SECOND, .library = true },
	/* Postfix waits 100 s, and an answer that comes later poisons the
	 * connection: postfix.md 1. */
	[CONF_ANSWER_TIMEOUT] = { .name = "answer_timeout", .type = CONF_TIME,
	    .fallback = "25s", .min = 1, .max = 90 * SECOND },
	[CONF_INSECURE_MX] = { .name = "insecure_mx", .type = CONF_WORD,
	    .fallback = "dane", .words = "dane may" },
	[CONF_DANE_STS_MIXED] = { .name = "dane_sts_mixed", .type = CONF_WORD,
	    .fallback = "dane-only", .words = "dane-only secure" },
	[CONF_TLSRPT] = { .name = "tlsrpt", .type = CONF_WORD,
	    .fallback = "no", .words = "no yes" },
	[CONF_REPORT_TESTING] = { .name = "report_testing", .type = CONF_WORD,
	    .fallback = "no", .words = "no yes" },
	[CONF_OVERRIDES] = { .name = "overrides", .type = CONF_TEXT, .fallback = "" },
	[CONF_REFRESH] = { .name = "refresh", .type = CONF_TIME,
	    .fallback = "1d", .min = 60 * SECOND, .max = 365 * DAY, .library = true },
	[CONF_METRICS] = { .name = "metrics", .type = CONF_ENDPOINT, .fallback = "" },
	[CONF_MAX_CLIENTS] = { .name = "max_clients", .type = CONF_NUMBER,
	    .fallback = "4096", .min = 1, .max = 1000000 },
	[CONF_MAX_LOOKUPS] = { .name = "max_lookups", .type = CONF_NUMBER,
	    .fallback = "512", .min = 1, .max = 65536, .library = true },
	[CONF_LOG_REPEAT] = { .name = "log_repeat", .type = CONF_TIME,
	    .fallback = "1h", .min = 0, .max = 365 * DAY },
	[CONF_USER] = { .name = "user", .type = CONF_TEXT, .fallback = "" },
};

bool conf_item(const char **list, char *item, size_t size)
{
	const char *p = *list + strspn(*list, ", \t");
	size_t len = strcspn(p, ", \t");

	*list = p;
	item[0] = '\0';
	if (len == 0 || len >= size)
		return false;
	memcpy(item, p, len);
	item[len] = '\0';
	*list = p + len;
	return true;
}

static bool check_word(const struct conf_param *param, const char *text, uint64_t *number,
    char *wanted)
{
	const char *list = param->words;
	char word[32];

	for (*number = 0; conf_item(&list, word, sizeof(word)); ++*number)
		if (text_equal_nocase(text, word))
			return true;
	text_format(wanted, CONF_PROBLEM, "must be one of: %s", param->words);
	return false;
}

/* In the largest unit that leaves no rest, as somebody would write it. */
static void show_amount(char out[32], enum conf_type type, uint64_t amount)
{
	static const struct {
		enum conf_type type;
		const char *unit;
		uint64_t size;
	} units[] = {
		{ CONF_TIME, "d", DAY }, { CONF_TIME, "h", HOUR }, { CONF_TIME, "m", 60 * SECOND },
		{ CONF_TIME, "s", SECOND }, { CONF_TIME, "ms", 1 },
		{ CONF_SIZE, "G", MEGABYTE << 10 }, { CONF_SIZE, "M", MEGABYTE },
		{ CONF_SIZE, "", 1 }, { CONF_NUMBER, "", 1 },
	};

	for (size_t i = 0; i < COUNT_OF(units); i++) {
		if (units[i].type != type || amount % units[i].size != 0 ||
		    (amount == 0 && units[i].size != 1))
			continue;
		text_format(out, 32, "%" PRIu64 "%s", amount / units[i].size, units[i].unit);
		return;
	}
}

static bool check_range(const struct conf_param *param, uint64_t number, char *wanted)
{
	static const char *const kinds[] = {
		[CONF_TIME] = "a time", [CONF_SIZE] = "a size", [CONF_NUMBER] = "a number",
	};
	char least[32] = "", most[32] = "";

	if (number >= param->min && number <= param->max)
		return true;
	show_amount(least, param->type, param->min);
	show_amount(most, param->type, param->max);
	text_format(wanted, CONF_PROBLEM, "must be %s from %s to %s", kinds[param->type], least,
	    most);
	return false;
}

static bool check_mode(const struct conf_param *param, const char *text, uint64_t *number,
    char *wanted)
{
	size_t i;

	*number = 0;
	for (i = 0; text[i] >= '0' && text[i] <= '7' && *number <= param->max; i++)
		*number = *number * 8 + (uint64_t)(text[i] - '0');
	if (i > 0 && text[i] == '\0' && *number <= param->max)
		return true;
	text_format(wanted, CONF_PROBLEM, "must be an octal mode such as %s", param->fallback);
	return false;
}

static bool check_endpoints(const struct conf_param *param, const char *text, char *wanted)
{
	struct endpoint endpoint;
	size_t count = 0;
	char item[256];

	while (conf_item(&text, item, sizeof(item))) {
		const char *problem = endpoint_parse(&endpoint, item);

		if (problem != NULL) {
			char shown[80];

			text_printable(shown, sizeof(shown), item, strlen(item));
			text_format(wanted, CONF_PROBLEM, "\"%s\": %s", shown, problem);
			return false;
		}
		if (++count > 1 && param->type == CONF_ENDPOINT) {
			text_format(wanted, CONF_PROBLEM, "takes one endpoint only");
			return false;
		}
	}
	if (*text == '\0')
		return true;
	text_format(wanted, CONF_PROBLEM, "an endpoint is too long");
	return false;
}

bool conf_check(const struct conf_param *param, const char *text, uint64_t *number,
    char wanted[CONF_PROBLEM])
{
	int64_t ms;

	*number = 0;
	switch (param->type) {
	case CONF_TEXT:
		return true;
	case CONF_ENDPOINTS:
	case CONF_ENDPOINT:
		return check_endpoints(param, text, wanted);
	case CONF_WORD:
		return check_word(param, text, number, wanted);
	case CONF_MODE:
		return check_mode(param, text, number, wanted);
	case CONF_TIME:
		if (units_time(text, &ms)) {
			*number = (uint64_t)ms;
			return check_range(param, *number, wanted);
		}
		text_format(wanted, CONF_PROBLEM,
		    "must be a time such as %s (units: s m h d w)", param->fallback);
		return false;
	case CONF_SIZE:
		if (units_size(text, number))
			return check_range(param, *number, wanted);
		text_format(wanted, CONF_PROBLEM,
		    "must be a size such as %s (units: K M G)", param->fallback);
		return false;
	case CONF_NUMBER:
		if (text_number(text, strlen(text), 0, UINT32_MAX, number))
			return check_range(param, *number, wanted);
		text_format(wanted, CONF_PROBLEM,
		    "must be a number such as %s", param->fallback);
		return false;
	}
	return false;
}
