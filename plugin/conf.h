/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * danestsd.conf(5): every parameter, its default, and what it may be set to.
 * A zeroed struct conf holds the defaults.
 */
#ifndef PLUGIN_CONF_H
#define PLUGIN_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The order in which they are printed. */
enum conf_id {
	CONF_LISTEN,
	CONF_LISTEN_MODE,
	CONF_CONTROL,
	CONF_RESOLVER,
	CONF_ROOT_HINTS,
	CONF_DNSSEC,
	CONF_TRUST_ANCHOR,
	CONF_CA_FILE,
	CONF_CACHE_DIR,
	CONF_CACHE_SIZE,
	CONF_PRIVATE_POLICY_HOSTS,
	CONF_DNS_TIMEOUT,
	CONF_HTTPS_TIMEOUT,
	CONF_ANSWER_TIMEOUT,
	CONF_INSECURE_MX,
	CONF_DANE_STS_MIXED,
	CONF_TLSRPT,
	CONF_REPORT_TESTING,
	CONF_OVERRIDES,
	CONF_REFRESH,
	CONF_METRICS,
	CONF_MAX_CLIENTS,
	CONF_MAX_LOOKUPS,
	CONF_LOG_REPEAT,
	CONF_USER,
	CONF_COUNT
};

/* The place of each word in the list that the table gives. */
enum { CONF_NO, CONF_YES };
enum { CONF_VALIDATE, CONF_TRUST_AD };
enum { CONF_INSECURE_DANE, CONF_INSECURE_MAY };
enum { CONF_MIXED_DANE_ONLY, CONF_MIXED_SECURE };

enum conf_type {
	CONF_TEXT,      /* anything, or nothing */
	CONF_ENDPOINTS, /* a list of endpoints: blanks or commas between them */
	CONF_ENDPOINT,  /* one, or nothing */
	CONF_WORD,      /* one of .words */
	CONF_TIME,      /* milliseconds */
	CONF_SIZE,      /* octets */
	CONF_NUMBER,
	CONF_MODE       /* octal */
};

struct conf_param {
	const char *name, *fallback;
	enum conf_type type;
	const char *words;  /* CONF_WORD: "dane may" */
	uint64_t min, max;  /* CONF_TIME, CONF_SIZE, CONF_NUMBER, CONF_MODE */
	bool library;       /* a setting of danests_set(), checked there once more */
};

extern const struct conf_param conf_table[CONF_COUNT];

struct conf {
	struct {
		char *text;   /* as set, blanks made single; NULL: the default */
		char *where;  /* "danestsd.conf:12" or "-o" */
	} set[CONF_COUNT];
};

#define CONF_PROBLEM 512 /* as LINES_PROBLEM */

/* All of these: true, or false with what is wrong, and where, in problem[]. */

/* One "name = value" from where. A value already there is replaced. */
bool conf_set(struct conf *conf, const char *name, const char *value, const char *where,
    char problem[CONF_PROBLEM]);

/* "name=value", as after -o. */
bool conf_option(struct conf *conf, const char *option, char problem[CONF_PROBLEM]);

/* The text of a whole file; file is its name in messages. */
bool conf_parse(struct conf *conf, const char *file, const char *text, size_t len,
    char problem[CONF_PROBLEM]);

/* A file. One that may be missing and is, is an empty one. */
bool conf_read(struct conf *conf, const char *path, bool may_be_missing,
    char problem[CONF_PROBLEM]);

/* Where a configuration comes from: a file, and options that are stronger. */
struct conf_sources {
	const char *file;
	bool may_be_missing;
	char *const *options;  /* "name=value", as after -o */
	size_t option_count;
};
bool conf_load(struct conf *conf, const struct conf_sources *from, char problem[CONF_PROBLEM]);

void conf_free(struct conf *conf);

/* Do both mean the same? 1h is 60m. */
bool conf_same(const struct conf *a, const struct conf *b, enum conf_id id);

/* What other says of this parameter. False without memory. */
bool conf_keep(struct conf *conf, const struct conf *other, enum conf_id id);

/* What is in force. */
const char *conf_text(const struct conf *conf, enum conf_id id);
uint64_t conf_number(const struct conf *conf, enum conf_id id); /* or place of the word */
const char *conf_where(const struct conf *conf, enum conf_id id); /* "default" */
bool conf_is_set(const struct conf *conf, enum conf_id id);

/* All defaults, or what differs from them, as a configuration file. */
void conf_print_defaults(FILE *to);
void conf_print_changes(const struct conf *conf, FILE *to);

/*
 * Does this text suit the parameter? On true *number is its value. On false
 * wanted[] says what would.
 */
bool conf_check(const struct conf_param *param, const char *text, uint64_t *number,
    char wanted[CONF_PROBLEM]);

/*
 * The next item of a list, blanks and commas between items; *list moves on. False
 * at the end, or at an item that does not fit: then *list points to it.
 */
bool conf_item(const char **list, char *item, size_t size);

#endif
