/* SPDX-License-Identifier: BSD-2-Clause */
/* ASCII text, whatever the locale: case, blanks, numbers, safe echo. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool text_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool text_is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool text_is_alpha(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static inline bool text_is_alnum(char c) { return text_is_digit(c) || text_is_alpha(c); }
static inline bool text_is_blank(char c) { return c == ' ' || c == '\t'; }
static inline char text_lower(char c) { return text_is_upper(c) ? (char)(c | 32) : c; }

bool text_equal_nocase(const char *a, const char *b);
bool text_equal_nocase_n(const char *a, size_t alen, const char *b);

/* Digits only, no sign, no blank, 1..20 of them; min <= *out <= max. */
bool text_number(const char *text, size_t len, uint64_t min, uint64_t max,
    uint64_t *out);

/*
 * Copy for a person's eyes: printable ASCII stays, everything else becomes '?'.
 * Cuts at size - 1 and always ends with NUL. Returns the length written.
 */
size_t text_printable(char *out, size_t size, const char *text, size_t len);

/* As snprintf, but a cut result is no surprise: it ends with "..." */
void text_format(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
