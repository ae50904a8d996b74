/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of the control socket: each is a request or is refused in printable words; what
 * a record says survives being written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "ctl/held.h"
#include "ctl/proto.h"
#include "ctl/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* What the parser gives a meaning to must come through. */
static void check_record(const struct danests_held *held)
{
	struct danests_held again;
	struct buf bytes = {0};
	char problem[HELD_PROBLEM];
	json_t *value;

	value = held_value(held, true);
	check(value != NULL);
	check(held_read(value, &again, &bytes, problem));
	check(strcmp(held->domain, again.domain) == 0 && strcmp(held->id, again.id) == 0);
	check(held->text_len == again.text_len &&
	    memcmp(held->text, again.text, held->text_len) == 0);
	check(held->fetched == again.fetched);
	check((held->used > 0 ? held->used : 0) == again.used);
	json_decref(value);
	buf_free(&bytes);
}

static void check_names(const struct request *r)
{
	check(json_array_size(r->names) <= PROTO_MAX_NAMES);
	for (size_t i = 0; i < json_array_size(r->names); i++)
		check(json_string_value(json_array_get(r->names, i)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char problem[REQUEST_PROBLEM];
	struct request r;
	int code;

	if (size > PROTO_MAX_LINE)
		return 0;
	memset(problem, 'x', sizeof(problem));
	code = request_read(&r, (const char *)data, size, problem);
	check(code == EX_OK || code == EX_USAGE || code == EX_DATAERR);
	if (code == EX_OK) {
		check(r.what < REQUEST_COUNT && r.root != NULL);
		check(r.mode == -1 || (r.mode >= DANESTS_STS_NONE && r.mode <= DANESTS_STS_ENFORCE));
		if (r.what == REQUEST_GET || r.what == REQUEST_EXPLAIN)
			check(r.name != NULL);
		if (r.what == REQUEST_IMPORT)
			check_record(&r.held);
		check_names(&r);
	} else {
		check(r.root == NULL && problem[0] != '\0');
		for (size_t i = 0; problem[i] != '\0'; i++)
			check(i < sizeof(problem) && problem[i] >= ' ' && problem[i] <= '~');
	}
	request_free(&r);
	return 0;
}
