/* SPDX-License-Identifier: BSD-2-Clause */
/* What logfill.c, which knows what happens, and logwords.c, which says it, share. */
#ifndef BENCH_LOGWORDS_H
#define BENCH_LOGWORDS_H

#include <stdbool.h>
#include <stdint.h>

enum evidence { FEATURE, SESSION, CERTMATCH };
/* What a domain is. */
enum class { TRUSTED, UNTRUSTED, DANE, STS, PLAIN, GREY, GONE, UNKNOWN_USER, BAD_TLSA, BAD_STS,
	NO_STARTTLS, BOGUS };
enum step { CONNECT, BORN, MESSAGE_ID, DISCONNECT, ACTIVE, TLS, DELIVERY, REMOVED };

struct message {
	bool used, local;
	enum step step;
	unsigned tries, recipients, done;
	uint64_t number, domain;
	uint64_t due_us; /* of a deferred one */
};

uint64_t mix(uint64_t x);       /* the same for the same */
uint64_t draw(uint64_t below);  /* the next by chance */
__attribute__((format(printf, 3, 4)))
void line(const char *program, unsigned pid, const char *format, ...);

const char *queue_id(const struct message *m);
const char *sender(const struct message *m);
void say_tls(const struct message *m, enum evidence evidence, unsigned pid);
/* One recipient's line; true: it is settled. */
bool say_delivery(const struct message *m, enum evidence evidence, unsigned pid);
void say_noise(void);

#endif
