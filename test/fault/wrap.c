/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that runs out at a chosen moment: the linker sends every allocation of
 * our objects here (--wrap), and the n-th and all later ones fail.
 */
#include "wrap.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static unsigned long wrap_count, wrap_first, wrap_only;

void wrap_fail_from(unsigned long n)
{
	wrap_count = 0;
	wrap_first = n;
	wrap_only = 0;
}

void wrap_fail_only(unsigned long n)
{
	wrap_count = 0;
	wrap_first = 0;
	wrap_only = n;
}

unsigned long wrap_counted(void) { return wrap_count; }

static int wrap_fails(void)
{
	wrap_count++;
	return (wrap_first != 0 && wrap_count >= wrap_first) || wrap_count == wrap_only;
}

void *__wrap_malloc(size_t size) { return wrap_fails() ? NULL : __real_malloc(size); }

void *__wrap_calloc(size_t count, size_t size)
{
	return wrap_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return wrap_fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text) { return wrap_fails() ? NULL : __real_strdup(text); }
