/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: records, each behind an octet with its length. Laws of U6: what is left is
 * usable, nothing usable is dropped without something stronger or equal beside it. */
#include <stdlib.h>
#include <string.h>

#include "parse/tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 16

static bool stronger_left(const struct danests_tlsa *recs, const bool *drop, size_t count,
    const struct danests_tlsa *rec)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!drop[i] && recs[i].usage == rec->usage &&
		    recs[i].selector == rec->selector && recs[i].mtype > rec->mtype)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct danests_tlsa recs[MAX] = {{0}};
	bool drop[MAX];
	size_t count = 0, usable = 0, kept = 0, left, i, len;

	while (size > 0 && count < MAX) {
		len = data[0] < size - 1 ? data[0] : size - 1;
		if (tlsa_parse(&recs[count], data + 1, len) == DANESTS_OK)
			count++;
		else if (len >= 3)
			abort();
		data += 1 + len;
		size -= 1 + len;
	}
	left = tlsa_agility(recs, count, drop);
	for (i = 0; i < count; i++) {
		bool good = tlsa_unusable(&recs[i]) == NULL;

		usable += good ? 1 : 0;
		kept += drop[i] ? 0 : 1;
		if (!drop[i] && (!good || recs[i].len == 0))
			abort();
		if (good && drop[i] && !stronger_left(recs, drop, count, &recs[i]))
			abort();
		if (good && drop[i] && recs[i].mtype == 0)
			abort();
	}
	if (left != kept)
		abort();
	if (usable > 0 && kept == 0) /* L17: usable records never vanish altogether */
		abort();
	return 0;
}
