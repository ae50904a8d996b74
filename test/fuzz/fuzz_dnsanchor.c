/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: a trust anchor file. Laws: it is refused in words, or yields records
 * that are read again as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "danests.h"
#include "source/dns_anchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dns_anchor *a)
{
	struct dns_anchors back;
	char problem[256];

	if (strchr(a->record, '\n') != NULL ||
	    dns_anchors_parse(&back, "again", a->record, strlen(a->record), problem,
	    sizeof(problem)) != DANESTS_OK)
		abort();
	if (back.count != 1 || strcmp(back.at[0].record, a->record) != 0 ||
	    strcmp(back.at[0].owner, a->owner) != 0)
		abort();
	dns_anchors_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_anchors anchors;
	char problem[256] = "";
	int r = dns_anchors_parse(&anchors, "fuzz", size > 0 ? (const char *)data : "", size,
	    problem, sizeof(problem));

	if (r != DANESTS_OK) {
		if (r == DANESTS_ERESOLVER && problem[0] == '\0')
			abort();
		return 0;
	}
	if (anchors.count < 1 || anchors.count > DNS_ANCHOR_RECORDS)
		abort();
	for (size_t i = 0; i < anchors.count; i++)
		check(&anchors.at[i]);
	dns_anchors_free(&anchors);
	return 0;
}
