/* SPDX-License-Identifier: BSD-2-Clause */
/* A context of our own, set up by the options that danestsd takes. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/self.h"
#include "base/text.h"
#include "tools/tool.h"

/* danestsd's parameters that mean nothing without a service: taken and passed
 * over, so that its options can be pasted as they are. */
static const char *const service_only[] = {
	"listen", "listen_mode", "control", "cache_dir", "answer_timeout", "overrides", "refresh",
	"metrics", "max_clients", "log_repeat", "user",
};

/* Those that choose what Postfix is told. */
static const struct choice {
	const char *name, *no, *yes;
	size_t offset;
} choices[] = {
	{ "tlsrpt", "no", "yes", offsetof(struct danests_postfix, tlsrpt) },
	{ "report_testing", "no", "yes", offsetof(struct danests_postfix, report_testing) },
	{ "insecure_mx", "dane", "may", offsetof(struct danests_postfix, insecure_mx_may) },
	{ "dane_sts_mixed", "dane-only", "secure", offsetof(struct danests_postfix, mixed_secure) },
};

static int direct_set(struct tool_direct *direct, const char *command, const char *name,
    const char *value)
{
	for (size_t i = 0; i < COUNT_OF(service_only); i++)
		if (strcmp(name, service_only[i]) == 0)
			return EX_OK;
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const struct choice *c = &choices[i];
		bool yes = text_equal_nocase(value, c->yes);

		if (strcmp(name, c->name) != 0)
			continue;
		if (!yes && !text_equal_nocase(value, c->no)) {
			tool_complain(command, "-o %s: must be %s or %s", name, c->no, c->yes);
			return EX_CONFIG;
		}
		*(bool *)((char *)&direct->postfix + c->offset) = yes;
		return EX_OK;
	}
	switch (danests_set(direct->ctx, name, value)) {
	case DANESTS_OK:
		return EX_OK;
	case DANESTS_EINVAL:
		tool_complain(command, "-o %s", danests_problem(direct->ctx));
		return EX_CONFIG;
	default:
		tool_complain(command, "out of memory");
		return EX_OSERR;
	}
}

int tool_direct_option(struct tool_direct *direct, const char *command, const char *option)
{
	const char *equals = strchr(option, '=');
	const char *value;
	char name[64];
	size_t len;

	if (equals == NULL || equals == option || (size_t)(equals - option) >= sizeof(name)) {
		tool_complain(command, "-o %s: must be name=value", option);
		return EX_USAGE;
	}
	len = (size_t)(equals - option);
	while (len > 0 && text_is_blank(option[len - 1]))
		len--;
	memcpy(name, option, len);
	name[len] = '\0';
	for (value = equals + 1; text_is_blank(*value); value++)
		;
	return direct_set(direct, command, name, value);
}

int tool_direct_open(struct tool_direct *direct, char problem[TOOL_PROBLEM])
{
	char stub[PATH_MAX];
	int r = DANESTS_OK;

	if (self_stub(stub, sizeof(stub)))
		r = danests_set_stub(direct->ctx, stub);
	if (r == DANESTS_OK)
		r = danests_open(direct->ctx);
	if (r == DANESTS_OK)
		return EX_OK;
	text_format(problem, TOOL_PROBLEM, "%s", danests_problem(direct->ctx)[0] != '\0' ?
	    danests_problem(direct->ctx) : danests_strerror(r));
	return r == DANESTS_ENOMEM || r == DANESTS_ESYSTEM ? EX_OSERR : EX_CONFIG;
}
