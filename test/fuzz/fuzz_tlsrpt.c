/* SPDX-License-Identifier: BSD-2-Clause */
/* Input: TXT records, one per line feed. Laws: what is accepted are URIs of the input that
 * a report can go to, and a record of them gives them again; else there is a reason. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "danests.h"
#include "parse/tlsrpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 8

static void check_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((text[i] < ' ' || text[i] > '~') && text[i] != '\n')
			abort();
	}
}

static void check_uris(const struct tlsrpt *rec, const uint8_t *data, size_t size)
{
	const char *at = rec->rua.data, *end = rec->rua.data + rec->rua.len, *stop;
	size_t count = 0, len;

	for (; at <= end; at = stop + 1, count++) {
		stop = memchr(at, ',', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		len = (size_t)(stop - at);
		if (tlsrpt_uri_unusable(at, len) != NULL || memmem(data, size, at, len) == NULL)
			abort();
	}
	if (count != rec->count || count < 1)
		abort();
}

static void check_again(const struct tlsrpt *rec)
{
	struct tlsrpt two = {0};
	struct buf text = {0};
	struct danests_text one;
	char why[TXTREC_WHY];

	buf_printf(&text, "v=TLSRPTv1;rua=%s", rec->rua.data);
	if (text.bad)
		abort();
	one = (struct danests_text){ text.data, text.len };
	if (tlsrpt_examine(&two, &one, 1, why, NULL) != DANESTS_OK || two.count != rec->count ||
	    strcmp(two.rua.data, rec->rua.data) != 0)
		abort();
	tlsrpt_free(&two);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct danests_text texts[MAX] = {{0}};
	const uint8_t *at = data, *end = data + size, *feed;
	struct notes notes = {0};
	struct tlsrpt rec = {0};
	char why[TXTREC_WHY] = "";
	size_t count = 0;
	int r;

	while (at < end && count < MAX) {
		feed = memchr(at, '\n', (size_t)(end - at));
		texts[count++] = (struct danests_text){ (const char *)at,
			(size_t)((feed == NULL ? end : feed) - at) };
		at = feed == NULL ? end : feed + 1;
	}
	r = tlsrpt_examine(&rec, texts, count, why, &notes);
	if (r == DANESTS_OK) {
		check_uris(&rec, data, size);
		check_again(&rec);
	} else if (r != DANESTS_EINVAL || why[0] == '\0' || rec.rua.data != NULL) {
		abort();
	}
	check_printable(why, strlen(why));
	check_printable(notes.text.data, notes.text.len);
	if (notes.count > NOTE_MAX)
		abort();
	notes_free(&notes);
	tlsrpt_free(&rec);
	return 0;
}
