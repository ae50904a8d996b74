/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "tools/report/feature.h"

static const struct row {
	const char *text;
	struct feature is;
} rows[] = {
	{ "dane", { .level = LEVEL_DANE } },
	{ "dane-only", { .level = LEVEL_DANE_ONLY } },
	{ "halfdane", { .level = LEVEL_HALFDANE } },
	{ "dane:halfdane", { .level = LEVEL_DANE, .downgrade = LEVEL_HALFDANE } },
	{ "dane:encrypt", { .level = LEVEL_DANE, .downgrade = LEVEL_ENCRYPT } },
	{ "encrypt", { .level = LEVEL_ENCRYPT } },
	{ "may", { .level = LEVEL_MAY } },
	{ "may:none", { .level = LEVEL_MAY, .downgrade = LEVEL_NONE } },
	{ "may:none?", { .level = LEVEL_MAY, .downgrade = LEVEL_NONE, .open = true } },
	{ "secure", { .level = LEVEL_SECURE } },
	{ "verify", { .level = LEVEL_VERIFY } },
	{ "fingerprint", { .level = LEVEL_FINGERPRINT } },
	{ "none", { .level = LEVEL_NONE } },
	{ "!dane", { .level = LEVEL_DANE, .broken = true } },
	{ "!secure", { .level = LEVEL_SECURE, .broken = true } },
	{ "!encrypt", { .level = LEVEL_ENCRYPT, .broken = true } },
	{ "dane?", { .level = LEVEL_DANE, .open = true } },
	{ "may?", { .level = LEVEL_MAY, .open = true } },
	{ "secure?", { .level = LEVEL_SECURE, .open = true } },
	{ "unknown?", { .level = LEVEL_UNKNOWN, .open = true } },
	{ "dane/requiretls", { .level = LEVEL_DANE, .requiretls = true } },
	{ "secure/!requiretls:nostarttls?",
	    { .level = LEVEL_SECURE, .requiretls = true } },
	{ "!may:none?/!requiretls:x?", { .level = LEVEL_MAY, .downgrade = LEVEL_NONE,
	    .broken = true, .open = true, .requiretls = true } },
	{ "dane/later", { .level = LEVEL_DANE } },
	{ "danes", { .level = LEVEL_OTHER } },
	{ "DANE", { .level = LEVEL_OTHER } },
	{ "dan", { .level = LEVEL_OTHER } },
	{ "dane:later", { .level = LEVEL_DANE, .downgrade = LEVEL_OTHER } },
	{ "", { .level = LEVEL_OTHER } },
	{ "!", { .level = LEVEL_OTHER, .broken = true } },
	{ "?", { .level = LEVEL_OTHER, .open = true } },
	{ "/", { .level = LEVEL_OTHER } },
	{ "dane:", { .level = LEVEL_DANE } },
};

static void every_spelling_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct feature got =
		    feature_of((struct slice){ rows[i].text, strlen(rows[i].text) });

		if (got.level != rows[i].is.level || got.downgrade != rows[i].is.downgrade ||
		    got.broken != rows[i].is.broken || got.open != rows[i].is.open ||
		    got.requiretls != rows[i].is.requiretls)
			fail_msg("\"%s\"", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
