/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configurations: what is refused has a printable reason; what is taken suits its
 * parameter, and is the same after it has been printed and read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static char *print(const struct conf *conf, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	check(f != NULL);
	conf_print_changes(conf, f);
	check(fclose(f) == 0);
	return text;
}

static void check_taken(const struct conf *conf)
{
	char problem[CONF_PROBLEM], *text, *text2;
	struct conf again = {0};
	size_t len, len2;
	uint64_t number;

	for (size_t i = 0; i < CONF_COUNT; i++) {
		const char *value = conf_text(conf, (enum conf_id)i);

		check(conf_check(&conf_table[i], value, &number, problem));
		check(number == conf_number(conf, (enum conf_id)i));
	}
	text = print(conf, &len);
	check(conf_parse(&again, "again", text, len, problem));
	text2 = print(&again, &len2);
	check(len == len2 && memcmp(text, text2, len) == 0);
	free(text);
	free(text2);
	conf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char problem[CONF_PROBLEM] = "";
	struct conf conf = {0};

	if (conf_parse(&conf, "fuzz.conf", (const char *)data, size, problem)) {
		check_taken(&conf);
	} else {
		check(problem[0] != '\0');
		for (size_t i = 0; problem[i] != '\0'; i++)
			check(problem[i] >= ' ' && problem[i] <= '~');
	}
	conf_free(&conf);
	return 0;
}
