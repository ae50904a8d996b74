/* SPDX-License-Identifier: BSD-2-Clause */
/* Linting TXT records: RFC 8461 3.1, RFC 8460 3. */
#include "api/lint.h"
#include "parse/ststxt.h"
#include "parse/tlsrpt.h"

ATTR_PUBLIC int danests_lint_sts_record(danests_lint **out, const struct danests_text *txt,
    size_t count)
{
	danests_lint *lint = lint_new();
	struct notes notes = {0};
	struct ststxt rec;
	char why[TXTREC_WHY];

	if (lint == NULL)
		return DANESTS_ENOMEM;
	if (ststxt_examine(&rec, txt, count, why, &notes) == STSTXT_OK)
		lint_verdict(lint, true, "valid id=%s", rec.id);
	else
		lint_verdict(lint, false, "invalid: %s", why);
	lint_warnings(lint, &notes);
	return lint_done(out, lint);
}

ATTR_PUBLIC int danests_lint_tlsrpt_record(danests_lint **out, const struct danests_text *txt,
    size_t count)
{
	danests_lint *lint = lint_new();
	struct notes notes = {0};
	struct tlsrpt rec = {0};
	char why[TXTREC_WHY];
	int r;

	if (lint == NULL)
		return DANESTS_ENOMEM;
	r = tlsrpt_examine(&rec, txt, count, why, &notes);
	if (r == DANESTS_OK)
		lint_verdict(lint, true, "valid rua=%s", rec.rua.data);
	else if (r == DANESTS_EINVAL)
		lint_verdict(lint, false, "invalid: %s", why);
	else
		lint->text.bad = true;
	lint_warnings(lint, &notes);
	tlsrpt_free(&rec);
	return lint_done(out, lint);
}
