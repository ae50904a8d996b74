/* SPDX-License-Identifier: BSD-2-Clause */
/* The two forms of a table. Keys are lower case; nothing ends with a NUL: postfix
 * cdb_table(5). */
#include <cdb.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ctl/grow.h"
#include "tools/cache_table.h"

static int write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return EX_IOERR;
		done += n > 0 ? (size_t)n : 0;
	}
	return EX_OK;
}

int table_write_text(const struct table *table, int fd)
{
	json_t *made = grow_moment(clock_now()), *value;
	struct buf out = {0};
	const char *key;
	int code;

	buf_printf(&out, "# What Postfix is told (smtp_tls_policy_maps), by danests cache export.\n"
	    "# Made %s, %zu entries. The first policy expires %s:\n# make it anew before that.\n",
	    made != NULL ? json_string_value(made) : "?", json_object_size(table->rows),
	    table->first != NULL ? table->first : "never");
	json_object_foreach(table->rows, key, value)
		buf_printf(&out, "%s\t%s\n", key, json_string_value(value));
	code = out.bad ? EX_OSERR : write_all(fd, &out);
	json_decref(made);
	buf_free(&out);
	return code;
}

int table_write_cdb(const struct table *table, int fd)
{
	struct cdb_make make;
	const char *key;
	json_t *value;
	bool ok;

	ok = cdb_make_start(&make, fd) == 0;
	json_object_foreach(table->rows, key, value)
		ok = ok && cdb_make_add(&make, key, (unsigned)strlen(key), json_string_value(value),
		    (unsigned)json_string_length(value)) == 0;
	/* Frees its tables in any case. */
	return cdb_make_finish(&make) == 0 && ok ? EX_OK : EX_IOERR;
}
