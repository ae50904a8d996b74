/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: TXT records, one per line feed. Laws: an id is 1 to 32 letters and digits and
 * stands in the text; what is chosen is what parsing that record alone gives. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parse/ststxt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 8

static void check_one(const struct danests_text *text)
{
	struct ststxt rec;
	size_t len, i;

	if (ststxt_parse(&rec, text->data, text->len) != STSTXT_OK)
		return;
	len = strlen(rec.id);
	if (len < 1 || len > STSTXT_ID_MAX)
		abort();
	for (i = 0; i < len; i++) {
		if (!text_is_alnum(rec.id[i]))
			abort();
	}
	if (memcmp(text->data, "v=STSv1", 7) != 0 || rec.lenient == (text->data[7] == ';'))
		abort();
	if (memmem(text->data, text->len, rec.id, len) == NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct danests_text texts[MAX] = {{0}};
	struct ststxt chosen, rec;
	size_t count = 0, same = 0, i;
	const uint8_t *feed;

	while (size > 0 && count < MAX) {
		feed = memchr(data, '\n', size);
		texts[count].data = (const char *)data;
		texts[count].len = feed == NULL ? size : (size_t)(feed - data);
		size -= texts[count].len + (feed == NULL ? 0 : 1);
		data += texts[count].len + (feed == NULL ? 0 : 1);
		check_one(&texts[count++]);
	}
	if (ststxt_choose(&chosen, texts, count) != STSTXT_OK)
		return 0;
	for (i = 0; i < count; i++) {
		if (ststxt_parse(&rec, texts[i].data, texts[i].len) == STSTXT_OK &&
		    rec.lenient == chosen.lenient) {
			same++;
			if (strcmp(rec.id, chosen.id) != 0)
				abort();
		}
	}
	if (same != 1) /* S3: there is exactly one */
		abort();
	return 0;
}
