/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler attributes, spelled once. Layer 0: no mail, no DNS, no I/O. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#if defined(__GNUC__)
#define ATTR_MUST_CHECK __attribute__((warn_unused_result))
#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_PUBLIC __attribute__((visibility("default")))
#else
#define ATTR_MUST_CHECK
#define ATTR_PRINTF(fmt, args)
#define ATTR_PUBLIC
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The object that holds this member. */
#define CONTAINER_OF(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#endif
